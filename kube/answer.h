// Whether an answer is about what was asked for. Pure; internal to kube/.
//
// A proxy, a gateway or another server may answer any request with HTTP 200 and
// some JSON. Taken for the object it would say that all fields are gone.
//
// Each function returns what is wrong as the end of a sentence ("kind is
// \"Pod\" where ConfigMap \"ns/x\" was asked for"), or "".
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "kube/call_options.h"
#include "kube/object_ref.h"

namespace kube {

// The object itself, with a uid: dry runs have one too, even if they create.
// `uid` is the one that it must have, "" for any.
std::string WrongObject(const base::Json& answer, const ObjectRef& ref,
                        absl::string_view uid = "");

// A list of the kind. Items leave out apiVersion and kind, but say nothing
// else. What is computed at each request (metrics) has no uid.
std::string WrongList(const base::Json& answer,
                      const CollectionRef& collection);

// The object on its way out, or a Status of Success; its details may be absent.
std::string WrongDeletion(const base::Json& answer, const ObjectRef& ref,
                          absl::string_view uid);

// An object of `collection`. Bookmarks have no name.
std::string WrongEvent(const WatchEvent& event,
                       const CollectionRef& collection);

}  // namespace kube
