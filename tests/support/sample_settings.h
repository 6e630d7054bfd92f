// Typed settings for tests of wandb/settings.
#pragma once

#include <string>
#include <utility>

#include "base/json.h"
#include "gmock/gmock.h"
#include "wandb/settings/compile.h"
#include "wandb/spec/configured_values.h"

namespace wandb {

// The values that the settings give, through the same merge as a configuration.
inline base::Json ValuesOf(const base::Json& settings,
                           const std::string& version = "") {
  CompiledSettings compiled = CompileSettings(settings, version);
  for (const Problem& problem : compiled.problems) {
    ADD_FAILURE() << SourceName(*problem.source) << ": " << problem.message;
  }
  ValueSources sources;
  sources.typed = std::move(compiled.settings);
  const ConfiguredValues values = MergeConfiguredValues(sources);
  EXPECT_THAT(values.problems, testing::IsEmpty());
  return values.values;
}

// Of every kind of place in the chart.
inline base::Json AllSettings() {
  return {
      {"host", "https://w.example"},
      {"license_secret", {{"name", "l"}, {"key", "k"}}},
      {"size", "large"},
      {"session_length_hours", 720},
      {"bucket",
       {{"provider", "s3"},
        {"name", "b"},
        {"path", "p"},
        {"region", "r"},
        {"kms_key", "arn"},
        {"secret",
         {{"name", "s"}, {"access_key_name", "A"}, {"secret_key_name", "S"}}}}},
      {"mysql",
       {{"host", "m"},
        {"port", 3306},
        {"database", "d"},
        {"user", "u"},
        {"password_secret", {{"name", "ms"}, {"password_key", "mk"}}}}},
      {"redis",
       {{"host", "r"},
        {"port", 6379},
        {"params", {{"tls", "true"}}},
        {"secret", {{"name", "rs"}, {"key", "rk"}}}}},
      {"ldap",
       {{"address", "ldaps://l"},
        {"base_dn", "dc=x"},
        {"bind_dn", "cn=x"},
        {"bind_password", "pw"},
        {"attributes", "email=mail"},
        {"group_allow_list", "cn=ml"},
        {"tls", true}}},
      {"oidc",
       {{"client_id", "c"},
        {"auth_method", "pkce"},
        {"issuer", "https://i"},
        {"secret_ref", {{"name", "os"}, {"key", "ok"}}}}},
      {"smtp",
       {{"host", "s"}, {"port", 587}, {"user", "u"}, {"password", "p"}}},
      {"ingress",
       {{"class", "nginx"},
        {"annotations", {{"a.b/c", "d"}}},
        {"additional_hosts", {"h"}},
        {"tls", {{{"secret_name", "t"}, {"hosts", {"h"}}}}}}},
      {"extra_env", {{"A", "b"}}},
      {"custom_ca_certs", {"pem"}},
      {"ca_certs_config_map", "cm"},
      {"components",
       {{"app",
         {{"image",
           {{"repository", "r"}, {"tag", "t"}, {"pull_policy", "Always"}}},
          {"service_account", {{"create", false}, {"name", "sa"}}},
          {"resources", {{"limits", {{"cpu", "1"}}}}},
          {"pod_security_context",
           {{"run_as_user", 1001},
            {"seccomp_profile", {{"type", "RuntimeDefault"}}}}},
          {"security_context", {{"read_only_root_filesystem", true}}}}}}}};
}

}  // namespace wandb
