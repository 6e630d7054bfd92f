#include "wandb/findings/references.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using Kind = ReferenceKind;

// A setting of the chart that names an object.
struct Row {
  Kind kind;
  absl::string_view section;  // Dotted.
  absl::string_view name;
  absl::string_view key;  // "" for a fixed one.
  absl::string_view default_key;
  // Needed only if this path is true; "" for always.
  absl::string_view only_if = "";
};

constexpr Row kRows[] = {
    {Kind::kSecret, "global.licenseSecret", "name", "key", "license"},
    {Kind::kSecret, "global.mysql.passwordSecret", "name", "passwordKey",
     "MYSQL_PASSWORD"},
    {Kind::kSecret, "global.mysql.passwordSecret", "name", "rootPasswordKey",
     "MYSQL_ROOT_PASSWORD", "mysql.install"},
    {Kind::kSecret, "global.redis.secret", "secretName", "secretKey",
     "REDIS_PASSWORD"},
    {Kind::kSecret, "global.clickhouse.passwordSecret", "name", "passwordKey",
     "CLICKHOUSE_PASSWORD"},
    {Kind::kSecret, "global.kafka.passwordSecret", "name", "passwordKey",
     "client-passwords"},
    {Kind::kSecret, "global.auth.oidc.oidcSecret", "name", "secretKey",
     "OIDC_SECRET"},
    {Kind::kConfigMap, "global.auth.oidc.oidcConfigMap", "name", "", ""},
    {Kind::kConfigMap, "global", "caCertsConfigMap", "", "*.crt"},
};

// The parts of a bucket's URL that come from a Secret, by provider. Azure needs
// a storage key only, and Google Cloud none.
constexpr struct {
  absl::string_view key, default_key, providers;
} kBucketKeys[] = {{"accessKeyName", "ACCESS_KEY", "|s3|cw|az|"},
                   {"secretKeyName", "SECRET_KEY", "|s3|cw|"}};

// By default they take their token from a Secret that nothing makes.
constexpr absl::string_view kWeaveWorkers[] = {
    "weave-trace-worker", "weave-evaluate-model-worker",
    "weave-trace-agent-scoring-worker"};

// What the chart makes as <release>-<name>. Besides: "-secret", "-olap-...".
constexpr absl::string_view kOwnSecrets[] = {
    "bucket",        "mysql",
    "mysql-ca-cert", "license",
    "clickhouse",    "gorilla-session-key",
    "kafka",         "internal-signer",
    "redis",         "acme-key",
    "tls",           "password"};
constexpr absl::string_view kOwnConfigMaps[] = {
    "ca-certs", "lumen-rules", "lumen-gcp-wif", "frontend-patch-env-js"};

Path PathOf(absl::string_view dotted) {
  Path path;
  for (const absl::string_view key : absl::StrSplit(dotted, '.')) {
    path.push_back(Step::Key(std::string(key)));
  }
  return path;
}

Path Below(Path path, absl::string_view key) {
  path.push_back(Step::Key(std::string(key)));
  return path;
}

// The text at `path`, if it is a known string with something in it that is no
// template.
std::string TextAt(const Json& tree, const Path& path) {
  const Json* found = FindPath(tree, path);
  if (found == nullptr || !found->is_string()) return "";
  std::string text = found->get<std::string>();
  return absl::StrContains(text, "{{") ? "" : text;
}

bool IsFlag(const Json& tree, const Path& path, bool value) {
  const Json* found = FindPath(tree, path);
  return found != nullptr && found->is_boolean() && found->get<bool>() == value;
}

bool IsChartsOwn(Kind kind, const std::string& name,
                 absl::string_view release) {
  absl::string_view rest = name;
  if (release.empty() || !absl::ConsumePrefix(&rest, release) ||
      !absl::ConsumePrefix(&rest, "-")) {
    return false;
  }
  const auto among = [&rest](const auto& names) {
    return std::find(std::begin(names), std::end(names), rest) !=
           std::end(names);
  };
  if (kind == Kind::kConfigMap) {
    return among(kOwnConfigMaps) || absl::EndsWith(rest, "configmap");
  }
  return among(kOwnSecrets) || absl::EndsWith(rest, "secret") ||
         absl::StartsWith(rest, "olap-");
}

class Finder {
 public:
  Finder(const Json& values, absl::string_view release)
      : values_(values), release_(release) {}

  std::vector<Reference> Find() {
    for (const Row& row : kRows) AddRow(row);
    AddBucket();
    for (const absl::string_view worker : kWeaveWorkers) AddWorker(worker);
    const Path ingress = PathOf("ingress");
    if (!IsFlag(values_, Below(ingress, "install"), false) &&
        !IsFlag(values_, Below(ingress, "create"), false)) {
      AddIngress(ingress);
    }
    const Path secondary = Below(ingress, "secondary");
    if (IsFlag(values_, Below(secondary, "create"), true)) {
      AddIngress(secondary);
    }
    Path path;
    Walk(values_, path);
    return std::move(found_);
  }

