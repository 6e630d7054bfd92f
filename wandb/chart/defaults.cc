#include "wandb/chart/defaults.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"
#include "wandb/chart/catalogue.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

bool IsTrueToTemplates(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  if (value.is_string()) {
    return !value.get_ref<const std::string&>().empty();
  }
  return value.is_structured() && !value.empty();
}

// Those of every version.
Json MakeCommonDefaults() {
  Json out = {
      {"global",
       {{"host", kDefaultHost},
        {"mysql", {{"host", ""}, {"user", "wandb"}}},
        {"defaultBucket", {{"provider", "s3"}, {"name", ""}}},
        {"api", {{"enabled", false}}},
        {"glue", {{"enabled", false}}}}},
      {"redis", {{"install", true}}},
      {"ingress", {{"install", true}, {"create", true}}},
      {"prometheus",
       {{"install", true}, {"mysql-exporter", {{"install", true}}}}},
  };
  for (const absl::string_view component : Components()) {
    out[std::string(component)]["podDisruptionBudget"] = {
        {"enabled", true}, {"maxUnavailable", 1}};
  }
  // Jobs, which nobody waits for.
  for (const char* job :
       {"settingsMigrationJob", "clickhouseMigrationJob", "lumen-agent"}) {
    out[job]["podDisruptionBudget"]["enabled"] = false;
  }
  for (const char* component : {"app", "console", "parquet", "weave"}) {
    out[component]["install"] = true;
  }
  out["clickhouseMigrationJob"]["helmHook"] = {
      {"enabled", true}, {"hook", "post-install,pre-upgrade"}};
  return out;
}

}  // namespace

Json ChartDefaults(absl::string_view version) {
  static const base::NeverDestroyed<Json> kCommon(MakeCommonDefaults());
  const auto from = [&](absl::string_view since) {
    return CompareVersions(version, since).value_or(0) >= 0;
  };
  Json out = *kCommon;
  out["mysql"]["install"] = !from("0.13.12");
  out["clickhouseMigrationJob"]["install"] = from("0.44.4");
  if (from("0.40.2")) {
    out["app"]["initContainers"]["init-db"]["enabled"] = true;
  }
  return out;
}

Json OverDefaults(const Json& values, Json defaults) {
  if (!values.is_object() || !defaults.is_object()) return values;
  for (const auto& [key, value] : values.items()) {
    Json& below = defaults[key];
    below = OverDefaults(value, std::move(below));
  }
  return defaults;
}

bool IsOn(const ValueView& values, absl::string_view path) {
  const Json* value = values.Value(path);
  return value != nullptr && !UnknownKind(*value).has_value() &&
         IsTrueToTemplates(*value);
}

bool IsOff(const ValueView& values, absl::string_view path) {
  const Json* value = values.Value(path);
  if (value == nullptr) return values.IsUnset(path);
  return !UnknownKind(*value).has_value() && !IsTrueToTemplates(*value);
}

std::string SwitchOf(absl::string_view section) {
  return section == "api" || section == "glue"
             ? absl::StrCat("global.", section, ".enabled")
             : absl::StrCat(section, ".install");
}

bool IsInstalled(const ValueView& values, absl::string_view component) {
  return IsOn(values, SwitchOf(component));
}

bool HasMainIngress(const ValueView& values) {
  return IsOn(values, "ingress.install") && IsOn(values, "ingress.create");
}

}  // namespace wandb
