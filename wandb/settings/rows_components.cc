// What each component may have of its own.
#include <utility>

#include "absl/strings/str_cat.h"
#include "wandb/settings/rows.h"

namespace wandb::rows {

void AddComponents(Rows& out) {
  out.push_back({.attribute = "components",
                 .path = "",
                 .doc = "Settings of single components, by their names in the "
                        "chart: `app`, `console`, `weave`, `parquet`, …",
                 .example = "{ app = { image = { tag = \"0.76.0\" } } }"});
  out.push_back(
      {.attribute = "components.*", .path = "*", .doc = "The component"});
  const auto add = [&](const char* member, const char* key, const char* doc) {
    out.push_back({.attribute = absl::StrCat("components.*.", member),
                   .path = absl::StrCat("*.", key),
                   .doc = doc});
  };
  add("install", "install", "Whether it runs");
  out.push_back(
      {.attribute = "components.*.replicas",
       .path = "*.replicaCount",
       .doc = "Number of pods, where no autoscaler has the say: sizes have "
              "some, which `autoscaling` switches off",
       .least = 0});
  add("image", "image", "Image");
  add("image.repository", "image.repository", "Repository");
  add("image.tag", "image.tag", "Tag");
  add("image.digest", "image.digest", "Digest, which goes before the tag");
  add("image.pull_policy", "image.pullPolicy", "When to pull");
  add("service_account", "serviceAccount", "ServiceAccount");
  add("service_account.create", "serviceAccount.create",
      "Whether the chart makes it");
  add("service_account.name", "serviceAccount.name", "Name");
  add("service_account.annotations", "serviceAccount.annotations",
      "Annotations, which clouds read for workload identity");
  out.push_back({.attribute = "components.*.size",
                 .path = "*.size",
                 .doc = "Size, in place of that of all, or one that its "
                        "`sizing` defines in `values`",
                 .is_extensible = true});
  out.push_back({.attribute = "components.*.resources",
                 .path = "*.resources",
                 .doc = "Resources. What is not given is that of the size",
                 .shape = Shape::kResources});
  out.push_back({.attribute = "components.*.autoscaling",
                 .path = "*.autoscaling",
                 .doc = "Autoscalers, in place of those of the size",
                 .shape = Shape::kAutoscaling});
  out.push_back(
      {.attribute = "components.*.env",
       .path = "*.env",
       .doc = "Environment variables. They are shown in plans: secrets belong "
              "into `sensitive_values`",
       .example = "{ GORILLA_LOG_LEVEL = \"debug\" }",
       .old_path = "*.extraEnv"});
  add("node_selector", "nodeSelector",
      "Labels of the nodes to run on, in place of those of all");
  out.push_back({.attribute = "components.*.tolerations",
                 .path = "*.tolerations",
                 .doc = "Taints of nodes that are tolerated, in place of those "
                        "of all",
                 .shape = Shape::kTolerations});
  out.push_back({.attribute = "components.*.pod_labels",
                 .path = "*.podLabels",
                 .doc = "Labels of the pods, beside those of all",
                 .old_path = "*.pod.labels"});
  out.push_back({.attribute = "components.*.pod_annotations",
                 .path = "*.podAnnotations",
                 .doc = "Annotations of the pods",
                 .old_path = "*.pod.annotations"});
  out.push_back({.attribute = "components.*.pod_security_context",
                 .path = "*.podSecurityContext",
                 .doc = "Security context of the pods",
                 .shape = Shape::kPodSecurityContext,
                 .old_path = "*.pod.securityContext"});
  out.push_back({.attribute = "components.*.security_context",
                 .path = "*.securityContext",
                 .doc = "Security context of the containers",
                 .shape = Shape::kSecurityContext,
                 .old_path = "*.container.securityContext"});
}

}  // namespace wandb::rows
