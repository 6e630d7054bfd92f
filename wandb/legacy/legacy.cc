#include "wandb/legacy/legacy.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/percent.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/table.h"

namespace wandb {
namespace {

using base::Json;

struct Url {
  std::string scheme, user, password, host, path;
  std::optional<int> port;
  std::map<std::string, std::string> query;
};

std::optional<Url> ParseUrl(absl::string_view text) {
  Url url;
  const size_t scheme = text.find("://");
  if (scheme == absl::string_view::npos || scheme == 0) return std::nullopt;
  url.scheme = std::string(text.substr(0, scheme));
  text.remove_prefix(scheme + 3);
  const size_t question = text.find('?');
  if (question != absl::string_view::npos) {
    for (const absl::string_view pair :
         absl::StrSplit(text.substr(question + 1), '&', absl::SkipEmpty())) {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(pair, absl::MaxSplits('=', 1));
      url.query[base::PercentDecoded(parts.first)] =
          base::PercentDecoded(parts.second);
    }
    text = text.substr(0, question);
  }
  const size_t slash = text.find('/');
  absl::string_view authority = text.substr(0, slash);
  if (slash != absl::string_view::npos) {
    url.path = base::PercentDecoded(text.substr(slash + 1));
  }
  const size_t at = authority.rfind('@');
  if (at != absl::string_view::npos) {
    const std::pair<absl::string_view, absl::string_view> login =
        absl::StrSplit(authority.substr(0, at), absl::MaxSplits(':', 1));
    url.user = base::PercentDecoded(login.first);
    url.password = base::PercentDecoded(login.second);
    authority.remove_prefix(at + 1);
  }
  const size_t colon = authority.rfind(':');
  if (colon != absl::string_view::npos) {
    int port = 0;
    if (!absl::SimpleAtoi(authority.substr(colon + 1), &port)) {
      return std::nullopt;
    }
    url.port = port;
    authority = authority.substr(0, colon);
  }
  url.host = std::string(authority);
  if (url.host.empty()) return std::nullopt;
  return url;
}

class Builder {
 public:
  // `path` is dotted; "" values are left out.
  void Set(absl::string_view path, Json value) {
    if (value.is_null() || value == Json("")) return;
    Json* at = &out_.values;
    for (const absl::string_view key : absl::StrSplit(path, '.')) {
      at = &(*at)[std::string(key)];
    }
    *at = std::move(value);
  }
  void SetEnvironment(const std::string& name, const std::string& value) {
    out_.values["global"]["extraEnv"][name] = value;
  }
  void Unmapped(const std::string& name) { out_.unmapped.push_back(name); }

  void SetBucket(const std::string& name, const std::string& text) {
    const auto url = ParseUrl(text);
    if (!url.has_value()) return Unmapped(name);
    if (url->scheme == "s3" || url->scheme == "cw") {
      // Without a path the host is the bucket; else it is the server.
      Set("global.bucket.name",
          url->path.empty() || !Server(*url) ? url->host : ServerOf(*url));
      Set("global.bucket.path", url->path);
      Set("global.bucket.accessKey", url->user);
      Set("global.bucket.secretKey", url->password);
    } else if (url->scheme == "gs" || url->scheme == "az") {
      Set("global.bucket.name", url->host);
      Set("global.bucket.path", url->path);
      Set("global.bucket.accessKey", url->password);
    } else {
      return Unmapped(name);
    }
    Set("global.bucket.provider",
        url->scheme == "gs" ? std::string("gcs") : url->scheme);
  }

  void SetMysql(const std::string& name, const std::string& text) {
    const auto url = ParseUrl(text);
    if (!url.has_value() || url->scheme != "mysql") return Unmapped(name);
    Set("global.mysql.host", url->host);
    Set("global.mysql.port", url->port.value_or(3306));
    Set("global.mysql.user", url->user);
    Set("global.mysql.password", url->password);
    Set("global.mysql.database", url->path);
    Set("mysql.install", false);
    if (!url->query.empty()) Unmapped(absl::StrCat(name, " (query)"));
  }

  void SetRedis(const std::string& name, const std::string& text) {
    const auto url = ParseUrl(text);
    if (!url.has_value() ||
        (url->scheme != "redis" && url->scheme != "rediss")) {
      return Unmapped(name);
    }
    Set("global.redis.host", url->host);
    Set("global.redis.port", url->port.value_or(6379));
    Set("global.redis.password", url->password);
    for (const auto& [key, value] : url->query) {
      out_.values["global"]["redis"]["params"][key] = value;
    }
    if (url->scheme == "rediss") {
      out_.values["global"]["redis"]["params"]["tls"] = "true";
    }
    Set("redis.install", false);
    if (!url->path.empty()) Unmapped(absl::StrCat(name, " (database)"));
  }

