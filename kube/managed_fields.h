// Who owns what in an object, from its metadata.managedFields. Pure; an object
// without them, or with ones of another shape, has no managers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace kube {

// The annotation in which `kubectl apply` keeps what it applied last.
inline constexpr char kLastApplied[] =
    "kubectl.kubernetes.io/last-applied-configuration";

// In fieldsV1: the node itself, beside what is below it.
inline constexpr char kSelf[] = ".";

struct ManagerEntry {
  std::string manager;
  std::string operation;    // "Apply" or "Update".
  std::string subresource;  // "status", "scale", or "".
  std::string api_version;
  std::string time;   // RFC 3339; of the last change, "" if absent.
  base::Json fields;  // fieldsV1.
};

std::vector<ManagerEntry> ManagersOf(const base::Json& object);

// One element of metadata.managedFields.
ManagerEntry ParseManagerEntry(const base::Json& entry);

// True when `manager` has an Apply entry and no other manager has one. Entries
// for subresources (a controller's status) do not count.
bool OwnsOnly(const base::Json& object, absl::string_view manager);

// True when `manager` has an Apply entry.
bool HasApplied(const base::Json& object, absl::string_view manager);

// The managers whose Apply entry on the object itself has the leaf `path`, as
// OwnedPaths() spells it.
std::vector<std::string> AppliersOf(const base::Json& object,
                                    absl::string_view path);

// Leaves that `manager` owns by Apply, sorted: ".spec.replicas",
// ".spec.containers[name=\"x\"].image", ".metadata.finalizers[\"f\"]" (a set's
// value). Keys other than [A-Za-z0-9_-]+ are written ["a.b/c"]; in a
// FieldConflict the server writes those bare, as ".a.b/c".
std::vector<std::string> OwnedPaths(const base::Json& object,
                                    absl::string_view manager);

// The same for one fieldsV1 value.
std::vector<std::string> PathsOfFields(const base::Json& fields_v1);

// The part of `object` whose fields belong to a manager that `by` accepts;
// others may own the same fields. Maps only: a list is one field, and what is
// set in its elements one by one (in kinds with a schema) is left out, as are
// nulls. Null when there is nothing.
base::Json PartOwnedBy(const base::Json& object,
                       const std::function<bool(const ManagerEntry&)>& by);

// Both fieldsV1 sets in `into`.
void UniteFields(base::Json& into, const base::Json& other);

// What the managers that `by` accepts hold together, as fieldsV1.
base::Json FieldsHeldBy(const base::Json& object,
                        const std::function<bool(const ManagerEntry&)>& by);

// Time of the entry of `manager` with that operation on the object itself, or
// "": what the server leaves out of a conflict with an Apply.
std::string TimeOfWrite(const base::Json& object, absl::string_view manager,
                        absl::string_view operation);

// The way to a field by the keys of maps. A list is one field.
using KeyPath = std::vector<std::string>;

// As OwnedPaths() spells it: `.metadata.annotations["a.b/c"]`.
std::string FormatKeyPath(const KeyPath& path);

// The paths in `body` that `field` of a FieldConflict may mean. The server
// writes keys bare, so `.a.b/c` is one path unless `body` has both a key "a"
// with "b/c" below it and a key "a.b/c": then it is both. What is inside a list
// stands for the list. Empty when `body` has no such path.
std::vector<KeyPath> PathsNamed(const base::Json& body,
                                absl::string_view field);

// Whether `body` has the path.
bool HasPath(const base::Json& body, const KeyPath& path);

}  // namespace kube
