#include "wandb/custom_resource.h"

namespace wandb {

using base::Json;

std::map<std::string, std::string> StandardLabels(const std::string& name) {
  return {{"app.kubernetes.io/name", kPlural},
          {"app.kubernetes.io/instance", name}};
}

Json MakeCustomResource(const CustomResource& resource) {
  std::map<std::string, std::string> labels = resource.labels;
  labels.merge(StandardLabels(resource.name));
  Json metadata = {
      {"name", resource.name}, {"namespace", resource.ns}, {"labels", labels}};
  if (!resource.annotations.empty()) {
    metadata.emplace("annotations", resource.annotations);
  }
  Json spec = Json::object();
  if (!resource.chart.is_null()) spec.emplace("chart", resource.chart);
  if (!resource.values.is_null()) spec.emplace("values", resource.values);
  return {{"apiVersion", kApiVersion},
          {"kind", kKind},
          {"metadata", metadata},
          {"spec", spec}};
}

}  // namespace wandb
