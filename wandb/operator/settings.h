// What can be set of the W&B operator, with the defaults of its Helm
// chart 1.4.8.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/json.h"

namespace wandb {

inline constexpr char kOperatorName[] = "wandb";
inline constexpr char kOperatorNamespace[] = "wandb";
inline constexpr char kOperatorRepository[] = "wandb/controller";
inline constexpr char kOperatorTag[] = "1.22.0";

// On the pod template, only with custom_ca_certs: Go reads its roots once, so
// new certificates need a new pod.
inline constexpr char kCaCertsHashAnnotation[] = "wandb.ai/ca-certs-hash";

// The volume of the certificates that the operator trusts in addition.
inline constexpr char kOperatorCaVolume[] = "wandb-ca-certs";

// The Lease by which replicas of the operator elect a leader; each operator
// leaves it in its namespace.
inline constexpr char kLeaderLease[] = "3009dfa6.apps.wandb.com";

// On every object that a resource of this provider makes: which one made it. Of
// an operator's objects the value is the operator's "namespace/name"; of the
// namespace of an instance it has the kind in front. Never on a pod
// template, which would restart pods.
inline constexpr char kOwnerAnnotation[] = "terraform.wandb.ai/owner";

// What the chart gives the controller manager.
base::Json DefaultOperatorResources();
base::Json DefaultPodSecurityContext();

using StringMap = std::map<std::string, std::string>;

struct OperatorImage {
  std::string repository = kOperatorRepository;
  std::string tag = kOperatorTag;
  std::string digest;  // "sha256:..."; wins over the tag.
  std::string pull_policy =
      "Always";  // Always, IfNotPresent, Never; "": unset.
  std::vector<std::string> pull_secrets;  // Names in the operator's namespace.
};

// The pull policies that Kubernetes knows.
std::vector<std::string> PullPolicies();

// Json fields hold Kubernetes shapes and are left out when null or empty.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): order for readers.
struct OperatorSettings {
  std::string name = kOperatorName;  // The chart's nameOverride.
  std::string ns = kOperatorNamespace;
  bool create_namespace = true;
  StringMap namespace_labels;
  StringMap namespace_annotations;

  OperatorImage image;
  std::string image_registry;  // Takes the place of the repository's registry.
  bool airgapped = false;
  bool debug = false;
  std::string release_channel_url;  // Base URL; "": the operator's default.
  std::vector<std::string> custom_ca_certs;  // One PEM certificate each.
  std::string ca_certs_config_map;           // Keys must end in .crt.
  StringMap charts;  // File name under /charts -> base64 of a .tgz.
  // Not of the chart: managers newer than 1.22 may take the specification from
  // a ConfigMap in place of the channel.
  bool managed_spec_enabled = false;

  std::vector<base::Json> extra_env;  // EnvVar objects.
  StringMap operator_env;             // Plain values, after extra_env.
  base::Json resources = DefaultOperatorResources();
  StringMap node_selector;
  base::Json tolerations;
  base::Json affinity;
  StringMap pod_annotations;
  base::Json pod_security_context;  // Empty: seccomp RuntimeDefault.
  base::Json security_context;

  bool create_service_account = true;
  std::string service_account_name;  // "": `<name>-manager`, or "default" when
                                     // it isn't created.
  bool namespace_isolation = false;  // Roles instead of a ClusterRole.
  std::vector<std::string> additional_namespaces;
  // PolicyRules (rbac.authorization.k8s.io/v1) beside the chart's, and what of
  // the chart's is left out: without resources or verbs it is all of them.
  std::vector<base::Json> added_rules;
  std::vector<base::Json> dropped_rules;
  bool manage_crd = true;
};

// The value of kOwnerAnnotation on everything that the operator is made of.
std::string OperatorOwner(const OperatorSettings& settings);

// The checks of OperatorManifests() alone.
absl::Status CheckOperatorSettings(const OperatorSettings& settings);

// "repository@digest" or "repository:tag", as the Deployment has it.
std::string DeployedImage(const OperatorSettings& settings);

// Whether the Deployment has a volume for charts.
bool OperatorUsesCharts(const OperatorSettings& settings);

// Names of objects that others ask for. That of the charts is a volume's, too.
std::string OperatorDeploymentName(const OperatorSettings& settings);
std::string OperatorServiceAccountName(const OperatorSettings& settings);
std::string OperatorCaConfigMapName(const OperatorSettings& settings);
std::string OperatorChartsConfigMapName(const OperatorSettings& settings);

}  // namespace wandb
