// Addresses of objects and collections on an API server, and the URL paths
// made from them. All functions here are pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace kube {

// The address of one object.
struct ObjectRef {
  std::string group;     // "" is the core group.
  std::string version;   // "v1".
  std::string resource;  // Plural and lower case: "deployments".
  std::string ns;        // "" for cluster-scoped kinds.
  std::string name;      // Never "": the server would take that as a list.
  // Of a resource that is not in RefOf()'s list, where the caller knows it:
  // then an answer must have it, and a list of them its name with "List".
  std::string kind{};

  // Of the address alone.
  bool operator==(const ObjectRef& other) const;
};

// All objects of one kind, in one namespace or in all.
struct CollectionRef {
  std::string group;
  std::string version;
  std::string resource;
  std::string ns;      // "" for all namespaces, and for cluster-scoped kinds.
  std::string kind{};  // As in ObjectRef.

  bool operator==(const CollectionRef& other) const;
};

CollectionRef CollectionOf(const ObjectRef& ref);
ObjectRef ObjectIn(const CollectionRef& collection, absl::string_view name);

// Refs of kinds that callers name without a manifest.
ObjectRef NamespaceRef(absl::string_view name);
ObjectRef SecretRef(absl::string_view ns, absl::string_view name);
ObjectRef ConfigMapRef(absl::string_view ns, absl::string_view name);
ObjectRef DeploymentRef(absl::string_view ns, absl::string_view name);
ObjectRef CrdRef(absl::string_view name);
CollectionRef PodsIn(absl::string_view ns);
CollectionRef EventsIn(absl::string_view ns);

// The ref of a manifest (apiVersion, kind, metadata.name and .namespace) whose
// kind is one of: Namespace, ConfigMap, Secret, ServiceAccount, Service, Pod,
// Event, PersistentVolumeClaim, Deployment, StatefulSet, DaemonSet, ReplicaSet,
// Job, Ingress, Role, RoleBinding, ClusterRole, ClusterRoleBinding,
// CustomResourceDefinition. Other kinds, a missing name, and a namespaced kind
// without a namespace are kInvalidArgument. A namespace on a cluster-scoped
// kind is ignored.
absl::StatusOr<ObjectRef> RefOf(const base::Json& manifest);

// "/apis/apps/v1/namespaces/wandb/deployments/x", each segment escaped.
// kInvalidArgument when a part that must not be empty is, or when a part could
// leave its place in the path (".", "..", "/").
absl::StatusOr<std::string> PathOf(const ObjectRef& ref);
absl::StatusOr<std::string> PathOf(const CollectionRef& collection);

// "apps/v1", or "v1" for the core group.
std::string ApiVersionOf(const ObjectRef& ref);

// "ConfigMap": from RefOf()'s list, else what the ref says, which may be "".
std::string KnownKindOf(const CollectionRef& collection);

// For messages: `Deployment "wandb/wandb-controller-manager"`, `Namespace
// "wandb"`. Kinds that are not in RefOf()'s list are shown by their resource:
// `weightsandbiases.apps.wandb.com "default/wandb"`.
std::string Describe(const ObjectRef& ref);

// Total accessors of an object's head; "" when absent.
std::string KindOf(const base::Json& object);
std::string NameOf(const base::Json& object);
std::string NamespaceOf(const base::Json& object);
std::string UidOf(const base::Json& object);
std::string ResourceVersionOf(const base::Json& object);
// True when the object has a deletionTimestamp: it stays until its finalizers
// are gone, and writes to it succeed but are lost.
bool IsTerminating(const base::Json& object);

}  // namespace kube
