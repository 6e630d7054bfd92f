#include "wandb/finding_kinds.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"

namespace wandb {
namespace {

constexpr Severity kE = Severity::kError;
constexpr Severity kW = Severity::kWarning;

std::vector<FindingKind> MakeKinds() {
  return {
      {"kind-clash", kE, true,
       "Two layers have values of different kinds at one path: the operator "
       "fails, without saying where."},
      {"null-clash", kE, true,
       "A null meets a value of another layer: the operator crashes, again and "
       "again."},
      {"chart-unrecognized", kE, true,
       "`chart` is none that the operator knows: it would use the release "
       "channel's without a word."},
      {"chart-version-type", kE, true,
       "`chart.version` is no string, which makes the operator pass over the "
       "whole chart, or not one version."},
      {"chart-missing", kE, false,
       "An air-gapped operator gets no chart from any layer, and runs "
       "nothing."},
      {"chart-credential-keys", kE, false,
       "`chart.credentialSecret` without both key names: the operator upgrades "
       "the release at every reconcile."},
      {"unsafe-integer", kE, true,
       "An integer that a double cannot hold: the operator would change it."},
      {"spec-too-large", kE, false,
       "The specification does not fit into the Secret or the custom resource "
       "that has to hold it."},
      {"template-fails", kE, false,
       "A template of the chart refuses the values: the operator reports "
       "\"Invalid Config\", and applies nothing."},
      {"chart-version-unknown", Severity::kInfo, false,
       "Which chart version will run is not known; the rules of the newest "
       "catalogued one were used."},
      {"chart-newer", Severity::kInfo, false,
       "The chart that runs is newer than those that are known here; unknown "
       "keys are remarks only. Of another major version it is a warning."},
      {"list-repeats", kW, false,
       "A list repeats elements that a lower layer has: lists are appended."},
      {"number-notation", kW, false,
       "A number from a million up is printed like 1e+06 where the chart makes "
       "text of it."},
      {"quoted-boolean", kW, false,
       "A switch is text: the chart takes any text for true, \"false\" too."},
      {"manifest-as-values", kE, false,
       "The values are a whole manifest or spec, of which no chart reads "
       "anything."},
      {"unknown-key", kW, false, "No chart reads the key."},
      {"stale-key", kW, false,
       "The chart that runs does not read the key (any more)."},
      {"key-too-new", kW, false,
       "Only newer charts than the one that runs read the key."},
      {"unreleased-key", Severity::kInfo, false,
       "No released chart reads the key yet."},
      {"wrong-type", kW, false,
       "A value is of another type than the chart, or the API server, takes "
       "there."},
      {"reference-form", kW, false,
       "A reference to a Secret or ConfigMap has not the form that Kubernetes "
       "takes, or an empty name or key."},
      {"quantity", kW, false,
       "A resource is no quantity of Kubernetes, less than nothing, or one of "
       "thousandths of a byte."},
      {"resource-name", kW, false,
       "What a container requests, or is limited to, is no resource that the "
       "API server knows."},
      {"invalid-value", kW, false,
       "The chart takes only certain values there; of a typed setting it is an "
       "error."},
      {"env-not-string", kW, false,
       "The value of an environment variable is no string."},
      {"env-name", kW, false,
       "The name of an environment variable is none that the API server "
       "takes."},
      {"env-twice", kW, false,
       "A variable stands in `env` and, with another value, in `extraEnv` of "
       "the same section, which then has no effect."},
      {"number-range", kW, false,
       "The id of a user or group is out of the range of Kubernetes."},
      {"image-tag", kW, false,
       "The tag of an image is none that a registry has, or none that the "
       "chart can make a label of."},
      {"label", kW, false,
       "A label, a node selector or the key of an annotation is none that the "
       "API server takes."},
      {"object-name", kW, false,
       "A value is the name of an object, or of a key in it, that cannot "
       "exist."},
      {"name-too-long", kW, false,
       "An object that the chart names after the instance would have a name "
       "that the API server refuses."},
      {"requests-over-limits", kW, false,
       "More of a resource is requested than its limit."},
      {"replica-bounds", kW, false,
       "A number of replicas is less than the API server takes, or than its "
       "lower bound."},
      {"host-shape", kW, false,
       "`global.host` is more or less than scheme and host."},
      {"ingress-host-shape", kW, false,
       "A host of the Ingress is no host name, or more than one."},
      {"server-host-shape", kW, false,
       "The host of MySQL, Redis, mail or ClickHouse has a scheme, port or "
       "path."},
      {"image-prefix-shape", kW, false,
       "What goes before the names of images has a scheme, or a slash at its "
       "end."},
      {"bucket-name-scheme", kW, false,
       "The name of a bucket begins with a scheme, like `s3://`."},
      {"url-password", kW, false,
       "A password that the chart puts into a URL as it is has characters that "
       "are reserved there."},
      {"stray-space", kW, false,
       "A license, host, name, token or key begins or ends with white space."},
      {"helm-escape", kW, false,
       "Backslashes that Helm's `set` would have eaten are left in a string."},
      {"pem-invalid", kW, false,
       "An entry of `global.customCACerts` is not exactly one certificate, or "
       "the CA certificate of a server is none."},
      {"release-id-in-values", kW, false,
       "`_releaseId` in values pins nothing."},
      {"license-reference", kW, false,
       "`global.licenseSecret` needs both name and key, and goes without "
       "`global.license`."},
      {"bucket-credentials", kW, false,
       "Access key and secret key of a bucket go together."},
      {"bucket-secret-twice", kW, false,
       "A bucket has credentials both inline and by reference."},
      {"azure-storage-key", kW, false,
       "The storage key of an Azure bucket belongs into `accessKey`."},
      {"kms-key-outside-aws", kW, false,
       "`kmsKey` of a bucket that is not AWS S3."},
      {"mysql-password-twice", kW, false,
       "The MySQL password is given both inline and by reference."},
      {"mysql-host-empty", kW, false,
       "`global.mysql.host` is empty, which hides what other layers have."},
      {"mysql-missing", kW, false,
       "No layer names a MySQL host, and none is bundled."},
      {"bucket-missing", kW, false, "No layer names a bucket."},
      {"clickhouse-missing", kW, false,
       "Traces are switched on, no layer names a ClickHouse host, and none is "
       "bundled."},
      {"host-missing", kW, false,
       "No layer sets `global.host`, or to the chart's own only."},
      {"public-chart", kW, false,
       "Air-gapped, the chart comes from W&B's public repository."},
      {"public-image", kW, false,
       "Air-gapped, components take their images from public registries."},
      {"mysql-password-missing", kW, false,
       "An external MySQL without a password gets a random one."},
      {"redis-twice", kW, false,
       "An external Redis is configured, and the bundled one runs too."},
      {"redis-ca-cert", kW, false,
       "Beside a Secret for Redis, the CA certificate is read from that "
       "Secret."},
      {"redis-ttl", kW, false,
       "The chart's own time to live goes before `ttlInSeconds`."},
      {"clickhouse-password-twice", kW, false,
       "The ClickHouse password is given both inline and by reference."},
      {"toleration", kW, false,
       "A toleration is none that the API server takes, or not every one."},
      {"redis-password-twice", kW, false,
       "The Redis password is given both inline and by reference."},
      {"oidc-secret-twice", kW, false,
       "`global.auth.oidc.oidcSecret` goes before `secret`."},
      {"oidc-incomplete", kW, false,
       "OIDC settings without `clientId` have no effect."},
      {"console-managed", kW, false,
       "An annotation leaves the OIDC settings to the System Console."},
      {"ldap-spelling", Severity::kInfo, false,
       "LDAP variables are set under names that the server which answers "
       "logins "
       "may not read."},
      {"ingress-class-twice", kW, false,
       "`ingress.class` beside a class annotation with another value is "
       "refused by the API server."},
      {"ingress-issuer", kW, false,
       "`ingress.issuer.create` goes before `tls`, and what the chart writes "
       "in "
       "place of it is no part of an Ingress."},
      {"ingress-secondary-name", kW, false,
       "A secondary ingress needs a `nameOverride` of its own."},
      {"olap-migration-hook", kW, false,
       "The chart migrates ClickHouse in a hook, for which controller 1.22.0 "
       "gives 30 seconds."},
      {"path-without-effect", kW, false,
       "A path of `sensitive_paths` or `force_conflict_paths` is nowhere in "
       "the "
       "values, and no chart reads it."},
      {"component-pair", kW, false,
       "A component is installed, and the setting that makes others use it is "
       "missing, or the other way round."},
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
                    kind.fixed ? ", always" : "", " | ", kind.summary, " |\n");
  }
  return table;
}

}  // namespace wandb
