// A provider that dies at any write of a create: the next apply converges.
#include <signal.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

std::string Instance() {
  return "resource \"wandb_instance\" \"this\" {\n"
         "  operator = wandb_operator.this.id\n}\n";
}

using KilledWrite = Acceptance;

TEST_P(KilledWrite, AProviderKilledAtAnyWriteOfACreateIsTakenUpByTheNextApply) {
  const std::string body = OperatorBlock() + Instance();
  // The definition outlives a destroy, and is then written no more.
  workspace_.Write(body);
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  ASSERT_EQ(workspace_.Destroy().exit_code, 0);
  std::vector<std::string> writes;
  {
    const ApiProxy proxy(cluster_, {});
    workspace_.Write(body, proxy.ProviderBlock());
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
    writes = proxy.Log("write");
    ASSERT_EQ(workspace_.Destroy().exit_code, 0);
  }
  // Namespace, ServiceAccount, roles and bindings, Deployment, instance.
  ASSERT_GE(writes.size(), 7U);
  for (const bool reply : {false, true}) {
    for (size_t n = 1; n <= writes.size(); ++n) {
      SCOPED_TRACE(
          absl::StrCat(reply ? "after" : "before", " write ", writes[n - 1]));
      ApiProxy proxy(cluster_,
                     {.hold = static_cast<int>(n), .hold_reply = reply});
      workspace_.Write(body, proxy.ProviderBlock());
      support::Process apply =
          workspace_.Start({"apply", "-auto-approve", "-no-color"});
      const absl::Status held = proxy.AwaitHeld(absl::Minutes(1));
      ASSERT_TRUE(held.ok()) << held;
      const pid_t provider = ProviderOf(apply);
      ASSERT_GT(provider, 0);
      ASSERT_EQ(::kill(provider, SIGKILL), 0);
      EXPECT_NE(apply.Finish(absl::Minutes(1)).exit_code, 0);
      workspace_.Write(body);
      const support::Outcome again = workspace_.Apply();
      ASSERT_EQ(again.exit_code, 0) << again.out;
      std::string plan;
      EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
      const support::Outcome destroy = workspace_.Destroy();
      ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Tools, KilledWrite, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
