#include "kube/answer.h"

#include "absl/strings/str_cat.h"

namespace kube {
namespace {

using base::Json;

// What stands at `pointer`, for a message: short, on one line.
std::string Shown(const Json& object, absl::string_view pointer) {
  constexpr size_t kLongest = 100;
  const Json* value = base::Find(object, pointer);
  if (value == nullptr) return "absent";
  if (!value->is_string()) return "no text";
  if (value->get_ref<const std::string&>().size() > kLongest) return "long";
  return base::DumpJson(*value);
}

std::string Is(const Json& object, absl::string_view pointer) {
  std::string field(pointer.substr(1));
  for (char& c : field) {
    if (c == '/') c = '.';
  }
  return absl::StrCat(field, " is ", Shown(object, pointer));
}

bool Has(const Json& object, absl::string_view pointer,
         absl::string_view value) {
  return base::StringAt(object, pointer).value_or("") == value;
}

// For kinds that are not known by name, any but that of an error.
std::string WrongType(const Json& answer, const CollectionRef& collection,
                      absl::string_view suffix) {
  if (!Has(answer, "/apiVersion", ApiVersionOf(ObjectIn(collection, "")))) {
    return Is(answer, "/apiVersion");
  }
  const std::string known = KnownKindOf(collection);
  const std::string kind = KindOf(answer);
  const bool fits = known.empty() ? !kind.empty() && kind != "Status"
                                  : kind == absl::StrCat(known, suffix);
  return fits ? "" : Is(answer, "/kind");
}

std::string WrongPlace(const Json& object, const CollectionRef& collection) {
  if (NameOf(object).empty()) return Is(object, "/metadata/name");
  if (!collection.ns.empty() &&
      !Has(object, "/metadata/namespace", collection.ns)) {
    return Is(object, "/metadata/namespace");
  }
  return "";
}

std::string WrongItem(const Json& item, const CollectionRef& collection) {
  const std::string known = KnownKindOf(collection);
  if (item.contains("apiVersion") || item.contains("kind")) {
    std::string wrong = WrongType(item, collection, "");
    if (!wrong.empty()) return wrong;
  }
  std::string wrong = WrongPlace(item, collection);
  if (!wrong.empty()) return wrong;
  const bool computed = known.empty() && ResourceVersionOf(item).empty();
  return computed || !UidOf(item).empty() ? "" : Is(item, "/metadata/uid");
}

std::string Asked(const std::string& wrong, const std::string& what) {
  if (wrong.empty()) return "";
  return absl::StrCat(wrong, " where ", what, " was asked for");
}

std::string WhatIsIn(const CollectionRef& collection) {
  const std::string known = KnownKindOf(collection);
  std::string type = ApiVersionOf(ObjectIn(collection, ""));
  return absl::StrCat(
      known.empty() ? collection.resource : known, " of ", type,
      collection.ns.empty() ? "" : absl::StrCat(" in \"", collection.ns, "\""));
}

}  // namespace

std::string WrongObject(const Json& answer, const ObjectRef& ref,
                        absl::string_view uid) {
  const CollectionRef collection = CollectionOf(ref);
  std::string wrong = WrongType(answer, collection, "");
  if (wrong.empty() && NameOf(answer) != ref.name) {
    wrong = Is(answer, "/metadata/name");
  }
  if (wrong.empty() && NamespaceOf(answer) != ref.ns) {
    wrong = Is(answer, "/metadata/namespace");
  }
  const std::string has = UidOf(answer);
  if (wrong.empty() && (has.empty() || (!uid.empty() && has != uid))) {
    wrong = Is(answer, "/metadata/uid");
  }
  return Asked(wrong, absl::StrCat(Describe(ref), " of ", ApiVersionOf(ref)));
}

std::string WrongList(const Json& answer, const CollectionRef& collection) {
  std::string wrong = WrongType(answer, collection, "List");
  const Json* items = base::Find(answer, "/items");
  // Go writes an empty list as null if nobody made it.
  if (wrong.empty() &&
      (items == nullptr || (!items->is_array() && !items->is_null()))) {
    wrong = "items is no list";
  }
  if (wrong.empty() && items->is_array()) {
    for (const Json& item : *items) {
      wrong = WrongItem(item, collection);
      if (wrong.empty()) continue;
      wrong = absl::StrCat("of an item, ", wrong);
      break;
    }
  }
  return Asked(wrong, absl::StrCat("a list of ", WhatIsIn(collection)));
}

std::string WrongDeletion(const Json& answer, const ObjectRef& ref,
                          absl::string_view uid) {
  if (KindOf(answer) != "Status") return WrongObject(answer, ref, uid);
  std::string wrong;
  if (!Has(answer, "/apiVersion", "v1")) {
    wrong = Is(answer, "/apiVersion");
  } else if (!Has(answer, "/status", "Success")) {
    wrong = Is(answer, "/status");
  } else if (base::Find(answer, "/details/name") != nullptr &&
             !Has(answer, "/details/name", ref.name)) {
    wrong = Is(answer, "/details/name");
  } else if (!uid.empty() && base::Find(answer, "/details/uid") != nullptr &&
             !Has(answer, "/details/uid", uid)) {
    wrong = Is(answer, "/details/uid");
  }
  return Asked(wrong, absl::StrCat("the deletion of ", Describe(ref)));
}

std::string WrongEvent(const WatchEvent& event,
                       const CollectionRef& collection) {
  std::string wrong = WrongType(event.object, collection, "");
  if (wrong.empty() && event.type != WatchEvent::Type::kBookmark) {
    wrong = WrongPlace(event.object, collection);
    if (wrong.empty() && UidOf(event.object).empty()) {
      wrong = Is(event.object, "/metadata/uid");
    }
  }
  return Asked(wrong, absl::StrCat("an event about ", WhatIsIn(collection)));
}

}  // namespace kube
