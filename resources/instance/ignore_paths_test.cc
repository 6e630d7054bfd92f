// What ignore_paths leaves to others.
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/update_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class IgnorePathsTest : public UpdateTest {
 protected:
  static cty::Value Ignored(const std::string& path) {
    return Paths({Str(path)});
  }
  // `replicas` and a tag, of which the first are left to others.
  cty::Value Left(int64_t replicas, const std::string& tag = "a") const {
    return Config({{"values", Map({{"app", Map({{"replicaCount", Int(replicas)},
                                                {"tag", Str(tag)}})}})},
                   {"ignore_paths", Ignored("app.replicaCount")}});
  }
  // Somebody changes the live values, as kubectl, an autoscaler or a console
  // do.
  void Edit(const std::string& pointer, const Json& value) {
    Json live = client_->Stored(Ref());
    live[Json::json_pointer("/spec/values" + pointer)] = value;
    client_->Put(Ref(), live, "autoscaler");
    client_->ClearCalls();
  }
  Json Shown(const std::string& attribute) const {
    Json out = Json::object();
    const cty::Value map = state_.At(attribute);
    for (const auto& [key, value] : map.fields()) out[key] = value.AsString();
    return out;
  }
  // The next plan of `config` changes nothing.
  void ExpectNoChange(const cty::Value& config) {
    const tf::RawPlan plan = Plan(state_, config, private_data_);
    EXPECT_THAT(plan.diags.items(), IsEmpty());
    EXPECT_EQ(plan.planned, state_);
  }
};

TEST_F(IgnorePathsTest, TheCreateWritesThemAndConfiguresTheRest) {
  Create(Left(2));
  EXPECT_EQ(Values(), Json({{"app", {{"replicaCount", 2}, {"tag", "a"}}}}));
  EXPECT_EQ(Shown("configured_values"), Json({{"app.tag", "a"}}));
  EXPECT_EQ(Shown("effective_values")["app.replicaCount"], "2");
  EXPECT_EQ(Shown("effective_origin")["app.replicaCount"], "other_manager");
  EXPECT_EQ(Shown("effective_origin")["app.tag"], "custom_resource");
  const cty::Value created = state_;
  Refresh();
  EXPECT_EQ(state_, created);
  ExpectNoChange(Left(2));
}

TEST_F(IgnorePathsTest, WhatOthersSetThereIsNoDriftAndStays) {
  Create(Left(2));
  Edit("/app/replicaCount", 7);
  Refresh();
  EXPECT_EQ(Shown("configured_values"), Json({{"app.tag", "a"}}));
  EXPECT_EQ(Shown("effective_values")["app.replicaCount"], "7");
  ExpectNoChange(Left(2));
  const tf::RawApply call = Change(Left(2, "b"));
  EXPECT_THAT(call.diags.items(), IsEmpty());
  EXPECT_EQ(Values(), Json({{"app", {{"replicaCount", 7}, {"tag", "b"}}}}));
  Keep(call);
  EXPECT_EQ(Shown("effective_values")["app.replicaCount"], "7");
  ExpectNoChange(Left(2, "b"));
}

TEST_F(IgnorePathsTest, WhatNobodyTookOverIsNotTakenAway) {
  Create(Left(2));
  for (const char* tag : {"b", "c"}) {
    const tf::RawApply call = Change(Left(2, tag));
    EXPECT_THAT(call.diags.items(), IsEmpty());
    Keep(call);
    EXPECT_EQ(Values(), Json({{"app", {{"replicaCount", 2}, {"tag", tag}}}}));
  }
}

TEST_F(IgnorePathsTest, AnotherValueInTheConfigurationWritesNothing) {
  Create(Left(2));
  const cty::Value config = Left(5);
  const tf::RawPlan plan = Plan(state_, config, private_data_);
  EXPECT_THAT(plan.diags.items(), IsEmpty());
  for (const char* same : {"configured_values", "effective_values", "ready"}) {
    EXPECT_EQ(plan.planned.At(same), state_.At(same)) << same;
  }
  Keep(Apply(state_, config, plan));
  EXPECT_THAT(client_->calls(), IsEmpty());
  EXPECT_EQ(Values()["app"]["replicaCount"], 2);
}

TEST_F(IgnorePathsTest, WhatOthersTakeAwayStaysAway) {
  Create(Left(2));
  Json live = client_->Stored(Ref());
  live["spec"]["values"]["app"].erase("replicaCount");
  client_->Put(Ref(), live, "kubectl-edit");
  Refresh();
  EXPECT_FALSE(Shown("effective_values").contains("app.replicaCount"));
  ExpectNoChange(Left(2));
  Keep(Change(Left(2, "b")));
  EXPECT_EQ(Values(), Json({{"app", {{"tag", "b"}}}}));
}

// GitOps may take it over by applying it, and give it up again.
TEST_F(IgnorePathsTest, WhoAppliesItMeetsNoConflictOfOurs) {
  Create(Left(2));
  ApplyAs("argocd", {{"app", {{"replicaCount", 4}}}});
  Refresh();
  const tf::RawApply call = Change(Left(2, "b"));
  EXPECT_THAT(call.diags.items(), IsEmpty());
  Keep(call);
  EXPECT_EQ(Values(), Json({{"app", {{"replicaCount", 4}, {"tag", "b"}}}}));
}

