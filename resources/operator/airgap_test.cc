#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/operator_plan_fixture.h"

namespace resources {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class AirgapTest : public OperatorPlanTest {
 protected:
  void PutInstance(const std::string& name, const Json& spec) const {
    client_->Put({"apps.wandb.com", "v1", "weightsandbiases", "ml", name},
                 {{"kind", "WeightsAndBiases"}, {"spec", spec}});
  }
  tf::RawPlan PlanChange(const tf::RawApply& created, Fields fields) const {
    return Plan(created.state, Make(std::move(fields)), created.private_data);
  }
};

TEST_F(AirgapTest, InstancesThatWouldHaveNoChartAreNamedByThePlanOfTheUpdate) {
  const tf::RawApply created = Create();
  PutInstance("bare", Json::object());
  PutInstance("empty", {{"chart", Json::object()}});
  PutInstance("own", {{"chart", {{"url", "https://charts.example.com"}}}});
  const tf::Diagnostic warning =
      Warning(PlanChange(created, {{"airgapped", Flag(true)}}));
  EXPECT_THAT(warning.detail, AllOf(HasSubstr("ml/bare\n  ml/empty\n"),
                                    Not(HasSubstr("ml/own")),
                                    HasSubstr("First give each a chart")));
}

TEST_F(AirgapTest, ACreateSaysItToo) {
  PutInstance("bare", Json::object());
  EXPECT_THAT(Warning(PlanCreate({{"airgapped", Flag(true)}})).detail,
              HasSubstr("ml/bare"));
}

TEST_F(AirgapTest, NothingIsSaidOfWhatIsSoAlready) {
  const tf::RawApply created = Create({{"airgapped", Flag(true)}});
  PutInstance("bare", Json::object());
  EXPECT_THAT(PlanUpdate(created, {{"airgapped", Flag(true)}}).diags.items(),
              IsEmpty());
  EXPECT_THAT(PlanChange(created, {}).diags.items(), IsEmpty());
}

TEST_F(AirgapTest, InstancesOnTheirWayOutNeedNoChart) {
  const tf::RawApply created = Create();
  client_->Put({"apps.wandb.com", "v1", "weightsandbiases", "ml", "bare"},
               {{"kind", "WeightsAndBiases"},
                {"metadata",
                 {{"deletionTimestamp", "2026-01-01T00:00:00Z"},
                  {"finalizers", {"finalizer.app.wandb.com"}}}}});
  EXPECT_THAT(PlanChange(created, {{"airgapped", Flag(true)}}).diags.items(),
              IsEmpty());
}

}  // namespace
}  // namespace resources
