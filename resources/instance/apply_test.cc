// What wandb_instance writes, reads and deletes.
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(InstanceTest, CreateWritesTheCustomResource) {
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)},
                                  {"host", Str("https://w.test")},
                                  {"values", Map({{"a", cty::Value()}})}});
  const tf::RawApply call = Apply(Nothing(), config, Plan(Nothing(), config));
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  const Json live = client_->Stored(Ref());
  EXPECT_EQ(live["spec"]["values"],
            Json({{"a", nullptr}, {"global", {{"host", "https://w.test"}}}}));
  EXPECT_FALSE(live["spec"].contains("chart"));
  EXPECT_EQ(call.state.At("uid"), Str(kube::UidOf(live)));
  // The channel was never seen: what depends on it is null, not a guess.
  EXPECT_TRUE(call.state.At("effective_values").IsNull());
  EXPECT_EQ(call.state.At("ready"), cty::Value::Bool(false));
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary,
            "The effective values of default/wandb are not known");
  EXPECT_THAT(
      call.diags.items()[0].detail,
      AllOf(HasSubstr("wandb-latest-cached-release"),
            HasSubstr("release_channel_url"), HasSubstr("airgapped = true")));
}

// No plan of a create knows the layers below.
TEST_F(InstanceTest, WhatOnlyAllLayersTellIsSaidByTheFirstApply) {
  for (const char* name : {"wandb-spec-user", "wandb-latest-cached-release"}) {
    client_->Put(
        kube::SecretRef("default", name),
        {{"kind", "Secret"},
         {"data",
          {{"chart", absl::Base64Escape("null")},
           {"values",
            absl::Base64Escape(
                R"({"global": {"bucket": {"provider": "s3", "name": "b"}}})")}}}});
  }
  const cty::Value config =
      Make({{"checks", Str("warn")},
            {"wait", cty::Value::Bool(false)},
            {"host", Str("https://w.test")},
            {"values",
             Map({{"global", Map({{"mysql", Map({{"host", Str("db")}})}})}})}});
  const tf::RawPlan plan = Plan(Nothing(), config);
  const tf::RawApply first = Apply(Nothing(), config, plan);
  const auto said = [](const tf::Diagnostics& diags) {
    std::string out;
    for (const tf::Diagnostic& each : diags.items()) {
      EXPECT_EQ(each.severity, tf::Severity::kWarning);
      out += each.detail;
    }
    return out;
  };
  constexpr char kLate[] = "mysql-password-missing";
  EXPECT_THAT(said(plan.diags), Not(HasSubstr(kLate)));
  EXPECT_THAT(said(first.diags), HasSubstr(kLate));
  // Only what is new, and only once.
  EXPECT_THAT(said(first.diags), Not(HasSubstr("bucket-missing")));
  const cty::Value more =
      Make({{"checks", Str("warn")},
            {"wait", cty::Value::Bool(false)},
            {"host", Str("https://other.test")},
            {"values",
             Map({{"global", Map({{"mysql", Map({{"host", Str("db")}})}})}})}});
  const tf::RawPlan update = Plan(first.state, more, first.private_data);
  EXPECT_THAT(said(update.diags), HasSubstr(kLate));
  EXPECT_THAT(said(Apply(first.state, more, update).diags),
              Not(HasSubstr(kLate)));
}

TEST_F(InstanceTest, APreviewThatIsNotWhatRunsIsSaidByTheApply) {
  const auto warns = [this](const char* name, int tag) {
    client_->Put(kube::SecretRef("default",
                                 absl::StrCat(name, "-latest-cached-release")),
                 {{"kind", "Secret"},
                  {"data",
                   {{"chart", absl::Base64Escape("null")},
                    {"values", absl::Base64Escape(R"({"app": 2})")}}}});
    const cty::Value config =
        Make({{"name", Str(name)},
              {"wait", cty::Value::Bool(false)},
              {"release", Map({{"values", Map({{"app", Int(tag)}})}})}});
    const tf::RawApply call = Apply(Nothing(), config, Plan(Nothing(), config));
    return std::any_of(call.diags.items().begin(), call.diags.items().end(),
                       [](const tf::Diagnostic& each) {
                         return absl::StrContains(each.summary,
                                                  "uses another specification");
                       });
  };
  EXPECT_FALSE(warns("same", 2));
  EXPECT_TRUE(warns("older", 1));
}

TEST_F(InstanceTest, ForeignObjectIsLeftAloneAndPointsToImport) {
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"},
                       {"spec", {{"values", {{"x", 1}}}}}});
  const Json before = client_->Stored(Ref());
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)}});
  const tf::RawApply call = Apply(Nothing(), config, Plan(Nothing(), config));
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("import"));
  EXPECT_TRUE(call.state.IsNull());
  EXPECT_EQ(client_->Stored(Ref()), before);
}

TEST_F(InstanceTest, ReadAfterApplyFindsNoDrift) {
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)},
                                  {"airgapped", cty::Value::Bool(true)},
                                  {"values", Map({{"a", Int(1)}})}});
  const tf::RawApply applied =
      Apply(Nothing(), config, Plan(Nothing(), config));
  const tf::RawRead read = Read(applied.state, applied.private_data);
  EXPECT_FALSE(read.diags.HasError());
  EXPECT_EQ(read.state, applied.state);
  EXPECT_EQ(Plan(read.state, config, read.private_data).planned, read.state);
}