  void SetSmtp(const std::string& name, const std::string& text) {
    const auto url = ParseUrl(text);
    if (!url.has_value() || !absl::StartsWith(url->scheme, "smtp")) {
      return Unmapped(name);
    }
    Set("global.email.smtp.host", url->host);
    Set("global.email.smtp.port", url->port.value_or(587));
    Set("global.email.smtp.user", url->user);
    Set("global.email.smtp.password", url->password);
  }

  LegacyValues Take() && { return std::move(out_); }

 private:
  static bool Server(const Url& url) {
    return url.port.has_value() || absl::StrContains(url.host, ".");
  }
  static std::string ServerOf(const Url& url) {
    return url.port.has_value() ? absl::StrCat(url.host, ":", *url.port)
                                : url.host;
  }

  LegacyValues out_;
};

struct Place {
  absl::string_view name;
  absl::string_view path;
};

// What is no setting, or one of a single component.
constexpr Place kOtherValues[] = {
    {"image.repository", "app.image.repository"},
    {"image.tag", "app.image.tag"},
    {"mysql.managed", "mysql.install"},
    {"ldap.enabled", "global.extraEnv.LOCAL_LDAP_LOGIN"},
};

// Where the variable `name` is now; "" for nowhere.
absl::string_view PlaceOfVariable(absl::string_view name) {
  for (const SettingRow& row : SettingRows()) {
    if (!row.variable.empty() && row.variable == name) return row.path;
  }
  return "";
}

// Where `name` of the chart's values is now; "" for nowhere.
absl::string_view PlaceOfValue(absl::string_view name) {
  for (const Place& place : kOtherValues) {
    if (place.name == name) return place.path;
  }
  for (const SettingRow& row : SettingRows()) {
    if (absl::c_linear_search(row.old_values, name)) return row.path;
  }
  return "";
}

std::string AsText(const Json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  return text != nullptr ? *text : base::DumpJson(value);
}

void AddEnvironment(const Json& list, Builder& out) {
  if (list.is_object()) {
    for (const auto& [name, value] : list.items()) {
      out.SetEnvironment(name, AsText(value));
    }
    return;
  }
  for (const Json& variable : list) {
    const auto name = base::StringAt(variable, "/name");
    const Json* value = base::Find(variable, "/value");
    if (name.has_value() && value != nullptr) {
      out.SetEnvironment(*name, AsText(*value));
    } else {
      out.Unmapped(absl::StrCat("extraEnv ", name.value_or("(nameless)")));
    }
  }
}

void AddChartValue(const std::string& key, const Json& value, Builder& out) {
  if (value.is_null() || value == Json("")) return;
  if (const absl::string_view place = PlaceOfValue(key); !place.empty()) {
    if (!absl::StartsWith(place, "global.extraEnv.")) {
      return out.Set(place, value);
    }
    // Variables of an environment are text.
    return value.is_structured() ? out.Unmapped(key)
                                 : out.Set(place, AsText(value));
  }
  if (key == "bucket" && value.is_string()) {
    return out.SetBucket(key, AsText(value));
  }
  if (key == "redis" && value.is_string()) {
    return out.SetRedis(key, AsText(value));
  }
  if (key == "smtpServer" && value.is_string()) {
    return out.SetSmtp(key, AsText(value));
  }
  if (key == "extraEnv" && value.is_structured()) {
    return AddEnvironment(value, out);
  }
  const bool section = key == "image" || key == "mysql" || key == "sso" ||
                       key == "ldap" || key == "ingress";
  if (section && value.is_object()) {
    for (const auto& [name, field] : value.items()) {
      AddChartValue(absl::StrCat(key, ".", name), field, out);
    }
    return;
  }
  out.Unmapped(key);
}

}  // namespace

LegacyValues FromLegacyEnvironment(
    const std::map<std::string, std::string>& environment) {
  Builder out;
  for (const auto& [name, value] : environment) {
    if (name == "BUCKET") {
      out.SetBucket(name, value);
    } else if (name == "MYSQL") {
      out.SetMysql(name, value);
    } else if (name == "REDIS") {
      out.SetRedis(name, value);
    } else if (const absl::string_view place = PlaceOfVariable(name);
               !place.empty()) {
      out.Set(place, value);
    } else {
      out.SetEnvironment(name, value);
    }
  }
  return std::move(out).Take();
}

LegacyValues FromLegacyChart(const Json& values) {
  Builder out;
  if (values.is_object()) {
    for (const auto& [key, value] : values.items()) {
      AddChartValue(key, value, out);
    }
  }
  return std::move(out).Take();
}

}  // namespace wandb
