#include "app/layer_files.h"

#include <istream>
#include <ostream>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "base/yaml.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"

namespace app {
namespace {

using base::Json;

constexpr char kStandardInput[] = "-";
constexpr char kLayerFile[] =
    "a layer's file is {chart, values, metadata} or the values alone";
constexpr char kManifestKind[] = "WeightsAndBiases";

absl::Status RefuseRounded(const std::string& name,
                           const std::vector<std::string>& integers) {
  if (integers.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      name, " has integers that a double cannot hold: ",
      absl::StrJoin(integers, "; "),
      ". Helm and the operator would change them. Write them as strings"));
}

absl::StatusOr<Json> ParseTree(const std::string& text, const std::string& name,
                               bool json) {
  if (json) {
    ASSIGN_OR_RETURN(Json tree, base::ParseJson(text, name));
    RETURN_IF_ERROR(RefuseRounded(name, base::RoundedIntegers(text)));
    return tree;
  }
  ASSIGN_OR_RETURN(base::YamlText read, base::ReadYaml(text, name));
  if (read.second_document_line > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " holds more than one YAML document: line ",
                     read.second_document_line));
  }
  RETURN_IF_ERROR(RefuseRounded(name, read.rounded_integers));
  return std::move(read.json);
}

// Whether the charts read something at or below the top-level `key`, or the
// operator itself does.
bool IsKnownValue(const std::string& key) {
  return key == "_releaseId" ||
         wandb::CatalogueIndex::Get().Find({wandb::Step::Key(key)}).known;
}

// A whole object of Kubernetes.
bool IsManifest(const Json& tree) {
  return base::StringAt(tree, "/apiVersion").has_value() &&
         base::StringAt(tree, "/kind").has_value();
}

// A layer of a specification, or what `spec` printed.
bool IsLayerOrReport(const Json& tree) {
  constexpr absl::string_view kKeys[] = {"chart", "findings", "metadata",
                                         "origin", "values"};
  const auto* object = tree.get_ptr<const Json::object_t*>();
  if (object == nullptr || object->count("values") == 0) return false;
  return absl::c_all_of(*object, [&](const auto& member) {
    return absl::c_linear_search(kKeys, member.first);
  });
}

// For a message. Only a name is quoted: what else stands there may be a secret.
std::string ManifestName(const Json& tree) {
  const std::string kind = base::StringAt(tree, "/kind").value_or("");
  const bool name = !kind.empty() && kind.size() <= 63 &&
                    absl::c_all_of(kind, absl::ascii_isalnum);
  return absl::StrCat("a whole manifest", name ? " of kind " : "",
                      name ? kind : "");
}

}  // namespace

std::string LayerFiles::NameOf(const std::string& path) {
  return path == kStandardInput ? "standard input" : path;
}

absl::StatusOr<std::string> LayerFiles::ReadText(const std::string& path) {
  if (path != kStandardInput) return base::ReadFile(path);
  if (std::exchange(in_was_read_, true)) {
    return absl::InvalidArgumentError(
        "standard input can be read once, and \"-\" is there twice");
  }
  std::string text;
  char buffer[1 << 16];
  while (in_.read(buffer, sizeof buffer), in_.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(in_.gcount()));
    if (text.size() > base::kMaxFileBytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "standard input has more than ", base::kMaxFileBytes >> 20, " MiB"));
    }
  }
  if (in_.bad()) {
    return absl::UnavailableError("standard input cannot be read");
  }
  return text;
}

absl::StatusOr<Json> LayerFiles::ReadTree(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  const std::string name = NameOf(path);
  // All that JSON can say is YAML, but some of it is no YAML for Helm's reader.
  const bool json = path == kStandardInput ? base::ParseJson(text, name).ok()
                                           : absl::EndsWith(path, ".json");
  return ParseTree(text, name, json);
}

absl::StatusOr<Json> LayerFiles::ReadValues(const std::string& path) {
  ASSIGN_OR_RETURN(Json tree, ReadTree(path));
  if (IsManifest(tree)) {
    return absl::InvalidArgumentError(
        absl::StrCat(NameOf(path), ": is ", ManifestName(tree),
                     ", but values alone can be merged. Write what is below "
                     "spec.values of a custom resource"));
  }
  if (IsLayerOrReport(tree)) {
    return absl::InvalidArgumentError(
        absl::StrCat(NameOf(path),
                     ": has values beside a chart or below a key of that name, "
                     "but values alone can be merged. Write what is below "
                     "values, or use spec, which takes whole layers"));
  }
  return tree;
}

