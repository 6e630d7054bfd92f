#include "resources/operator/downgrade.h"

#include "tests/support/operator_plan_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DowngradeTest : public OperatorPlanTest {
 protected:
  Fields Of(const std::string& tag) const {
    return {{"image", Image({{"tag", Str(tag)}})}};
  }
  tf::Diagnostics PlanFrom(const std::string& now,
                           const std::string& then) const {
    const tf::RawApply created = Create(Of(now));
    const tf::RawPlan plan =
        Plan(created.state, Make(Of(then)), created.private_data);
    Change(created.state, Nothing(), created.private_data);
    return plan.diags;
  }
};

TEST(TagTest, IsWhatStandsBehindTheName) {
  EXPECT_EQ(TagOf("wandb/controller:1.22.0"), "1.22.0");
  EXPECT_EQ(TagOf("host:5000/wandb/controller:1.2.3@sha256:0"), "1.2.3");
  EXPECT_EQ(TagOf("host:5000/wandb/controller"), "");
  EXPECT_EQ(TagOf("controller@sha256:0"), "");
}

TEST_F(DowngradeTest, AnOlderManagerIsAWarning) {
  const tf::Diagnostics diags = PlanFrom("1.22.0", "1.9.9");
  EXPECT_FALSE(diags.HasError());
  EXPECT_THAT(Text(diags),
              HasSubstr("Operator wandb/wandb goes back from 1.22.0 to 1.9.9"));
  EXPECT_THAT(Text(diags), HasSubstr("image.tag = \"1.22.0\""));
}

TEST_F(DowngradeTest, ANewerOneAndWhatIsNoVersionAreNone) {
  EXPECT_THAT(PlanFrom("1.9.9", "1.22.0").items(), IsEmpty());
  EXPECT_THAT(PlanFrom("latest", "1.22.0").items(), IsEmpty());
  EXPECT_THAT(PlanFrom("1.22.0", "latest").items(), IsEmpty());
  EXPECT_THAT(PlanFrom("1.22.0", "1.22.0").items(), IsEmpty());
}

// What runs counts, and not what was applied last.
TEST_F(DowngradeTest, OneThatSomebodyElseUpgradedIsWarnedOf) {
  const tf::RawApply created = Create();
  Json live = client_->Stored(Deployment());
  live["spec"]["template"]["spec"]["containers"][0]["image"] =
      "wandb/controller:1.23.0";
  client_->Put(Deployment(), live, "kubectl-set");
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_THAT(Text(Plan(read.state, Make({}), read.private_data).diags),
              HasSubstr("goes back from 1.23.0 to 1.22.0"));
}

}  // namespace
}  // namespace resources
