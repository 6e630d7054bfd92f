// The attributes of wandb_instance.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "kube/object_ref.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "resources/instance/wait_for.h"
#include "resources/settings/schema.h"
#include "resources/spec/chart.h"
#include "resources/spec/compile.h"
#include "resources/timeouts.h"
#include "resources/wait_failure.h"

namespace resources {

// What a finding is to a plan.
enum class CheckLevel { kError, kWarn, kOff };

// What a destroy does that the operator never finishes.
enum class StuckFinalizer { kError, kRemove };

struct InstanceModel {
  using StringMap = std::map<std::string, std::string>;

  tf::Attr<std::string> id;
  tf::Defaulted<std::string> name = std::string("wandb");
  tf::Defaulted<std::string> ns = std::string("default");
  tf::Defaulted<bool> create_namespace = false;
  tf::Attr<StringMap> labels, annotations;
  tf::Attr<std::string> operator_id;
  tf::Defaulted<bool> airgapped = false;
  tf::Attr<ChartModel> chart;
  SettingValues settings;  // The typed ones.
  // The settings whose write-only twins are set, as of the plan.
  tf::Attr<std::vector<std::string>> secrets_wo;
  tf::Attr<int64_t> secrets_wo_version;
  tf::Attr<std::vector<std::string>> values_yaml, sensitive_paths;
  cty::Value values, sensitive_values, release;  // Any type.
  tf::Attr<std::string> release_id;
  tf::Defaulted<wandb::Masking> masking = wandb::Masking::kKnown;
  tf::Defaulted<bool> wait = true;
  tf::Attr<WaitForModel> wait_for;
  tf::Defaulted<WaitFailure> wait_failure = WaitFailure::kError;
  tf::Defaulted<bool> force_conflicts = false;
  tf::Attr<std::vector<std::string>> force_conflict_paths, ignore_paths;
  tf::Defaulted<StuckFinalizer> on_stuck_finalizer = StuckFinalizer::kError;
  tf::Defaulted<bool> delete_kept = false;
  tf::Defaulted<CheckLevel> checks = CheckLevel::kWarn;
  tf::Attr<std::map<std::string, CheckLevel>> check_levels;
  tf::Attr<Timeouts> timeouts;
  // Computed. The first four are maps of strings.
  cty::Value configured_values, effective_values, effective_origin,
      release_metadata;
  tf::Attr<EffectiveChartModel> effective_chart;
  tf::Attr<std::string> phase, url, version, uid;
  tf::Attr<bool> ready;
  tf::Attr<int64_t> generation;

  static const tf::Bindings<InstanceModel>& Fields();
};

// The custom resource's address. Name and namespace must be known.
kube::ObjectRef CustomResourceRef(const InstanceModel& model);

// `namespace/name`. Both must be known.
std::string IdOf(const InstanceModel& model);

// The value of wandb::kOwnerAnnotation on the namespace that an instance makes.
std::string NamespaceOwnerOf(const InstanceModel& model);

// Whether there is a custom resource to a state. There is none where only its
// namespace is left (namespace.h, KeepsNamespace()).
bool HasObject(const std::optional<InstanceModel>& state);

// Sets what the live object says of itself: uid, generation and phase.
void SetObserved(const base::Json& live, InstanceModel& model);

// Sets the same of a state that has no object: HasObject() is false then.
void SetNoObject(InstanceModel& model);

}  // namespace resources

template <>
struct tf::EnumNames<resources::StuckFinalizer> {
  static constexpr std::pair<resources::StuckFinalizer, absl::string_view>
      kNames[] = {{resources::StuckFinalizer::kError, "error"},
                  {resources::StuckFinalizer::kRemove, "remove"}};
};

template <>
struct tf::EnumNames<resources::CheckLevel> {
  static constexpr std::pair<resources::CheckLevel, absl::string_view>
      kNames[] = {{resources::CheckLevel::kError, "error"},
                  {resources::CheckLevel::kWarn, "warn"},
                  {resources::CheckLevel::kOff, "off"}};
};
