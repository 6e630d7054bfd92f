#include "wandb/findings/template_fails.h"

#include <set>

#include "base/yaml.h"
#include "gmock/gmock.h"
#include "wandb/chart/catalogue.h"
#include "wandb/findings/evaluate.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::IsEmpty;

Json Yaml(const std::string& text) {
  auto read = base::ReadYaml(text, "test");
  EXPECT_TRUE(read.ok()) << read.status();
  return std::move(read->json);
}

// Where chart `version` ("": not known) refuses `values`.
std::vector<std::string> Refused(const Json& values,
                                 const std::string& version) {
  SpecLayer own = {.values = values};
  if (!version.empty()) {
    own.chart = {{"url", "https://charts.wandb.ai"},
                 {"name", "operator-wandb"},
                 {"version", version}};
  }
  std::vector<std::string> paths;
  for (const Problem& finding : Evaluate({.custom_resource = &own}).findings) {
    if (finding.id == "template-fails") paths.push_back(finding.path);
  }
  return paths;
}

struct Case {
  const char* values;
  const char* path;       // Where it is refused.
  const char* since;      // "": always.
  const char* until;      // "": to this day.
  const char* corrected;  // Is not refused.
};

const Case kCases[] = {
    {"{app: {podDisruptionBudget: {minAvailable: 1}}}",
     "app.podDisruptionBudget", "0.33.0", "",
     "{app: {podDisruptionBudget: {minAvailable: 1, maxUnavailable: null}}}"},
    {"{weave: {podDisruptionBudget: {minAvailable: 50%, maxUnavailable: 2}}}",
     "weave.podDisruptionBudget", "0.33.0", "",
     "{weave: {podDisruptionBudget: {minAvailable: 0, maxUnavailable: 2}}}"},
    {"{glue: {podDisruptionBudget: {minAvailable: 1}},"
     " global: {glue: {enabled: true}}}",
     "glue.podDisruptionBudget", "0.33.0", "",
     "{glue: {podDisruptionBudget: {minAvailable: 1}}}"},
    {"{console: {helmHook: {enabled: true}}}", "console.helmHook", "0.34.2", "",
     "{console: {helmHook: {enabled: true, hook: pre-install}}}"},
    {"{app: {services: {a: {enabled: true}}}}", "app.services", "0.42.4", "",
     "{app: {services: {a: {enabled: true, name: a}}}}"},
    {"{global: {mysql: {caCert: {secretKeyRef: {name: s, key: k}}}}}",
     "global.mysql.caCert", "0.39.0", "",
     "{global: {mysql: {caCert: {valueFrom: {secretKeyRef: {name: s}}}}}}"},
    {"{mcp-server: {install: true, weave: {tools: sometimes}},"
     " weave-trace: {install: true}}",
     "mcp-server.weave.tools", "0.42.6", "0.44.20",
     "{mcp-server: {install: true, weave: {tools: Auto}},"
     " weave-trace: {install: true}}"},
    {"{mcp-server: {install: true, weave: {tools: true},"
     " env: {WF_TRACE_SERVER_URL: ''}}, global: {weave-trace: {}}}",
     "mcp-server.weave.tools", "0.42.6", "0.44.20",
     "{mcp-server: {install: true, weave: {tools: 'true'}},"
     " weave-trace: {install: true}}"},
    {"{mcp-server: {install: true, tools: {profile: models-weave}}}",
     "mcp-server.tools.profile", "0.44.20", "",
     "{mcp-server: {install: true, tools: {profile: models-weave},"
     " traceBackend: {url: 'https://t.example'}}}"},
    {"{mcp-server: {install: true, tools: {profile: models-weave},"
     " traceBackend: {mode: disabled}}, weave-trace: {install: true}}",
     "mcp-server.tools.profile", "0.44.20", "",
     "{mcp-server: {install: true, tools: {profile: models-weave}},"
     " weave-trace: {install: true}}"},
    {"{mcp-server: {install: true, replicaCount: 2}}",
     "mcp-server.replicaCount", "0.44.20", "",
     "{mcp-server: {install: true, replicaCount: 1}}"},
    {"{mcp-server: {install: true,"
     " autoscaling: {horizontal: {enabled: true}}}}",
     "mcp-server.autoscaling", "0.44.20", "", "{mcp-server: {install: true}}"},
    {"{mcp-server: {install: true, envFrom: {a: secretRef}}}",
     "mcp-server.envFrom", "0.44.20", "",
     "{mcp-server: {install: false, envFrom: {a: secretRef}}}"},
    {"{mcp-server: {install: true, env: {WANDB_BASE_URL: u}}}",
     "mcp-server.env.WANDB_BASE_URL", "0.44.20", "",
     "{mcp-server: {install: true, env: {OTHER: u}}}"},
    {"{global: {auth: {sessionKeyRotation: {id: a}}}}",
     "global.auth.sessionKeyRotation", "0.44.15", "",
     "{global: {auth: {sessionKeyRotation: {id: a, phase: prepare}}}}"},
    {"{global: {auth: {sessionKeyRotation: {phase: clear}}}}",
     "global.auth.sessionKeyRotation", "0.44.15", "",
     "{global: {auth: {sessionKeyRotation: {}}}}"},
    {"{global: {auth: {sessionKeyRotation: {id: a, phase: clear},"
     " sessionKeyPrevious: {valueFrom: {secretKeyRef: {name: s}}}}}}",
     "global.auth.sessionKeyRotation", "0.44.15", "",
     "{global: {auth: {sessionKeyPrevious: x}}}"},
    {"{global: {azureStorageIdentity: {tenantId: t}}}",
     "global.azureStorageIdentity", "0.44.0", "",
     "{global: {azureStorageIdentity: {tenantId: t, clientId: c}}}"},
    {"{global: {bucket: {provider: az, name: b, azureClientId: c}}}",
     "global.bucket", "0.44.0", "",
     "{global: {bucket: {provider: s3, name: b, azureClientId: c}}}"},
    {"{global: {bucket: {provider: az, name: b,"
     " azureAuthMethod: workloadIdentity}}}",
     "global.bucket.azureAuthMethod", "0.44.0", "",
     "{global: {bucket: {provider: az, name: b,"
     " azureAuthMethod: workloadIdentity},"
     " azureStorageIdentity: {tenantId: t, clientId: c}}}"},
    {"{global: {defaultBucket: {provider: az, name: b,"
     " azureAuthMethod: workloadIdentity}}}",
     "global.defaultBucket.azureAuthMethod", "0.44.14", "",
     "{global: {defaultBucket: {azureAuthMethod: workloadIdentity},"
     " bucket: {name: b}}}"},
    {"{global: {weave-trace: {fileStorage: {useDefaultBucket: true}},"
     " azureStorageIdentity: {tenantId: t, clientId: c},"
     " defaultBucket: {path: c}}}",
     "global.weave-trace.fileStorage.useDefaultBucket", "0.44.0", "",
     "{global: {weave-trace: {fileStorage: {useDefaultBucket: true}},"
     " azureStorageIdentity: {tenantId: t, clientId: c},"
     " defaultBucket: {provider: az, path: /c/}}}"},
    {"{global: {weave-trace: {fileStorage: {useDefaultBucket: true}},"
     " azureStorageIdentity: {tenantId: t, clientId: c},"
     " defaultBucket: {provider: az, path: c/prefix}}}",
     "global.weave-trace.fileStorage.useDefaultBucket", "0.44.0", "",
     "{global: {weave-trace: {fileStorage: {useDefaultBucket: false}},"
     " defaultBucket: {provider: az, path: c/prefix}}}"},
    {"{global: {weave-trace: {fileStorage: {useDefaultBucket: true}},"
     " defaultBucket: {provider: az, path: c}}}",
     "global.weave-trace.fileStorage.useDefaultBucket", "0.44.0", "", "{}"},
    {"{global: {weaveTrace: {clickhouseSource: olap}}}",
     "global.weaveTrace.clickhouseSource", "0.44.15", "",
     "{global: {weaveTrace: {clickhouseSource: olap},"
     " olap: {weaveTrace: {enabled: true}}}}"},
    {"{global: {ipAllowList: {userCIDRs: [10.0.0.0/8, 10.0.0.1]}}}",
     "global.ipAllowList.userCIDRs", "0.44.25", "",
     "{global: {ipAllowList: {userCIDRs: [10.0.0.0/8, '2001:db8::/32']}}}"},
    {"{global: {ipAllowList: {enabled: true}}}", "global.ipAllowList.enabled",
     "0.44.25", "",
     "{global: {ipAllowList: {enabled: true, systemCIDRs: [0.0.0.0/0]}}}"},
    {"{global: {traefikIngress: true}}", "global.traefikIngress", "0.44.25", "",
     "{global: {traefikIngress: false}}"},
    {"{redis: {tls: {enabled: true, certFilename: a, certKeyFilename: b}}}",
     "redis.tls", "0.35.8", "",
     "{redis: {tls: {enabled: true, autoGenerated: true}}}"},
    {"{bufstream: {install: true, observability: {otlpEndpoint: e,"
     " exporter: {address: a}}}}",
     "bufstream.observability", "0.21.1", "",
     "{bufstream: {install: true, observability: {otlpEndpoint: e}}}"},
};

