// What a create of wandb_instance does where its object exists already.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kube/ssa/create.h"
#include "resources/report.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AdoptionTest : public InstanceTest {
 protected:
  cty::Value Config() const {
    return Make({{"wait", Flag(false)},
                 {"airgapped", Flag(true)},
                 {"values", Map({{"a", Int(1)}})}});
  }
  // As if it had been made so long ago.
  void Age(absl::Duration age) {
    Json live = client_->Stored(Ref());
    live["metadata"]["creationTimestamp"] = absl::FormatTime(
        absl::RFC3339_sec, absl::Now() - age, absl::UTCTimeZone());
    client_->Put(Ref(), live);
  }
  void ExpectRefused() {
    const Json before = client_->Stored(Ref());
    const tf::RawApply call = Change(Nothing(), Config());
    ASSERT_TRUE(call.diags.HasError());
    EXPECT_THAT(call.diags.items()[0].detail,
                HasSubstr(ImportBlock("wandb_instance", "default/wandb")));
    EXPECT_TRUE(call.state.IsNull());
    EXPECT_EQ(client_->Stored(Ref()), before);
  }
};

TEST_F(AdoptionTest, WhatAnInterruptedCreateLeftIsTakenOverWithAWarning) {
  ASSERT_FALSE(Change(Nothing(), Config()).diags.HasError());
  // The operator writes, too.
  Json live = client_->Stored(Ref());
  live["status"]["phase"] = "Completed";
  live["metadata"]["finalizers"] = {"finalizer.app.wandb.com"};
  client_->Put(Ref(), live, "manager");
  Age(ssa::kAdoptable - absl::Minutes(1));
  NewProcess();
  const tf::RawApply again = Change(Nothing(), Config());
  ASSERT_FALSE(again.diags.HasError()) << again.diags.items()[0].detail;
  ASSERT_THAT(again.diags.items(), SizeIs(1));
  EXPECT_THAT(again.diags.items()[0].detail,
              AllOf(HasSubstr("WeightsAndBiases \"default/wandb\", made 59m"),
                    HasSubstr("interrupted"), HasSubstr("another state"),
                    HasSubstr("state rm")));
  EXPECT_EQ(again.state.At("uid"), Str(kube::UidOf(live)));
}

// Core makes the new one first, and then destroys what it was to replace.
TEST_F(AdoptionTest, CreateBeforeDestroyUnderOneNameDeletesNothing) {
  const tf::RawApply old = Change(Nothing(), Config());
  ASSERT_FALSE(old.diags.HasError());
  NewProcess();
  const tf::RawApply anew = Change(Nothing(), Config());
  ASSERT_FALSE(anew.diags.HasError()) << anew.diags.items()[0].detail;
  const tf::RawApply end = Change(old.state, Nothing(), old.private_data);
  EXPECT_TRUE(end.state.IsNull());
  ASSERT_THAT(end.diags.items(), SizeIs(1));
  EXPECT_EQ(end.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(end.diags.items()[0].detail, HasSubstr("create_before_destroy"));
  EXPECT_EQ(kube::UidOf(client_->Stored(Ref())),
            old.state.At("uid").AsString());
  // A later run destroys it as any other.
  const tf::RawRead read = Read(anew.state, anew.private_data);
  Change(read.state, Nothing(), read.private_data);
  EXPECT_TRUE(absl::IsNotFound(client_->Get({}, Ref()).status()));
}

TEST_F(AdoptionTest, APlanThatRenamesABlockSaysHowToMoveIt) {
  const tf::RawApply old = Change(Nothing(), Config());
  for (const bool create_first : {true, false}) {
    NewProcess();
    std::string said;
    const auto note = [&](const cty::Value& prior, const cty::Value& config) {
      const tf::RawPlan plan = Plan(prior, config);
      for (const auto& diag : plan.diags.items()) {
        absl::StrAppend(&said, diag.summary, diag.detail);
      }
    };
    if (create_first) note(Nothing(), Config());
    note(old.state, Nothing());
    EXPECT_EQ(absl::StrContains(said, "moved {"), create_first);
    note(Nothing(), Config());
    EXPECT_THAT(said, AllOf(HasSubstr("planned to be destroyed and to be "
                                      "created"),
                            HasSubstr("from = wandb_instance.OLD")));
  }
}

TEST_F(AdoptionTest, InstanceOfAnotherStateIsRefusedAfterAnHour) {
  ASSERT_FALSE(Change(Nothing(), Config()).diags.HasError());
  Age(ssa::kAdoptable + absl::Minutes(1));
  NewProcess();
  ExpectRefused();
}

TEST_F(AdoptionTest, ObjectThatAnotherAppliesToIsRefused) {
  ASSERT_FALSE(Change(Nothing(), Config()).diags.HasError());
  ASSERT_TRUE(client_
                  ->Apply({}, Ref(),
                          {{"kind", "WeightsAndBiases"},
                           {"metadata", {{"labels", {{"team", "ml"}}}}}},
                          {.field_manager = "argocd"})
                  .ok());
  NewProcess();
  ExpectRefused();
}

TEST_F(AdoptionTest, SecondInstanceOfOneConfigurationIsRefused) {
  const tf::RawApply first = Change(Nothing(), Config());
  ASSERT_FALSE(first.diags.HasError());
  const tf::RawApply second = Change(Nothing(), Config());
  ASSERT_TRUE(second.diags.HasError());
  EXPECT_EQ(second.diags.items()[0].summary,
            "Two instances are called default/wandb");
  EXPECT_TRUE(second.state.IsNull());
  // A replacement is a destroy and a create.
  EXPECT_FALSE(
      Change(first.state, Nothing(), first.private_data).diags.HasError());
  const tf::RawApply third = Change(Nothing(), Config());
  EXPECT_FALSE(third.diags.HasError());
  EXPECT_THAT(third.diags.items(), IsEmpty());
}

}  // namespace
}  // namespace resources
