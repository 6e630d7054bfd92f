#include "wandb/settings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "wandb/catalogue.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

struct Row {
  absl::string_view setting;
  absl::string_view path;
};

constexpr Row kRows[] = {
    {"host", "global.host"},
    {"license", "global.license"},
    {"license_secret.name", "global.licenseSecret.name"},
    {"license_secret.key", "global.licenseSecret.key"},
    {"size", "global.size"},
    {"session_length_hours", "global.auth.sessionLengthHours"},
    {"bucket.provider", "global.bucket.provider"},
    {"bucket.name", "global.bucket.name"},
    {"bucket.path", "global.bucket.path"},
    {"bucket.region", "global.bucket.region"},
    {"bucket.kms_key", "global.bucket.kmsKey"},
    {"bucket.access_key", "global.bucket.accessKey"},
    {"bucket.secret_key", "global.bucket.secretKey"},
    {"bucket.secret.name", "global.bucket.secret.secretName"},
    {"bucket.secret.access_key_name", "global.bucket.secret.accessKeyName"},
    {"bucket.secret.secret_key_name", "global.bucket.secret.secretKeyName"},
    {"default_bucket.provider", "global.defaultBucket.provider"},
    {"default_bucket.name", "global.defaultBucket.name"},
    {"default_bucket.path", "global.defaultBucket.path"},
    {"default_bucket.region", "global.defaultBucket.region"},
    {"default_bucket.kms_key", "global.defaultBucket.kmsKey"},
    {"default_bucket.access_key", "global.defaultBucket.accessKey"},
    {"default_bucket.secret_key", "global.defaultBucket.secretKey"},
    {"default_bucket.secret.name", "global.defaultBucket.secret.secretName"},
    {"default_bucket.secret.access_key_name",
     "global.defaultBucket.secret.accessKeyName"},
    {"default_bucket.secret.secret_key_name",
     "global.defaultBucket.secret.secretKeyName"},
    {"mysql.host", "global.mysql.host"},
    {"mysql.port", "global.mysql.port"},
    {"mysql.database", "global.mysql.database"},
    {"mysql.user", "global.mysql.user"},
    {"mysql.password", "global.mysql.password"},
    {"mysql.ca_cert", "global.mysql.caCert"},
    {"mysql.password_secret.name", "global.mysql.passwordSecret.name"},
    {"mysql.password_secret.password_key",
     "global.mysql.passwordSecret.passwordKey"},
    {"redis.host", "global.redis.host"},
    {"redis.port", "global.redis.port"},
    {"redis.password", "global.redis.password"},
    {"redis.ca_cert", "global.redis.caCert"},
    {"redis.params", "global.redis.params"},
    {"redis.secret.name", "global.redis.secret.secretName"},
    {"redis.secret.key", "global.redis.secret.secretKey"},
    {"ldap.address", "global.extraEnv.LOCAL_LDAP_ADDRESS"},
    {"ldap.base_dn", "global.extraEnv.LOCAL_LDAP_BASE_DN"},
    {"ldap.bind_dn", "global.extraEnv.LOCAL_LDAP_BIND_DN"},
    {"ldap.bind_password", "global.extraEnv.LOCAL_LDAP_BIND_PW"},
    {"ldap.attributes", "global.extraEnv.LOCAL_LDAP_ATTRIBUTES"},
    {"ldap.group_allow_list", "global.extraEnv.LOCAL_LDAP_GROUP_ALLOW_LIST"},
    {"ldap.tls", "global.extraEnv.LOCAL_LDAP_TLS_ENABLE"},
    {"oidc.client_id", "global.auth.oidc.clientId"},
    {"oidc.secret", "global.auth.oidc.secret"},
    {"oidc.auth_method", "global.auth.oidc.authMethod"},
    {"oidc.issuer", "global.auth.oidc.issuer"},
    {"oidc.secret_ref.name", "global.auth.oidc.oidcSecret.name"},
    {"oidc.secret_ref.key", "global.auth.oidc.oidcSecret.secretKey"},
    {"smtp.host", "global.email.smtp.host"},
    {"smtp.port", "global.email.smtp.port"},
    {"smtp.user", "global.email.smtp.user"},
    {"smtp.password", "global.email.smtp.password"},
    {"smtp.mail_from", "global.email.smtp.mailFrom"},
    {"ingress.class", "ingress.class"},
    {"ingress.annotations", "ingress.annotations"},
    {"ingress.labels", "ingress.labels"},
    {"ingress.additional_hosts", "ingress.additionalHosts"},
    {"ingress.default_backend", "ingress.defaultBackend"},
    {"ingress.name_override", "ingress.nameOverride"},
    {"ingress.tls", "ingress.tls"},
    {"extra_env", "global.extraEnv"},
    {"custom_ca_certs", "global.customCACerts"},
    {"ca_certs_config_map", "global.caCertsConfigMap"},
    // `*` is the component's name.
    {"components.*.image.repository", "*.image.repository"},
    {"components.*.image.tag", "*.image.tag"},
    {"components.*.image.digest", "*.image.digest"},
    {"components.*.image.pull_policy", "*.image.pullPolicy"},
    {"components.*.service_account.create", "*.serviceAccount.create"},
    {"components.*.service_account.name", "*.serviceAccount.name"},
    {"components.*.service_account.annotations",
     "*.serviceAccount.annotations"},
    {"components.*.resources", "*.resources"},
    {"components.*.pod_security_context", "*.podSecurityContext"},
    {"components.*.security_context", "*.securityContext"},
};

