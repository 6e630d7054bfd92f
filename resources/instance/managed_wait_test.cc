// The wait for an instance whose operator takes ConfigMap `wandb-spec-managed`.
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

class ManagedWaitTest : public ReadinessTest {
 protected:
  ManagedWaitTest() {
    PutInstance();
    PutWorkload("wandb-app", 1);
    client_->Put(
        kube::ConfigMapRef("default", "wandb-spec-managed"),
        {{"kind", "ConfigMap"},
         {"metadata",
          {{"name", "wandb-spec-managed"}, {"namespace", "default"}}},
         {"data",
          {{"values", R"({"b":2})"}, {"chart", R"({"path":"/charts/x"})"}}}});
  }
  void HaveApplied(const Json& values) {
    PutActive(Desired(model_).compiled.chart, values);
  }
  void PutSwitch(const char* argument) {
    PutOperator([argument](Json& deployment) {
      ContainerOf(deployment)["args"] = Json::array({argument});
    });
  }
};

TEST_F(ManagedWaitTest, WhatTheDeploymentSaysIsAwaited) {
  PutSwitch("--managed-spec-enabled");
  HaveApplied(Json::object());
  const Readiness before = AwaitInVain();
  EXPECT_FALSE(before.ready);
  EXPECT_THAT(Details(before), HasSubstr("b"));
  HaveApplied({{"b", 2}});
  const Readiness after = Await(kQuick);
  EXPECT_TRUE(after.ready) << Details(after);
  EXPECT_THAT(after.takes_managed_spec, Optional(true));
}

TEST_F(ManagedWaitTest, OfAnOperatorThatIsNotNamedTheSpecificationTells) {
  model_.operator_id = {};
  HaveApplied({{"b", 2}});
  const Readiness readiness = Await(kQuick);
  EXPECT_TRUE(readiness.ready) << Details(readiness);
  EXPECT_THAT(readiness.takes_managed_spec, Optional(true));
}

TEST_F(ManagedWaitTest, WithoutTheSwitchNobodyAsksForIt) {
  PutSwitch("--leader-elect");
  HaveApplied({{"b", 2}});
  EXPECT_FALSE(AwaitInVain().ready);
  HaveApplied(Json::object());
  client_->ClearCalls();
  const Readiness readiness = Await(kQuick);
  EXPECT_TRUE(readiness.ready) << Details(readiness);
  EXPECT_THAT(readiness.takes_managed_spec, Optional(false));
  EXPECT_THAT(client_->CallLines(),
              Not(Contains(HasSubstr("wandb-spec-managed"))));
}

}  // namespace
}  // namespace resources