 private:
  // Adds a reference to what `path` names, unless that is left open.
  void Add(Kind kind, const Path& path, std::string key = "",
           Path key_path = {}) {
    std::string name = TextAt(values_, path);
    if (name.empty()) return;
    found_.push_back(
        {kind, std::move(name), std::move(key), path, std::move(key_path)});
  }

  // The same with the key at `key_path`, if it is there, else `default_key`.
  // An open key still leaves the object.
  void AddWithKey(Kind kind, const Path& path, const Path& key_path,
                  absl::string_view default_key) {
    if (FindPath(values_, key_path) == nullptr) {
      return Add(kind, path, std::string(default_key));
    }
    const std::string key = TextAt(values_, key_path);
    Add(kind, path, key, key.empty() ? Path() : key_path);
  }

  void AddRow(const Row& row) {
    if (!row.only_if.empty() && !IsFlag(values_, PathOf(row.only_if), true)) {
      return;
    }
    const Path section = PathOf(row.section);
    const Path name = Below(section, row.name);
    if (row.key.empty()) {
      Add(row.kind, name, std::string(row.default_key));
    } else {
      AddWithKey(row.kind, name, Below(section, row.key), row.default_key);
    }
  }

  void AddWorker(absl::string_view worker) {
    const Path section = PathOf(worker);
    const Path install = Below(section, "install");
    const Path token =
        Below(Below(section, "env"), "WANDB_INTERNAL_SERVICE_TOKEN");
    if (!IsFlag(values_, install, true) ||
        FindPath(values_, token) != nullptr) {
      return;
    }
    found_.push_back({Kind::kSecret, "weave-worker-auth", "key", install, {}});
  }

  void AddBucket() {
    const Path bucket = PathOf("global.bucket");
    const Path secret = Below(bucket, "secret");
    const Path name = Below(secret, "secretName");
    // A bucket without a name leaves its place to the default one.
    const bool named = FindPath(values_, Below(bucket, "name")) != nullptr;
    const Json* provider =
        FindPath(values_, named ? Below(bucket, "provider")
                                : PathOf("global.defaultBucket.provider"));
    std::string text = "s3";  // The chart's default.
    if (provider != nullptr) {
      text = provider->is_string() ? provider->get<std::string>() : "";
    }
    bool any = false;
    for (const auto& part : kBucketKeys) {
      if (!absl::StrContains(part.providers, absl::StrCat("|", text, "|"))) {
        continue;
      }
      any = true;
      AddWithKey(Kind::kSecret, name, Below(secret, part.key),
                 part.default_key);
    }
    if (!any) Add(Kind::kSecret, name);
  }

  // `section` is an ingress that is going to be made. The certificates' Secrets
  // are made by cert-manager where an annotation asks it to.
  void AddIngress(const Path& section) {
    Add(Kind::kIngressClass, Below(section, "class"));
    if (MakesCertificates(section)) return;
    const Path tls = Below(section, "tls");
    const Json* list = FindPath(values_, tls);
    if (list == nullptr || !list->is_array()) return;
    for (size_t i = 0; i < list->size(); ++i) {
      Path entry = tls;
      entry.push_back(Step::Index(i));
      Add(Kind::kSecret, Below(entry, "secretName"), "tls.crt");
    }
  }

  bool MakesCertificates(const Path& section) const {
    if (IsFlag(values_, Below(Below(section, "issuer"), "create"), true)) {
      return true;
    }
    const Json* annotations = FindPath(values_, Below(section, "annotations"));
    if (annotations == nullptr) return false;
    if (UnknownKind(*annotations).has_value()) return true;  // Perhaps.
    if (!annotations->is_object()) return false;
    for (const auto& [name, value] : annotations->items()) {
      if (absl::StrContains(name, "cert-manager.io/") ||
          name == "kubernetes.io/tls-acme") {
        return true;
      }
    }
    return false;
  }

  // Adds what Kubernetes' own shapes refer to, wherever they stand: they are
  // copied into pods as they are.
  void Walk(const Json& node, Path& path) {
    if (node.is_array()) {
      for (size_t i = 0; i < node.size(); ++i) {
        path.push_back(Step::Index(i));
        Walk(node[i], path);
        path.pop_back();
      }
      return;
    }
    if (!node.is_object()) return;
    // A component or a subchart that is switched off.
    if (path.size() == 1 && IsFlag(node, PathOf("install"), false)) return;
    for (const auto& [key, value] : node.items()) {
      path.push_back(Step::Key(key));
      if (key == "secretKeyRef" || key == "configMapKeyRef") {
        AddSelector(key == "secretKeyRef" ? Kind::kSecret : Kind::kConfigMap,
                    value, path);
      } else if (key == "envFrom") {
        AddEnvFrom(value, path);
      } else if (key == "imagePullSecrets") {
        AddPullSecrets(value, path);
      } else if (key == "volumes") {
        AddVolumes(value, path);
      }
      Walk(value, path);
      path.pop_back();
    }
  }

