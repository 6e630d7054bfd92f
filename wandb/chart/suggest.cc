#include "wandb/chart/suggest.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/edit_distance.h"
#include "base/never_destroyed.h"
#include "wandb/chart/catalogue.h"

namespace wandb {
namespace {

// Longer ones are no mistyped keys of the table.
constexpr size_t kLongestKey = 64;

constexpr OtherName kOtherNames[] = {
    {"ingress.enabled", "install"},
    {"ingress.enable", "install"},
    {"ingress.className", "class"},
    {"ingress.ingressClass", "class"},
    {"ingress.classname", "class"},
    {"ingress.host", ".global.host"},
    {"ingress.hostname", ".global.host"},
    {"ingress.hosts", "additionalHosts"},
    {"ingress.extraHosts", "additionalHosts"},
    {"ingress.hostnames", "additionalHosts"},
    {"ingress.name", "nameOverride"},
    {"ingress.certManager", "issuer"},
    {"hostname", ".global.host"},
    {"url", ".global.host"},
    {"licenseKey", ".global.license"},
    {"storage", ".global.bucket"},
    {"objectStorage", ".global.bucket"},
    {"s3", ".global.bucket"},
    {"database", ".global.mysql"},
    {"smtp", ".global.email.smtp"},
    {"oidc", ".global.auth.oidc"},
    {"sso", ".global.auth.oidc"},
    {"env", ".global.extraEnv"},
    {"extraEnvVars", ".global.extraEnv"},
    {"image", ".app.image"},
    {"resources", ".app.resources"},
    {"replicas", ".app.replicaCount"},
    {"replicaCount", ".app.replicaCount"},
    {"podAnnotations", ".global.pod.annotations"},
    {"repositoryPrefix", ".global.repositoryPrefix"},
    {"global.hostname", "host"},
    {"global.url", "host"},
    {"global.baseUrl", "host"},
    {"global.domain", "host"},
    {"global.licenseKey", "license"},
    {"global.existingSecret", "licenseSecret"},
    {"global.licenseSecretRef", "licenseSecret"},
    {"global.licenseSecret.secretName", "name"},
    {"global.licenseSecret.secretKey", "key"},
    {"global.licenseSecret.existingSecret", "name"},
    {"global.database", "mysql"},
    {"global.db", "mysql"},
    {"global.storage", "bucket"},
    {"global.objectStorage", "bucket"},
    {"global.s3", "bucket"},
    {"global.smtp", "email.smtp"},
    {"global.oidc", "auth.oidc"},
    {"global.sso", "auth.oidc"},
    {"global.registry", "imageRegistry"},
    {"global.pullSecrets", "imagePullSecrets"},
    {"global.caCerts", "customCACerts"},
    {"global.extraEnvVars", "extraEnv"},
    {"global.environment", "extraEnv"},
    {"global.cloud", "cloudProvider"},
    {"global.storageClassName", "storageClass"},
    {"global.mysql.hostname", "host"},
    {"global.mysql.address", "host"},
    {"global.mysql.username", "user"},
    {"global.mysql.db", "database"},
    {"global.mysql.dbName", "database"},
    {"global.mysql.databaseName", "database"},
    {"global.mysql.existingSecret", "passwordSecret.name"},
    {"global.mysql.secretName", "passwordSecret.name"},
    {"global.mysql.secret", "passwordSecret"},
    {"global.mysql.passwordSecret.key", "passwordKey"},
    {"global.mysql.passwordSecret.secretKey", "passwordKey"},
    {"global.mysql.passwordSecret.secretName", "name"},
    {"global.mysql.passwordSecret.existingSecret", "name"},
    {"global.clickhouse.hostname", "host"},
    {"global.clickhouse.username", "user"},
    {"global.clickhouse.existingSecret", "passwordSecret.name"},
    {"global.redis.hostname", "host"},
    {"global.redis.address", "host"},
    {"global.redis.existingSecret", "secret.secretName"},
    {"global.redis.secretName", "secret.secretName"},
    {"global.redis.passwordSecret", "secret"},
    {"global.redis.secret.name", "secretName"},
    {"global.redis.secret.existingSecret", "secretName"},
    {"global.redis.secret.key", "secretKey"},
    {"global.redis.secret.passwordKey", "secretKey"},
    {"global.bucket.type", "provider"},
    {"global.bucket.bucket", "name"},
    {"global.bucket.bucketName", "name"},
    {"global.bucket.endpoint", "name"},
    {"global.bucket.prefix", "path"},
    {"global.bucket.existingSecret", "secret.secretName"},
    {"global.bucket.secretName", "secret.secretName"},
    {"global.bucket.accessKeyId", "accessKey"},
    {"global.bucket.secretAccessKey", "secretKey"},
    {"global.bucket.kmsKeyArn", "kmsKey"},
    {"global.bucket.kmsKeyId", "kmsKey"},
    {"global.bucket.secret.name", "secretName"},
    {"global.bucket.secret.existingSecret", "secretName"},
    {"global.bucket.secret.accessKey", "accessKeyName"},
    {"global.bucket.secret.secretKey", "secretKeyName"},
    {"global.auth.oidc.clientSecret", "secret"},
    {"global.auth.oidc.existingSecret", "oidcSecret.name"},
    {"global.auth.oidc.method", "authMethod"},
    {"global.auth.oidc.issuerUrl", "issuer"},
    {"global.auth.oidc.oidcSecret.secretName", "name"},
    {"global.auth.oidc.oidcSecret.key", "secretKey"},
    {"global.email.smtp.username", "user"},
    {"global.email.smtp.hostname", "host"},
    {"global.email.smtp.from", "mailFrom"},
    {"global.email.smtp.pass", "password"},
    {"*.replicas", "replicaCount"},
    {"*.image.name", "repository"},
    {"*.image.registry", ".global.repositoryPrefix"},
    {"*.image.version", "tag"},
    {"*.image.policy", "pullPolicy"},
    {"*.image.imagePullPolicy", "pullPolicy"},
    {"*.imagePullPolicy", "image.pullPolicy"},
    {"*.image.pullSecrets", ".global.imagePullSecrets"},
    {"*.pullSecrets", "imagePullSecrets"},
    {"*.extraEnvVars", "env"},
    {"*.environment", "env"},
    {"*.annotations", "podAnnotations"},
    {"*.labels", "podLabels"},
    {"*.serviceAccountName", "serviceAccount.name"},
    {"*.pdb", "podDisruptionBudget"},
    {"*.hpa", "autoscaling"},
    {"*.limits", "resources"},
    {"*.requests", "resources"},
    {"*.extraVolumes", "volumes"},
    {"*.extraVolumeMounts", "containers"},
};

// The keys of `path`, of which the first may be `*`.
bool Matches(absl::string_view pattern, const Path& path) {
  const std::vector<absl::string_view> keys = absl::StrSplit(pattern, '.');
  if (keys.size() != path.size()) return false;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (path[i].IsIndex()) return false;
    if (i == 0 && keys[0] == "*") {
      const auto& all = Components();
      if (std::find(all.begin(), all.end(), path[0].key) == all.end()) {
        return false;
      }
    } else if (keys[i] != path[i].key) {
      return false;
    }
  }
  return true;
}

// The default bucket is called like the other one.
Path AsBucket(Path path) {
  if (path.size() > 2 && path[0].key == "global" &&
      path[1].key == "defaultBucket") {
    path[1] = Step::Key("bucket");
  }
  return path;
}

// From kOtherNames; "".
std::string OtherNameOf(const Path& path) {
  for (const OtherName& name : OtherNames()) {
    if (!Matches(name.path, AsBucket(path))) continue;
    if (name.meant[0] == '.') return std::string(name.meant.substr(1));
    Path meant(path.begin(), path.end() - 1);
    for (const absl::string_view key : absl::StrSplit(name.meant, '.')) {
      meant.push_back(Step::Key(std::string(key)));
    }
    return FormatPath(meant);
  }
  return "";
}

// Right name, wrong place: the path of `key`, if there is but one place for it.
std::string OnlyPlaceOf(const std::string& key) {
  std::vector<absl::string_view> places;
  for (const CatalogueEntry* entry : Catalogue()) {
    const absl::string_view last =
        entry->path.substr(entry->path.rfind('.') + 1);
    if (last == key && entry->until.empty() && entry->path[0] != '*') {
      places.push_back(entry->path);
    }
  }
  return places.size() == 1 ? std::string(places[0]) : "";
}

}  // namespace

