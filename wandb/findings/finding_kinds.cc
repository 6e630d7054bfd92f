#include "wandb/findings/finding_kinds.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"

namespace wandb {
namespace {

constexpr Severity kE = Severity::kError;
constexpr Severity kW = Severity::kWarning;
using enum Reach;

std::vector<FindingKind> MakeKinds() {
  return {
      {"kind-clash", kE, kOperator,
       "Two layers have values of different kinds at one path: the operator "
       "fails, without saying where."},
      {"null-clash", kE, kOperator,
       "A null meets a value of another layer: the operator crashes, again and "
       "again."},
      {"null-without-effect", kW, kSpec,
       "A null stands where another manager has a map in the custom resource, "
       "which an apply leaves there."},
      {"chart-unrecognized", kE, kOperator,
       "`chart` is none that the operator knows: it would use the release "
       "channel's without a word."},
      {"chart-version-type", kE, kOperator,
       "`chart.version` is no string, which makes the operator pass over the "
       "whole chart, or not one version."},
      {"chart-field-unused", kW, kSpec,
       "A key of `chart` that the operator does not read for that kind of "
       "chart: `name` beside an oci:// `url`, `url` beside `path`."},
      {"chart-missing", kE, kSpec,
       "An air-gapped operator gets no chart from any layer, and runs "
       "nothing."},
      {"chart-credential-keys", kE, kSpec,
       "`chart.credentialSecret` without both key names: the operator upgrades "
       "the release at every reconcile."},
      {"unsafe-integer", kE, kOperator,
       "An integer that a double cannot hold: the operator would change it."},
      {"spec-too-large", kE, kSpec,
       "The specification does not fit into the Secret or the custom resource "
       "that has to hold it."},
      {"template-fails", kE, kSpec,
       "A template of the chart refuses the values: the operator reports "
       "\"Invalid Config\", and applies nothing."},
      {"chart-version-unknown", Severity::kInfo, kSpec,
       "Which chart version will run is not known; the rules of the newest "
       "catalogued one were used."},
      {"chart-not-released", kW, kSpec,
       "W&B's repository has no such version of the chart: the operator will "
       "not find it."},
      {"chart-newer", Severity::kInfo, kSpec,
       "The chart that runs is newer than those that are known here; unknown "
       "keys are remarks only. Of another major version it is a warning."},
      {"list-repeats", kW, kSpec,
       "A list repeats elements that a lower layer has: lists are appended."},
      {"number-notation", kW, kRendered,
       "A number from a million up is printed like 1e+06 where the chart makes "
       "text of it."},
      {"quoted-boolean", kW, kSpec,
       "A switch is text: the chart takes any text for true, \"false\" too."},
      {"manifest-as-values", kE, kSpec,
       "The values are a whole manifest or spec, of which no chart reads "
       "anything."},
      {"unknown-key", kW, kSpec, "No chart reads the key."},
      {"stale-key", kW, kSpec,
       "The chart that runs does not read the key (any more)."},
      {"key-too-new", kW, kSpec,
       "Only newer charts than the one that runs read the key."},
      {"unreleased-key", Severity::kInfo, kSpec,
       "No released chart reads the key yet."},
      {"wrong-type", kW, kRendered,
       "A value is of another type than the chart, or the API server, takes "
       "there."},
      {"reference-form", kW, kRendered,
       "A reference to a Secret or ConfigMap has not the form that Kubernetes "
       "takes, or an empty name or key."},
      {"quantity", kW, kRendered,
       "A resource is no quantity of Kubernetes, less than nothing, or one of "
       "thousandths of a byte."},
      {"resource-name", kW, kRendered,
       "What a container requests, or is limited to, is no resource that the "
       "API server knows."},
      {"invalid-value", kW, kRendered,
       "The chart takes only certain values there; of a typed setting it is an "
       "error."},
      {"env-not-string", kW, kRendered,
       "The value of an environment variable is a list, a map that is no "
       "reference, or in `env` before chart 0.33.1 a number or bool."},
      {"env-name", kW, kRendered,
       "The name of an environment variable is none that the API server "
       "takes."},
      {"env-twice", kW, kRendered,
       "A variable stands in `env` and, with another value, in `extraEnv` of "
       "the same section, which then has no effect."},
      {"number-range", kW, kRendered,
       "The id of a user or group is out of the range of Kubernetes."},
      {"image-tag", kW, kRendered,
       "The tag of an image is none that a registry has, or none that the "
       "chart can make a label of, or stands in the name of the repository; or "
       "the digest is none."},
      {"label", kW, kRendered,
       "A label, a node selector or the key of an annotation is none that the "
       "API server takes."},
      {"object-name", kW, kRendered,
       "A value is the name of an object, or of a key in it, that cannot "
       "exist."},
      {"name-too-long", kW, kSpec,
       "An object that the chart names after the instance would have a name "
       "that the API server refuses."},
      {"requests-over-limits", kW, kRendered,
       "More of a resource is requested than its limit."},
      {"replica-bounds", kW, kRendered,
       "A number of replicas is less than the API server takes, or than its "
       "lower bound."},
      {"host-shape", kW, kSpec,
       "`global.host` is more or less than scheme and host."},
      {"ingress-host-shape", kW, kRendered,
       "A host of the Ingress is no host name, or more than one."},
      {"server-host-shape", kW, kSpec,
       "The host of MySQL, Redis, mail or ClickHouse has a scheme, port or "
       "path."},
      {"issuer-scheme", kW, kSpec,
       "The OIDC issuer is a host without a scheme."},
      {"image-prefix-shape", kW, kSpec,
       "What goes before the names of images has a scheme, or a slash at its "
       "end; or the name of an image begins with it already."},
      {"bucket-name-scheme", kW, kSpec,
       "The name of a bucket begins with a scheme, like `s3://`."},
      {"bucket-name-shape", kW, kSpec,
       "The name of a bucket is an ARN or a host of the cloud's, or its path "
       "begins with a slash."},
      {"bucket-incomplete", kW, kSpec,
       "A storage account without a container, or a server of one's own "
       "without a bucket."},
      {"url-password", kW, kSpec,
       "A password that the chart puts into a URL as it is has characters that "
       "are reserved there."},
      {"stray-space", kW, kSpec,
       "A license, host, name, token or key begins or ends with white space."},
      {"helm-escape", kW, kSpec,
       "Backslashes that Helm's `set` would have eaten are left in a string."},
      {"pem-invalid", kW, kSpec,
       "An entry of `global.customCACerts` is not exactly one certificate, or "
       "the CA certificate of a server is none."},
      {"release-id-in-values", kW, kSpec,
       "`_releaseId` in values pins nothing."},
      {"license-reference", kW, kSpec,
       "`global.licenseSecret` needs both name and key, and goes without "
       "`global.license`."},
      {"bucket-credentials", kW, kSpec,
       "Access key and secret key of a bucket go together."},
      {"bucket-secret-twice", kW, kSpec,
       "A bucket has credentials both inline and by reference."},
      {"azure-storage-key", kW, kSpec,
       "The storage key of an Azure bucket belongs into `accessKey`."},
      {"kms-key-outside-aws", kW, kSpec,
       "`kmsKey` of a bucket that is not AWS S3."},
      {"mysql-password-twice", kW, kSpec,
       "The MySQL password is given both inline and by reference."},
      {"mysql-host-empty", kW, kSpec,
       "`global.mysql.host` is empty, which hides what other layers have."},
      {"mysql-twice", kW, kSpec,
       "An external MySQL is configured, and the bundled one runs too."},
      {"mysql-missing", kW, kSpec,
       "No layer names a MySQL host, and none is bundled."},
      {"bucket-missing", kW, kSpec, "No layer names a bucket."},
      {"clickhouse-missing", kW, kSpec,
       "Traces are switched on, no layer names a ClickHouse host, and none is "
       "bundled."},
      {"host-missing", kW, kSpec,
       "No layer sets `global.host`, or to the chart's own only."},
      {"public-chart", kW, kSpec,
       "Air-gapped, the chart comes from W&B's public repository."},
      {"public-image", kW, kSpec,
       "Air-gapped, components take their images from public registries."},
      {"mysql-password-missing", kW, kSpec,
       "An external MySQL without a password gets a random one."},
      {"redis-twice", kW, kSpec,
       "An external Redis is configured, and the bundled one runs too."},
      {"redis-ca-cert", kW, kSpec,
       "Beside a Secret for Redis, the CA certificate is read from that "
       "Secret."},
      {"redis-ttl", kW, kSpec,
       "The chart's own time to live goes before `ttlInSeconds`."},
      {"clickhouse-password-twice", kW, kSpec,
       "The ClickHouse password is given both inline and by reference."},
      {"toleration", kW, kRendered,
       "A toleration is none that the API server takes, or not every one."},
      {"redis-password-twice", kW, kSpec,
       "The Redis password is given both inline and by reference."},
      {"oidc-secret-twice", kW, kSpec,
       "`global.auth.oidc.oidcSecret` goes before `secret`."},
      {"oidc-incomplete", kW, kSpec,
       "OIDC settings without `clientId` have no effect, and it has none "
       "without "
       "`issuer`."},
      {"console-managed", kW, kSpec,
       "An annotation leaves the OIDC settings to the System Console."},
      {"ldap-spelling", Severity::kInfo, kSpec,
       "LDAP variables are set under names that the server which answers "
       "logins "
       "may not read."},
      {"ldap-address", Severity::kInfo, kSpec,
       "The address of the LDAP server is no URL."},
      {"ingress-class-twice", kW, kRendered,
       "`ingress.class` beside a class annotation with another value is "
       "refused by the API server."},
      {"ingress-issuer", kW, kRendered,
       "`ingress.issuer.create` goes before `tls`, and what the chart writes "
       "in "
       "place of it is no part of an Ingress."},
      {"ingress-secondary-name", kW, kRendered,
       "A secondary ingress needs a `nameOverride` of its own."},
      {"olap-migration-hook", kW, kSpec,
       "The chart migrates ClickHouse in a hook, for which controller 1.22.0 "
       "gives 30 seconds."},
      {"clear-text-secret", kW, kSpec,
       "`values` or `values_yaml` have a secret in clear text for which there "
       "is a write-only setting."},
      {"path-without-effect", kW, kSpec,
       "A path of `sensitive_paths` or `force_conflict_paths` is nowhere in "
       "the "
       "values, and no chart reads it."},
      {"component-pair", kW, kSpec,
       "A component is installed, and the setting that makes others use it is "
       "missing, or the other way round."},
      {"release-changed", kW, kNews,
       "A refresh finds another release of the channel than the last apply "
       "recorded, or another ConfigMap `wandb-spec-managed`."},
      {"user-input-changed", kW, kNews,
       "A refresh finds that the System Console has changed values since the "
       "last apply."},
  };
}

}  // namespace

const std::vector<FindingKind>& FindingKinds() {
  static const base::NeverDestroyed<std::vector<FindingKind>> kKinds(
      MakeKinds());
  return *kKinds;
}

const FindingKind* FindFindingKind(absl::string_view id) {
  const auto& kinds = FindingKinds();
  const auto found =
      std::find_if(kinds.begin(), kinds.end(),
                   [&](const FindingKind& kind) { return kind.id == id; });
  return found == kinds.end() ? nullptr : &*found;
}

std::string FindingTable() {
  std::string table = "| id | severity | what |\n|---|---|---|\n";
  for (const FindingKind& kind : FindingKinds()) {
    absl::StrAppend(&table, "| `", kind.id, "` | ", SeverityName(kind.severity),
                    kind.reach == kOperator ? ", always" : "",
                    kind.reach == kNews ? ", at most" : "", " | ", kind.summary,
                    " |\n");
  }
  return table;
}

}  // namespace wandb