// Another client is quicker, once, than an apply that has looked before.
class RacingClient final : public support::FakeClient {
 public:
  std::function<void()> before_apply;

  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    if (!options.dry_run && before_apply) std::exchange(before_apply, {})();
    return FakeClient::Apply(ctx, ref, body, options);
  }
};

TEST_F(IgnorePathsTest, WhoTakesItOverDuringAnUpdateKeepsIt) {
  const auto client = std::make_shared<RacingClient>();
  session_ = std::make_shared<support::FakeSession>(client);
  resource_ = make_(session_);
  Create(Left(2));
  client->before_apply = [&] {
    Json live = client->Stored(Ref());
    live["spec"]["values"]["app"]["replicaCount"] = 9;
    client->Put(Ref(), live, "autoscaler");
  };
  const tf::RawApply call = Change(Left(2, "b"));
  EXPECT_THAT(call.diags.items(), IsEmpty());
  EXPECT_EQ(client->Stored(Ref())["spec"]["values"],
            Json({{"app", {{"replicaCount", 9}, {"tag", "b"}}}}));
}

TEST_F(IgnorePathsTest, ASubTreeMayBeLeft) {
  const auto config = [&](const char* tag) {
    return Config({{"values", Map({{"app", Map({{"a", Int(1)}, {"b", Int(2)}})},
                                   {"tag", Str(tag)}})},
                   {"ignore_paths", Ignored("app")}});
  };
  Create(config("a"));
  EXPECT_EQ(Shown("configured_values"), Json({{"tag", "a"}}));
  Edit("/app/a", 5);
  Edit("/app/c", 6);
  Refresh();
  ExpectNoChange(config("a"));
  Keep(Change(config("b")));
  EXPECT_EQ(Values(),
            Json({{"app", {{"a", 5}, {"b", 2}, {"c", 6}}}, {"tag", "b"}}));
}

TEST_F(IgnorePathsTest, LaterItIsLeftAsItStands) {
  const cty::Value all = Config(
      {{"values",
        Map({{"app", Map({{"replicaCount", Int(2)}, {"tag", Str("a")}})}})}});
  Create(all);
  Edit("/app/replicaCount", 7);
  Refresh();
  const tf::RawPlan plan = Plan(state_, Left(2), private_data_);
  EXPECT_THAT(plan.diags.items(), IsEmpty());
  EXPECT_TRUE(plan.planned.At("effective_values").IsUnknown());
  const tf::RawApply call = Apply(state_, Left(2), plan);
  EXPECT_THAT(call.diags.items(), IsEmpty());
  Keep(call);
  EXPECT_EQ(Values()["app"]["replicaCount"], 7);
  EXPECT_EQ(Shown("effective_values")["app.replicaCount"], "7");
  ExpectNoChange(Left(2));
  // To take it back is to take it over.
  const tf::RawApply refused = Change(all);
  ASSERT_THAT(refused.diags.items(), SizeIs(1));
  EXPECT_THAT(
      refused.diags.items()[0].detail,
      AllOf(HasSubstr("\"autoscaler\""), HasSubstr("force_conflict_paths")));
}

TEST_F(IgnorePathsTest, AnImportLeavesThemWithWhoMadeThem) {
  Import("helm", {{"app", {{"replicaCount", 3}, {"tag", "a"}}}});
  const tf::RawApply call = Change(Left(2, "b"));
  EXPECT_THAT(call.diags.items(), IsEmpty());
  Keep(call);
  EXPECT_EQ(Values(), Json({{"app", {{"replicaCount", 3}, {"tag", "b"}}}}));
  ExpectNoChange(Left(2, "b"));
}

TEST_F(IgnorePathsTest, SecretsAreHiddenThereToo) {
  const cty::Value config =
      Config({{"values", Map({{"a", Int(1)}})},
              {"sensitive_values",
               Map({{"global", Map({{"license", Str("canary-1")}})}})},
              {"ignore_paths", Ignored("global.license")}});
  Create(config);
  Edit("/global/license", "canary-2");
  Refresh();
  EXPECT_EQ(Shown("effective_values")["global.license"], "(sensitive)");
  EXPECT_THAT(private_data_.dump(), Not(HasSubstr("canary")));
  ExpectNoChange(config);
}

TEST_F(IgnorePathsTest, OnlyKeysCanBeLeft) {
  const struct {
    const char* path;
    const char* says;
  } kCases[] = {{"", "the path is empty"},
                {"ingress.tls[0]", "a list is one field"},
                {"a..b", "\"a..b\""}};
  for (const auto& c : kCases) {
    const tf::RawPlan plan =
        Plan(Nothing(), Config({{"ignore_paths", Ignored(c.path)}}));
    ASSERT_THAT(plan.diags.items(), SizeIs(1));
    EXPECT_EQ(plan.diags.items()[0].path, cty::Path("ignore_paths").Index(0));
    EXPECT_THAT(plan.diags.items()[0].detail,
                AllOf(HasSubstr(c.says), HasSubstr("app.replicaCount")));
  }
}

TEST_F(IgnorePathsTest, UntilTheyAreKnownNothingIsShown) {
  const tf::RawPlan plan = Plan(
      Nothing(),
      Config({{"values", Map({{"a", Int(1)}})},
              {"ignore_paths",
               cty::Value::Unknown(cty::Type::List(cty::Type::String()))}}));
  EXPECT_FALSE(plan.diags.HasError());
  EXPECT_TRUE(plan.planned.At("configured_values").IsUnknown());
  EXPECT_TRUE(plan.planned.At("effective_values").IsUnknown());
}

}  // namespace
}  // namespace resources
