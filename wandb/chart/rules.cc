#include "wandb/chart/rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/never_destroyed.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

constexpr absl::string_view kGoesBefore =
    "goes before $1, which then has no effect. Keep one of the two";

void AddBucket(const std::string& bucket, std::vector<Rule>& out) {
  const auto at = [&](absl::string_view field) {
    return absl::StrCat(bucket, ".", field);
  };
  out.push_back({.finding = "azure-storage-key",
                 .kind = RuleKind::kOnlyWhere,
                 .path = at("secretKey"),
                 .others = {at("accessKey")},
                 .message = "is not read for Azure: the storage key is taken "
                            "from $1. Move it there",
                 .when = at("provider"),
                 .is = {"az"},
                 .is_not = true});
  out.push_back({.finding = "bucket-credentials",
                 .kind = RuleKind::kTogether,
                 .path = bucket,
                 .others = {at("accessKey"), at("secretKey")},
                 .message = "has only one of $1 and $2, and then the chart "
                            "uses neither. Set both, or use a secret reference",
                 .when = at("provider"),
                 .is = {"az"},
                 .is_not = true});
  out.push_back({.finding = "bucket-secret-twice",
                 .kind = RuleKind::kExclusive,
                 .path = at("secret.secretName"),
                 .others = {at("accessKey"), at("secretKey")},
                 .message = "goes before $1 and $2, which then have no effect. "
                            "Keep one of the two",
                 .at = at("secret")});
  out.push_back({.finding = "kms-key-outside-aws",
                 .kind = RuleKind::kOnlyWhere,
                 .path = at("kmsKey"),
                 .message = "must be empty outside AWS. Set it to null",
                 .when = at("provider"),
                 .is = {"s3", ""}});
}

std::vector<Rule> MakeRules() {
  std::vector<Rule> out = {
      {.finding = "license-reference",
       .kind = RuleKind::kNeeds,
       .path = "global.licenseSecret",
       .others = {"global.licenseSecret.name", "global.licenseSecret.key"},
       .message = "needs both name and key: the operator looks for the license "
                  "without the chart's default. Set both"},
      {.finding = "license-reference",
       .kind = RuleKind::kExclusive,
       .path = "global.license",
       .others = {"global.licenseSecret"},
       .message = "has no effect beside $0. Keep one of the two",
       .at = "global.licenseSecret"},
  };
  AddBucket("global.bucket", out);
  AddBucket("global.defaultBucket", out);
  const std::vector<Rule> rest = {
      {.finding = "mysql-password-twice",
       .kind = RuleKind::kExclusive,
       .path = "global.mysql.passwordSecret.name",
       .others = {"global.mysql.password"},
       .message = kGoesBefore,
       .at = "global.mysql.passwordSecret"},
      {.finding = "clickhouse-password-twice",
       .kind = RuleKind::kExclusive,
       .path = "global.clickhouse.passwordSecret.name",
       .others = {"global.clickhouse.password"},
       .message = kGoesBefore,
       .at = "global.clickhouse.passwordSecret"},
      {.finding = "redis-password-twice",
       .kind = RuleKind::kExclusive,
       .path = "global.redis.secret.secretName",
       .others = {"global.redis.password"},
       .message = kGoesBefore,
       .at = "global.redis.secret"},
      {.finding = "oidc-secret-twice",
       .kind = RuleKind::kExclusive,
       .path = "global.auth.oidc.oidcSecret.name",
       .others = {"global.auth.oidc.secret"},
       .message = kGoesBefore,
       .at = "global.auth.oidc.oidcSecret"},
      {.finding = "oidc-incomplete",
       .kind = RuleKind::kNeededBy,
       .path = "global.auth.oidc.clientId",
       .others = {"global.auth.oidc.issuer", "global.auth.oidc.secret",
                  "global.auth.oidc.authMethod"},
       .message =
           "has no clientId, and without it nothing of it applies. Set it",
       .at = "global.auth.oidc",
       .all_layers = true},
  };
  out.insert(out.end(), rest.begin(), rest.end());
  struct Pair {
    const char* path;
    const char* other;
    const char* message;
  };
  constexpr Pair kPairs[] = {
      {"weave-trace.install", "global.weave-trace.enabled",
       "is true and $1 is not: the service runs, and nobody sends it traces. "
       "Set both"},
      {"global.weave-trace.enabled", "weave-trace.install",
       "is true and $1 is not: traces are sent to a service that does not "
       "exist. Set both, with a ClickHouse that can be reached"},
      {"executor.install", "global.executor.enabled",
       "is true and $1 is not: the service runs, and no task is queued for it. "
       "Set both"},
      {"global.executor.enabled", "executor.install",
       "is true and $1 is not: tasks are queued, and nobody takes them. Set "
       "both"},
      {"run-store-accelerator-run-updater.install",
       "global.olap.runStoreAccelerator.enabled",
       "is true and $1 is not: the service runs, and has no ClickHouse to "
       "write to. Set both"},
  };
  for (const Pair& pair : kPairs) {
    out.push_back({.finding = "component-pair",
                   .kind = RuleKind::kSwitchedTogether,
                   .path = pair.path,
                   .others = {pair.other},
                   .message = pair.message,
                   .all_layers = true});
  }
  return out;
}

