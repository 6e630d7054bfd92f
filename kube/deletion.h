// Objects that are deleted, on their way out, or replaced by others. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "kube/object_ref.h"

namespace kube {

// What has become of the object that had a uid.
enum class Fate {
  kThere,
  kDying,  // IsTerminating(): only finalizers hold it still.
  kGone,
  kReplaced,  // Another object has its name.
};

// `live` is what has the name now, or null. With "" any object is the same.
Fate FateOf(const base::Json* live, absl::string_view uid);

// What holds an object that is deleted: its finalizers, and a namespace's own.
std::vector<std::string> FinalizersOf(const base::Json& object);

// What a namespace that is being deleted says of what is left to do, from its
// conditions: "NamespaceContentRemaining: Some resources are remaining: pods.
// has 1 resource instances". Empty where they say nothing (yet).
std::vector<std::string> RemainsOf(const base::Json& ns);

// Of an object that IsTerminating(), for messages: "is being deleted since
// 2026-01-01T00:00:00Z, and held by the finalizers a, b". Of a namespace it
// says RemainsOf() in place of the finalizer "kubernetes", which goes with the
// last of that. Who deleted it is in no object; the API server's audit log has
// it.
std::string DescribeDeletion(const base::Json& object);

// The same for every fate, as sentences, with the name and what is known of who
// acted: the maker of the object that has the name now.
std::string DescribeFate(const ObjectRef& ref, const base::Json* live,
                         absl::string_view uid);

// "kubectl get secrets x --namespace=n -o yaml"
std::string LookCommand(const ObjectRef& ref);

// `status` of a wait for the end of an object, of which `live` was seen last
// (null if nothing was): if the time ran out, it says what holds the object and
// how to look further, and IsHeld() is true.
absl::Status NoteHeld(const absl::Status& status, const ObjectRef& ref,
                      const base::Json& live);
// Whether finalizers, and not too little time, were the cause.
bool IsHeld(const absl::Status& status);

}  // namespace kube
