#include "wandb/settings/take.h"

#include "gmock/gmock.h"
#include "tests/support/sample_settings.h"

namespace wandb {
namespace {

using base::Json;

Json Take(Json& values, const std::string& version = "") {
  return TakeSettings(
      values, version,
      [](const SettingRow&, const Path&, const Json&) { return true; });
}

TEST(TakeSettingsTest, WhatSettingsMeanIsReadBackAsThem) {
  for (const char* version : {"", "0.32.0"}) {
    Json settings = AllSettings();
    if (*version != '\0') {
      settings["smtp"].erase("mail_from");
      settings["oidc"].erase("secret_ref");
    }
    Json values = ValuesOf(settings, version);
    EXPECT_EQ(Take(values, version), settings);
    EXPECT_EQ(values, Json::object());
  }
}

TEST(TakeSettingsTest, WhatNoSettingCanSayStaysAmongTheValues) {
  for (const Json& values : std::vector<Json>{
           {{"app", {{"resources", {{"claims", {{{"name", "gpu"}}}}}}}}},
           {{"app", {{"image", {{"tag", 1.5}}}}}},
           {{"global", {{"mysql", {{"host", "h"}}}}}},  // The bundled one, too.
           {{"global", {{"mysql", {{"port", 3306}}}}},
            {"mysql", {{"install", false}}}},
           {{"global",
             {{"license",
               {{"valueFrom", {{"secretKeyRef", {{"name", "s"}}}}}}}}}},
           {{"global", {{"size", "enormous"}}}},
           {{"global", {{"host", ""}}}},
           {{"global", {{"extraEnv", {{"A", 1}}}}}},
           {{"ingress", {{"tls", {{{"hosts", {1}}}}}}}},
           {{"weave-trace-worker", {{"install", "true"}}}},
           {{"ingress", {{"issuer", {{"email", "e"}}}}}},
           {{"global", {{"tolerations", {{{"effect", "Never"}}}}}}},
           {{"unknown", {{"image", {{"tag", "t"}}}}}}}) {
    Json left = values;
    EXPECT_EQ(Take(left), Json::object()) << values;
    EXPECT_EQ(left, values);
  }
}

// One that cannot be said leaves the others of its group to the settings.
TEST(TakeSettingsTest, WhatStaysBehindDoesNotKeepTheRest) {
  Json values = {
      {"ingress", {{"class", "nginx"}, {"issuer", {{"email", "e"}}}}},
      {"app",
       {{"replicaCount", 2},
        {"image", {{"tag", "t"}, {"pullPolicy", "Often"}}}}},
      {"global", {{"mysql", {{"host", "h"}, {"rdsIamAuth", true}}}}},
      {"mysql", {{"install", false}}}};
  EXPECT_EQ(Take(values),
            (Json{{"ingress", {{"class", "nginx"}}},
                  {"components",
                   {{"app", {{"replicas", 2}, {"image", {{"tag", "t"}}}}}}},
                  {"mysql", {{"host", "h"}}}}));
  EXPECT_EQ(values, (Json{{"ingress", {{"issuer", {{"email", "e"}}}}},
                          {"app", {{"image", {{"pullPolicy", "Often"}}}}},
                          {"global", {{"mysql", {{"rdsIamAuth", true}}}}}}));
}

// What excludes one another stays for the user to choose from.
TEST(TakeSettingsTest, TheSettingsThatAreReadBackAreValid) {
  Json values = {{"global",
                  {{"license", "l"},
                   {"licenseSecret", {{"name", "s"}, {"key", "k"}}},
                   {"host", "https://h"}}}};
  EXPECT_EQ(Take(values),
            (Json{{"host", "https://h"},
                  {"license_secret", {{"name", "s"}, {"key", "k"}}}}));
  EXPECT_EQ(values, (Json{{"global", {{"license", "l"}}}}));
}

TEST(TakeSettingsTest, OnlyWhatMayBeTakenIs) {
  Json values = {{"global", {{"host", "https://h"}, {"license", "l"}}}};
  const Json taken = TakeSettings(
      values, "", [](const SettingRow& row, const Path& path, const Json&) {
        EXPECT_EQ(FormatPath(path), row.path);
        return row.attribute == "host";
      });
  EXPECT_EQ(taken, (Json{{"host", "https://h"}}));
  EXPECT_EQ(values, (Json{{"global", {{"license", "l"}}}}));
}

}  // namespace
}  // namespace wandb