class TemplateFailsTest : public testing::TestWithParam<Case> {};

TEST_P(TemplateFailsTest, IsRefusedByTheVersionsThatRefuseIt) {
  const Case& test = GetParam();
  const Json values = Yaml(test.values);
  // Something is wrong from a version on, up to the one before another.
  const std::string first = test.since;
  EXPECT_THAT(Refused(values, first), ElementsAre(test.path));
  EXPECT_THAT(Refused(values, first + "-rc.1"),
              testing::Not(testing::Contains(test.path)));
  if (*test.until == '\0') {
    EXPECT_THAT(Refused(values, "9.0.0"), ElementsAre(test.path));
  } else {
    EXPECT_THAT(Refused(values, test.until), IsEmpty());
  }
  EXPECT_THAT(Refused(Yaml(test.corrected), first), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Cases, TemplateFailsTest, testing::ValuesIn(kCases));

Json Iam(const char* key, const Json& value) {
  Json values = Yaml(
      "{global: {mysql: {rdsIamAuth: true, host: h, user: u, awsRegion: r,"
      " caCert: c}}, app: {initContainers: {init-db: {enabled: false}}},"
      " prometheus: {mysql-exporter: {install: false}}}");
  if (*key != '\0') values[Json::json_pointer(key)] = value;
  return values;
}

TEST(TemplateFailsTest, MysqlByIdentityHasNineConditions) {
  EXPECT_THAT(Refused(Iam("", nullptr), "0.44.25"), IsEmpty());
  for (const char* key : {"host", "user", "awsRegion", "caCert"}) {
    EXPECT_THAT(Refused(Iam(("/global/mysql/" + std::string(key)).c_str(), ""),
                        "0.44.25"),
                ElementsAre("global.mysql.rdsIamAuth"))
        << key;
  }
  const std::vector<std::pair<const char*, Json>> wrong = {
      {"/global/mysql/password", "p"},
      {"/global/mysql/passwordSecret/name", "s"},
      {"/mysql/install", true},
      {"/app/initContainers/init-db/enabled", nullptr},
      {"/prometheus/mysql-exporter/install", true},
      {"/global/mysql/rdsIamAuth", "true"},
  };
  for (const auto& [key, value] : wrong) {
    Json values = Iam(key, value);
    if (value.is_null()) values["app"].erase("initContainers");
    EXPECT_THAT(Refused(values, "0.44.25"),
                ElementsAre("global.mysql.rdsIamAuth"))
        << key;
    EXPECT_THAT(Refused(values, "0.44.20"), IsEmpty());
  }
}

TEST(TemplateFailsTest, OfAnUnknownChartSaysFromWhenOn) {
  const SpecLayer own = {
      .values = Yaml("{app: {podDisruptionBudget: {minAvailable: 1}}}")};
  EXPECT_THAT(
      Evaluate({.custom_resource = &own}).findings[0].message,
      testing::HasSubstr("nothing is applied (from chart 0.33.0 on; which one "
                         "will run is not known). Set maxUnavailable"));
  EXPECT_THAT(
      Refused(Yaml("{global: {azureStorageIdentity: {tenantId: t}}}"), ""),
      ElementsAre("global.azureStorageIdentity"));
}

// What W&B got wrong in its channel is not the custom resource's.
TEST(TemplateFailsTest, IsSaidOnlyOfWhatIsOurs) {
  const SpecLayer channel = {
      .values = Yaml("{app: {podDisruptionBudget: {minAvailable: 1}}}")};
  const SpecLayer own = {.values = Yaml("{app: {replicaCount: 1}}")};
  for (const Problem& finding :
       Evaluate({.custom_resource = &own, .channel = &channel}).findings) {
    EXPECT_NE(finding.id, "template-fails");
  }
}

TEST(TemplateFailsTest, WhatIsUnknownIsNotRefused) {
  const Json shape = MakeUnknown(Unknown::kShape);
  const Json text = MakeUnknown(Unknown::kString);
  const Json values = {
      {"global",
       {{"mysql",
         {{"rdsIamAuth", true},
          {"user", shape},
          {"caCert", shape},
          {"host", text},
          {"awsRegion", text}}},
        {"auth", {{"sessionKeyRotation", {{"id", "a"}, {"phase", text}}}}},
        {"azureStorageIdentity", {{"tenantId", "t"}, {"clientId", shape}}},
        {"weaveTrace", {{"clickhouseSource", text}}}}},
      {"prometheus", shape},
      {"mcp-server",
       {{"install", true}, {"weave", {{"tools", text}}}, {"env", shape}}},
      {"app",
       {{"podDisruptionBudget", shape},
        {"initContainers", shape},
        {"services", shape}}}};
  EXPECT_THAT(Refused(values, "0.44.25"), IsEmpty());
  EXPECT_THAT(Refused(values, "0.43.8"), IsEmpty());
}

TEST(TemplateFailsTest, TableNamesVersionsAndPlaces) {
  for (const TemplateFail& fail : TemplateFails()) {
    ASSERT_FALSE(fail.paths.empty());
    EXPECT_NE(fail.message.find(". "), std::string::npos) << fail.message;
    EXPECT_TRUE(CompareVersions(fail.since, "0").has_value()) << fail.paths[0];
    EXPECT_TRUE(fail.until.empty() ||
                CompareVersions(fail.since, fail.until) == -1)
        << fail.paths[0];
  }
}

}  // namespace
}  // namespace wandb
