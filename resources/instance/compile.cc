#include "resources/instance/compile.h"

#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/redact.h"
#include "base/yaml.h"
#include "resources/hidden_arguments.h"
#include "resources/namespaced_name.h"
#include "resources/values.h"
#include "wandb/chart.h"
#include "wandb/configured_values.h"
#include "wandb/leaf_map.h"
#include "wandb/masked_layer.h"
#include "wandb/operator_manifests.h"
#include "wandb/others.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

constexpr char kInvalidValues[] = "Invalid values";
constexpr char kLayers[] = "layers";
constexpr char kOthers[] = "others";
constexpr char kUserInput[] = "user_input";
constexpr char kChannel[] = "channel";
constexpr char kUserInputFault[] = "user_input_fault";

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

std::vector<wandb::Path> SensitivePaths(
    const Attr<std::vector<std::string>>& texts, tf::Diagnostics& diags) {
  std::vector<wandb::Path> paths;
  const std::vector<std::string> list = texts.value_or({});
  for (size_t i = 0; i < list.size(); ++i) {
    auto path = wandb::ParsePath(list[i]);
    if (path.ok()) {
      paths.push_back(*std::move(path));
      continue;
    }
    diags.AddError(cty::Path("sensitive_paths").Index(static_cast<int64_t>(i)),
                   "Invalid path",
                   absl::StrCat("\"", list[i], "\": ", path.status().message(),
                                ". Paths look like global.mysql.password or "
                                "ingress.tls[0].secretName."));
  }
  return paths;
}

std::optional<wandb::SpecLayer> LayerFrom(const Json& stored, const char* key) {
  auto it = stored.find(key);
  if (it == stored.end() || !it->is_object()) return std::nullopt;
  return wandb::SpecLayer{it->value("chart", Json()),
                          it->value("values", Json()),
                          it->value("metadata", Json())};
}

Json LayerTo(const wandb::SpecLayer& layer) {
  return {{"chart", layer.chart},
          {"values", layer.values},
          {"metadata", layer.metadata}};
}

// The URL that users reach, from a known `global.host`.
Attr<std::string> UrlOf(const Json& values, const wandb::Mask& mask) {
  const Json* host = base::Find(values, "/global/host");
  if (host == nullptr || !host->is_string()) return {};
  return mask.Text({wandb::Step::Key("global"), wandb::Step::Key("host")},
                   *host);
}

Attr<std::string> FieldOf(const std::string& text) {
  return text.empty() ? Attr<std::string>()
                      : Attr<std::string>(base::HideCredentials(text));
}

void SetChartAndUrl(const Json& values, const Json& chart,
                    const wandb::Mask& mask, InstanceModel& model) {
  model.url = UrlOf(values, mask);
  const Json* host = base::Find(values, "/global/host");
  const bool open = wandb::HasUnknownShape(values) ||
                    (host != nullptr && wandb::HasUnknown(*host));
  if (open && !model.url.IsKnown()) {
    model.url = Attr<std::string>::Unknown();
  }
  if (wandb::HasUnknown(chart)) {
    model.effective_chart = Attr<EffectiveChartModel>::Unknown();
    return;
  }
  const auto parsed = wandb::ParseChart(chart);
  model.effective_chart = Attr<EffectiveChartModel>();
  if (!parsed.has_value()) return;
  model.effective_chart = EffectiveChartModel{
      .kind = std::string(wandb::ChartKindName(parsed->kind)),
      .url = FieldOf(parsed->url),
      .name = FieldOf(parsed->name),
      .version = FieldOf(parsed->version),
      .path = FieldOf(parsed->path)};
}

wandb::EffectiveSpec Evaluate(const InstanceModel& model,
                              const wandb::SpecLayer& custom_resource,
                              const wandb::SpecLayer& own,
                              const RecordedLayers& layers) {
  wandb::EffectiveSpec spec = wandb::ComputeEffectiveSpec(
      custom_resource,
      layers.user_input.has_value() ? &*layers.user_input : nullptr,
      layers.channel.has_value() ? &*layers.channel : nullptr,
      model.airgapped.value(), OperatorNamespace(model));
  wandb::MarkOthers(own, spec);
  return spec;
}

}  // namespace

