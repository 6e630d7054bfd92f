#include "resources/instance/desired.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "base/yaml.h"
#include "resources/hidden_arguments.h"
#include "resources/instance/write_only.h"
#include "wandb/custom_resource.h"

namespace resources {

Desired::Desired(InstanceModel attributes)
    : model(std::move(attributes)),
      compiled(Compile({.values_yaml = model.values_yaml,
                        .values = model.values,
                        .sensitive_values = model.sensitive_values,
                        .settings = model.settings,
                        .write_only = WriteOnlyOf(model),
                        .sensitive_paths = model.sensitive_paths,
                        .masking = model.masking,
                        .chart = model.chart,
                        .ignore_paths = model.ignore_paths})) {}

base::Json Desired::body() const { return BodyWith(compiled.values); }

base::Json Desired::creation_body() const {
  return BodyWith(compiled.all_values());
}

base::Json Desired::BodyWith(const base::Json& values) const {
  return wandb::MakeCustomResource(
      {.name = model.name.value(),
       .ns = model.ns.value(),
       .labels = model.labels.value_or({}),
       .annotations = model.annotations.value_or({}),
       .chart = compiled.chart,
       .values = values});
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

}  // namespace resources
