#include "resources/spec/compile.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/yaml.h"
#include "provider/cty/path.h"
#include "resources/values.h"
#include "wandb/chart/chart.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/compile.h"
#include "wandb/spec/masked_layer.h"
#include "wandb/spec/others.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

constexpr char kInvalidValues[] = "Invalid values";

// Of `text`, which Helm would read in part or with another meaning than it
// seems to have.
void WarnOfYaml(const cty::Path& path, const std::string& what,
                const base::YamlText& text, tf::Diagnostics& warnings) {
  if (text.second_document_line > 0) {
    warnings.AddWarning(
        path, "YAML document is ignored",
        absl::StrCat(what, " has a second document, which starts at line ",
                     text.second_document_line,
                     ". As in Helm, only the first one counts. Make each "
                     "document an element of values_yaml; later ones win."));
  }
  if (!text.repeated_keys.empty()) {
    warnings.AddWarning(
        path, "Key occurs twice",
        absl::StrCat(what, " has a key again in the same mapping: ",
                     absl::StrJoin(text.repeated_keys, "; "),
                     ". As in Helm, the last one counts and nothing of the "
                     "others. Merge them into one."));
  }
}

// What `document` is in place of values, and what to write; "" for values.
std::string InPlaceOfValues(const Json& document) {
  const auto* text = document.get_ptr<const std::string*>();
  if (text != nullptr && !absl::StrContains(*text, '\n') &&
      (absl::EndsWith(*text, ".yaml") || absl::EndsWith(*text, ".yml") ||
       absl::EndsWith(*text, ".json"))) {
    return "is the name of a file, and takes its text. Did you mean file(...)?";
  }
  if (document.is_object() &&
      base::StringAt(document, "/kind") == "WeightsAndBiases") {
    return "is a whole WeightsAndBiases manifest, and takes what that has at "
           ".spec.values. Write "
           "yamlencode(yamldecode(file(...)).spec.values), and its .spec.chart "
           "into `chart`.";
  }
  return "";
}

std::vector<Json> YamlDocuments(const Attr<std::vector<std::string>>& texts,
                                Compiled& out) {
  if (texts.IsUnknown()) return {wandb::MakeUnknown(wandb::Unknown::kShape)};
  std::vector<Json> documents;
  const std::vector<std::string> list = texts.value_or({});
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string what = absl::StrCat("values_yaml[", i, "]");
    const cty::Path path =
        cty::Path("values_yaml").Index(static_cast<int64_t>(i));
    auto text = base::ReadYaml(list[i], what);
    if (!text.ok()) {
      out.diags.AddError(
          path, "Invalid YAML",
          absl::StrCat(text.status().message(), ". Correct the document."));
      continue;
    }
    if (!text->rounded_integers.empty()) {
      out.diags.AddError(
          path, kInvalidValues,
          absl::StrCat(what, " has integers that a double cannot hold: ",
                       absl::StrJoin(text->rounded_integers, "; "),
                       ". Helm and the operator would change them. Write them "
                       "as strings."));
    }
    if (const std::string wrong = InPlaceOfValues(text->json); !wrong.empty()) {
      out.diags.AddError(path, kInvalidValues, absl::StrCat(what, " ", wrong));
      continue;
    }
    WarnOfYaml(path, what, *text, out.warnings);
    documents.push_back(std::move(text->json));
  }
  return documents;
}

Json AnyTree(const cty::Value& value, const char* attribute,
             tf::Diagnostics& diags) {
  auto tree = TreeOf(value);
  if (tree.ok()) return *std::move(tree);
  diags.AddError(attribute, kInvalidValues,
                 absl::StrCat("`", attribute, "`: ", tree.status().message()));
  return nullptr;
}

using PathParser =
    absl::FunctionRef<absl::StatusOr<wandb::Path>(absl::string_view text)>;

// Those of the list `attribute`; `advice` goes with what is none.
std::vector<wandb::Path> PathsOf(const char* attribute,
                                 const Attr<std::vector<std::string>>& texts,
                                 absl::string_view advice, PathParser parse,
                                 tf::Diagnostics& diags) {
  std::vector<wandb::Path> paths;
  const std::vector<std::string> list = texts.value_or({});
  for (size_t i = 0; i < list.size(); ++i) {
    auto path = parse(list[i]);
    if (path.ok()) {
      paths.push_back(*std::move(path));
      continue;
    }
    diags.AddError(cty::Path(attribute).Index(static_cast<int64_t>(i)),
                   "Invalid path",
                   absl::StrCat("\"", list[i], "\": ", path.status().message(),
                                ". ", advice));
  }
  return paths;
}

std::vector<wandb::Path> SensitivePaths(
    const Attr<std::vector<std::string>>& texts, tf::Diagnostics& diags) {
  return PathsOf("sensitive_paths", texts,
                 "Paths look like global.mysql.password or "
                 "ingress.tls[0].secretName.",
                 &wandb::ParsePath, diags);
}