bool Compiled::HasShape() const { return !wandb::HasUnknownShape(values); }

std::vector<std::string> Compiled::secrets() const {
  return wandb::SecretsOf(layer(), mask);
}

wandb::Scrubber Compiled::scrubber() const {
  return wandb::Scrubber(secrets());
}

Compiled Compile(const InstanceModel& model) {
  Compiled out;
  wandb::ValueSources sources;
  sources.values_yaml = YamlDocuments(model.values_yaml, out);
  sources.values = AnyTree(model.values, "values", out.diags);
  sources.sensitive_values =
      AnyTree(model.sensitive_values, "sensitive_values", out.diags);
  sources.typed.push_back(wandb::MakeTypedSetting("host", TreeOf(model.host)));
  sources.typed.push_back(
      wandb::MakeTypedSetting("license", TreeOf(model.license)));
  std::vector<wandb::Path> sensitive =
      SensitivePaths(model.sensitive_paths, out.diags);
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
  for (const wandb::ValueProblem& problem : configured.problems) {
    out.diags.AddError(cty::Path(problem.attribute), kInvalidValues,
                       problem.message);
  }
  out.values = std::move(configured.values);
  sensitive.insert(sensitive.end(), configured.sensitive.begin(),
                   configured.sensitive.end());
  out.mask = wandb::Mask(sensitive, model.masking.value());
  out.mask_known =
      !model.sensitive_paths.IsUnknown() && !model.masking.IsUnknown();
  out.chart = ChartTree(model.chart);
  if (const absl::Status chart = wandb::CheckChart(out.chart); !chart.ok()) {
    out.diags.AddError("chart", "Invalid chart", chart.message());
  }
  return out;
}

void CheckNothingHidden(const InstanceModel& config, tf::Diagnostics& diags) {
  CheckNothingHidden(tf::Codec<InstanceModel>::Encode(config),
                     {"release", "values_yaml"}, diags);
  // A comment may say what it likes. Unknown or wrong YAML is said elsewhere.
  const std::vector<std::string> texts = config.values_yaml.value_or({});
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!absl::StrContains(texts[i], "sensitive")) continue;
    auto text = base::ReadYaml(texts[i], "values_yaml");
    if (!text.ok()) continue;
    if (auto tree = cty::FromJson(text->json); tree.ok()) {
      CheckNothingHiddenAt(
          cty::Path("values_yaml").Index(static_cast<int64_t>(i)), *tree,
          diags);
    }
  }
}

RecordedLayers RecordedLayers::FromPrivate(const Json& private_data) {
  RecordedLayers layers;
  auto it = private_data.find(kLayers);
  if (it == private_data.end() || !it->is_object()) return layers;
  layers.others = LayerFrom(*it, kOthers);
  layers.user_input = LayerFrom(*it, kUserInput);
  layers.channel = LayerFrom(*it, kChannel);
  layers.user_input_fault =
      base::StringAt(*it, absl::StrCat("/", kUserInputFault)).value_or("");
  return layers;
}

void RecordedLayers::ToPrivate(Json& private_data) const {
  Json& stored = private_data[kLayers] = Json::object();
  if (others.has_value()) stored[kOthers] = LayerTo(*others);
  if (user_input.has_value()) stored[kUserInput] = LayerTo(*user_input);
  if (channel.has_value()) stored[kChannel] = LayerTo(*channel);
  if (!user_input_fault.empty()) stored[kUserInputFault] = user_input_fault;
}

wandb::SpecLayer WithOthers(const wandb::SpecLayer& own,
                            const RecordedLayers& layers) {
  if (!layers.others.has_value()) return own;
  return {.chart = wandb::AppliedBeside(own.chart, layers.others->chart),
          .values = wandb::AppliedBeside(own.values, layers.others->values)};
}

