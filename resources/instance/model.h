// The attributes of wandb_instance.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "kube/object_ref.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "resources/timeouts.h"

namespace resources {

struct CredentialSecretModel {
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

struct InstanceModel {
  using StringMap = std::map<std::string, std::string>;

  tf::Attr<std::string> id, name, ns, operator_id, host, license, wait_failure,
      phase, url, uid, checks, masking;
  tf::Attr<bool> create_namespace, airgapped, wait, force_conflicts, ready;
  tf::Attr<int64_t> generation;
  tf::Attr<StringMap> labels, annotations, check_levels;
  tf::Attr<std::vector<std::string>> values_yaml, sensitive_paths,
      force_conflict_paths;
  tf::Attr<ChartModel> chart;
  tf::Attr<EffectiveChartModel> effective_chart;
  tf::Attr<Timeouts> timeouts;
  cty::Value values, sensitive_values, release;  // Any type.
  // Maps of strings.
  cty::Value configured_values, effective_values, effective_origin,
      release_metadata;

  static const tf::Bindings<InstanceModel>& Fields();
};

// The custom resource's address. Name and namespace must be known.
kube::ObjectRef CustomResourceRef(const InstanceModel& model);

// `chart` as the custom resource has it; null when not configured. Unknown
// attributes become unknown leaves.
base::Json ChartTree(const tf::Attr<ChartModel>& chart);

// The inverse, for import and drift.
tf::Attr<ChartModel> ChartFromTree(const base::Json& chart);

// The same for drift: what differs from `wrote` is foreign, and without its
// credentials. User and password then read wandb::kMaskedChanged.
tf::Attr<ChartModel> ChangedChart(const base::Json& wrote,
                                  const base::Json& live);

}  // namespace resources
