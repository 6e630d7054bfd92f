// What wandb_instance hides in what it plans, stores and records.
#include "absl/strings/escaping.h"
#include "tests/support/instance_fixture.h"
#include "wandb/chart/mask.h"

namespace resources {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

cty::Value Texts(std::vector<cty::Value> texts) {
  return cty::Value::List(kString, std::move(texts));
}

TEST_F(InstanceTest, CredentialsWithoutASchemeAreHidden) {
  const cty::Value planned =
      PlanCreate(
          {{"airgapped", Flag(true)},
           {"values",
            Map({{"global",
                  Map({{"bucket",
                        Map({{"name", Str("AKID:key@store:9000/b")}})},
                       {"mysql", Map({{"host", Str("u:p@tcp(db)")}})}})},
                 {"app", Map({{"dbPassword", Str("hunter2")},
                              {"image", Map({{"tag", Str("1.2.3")}})}})}})}})
          .planned;
  for (const char* map : {"configured_values", "effective_values"}) {
    EXPECT_EQ(planned.At(map).At("global.bucket.name"), Str("(sensitive)"));
    EXPECT_EQ(planned.At(map).At("global.mysql.host"), Str("(sensitive)"));
    EXPECT_EQ(planned.At(map).At("app.dbPassword"), Str("(sensitive)"));
    EXPECT_EQ(planned.At(map).At("app.image.tag"), Str("1.2.3"));
  }
}

TEST_F(InstanceTest, StrictHidesStringsThatAreNotListed) {
  const cty::Value planned =
      PlanCreate({{"airgapped", Flag(true)},
                  {"mask", Str("strict")},
                  {"host", Str("https://w.test")},
                  {"values", Map({{"free", Str("text")}, {"n", Int(1)}})}})
          .planned;
  for (const char* map : {"configured_values", "effective_values"}) {
    EXPECT_EQ(planned.At(map).At("free"), Str("(sensitive)"));
    EXPECT_EQ(planned.At(map).At("n"), Str("1"));
    EXPECT_EQ(planned.At(map).At("global.host"), Str("https://w.test"));
  }
  EXPECT_EQ(planned.At("url"), Str("https://w.test"));
}

TEST_F(InstanceTest, NothingIsShownUntilItIsKnownWhatToHide) {
  for (const auto& [name, value] :
       {std::pair("sensitive_paths", Texts({Str("a"), UnknownStr()})),
        std::pair("sensitive_paths",
                  cty::Value::Unknown(cty::Type::List(kString))),
        std::pair("mask", UnknownStr())}) {
    const cty::Value planned =
        PlanCreate({{"airgapped", Flag(true)},
                    {"host", Str("https://w.test")},
                    {"values", Map({{"a", Str("x")}, {"b", Str("y")}})},
                    {name, value}})
            .planned;
    for (const char* each :
         {"configured_values", "effective_values", "effective_origin", "url"}) {
      EXPECT_TRUE(planned.At(each).IsUnknown()) << name << " " << each;
    }
  }
}

TEST_F(InstanceTest, PlanInsideApplyHidesWhatIsKnownByThen) {
  const Fields fields = {{"airgapped", Flag(true)},
                         {"values", Map({{"a", Str("x")}, {"b", Str("y")}})}};
  for (const auto& [name, open, known] :
       {std::tuple("sensitive_paths", Texts({UnknownStr()}), Texts({Str("b")})),
        std::tuple("mask", UnknownStr(), Str("strict"))}) {
    Fields before = fields;
    Fields after = fields;
    before[name] = open;
    after[name] = known;
    const tf::RawPlan first = PlanCreate(before);
    const tf::RawPlan second = PlanCreate(after);
    EXPECT_THAT(tf::ReplanFaults(first.planned, second.planned),
                ::testing::IsEmpty());
    EXPECT_EQ(second.planned.At("effective_values").At("b"),
              Str("(sensitive)"));
  }
}

TEST_F(InstanceTest, ForeignChartIsShownWithoutItsCredentials) {
  const cty::Value release =
      Map({{"chart",
            Map({{"url", Str("https://u:canary@charts.test/x?token=canary")},
                 {"name", Str("operator-wandb")},
                 {"username", Str("canary")},
                 {"password", Str("canary")}})},
           {"metadata", Map({{"releaseId", Str("r-1")},
                             {"apiToken", Str("canary")},
                             {"source", Str("https://u:canary@h")}})},
           {"values",
            Map({{"global", Map({{"host", Str("https://u:canary@h")}})}})}});
  Fields fields = PlanCreate({{"release", release}}).planned.fields();
  fields.erase("release");
  EXPECT_EQ(fields["effective_chart"].At("url"),
            Str("https://(sensitive)@charts.test/x?token=(sensitive)"));
  EXPECT_EQ(fields["release_metadata"].At("releaseId"), Str("r-1"));
  EXPECT_EQ(fields["release_metadata"].At("apiToken"), Str("(sensitive)"));
  EXPECT_EQ(fields["release_metadata"].At("source"), Str("(sensitive)"));
  EXPECT_EQ(fields["url"], Str("(sensitive)"));
}

// ---- What stands for something hidden is no value ----

struct HiddenCase {
  const char* name;
  const char* attribute;  // As the message names it.
  Fields fields;
};

class HiddenTest : public InstanceTest {
 protected:
  static std::vector<HiddenCase> Cases() {
    const cty::Value masked = Str("https://(sensitive)@charts.test");
    return {
        {"chart",
         "chart.url",
         {{"chart", tf::Codec<ChartModel>::Encode(
                        {.url = std::string("https://(sensitive)@charts.test"),
                         .name = std::string("operator-wandb")})}}},
        {"password",
         "chart.password",
         {{"chart",
           tf::Codec<ChartModel>::Encode(
               {.url = std::string("https://charts.test"),
                .name = std::string("operator-wandb"),
                .username = std::string("u"),
                .password = std::string("(sensitive, changed outside)")})}}},
        {"values",
         "values.a[0].b",
         {{"values", Map({{"a", cty::Value::Tuple({Map({{"b", masked}})})}})}}},
        {"sensitive values",
         "sensitive_values.a",
         {{"sensitive_values", Map({{"a", Str("(sensitive)")}})}}},
        {"yaml",
         "values_yaml[1]",
         {{"values_yaml",
           Texts({Str("a: 1"), Str("b: {c: '(sensitive)'}  # it is")})}}},
        {"labels",
         "labels[\"team\"]",
         {{"labels", cty::Value::Map(kString, {{"team", masked}})}}},
        {"annotations",
         "annotations[\"a.b/c\"]",
         {{"annotations", cty::Value::Map(kString, {{"a.b/c", masked}})}}},
        {"license", "license", {{"license", Str("(sensitive)")}}},
    };
  }
};

TEST_F(HiddenTest, IsAnErrorAtValidateAndAtPlanThatNamesTheAttribute) {
  for (const HiddenCase& test : Cases()) {
    Fields fields = test.fields;
    fields["airgapped"] = Flag(true);
    const cty::Value config = Make(std::move(fields));
    tf::Diagnostics validated;
    resource_->Validate(config, validated);
    const tf::RawPlan plan = Plan(Nothing(), config);
    for (const auto& diags : {validated, plan.diags}) {
      ASSERT_TRUE(diags.HasError()) << test.name;
      EXPECT_THAT(diags.items()[0].detail,
                  ::testing::AllOf(HasSubstr(test.attribute),
                                   HasSubstr("Write the value itself")))
          << test.name;
    }
  }
}

TEST_F(HiddenTest, CommentsAndThePreviewOfAReleaseMayHaveIt) {
  const cty::Value config = Make(
      {{"airgapped", Flag(true)},
       {"chart", tf::Codec<ChartModel>::Encode(
                     {.path = std::string("/charts/operator-wandb")})},
       {"values_yaml", Texts({Str("a: 1  # (sensitive)")})},
       {"release",
        Map({{"values", Map({{"a", Map({{"password", Str("(sensitive)")}})}})},
             {"chart", Map({{"path", Str("/charts/x")}})}})}});
  tf::Diagnostics validated;
  resource_->Validate(config, validated);
  EXPECT_FALSE(validated.HasError());
  EXPECT_FALSE(Plan(Nothing(), config).diags.HasError());
}

Json Live(Json spec) {
  return {{"apiVersion", "apps.wandb.com/v1"},
          {"kind", "WeightsAndBiases"},
          {"metadata",
           {{"name", "wandb"}, {"namespace", "default"}, {"uid", "uid-1"}}},
          {"spec", std::move(spec)}};
}

TEST(ChangedChartTest, HasNothingSecretThatSomebodyElsePutThere) {
  const Json wrote = {{"url", "https://me:mine@charts.test/"},
                      {"name", "operator-wandb"},
                      {"password", "mine"}};
  Json live = wrote;
  live["version"] = "9.9.9";
  const ChartModel same = ChangedChart(wrote, live).value();
  EXPECT_EQ(same.url.value(), "https://me:mine@charts.test/");
  EXPECT_EQ(same.password.value(), "mine");
  EXPECT_EQ(same.version.value(), "9.9.9");
  live = {{"url", "https://x:theirs@charts.test/"},
          {"name", "operator-wandb"},
          {"username", "theirs"},
          {"password", "theirs"}};
  const ChartModel changed = ChangedChart(wrote, live).value();
  EXPECT_EQ(changed.url.value(), "https://(sensitive)@charts.test/");
  EXPECT_EQ(changed.username.value(), "(sensitive, changed outside)");
  EXPECT_EQ(changed.password.value(), "(sensitive, changed outside)");
  EXPECT_TRUE(ChangedChart(wrote, nullptr).IsNull());
}

TEST_F(InstanceTest, ReadRecordsNoSecretOfAForeignLayer) {
  const Applied applied =
      Ready({{"host", Str("https://w.test")},
             {"chart", tf::Codec<ChartModel>::Encode(
                           {.url = std::string("https://charts.test/"),
                            .name = std::string("operator-wandb")})}});
  client_->Put(Ref(),
               Live({{"values", {{"global", {{"host", "https://w.test"}}}}},
                     {"chart",
                      {{"url", "https://u:canary@charts.test/"},
                       {"name", "operator-wandb"}}}}));
  const auto secret = [](const Json& chart, const Json& values,
                         const Json& metadata) {
    const auto encode = [](const Json& part) {
      return absl::Base64Escape(base::DumpJson(part));
    };
    return Json{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", {{"name", "s"}, {"namespace", "default"}}},
                {"data",
                 {{"chart", encode(chart)},
                  {"values", encode(values)},
                  {"metadata", encode(metadata)}}}};
  };
  const Json chart = {{"url", "oci://u:canary@charts.test/x:1"},
                      {"username", "canary"},
                      {"password", "canary"},
                      {"note", "canary"}};
  const Json values = {{"app", {{"clientSecret", "canary"}}},
                       {"dsn", "u:canary@tcp(db)/x"}};
  const Json metadata = {{"releaseId", "r-1"}, {"token", "canary"}};
  for (const char* name : {"wandb-spec-user", "wandb-latest-cached-release"}) {
    client_->Put(kube::SecretRef("default", name),
                 secret(chart, values, metadata));
  }
  const tf::RawRead read = Read(applied.state, applied.private_data);
  EXPECT_FALSE(read.diags.HasError());
  EXPECT_THAT(base::DumpJson(read.private_data), Not(HasSubstr("canary")));
  EXPECT_THAT(base::DumpJson(read.private_data), HasSubstr("r-1"));
  EXPECT_THAT(read.state.At("chart").At("url"),
              Str("https://(sensitive)@charts.test/"));
}

TEST_F(InstanceTest, WhatWasHiddenIsLearntAgainBeforeItIsShown) {
  const Fields fields = {{"mask", Str("strict")},
                         {"host", Str("https://w.test")}};
  Applied applied = Ready(fields, {{"free", "(sensitive)"}});
  const tf::RawPlan same =
      Plan(applied.state, applied.config, applied.private_data);
  EXPECT_EQ(same.planned, applied.state);
  Fields loose = fields;
  loose["mask"] = Str("known");
  const tf::RawPlan changed =
      Plan(applied.state, Make(loose), applied.private_data);
  EXPECT_TRUE(changed.planned.At("effective_values").IsUnknown());
  EXPECT_TRUE(changed.planned.At("configured_values").IsWhollyKnown());
}

// What sensitive_values says of a path hides it in the recorded layers, too.
TEST_F(InstanceTest, WhatSensitiveValuesHidIsLearntAgainBeforeItIsShown) {
  const Fields fields = {
      {"airgapped", Flag(false)},
      {"host", Str("https://w.test")},
      {"sensitive_values",
       Map({{"x", Map({{"port", Int(1)}, {"name", Str("n")}})}})}};
  // 0 stands for the port that the channel has.
  Applied applied = Ready(fields, {{"x", {{"port", 0}}}});
  const auto effective = [&](const Fields& changed) {
    return Plan(applied.state, Make(changed), applied.private_data)
        .planned.At("effective_values");
  };
  Fields fewer = fields;
  fewer["sensitive_values"] = Map({{"x", Map({{"name", Str("n")}})}});
  EXPECT_TRUE(effective(fewer).IsUnknown());
  fewer.erase("sensitive_values");
  EXPECT_TRUE(effective(fewer).IsUnknown());
  // Another rule that covers it shows nothing.
  fewer["sensitive_paths"] = Texts({Str("x")});
  EXPECT_EQ(effective(fewer).At("x.port"), Str("(sensitive)"));
  Fields more = fields;
  more["sensitive_values"] = Map(
      {{"x", Map({{"port", Int(2)}, {"name", Str("n")}})}, {"y", Str("more")}});
  EXPECT_EQ(effective(more).At("y"), Str("(sensitive)"));
}

// Nothing that is recorded becomes visible by it.
TEST_F(InstanceTest, TakingAwayASensitiveValueOfOneLayerIsShown) {
  const Fields fields = {
      {"airgapped", Flag(false)},
      {"host", Str("https://w.test")},
      {"sensitive_values",
       Map({{"x", Map({{"port", Int(1)}, {"name", Str("n")}})}})}};
  Applied applied = Ready(fields, {{"x", {{"port", 0}}}, {"y", 1}});
  Fields fewer = fields;
  fewer["sensitive_values"] = Map({{"x", Map({{"port", Int(1)}})}});
  const cty::Value planned =
      Plan(applied.state, Make(fewer), applied.private_data)
          .planned.At("effective_values");
  ASSERT_TRUE(planned.IsWhollyKnown());
  EXPECT_EQ(planned.At("x.port"), Str("(sensitive)"));
  EXPECT_EQ(planned.At("y"), Str("1"));
  EXPECT_EQ(planned.fields().count("x.name"), 0U);
}

TEST_F(InstanceTest, ALongerPathToHideShowsMore) {
  Fields fields = {{"host", Str("https://w.test")},
                   {"sensitive_paths", Texts({Str("x")})}};
  Applied applied = Ready(fields, {{"x", {{"port", 0}, {"n", "(sensitive)"}}}});
  fields["sensitive_paths"] = Texts({Str("x.port")});
  EXPECT_TRUE(Plan(applied.state, Make(fields), applied.private_data)
                  .planned.At("effective_values")
                  .IsUnknown());
  // The host is not ours, and what is recorded of it is a placeholder.
  applied = Ready({{"sensitive_paths", Texts({Str("global")})}});
  InstanceNotes notes = InstanceNotes::From(applied.private_data);
  notes.layers.others =
      wandb::SpecLayer{.values = {{"global", {{"host", "(sensitive)"}}}}};
  notes.To(applied.private_data);
  EXPECT_TRUE(Plan(applied.state, Make({}), applied.private_data)
                  .planned.At("url")
                  .IsUnknown());
}

}  // namespace
}  // namespace resources
