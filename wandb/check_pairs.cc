// Values that belong together, exclude each other, or have a shape of their
// own. From the templates of operator-wandb.
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "wandb/check.h"
#include "wandb/pem.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

void CheckHost(Checker& c) {
  absl::string_view rest;
  const std::string host = c.Text("global.host");
  if (host.empty() || !c.IsOwn("global.host")) return;
  rest = host;
  const bool scheme = absl::ConsumePrefix(&rest, "https://") ||
                      absl::ConsumePrefix(&rest, "http://");
  if (scheme && !rest.empty() &&
      rest.find_first_of(":/?#@ \n") == absl::string_view::npos) {
    return;
  }
  c.Add("host-shape", "global.host",
        "must be http:// or https:// and a host name, and nothing else: the "
        "chart takes all behind the scheme as the Ingress's host. Remove port, "
        "path and trailing slash");
}

void CheckCertificates(Checker& c) {
  const Json* list = c.Value("global.customCACerts");
  if (list == nullptr || !list->is_array() ||
      !c.IsOwn("global.customCACerts")) {
    return;
  }
  for (size_t i = 0; i < list->size(); ++i) {
    const auto* text = (*list)[i].get_ptr<const std::string*>();
    if (text == nullptr) continue;
    const absl::Status status = CheckOneCertificate(*text);
    if (status.ok()) continue;
    c.Add(
        "pem-invalid", absl::StrCat("global.customCACerts[", i, "]"),
        absl::StrCat(status.message(),
                     ". Write one BEGIN/END CERTIFICATE block in each entry"));
  }
}

void CheckLicense(Checker& c) {
  if (!c.IsOwn("global.licenseSecret")) return;
  for (const char* field : {"name", "key"}) {
    if (c.IsUnset(absl::StrCat("global.licenseSecret.", field))) {
      c.Add("license-reference", "global.licenseSecret",
            "needs both name and key: the operator looks for the license "
            "without the chart's default. Set both");
      return;
    }
  }
  if (c.IsSet("global.license")) {
    c.Add("license-reference", "global.licenseSecret",
          "has no effect beside global.license. Keep one of the two");
  }
}

void CheckBucket(const std::string& bucket, Checker& c) {
  if (!c.IsOwn(bucket)) return;
  const auto at = [&](absl::string_view field) {
    return absl::StrCat(bucket, ".", field);
  };
  const std::string provider = c.Text(at("provider"));
  if (provider == "az") {
    if (c.IsSet(at("secretKey"))) {
      c.Add("azure-storage-key", at("secretKey"),
            "is not read for Azure: the storage key is taken from accessKey. "
            "Move it there");
    }
  } else if ((c.IsSet(at("accessKey")) && c.IsUnset(at("secretKey"))) ||
             (c.IsUnset(at("accessKey")) && c.IsSet(at("secretKey")))) {
    c.Add("bucket-credentials", bucket,
          "has only one of accessKey and secretKey, and then the chart uses "
          "neither. Set both, or use a secret reference");
  }
  if (c.IsSet(at("secret.secretName")) &&
      (c.IsSet(at("accessKey")) || c.IsSet(at("secretKey")))) {
    c.Add("bucket-secret-twice", at("secret"),
          "goes before accessKey and secretKey, which then have no effect. "
          "Keep one of the two");
  }
  const bool foreign_s3 = provider == "s3" &&
                          absl::StrContains(c.Text(at("name")), ".") &&
                          absl::StrContains(c.Text(at("name")), ":");
  if (c.IsSet(at("kmsKey")) &&
      ((!provider.empty() && provider != "s3") || foreign_s3)) {
    c.Add("kms-key-outside-aws", at("kmsKey"),
          "must be empty outside AWS. Set it to null");
  }
}

void CheckMysql(Checker& c) {
  if (c.IsOwn("global.mysql") && c.IsSet("global.mysql.password") &&
      c.IsSet("global.mysql.passwordSecret.name")) {
    c.Add("mysql-password-twice", "global.mysql.passwordSecret",
          "goes before password, which then has no effect. Keep one of the "
          "two");
  }
  if (c.IsOwn("global.mysql.host") && c.IsSet("global.mysql.host") &&
      c.IsUnset("global.mysql.password") && !c.IsTrue("mysql.install") &&
      c.IsUnset("global.mysql.passwordSecret.name") && c.all_layers()) {
    c.Add("mysql-password-missing", "global.mysql",
          "has a host and neither password nor passwordSecret: the chart makes "
          "up a random password. Set one of them");
  }
  const Json* host = c.Value("global.mysql.host");
  if (c.IsOwn("global.mysql.host") && host != nullptr && *host == Json("") &&
      !c.IsTrue("mysql.install")) {
    c.Add("mysql-host-empty", "global.mysql.host",
          "is empty, and hides what a lower layer may have. Write the server's "
          "name, or leave the key out");
  }
  if (c.all_layers() && c.IsUnset("global.mysql.host") &&
      c.IsOwn("mysql.install") && c.IsFalse("mysql.install")) {
    c.Add("mysql-missing", "mysql.install",
          "is false, and global.mysql.host names no server: W&B would look for "
          "one that does not exist. Set one of the two");
  }
}