// What the table's path stands for in charts before `before`.
struct OldPath {
  absl::string_view setting;
  absl::string_view before;
  absl::string_view path;
};
constexpr OldPath kOldPaths[] = {
    {"components.*.pod_security_context", "0.33.0", "*.pod.securityContext"},
    {"components.*.security_context", "0.33.0", "*.container.securityContext"},
};

// "run_as_user" -> "runAsUser", for all keys below.
Json CamelKeys(const Json& tree) {
  if (tree.is_array()) {
    Json out = Json::array();
    for (const Json& element : tree) out.push_back(CamelKeys(element));
    return out;
  }
  if (!tree.is_object()) return tree;
  Json out = Json::object();
  for (const auto& [key, value] : tree.items()) {
    std::string camel;
    for (size_t i = 0; i < key.size(); ++i) {
      const bool hump = key[i] == '_' && i + 1 < key.size();
      camel += hump ? absl::ascii_toupper(static_cast<unsigned char>(key[++i]))
                    : key[i];
    }
    if (!value.is_null()) out[camel] = CamelKeys(value);
  }
  return out;
}

class Compiler {
 public:
  explicit Compiler(absl::string_view chart_version)
      : version_(chart_version.empty() ? kCataloguedChart : chart_version) {}

  void Walk(const Json& tree, const std::string& attribute) {
    for (const auto& [key, value] : tree.items()) {
      if (value.is_null()) continue;
      const std::string at =
          attribute.empty() ? key : absl::StrCat(attribute, ".", key);
      Setting(at, value);
    }
  }

  void Fault(const std::string& attribute, const std::string& message) {
    out_.problems.push_back(
        {.id = "setting",
         .source = Source{attribute, std::nullopt},
         .message = absl::StrCat("`", attribute, "` ", message, ".")});
  }

  void Add(const std::string& attribute, const std::string& path, Json value) {
    const auto parsed = ParsePath(path);
    if (!parsed.ok()) {
      Fault(attribute, "has a name that no chart can have");
      return;
    }
    CheckVersion(attribute, *parsed);
    out_.settings.push_back({attribute, *parsed, std::move(value)});
  }

  CompiledSettings Take() && { return std::move(out_); }

 private:
  // "components.app.image" as the table has it, and the component's name.
  static std::pair<std::string, std::string> Generic(
      const std::string& attribute) {
    std::vector<std::string> parts = absl::StrSplit(attribute, '.');
    if (parts.size() < 2 || parts[0] != "components") return {attribute, ""};
    std::string component = std::move(parts[1]);
    parts[1] = std::string(1, '*');
    return {absl::StrJoin(parts, "."), std::move(component)};
  }

