// release_id: the channel's newest release, one that is pinned, and what the
// System Console makes of it.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kNewest[] = "release-newest";
constexpr char kOld[] = "release-old";

class Updates : public Acceptance {
 protected:
  void SetUp() override {
    Json old = cluster_.channel();
    old["metadata"]["releaseId"] = kOld;
    old["values"]["app"]["image"]["tag"] = "0.70.0";
    PutChannel(old, kNewest, "0.80.0");
  }
  void TearDown() override { cluster_.ResetChannel(); }

  // Offers a newest release, and the old one to who asks for it.
  void PutChannel(const Json& old, const std::string& id,
                  const std::string& tag) {
    Json channel = old;
    channel["metadata"]["releaseId"] = id;
    channel["values"]["app"]["image"]["tag"] = tag;
    channel["releases"] = {{kOld, old}};
    cluster_.WriteChannel(channel);
  }
  void Configure(const std::string& more) {
    workspace_.Write(
        absl::StrCat(OperatorBlock(),
                     "resource \"wandb_instance\" \"this\" {\n  operator = "
                     "wandb_operator.this.id\n",
                     more, "}\n"));
  }
  void Apply() {
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
    std::string plan;
    EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
  }
  Json Attributes() { return workspace_.Attributes("wandb_instance.this"); }
  Json UserValues() {
    std::string text;
    absl::Base64Unescape(base::StringAt(cluster_.GetObject("default", "secret",
                                                           "wandb-spec-user"),
                                        "/data/values")
                             .value_or(""),
                         &text);
    return base::ParseJson(text, "values").value_or(Json());
  }
  void AwaitImage(const std::string& tag) {
    const support::Outcome out = cluster_.Kubectl(
        {"wait", "deployment/wandb-app-bc", "--namespace=default",
         "--timeout=60s",
         absl::StrCat("--for=jsonpath={.spec.template.spec.containers[0]."
                      "image}=us-docker.pkg.dev/wandb-production/public/wandb/"
                      "local:",
                      tag)});
    ASSERT_EQ(out.exit_code, 0) << out.out;
  }
  void EnterInConsole(const Json& values) {
    const Json patch = {
        {"data", {{"values", absl::Base64Escape(values.dump())}}}};
    const support::Outcome out = cluster_.Kubectl(
        {"patch", "secret", "wandb-spec-user", "--namespace=default",
         "--type=merge", "--field-manager=console", "-p=" + patch.dump()});
    ASSERT_EQ(out.exit_code, 0) << out.out;
  }
};

TEST_P(Updates, AReleaseIsPinnedFromTheFirstApplyOn) {
  Configure(absl::StrCat("  release_id = \"", kOld, "\"\n"));
  Apply();
  EXPECT_EQ(Attributes()["version"], "0.70.0");
  EXPECT_EQ(Attributes()["ready"], true);
  EXPECT_EQ(UserValues(), Json({{"_releaseId", kOld}}));
  // The newest one was never installed.
  EXPECT_TRUE(
      cluster_.GetObject("default", "secret", "sh.helm.release.v1.wandb.v2")
          .is_null());

  // Somebody switches automatic updates on: the plan shows it.
  EnterInConsole({{"global", {{"mark", 1}}}});
  const support::Outcome drift = workspace_.Plan();
  ASSERT_EQ(drift.exit_code, 0) << drift.out;
  EXPECT_THAT(drift.out, HasSubstr(absl::StrCat("+ release_id")));
  Apply();
  EXPECT_EQ(UserValues(),
            Json({{"_releaseId", kOld}, {"global", {{"mark", 1}}}}));
  EXPECT_EQ(Attributes()["version"], "0.70.0");

  // Given up, the newest one runs, which the plan could not know.
  Configure("");
  EXPECT_THAT(workspace_.Plan().out, HasSubstr("known after apply"));
  Apply();
  EXPECT_EQ(UserValues(), Json({{"global", {{"mark", 1}}}}));
  EXPECT_EQ(Attributes()["version"], "0.80.0");

  // One that the channel does not have: the operator reports success.
  Configure("  release_id = \"release-nowhere\"\n");
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(apply.out, HasSubstr("does not have the pinned release"));
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
}

TEST_P(Updates, ARefreshSaysOnceWhatHasChangedBelow) {
  Configure("");
  Apply();
  ASSERT_EQ(
      workspace_.Run({"apply", "-refresh-only", "-auto-approve"}).exit_code, 0);
  Json newer = cluster_.channel();
  PutChannel(newer["releases"][kOld], "release-next", "0.81.0");
  EnterInConsole({{"global", {{"token", "canary-entered"}}}, {"mark", 1}});
  AwaitImage("0.81.0");
  const support::Outcome plan = workspace_.Plan();
  ASSERT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(plan.out,
              AllOf(HasSubstr("has changed since the last apply"),
                    HasSubstr("release release-newest -> release-next"),
                    HasSubstr("app.image.tag: 0.80.0 -> 0.81.0"),
                    HasSubstr("mark: (none) -> 1"), HasSubstr("No changes"),
                    Not(HasSubstr("canary-entered"))));
  ASSERT_EQ(
      workspace_.Run({"apply", "-refresh-only", "-auto-approve"}).exit_code, 0);
  EXPECT_THAT(workspace_.Plan().out, Not(HasSubstr("since the last apply")));
}

TEST_P(Updates, AManagedSpecTakesThePlaceOfTheChannel) {
  const std::string instance =
      "resource \"wandb_instance\" \"this\" {\n  operator = "
      "wandb_operator.this.id\n}\n";
  workspace_.Write(
      absl::StrCat(OperatorBlock("  managed_spec_enabled = true"), instance));
  const Json channel = cluster_.channel();
  const auto put = [&](const std::string& chart, const std::string& tag) {
    Json values = channel["values"];
    values["app"]["image"]["tag"] = tag;
    const Json data = {{"data", {{"chart", chart}, {"values", values.dump()}}}};
    const support::Outcome out = cluster_.Kubectl(
        {"patch", "configmap", "wandb-spec-managed", "--namespace=default",
         "--type=merge", "-p=" + data.dump()});
    ASSERT_EQ(out.exit_code, 0) << out.out;
  };
  ASSERT_EQ(cluster_
                .Kubectl({"create", "configmap", "wandb-spec-managed",
                          "--namespace=default"})
                .exit_code,
            0);
  put(channel["chart"].dump(), "0.75.0");
  Apply();
  EXPECT_EQ(Attributes()["version"], "0.75.0");
  EXPECT_EQ(Attributes()["ready"], true);
  EXPECT_EQ(Attributes()["effective_origin"]["app.image.tag"], "managed_spec");

  put(channel["chart"].dump(), "0.76.0");
  AwaitImage("0.76.0");
  EXPECT_THAT(workspace_.Plan().out,
              AllOf(HasSubstr("managed spec (ConfigMap wandb-spec-managed): 1 "
                              "value changed"),
                    HasSubstr("app.image.tag: 0.75.0 -> 0.76.0")));

  // What the operator passes over is told by the refresh alone.
  put("{}", "0.77.0");
  AwaitImage("0.80.0");
  EXPECT_THAT(workspace_.Plan().out,
              AllOf(HasSubstr("does not use the managed spec"),
                    HasSubstr("data key `chart`")));
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
  cluster_.Kubectl(
      {"delete", "configmap", "wandb-spec-managed", "--namespace=default"});
}

INSTANTIATE_TEST_SUITE_P(Tools, Updates, testing::Values("tofu", "terraform"),
                         ToolName);

}  // namespace
}  // namespace acceptance
