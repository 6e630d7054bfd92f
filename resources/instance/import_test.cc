#include "resources/instance/import.h"

#include "absl/strings/str_cat.h"
#include "tests/support/fake_replies.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

InstanceModel Imported(const Json& live, tf::Diagnostics& diags) {
  InstanceModel state;
  state.name = std::string("wandb");
  state.ns = std::string("default");
  FillImported(live, state, diags);
  return state;
}

InstanceModel ImportedValues(const Json& values) {
  tf::Diagnostics diags;
  InstanceModel state = Imported({{"spec", {{"values", values}}}}, diags);
  EXPECT_THAT(diags.items(), IsEmpty());
  return state;
}

Json Tree(const cty::Value& value) { return *cty::ToJson(value); }

Json WithoutNulls(const Json& tree) {
  if (!tree.is_object()) return tree;
  Json out = Json::object();
  for (const auto& [key, value] : tree.items()) {
    if (!value.is_null()) out[key] = WithoutNulls(value);
  }
  return out;
}

Json Settings(const InstanceModel& state) {
  return WithoutNulls(*SettingsTree(state.settings));
}

TEST(FillImported, PutsSecretsAndTypedSettingsIntoTheirAttributes) {
  const Json values = {
      {"global",
       {{"host", "https://w.test"},
        {"license", "CANARYlic"},
        {"mysql", {{"host", "h"}, {"password", "CANARYmy"}}}}},
      {"app",
       {{"extraEnv", {{"LOCAL_LDAP_BIND_PW", "CANARYpw"}, {"PLAIN", "1"}}}}}};
  const InstanceModel state = ImportedValues(values);
  EXPECT_EQ(Settings(state),
            Json({{"host", "https://w.test"}, {"license", "CANARYlic"}}));
  EXPECT_EQ(Tree(state.values),
            Json({{"global", {{"mysql", {{"host", "h"}}}}},
                  {"app", {{"extraEnv", {{"PLAIN", "1"}}}}}}));
  EXPECT_EQ(
      Tree(state.sensitive_values),
      Json({{"global", {{"mysql", {{"password", "CANARYmy"}}}}},
            {"app", {{"extraEnv", {{"LOCAL_LDAP_BIND_PW", "CANARYpw"}}}}}}));
  // Together they are what was there.
  EXPECT_EQ(Desired(state).compiled.values, values);
}

TEST(FillImported, WhatTypedSettingsCanSayIsThem) {
  const Json values = {
      {"global",
       {{"mysql", {{"host", "h"}, {"password", "CANARYmy"}, {"port", 3306}}},
        {"extraEnv", {{"A", "b"}}}}},
      {"mysql", {{"install", false}}},
      {"ingress",
       {{"class", "nginx"},
        {"tls", {{{"secretName", "t"}, {"hosts", {"w.test"}}}}}}},
      {"app",
       {{"image", {{"tag", "1"}}},
        {"resources", {{"requests", {{"cpu", "1"}}}}},
        {"replicaCount", 2},
        {"strategy", {{"type", "Recreate"}}}}}};
  const InstanceModel state = ImportedValues(values);
  EXPECT_EQ(Settings(state),
            Json({{"mysql", {{"host", "h"}, {"port", 3306}}},
                  {"extra_env", {{"A", "b"}}},
                  {"ingress",
                   {{"class", "nginx"},
                    {"tls", {{{"secret_name", "t"}, {"hosts", {"w.test"}}}}}}},
                  {"components",
                   {{"app",
                     {{"image", {{"tag", "1"}}},
                      {"replicas", 2},
                      {"resources", {{"requests", {{"cpu", "1"}}}}}}}}}}));
  EXPECT_EQ(Tree(state.values),
            Json({{"app", {{"strategy", {{"type", "Recreate"}}}}}}));
  // Core logs what a refresh adds below the root, secrets too.
  EXPECT_EQ(Tree(state.sensitive_values),
            Json({{"global", {{"mysql", {{"password", "CANARYmy"}}}}}}));
  EXPECT_EQ(Desired(state).compiled.values, values);
}

// An environment is shown in plans.
TEST(FillImported, AnEnvironmentWithASecretIsNoSetting) {
  const InstanceModel state = ImportedValues(
      {{"global", {{"extraEnv", {{"A", "b"}, {"API_TOKEN", "CANARY"}}}}}});
  EXPECT_EQ(Settings(state), Json::object());
  EXPECT_EQ(Tree(state.sensitive_values),
            Json({{"global", {{"extraEnv", {{"API_TOKEN", "CANARY"}}}}}}));
}