std::string NearestPath(const Path& path) {
  if (path.empty() || path.back().IsIndex()) return "";
  const CatalogueIndex& index = CatalogueIndex::Get();
  const std::string& key = path.back().key;
  if (key.size() > kLongestKey) return "";
  if (std::string other = OtherNameOf(path); !other.empty()) return other;
  Path at = path;
  std::string best;
  size_t best_distance = std::max<size_t>(1, key.size() / 3) + 1;
  for (const absl::string_view candidate :
       index.KeysBelow(Path(path.begin(), path.end() - 1))) {
    // Each character more or less is an edit.
    const size_t shorter = std::min(key.size(), candidate.size());
    const size_t longer = std::max(key.size(), candidate.size());
    if (longer - shorter >= best_distance) continue;
    at.back() = Step::Key(std::string(candidate));
    const CatalogueIndex::Hit hit = index.Find(at);
    if (!hit.known || (hit.entry != nullptr && !hit.entry->until.empty())) {
      continue;
    }
    const size_t distance = base::EditDistance(key, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = FormatPath(at);
    }
  }
  return best.empty() ? OnlyPlaceOf(key) : best;
}

const std::vector<OtherName>& OtherNames() {
  static const base::NeverDestroyed<std::vector<OtherName>> kTable(
      std::begin(kOtherNames), std::end(kOtherNames));
  return *kTable;
}

}  // namespace wandb