void CheckRedis(Checker& c) {
  if (!c.IsOwn("global.redis")) return;
  if (c.IsSet("global.redis.password") &&
      c.IsSet("global.redis.secret.secretName")) {
    c.Add("redis-password-twice", "global.redis.secret",
          "goes before password, which then has no effect. Keep one of the "
          "two");
  }
  if (c.IsOwn("global.redis.host") && c.IsSet("global.redis.host") &&
      (c.IsTrue("redis.install") ||
       (c.all_layers() && c.IsUnset("redis.install") &&
        !c.IsFalse("redis.install")))) {
    c.Add("redis-twice", "global.redis.host",
          "names a Redis of your own, and the bundled one is installed too. "
          "Set redis.install to false");
  }
}

void CheckOidc(Checker& c) {
  if (!c.IsOwn("global.auth.oidc") || !c.all_layers() ||
      !c.IsUnset("global.auth.oidc.clientId")) {
    return;
  }
  for (const char* field : {"issuer", "secret", "authMethod"}) {
    if (c.IsSet(absl::StrCat("global.auth.oidc.", field))) {
      c.Add("oidc-incomplete", "global.auth.oidc",
            "has no clientId, and without it nothing of it applies. Set it");
      return;
    }
  }
}

void CheckIngress(Checker& c) {
  const Json* annotations = c.Value("ingress.annotations");
  if ((c.IsOwn("ingress.class") || c.IsOwn("ingress.annotations")) &&
      c.IsSet("ingress.class") && annotations != nullptr &&
      annotations->is_object() &&
      annotations->contains("kubernetes.io/ingress.class")) {
    c.Add("ingress-class-twice", "ingress.class",
          "is set beside the annotation kubernetes.io/ingress.class, and the "
          "API server refuses the two together. Keep ingress.class");
  }
  const bool secondary = c.IsOwn("ingress.secondary") &&
                         c.IsSet("ingress.secondary") &&
                         !c.IsFalse("ingress.secondary.create") &&
                         !c.IsFalse("ingress.secondary.enabled");
  if (secondary && c.IsUnset("ingress.secondary.nameOverride")) {
    c.Add("ingress-secondary-name", "ingress.secondary",
          "has no nameOverride, and would get the name of the first Ingress. "
          "Set it");
  }
}

void CheckComponents(Checker& c) {
  if (!c.all_layers()) return;  // The release channel may set the other half.
  struct Pair {
    const char* install;
    const char* enabled;
    const char* why;
  };
  constexpr Pair kPairs[] = {
      {"weave-trace.install", "global.weave-trace.enabled",
       "traces need the service, its switch, and a ClickHouse that can be "
       "reached"},
      {"executor.install", "global.executor.enabled",
       "without the switch the task queue does nothing"},
      {"bufstream.install", "global.bufstream.enabled",
       "without the switch nobody uses it"},
  };
  for (const Pair& pair : kPairs) {
    for (const auto& [one, other] : {std::pair(pair.install, pair.enabled),
                                     std::pair(pair.enabled, pair.install)}) {
      const bool off =
          c.IsFalse(other) || (c.Value(other) == nullptr && c.IsUnset(other));
      if ((c.IsOwn(one) || c.IsOwn(other)) && c.IsTrue(one) && off) {
        c.Add("component-pair", one,
              absl::StrCat("is true and ", other, " is not: ", pair.why,
                           ". Set both"));
      }
    }
  }
  if (c.IsOwn("app.install") && c.IsFalse("app.install") &&
      !c.IsTrue("global.localService.bypass")) {
    c.Add("component-pair", "app.install",
          "is false, which needs global.localService.bypass, api and frontend. "
          "Set them, or leave app on");
  }
}

}  // namespace

void CheckPairs(Checker& checker) {
  CheckHost(checker);
  CheckCertificates(checker);
  CheckLicense(checker);
  CheckBucket("global.bucket", checker);
  CheckBucket("global.defaultBucket", checker);
  CheckMysql(checker);
  CheckRedis(checker);
  CheckOidc(checker);
  CheckIngress(checker);
  CheckComponents(checker);
}

}  // namespace wandb
