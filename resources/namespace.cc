#include "resources/namespace.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/apply.h"
#include "resources/report.h"

namespace resources {
namespace {

// A name by which a namespaced object is nobody's loss: the control plane's own
// bookkeeping.
bool Replaceable(const base::Json& object) {
  const std::string kind = kube::KindOf(object);
  const std::string name = kube::NameOf(object);
  if (kind == "ConfigMap") return name == "kube-root-ca.crt";
  if (kind == "ServiceAccount") return name == "default";
  if (kind == "Secret") {
    return base::StringAt(object, "/type") ==
           "kubernetes.io/service-account-token";
  }
  return false;
}

// The label has this value anyhow; with it the server remembers who made the
// namespace.
base::Json NamespaceBody(const std::string& ns) {
  return {{"apiVersion", "v1"},
          {"kind", "Namespace"},
          {"metadata",
           {{"name", ns}, {"labels", {{"kubernetes.io/metadata.name", ns}}}}}};
}

// The garbage collector learns of new kinds every 30 seconds.
constexpr absl::Duration kCollection = absl::Minutes(2);

struct Content {
  std::vector<std::string> left;  // `Secret "x"`
  bool all_owned = true;          // By other objects, gone or not.
};

// What is in namespace `ns`, the control plane's own objects and those on their
// way out aside.
absl::StatusOr<Content> ContentOf(const base::Context& ctx,
                                  kube::Client& client, const std::string& ns) {
  static constexpr struct {
    const char *group, *version, *resource;
  } kKinds[] = {{"", "v1", "pods"},
                {"", "v1", "services"},
                {"", "v1", "configmaps"},
                {"", "v1", "secrets"},
                {"", "v1", "serviceaccounts"},
                {"", "v1", "persistentvolumeclaims"},
                {"apps", "v1", "deployments"},
                {"apps", "v1", "statefulsets"},
                {"apps", "v1", "daemonsets"},
                {"batch", "v1", "jobs"},
                {"networking.k8s.io", "v1", "ingresses"},
                {"rbac.authorization.k8s.io", "v1", "roles"},
                {"rbac.authorization.k8s.io", "v1", "rolebindings"},
                {"apps.wandb.com", "v1", "weightsandbiases"}};
  Content content;
  for (const auto& kind : kKinds) {
    const auto list =
        client.List(ctx, {kind.group, kind.version, kind.resource, ns}, {});
    if (!list.ok() && kube::IsKindNotServed(list.status())) continue;
    if (!list.ok()) return list.status();
    for (const base::Json& object : list->items) {
      if (Replaceable(object) || kube::IsTerminating(object)) continue;
      content.left.push_back(absl::StrCat(kube::KindOf(object), " \"",
                                          kube::NameOf(object), "\""));
      if (base::Find(object, "/metadata/ownerReferences/0") == nullptr) {
        content.all_owned = false;
      }
    }
  }
  return content;
}

}  // namespace

absl::StatusOr<std::string> EnsureNamespace(const base::Context& ctx,
                                            kube::Client& client,
                                            const std::string& ns,
                                            const std::string& manager) {
  ASSIGN_OR_RETURN(const CreateResult result,
                   CreateOrAdopt(ctx, client, kube::NamespaceRef(ns),
                                 NamespaceBody(ns), manager));
  if (result.found == Found::kForeign) return std::string();
  return kube::UidOf(result.applied.object);
}

absl::Status TryNamespace(const base::Context& ctx, kube::Client& client,
                          const std::string& ns, const std::string& manager) {
  const absl::Status status =
      client
          .Apply(
              ctx, kube::NamespaceRef(ns), NamespaceBody(ns),
              {.field_manager = manager, .dry_run = true, .create_only = true})
          .status();
  return kube::IsAlreadyExists(status) ? absl::OkStatus() : status;
}

absl::StatusOr<std::vector<std::string>> DeleteEmptyNamespace(
    const base::Context& ctx, kube::Client& client, const std::string& ns,
    const std::string& uid) {
  const base::Context patience = ctx.WithTimeout(kCollection);
  Content content;
  do {
    ASSIGN_OR_RETURN(content, ContentOf(ctx, client, ns));
    // The garbage collector takes what has lost its owner; nothing announces
    // that it is done.
  } while (!content.left.empty() && content.all_owned &&
           patience.SleepFor(absl::Seconds(1)).ok());
  RETURN_IF_ERROR(ctx.Check());
  if (!content.left.empty()) return content.left;
  const kube::ObjectRef ref = kube::NamespaceRef(ns);
  const absl::Status deleted = client.Delete(ctx, ref, {.uid = uid});
  if (!deleted.ok() && !kube::IsStale(deleted)) return deleted;
  RETURN_IF_ERROR(kube::AwaitGone(ctx, client, ref, uid));
  return content.left;
}

void DeleteOwnNamespace(const base::Context& ctx, kube::Client& client,
                        const std::string& ns, const std::string& uid,
                        const Session& session, const wandb::Scrubber& scrubber,
                        tf::Diagnostics& diags) {
  const auto left = DeleteEmptyNamespace(ctx, client, ns, uid);
  if (!left.ok()) {
    ReportStatus(absl::StrCat("Cannot delete namespace \"", ns, "\""),
                 left.status(), session, scrubber, diags);
  } else if (!left->empty()) {
    diags.AddWarning(
        absl::StrCat("Namespace \"", ns, "\" was kept"),
        absl::StrCat("It holds objects that this resource did not make: ",
                     absl::StrJoin(*left, ", "), "."));
  }
}

}  // namespace resources
