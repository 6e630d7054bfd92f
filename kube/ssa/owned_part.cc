#include "kube/ssa/owned_part.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "kube/managed_fields.h"

namespace ssa {
namespace {

// What changes with every write, or names the write itself.
base::Json WithoutBookkeeping(base::Json object) {
  object.erase("status");
  if (auto metadata = object.find("metadata"); metadata != object.end()) {
    for (const char* key : {"managedFields", "resourceVersion", "generation",
                            "creationTimestamp", "uid"}) {
      metadata->erase(key);
    }
  }
  return object;
}

const base::Json* ByName(const base::Json& list, const base::Json& name) {
  for (const base::Json& element : list) {
    const base::Json* other = base::Find(element, "/name");
    if (other != nullptr && *other == name) return &element;
  }
  return nullptr;
}

// Whether the server keeps `list` by the names of its elements. References to
// objects, such as a binding's subjects, are one field all together: two of
// them may have the same name.
bool IsKeyedByName(const base::Json& list) {
  return !list.empty() &&
         std::all_of(list.begin(), list.end(), [](const base::Json& element) {
           return element.is_object() && element.contains("name") &&
                  !element.contains("kind");
         });
}

base::Json OwnedList(const base::Json& body, const base::Json& live) {
  if (!live.is_array()) return live;
  const bool named = IsKeyedByName(body) && IsKeyedByName(live);
  if (!named && body.size() != live.size()) return live;
  base::Json out = base::Json::array();
  for (size_t i = 0; i < body.size(); ++i) {
    const base::Json* other = named ? ByName(live, body[i]["name"]) : &live[i];
    out.push_back(other == nullptr ? base::Json() : OwnedPart(body[i], *other));
  }
  return out;
}

}  // namespace

base::Json OwnedPart(const base::Json& body, const base::Json& live) {
  if (body.is_object() && live.is_object()) {
    base::Json out = base::Json::object();
    for (const auto& [key, value] : body.items()) {
      auto it = live.find(key);
      out[key] = it == live.end() ? base::Json() : OwnedPart(value, *it);
    }
    return out;
  }
  if (body.is_array()) return OwnedList(body, live);
  return live;
}

absl::Time WriteTime(const base::Json& live, const std::string& manager) {
  absl::Time time;
  std::string error;
  return absl::ParseTime(absl::RFC3339_full,
                         kube::TimeOfWrite(live, manager, "Apply"), &time,
                         &error)
             ? time
             : absl::Now();
}

bool SameObject(const base::Json& a, const base::Json& b) {
  return WithoutBookkeeping(a) == WithoutBookkeeping(b);
}

}  // namespace ssa