// Whether `value` says nothing: as the chart's own defaults do of references.
bool SaysNothing(const base::Json& value) {
  if (value.is_object()) {
    return std::all_of(value.begin(), value.end(), SaysNothing);
  }
  return value.is_null() || value == base::Json("");
}

// Whether the condition of `rule` holds; nullopt while it is open.
std::optional<bool> Holds(const Rule& rule, const ValueView& values) {
  if (rule.when.empty()) return true;
  if (!values.IsSet(rule.when) && !values.IsUnset(rule.when)) {
    return std::nullopt;
  }
  const base::Json* value = values.Value(rule.when);
  if (value != nullptr && HasUnknown(*value)) return std::nullopt;
  const bool is = std::find(rule.is.begin(), rule.is.end(),
                            values.Text(rule.when)) != rule.is.end();
  return is != rule.is_not;
}

}  // namespace

std::vector<std::string> Rule::paths() const {
  std::vector<std::string> all = others;
  all.push_back(path);
  if (!when.empty()) all.push_back(when);
  return all;
}

std::string Rule::Text(
    const std::function<std::string(absl::string_view)>& name) const {
  std::vector<std::pair<std::string, std::string>> names;
  names.emplace_back("$0", name(path));
  for (size_t i = 0; i < others.size(); ++i) {
    names.emplace_back(absl::StrCat("$", i + 1), name(others[i]));
  }
  return absl::StrReplaceAll(message, names);
}

const std::vector<Rule>& Rules() {
  static const base::NeverDestroyed<std::vector<Rule>> kRules(MakeRules());
  return *kRules;
}

bool IsBroken(const Rule& rule, const ValueView& values) {
  const auto is_set = [&](const std::string& path) {
    return values.IsSet(path) && !SaysNothing(*values.Value(path));
  };
  const auto is_unset = [&](const std::string& path) {
    return values.IsUnset(path);
  };
  const std::vector<std::string>& others = rule.others;
  const std::optional<bool> holds = Holds(rule, values);
  if (rule.kind == RuleKind::kOnlyWhere) {
    return holds == false && values.IsSet(rule.path);
  }
  if (holds != true) return false;
  switch (rule.kind) {
    case RuleKind::kExclusive:
      return is_set(rule.path) &&
             std::any_of(others.begin(), others.end(), is_set);
    case RuleKind::kTogether:
      return std::any_of(others.begin(), others.end(), is_set) &&
             std::any_of(others.begin(), others.end(), is_unset);
    case RuleKind::kNeeds: {
      const base::Json* value = values.Value(rule.path);
      return value != nullptr && !SaysNothing(*value) &&
             std::any_of(others.begin(), others.end(), is_unset);
    }
    case RuleKind::kNeededBy:
      return values.IsUnset(rule.path) &&
             std::any_of(others.begin(), others.end(), is_set);
    case RuleKind::kSwitchedTogether:
      return values.IsTrue(rule.path) &&
             (values.IsFalse(others[0]) || values.IsUnset(others[0]));
    case RuleKind::kOnlyWhere:
      break;
  }
  return false;
}

}  // namespace wandb