  void Setting(const std::string& attribute, const Json& value) {
    const std::pair<std::string, std::string> names = Generic(attribute);
    const std::string& generic = names.first;
    const std::string& component = names.second;
    const auto row =
        std::find_if(std::begin(kRows), std::end(kRows),
                     [&](const Row& each) { return each.setting == generic; });
    if (row != std::end(kRows)) {
      Add(attribute, PathOf(*row, component), ValueOf(generic, value));
      return;
    }
    const std::string prefix = absl::StrCat(generic, ".");
    const auto below =
        std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& each) {
          return absl::StartsWith(each.setting, prefix) ||
                 (generic == "components.*" &&
                  absl::StartsWith(each.setting, "components.*."));
        });
    if (below == std::end(kRows)) {
      Fault(attribute, "is no setting. Remove it, or use `values`");
    } else if (UnknownKind(value).has_value()) {
      UnknownGroup(attribute, *below, component);
    } else if (!value.is_object()) {
      Fault(attribute, "must be an object");
    } else {
      if (generic == "components.*" && !IsKnownComponent(component)) {
        Fault(attribute, "is no component of the chart");
        return;
      }
      Walk(value, attribute);
    }
  }

  // Which settings a group has is open, and so is what is below their common
  // section of the values.
  void UnknownGroup(const std::string& attribute, const Row& row,
                    const std::string& component) {
    std::vector<std::string> path = absl::StrSplit(row.path, '.');
    if (row.path[0] == '*') {
      path = component.empty() ? std::vector<std::string>{}
                               : std::vector<std::string>{component};
    } else if (path.size() > 1) {
      path.pop_back();
    }
    Path steps;
    for (std::string& key : path) steps.push_back(Step::Key(std::move(key)));
    out_.settings.push_back({attribute, steps, MakeUnknown(Unknown::kShape)});
  }

  std::string PathOf(const Row& row, const std::string& component) const {
    std::string path(row.path);
    for (const OldPath& old : kOldPaths) {
      if (old.setting == row.setting &&
          CompareVersions(version_, old.before).value_or(0) < 0) {
        path = std::string(old.path);
      }
    }
    if (path[0] == '*') path = absl::StrCat(component, path.substr(1));
    return path;
  }

  static Json ValueOf(const std::string& generic, const Json& value) {
    if (UnknownKind(value).has_value()) {
      return generic == "ldap.tls" ? MakeUnknown(Unknown::kString) : value;
    }
    // Environment variables are text.
    if (generic == "ldap.tls" && value.is_boolean()) {
      return value.get<bool>() ? "true" : "false";
    }
    if (generic == "ingress.tls" ||
        absl::EndsWith(generic, "security_context")) {
      return CamelKeys(value);
    }
    return value;
  }

  static bool IsKnownComponent(const std::string& name) {
    const auto& all = Components();
    return std::find(all.begin(), all.end(), name) != all.end();
  }

  void CheckVersion(const std::string& attribute, const Path& path) {
    // A section may be younger than the chart, with all that is in it.
    for (size_t length = 1; length <= path.size(); ++length) {
      const CatalogueEntry* entry =
          CatalogueIndex::Get()
              .Find(Path(path.begin(),
                         path.begin() + static_cast<std::ptrdiff_t>(length)))
              .entry;
      if (entry == nullptr || entry->since.empty()) continue;
      if (CompareVersions(version_, entry->since).value_or(0) >= 0) continue;
      Fault(attribute,
            absl::StrCat("needs chart ", entry->since, " or newer, and ",
                         version_,
                         " is configured. Use a newer chart, or another "
                         "setting"));
      return;
    }
  }

  const std::string version_;
  CompiledSettings out_;
};

// Lookups in the settings; an unknown is set, and has no text.
class Given {
 public:
  explicit Given(const Json& settings) : settings_(settings) {}

  const Json* At(absl::string_view attribute) const {
    const Json* at = &settings_;
    for (const absl::string_view key : absl::StrSplit(attribute, '.')) {
      if (!at->is_object()) return nullptr;
      const auto found = at->find(key);
      if (found == at->end() || found->is_null()) return nullptr;
      at = &*found;
    }
    return at;
  }
  bool Has(absl::string_view attribute) const {
    return At(attribute) != nullptr;
  }
  // Certainly not set: nothing unknown on the way.
  bool Lacks(absl::string_view attribute) const {
    const Json* group = At(attribute.substr(0, attribute.find('.')));
    return !Has(attribute) &&
           (group == nullptr || !UnknownKind(*group).has_value());
  }
  std::string Text(absl::string_view attribute) const {
    const Json* value = At(attribute);
    const auto* text =
        value == nullptr ? nullptr : value->get_ptr<const std::string*>();
    return text == nullptr ? "" : *text;
  }

