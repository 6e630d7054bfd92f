// What is about all of W&B.
#include <utility>

#include "absl/strings/str_cat.h"
#include "wandb/settings/rows.h"

namespace wandb::rows {
namespace {

void AddWhole(Rows& out) {
  out.push_back({.attribute = "host",
                 .path = "global.host",
                 .doc = "URL under which users reach W&B: scheme and host only",
                 .example = "\"https://wandb.example.com\"",
                 .is_url = true,
                 .variable = "HOST",
                 .old_values = {"host"}});
  out.push_back(
      {.attribute = "license",
       .path = "global.license",
       .doc = "W&B license",
       .example = "var.license",
       .reference = {"global.licenseSecret.name", "global.licenseSecret.key"},
       .variable = "LICENSE",
       .old_values = {"license"}});
  out.push_back({.attribute = "license_secret",
                 .path = "global.licenseSecret",
                 .doc = "Secret that has the license, in place of `license`",
                 .example = "{ name = \"wandb-license\", key = \"license\" }"});
  out.push_back({.attribute = "license_secret.name",
                 .path = "global.licenseSecret.name",
                 .doc = "Name of the Secret",
                 .required = true});
  out.push_back({.attribute = "license_secret.key",
                 .path = "global.licenseSecret.key",
                 .doc = "Key in it",
                 .required = true});
  out.push_back({.attribute = "size",
                 .path = "global.size",
                 .doc = "Size of all components: replicas and resources, or "
                        "one that `sizing` of a component defines in `values`",
                 .example = "\"small\"",
                 .is_extensible = true});
  out.push_back({.attribute = "cloud_provider",
                 .path = "global.cloudProvider",
                 .doc = "Cloud that the cluster runs in, for what the chart "
                        "does differently there",
                 .example = "\"aws\""});
  out.push_back({.attribute = "session_length_hours",
                 .path = "global.auth.sessionLengthHours",
                 .doc = "Hours after which users must log in again",
                 .example = "720",
                 .least = 1,
                 .most = 999'999});  // From there on, in 1e+06 notation.
  out.push_back(
      {.attribute = "extra_env",
       .path = "global.extraEnv",
       .doc = "Environment variables of all components. It is shown in plans: "
              "secrets belong into `sensitive_values`",
       .example = "{ GORILLA_LOG_LEVEL = \"debug\" }"});
  out.push_back({.attribute = "custom_ca_certs",
                 .path = "global.customCACerts",
                 .doc = "CA certificates that all components trust: PEM, one "
                        "certificate in each element",
                 .example = "[file(\"ca.pem\")]",
                 .old_values = {"customCACerts"}});
  out.push_back({.attribute = "ca_certs_config_map",
                 .path = "global.caCertsConfigMap",
                 .doc = "ConfigMap of CA certificates that all components "
                        "trust; its keys end in `.crt`",
                 .example = "\"custom-ca-certs\""});
}

void AddImages(Rows& out) {
  out.push_back({.attribute = "image_registry",
                 .path = "global.imageRegistry",
                 .doc = "Registry of the images of bundled servers: Redis, "
                        "ClickHouse, Kafka, etcd. Those of W&B's components "
                        "get `repository_prefix`",
                 .example = "\"registry.example.com\""});
  out.push_back({.attribute = "repository_prefix",
                 .path = "global.repositoryPrefix",
                 .doc = "What goes before the repositories of the images of "
                        "all components, with a slash between them; before "
                        "those of `components`, too",
                 .example = "\"registry.example.com/mirror\""});
  out.push_back({.attribute = "image_pull_secrets",
                 .path = "global.imagePullSecrets",
                 .doc = "Names of the Secrets to pull images with",
                 .example = "[\"registry-login\"]",
                 .are_names = true});
}

void AddPods(Rows& out) {
  out.push_back({.attribute = "storage_class",
                 .path = "global.storageClass",
                 .doc = "StorageClass of the volumes of bundled servers",
                 .example = "\"gp3\""});
  out.push_back({.attribute = "node_selector",
                 .path = "global.nodeSelector",
                 .doc = "Labels of the nodes that all components run on",
                 .example = "{ \"kubernetes.io/arch\" = \"amd64\" }"});
  out.push_back({.attribute = "tolerations",
                 .path = "global.tolerations",
                 .doc = "Taints of nodes that all components tolerate",
                 .example = "[{ key = \"dedicated\", operator = \"Equal\", "
                            "value = \"wandb\", effect = \"NoSchedule\" }]",
                 .shape = Shape::kTolerations});
  out.push_back({.attribute = "priority_class_name",
                 .path = "global.priorityClassName",
                 .doc = "PriorityClass of all components",
                 .example = "\"high-priority\""});
  out.push_back({.attribute = "pod_labels",
                 .path = "global.pod.labels",
                 .doc = "Labels of the pods of all components",
                 .example = "{ team = \"ml\" }"});
}

}  // namespace

void AddGeneral(Rows& out) {
  AddWhole(out);
  AddImages(out);
  AddPods(out);
}

}  // namespace wandb::rows
