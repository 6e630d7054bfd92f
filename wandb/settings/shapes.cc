// The objects that settings hold: those of Kubernetes (API v1, core and
// networking) and those that the chart makes of its own.
#include "base/never_destroyed.h"
#include "wandb/settings/table.h"

namespace wandb {
namespace {

using F = FieldType;

std::vector<ShapeField> SecurityContextOfBoth() {
  return {
      {"run_as_user", "runAsUser", F::kInteger, "User id of the processes."},
      {"run_as_group", "runAsGroup", F::kInteger, "Group id of the processes."},
      {"run_as_non_root", "runAsNonRoot", F::kBool,
       "Refuse to run as user id 0."},
      {"seccomp_profile",
       "seccompProfile",
       F::kObject,
       "Seccomp profile.",
       {{"type",
         "type",
         F::kString,
         "Which one.",
         {},
         "RuntimeDefault|Localhost|Unconfined"},
        {"localhost_profile", "localhostProfile", F::kString,
         "File of a profile on the node, for `Localhost`."}}},
      {"se_linux_options",
       "seLinuxOptions",
       F::kObject,
       "SELinux context.",
       {{"level", "level", F::kString, "Level."},
        {"role", "role", F::kString, "Role."},
        {"type", "type", F::kString, "Type."},
        {"user", "user", F::kString, "User."}}},
  };
}

std::vector<ShapeField> PodSecurityContext() {
  std::vector<ShapeField> fields = SecurityContextOfBoth();
  fields.push_back({"fs_group", "fsGroup", F::kInteger,
                    "Group id that owns the pod's volumes."});
  fields.push_back({"fs_group_change_policy",
                    "fsGroupChangePolicy",
                    F::kString,
                    "When the owner of the files is set.",
                    {},
                    "OnRootMismatch|Always"});
  return fields;
}

std::vector<ShapeField> SecurityContext() {
  std::vector<ShapeField> fields = SecurityContextOfBoth();
  fields.push_back({"allow_privilege_escalation", "allowPrivilegeEscalation",
                    F::kBool, "Whether a process may gain privileges."});
  fields.push_back({"privileged", "privileged", F::kBool,
                    "Run with the privileges of the node's root."});
  fields.push_back({"read_only_root_filesystem", "readOnlyRootFilesystem",
                    F::kBool, "Mount the root file system read-only."});
  fields.push_back(
      {"capabilities",
       "capabilities",
       F::kObject,
       "Linux capabilities.",
       {{"add", "add", F::kStrings, "Capabilities to add."},
        {"drop", "drop", F::kStrings, "Capabilities to drop, or `ALL`."}}});
  return fields;
}

std::vector<ShapeField> Toleration() {
  return {
      {"key", "key", F::kString, "Key of the taint; none is every key."},
      {"operator",
       "operator",
       F::kString,
       "How key and value match.",
       {},
       "Equal|Exists|Lt|Gt"},
      {"value", "value", F::kString, "Value of the taint; none for `Exists`."},
      {"effect",
       "effect",
       F::kString,
       "Effect of the taint; none is every effect.",
       {},
       "NoSchedule|PreferNoSchedule|NoExecute"},
      {"toleration_seconds", "tolerationSeconds", F::kInteger,
       "How long `NoExecute` is tolerated."}};
}

std::vector<ShapeField> HorizontalScaler() {
  return {
      {"enabled", "enabled", F::kBool, "Whether there is one."},
      {"min_replicas", "minReplicas", F::kInteger, "Fewest pods."},
      {"max_replicas", "maxReplicas", F::kInteger, "Most pods."},
      {"target_cpu_utilization_percentage", "targetCPUUtilizationPercentage",
       F::kInteger, "Use of what was requested that pods are added at."},
      {"target_memory_utilization_percentage",
       "targetMemoryUtilizationPercentage", F::kInteger,
       "The same for memory."}};
}

std::vector<ShapeField> VerticalScaler() {
  return {
      {"enabled", "enabled", F::kBool, "Whether there is one."},
      {"update_mode",
       "updateMode",
       F::kString,
       "When pods get what it recommends.",
       {},
       "Off|Initial|Recreate|InPlaceOrRecreate|Auto"},
      {"container_policies",
       "containerPolicies",
       F::kObjects,
       "What it may do to single containers.",
       {{"container_name", "containerName", F::kString,
         "Name of the container, or `*`."},
        {"mode", "mode", F::kString, "Whether it is scaled.", {}, "Auto|Off"},
        {"controlled_resources", "controlledResources", F::kStrings,
         "What is scaled: `cpu`, `memory`."},
        {"min_allowed", "minAllowed", F::kTexts, "Least that it gives."},
        {"max_allowed", "maxAllowed", F::kTexts, "Most that it gives."}}}};
}

std::vector<ShapeField> KedaScaler() {
  return {{"enabled", "enabled", F::kBool,
           "Whether there is one. The horizontal one is none beside it."},
          {"polling_interval", "pollingInterval", F::kInteger,
           "Seconds between two looks at the triggers."},
          {"cooldown_period", "cooldownPeriod", F::kInteger,
           "Seconds from the last trigger to scaling down."},
          {"idle_replica_count", "idleReplicaCount", F::kInteger,
           "Pods while nothing triggers."},
          {"min_replica_count", "minReplicaCount", F::kInteger, "Fewest pods."},
          {"max_replica_count", "maxReplicaCount", F::kInteger, "Most pods."},
          {"triggers",
           "triggers",
           F::kObjects,
           "What scales.",
           {{"type", "type", F::kString, "Type, such as `prometheus`."},
            {"name", "name", F::kString, "Name."},
            {"metric_type", "metricType", F::kString, "Type of the metric."},
            {"metadata", "metadata", F::kTexts, "Settings of the type."}}}};
}

std::vector<ShapeField> Autoscaling() {
  return {{"horizontal", "horizontal", F::kObject, "HorizontalPodAutoscaler.",
           HorizontalScaler()},
          {"vertical", "vertical", F::kObject, "VerticalPodAutoscaler.",
           VerticalScaler()},
          {"keda", "keda", F::kObject, "ScaledObject of KEDA.", KedaScaler()}};
}

}  // namespace

bool IsList(Shape shape) {
  return shape == Shape::kIngressTls || shape == Shape::kTolerations;
}

const std::vector<ShapeField>& FieldsOf(Shape shape) {
  using Fields = std::vector<ShapeField>;
  static const base::NeverDestroyed<Fields> kTls(Fields{
      {"secret_name", "secretName", F::kString,
       "Secret of type `kubernetes.io/tls`."},
      {"hosts", "hosts", F::kStrings, "Host names of the certificate."}});
  static const base::NeverDestroyed<Fields> kResources(Fields{
      {"limits", "limits", F::kTexts, "Most that a container may use."},
      {"requests", "requests", F::kTexts, "What a container is given."}});
  static const base::NeverDestroyed<Fields> kToleration(Toleration());
  static const base::NeverDestroyed<Fields> kAutoscaling(Autoscaling());
  static const base::NeverDestroyed<Fields> kPod(PodSecurityContext());
  static const base::NeverDestroyed<Fields> kContainer(SecurityContext());
  static const base::NeverDestroyed<Fields> kNothing;
  switch (shape) {
    case Shape::kIngressTls:
      return *kTls;
    case Shape::kTolerations:
      return *kToleration;
    case Shape::kResources:
      return *kResources;
    case Shape::kAutoscaling:
      return *kAutoscaling;
    case Shape::kPodSecurityContext:
      return *kPod;
    case Shape::kSecurityContext:
      return *kContainer;
    case Shape::kNone:
      break;
  }
  return *kNothing;
}

}  // namespace wandb
