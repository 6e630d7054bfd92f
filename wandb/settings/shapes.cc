// The objects of Kubernetes that settings hold (API v1, core and networking).
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
       {{"type", "type", F::kString,
         "`RuntimeDefault`, `Localhost` or `Unconfined`."},
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
  fields.push_back({"fs_group_change_policy", "fsGroupChangePolicy", F::kString,
                    "`OnRootMismatch` or `Always`."});
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

}  // namespace

const std::vector<ShapeField>& FieldsOf(Shape shape) {
  using Fields = std::vector<ShapeField>;
  static const auto* const kTls = new Fields{
      // NOLINT: never destroyed
      {"secret_name", "secretName", F::kString,
       "Secret of type `kubernetes.io/tls`."},
      {"hosts", "hosts", F::kStrings, "Host names of the certificate."}};
  static const auto* const kResources = new Fields{
      // NOLINT
      {"limits", "limits", F::kTexts, "Most that a container may use."},
      {"requests", "requests", F::kTexts, "What a container is given."}};
  static const auto* const kPod = new Fields(PodSecurityContext());  // NOLINT
  static const auto* const kContainer =
      new Fields(SecurityContext());                 // NOLINT
  static const auto* const kNothing = new Fields();  // NOLINT
  switch (shape) {
    case Shape::kIngressTls:
      return *kTls;
    case Shape::kResources:
      return *kResources;
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
