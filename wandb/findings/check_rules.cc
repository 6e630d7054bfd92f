#include "wandb/findings/check_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/defaults.h"
#include "wandb/chart/rules.h"
#include "wandb/findings/template_fails.h"
#include "wandb/pem.h"
#include "wandb/unknown.h"
#include "wandb/value_view.h"

namespace wandb {
namespace {

using base::Json;

// Whether the chart makes an object that names the host without its scheme.
bool HasObjectOfHost(const ValueView& rendered) {
  return HasMainIngress(rendered) ||
         IsOn(rendered, "ingress.secondary.create") ||
         (IsOn(rendered, "ingress.issuer.create") &&
          rendered.Text("ingress.issuer.provider") == "google");
}

// Takes `:` and digits away from the end of `host`.
void ConsumePort(absl::string_view& host) {
  const size_t colon = host.rfind(':');
  if (colon == absl::string_view::npos || colon + 1 == host.size() ||
      host.find_first_not_of("0123456789", colon + 1) !=
          absl::string_view::npos) {
    return;
  }
  host.remove_suffix(host.size() - colon);
}

void CheckHost(Checker& c) {
  const std::string text = c.values().Text("global.host");
  // White space around it is another finding.
  const absl::string_view host = absl::StripAsciiWhitespace(text);
  if (host.empty() || !c.IsOwn("global.host") || host == kDefaultHost) return;
  absl::string_view rest = host;
  const bool scheme = absl::ConsumePrefix(&rest, "https://") ||
                      absl::ConsumePrefix(&rest, "http://");
  const bool in_object = HasObjectOfHost(c.rendered());
  if (!in_object) ConsumePort(rest);
  const bool address =
      !in_object && absl::StartsWith(rest, "[") && absl::EndsWith(rest, "]");
  if (scheme && !rest.empty() &&
      (address || rest.find_first_of(":/?#@ \n") == absl::string_view::npos)) {
    return;
  }
  c.Add("host-shape", "global.host",
        in_object
            ? "must be http:// or https:// and a host name, and nothing else: "
              "the chart takes all behind the scheme as the Ingress's host. "
              "Remove port, path and trailing slash"
            : "must be http:// or https:// and a host name, with a port or "
              "not: W&B puts the paths of its links behind it. Remove path "
              "and trailing slash");
}

void CheckCertificateList(Checker& c) {
  const Json* list = c.values().Value("global.customCACerts");
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

// Of MySQL and Redis, as they are written into files.
void CheckServerCertificates(Checker& c) {
  for (const char* path : {"global.mysql.caCert", "global.redis.caCert"}) {
    const std::string text = c.values().Text(path);
    // Beside a Secret, that of Redis only says that there is one.
    if (!c.IsOwn(path) || text.empty() || absl::StrContains(text, "{{") ||
        (absl::StartsWith(path, "global.redis") &&
         !c.values().IsUnset("global.redis.secret.secretName"))) {
      continue;
    }
    const absl::Status status = CheckCertificates(text);
    if (status.ok()) continue;
    c.Add("pem-invalid", path,
          absl::StrCat(status.message(), ". Write the content of the file"));
  }
}

void CheckBucket(const std::string& bucket, Checker& c) {
  const ValueView& values = c.values();
  const std::string key = absl::StrCat(bucket, ".kmsKey");
  const std::string name = values.Text(absl::StrCat(bucket, ".name"));
  if (c.IsOwn(bucket) && values.IsSet(key) &&
      values.Text(absl::StrCat(bucket, ".provider")) == "s3" &&
      absl::StrContains(name, ".") && absl::StrContains(name, ":")) {
    c.Add("kms-key-outside-aws", key,
          "must be empty for a server of one's own. Set it to null");
  }
}

// Without a password, which a chart that knows this refuses beside it.
bool LogsInByIam(const Checker& c) {
  const std::string path = "global.mysql.rdsIamAuth";
  return !c.Before(kRdsIamAuthSince) && !IsOff(c.values(), path);
}

void CheckMysql(Checker& c) {
  const ValueView& values = c.values();
  if (c.IsOwn("global.mysql.host") && values.IsSet("global.mysql.host") &&
      values.IsUnset("global.mysql.password") &&
      !values.IsTrue("mysql.install") &&
      values.IsUnset("global.mysql.passwordSecret.name") && !LogsInByIam(c) &&
      c.all_layers()) {
    c.Add("mysql-password-missing", "global.mysql",
          "has a host and neither password nor passwordSecret: the chart makes "
          "up a random password. Set one of them");
  }
  if (c.IsOwn("global.mysql.host") && values.IsSet("global.mysql.host") &&
      IsOn(values, "mysql.install")) {
    c.Add("mysql-twice", "global.mysql.host",
          "names a MySQL of your own, and the bundled one, which nobody uses "
          "then, is installed too. Set mysql.install to false");
  }
  const Json* host = values.Value("global.mysql.host");
  // Not where it is as empty as the chart's own.
  if (c.IsOwn("global.mysql.host") && host != nullptr && *host == Json("") &&
      (values.IsSet("global.mysql.password") ||
       values.IsSet("global.mysql.passwordSecret.name")) &&
      !values.IsTrue("mysql.install")) {
    c.Add("mysql-host-empty", "global.mysql.host",
          "is empty, and hides what a lower layer may have. Write the server's "
          "name, or leave the key out");
  }
}

void CheckRedis(Checker& c) {
  const ValueView& values = c.values();
  if (c.IsOwn("global.redis.host") && values.IsSet("global.redis.host") &&
      (values.IsTrue("redis.install") ||
       (c.all_layers() && values.IsUnset("redis.install") &&
        !values.IsFalse("redis.install")))) {
    c.Add("redis-twice", "global.redis.host",
          "names a Redis of your own, and the bundled one is installed too. "
          "Set redis.install to false");
  }
  if (c.IsOwn("global.redis.caCert") && values.IsSet("global.redis.caCert") &&
      values.IsSet("global.redis.secret.secretName")) {
    c.Add("redis-ca-cert", "global.redis.caCert",
          "only switches TLS on beside global.redis.secret: the certificate is "
          "read from key REDIS_CA_CERT of that Secret. See that it is there");
  }
  constexpr char kTtl[] = "global.redis.params.ttlInSeconds";
  const Json* ttl = values.Value(kTtl);
  if (c.IsOwn(kTtl) && values.IsSet(kTtl) && !HasUnknown(*ttl) &&
      *ttl != Json(absl::StrCat(kRedisTtlSeconds)) &&
      *ttl != Json(kRedisTtlSeconds)) {
    c.Add("redis-ttl", kTtl,
          absl::StrCat("has no effect: the chart's own ", kRedisTtlSeconds,
                       " goes before it. Take it out"));
  }
}

// Without app somebody else must answer: names what is missing of it.
void CheckApp(Checker& c) {
  if (!c.IsOwn("app.install") || !IsOff(c.values(), "app.install")) return;
  std::vector<std::string> missing;
  for (const char* path : {"global.localService.bypass", "global.api.enabled",
                           "frontend.install"}) {
    if (IsOff(c.rendered(), path)) missing.emplace_back(path);
  }
  if (missing.empty()) return;
  c.Add("component-pair", "app.install",
        absl::StrCat("is false, and what stands in for app is off: ",
                     absl::StrJoin(missing, ", "),
                     ". Set all of them to true, or leave app on"));
}

// The broker is also that of the workers of traces, and may be another's.
void CheckBufstream(Checker& c) {
  const ValueView& values = c.rendered();
  const std::string install = "bufstream.install";
  const std::string enabled = "global.bufstream.enabled";
  if (!c.IsOwn(install) && !c.IsOwn(enabled)) return;
  const auto runs = [&](absl::string_view component) {
    return !IsOff(values, absl::StrCat(component, ".install"));
  };
  if (IsOn(values, install) && IsOff(values, enabled) &&
      !runs("weave-trace-worker") && !runs("weave-evaluate-model-worker") &&
      !runs("weave-trace-agent-scoring-worker")) {
    c.Add("component-pair", install,
          absl::StrCat("is true and ", enabled,
                       " is not: the broker runs, and nobody uses it. Set "
                       "both"));
  }
  if (IsOn(values, enabled) && IsOff(values, install) &&
      values.IsUnset("global.kafka.brokerHost")) {
    c.Add("component-pair", enabled,
          absl::StrCat("is true and ", install,
                       " is not: messages go to bufstream.bufstream.svc, "
                       "which somebody else would have to run. Set both, or "
                       "global.kafka.brokerHost"));
  }
}

// The chart prefers what was there before, without a word.
void CheckTraceSource(Checker& c) {
  const std::string enabled = "global.olap.weaveTrace.enabled";
  const std::string source = c.values().Text(
      "global.weaveTrace."
      "clickhouseSource");
  if (c.Before("0.44.15") || !IsOn(c.values(), enabled) ||
      (!source.empty() && source != "auto") ||
      (!c.IsOwn(enabled) && !c.IsOwn("global.clickhouse"))) {
    return;
  }
  const std::string host = c.values().Text("global.clickhouse.host");
  const bool own_host =
      !host.empty() && host != "{{ .Release.Name }}-clickhouse-headless";
  if (!own_host && !IsOn(c.values(), "clickhouse.install") &&
      !c.values().IsSet("global.clickhouse.password")) {
    return;
  }
  c.Add("component-pair", enabled,
        "is true, and the ClickHouse of global.clickhouse or "
        "clickhouse.install goes before it. Set "
        "global.weaveTrace.clickhouseSource to olap, or take the other out");
}

// Since the switch has no default, one that says no goes before the service.
void CheckHistory(Checker& c) {
  const std::string enabled = "global.olap.history.enabled";
  if (c.Before("0.44.15") || !c.IsOwn(enabled) ||
      !c.values().IsFalse(enabled) ||
      !IsOn(c.values(), "history-updater.install")) {
    return;
  }
  c.Add("component-pair", enabled,
        "is false, which switches the history off that history-updater.install "
        "is to fill. Take it out, or set both to the same");
}

void CheckComponents(Checker& c) {
  if (!c.all_layers()) return;  // The release channel may set the other half.
  CheckApp(c);
  CheckBufstream(c);
  CheckTraceSource(c);
  CheckHistory(c);
}

// Whether the chart that runs refuses it; while it is not known, whether the
// newest that is catalogued, or a newer one, does.
bool Applies(const TemplateFail& fail, const Checker& c) {
  const std::string& version = c.chart_version();
  const auto before = [](absl::string_view a, absl::string_view b) {
    return CompareVersions(a, b).value_or(0) < 0;
  };
  if (version.empty()) {
    return fail.until.empty() || before(kCataloguedChart, fail.until);
  }
  return (fail.since.empty() || !before(version, fail.since)) &&
         (fail.until.empty() || before(version, fail.until));
}

void CheckTemplateFails(Checker& c) {
  for (const TemplateFail& fail : TemplateFails()) {
    if (std::none_of(fail.paths.begin(), fail.paths.end(),
                     [&](const std::string& path) { return c.IsOwn(path); }) ||
        !Applies(fail, c) || c.Has("invalid-value", fail.paths[0]) ||
        !fail.fails(c.rendered())) {
      continue;
    }
    std::string refused = "; the chart refuses that, and nothing is applied";
    if (c.chart_version().empty()) {
      absl::StrAppend(&refused, " (from chart ", fail.since,
                      " on; which one will run is not known)");
    }
    // Before the sentence that says what to do.
    std::string message = fail.message;
    message.insert(message.rfind(". "), refused);
    c.Add("template-fails", fail.paths[0], message);
  }
}

// Only where the custom resource has a part in it: what others got wrong among
// themselves is not its mistake.
void CheckTable(Checker& c) {
  for (const Rule& rule : Rules()) {
    if (rule.all_layers && !c.all_layers()) continue;
    const std::vector<std::string> paths = rule.paths();
    if (std::none_of(paths.begin(), paths.end(),
                     [&](const std::string& path) { return c.IsOwn(path); }) ||
        !IsBroken(rule, c.values())) {
      continue;
    }
    c.Add(rule.finding, rule.place(),
          rule.Text([](absl::string_view path) { return std::string(path); }));
  }
}

}  // namespace

void CheckRules(Checker& checker) {
  CheckHost(checker);
  CheckCertificateList(checker);
  CheckServerCertificates(checker);
  CheckTable(checker);
  CheckBucket("global.bucket", checker);
  CheckBucket("global.defaultBucket", checker);
  CheckMysql(checker);
  CheckRedis(checker);
  CheckComponents(checker);
  CheckTemplateFails(checker);
}

}  // namespace wandb
