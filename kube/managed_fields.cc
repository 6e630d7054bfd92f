#include "kube/managed_fields.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kube {
namespace {

using base::Json;

bool PlainKey(absl::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// One step of fieldsV1: "f:name", "k:{...}", "v:value", "i:index".
std::string StepText(const std::string& step) {
  const std::string rest = step.size() > 2 ? step.substr(2) : "";
  if (absl::StartsWith(step, "f:")) {
    return PlainKey(rest) ? absl::StrCat(".", rest)
                          : absl::StrCat("[", Json(rest).dump(), "]");
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
    if (step == ".") continue;
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

}  // namespace

std::vector<ManagerEntry> ManagersOf(const Json& object) {
  std::vector<ManagerEntry> out;
  const Json* entries = base::Find(object, "/metadata/managedFields");
  if (entries == nullptr || !entries->is_array()) return out;
  for (const Json& entry : *entries) {
    const auto text = [&entry](const char* pointer) {
      return base::StringAt(entry, pointer).value_or("");
    };
    const Json* fields = base::Find(entry, "/fieldsV1");
    out.push_back({text("/manager"), text("/operation"), text("/subresource"),
                   text("/apiVersion"), text("/time"),
                   fields == nullptr ? Json::object() : *fields});
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

}  // namespace kube
