// The attributes of wandb_operator.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "resources/operator/settings.h"
#include "resources/timeouts.h"
#include "resources/wait_failure.h"
#include "wandb/operator/settings.h"

namespace resources {

// What becomes of the definition of the custom resource.
struct CrdArguments {
  tf::Defaulted<bool> manage = true;
  tf::Defaulted<bool> delete_on_destroy = false;

  static const tf::Bindings<CrdArguments>& Fields();
};

// What becomes of what made the operator before.
struct AdoptArguments {
  tf::Defaulted<bool> remove_helm_release = false;

  static const tf::Bindings<AdoptArguments>& Fields();
};

struct OperatorModel {
  tf::Attr<std::string> id;
  OperatorArguments arguments;  // What it is made of; name and namespace, too.
  tf::Defaulted<CrdArguments> crd = CrdArguments();
  tf::Defaulted<AdoptArguments> adopt = AdoptArguments();
  tf::Defaulted<bool> force_conflicts = false;
  tf::Defaulted<bool> force_destroy = false;
  tf::Defaulted<bool> wait = true;
  tf::Defaulted<WaitFailure> wait_failure = WaitFailure::kError;
  tf::Attr<Timeouts> timeouts;
  // Computed.
  tf::Attr<std::string> deployed_image;
  tf::Attr<std::vector<std::string>> crd_versions;
  tf::Attr<bool> ready;
  cty::Value objects;  // Map of strings.
  cty::Value changes;  // The same.

  static const tf::Bindings<OperatorModel>& Fields();
};

// How long an operation may take if `timeouts` doesn't say.
inline constexpr absl::Duration kDefaultOperatorTimeout = absl::Minutes(10);

// Whether name and namespace are known.
bool IsNamed(const OperatorModel& model);

// `namespace/name`. Both must be known.
std::string IdOf(const OperatorModel& model);

// Whether the definition is the business of this resource.
bool ManagesDefinition(const OperatorModel& model);
// Whether it is to go with the operator.
bool EndsDefinition(const OperatorModel& model);

// Whether Helm is to forget the release that made the operator. False while
// that is unknown.
bool EndsHelmRelease(const OperatorModel& model);

// What the manifests are made of. nullopt while an attribute that they depend
// on is unknown.
std::optional<wandb::OperatorSettings> SettingsOf(const OperatorModel& model);

}  // namespace resources