  void AddUnlessOwn(Kind kind, const Path& path, const Path& key_path = {}) {
    if (IsChartsOwn(kind, TextAt(values_, path), release_)) return;
    if (key_path.empty()) {
      Add(kind, path);
    } else {
      AddWithKey(kind, path, key_path, "");
    }
  }

  void AddSelector(Kind kind, const Json& selector, const Path& path) {
    if (IsFlag(selector, PathOf("optional"), true)) return;
    AddUnlessOwn(kind, Below(path, "name"), Below(path, "key"));
  }

  // A map from an object's name to the kind of source.
  void AddEnvFrom(const Json& sources, const Path& path) {
    if (!sources.is_object()) return;
    for (const auto& [name, source] : sources.items()) {
      const bool secret = source == "secretRef";
      const Kind kind = secret ? Kind::kSecret : Kind::kConfigMap;
      if ((!secret && source != "configMapRef") ||
          absl::StrContains(name, "{{") || IsChartsOwn(kind, name, release_)) {
        continue;
      }
      found_.push_back({kind, name, "", Below(path, name), {}});
    }
  }

  // Names, or maps with one.
  void AddPullSecrets(const Json& secrets, const Path& path) {
    if (!secrets.is_array()) return;
    for (size_t i = 0; i < secrets.size(); ++i) {
      Path element = path;
      element.push_back(Step::Index(i));
      AddUnlessOwn(Kind::kSecret,
                   secrets[i].is_object() ? Below(element, "name") : element);
    }
  }

  void AddVolumes(const Json& volumes, const Path& path) {
    if (!volumes.is_array()) return;
    for (size_t i = 0; i < volumes.size(); ++i) {
      Path volume = path;
      volume.push_back(Step::Index(i));
      AddSource(volume, "secretName");
      const Path sources = Below(Below(volume, "projected"), "sources");
      const Json* list = FindPath(values_, sources);
      for (size_t j = 0; list != nullptr && j < list->size(); ++j) {
        Path source = sources;
        source.push_back(Step::Index(j));
        AddSource(source, "name");
      }
    }
  }

  // A volume, or a source of a projected one, where a Secret's name has another
  // key.
  void AddSource(const Path& path, absl::string_view secret_name) {
    for (const Kind kind : {Kind::kSecret, Kind::kConfigMap}) {
      const bool secret = kind == Kind::kSecret;
      const Path source = Below(path, secret ? "secret" : "configMap");
      if (IsFlag(values_, Below(source, "optional"), true)) continue;
      AddUnlessOwn(kind, Below(source, secret ? secret_name : "name"));
    }
  }

  const Json& values_;
  const absl::string_view release_;
  std::vector<Reference> found_;
};

}  // namespace

absl::string_view KindName(ReferenceKind kind) {
  switch (kind) {
    case Kind::kSecret:
      return "Secret";
    case Kind::kConfigMap:
      return "ConfigMap";
    case Kind::kIngressClass:
      return "IngressClass";
  }
  return "";
}

bool HasKey(const Reference& reference, const std::vector<std::string>& keys) {
  absl::string_view wanted = reference.key;
  if (wanted.empty()) return true;
  const bool suffix = absl::ConsumePrefix(&wanted, "*");
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return suffix ? absl::EndsWith(key, wanted) : key == wanted;
  });
}

std::vector<Reference> ReferencesOf(const Json& values,
                                    absl::string_view release) {
  return Finder(values, release).Find();
}

std::vector<Reference> ChartReferencesOf(const Json& chart) {
  const Path secret = {Step::Key("credentialSecret")};
  const std::string name = TextAt(chart, Below(secret, "name"));
  std::vector<Reference> found;
  if (name.empty()) return found;
  for (const auto& [field, usual] :
       {std::pair("usernameKey", "HELM_USERNAME"),
        std::pair("passwordKey", "HELM_PASSWORD")}) {
    const Path at = Below(secret, field);
    const bool given = FindPath(chart, at) != nullptr;
    const std::string key = given ? TextAt(chart, at) : usual;
    Path key_path = PathOf(absl::StrCat("chart.credentialSecret.", field));
    if (!given || key.empty()) key_path.clear();
    found.push_back({Kind::kSecret, name, key,
                     PathOf("chart.credentialSecret.name"),
                     std::move(key_path)});
  }
  return found;
}

}  // namespace wandb