TEST(FillImported, LeavesNoCredentialsInTheHost) {
  const InstanceModel state =
      ImportedValues({{"global", {{"host", "https://u:CANARY@h"}}}});
  EXPECT_EQ(Settings(state), Json::object());
  EXPECT_EQ(Tree(state.sensitive_values),
            Json({{"global", {{"host", "https://u:CANARY@h"}}}}));
}

// The operator passes over a chart of which only the version is said; in a
// configuration it means W&B's own.
TEST(FillImported, AVersionAloneIsNotTakenForWandbsChart) {
  tf::Diagnostics diags;
  const InstanceModel state =
      Imported({{"spec", {{"chart", {{"version", "0.43.8"}}}}}}, diags);
  EXPECT_EQ(state.chart.value().url, tf::Attr<std::string>(std::string()));
  EXPECT_TRUE(Desired(state).compiled.diags.HasError());
}

// ---- A chart whose URL has credentials ----

// The imported chart, and what is said of it.
ChartModel ImportedChart(const Json& chart, tf::Diagnostics& diags) {
  const InstanceModel state = Imported({{"spec", {{"chart", chart}}}}, diags);
  EXPECT_THAT(base::DumpJson(ChartTree(state.chart)),
              Not(HasSubstr("(sensitive")));
  return state.chart.value_or({});
}