absl::StatusOr<wandb::SpecLayer> LayerFiles::LayerOf(Json tree,
                                                     const std::string& name) {
  if (tree.is_null()) return wandb::SpecLayer{};
  if (!tree.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": must be a map, and is a ", wandb::KindName(tree)));
  }
  if (IsManifest(tree)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": is ", ManifestName(tree), ", but ", kLayerFile));
  }
  std::vector<std::string> parts, others, unknown;
  for (const auto& [key, value] : tree.items()) {
    const bool part = key == "chart" || key == "values" || key == "metadata";
    (part ? parts : others).push_back(key);
    if (!part && !IsKnownValue(key)) unknown.push_back(key);
  }
  if (!parts.empty() && !others.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", absl::StrJoin(others, ", "), " beside ",
                     absl::StrJoin(parts, ", "), ": ", kLayerFile));
  }
  if (!unknown.empty()) {
    notes_ << "terraform-provider-wandb: " << name << ": no chart reads "
           << absl::StrJoin(unknown, ", ") << "; " << kLayerFile << "\n";
  }
  if (parts.empty()) tree = {{"values", std::move(tree)}};
  auto parsed = wandb::ParseRelease(tree);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": ", absl::StripPrefix(parsed.status().message(), "release: ")));
  }
  return parsed;
}

absl::StatusOr<wandb::SpecLayer> LayerFiles::ReadLayer(
    const std::string& path) {
  ASSIGN_OR_RETURN(Json tree, ReadTree(path));
  return LayerOf(std::move(tree), NameOf(path));
}

absl::StatusOr<wandb::SpecLayer> LayerFiles::ReadOwnLayer(
    const std::string& path) {
  ASSIGN_OR_RETURN(Json tree, ReadTree(path));
  const std::string name = NameOf(path);
  if (!IsManifest(tree) || base::StringAt(tree, "/kind") != kManifestKind) {
    return LayerOf(std::move(tree), name);
  }
  if (base::StringAt(tree, "/apiVersion") != wandb::kApiVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": is ", ManifestName(tree), ", but only that of ",
                     wandb::kApiVersion, " has a chart and its values"));
  }
  std::vector<std::string> unknown;
  if (const Json* spec = base::Find(tree, "/spec");
      spec != nullptr && spec->is_object()) {
    for (const auto& [key, value] : spec->items()) {
      if (key != "chart" && key != "values") unknown.push_back(key);
    }
  }
  if (!unknown.empty()) {
    notes_ << "terraform-provider-wandb: " << name
           << ": the operator reads chart and values of spec, and not "
           << absl::StrJoin(unknown, ", ") << "\n";
  }
  const wandb::SpecLayer layer = wandb::CustomResourceLayer(tree);
  return LayerOf({{"chart", layer.chart}, {"values", layer.values}},
                 absl::StrCat(name, ", spec"));
}

absl::StatusOr<Json> LayerFiles::ReadChart(const std::string& path) {
  ASSIGN_OR_RETURN(Json chart, ReadTree(path));
  const std::string name = NameOf(path);
  if (!chart.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": must be a map like {url, name, version}, and is a ",
        wandb::KindName(chart)));
  }
  const Json read = wandb::ShownChart(chart);
  std::vector<std::string> unknown;
  for (const auto& [key, value] : chart.items()) {
    if (!read.contains(key)) unknown.push_back(key);
  }
  if (unknown.empty()) return wandb::CompleteChart(std::move(chart));
  return absl::InvalidArgumentError(absl::StrCat(
      name, ": a chart has no ", absl::StrJoin(unknown, ", "),
      ". Its keys are url, name, version, path, username, password, "
      "credentialSecret, repoName, plainHTTP and debug",
      unknown == std::vector<std::string>{"chart"}
          ? "; write what is in chart alone"
          : ""));
}

}  // namespace app