// One that can be left to others.
absl::StatusOr<wandb::Path> ParseIgnorePath(absl::string_view text) {
  auto path = wandb::ParseFieldPath(text);
  if (path.ok() && path->empty()) {
    return absl::InvalidArgumentError("the path is empty");
  }
  return path;
}

// Where the configuration says what `source` says.
cty::Path PathOf(const wandb::Source& source) {
  const cty::Path path = PathOfSetting(source.attribute);
  return source.element.has_value()
             ? path.Index(static_cast<int64_t>(*source.element))
             : path;
}

// Files end with a newline, and W&B knows no license that does.
void TrimLicense(Json& settings, tf::Diagnostics& warnings) {
  const auto license = settings.find("license");
  if (license == settings.end() || !license->is_string()) return;
  auto& text = license->get_ref<std::string&>();
  absl::string_view rest = text;
  if (!absl::ConsumeSuffix(&rest, "\n")) return;
  absl::ConsumeSuffix(&rest, "\r");
  text = std::string(rest);
  warnings.AddWarning(
      "license", "Newline is left out",
      "`license` ends with a newline, as files do, and is applied without it. "
      "Write trimspace(file(...)) to silence this.");
}

// What the settings mean for the chart that the configuration gives; which one
// was found in the cluster plays no part.
std::vector<wandb::TypedSetting> TypedSettings(const SpecSources& given,
                                               Compiled& out) {
  auto tree = SettingsTree(given.settings);
  if (!tree.ok()) {
    out.diags.AddError(kInvalidValues, tree.status().message());
    return {};
  }
  TrimLicense(*tree, out.warnings);
  const Json* version = base::Find(out.chart, "/version");
  const bool open = wandb::UnknownKind(out.chart).has_value() ||
                    (version != nullptr && wandb::HasUnknown(*version));
  const std::string known = base::StringAt(out.chart, "/version").value_or("");
  wandb::CompiledSettings compiled = wandb::CompileSettings(
      *tree, open ? std::nullopt : std::optional<absl::string_view>(known),
      given.write_only);
  for (const wandb::Problem& problem : compiled.problems) {
    out.diags.AddError(PathOf(*problem.source), "Invalid setting",
                       problem.message);
  }
  return std::move(compiled.settings);
}

}  // namespace

Json Compiled::all_values() const { return wandb::Overlaid(initial, values); }

std::vector<std::string> Compiled::secrets() const {
  return wandb::SecretsOf({chart, all_values(), nullptr}, mask);
}

wandb::Scrubber Compiled::scrubber() const {
  return wandb::Scrubber(secrets());
}

Compiled Compile(const SpecSources& given) {
  Compiled out;
  wandb::ValueSources sources;
  sources.values_yaml = YamlDocuments(given.values_yaml, out);
  sources.values = AnyTree(given.values, "values", out.diags);
  sources.sensitive_values =
      AnyTree(given.sensitive_values, "sensitive_values", out.diags);
  out.chart = ChartTree(given.chart);
  sources.typed = TypedSettings(given, out);
  std::vector<wandb::Path> sensitive =
      SensitivePaths(given.sensitive_paths, out.diags);
  out.left_paths = PathsOf("ignore_paths", given.ignore_paths,
                           "Write paths as in configured_values, such as "
                           "app.replicaCount.",
                           &ParseIgnorePath, out.diags);
  if (out.diags.HasError()) return out;
  std::vector<const Json*> trees = {&sources.values, &sources.sensitive_values};
  for (const Json& document : sources.values_yaml) trees.push_back(&document);
  if (const absl::Status status = wandb::CheckListable(trees); !status.ok()) {
    out.diags.AddError(
        kInvalidValues,
        absl::StrCat("What `values_yaml`, `values` and `sensitive_values` have "
                     "together ",
                     status.message(), "."));
    return out;
  }

  wandb::ConfiguredValues configured = wandb::MergeConfiguredValues(sources);
  for (const wandb::Problem& problem : configured.problems) {
    out.diags.AddError(PathOf(*problem.source), kInvalidValues,
                       problem.message);
  }
  wandb::Divided divided =
      wandb::LeaveToOthers(std::move(configured.values), out.left_paths);
  out.values = std::move(divided.own);
  out.initial = std::move(divided.left);
  out.sources = std::move(configured.sources);
  sensitive.insert(sensitive.end(), configured.sensitive.begin(),
                   configured.sensitive.end());
  out.mask = wandb::Mask(sensitive, given.masking.value());
  out.leaves_known = !given.sensitive_paths.IsUnknown() &&
                     !given.masking.IsUnknown() &&
                     !given.ignore_paths.IsUnknown();
  if (const absl::Status chart = wandb::CheckChart(out.chart); !chart.ok()) {
    out.diags.AddError("chart", "Invalid chart", chart.message());
  }
  return out;
}

}  // namespace resources
