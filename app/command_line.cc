#include "app/command_line.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <ostream>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "base/yaml.h"
#include "wandb/catalogue.h"
#include "wandb/evaluate.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"
#include "wandb/operator_settings.h"
#include "wandb/spec.h"

namespace app {
namespace {

using base::Json;

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

constexpr char kUsage[] =
    "usage: terraform-provider-wandb merge HIGH LOW...\n"
    "       terraform-provider-wandb spec --values F [--chart F] "
    "[--user-input F]\n"
    "           [--channel F] [--airgapped] [--operator-namespace NS]\n"
    "           [--output json|yaml]\n";

constexpr char kLayerFile[] =
    "a layer's file is {chart, values, metadata} or the values alone";

constexpr char kAbout[] =
    "terraform-provider-wandb runs self-hosted W&B on Kubernetes. Terraform "
    "and "
    "OpenTofu\nstart it by themselves. By hand it has two commands, which need "
    "neither them nor a\ncluster, and -version and -debug (serves until it is "
    "stopped, for a debugger).\n\n";

bool IsHelp(absl::string_view arg) {
  return arg == "--help" || arg == "-help" || arg == "-h" || arg == "help";
}

absl::Status RefuseRounded(const std::string& path,
                           const std::vector<std::string>& integers) {
  if (integers.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, " has integers that a double cannot hold: ",
      absl::StrJoin(integers, "; "),
      ". Helm and the operator would change them. Write them as strings"));
}

absl::StatusOr<Json> ReadTree(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path));
  if (absl::EndsWith(path, ".json")) {
    ASSIGN_OR_RETURN(Json tree, base::ParseJson(text, path));
    RETURN_IF_ERROR(RefuseRounded(path, base::RoundedIntegers(text)));
    return tree;
  }
  ASSIGN_OR_RETURN(base::YamlText read, base::ReadYaml(text, path));
  if (read.second_document_line > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " holds more than one YAML document: line ",
                     read.second_document_line));
  }
  RETURN_IF_ERROR(RefuseRounded(path, read.rounded_integers));
  return std::move(read.json);
}

// As the operator writes numbers: whole ones without a fraction.
void NormalizeNumbers(Json& tree) {
  constexpr double kExact = 9007199254740992;
  if (tree.is_structured()) {
    for (Json& child : tree) NormalizeNumbers(child);
  } else if (tree.is_number_float()) {
    const double value = tree.get<double>();
    if (std::trunc(value) == value && std::fabs(value) <= kExact) {
      tree = static_cast<int64_t>(value);
    }
  }
}

void Print(Json tree, bool yaml, std::ostream& out) {
  NormalizeNumbers(tree);
  if (yaml) {
    out << base::EmitYaml(tree);
  } else {
    out << tree.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  }
}

int WrongUse(const std::string& message, std::ostream& err) {
  err << "terraform-provider-wandb: " << message << "\n" << kUsage;
  return kWrongUse;
}

int Unreadable(const absl::Status& status, std::ostream& err) {
  err << "terraform-provider-wandb: " << status.message() << "\n";
  return kWrongUse;
}

int RunMerge(const std::vector<std::string>& files, std::ostream& out,
             std::ostream& err) {
  if (files.size() < 2) return WrongUse("merge needs two files or more", err);
  for (const std::string& file : files) {
    if (absl::StartsWith(file, "-")) {
      return WrongUse(absl::StrCat("merge has no option ", file), err);
    }
  }
  std::vector<Json> trees;
  for (const std::string& file : files) {
    auto tree = ReadTree(file);
    if (!tree.ok()) return Unreadable(tree.status(), err);
    trees.push_back(*std::move(tree));
  }
  const wandb::Merged merged = wandb::Merge(trees);
  for (const wandb::Clash& clash : merged.clashes) {
    err << "terraform-provider-wandb: "
        << wandb::ProblemOf(clash, files[clash.upper], files[clash.lower])
               .message
        << "\n";
  }
  if (!merged.clashes.empty()) return kFailed;
  Print(merged.values, false, out);
  return kOk;
}

struct SpecArguments {
  std::optional<std::string> values, chart, user_input, channel;
  std::optional<std::string> operator_namespace, output;
  bool airgapped = false;
};

// "" or what is wrong.
std::string ParseArguments(const std::vector<std::string>& args,
                           SpecArguments& parsed) {
  struct Option {
    const char* name;
    std::optional<std::string> SpecArguments::*member;
  };
  constexpr Option kOptions[] = {
      {"--values", &SpecArguments::values},
      {"--chart", &SpecArguments::chart},
      {"--user-input", &SpecArguments::user_input},
      {"--channel", &SpecArguments::channel},
      {"--operator-namespace", &SpecArguments::operator_namespace},
      {"--output", &SpecArguments::output}};
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--airgapped") {
      parsed.airgapped = true;
      continue;
    }
    bool known = false;
    for (const Option& option : kOptions) {
      const std::string prefix = absl::StrCat(option.name, "=");
      const bool joined = absl::StartsWith(args[i], prefix);
      if (args[i] != option.name && !joined) continue;
      known = true;
      if ((parsed.*option.member).has_value()) {
        return absl::StrCat(option.name, " is there twice");
      }
      if (joined) {
        parsed.*option.member = args[i].substr(prefix.size());
      } else if (i + 1 < args.size()) {
        parsed.*option.member = args[++i];
      } else {
        return absl::StrCat(option.name, " needs a value");
      }
    }
    if (!known) return absl::StrCat("spec has no argument ", args[i]);
  }
  if (!parsed.values.has_value()) return "spec needs --values";
  const std::string output = parsed.output.value_or("json");
  if (output != "json" && output != "yaml") {
    return "--output takes json or yaml";
  }
  return "";
}

