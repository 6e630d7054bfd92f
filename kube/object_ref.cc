#include "kube/object_ref.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/percent.h"
#include "base/status_macros.h"

namespace kube {
namespace {

struct KnownKind {
  const char* group;
  const char* version;
  const char* kind;
  const char* resource;
  bool namespaced;
};

constexpr KnownKind kKinds[] = {
    {"", "v1", "Namespace", "namespaces", false},
    {"", "v1", "ConfigMap", "configmaps", true},
    {"", "v1", "Secret", "secrets", true},
    {"", "v1", "ServiceAccount", "serviceaccounts", true},
    {"", "v1", "Service", "services", true},
    {"", "v1", "Pod", "pods", true},
    {"", "v1", "Event", "events", true},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    {"apps", "v1", "Deployment", "deployments", true},
    {"apps", "v1", "StatefulSet", "statefulsets", true},
    {"apps", "v1", "DaemonSet", "daemonsets", true},
    {"apps", "v1", "ReplicaSet", "replicasets", true},
    {"batch", "v1", "Job", "jobs", true},
    {"networking.k8s.io", "v1", "Ingress", "ingresses", true},
    {"rbac.authorization.k8s.io", "v1", "Role", "roles", true},
    {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true},
    {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false},
    {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding",
     "clusterrolebindings", false},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
     "customresourcedefinitions", false},
};

std::string ListedKind(absl::string_view group, absl::string_view resource) {
  const auto* const found = std::find_if(
      std::begin(kKinds), std::end(kKinds), [&](const KnownKind& known) {
        return group == known.group && resource == known.resource;
      });
  return found == std::end(kKinds) ? "" : found->kind;
}

std::string ApiVersion(absl::string_view group, absl::string_view version) {
  return group.empty() ? std::string(version)
                       : absl::StrCat(group, "/", version);
}

// RFC 3986's unreserved characters and ':', which RBAC names are full of.
constexpr absl::string_view kKeptInSegments = "-._~:";

absl::Status CheckSegment(absl::string_view what, absl::string_view segment) {
  if (segment.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("empty ", what));
  }
  // A server or a proxy may decode before it splits.
  if (segment == "." || segment == ".." ||
      segment.find_first_of("/%\\") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("bad ", what, " \"", segment, "\""));
  }
  return absl::OkStatus();
}

std::string Text(const base::Json& object, absl::string_view pointer) {
  return base::StringAt(object, pointer).value_or("");
}

}  // namespace

bool CollectionRef::operator==(const CollectionRef& other) const {
  return std::tie(group, version, resource, ns) ==
         std::tie(other.group, other.version, other.resource, other.ns);
}

bool ObjectRef::operator==(const ObjectRef& other) const {
  return CollectionOf(*this) == CollectionOf(other) && name == other.name;
}

CollectionRef CollectionOf(const ObjectRef& ref) {
  return {ref.group, ref.version, ref.resource, ref.ns, ref.kind};
}

ObjectRef ObjectIn(const CollectionRef& collection, absl::string_view name) {
  return {collection.group, collection.version, collection.resource,
          collection.ns,    std::string(name),  collection.kind};
}

ObjectRef NamespaceRef(absl::string_view name) {
  return {"", "v1", "namespaces", "", std::string(name)};
}

ObjectRef SecretRef(absl::string_view ns, absl::string_view name) {
  return {"", "v1", "secrets", std::string(ns), std::string(name)};
}

ObjectRef ConfigMapRef(absl::string_view ns, absl::string_view name) {
  return {"", "v1", "configmaps", std::string(ns), std::string(name)};
}

ObjectRef DeploymentRef(absl::string_view ns, absl::string_view name) {
  return {"apps", "v1", "deployments", std::string(ns), std::string(name)};
}

ObjectRef CrdRef(absl::string_view name) {
  return {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "",
          std::string(name)};
}