 private:
  const Json& settings_;
};

void Exclude(const Given& given, const char* one, const char* other,
             Compiler& out) {
  if (!given.Has(one) || !given.Has(other)) return;
  out.Fault(other, absl::StrCat("excludes `", one, "`. Keep one of the two"));
}

void CheckBucket(const Given& given, const std::string& bucket, Compiler& out) {
  if (!given.Has(bucket) || UnknownKind(*given.At(bucket)).has_value()) return;
  const auto at = [&](const char* field) {
    return absl::StrCat(bucket, ".", field);
  };
  for (const char* required : {"provider", "name"}) {
    if (given.Lacks(at(required))) out.Fault(at(required), "is missing");
  }
  const std::string provider = given.Text(at("provider"));
  if (!provider.empty() && provider != "s3" && provider != "gcs" &&
      provider != "az" && provider != "cw") {
    out.Fault(at("provider"), "must be s3, gcs, az or cw");
  }
  if (!provider.empty() && provider != "s3" && given.Has(at("kms_key"))) {
    out.Fault(at("kms_key"), "is for provider s3 only. Remove it");
  }
  if (provider == "az") {
    if (given.Has(at("secret_key"))) {
      out.Fault(at("secret_key"),
                "is not read for Azure: the storage key goes into "
                "`access_key`");
    }
  } else if (given.Has(at("access_key")) != given.Has(at("secret_key"))) {
    out.Fault(bucket, "needs access_key and secret_key together, or neither");
  }
  Exclude(given, at("access_key").c_str(), at("secret").c_str(), out);
}

void CheckPort(const Given& given, const char* attribute, Compiler& out) {
  const Json* port = given.At(attribute);
  if (port == nullptr || !port->is_number()) return;
  const double value = port->get<double>();
  if (value < 1 || value > 65535) {
    out.Fault(attribute, "must be a port, from 1 to 65535");
  }
}

void CheckAll(const Given& given, Compiler& out) {
  CheckBucket(given, "bucket", out);
  CheckBucket(given, "default_bucket", out);
  Exclude(given, "license", "license_secret", out);
  Exclude(given, "mysql.password", "mysql.password_secret", out);
  Exclude(given, "redis.password", "redis.secret", out);
  Exclude(given, "oidc.secret", "oidc.secret_ref", out);
  for (const char* port : {"mysql.port", "redis.port", "smtp.port"}) {
    CheckPort(given, port, out);
  }
  for (const auto& [group, field] :
       {std::pair("mysql", "host"), std::pair("ldap", "address"),
        std::pair("oidc", "client_id"), std::pair("smtp", "host"),
        std::pair("license_secret", "name"),
        std::pair("license_secret", "key")}) {
    const std::string attribute = absl::StrCat(group, ".", field);
    if (given.Has(group) && given.Lacks(attribute)) {
      out.Fault(attribute, "is missing");
    }
  }
  const std::string method = given.Text("oidc.auth_method");
  if (!method.empty() && method != "pkce" && method != "implicit") {
    out.Fault("oidc.auth_method", "must be pkce or implicit");
  }
  const Json* hours = given.At("session_length_hours");
  if (hours != nullptr && hours->is_number() && hours->get<double>() <= 0) {
    out.Fault("session_length_hours", "must be more than 0");
  }
}

}  // namespace

Path SettingPath(absl::string_view attribute) {
  for (const Row& row : kRows) {
    if (row.setting != attribute) continue;
    const auto path = ParsePath(row.path);
    if (path.ok()) return *path;
  }
  return {};
}

CompiledSettings CompileSettings(const base::Json& settings,
                                 absl::string_view chart_version) {
  Compiler out(chart_version);
  if (!settings.is_object()) return std::move(out).Take();
  out.Walk(settings, "");
  const Given given(settings);
  // Else the bundled servers run beside those that are used.
  if (given.Has("mysql")) out.Add("mysql", "mysql.install", false);
  if (given.Has("redis")) out.Add("redis", "redis.install", false);
  if (given.Has("ldap")) {
    out.Add("ldap", "global.extraEnv.LOCAL_LDAP_LOGIN", "true");
  }
  CheckAll(given, out);
  return std::move(out).Take();
}

}  // namespace wandb
