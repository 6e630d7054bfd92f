#include "resources/data/effective_spec.h"

#include <string>
#include <utility>
#include <vector>

#include "base/never_destroyed.h"
#include "provider/tf/validators.h"
#include "resources/computed.h"
#include "resources/data/layer_argument.h"
#include "resources/spec/chart.h"
#include "resources/spec/compile.h"
#include "resources/spec/effective.h"
#include "wandb/findings/evaluate.h"
#include "wandb/operator/settings.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using cty::Type;
using cty::Value;
using tf::Attr;
using tf::Bind;

const Type& MapOfStrings() {
  static const base::NeverDestroyed<Type> kType(Type::Map(Type::String()));
  return *kType;
}

const Type& FindingType() {
  static const base::NeverDestroyed<Type> kType(
      Type::Object({{"id", Type::String()},
                    {"severity", Type::String()},
                    {"path", Type::String()},
                    {"message", Type::String()}}));
  return *kType;
}

struct EffectiveSpecModel {
  tf::Defaulted<std::string> operator_namespace =
      std::string(wandb::kOperatorNamespace);
  tf::Defaulted<wandb::Masking> masking = wandb::Masking::kKnown;
  tf::Defaulted<bool> airgapped = false;
  Attr<std::string> url, version;
  Attr<std::vector<std::string>> values_yaml, sensitive_paths;
  Attr<ChartModel> chart;
  Attr<EffectiveChartModel> effective_chart;
  Value values, user_input, release, managed_spec;
  Value effective_values, effective_origin, release_metadata, findings;

  static const tf::Bindings<EffectiveSpecModel>& Fields();
};

const tf::Bindings<EffectiveSpecModel>& EffectiveSpecModel::Fields() {
  using M = EffectiveSpecModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("values_yaml", &M::values_yaml,
           {.never_quoted = true,
            .doc = "YAML documents of chart values; later ones win. Read as "
                   "Helm reads them: of each text the first document.",
            .example = "[file(\"values.yaml\")]"}),
      Bind("values", &M::values, Type::Dynamic(),
           {.never_quoted = true,
            .doc = "Chart values of the custom resource, stronger than "
                   "`values_yaml`."}),
      Bind("sensitive_paths", &M::sensitive_paths,
           {.doc = "Further paths of values to hide; an index stands for every "
                   "element.",
            .example = "[\"global.slack\"]"}),
      Bind("mask", &M::masking,
           {.doc = "What to hide: `known` (default) or `strict`, as for "
                   "`wandb_instance`."}),
      Bind("chart", &M::chart, {.doc = "Chart of the custom resource."}),
      Bind(
          "user_input", &M::user_input, Type::Dynamic(),
          {.never_quoted = true,
           .doc = "Layer of the System Console: `{chart, metadata, values}`."}),
      Bind("release", &M::release, Type::Dynamic(),
           {.never_quoted = true,
            .doc = "Layer of the release channel: `{chart, metadata, values}`.",
            .example = "data.wandb_release_channel.this.release"}),
      Bind("managed_spec", &M::managed_spec, Type::Dynamic(),
           {.never_quoted = true,
            .doc = "Layer of the ConfigMap `wandb-spec-managed`: `{chart, "
                   "values}`. For an operator with `managed_spec_enabled`: "
                   "`release` counts for nothing beside it.",
            .example = "{ chart = { url = \"https://charts.wandb.ai\", name = "
                       "\"operator-wandb\" }, values = {} }"}),
      Bind("airgapped", &M::airgapped,
           {.doc = "The operator runs air-gapped: `release` counts for "
                   "nothing. Default `false`."}),
      Bind("operator_namespace", &M::operator_namespace,
           {.doc = "Namespace of the operator. Default `wandb`.",
            .validators = {tf::DnsLabel()}}),
      Bind("effective_values", &M::effective_values, MapOfStrings(),
           Shown("What the operator uses after merging all layers: path to "
                 "value. Secrets are masked.")),
      Bind("effective_origin", &M::effective_origin, MapOfStrings(),
           Shown("Layer that each effective value comes from.")),
      Bind("effective_chart", &M::effective_chart,
           Shown("Chart that the operator uses.")),
      Bind("release_metadata", &M::release_metadata, MapOfStrings(),
           Shown("What the release channel says of its release.")),
      Bind("url", &M::url, Shown("URL of W&B.")),
      Bind("version", &M::version,
           Shown("Version of W&B Server: the tag of the image of `app`.")),
      Bind("findings", &M::findings, Type::List(FindingType()),
           Shown("What is wrong with the specification: list of `{id, "
                 "severity, path, message}`.")),
  });
  return *kFields;
}

Value FindingsOf(const std::vector<wandb::Problem>& findings) {
  std::vector<Value> out;
  for (const wandb::Problem& finding : findings) {
    out.push_back(Value::ObjectOf(
        FindingType(),
        {{"id", Value::String(finding.id)},
         {"severity",
          Value::String(std::string(wandb::SeverityName(finding.severity)))},
         {"path", Value::String(finding.path)},
         {"message", Value::String(finding.message)}}));
  }
  return Value::List(FindingType(), std::move(out));
}

class EffectiveSpecData final : public tf::TypedDataSource<EffectiveSpecModel> {
 public:
  EffectiveSpecData()
      : TypedDataSource("wandb_effective_spec",
                        "What the operator would use, computed from layers "
                        "that are given as arguments, and what is wrong with "
                        "it. Needs no cluster.") {}

  bool needs_provider() const override { return false; }

 protected:
  void ReadData(const base::Context&,
                tf::DataCall<EffectiveSpecModel>& call) const override {
    EffectiveSpecModel& model = call.model;
    const auto user_input = LayerOf(model.user_input, "user_input", call.diags);
    const auto channel = LayerOf(model.release, "release", call.diags);
    auto managed = LayerOf(model.managed_spec, "managed_spec", call.diags);
    if (managed.has_value()) managed->metadata = nullptr;  // It has none.
    const Compiled compiled = Compile({.values_yaml = model.values_yaml,
                                       .values = model.values,
                                       .sensitive_paths = model.sensitive_paths,
                                       .masking = model.masking,
                                       .chart = model.chart});
    call.diags.Append(compiled.diags);
    call.diags.Append(compiled.warnings);
    if (call.diags.HasError()) return;
    const wandb::SpecLayer own = compiled.layer();
    const wandb::Evaluation evaluation = wandb::Evaluate(
        {.custom_resource = &own,
         .sources = &compiled.sources,
         .user_input = user_input.has_value() ? &*user_input : nullptr,
         .channel = channel.has_value() ? &*channel : nullptr,
         .managed_spec = managed.has_value() ? &*managed : nullptr,
         .airgapped = model.airgapped.value(),
         .operator_namespace = model.operator_namespace.value()});
    EffectiveAttributes::Of(evaluation.effective, compiled.mask)
        .AssignTo(model);
    model.findings = FindingsOf(evaluation.findings);
  }
};

}  // namespace

std::unique_ptr<tf::DataSource> NewEffectiveSpecDataSource() {
  return std::make_unique<EffectiveSpecData>();
}

}  // namespace resources
