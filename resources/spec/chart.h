// The chart of a specification: as attributes, and as the custom resource has
// it.
#pragma once

#include <string>

#include "base/json.h"
#include "provider/tf/binding.h"

namespace resources {

struct CredentialSecretModel {
  // The keys have defaults, and are null where a live object lacks them.
  tf::Attr<std::string> name, username_key, password_key;

  static const tf::Bindings<CredentialSecretModel>& Fields();
};

struct ChartModel {
  tf::Attr<std::string> url, name, version, path, repo_name, username, password;
  tf::Attr<bool> plain_http, debug;
  tf::Attr<CredentialSecretModel> credential_secret;

  static const tf::Bindings<ChartModel>& Fields();
};

struct EffectiveChartModel {
  tf::Attr<std::string> kind, url, name, version, path;

  static const tf::Bindings<EffectiveChartModel>& Fields();
};

// `chart` as the custom resource has it; null when not configured. A version
// alone is one of W&B's own chart. Unknown attributes become unknown leaves.
base::Json ChartTree(const tf::Attr<ChartModel>& chart);

// The inverse, for import and drift.
tf::Attr<ChartModel> ChartFromTree(const base::Json& chart);

// The same for drift: what differs from `wrote` is foreign, and without its
// credentials. User and password then read wandb::kMaskedChanged.
tf::Attr<ChartModel> ChangedChart(const base::Json& wrote,
                                  const base::Json& live);

}  // namespace resources