TEST_F(InstanceTest, ReadShowsAHandEditAndApplyTakesItBack) {
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)},
                                  {"airgapped", cty::Value::Bool(true)},
                                  {"values", Map({{"a", Int(1)}})}});
  const tf::RawApply applied =
      Apply(Nothing(), config, Plan(Nothing(), config));
  Json edited = client_->Stored(Ref());
  edited["spec"]["values"]["a"] = 2;
  edited["spec"]["values"]["theirs"] = true;
  client_->Put(Ref(), edited, "kubectl-edit");
  const tf::RawRead read = Read(applied.state, applied.private_data);
  EXPECT_EQ(read.state.At("configured_values"),
            cty::Value::Map(kString, {{"a", Str("2")}}));
  const tf::RawApply again =
      Apply(read.state, config, Plan(read.state, config, read.private_data));
  EXPECT_FALSE(again.diags.HasError());
  EXPECT_EQ(client_->Stored(Ref())["spec"]["values"],
            Json({{"a", 1}, {"theirs", true}}));
}

TEST_F(InstanceTest, StateIsDroppedOnlyWhenTheObjectIsCertainlyGone) {
  const Applied applied = Ready({});
  EXPECT_TRUE(Read(applied.state, applied.private_data).state.IsNull());
  for (const absl::Status& status :
       {absl::UnavailableError("x"), absl::PermissionDeniedError("x"),
        absl::UnauthenticatedError("x")}) {
    client_->FailNext(status, "GET");
    const tf::RawRead read = Read(applied.state, applied.private_data);
    EXPECT_TRUE(read.diags.HasError()) << status;
    EXPECT_EQ(read.state, applied.state) << status;
  }
}

TEST_F(InstanceTest, DeleteRemovesOursAndSparesASuccessor) {
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)}});
  const tf::RawApply applied =
      Apply(Nothing(), config, Plan(Nothing(), config));
  const auto destroy = [&] {
    return Apply(applied.state, Nothing(),
                 Plan(applied.state, Nothing(), applied.private_data));
  };
  EXPECT_TRUE(destroy().state.IsNull());
  EXPECT_TRUE(client_->Stored(Ref()).is_null());
  // Once more: gone already is success.
  EXPECT_FALSE(destroy().diags.HasError());
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"}});
  EXPECT_FALSE(destroy().diags.HasError());
  EXPECT_FALSE(client_->Stored(Ref()).is_null());
}

TEST_F(InstanceTest, FailedDeleteKeepsTheState) {
  const Applied applied = Ready({});
  client_->FailNext(absl::PermissionDeniedError("no"), "DELETE");
  const tf::RawApply call =
      Apply(applied.state, Nothing(),
            Plan(applied.state, Nothing(), applied.private_data));
  EXPECT_TRUE(call.diags.HasError());
  EXPECT_EQ(call.state, applied.state);
}

TEST_F(InstanceTest, SecretsOfTheConfigurationStayOutOfMessages) {
  const cty::Value config = Make(
      {{"wait", cty::Value::Bool(false)}, {"license", Str("license-text")}});
  const tf::RawPlan plan = Plan(Nothing(), config);
  client_->FailNext(absl::InvalidArgumentError("bad: license-text"), "APPLY");
  const tf::RawApply call = Apply(Nothing(), config, plan);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("bad: "), Not(HasSubstr("license-text"))));
}

TEST_F(InstanceTest, ImportReadsWhatTheObjectHolds) {
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"}});
  tf::RawImport import{.id = "default/wandb"};
  resource_->Import({}, import);
  ASSERT_FALSE(import.diags.HasError());
  ASSERT_TRUE(client_
                  ->Apply({}, Ref(),
                          {{"kind", "WeightsAndBiases"},
                           {"metadata", {{"labels", {{"team", "ml"}}}}},
                           {"spec", {{"values", {{"a", 1}}}}}},
                          {.field_manager = "kubectl"})
                  .ok());
  const tf::RawRead read = Read(import.state, import.private_data);
  ASSERT_FALSE(read.diags.HasError()) << read.diags.items()[0].detail;
  EXPECT_TRUE(read.state.IsWhollyKnown());
  EXPECT_EQ(read.state.At("values"), Map({{"a", Int(1)}}));
  EXPECT_EQ(read.state.At("labels"),
            cty::Value::Map(kString, {{"team", Str("ml")}}));
  EXPECT_EQ(read.state.At("configured_values").At("a"), Str("1"));
}

TEST_F(InstanceTest, ImportByIdentityIsTheSameAsById) {
  tf::RawImport by_id{.id = "ns/x"};
  resource_->Import({}, by_id);
  tf::RawImport by_identity{.identity = {{"namespace", "ns"}, {"name", "x"}}};
  resource_->Import({}, by_identity);
  EXPECT_EQ(by_identity.state, by_id.state);
  for (const char* id : {"", "x", "a/b/c", "/x", "x/"}) {
    tf::RawImport bad{.id = id};
    resource_->Import({}, bad);
    EXPECT_TRUE(bad.diags.HasError()) << id;
  }
}

}  // namespace
}  // namespace resources
