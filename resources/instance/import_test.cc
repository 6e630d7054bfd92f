#include "resources/instance/import.h"

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

TEST(FillImported, PutsSecretsAndTypedSettingsIntoTheirAttributes) {
  const Json values = {
      {"global",
       {{"host", "https://w.test"},
        {"license", "CANARYlic"},
        {"mysql", {{"host", "h"}, {"password", "CANARYmy"}}}}},
      {"app",
       {{"extraEnv", {{"LOCAL_LDAP_BIND_PW", "CANARYpw"}, {"PLAIN", "1"}}}}}};
  const InstanceModel state = ImportedValues(values);
  EXPECT_EQ(state.host.value_or(""), "https://w.test");
  EXPECT_EQ(state.license.value_or(""), "CANARYlic");
  EXPECT_EQ(Tree(state.values),
            Json({{"global", {{"mysql", {{"host", "h"}}}}},
                  {"app", {{"extraEnv", {{"PLAIN", "1"}}}}}}));
  EXPECT_EQ(
      Tree(state.sensitive_values),
      Json({{"global", {{"mysql", {{"password", "CANARYmy"}}}}},
            {"app", {{"extraEnv", {{"LOCAL_LDAP_BIND_PW", "CANARYpw"}}}}}}));
  // Together they are what was there.
  EXPECT_EQ(Compile(state).values, values);
}

TEST(FillImported, LeavesNoCredentialsInUrlsThatAreShown) {
  tf::Diagnostics diags;
  const InstanceModel state =
      Imported({{"spec",
                 {{"values", {{"global", {{"host", "https://u:CANARY@h"}}}}},
                  {"chart",
                   {{"url", "https://u:CANARY@charts.test/"},
                    {"name", "operator-wandb"},
                    {"password", "CANARY"}}}}}},
               diags);
  EXPECT_TRUE(state.host.IsNull());
  EXPECT_EQ(Tree(state.sensitive_values),
            Json({{"global", {{"host", "https://u:CANARY@h"}}}}));
  EXPECT_EQ(state.chart.value().url.value(),
            "https://(sensitive)@charts.test/");
  EXPECT_EQ(state.chart.value().password.value(), "CANARY");
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
  EXPECT_EQ(Compile(state).values, values);
}

TEST(FillImported, LeavesWhatNoTypedSettingTakesInTheValues) {
  const Json values = {{"global", {{"host", "no url"}}}, {"e", Json::object()}};
  const InstanceModel state = ImportedValues(values);
  EXPECT_TRUE(state.host.IsNull());
  EXPECT_TRUE(state.license.IsNull());
  EXPECT_EQ(Tree(state.values), values);
  EXPECT_EQ(Tree(ImportedValues(Json::object()).values), Json::object());
}

TEST(FillImported, NamesTheHelmReleaseThatWouldDeleteTheObject) {
  tf::Diagnostics diags;
  Imported({{"metadata",
             {{"annotations",
               {{"meta.helm.sh/release-name", "wandb-cr"},
                {"meta.helm.sh/release-namespace", "tools"}}}}}},
           diags);
  ASSERT_THAT(diags.items(), SizeIs(1));
  EXPECT_EQ(diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(diags.items()[0].summary, HasSubstr("tools/wandb-cr"));
  EXPECT_THAT(diags.items()[0].detail,
              AllOf(HasSubstr("helm uninstall"), HasSubstr("-n tools"),
                    HasSubstr("name=wandb-cr")));
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
}

}  // namespace
}  // namespace resources
