// `changes` of wandb_operator: what others did to its objects.
#include "resources/operator/changes.h"

#include "absl/strings/str_cat.h"
#include "kube/object_ref.h"
#include "tests/support/operator_plan_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kDeploymentKey[] = "Deployment/wandb/wandb-controller-manager";

TEST(DifferencesTest, AreBoundedAndBeginWithWhatRuns) {
  Json wanted = Json::object(), live = Json::object();
  for (int i = 0; i < 8; ++i) {
    const std::string key = absl::StrCat("k", i);
    wanted[key] = 1;
    live[key] = 2;
  }
  wanted["z"] = {{"command", "a"}};
  live["z"] = {{"command", "b"}};
  const std::string text = Differences(wanted, live);
  EXPECT_EQ(text.find("z.command \"a\" -> \"b\"; k0 1 -> 2"), 0u) << text;
  EXPECT_EQ(text.substr(text.rfind(';')), "; and 4 more");
}

TEST(DifferencesTest, WhatIsGoneIsRemoved) {
  EXPECT_EQ(Differences({{"metadata", {{"labels", {{"x", "1"}}}}}},
                        {{"metadata", {{"labels", {{"x", nullptr}}}}}}),
            "metadata.labels.x removed");
  EXPECT_EQ(Differences({{"a", 1}}, {{"a", 1}}), "");
}

TEST(DifferencesTest, SecretsAndCertificatesAreNotShown) {
  const std::string pem = "-----BEGIN CERTIFICATE-----CANARY";
  const std::vector<std::pair<Json, Json>> cases = {
      {{{"data", {{"ca.crt", "CANARY1"}}}},
       {{"data", {{"ca.crt", "CANARY2"}}}}},
      {{{"spec", {{"x", pem}}}}, {{"spec", {{"x", "b"}}}}},
      {{{"spec", {{"x", "b"}}}}, {{"spec", {{"x", pem}}}}},
      {{{"dbPassword", "CANARY1"}}, {{"dbPassword", "CANARY2"}}},
      {{{"env", {{{"name", "API_TOKEN"}, {"value", "CANARY1"}}}}},
       {{"env", {{{"name", "API_TOKEN"}, {"value", "CANARY2"}}}}}}};
  for (const auto& [wanted, live] : cases) {
    EXPECT_THAT(Differences(wanted, live),
                AllOf(HasSubstr(" changed"), Not(HasSubstr("CANARY"))));
  }
}

class ChangesTest : public OperatorPlanTest {
 protected:
  void Edit(const kube::ObjectRef& ref,
            const std::function<void(Json&)>& edit) const {
    Json live = client_->Stored(ref);
    edit(live);
    client_->Put(ref, live, "kubectl-edit");
  }
  void Stop() const {
    Edit(Deployment(), [](Json& live) { live["spec"]["replicas"] = 0; });
  }
  static kube::ObjectRef Role() {
    return {"rbac.authorization.k8s.io", "v1", "clusterroles", "",
            "wandb-manager-role"};
  }
};

TEST_F(ChangesTest, ThePlanThatRepairsEmptiesThem) {
  const tf::RawApply created = Create();
  EXPECT_THAT(created.state.At("changes").fields(), IsEmpty());
  EXPECT_EQ(Read(created.state, created.private_data).state, created.state);
  Stop();
  client_->Remove(Role());
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_THAT(read.state.At("changes").fields(), SizeIs(2));
  EXPECT_EQ(read.state.At("changes").At(kDeploymentKey),
            Str("spec.replicas 1 -> 0"));
  EXPECT_EQ(read.state.At("changes").At("ClusterRole/wandb-manager-role"),
            Str("removed"));
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  EXPECT_EQ(plan.planned.At("changes"), created.state.At("changes"));
  const tf::RawApply repaired = Apply(read.state, Make({}), plan);
  ASSERT_FALSE(repaired.diags.HasError()) << Text(repaired.diags);
  EXPECT_EQ(repaired.state, created.state);
  const tf::RawRead again = Read(repaired.state, repaired.private_data);
  EXPECT_EQ(again.state, repaired.state);
  EXPECT_EQ(Plan(again.state, Make({}), again.private_data).planned,
            again.state);
}

TEST_F(ChangesTest, OneThatWasMadeAgainOrIsOnItsWayOutIsToldSo) {
  const tf::RawApply created = Create();
  Json live = client_->Stored(Deployment());
  client_->Remove(Deployment());
  live["metadata"].erase("uid");
  client_->Put(Deployment(), live, "kubectl");
  Edit(Role(), [](Json& role) {
    role["metadata"]["finalizers"] = {"example.com/hold"};
    role["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  });
  const cty::Value changes =
      Read(created.state, created.private_data).state.At("changes");
  EXPECT_EQ(changes.At(kDeploymentKey), Str("made again"));
  EXPECT_EQ(changes.At("ClusterRole/wandb-manager-role"), Str("being deleted"));
}

// What the apply did not come to is still there.
TEST_F(ChangesTest, AnApplyThatFailsKeepsWhatItHasNotRepaired) {
  const tf::RawApply created = Create();
  Stop();
  Edit(Role(), [](Json& role) { role["rules"] = Json::array(); });
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_THAT(read.state.At("changes").fields(), SizeIs(2));
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  client_->Admit([](const Json& object) {
    return object["kind"] == "Deployment"
               ? absl::InvalidArgumentError("denied by policy")
               : absl::OkStatus();
  });
  const tf::RawApply failed = Apply(read.state, Make({}), plan);
  ASSERT_TRUE(failed.diags.HasError());
  EXPECT_THAT(failed.state.At("changes").fields(), SizeIs(1));
  EXPECT_EQ(failed.state.At("changes").At(kDeploymentKey),
            Str("spec.replicas 1 -> 0"));
}

// As an earlier version of the provider has stored it.
TEST_F(ChangesTest, AStateWithoutThemPlansNothing) {
  const tf::RawApply created = Create();
  Fields fields = created.state.fields();
  fields["changes"] = cty::Value::Null(cty::Type::Map(kString));
  const cty::Value old = Make(fields);
  EXPECT_EQ(Plan(old, Make({}), created.private_data).planned, old);
  const tf::RawRead read = Read(old, created.private_data);
  EXPECT_THAT(read.state.At("changes").fields(), IsEmpty());
  const tf::RawApply updated =
      Change(old, Make({{"airgapped", Flag(true)}}), created.private_data);
  EXPECT_FALSE(updated.diags.HasError()) << Text(updated.diags);
}

}  // namespace
}  // namespace resources
