#include "resources/operator/private_data.h"

#include <utility>

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

std::string OperatorRecord::UidOf(const std::string& key) const {
  const auto found = uids.find(key);
  return found == uids.end() ? "" : found->second;
}

void OperatorRecord::Forget(const std::string& key) {
  live.erase(key);
  uids.erase(key);
}

}  // namespace resources