TEST(FillImported, CredentialsOfTheChartsUrlBecomeUserAndPassword) {
  tf::Diagnostics diags;
  const ChartModel chart =
      ImportedChart({{"url", "https://me%40x:CAN%2FARY@charts.test/a?b=c"},
                     {"name", "operator-wandb"}},
                    diags);
  EXPECT_EQ(chart.url.value(), "https://charts.test/a?b=c");
  EXPECT_EQ(chart.username.value(), "me@x");
  EXPECT_EQ(chart.password.value(), "CAN/ARY");
  ASSERT_THAT(diags.items(), SizeIs(1));
  EXPECT_EQ(diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(diags.items()[0].detail,
              AllOf(HasSubstr("chart.url"), HasSubstr("chart.password"),
                    Not(HasSubstr("CAN"))));
}

TEST(FillImported,
     CredentialsThatTheOperatorReadsElsewhereAreLeftOutAndSaidSo) {
  const struct {
    Json chart;
    const char* url;
  } kCases[] = {
      // It has others, which win.
      {{{"url", "https://u:CANARY@charts.test/"},
        {"name", "operator-wandb"},
        {"username", "other"},
        {"password", "other"}},
       "https://charts.test/"},
      // Only half of what it would need.
      {{{"url", "https://ghp_CANARYCANARYCANARYCANARYCANARYCANARY@charts.test"},
        {"name", "operator-wandb"}},
       "https://charts.test"},
      {{{"url", "oci://u:CANARY@charts.test/x:1"}}, "oci://charts.test/x:1"},
  };
  for (const auto& test : kCases) {
    tf::Diagnostics diags;
    const ChartModel chart = ImportedChart(test.chart, diags);
    EXPECT_EQ(chart.url.value(), test.url);
    EXPECT_EQ(chart.username.value_or(""),
              test.chart.value("username", std::string()));
    ASSERT_THAT(diags.items(), SizeIs(1)) << test.url;
    EXPECT_THAT(diags.items()[0].detail,
                AllOf(HasSubstr("chart.url"), HasSubstr("chart.username"),
                      Not(HasSubstr("CANARY"))));
  }
}

TEST(FillImported, WhatCannotBeImportedWithoutItsCredentialsIsLeftOut) {
  tf::Diagnostics diags;
  const ChartModel chart =
      ImportedChart({{"url", "https://charts.test/x?token=CANARYtoken"},
                     {"name", "operator-wandb"},
                     {"repoName", "https://u:CANARY@h"}},
                    diags);
  EXPECT_TRUE(chart.url.IsNull());
  EXPECT_TRUE(chart.repo_name.IsNull());
  EXPECT_EQ(chart.name.value(), "operator-wandb");
  ASSERT_THAT(diags.items(), SizeIs(2));
  EXPECT_THAT(diags.items()[0].detail,
              AllOf(HasSubstr("chart.url"), Not(HasSubstr("CANARY"))));
  EXPECT_THAT(diags.items()[1].detail, HasSubstr("chart.repo_name"));
}

TEST(FillImported, TakesAListWithASecretAsAWhole) {
  const Json values = {
      {"app",
       {{"env",
         {{{"name", "PLAIN"}, {"value", "x"}},
          {{"name", "URL"}, {"value", "https://u:CANARY@h.test"}}}}}},
      {"l", {1, 2}}};
  const InstanceModel state = ImportedValues(values);
  EXPECT_EQ(Tree(state.values), Json({{"l", {1, 2}}}));
  EXPECT_EQ(Desired(state).compiled.values, values);
}

TEST(FillImported, LeavesWhatNoTypedSettingTakesInTheValues) {
  const Json values = {{"global", {{"host", "no url"}}}, {"e", Json::object()}};
  const InstanceModel state = ImportedValues(values);
  EXPECT_EQ(Settings(state), Json::object());
  EXPECT_EQ(Tree(state.values), values);
  EXPECT_EQ(Tree(ImportedValues(Json::object()).values), Json::object());
}

class HelmMadeInstanceTest : public InstanceTest {
 protected:
  HelmMadeInstanceTest() {
    client_->Put(Ref(),
                 {{"kind", "WeightsAndBiases"},
                  {"metadata",
                   {{"annotations",
                     {{"meta.helm.sh/release-name", "wandb-cr"},
                      {"meta.helm.sh/release-namespace", "tools"}}}}}},
                 "helm");
    client_->ClearCalls();
  }
  void PutRelease(const kube::ObjectRef& ref) const {
    client_->Put(ref,
                 {{"metadata",
                   {{"labels", {{"owner", "helm"}, {"name", "wandb-cr"}}}}}});
  }
  std::vector<tf::Diagnostic> Said() const {
    tf::RawImport import{.id = "default/wandb"};
    resource_->Import({}, import);
    return import.diags.items();
  }
  const kube::ObjectRef release_ =
      kube::SecretRef("tools", "sh.helm.release.v1.wandb-cr.v1");
};

TEST_F(HelmMadeInstanceTest, TheReleaseThatWouldDeleteItIsNamed) {
  PutRelease(release_);
  const auto items = Said();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(items[0].summary, HasSubstr("tools/wandb-cr"));
  EXPECT_THAT(items[0].detail,
              AllOf(HasSubstr("helm uninstall"), HasSubstr("-n tools"),
                    HasSubstr("name=wandb-cr")));
}

TEST_F(HelmMadeInstanceTest, AReleaseThatHelmHasForgottenIsNotWarnedOf) {
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_THAT(client_->CallLines(), SizeIs(3));  // With the object itself.
  PutRelease(kube::ConfigMapRef("tools", "wandb-cr.v1"));
  EXPECT_THAT(Said(), SizeIs(1));
}

TEST_F(HelmMadeInstanceTest, AReleaseThatMayNotBeLookedForIsWarnedOf) {
  client_->FailAlways(kube::SecretRef("tools", ""),
                      absl::PermissionDeniedError("no"));
  EXPECT_THAT(Said(), SizeIs(1));
}

TEST_F(InstanceTest, ImportOfWhatTheConfigurationSaysPlansNothing) {
  client_->Put(
      Ref(),
      {{"kind", "WeightsAndBiases"},
       {"spec",
        {{"chart",
          {{"url", "https://c.test"},
           {"name", "operator-wandb"},
           {"version", "0.43.8"}}},
         {"values",
          {{"global",
            {{"host", "https://w.test"},
             {"license", "CANARYlic"},
             {"mysql", {{"host", "h"}, {"password", "CANARYmy"}}}}}}}}}},
      "kubectl-create");
  tf::RawImport import{.id = "default/wandb"};
  resource_->Import({}, import);
  const tf::RawRead read = Read(import.state, import.private_data);
  ASSERT_FALSE(read.diags.HasError());
  const cty::Value secret = Map({{"password", Str("CANARYmy")}});
  const cty::Value config = Make(
      {{"airgapped", Flag(true)},
       {"wait", Flag(false)},
       {"host", Str("https://w.test")},
       {"license", Str("CANARYlic")},
       {"chart",
        tf::Codec<ChartModel>::Encode({.url = std::string("https://c.test"),
                                       .name = std::string("operator-wandb"),
                                       .version = std::string("0.43.8")})},
       {"values",
        Map({{"global", Map({{"mysql", Map({{"host", Str("h")}})}})}})},
       {"sensitive_values", Map({{"global", Map({{"mysql", secret}})}})}});
  const tf::RawPlan plan = Plan(read.state, config, read.private_data);
  for (const char* attribute : {"host", "license", "chart", "values",
                                "sensitive_values", "configured_values"}) {
    EXPECT_EQ(plan.planned.At(attribute), read.state.At(attribute))
        << attribute;
  }
  EXPECT_THAT(read.private_data.dump(), Not(HasSubstr("CANARY")));

  // One that was generated lacks what is sensitive, and would take it away.
  Fields fields = config.fields();
  fields["license"] = cty::Value::Null(kString);
  fields["sensitive_values"] = cty::Value();
  const tf::RawPlan generated =
      Plan(read.state, Make(fields), read.private_data);
  std::string said;
  for (const tf::Diagnostic& diag : generated.diags.items()) {
    absl::StrAppend(&said, diag.summary, "\n", diag.detail, "\n");
  }
  EXPECT_THAT(
      said,
      AllOf(HasSubstr("take secrets out of instance default/wandb"),
            HasSubstr("global.license"), HasSubstr("global.mysql.password"),
            Not(HasSubstr("CANARY"))));
}

// effective_origin of the same plan calls it other_manager.
TEST_F(InstanceTest, SecretsThatAnotherManagerAppliesAreNotSaidToGo) {
  PutOperator(true);
  const Json mysql = {{"host", "h"}, {"password", "CANARYmy"}};
  client_->Put(
      Ref(),
      {{"kind", "WeightsAndBiases"},
       {"spec",
        {{"values",
          {{"global", {{"license", "CANARYlic"}, {"mysql", mysql}}}}}}}},
      "kubectl-create");
  ASSERT_TRUE(
      client_
          ->Apply({}, Ref(),
                  {{"apiVersion", "apps.wandb.com/v1"},
                   {"kind", "WeightsAndBiases"},
                   {"spec", {{"values", {{"global", {{"mysql", mysql}}}}}}}},
                  {.field_manager = "argocd"})
          .ok());
  tf::RawImport import{.id = "default/wandb"};
  resource_->Import({}, import);
  const tf::RawRead read = Read(import.state, import.private_data);
  ASSERT_FALSE(read.diags.HasError());
  const tf::RawPlan plan =
      Plan(read.state, Make({{"airgapped", Flag(true)}, {"wait", Flag(false)}}),
           read.private_data);
  std::string said;
  for (const tf::Diagnostic& diag : plan.diags.items()) {
    absl::StrAppend(&said, diag.summary, "\n", diag.detail, "\n");
  }
  EXPECT_THAT(said, AllOf(HasSubstr("take secrets out of instance"),
                          HasSubstr("global.license"),
                          Not(HasSubstr("global.mysql.password"))));
  EXPECT_EQ(plan.planned.At("effective_origin").At("global.mysql.password"),
            Str("other_manager"));
}

TEST_F(InstanceTest, ImportOfNothingIsAnErrorThatNamesTheCluster) {
  for (const bool without_namespace : {false, true}) {
    if (without_namespace) {
      client_->FailAlways(
          Ref(),
          support::Reply("GET", Ref(), 404,
                         support::StatusBody(
                             "NotFound", "namespaces \"default\" not found",
                             {{"kind", "namespaces"}, {"name", "default"}})));
    }
    tf::RawImport import{.id = "default/wandb"};
    resource_->Import({}, import);
    ASSERT_THAT(import.diags.items(), SizeIs(1));
    EXPECT_TRUE(import.diags.HasError());
    EXPECT_EQ(import.diags.items()[0].summary,
              "There is no instance default/wandb to import");
    EXPECT_THAT(import.diags.items()[0].detail,
                AllOf(HasSubstr("not found"), HasSubstr("namespace/name"),
                      HasSubstr("API server: https://cluster.test")));
  }
}

class ImportTest : public InstanceTest {
 protected:
  ImportTest() { PutOperator(true); }

  // Imports and reads it, as both clients do it.
  tf::RawRead Import(const Json& chart) {
    client_->Put(Ref(),
                 {{"kind", "WeightsAndBiases"},
                  {"spec", {{"chart", chart}, {"values", {{"a", 1}}}}}},
                 "kubectl-create");
    tf::RawImport import{.id = "default/wandb"};
    resource_->Import({}, import);
    imported_ = import.state;
    said_ = import.diags;
    return Read(import.state, import.private_data);
  }
  cty::Value Config(const ChartModel& chart) const {
    return Make({{"airgapped", Flag(true)},
                 {"wait", Flag(false)},
                 {"chart", tf::Codec<ChartModel>::Encode(chart)},
                 {"values", Map({{"a", Int(1)}})}});
  }
  Json LiveChart() const { return client_->Stored(Ref())["spec"]["chart"]; }

  // By the import alone.
  cty::Value imported_;
  tf::Diagnostics said_;

  const Json url_with_credentials_ = {{"url", "https://u:CANARY@charts.test"},
                                      {"name", "operator-wandb"}};
};

// Core logs what a refresh adds, and hides nothing below the root.
TEST_F(ImportTest, TheRefreshAddsNoArgument) {
  Json chart = url_with_credentials_;
  chart["credentialSecret"] = {{"name", "s"}};
  for (const Json& each : {url_with_credentials_, chart}) {
    const tf::RawRead read = Import(each);
    ASSERT_FALSE(read.diags.HasError());
    for (const tf::Attribute& attribute : resource_->schema().attributes) {
      if (attribute.computed()) continue;
      EXPECT_EQ(read.state.At(attribute.name), imported_.At(attribute.name))
          << attribute.name;
    }
    EXPECT_FALSE(imported_.At("chart").IsNull());
  }
}

TEST_F(ImportTest, MaskedTextBecomesNoArgument) {
  const tf::RawRead read = Import(url_with_credentials_);
  ASSERT_FALSE(read.diags.HasError());
  EXPECT_THAT(said_.items().at(0).summary, HasSubstr("credentials"));
  EXPECT_EQ(read.state.At("chart").At("url"), Str("https://charts.test"));
  EXPECT_EQ(read.state.At("chart").At("username"), Str("u"));
  EXPECT_EQ(read.state.At("chart").At("password"), Str("CANARY"));
  for (const tf::Attribute& attribute : resource_->schema().attributes) {
    if (attribute.computed()) continue;
    const auto tree = cty::ToJson(read.state.At(attribute.name));
    ASSERT_TRUE(tree.ok()) << attribute.name;
    EXPECT_THAT(tree->dump(), Not(HasSubstr("(sensitive"))) << attribute.name;
  }
}

// A generated configuration has no sensitive arguments.
TEST_F(ImportTest, ConfigurationWithoutTheCredentialsIsADifference) {
  const tf::RawRead read = Import(url_with_credentials_);
  const cty::Value config = Config({.url = std::string("https://charts.test"),
                                    .name = std::string("operator-wandb"),
                                    .username = std::string("u")});
  const tf::RawPlan plan = Plan(read.state, config, read.private_data);
  ASSERT_FALSE(plan.diags.HasError());
  EXPECT_FALSE(plan.planned.At("chart") == read.state.At("chart"));
}

TEST_F(ImportTest, UrlWithoutItsCredentialsIsWrittenSoonerOrLater) {
  const tf::RawRead read = Import(url_with_credentials_);
  const cty::Value config = Config({.url = std::string("https://charts.test"),
                                    .name = std::string("operator-wandb"),
                                    .username = std::string("u"),
                                    .password = std::string("CANARY")});
  // The next refresh sees that the cluster has another URL.
  const tf::RawRead again = Read(read.state, read.private_data);
  EXPECT_FALSE(again.state.At("chart").At("url") == Str("https://charts.test"));
  const tf::RawPlan plan = Plan(again.state, config, again.private_data);
  EXPECT_FALSE(plan.planned == again.state);
  const tf::RawApply apply = Apply(again.state, config, plan);
  ASSERT_FALSE(apply.diags.HasError());
  EXPECT_EQ(LiveChart(), Json({{"url", "https://charts.test"},
                               {"name", "operator-wandb"},
                               {"username", "u"},
                               {"password", "CANARY"}}));
}

TEST_F(ImportTest, ReadyIsNotSaidOfASpecificationThatIsNotTheImportedOne) {
  const tf::RawRead read = Import(url_with_credentials_);
  EXPECT_FALSE(read.state.At("ready") == Flag(true));
}

}  // namespace
}  // namespace resources
