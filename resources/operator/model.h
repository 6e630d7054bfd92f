// The attributes of wandb_operator.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "resources/timeouts.h"
#include "wandb/operator_manifests.h"

namespace resources {

struct ImageModel {
  tf::Attr<std::string> repository, tag, digest, pull_policy;
  tf::Attr<std::vector<std::string>> pull_secrets;

  static const tf::Bindings<ImageModel>& Fields();
};

struct OperatorModel {
  tf::Attr<std::string> id, name, ns, release_channel_url, wait_failure,
      deployed_image;
  tf::Attr<bool> create_namespace, airgapped, force_conflicts, force_destroy,
      wait, ready;
  tf::Attr<std::vector<std::string>> custom_ca_certs, crd_versions;
  tf::Attr<ImageModel> image;
  tf::Attr<Timeouts> timeouts;
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
