#include "resources/operator/private_data.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "kube/managed_fields.h"
#include "kube/migrate_managers.h"
#include "resources/owner.h"

namespace resources {
namespace {

using base::Json;
using Texts = std::map<std::string, std::string>;

constexpr char kVersionKey[] = "version";
constexpr char kLive[] = "live";
constexpr char kUids[] = "uids";
constexpr char kManager[] = "manager";
constexpr char kImported[] = "imported";

// Takes `key` out of `json`; null if it is not there.
Json Take(const char* key, Json& json) {
  const auto found = json.find(key);
  if (found == json.end()) return {};
  Json value = std::move(*found);
  json.erase(found);
  return value;
}

Texts TextsOf(const Json& json) {
  Texts texts;
  if (!json.is_object()) return texts;
  for (const auto& [key, value] : json.items()) {
    if (value.is_string()) texts.emplace(key, value.get<std::string>());
  }
  return texts;
}

}  // namespace

OperatorRecord OperatorRecord::FromJson(const Json& json) {
  OperatorRecord record;
  if (!json.is_object()) return record;
  record.rest = json;
  Take(kVersionKey, record.rest);  // Every version so far reads the same.
  record.live = TextsOf(Take(kLive, record.rest));
  record.uids = TextsOf(Take(kUids, record.rest));
  const Json manager = Take(kManager, record.rest);
  if (manager.is_string()) record.manager = manager.get<std::string>();
  record.imported = Take(kImported, record.rest) == Json(true);
  return record;
}

Json OperatorRecord::ToJson() const {
  if (IsEmpty()) return Json::object();
  Json json = rest;
  json[kVersionKey] = kVersion;
  if (!live.empty()) json[kLive] = live;
  if (!uids.empty()) json[kUids] = uids;
  if (!manager.empty()) json[kManager] = manager;
  if (imported) json[kImported] = true;
  return json;
}

void OperatorRecord::Recover(const Json& deployment, const std::string& now) {
  if (!IsLost() || deployment.is_null()) return;
  const std::vector<std::string> own = ManagersNamingOwner(deployment);
  std::string written;
  for (const std::string& each : own) {
    written = std::max(written, kube::TimeOfWrite(deployment, each, "Apply"));
  }
  const auto managers = kube::ManagersOf(deployment);
  imported = own.empty() ||
             std::any_of(managers.begin(), managers.end(), [&](const auto& it) {
               return it.subresource.empty() && kube::IsEarlierTool(it) &&
                      it.time <= written;
             });
  if (own.empty()) return;
  const bool is_current = std::find(own.begin(), own.end(), now) != own.end();
  manager = is_current ? now : own.front();
}

std::string OperatorRecord::UidOf(const std::string& key) const {
  const auto found = uids.find(key);
  return found == uids.end() ? "" : found->second;
}

void OperatorRecord::Forget(const std::string& key) {
  live.erase(key);
  uids.erase(key);
}

}  // namespace resources
