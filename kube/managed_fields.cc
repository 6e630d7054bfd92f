#include "kube/managed_fields.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace kube {
namespace {

using base::Json;

bool PlainKey(absl::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string KeyText(const std::string& key) {
  return PlainKey(key) ? absl::StrCat(".", key)
                       : absl::StrCat("[", base::DumpJson(Json(key)), "]");
}

void CollectNamed(const Json& node, absl::string_view rest, KeyPath& path,
                  std::vector<KeyPath>& out) {
  if (!node.is_object() || !absl::ConsumePrefix(&rest, ".")) return;
  for (const auto& [key, below] : node.items()) {
    absl::string_view after = rest;
    if (!absl::ConsumePrefix(&after, key)) continue;
    path.push_back(key);
    if (after.empty() || (after[0] == '[' && below.is_array())) {
      out.push_back(path);
    } else {
      CollectNamed(below, after, path, out);
    }
    path.pop_back();
  }
}

// One step of fieldsV1: "f:name", "k:{...}", "v:value", "i:index".
std::string StepText(const std::string& step) {
  const std::string rest = step.size() > 2 ? step.substr(2) : "";
  if (absl::StartsWith(step, "f:")) {
    return KeyText(rest);
  }
  if (absl::StartsWith(step, "k:")) {
    auto keys = base::ParseJson(rest, "key");
    if (keys.ok() && keys->is_object()) {
      std::string out;
      for (const auto& [key, value] : keys->items()) {
        absl::StrAppend(&out, out.empty() ? "" : ",", key, "=", value.dump());
      }
      return absl::StrCat("[", out, "]");
    }
  }
  return absl::StrCat("[", rest, "]");
}

void Collect(const Json& fields, const std::string& path,
             std::vector<std::string>& out) {
  bool leaf = true;
  for (const auto& [step, below] : fields.items()) {
    if (step == kSelf) continue;
    leaf = false;
    const std::string next = path + StepText(step);
    if (below.is_object() && !below.empty()) {
      Collect(below, next, out);
    } else {
      out.push_back(next);
    }
  }
  if (leaf && !path.empty()) out.push_back(path);
}

// The part of `node` that `fields` name; null when that is nothing.
Json PartOf(const Json& node, const Json& fields) {
  if (!fields.is_object() || fields.empty()) {
    // A map that is owned as such says nothing of the keys that others set.
    return node.is_object() && !node.empty() ? Json() : node;
  }
  if (!node.is_object()) return nullptr;
  Json out = Json::object();
  for (const auto& [step, below] : fields.items()) {
    if (!absl::StartsWith(step, "f:")) continue;
    const auto it = node.find(step.substr(2));
    if (it == node.end()) continue;
    if (Json part = PartOf(*it, below); !part.is_null()) {
      out[it.key()] = std::move(part);
    }
  }
  return out.empty() ? Json() : out;
}

}  // namespace

ManagerEntry ParseManagerEntry(const Json& entry) {
  const auto text = [&entry](const char* pointer) {
    return base::StringAt(entry, pointer).value_or("");
  };
  const Json* fields = base::Find(entry, "/fieldsV1");
  return {text("/manager"),     text("/operation"),
          text("/subresource"), text("/apiVersion"),
          text("/time"),        fields == nullptr ? Json::object() : *fields};
}

std::vector<ManagerEntry> ManagersOf(const Json& object) {
  std::vector<ManagerEntry> out;
  for (const Json& entry : base::ListAt(object, "/metadata/managedFields")) {
    out.push_back(ParseManagerEntry(entry));
  }
  return out;
}

bool HasApplied(const Json& object, absl::string_view manager) {
  const auto entries = ManagersOf(object);
  return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.operation == "Apply" && entry.subresource.empty() &&
           entry.manager == manager;
  });
}

bool OwnsOnly(const Json& object, absl::string_view manager) {
  const auto entries = ManagersOf(object);
  const bool others =
      std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
        return entry.operation == "Apply" && entry.subresource.empty() &&
               entry.manager != manager;
      });
  return !others && HasApplied(object, manager);
}

Json PartOwnedBy(const Json& object,
                 const std::function<bool(const ManagerEntry&)>& by) {
  Json out;
  for (const ManagerEntry& entry : ManagersOf(object)) {
    if (!by(entry)) continue;
    const Json part = PartOf(object, entry.fields);
    if (part.is_null()) continue;
    if (out.is_null()) out = Json::object();
    // All parts are of one object, so that they cannot differ.
    out.merge_patch(part);
  }
  return out;
}

void UniteFields(Json& into, const Json& other) {
  for (const auto& [step, below] : other.items()) {
    const auto it = into.find(step);
    if (it == into.end()) {
      into[step] = below;
      continue;
    }
    // An empty node is a field; one with others below it is a field only if it
    // says so.
    if (it->empty() != below.empty()) (*it)[kSelf] = Json::object();
    if (!below.empty()) UniteFields(*it, below);
  }
}

Json FieldsHeldBy(const Json& object,
                  const std::function<bool(const ManagerEntry&)>& by) {
  Json out = Json::object();
  for (const ManagerEntry& entry : ManagersOf(object)) {
    if (entry.fields.is_object() && by(entry)) UniteFields(out, entry.fields);
  }
  return out;
}

std::vector<std::string> PathsOfFields(const Json& fields_v1) {
  std::vector<std::string> out;
  if (fields_v1.is_object()) Collect(fields_v1, "", out);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> OwnedPaths(const Json& object,
                                    absl::string_view manager) {
  for (const ManagerEntry& entry : ManagersOf(object)) {
    if (entry.operation == "Apply" && entry.subresource.empty() &&
        entry.manager == manager) {
      return PathsOfFields(entry.fields);
    }
  }
  return {};
}

std::vector<std::string> AppliersOf(const Json& object,
                                    absl::string_view path) {
  std::vector<std::string> out;
  for (const ManagerEntry& entry : ManagersOf(object)) {
    if (entry.operation != "Apply" || !entry.subresource.empty()) continue;
    const std::vector<std::string> paths = PathsOfFields(entry.fields);
    if (std::binary_search(paths.begin(), paths.end(), path)) {
      out.push_back(entry.manager);
    }
  }
  return out;
}

std::string TimeOfWrite(const Json& object, absl::string_view manager,
                        absl::string_view operation) {
  for (const ManagerEntry& entry : ManagersOf(object)) {
    if (entry.manager == manager && entry.operation == operation &&
        entry.subresource.empty()) {
      return entry.time;
    }
  }
  return "";
}

std::string FormatKeyPath(const KeyPath& path) {
  std::string out;
  for (const std::string& key : path) absl::StrAppend(&out, KeyText(key));
  return out;
}

std::vector<KeyPath> PathsNamed(const Json& body, absl::string_view field) {
  std::vector<KeyPath> out;
  KeyPath path;
  CollectNamed(body, field, path, out);
  return out;
}

bool HasPath(const Json& body, const KeyPath& path) {
  const Json* node = &body;
  for (const std::string& key : path) {
    if (!node->is_object()) return false;
    const auto it = node->find(key);
    if (it == node->end()) return false;
    node = &*it;
  }
  return true;
}

}  // namespace kube
