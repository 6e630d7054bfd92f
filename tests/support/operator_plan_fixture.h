// Plans of wandb_operator and what they warn of, for tests.
#pragma once

#include <string>
#include <utility>

#include "tests/support/fake_replies.h"
#include "tests/support/operator_fixture.h"

namespace resources {

class OperatorPlanTest : public OperatorTest {
 protected:
  tf::RawApply Create(Fields fields = {}) const {
    tf::RawApply created = Change(Nothing(), Make(std::move(fields)));
    EXPECT_FALSE(created.diags.HasError()) << Text(created.diags);
    client_->ClearCalls();
    return created;
  }
  // The plan of another image.
  tf::RawPlan PlanUpdate(const tf::RawApply& created,
                         Fields fields = {}) const {
    fields["image"] = Image({{"tag", Str("9.9.9")}});
    return Plan(created.state, Make(std::move(fields)), created.private_data);
  }
  tf::RawPlan PlanCreate(Fields fields = {}) const {
    return Plan(Nothing(), Make(std::move(fields)));
  }
  tf::RawPlan PlanDestroy(const tf::RawApply& created) const {
    return Plan(created.state, Nothing(), created.private_data);
  }
  // The only finding, a warning.
  static tf::Diagnostic Warning(const tf::RawPlan& plan) {
    EXPECT_THAT(plan.diags.items(), ::testing::SizeIs(1)) << Text(plan.diags);
    EXPECT_FALSE(plan.diags.HasError());
    return plan.diags.items().empty() ? tf::Diagnostic()
                                      : plan.diags.items()[0];
  }
  void Forbid(const kube::ObjectRef& ref, const std::string& message) const {
    client_->FailAlways(
        ref, support::Reply("PATCH", ref, 403,
                            support::StatusBody("Forbidden", message,
                                                {{"name", ref.name}})));
  }
};

}  // namespace resources
