// The attributes of wandb_operator.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "resources/timeouts.h"
#include "resources/wait_failure.h"
#include "wandb/operator_manifests.h"

namespace resources {

enum class PullPolicy { kAlways, kIfNotPresent, kNever };

struct ImageModel {
  tf::Defaulted<std::string> repository = wandb::OperatorImage().repository;
  tf::Defaulted<std::string> tag = wandb::OperatorImage().tag;
  tf::Attr<std::string> digest;
  tf::Defaulted<PullPolicy> pull_policy = PullPolicy::kAlways;
  tf::Attr<std::vector<std::string>> pull_secrets;

  static const tf::Bindings<ImageModel>& Fields();
};

struct OperatorModel {
  tf::Attr<std::string> id;
  tf::Defaulted<std::string> name = std::string(wandb::kOperatorName);
  tf::Defaulted<std::string> ns = std::string(wandb::kOperatorNamespace);
  tf::Defaulted<bool> create_namespace = true;
  tf::Defaulted<ImageModel> image;
  tf::Defaulted<bool> airgapped = false;
  tf::Attr<std::vector<std::string>> custom_ca_certs;
  tf::Attr<std::string> release_channel_url;
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

  static const tf::Bindings<OperatorModel>& Fields();
};

// How long an operation may take if `timeouts` doesn't say.
inline constexpr absl::Duration kDefaultOperatorTimeout = absl::Minutes(10);

// `namespace/name`. Both must be known.
std::string IdOf(const OperatorModel& model);

// What the manifests are made of. nullopt while an attribute that they depend
// on is unknown.
std::optional<wandb::OperatorSettings> SettingsOf(const OperatorModel& model);

}  // namespace resources

template <>
struct tf::EnumNames<resources::PullPolicy> {
  static constexpr std::pair<resources::PullPolicy, absl::string_view>
      kNames[] = {{resources::PullPolicy::kAlways, "Always"},
                  {resources::PullPolicy::kIfNotPresent, "IfNotPresent"},
                  {resources::PullPolicy::kNever, "Never"}};
};
