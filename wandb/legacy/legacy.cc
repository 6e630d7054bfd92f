#include "wandb/legacy/legacy.h"

#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "wandb/legacy/builder.h"
#include "wandb/settings/table.h"

namespace wandb {
namespace {

using base::Json;

struct Note {
  absl::string_view name;
  absl::string_view text;
};

absl::string_view TextOf(absl::Span<const Note> notes, absl::string_view name) {
  for (const Note& note : notes) {
    if (note.name == name) return note.text;
  }
  return "";
}

// Variables and values beside those of the settings, and where they are now.
constexpr Note kOtherVariables[] = {
    {"OIDC_CLIENT_SECRET", "global.auth.oidc.secret"},
};
constexpr Note kOtherValues[] = {
    {"extraCors", "global.extraEnv.GORILLA_CORS_ORIGINS"},
    {"image.repository", "app.image.repository"},
    {"image.tag", "app.image.tag"},
    {"ingress.enabled", "ingress.install"},
    {"ldap.enabled", "global.extraEnv.LOCAL_LDAP_LOGIN"},
};

// What has no place, and why. A note on a section is one on what is in it.
constexpr absl::string_view kPartOfMysql = "a part of MYSQL, which has it";
constexpr absl::string_view kOldMysql = "about the old chart's own MySQL";
constexpr Note kLostVariables[] = {
    {"BUCKET_QUEUE", "the chart sets internal:// itself"},
    {"DB", kPartOfMysql},
    {"DB_HOST", kPartOfMysql},
    {"DB_PASSWORD", kPartOfMysql},
    {"DB_USER", kPartOfMysql},
    {"LOCAL_RESTORE", "a way to start the old container alone"},
    {"WANDB_HELM_CHART", "names the old chart"},
};
// Which setting names the Secret that a variable comes from.
constexpr Note kSecretSettings[] = {
    {"AZURE_STORAGE_KEY", "bucket.secret"},
    {"DB_PASSWORD", "mysql.password_secret"},
    {"LICENSE", "license_secret"},
    {"OIDC_CLIENT_SECRET", "oidc.secret_ref"},
    {"OIDC_SECRET", "oidc.secret_ref"},
};
constexpr Note kLostValues[] = {
    {"bucketQueue", "the chart sets internal:// itself"},
    {"existingClaim",
     "files are in the volume of the old container: move them to a bucket"},
    {"extraEnv", "neither a map nor a list of variables"},
    {"image", "no value of the image of app"},
    {"ldap.tlsCert",
     "the chart mounts no certificate for LDAP: give it in "
     "global.customCACerts"},
    {"mysql", kOldMysql},
    {"resources", "about the one old container: see global.size"},
    {"serviceAccount",
     "each component has its own: see app.serviceAccount and so on"},
};
constexpr absl::string_view kNoSuchValue = "no value of the chart means it";

// Where the variable `name` is now; "" for nowhere.
absl::string_view PlaceOfVariable(absl::string_view name) {
  for (const SettingRow& row : SettingRows()) {
    if (!row.variable.empty() && row.variable == name) return row.path;
  }
  return TextOf(kOtherVariables, name);
}

// Where `name` of the chart's values is now; "" for nowhere.
absl::string_view PlaceOfValue(absl::string_view name) {
  for (const SettingRow& row : SettingRows()) {
    if (absl::c_linear_search(row.old_values, name)) return row.path;
  }
  return TextOf(kOtherValues, name);
}

absl::string_view ReasonOf(absl::string_view name) {
  const absl::string_view own = TextOf(kLostValues, name);
  if (!own.empty()) return own;
  const absl::string_view section =
      TextOf(kLostValues, name.substr(0, name.find('.')));
  return section.empty() ? kNoSuchValue : section;
}

std::string AsText(const Json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  return text != nullptr ? *text : base::DumpJson(value);
}

// The chart makes an Ingress of the host, and compares the license as it is.
std::string Tidied(absl::string_view path, absl::string_view text) {
  if (path != "global.host" && path != "global.license") {
    return std::string(text);
  }
  text = absl::StripAsciiWhitespace(text);
  while (path == "global.host" && absl::ConsumeSuffix(&text, "/")) {
  }
  return std::string(text);
}

void SetPlace(absl::string_view name, absl::string_view place,
              const Json& value, LegacyBuilder& out) {
  if (place == "global.bucket.kmsKey") return out.SetKmsKey(name, value);
  if (!value.is_string()) return out.Set(name, place, value);
  out.Set(name, place, Tidied(place, AsText(value)));
}

using Setter = void (LegacyBuilder::*)(const std::string&, const std::string&);

// Of variables that are more than one value.
Setter SetterOf(absl::string_view name) {
  constexpr std::pair<absl::string_view, Setter> kSetters[] = {
      {"AZURE_STORAGE_KEY", &LegacyBuilder::SetAzureKey},
      {"BUCKET", &LegacyBuilder::SetBucket},
      {"GORILLA_EMAIL_SINK", &LegacyBuilder::SetSmtp},
      {"MYSQL", &LegacyBuilder::SetMysql},
      {"REDIS", &LegacyBuilder::SetRedis},
  };
  for (const auto& [variable, setter] : kSetters) {
    if (variable == name) return setter;
  }
  return nullptr;
}

// Of BUCKET first: what else is known of the bucket depends on its provider.
void AddVariable(const std::string& name, const std::string& value,
                 LegacyBuilder& out) {
  if (const absl::string_view reason = TextOf(kLostVariables, name);
      !reason.empty()) {
    return out.Unmapped(name, reason);
  }
  if (const absl::string_view place = PlaceOfVariable(name); !place.empty()) {
    return SetPlace(name, place, value, out);
  }
  const Setter setter = SetterOf(name);
  if (setter == nullptr) return out.SetEnvironment(name, value);
  if (!value.empty()) (out.*setter)(name, value);
}

// `from` says where the value of the variable `name` is. Other variables than
// those of settings may stay references.
void AddReference(const std::string& name, const Json& from,
                  LegacyBuilder& out) {
  for (const char* kind : {"secretKeyRef", "configMapKeyRef"}) {
    const auto object = base::StringAt(from, absl::StrCat("/", kind, "/name"));
    const auto key = base::StringAt(from, absl::StrCat("/", kind, "/key"));
    if (!object.has_value() || !key.has_value()) continue;
    if (PlaceOfVariable(name).empty() && SetterOf(name) == nullptr &&
        TextOf(kLostVariables, name).empty()) {
      return out.SetEnvironment(name, Json{{"valueFrom", from}});
    }
    const absl::string_view setting = TextOf(kSecretSettings, name);
    return out.Unmapped(
        name, absl::StrCat("valueFrom: the value is key ", *key, " of the ",
                           kind[0] == 's' ? "Secret " : "ConfigMap ", *object,
                           setting.empty() ? "" : ", which ", setting,
                           setting.empty() ? "" : " may name"));
  }
  out.Unmapped(name,
               "valueFrom: neither a value nor a key of a Secret or ConfigMap");
}

// `text` with the values of `known` in place of $(NAME), as Kubernetes does it:
// one that is not known stays, and $$ is a $.
std::string Expanded(absl::string_view text,
                     const std::map<std::string, std::string>& known) {
  std::string out;
  while (!text.empty()) {
    if (absl::ConsumePrefix(&text, "$$")) {
      out += '$';
      continue;
    }
    const size_t end =
        absl::StartsWith(text, "$(") ? text.find(')') : absl::string_view::npos;
    const auto value = end == absl::string_view::npos
                           ? known.end()
                           : known.find(std::string(text.substr(2, end - 2)));
    if (value == known.end()) {
      out += text[0];
      text.remove_prefix(1);
    } else {
      out += value->second;
      text.remove_prefix(end + 1);
    }
  }
  return out;
}

void AddVariables(const std::map<std::string, std::string>& variables,
                  LegacyBuilder& out) {
  const auto bucket = variables.find("BUCKET");
  if (bucket != variables.end()) {
    AddVariable(bucket->first, bucket->second, out);
  }
  for (const auto& [name, value] : variables) {
    if (name != "BUCKET") AddVariable(name, value, out);
  }
}

// A list as containers have it, or a map.
void AddEnvironment(const Json& list, LegacyBuilder& out) {
  std::map<std::string, std::string> variables;
  if (list.is_object()) {
    for (const auto& [name, value] : list.items()) {
      variables[name] = AsText(value);
    }
    return AddVariables(variables, out);
  }
  for (const Json& variable : list) {
    const auto name = base::StringAt(variable, "/name");
    const Json* value = base::Find(variable, "/value");
    const Json* from = base::Find(variable, "/valueFrom");
    if (!name.has_value()) {
      out.Unmapped("(nameless)", "a variable without a name");
    } else if (from != nullptr) {
      AddReference(*name, *from, out);
    } else {
      variables[*name] =
          value == nullptr ? "" : Expanded(AsText(*value), variables);
    }
  }
  AddVariables(variables, out);
}

// The hosts beside the main one.
void AddHosts(const Json& values, const Json& hosts, LegacyBuilder& out) {
  std::string main = base::StringAt(values, "/host").value_or("");
  main = Tidied("global.host", main);
  if (const size_t scheme = main.find("://"); scheme != std::string::npos) {
    main = main.substr(scheme + 3);
  }
  Json more = Json::array();
  for (const Json& each : hosts) {
    const auto host = base::StringAt(each, "/host");
    if (host.has_value() && *host != main) more.push_back(*host);
  }
  if (!more.empty()) out.Set("ingress.hosts", "ingress.additionalHosts", more);
}

// The old chart has a default for the user, and no port of its own.
void AddMysql(const Json& mysql, LegacyBuilder& out) {
  std::string address = base::StringAt(mysql, "/host").value_or("");
  const bool own = !address.empty();
  if (const size_t colon = address.rfind(':');
      colon != std::string::npos && !absl::EndsWith(address, "]")) {
    int port = 0;
    if (absl::SimpleAtoi(address.substr(colon + 1), &port)) {
      out.Set("mysql.host", "global.mysql.port", port);
      address = address.substr(0, colon);
    }
  }
  out.Set("mysql.host", "global.mysql.host", address);
  out.SetMysqlLogin(
      "mysql.user",
      base::StringAt(mysql, "/user").value_or(own ? "wandb_local" : ""),
      "mysql.password", base::StringAt(mysql, "/password").value_or(""));
  const auto managed = base::BoolAt(mysql, "/managed");
  if (own || managed.has_value()) {
    out.Set("mysql.managed", "mysql.install", !own && *managed);
  }
  if (!own && managed == true) {
    out.Unmapped("mysql.managed",
                 "the data stay in the old chart's own MySQL: move them, or "
                 "keep it and give its address");
  }
}

void AddChartValue(const Json& values, const std::string& key,
                   const Json& value, LegacyBuilder& out) {
  if (value.is_null() || value == Json("")) return;
  if (value.is_structured() && value.empty()) return;
  if (key == "bucket" && value.is_string()) return;  // It comes first.
  if (key == "redis" && value.is_string()) {
    return out.SetRedis(key, AsText(value));
  }
  if (key == "smtpServer" && value.is_string()) {
    return out.SetSmtp(key, AsText(value));
  }
  if (key == "extraEnv" && value.is_structured()) {
    return AddEnvironment(value, out);
  }
  if (key == "ingress.hosts" && value.is_array()) {
    return AddHosts(values, value, out);
  }
  if ((value.is_string() && (key == "mysql.host" || key == "mysql.user" ||
                             key == "mysql.password")) ||
      (value.is_boolean() && key == "mysql.managed")) {
    return;  // AddMysql() has them.
  }
  if (absl::StartsWith(key, "sso.") &&
      base::BoolAt(values, "/sso/enabled") == false) {
    return key == "sso.enabled" ? void()
                                : out.Unmapped(key, "sso.enabled is false");
  }
  if (key == "sso.enabled" && value.is_boolean()) {
    const auto method = base::StringAt(values, "/sso/method");
    if (!method.value_or("").empty()) return;
    return out.Set("sso.method", "global.auth.oidc.authMethod", "implicit");
  }
  if (key == "sso.autoProvision" && value.is_boolean()) {
    return out.SetEnvironment("GORILLA_DISABLE_SSO_PROVISIONING",
                              value == Json(true) ? "false" : "true");
  }
  if (const absl::string_view place = PlaceOfValue(key); !place.empty()) {
    if (!absl::StartsWith(place, "global.extraEnv.")) {
      return SetPlace(key, place, value, out);
    }
    // Variables of an environment are text.
    return value.is_structured()
               ? out.Unmapped(key, "a variable of the environment is text")
               : out.Set(key, place, AsText(value));
  }
  const bool section = key == "image" || key == "mysql" || key == "sso" ||
                       key == "ldap" || key == "ingress";
  if (section && value.is_object()) {
    if (key == "mysql") AddMysql(value, out);
    for (const auto& [name, field] : value.items()) {
      AddChartValue(values, absl::StrCat(key, ".", name), field, out);
    }
    return;
  }
  out.Unmapped(key, ReasonOf(key));
}

}  // namespace

LegacyValues FromLegacyEnvironment(
    const std::map<std::string, std::string>& environment) {
  LegacyBuilder out;
  AddVariables(environment, out);
  return std::move(out).Take();
}

LegacyValues FromLegacyContainer(const Json& container) {
  LegacyBuilder out;
  if (const Json* list = base::Find(container, "/env"); list != nullptr) {
    AddEnvironment(*list, out);
  }
  if (base::Find(container, "/envFrom/0") != nullptr) {
    out.Unmapped("envFrom",
                 "the variables of whole Secrets and ConfigMaps have no values "
                 "here: give them in env");
  }
  return std::move(out).Take();
}

LegacyValues FromLegacyChart(const Json& values) {
  LegacyBuilder out;
  if (!values.is_object()) return std::move(out).Take();
  const auto bucket = base::StringAt(values, "/bucket");
  if (bucket.has_value() && !bucket->empty()) out.SetBucket("bucket", *bucket);
  for (const auto& [key, value] : values.items()) {
    AddChartValue(values, key, value, out);
  }
  return std::move(out).Take();
}

}  // namespace wandb
