#include "resources/instance/body.h"

#include "absl/strings/str_cat.h"
#include "kube/object_ref.h"
#include "wandb/custom_resource.h"

namespace resources {

std::string IdOf(const InstanceModel& model) {
  return absl::StrCat(model.ns.value(), "/", model.name.value());
}

std::string NamespaceOwnerOf(const InstanceModel& model) {
  return absl::StrCat("WeightsAndBiases/", IdOf(model));
}

bool HasObject(const std::optional<InstanceModel>& state) {
  return state.has_value() && !state->uid.IsNull();
}

base::Json BodyOf(const InstanceModel& model, const Compiled& compiled) {
  return wandb::MakeCustomResource(
      {.name = model.name.value(),
       .ns = model.ns.value(),
       .labels = model.labels.value_or({}),
       .annotations = model.annotations.value_or({}),
       .chart = compiled.chart,
       .values = compiled.values});
}

void SetObserved(const base::Json& live, InstanceModel& model) {
  model.uid = kube::UidOf(live);
  model.generation = base::IntAt(live, "/metadata/generation").value_or(0);
  const auto phase = base::StringAt(live, "/status/phase");
  model.phase = phase.has_value() ? tf::Attr<std::string>(*phase)
                                  : tf::Attr<std::string>();
}

void SetNoObject(InstanceModel& model) {
  model.uid = {};
  model.generation = {};
  model.phase = {};
  model.ready = false;
}

}  // namespace resources