CollectionRef PodsIn(absl::string_view ns) {
  return {"", "v1", "pods", std::string(ns)};
}

CollectionRef EventsIn(absl::string_view ns) {
  return {"", "v1", "events", std::string(ns)};
}

absl::StatusOr<ObjectRef> RefOf(const base::Json& manifest) {
  const std::string kind = KindOf(manifest);
  const std::string api_version = Text(manifest, "/apiVersion");
  const auto* const found = std::find_if(
      std::begin(kKinds), std::end(kKinds), [&](const KnownKind& known) {
        return kind == known.kind &&
               api_version == ApiVersion(known.group, known.version);
      });
  if (found == std::end(kKinds)) {
    return absl::InvalidArgumentError(
        absl::StrCat("no known kind: \"", kind, "\" of \"", api_version, "\""));
  }
  ObjectRef ref{found->group, found->version, found->resource,
                found->namespaced ? NamespaceOf(manifest) : "",
                NameOf(manifest)};
  if (ref.name.empty() || (found->namespaced && ref.ns.empty())) {
    return absl::InvalidArgumentError(
        absl::StrCat("a ", kind, " without metadata.",
                     ref.name.empty() ? "name" : "namespace"));
  }
  return ref;
}

absl::StatusOr<std::string> PathOf(const CollectionRef& collection) {
  RETURN_IF_ERROR(CheckSegment("version", collection.version));
  RETURN_IF_ERROR(CheckSegment("resource", collection.resource));
  std::string path = "/api";
  if (!collection.group.empty()) {
    RETURN_IF_ERROR(CheckSegment("group", collection.group));
    path = absl::StrCat(
        "/apis/", base::PercentEncoded(collection.group, kKeptInSegments));
  }
  absl::StrAppend(&path, "/",
                  base::PercentEncoded(collection.version, kKeptInSegments));
  if (!collection.ns.empty()) {
    RETURN_IF_ERROR(CheckSegment("namespace", collection.ns));
    absl::StrAppend(&path, "/namespaces/",
                    base::PercentEncoded(collection.ns, kKeptInSegments));
  }
  return absl::StrCat(
      path, "/", base::PercentEncoded(collection.resource, kKeptInSegments));
}

absl::StatusOr<std::string> PathOf(const ObjectRef& ref) {
  RETURN_IF_ERROR(CheckSegment("name", ref.name));
  ASSIGN_OR_RETURN(const std::string path, PathOf(CollectionOf(ref)));
  return absl::StrCat(path, "/",
                      base::PercentEncoded(ref.name, kKeptInSegments));
}

std::string ApiVersionOf(const ObjectRef& ref) {
  return ApiVersion(ref.group, ref.version);
}

std::string KnownKindOf(const CollectionRef& collection) {
  const std::string listed = ListedKind(collection.group, collection.resource);
  return listed.empty() ? collection.kind : listed;
}

std::string Describe(const ObjectRef& ref) {
  std::string kind = ListedKind(ref.group, ref.resource);
  if (kind.empty()) {
    kind = ref.group.empty() ? ref.resource
                             : absl::StrCat(ref.resource, ".", ref.group);
  }
  return absl::StrCat(kind, " \"", ref.ns, ref.ns.empty() ? "" : "/", ref.name,
                      "\"");
}

std::string KindOf(const base::Json& object) { return Text(object, "/kind"); }

std::string NameOf(const base::Json& object) {
  return Text(object, "/metadata/name");
}

std::string NamespaceOf(const base::Json& object) {
  return Text(object, "/metadata/namespace");
}

std::string UidOf(const base::Json& object) {
  return Text(object, "/metadata/uid");
}

std::string ResourceVersionOf(const base::Json& object) {
  return Text(object, "/metadata/resourceVersion");
}

bool IsTerminating(const base::Json& object) {
  return base::Find(object, "/metadata/deletionTimestamp") != nullptr;
}

}  // namespace kube