wandb::EffectiveSpec EffectiveOf(const InstanceModel& model,
                                 const wandb::SpecLayer& own,
                                 const RecordedLayers& layers) {
  return Evaluate(model, WithOthers(own, layers), own, layers);
}

wandb::EffectiveSpec EffectiveOfLive(const InstanceModel& model,
                                     const Json& live,
                                     const wandb::SpecLayer& own,
                                     const RecordedLayers& layers) {
  return Evaluate(model, wandb::CustomResourceLayer(live), own, layers);
}

std::string OperatorNamespace(const InstanceModel& model) {
  const auto id = ParseNamespacedName(model.operator_id.value_or(""));
  return id.has_value() ? id->ns : wandb::kOperatorNamespace;
}

cty::Value LeafMap(const Json& values, const wandb::Mask& mask) {
  if (wandb::HasUnknownShape(values)) return UnknownStringMap();
  std::map<std::string, std::optional<std::string>> out;
  if (!values.is_null()) {
    wandb::ForEachLeaf(values, [&](const wandb::Path& path,
                                   const std::string& text, const Json& leaf) {
      if (path.empty()) return;  // An empty tree has no leaves to name.
      const std::string shown = wandb::ShownPath(text);
      if (wandb::UnknownKind(leaf).has_value() ||
          (wandb::BesideUnknown(values, path) &&
           !mask.IsSecret(path, leaf, {&values}))) {
        out[shown] = std::nullopt;
      } else {
        out[shown] = mask.Text(path, leaf, {&values});
      }
    });
  }
  return StringMap(out);
}

cty::Value ConfiguredLeaves(const Compiled& compiled) {
  return compiled.mask_known ? LeafMap(compiled.values, compiled.mask)
                             : UnknownStringMap();
}

void SetEffective(const wandb::EffectiveSpec& spec, const wandb::Mask& mask,
                  InstanceModel& model) {
  model.effective_values = LeafMap(spec.values, mask);
  if (model.effective_values.IsUnknown()) {
    model.effective_origin = UnknownStringMap();
  } else {
    std::map<std::string, std::optional<std::string>> origins;
    for (const auto& [path, origin] :
         wandb::OriginMap(spec.values, spec.origins)) {
      if (!path.empty()) {
        origins[wandb::ShownPath(path)] =
            std::string(wandb::OriginName(origin));
      }
    }
    model.effective_origin = StringMap(origins);
  }
  SetChartAndUrl(spec.values, spec.chart, mask, model);
  std::map<std::string, std::optional<std::string>> metadata;
  if (spec.metadata.is_object()) {
    for (const auto& [key, value] : spec.metadata.items()) {
      if (!value.is_string()) continue;
      const auto& text = value.get_ref<const std::string&>();
      metadata[key] = mask.IsSecretMetadata(key, text) ? wandb::kMasked : text;
    }
  }
  model.release_metadata = StringMap(metadata);
}

void SetEffectiveUnknown(const Compiled& compiled, const RecordedLayers& layers,
                         InstanceModel& model) {
  // What the custom resource says itself is stronger than any layer below.
  const wandb::SpecLayer custom_resource = WithOthers(compiled.layer(), layers);
  SetChartAndUrl(custom_resource.values, custom_resource.chart, compiled.mask,
                 model);
  model.effective_values = UnknownStringMap();
  model.effective_origin = UnknownStringMap();
  model.release_metadata = UnknownStringMap();
  if (custom_resource.chart.is_null()) {
    model.effective_chart = Attr<EffectiveChartModel>::Unknown();
  }
  if (!model.url.IsKnown() || !compiled.mask_known) {
    model.url = Attr<std::string>::Unknown();
  }
}

void SetEffectiveNull(InstanceModel& model) {
  model.effective_values = NullStringMap();
  model.effective_origin = NullStringMap();
  model.release_metadata = NullStringMap();
  if (model.effective_chart.IsUnknown()) model.effective_chart = {};
  if (model.url.IsUnknown()) model.url = {};
}

}  // namespace resources