// Whether the charts read something at or below the top-level `key`, or the
// operator itself does.
bool IsKnownValue(const std::string& key) {
  return key == "_releaseId" ||
         wandb::CatalogueIndex::Get().Find({wandb::Step::Key(key)}).known;
}

// A layer's file holds {chart, values, metadata}, or the values alone. Names
// keys of values that nobody reads: they may be one of the three, mistyped.
absl::StatusOr<wandb::SpecLayer> ReadLayer(const std::string& path,
                                           std::ostream& err) {
  auto tree = ReadTree(path);
  if (!tree.ok()) return tree.status();
  if (tree->is_null()) return wandb::SpecLayer{};
  if (!tree->is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": must be a map, and is a ", wandb::KindName(*tree)));
  }
  std::vector<std::string> parts, others, unknown;
  for (const auto& [key, value] : tree->items()) {
    const bool part = key == "chart" || key == "values" || key == "metadata";
    (part ? parts : others).push_back(key);
    if (!part && !IsKnownValue(key)) unknown.push_back(key);
  }
  if (!parts.empty() && !others.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", absl::StrJoin(others, ", "), " beside ",
                     absl::StrJoin(parts, ", "), ": ", kLayerFile));
  }
  if (!unknown.empty()) {
    err << "terraform-provider-wandb: " << path << ": no chart reads "
        << absl::StrJoin(unknown, ", ") << "; " << kLayerFile << "\n";
  }
  if (parts.empty()) *tree = {{"values", std::move(*tree)}};
  auto parsed = wandb::ParseRelease(*tree);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", parsed.status().message()));
  }
  return parsed;
}

int RunSpec(const std::vector<std::string>& args, std::ostream& out,
            std::ostream& err) {
  SpecArguments given;
  if (const std::string wrong = ParseArguments(args, given); !wrong.empty()) {
    return WrongUse(wrong, err);
  }
  auto own = ReadLayer(*given.values, err);
  if (!own.ok()) return Unreadable(own.status(), err);
  own->metadata = nullptr;  // The custom resource has none.
  if (given.chart.has_value()) {
    const auto chart = ReadTree(*given.chart);
    if (!chart.ok()) return Unreadable(chart.status(), err);
    own->chart = *chart;
  }
  std::optional<wandb::SpecLayer> layers[2];
  const std::optional<std::string>* files[] = {&given.user_input,
                                               &given.channel};
  for (size_t i = 0; i < std::size(files); ++i) {
    if (!files[i]->has_value()) continue;
    auto layer = ReadLayer(**files[i], err);
    if (!layer.ok()) return Unreadable(layer.status(), err);
    layers[i] = *std::move(layer);
  }
  const wandb::Evaluation evaluation = wandb::Evaluate(
      {.custom_resource = &*own,
       .user_input = layers[0].has_value() ? &*layers[0] : nullptr,
       .channel = layers[1].has_value() ? &*layers[1] : nullptr,
       .airgapped = given.airgapped,
       .operator_namespace = given.operator_namespace.value_or(
           std::string(wandb::kOperatorNamespace))});
  Json report = wandb::SpecReport(evaluation);
  report.erase("release_metadata");
  Print(std::move(report), given.output == "yaml", out);
  const bool failed =
      std::any_of(evaluation.findings.begin(), evaluation.findings.end(),
                  [](const wandb::Problem& finding) {
                    return finding.severity == wandb::Severity::kError;
                  });
  return failed ? kFailed : kOk;
}

}  // namespace

bool IsCommand(const std::vector<std::string>& args) {
  return !args.empty() &&
         (args[0] == "merge" || args[0] == "spec" || IsHelp(args[0]));
}

int RunCommand(const std::vector<std::string>& args, std::ostream& out,
               std::ostream& err) {
  const std::vector<std::string> rest(args.begin() + 1, args.end());
  if (IsHelp(args[0])) {
    out << kAbout << kUsage;
    return kOk;
  }
  for (const std::string& arg : rest) {
    if (!IsHelp(arg) || arg == "help") continue;
    out << kUsage;
    return kOk;
  }
  const int status =
      args[0] == "merge" ? RunMerge(rest, out, err) : RunSpec(rest, out, err);
  out.flush();
  if (!out) {
    err << "terraform-provider-wandb: the result could not be written\n";
    return kWrongUse;
  }
  return status;
}

}  // namespace app
