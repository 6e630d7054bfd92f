// What a failed wait of a wandb_instance says.
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/fake_replies.h"
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ReadinessTest, WhoMayNotReadWhatTellsItIsToldThatAndNothingElse) {
  PutInstance();
  PutActive(Desired(model_).compiled.chart, Json::object());
  PutWorkload("wandb-app", 1);
  const kube::ObjectRef kHidden[] = {
      kube::SecretRef("default", "wandb-spec-active"),
      kube::SecretRef("default", "wandb-spec-user"),
      kube::SecretRef("default", "wandb-latest-cached-release"),
      kube::DeploymentRef("default", ""),
      {"apps", "v1", "daemonsets", "default", ""},
  };
  for (const kube::ObjectRef& hidden : kHidden) {
    SCOPED_TRACE(kube::Describe(hidden));
    client_->FailAlways(hidden, support::Reply("GET", hidden, 403, ""));
    const Readiness readiness = Await(kEndless);
    client_->FailAlways(hidden, absl::OkStatus());
    EXPECT_FALSE(readiness.ready);
    EXPECT_EQ(readiness.summary,
              "Whether instance default/wandb is ready cannot be told");
    const auto right = kube::MissingRight(readiness.unseen);
    ASSERT_TRUE(right.has_value());
    EXPECT_EQ(right->resource, hidden.resource);
    EXPECT_EQ(right->ns, "default");
    EXPECT_EQ(right->verb, hidden.name.empty() ? "list" : "get");
  }
  EXPECT_TRUE(Await(kEndless).ready);
}

// ---- What the report says ----

TEST_F(ReadinessTest, AFailedWaitOfTheOperatorStartsWithThePodsReason) {
  PutInstance();
  PutOperator([](Json& d) {  // The old pod still runs.
    d["status"] = {{"observedGeneration", 99},
                   {"replicas", 2},
                   {"updatedReplicas", 1},
                   {"availableReplicas", 1}};
  });
  PutPod(*base::ParseJson(R"({"containerStatuses": [{"name": "manager",
      "state": {"waiting": {"reason": "ImagePullBackOff"}}}]})",
                          "test"));
  const Readiness readiness = AwaitInVain();
  EXPECT_EQ(readiness.summary,
            "The W&B operator is not running: 0 of 1 new pods ready");
  EXPECT_THAT(readiness.details[0], HasSubstr("ImagePullBackOff"));
  EXPECT_THAT(Details(readiness), Not(HasSubstr("timeouts")));
  EXPECT_TRUE(readiness.never_ran);
}

TEST_F(ReadinessTest, MoreTimeIsAdvisedOnlyWhereNothingElseIsWrong) {
  PutInstance();
  PutOperator([](Json& d) { d["status"]["availableReplicas"] = 0; });
  PutPod({{"phase", "Pending"}});
  EXPECT_THAT(Details(AwaitInVain()), HasSubstr("timeouts"));
}

TEST_F(ReadinessTest, AnotherManagerThatWorksInItsPlaceIsSaidFirst) {
  PutInstance();
  PutPod({{"phase", "Running"}});
  const kube::ObjectRef lease = {
      "coordination.k8s.io",     "v1",   "leases", "wandb",
      "3009dfa6.apps.wandb.com", "Lease"};
  client_->Put(lease, {{"kind", "Lease"},
                       {"spec",
                        {{"holderIdentity", "laptop_0a1b"},
                         {"renewTime", absl::FormatTime(absl::Now())}}}});
  const Readiness readiness = AwaitInVain();
  EXPECT_THAT(readiness.details[0], HasSubstr("is held by laptop_0a1b"));
  EXPECT_THAT(Details(readiness), Not(HasSubstr("timeouts")));
  client_->FailAlways(lease, support::Reply("GET", lease, 403, ""));
  EXPECT_THAT(AwaitInVain().details.back(), HasSubstr("leases"));
}

TEST_F(ReadinessTest, TheOperatorsLogGoesFirstWithoutItsTraces) {
  PutInstance();
  PutPod({{"phase", "Running"}});
  client_->SetLogs(
      "wandb", "wandb-controller-manager-x-y",
      R"({"level":"info","msg":"Desired spec","name":"wandb","namespace":"default","spec":{"a":1}})"
      "\nno JSON\n"
      R"({"level":"error","ts":"2026-11-25T10:00:00Z","msg":"Reconciler error","name":"wandb","namespace":"default","error":"type not match","stacktrace":"main.go:1"})"
      "\n"
      R"({"level":"error","ts":"2026-11-25T10:00:01Z","msg":"Reconciler error","name":"other","namespace":"default","error":"theirs"})"
      "\n");
  const Readiness readiness = AwaitInVain();
  EXPECT_THAT(
      readiness.details,
      ElementsAre("operator log: 2026-11-25T10:00:00Z: Reconciler error: type "
                  "not match",
                  "The operator has applied no specification yet."));
}

TEST_F(ReadinessTest, ALogThatCannotBeReadIsOneLineBehindTheReason) {
  model_.chart = {};
  PutInstance();
  Json live = client_->Stored(Ref());
  live["status"]["phase"] = "Invalid Config";
  client_->Put(Ref(), live);
  PutEvent("ApplyFailed", "2026-01-01T00:00:00Z", kube::UidOf(live));
  PutPod({{"phase", "Running"}});
  const kube::ObjectRef pod =
      kube::ObjectIn(kube::PodsIn("wandb"), "wandb-controller-manager-x-y");
  client_->FailAlways(pod, support::Reply("GET", pod, 403, ""));
  const Readiness readiness = Await(kEndless);
  ASSERT_FALSE(readiness.details.empty());
  EXPECT_THAT(readiness.details.front(), StartsWith("No layer names a chart"));
  EXPECT_EQ(readiness.details.back(),
            "The log of pod wandb-controller-manager-x-y cannot be read: the "
            "right to get pods in namespace \"wandb\" is missing.");
}

// What is written while an apply fails is taken up next, and until then the
// phase is that of before.
TEST_F(ReadinessTest, APhaseOfWhatWasThereBeforeIsNotBelieved) {
  PutInstance();
  Json live = client_->Stored(Ref());
  live["status"]["phase"] = "Invalid Config";
  client_->Put(Ref(), live);
  Patience patience = kEndless;
  patience.with_invalid_config = absl::Milliseconds(300);
  const auto says = [&](const char* begun, const char* failed,
                        const std::string& uid) {
    PutEvent("Reconciling", begun, uid);
    PutEvent("ApplyFailed", failed, uid);
    const absl::Time start = absl::Now();
    const std::string details = Details(Await(patience, absl::Seconds(1)));
    if (!absl::StrContains(details, "cannot be fetched")) return "nothing";
    return absl::Now() - start < patience.with_invalid_config ? "at once"
                                                              : "later";
  };
  const std::string uid = kube::UidOf(live);
  // The write was at 00:00:00.
  const char kBefore[] = "1969-12-31T23:59:59Z";
  const char kThen[] = "1970-01-01T00:00:00Z";
  const char kSoon[] = "1970-01-01T00:00:01Z";
  const char kAfter[] = "1970-01-01T00:00:09Z";
  EXPECT_STREQ(says(kSoon, kSoon, uid), "at once");
  EXPECT_STREQ(says(kThen, kAfter, uid), "later");
  EXPECT_STREQ(says(kThen, kThen, uid), "later");
  EXPECT_STREQ(says(kAfter, kSoon, uid), "nothing");
  EXPECT_STREQ(says(kBefore, kBefore, uid), "nothing");
  // Of one that had its name before.
  EXPECT_STREQ(says(kSoon, kSoon, "another"), "later");
}

TEST_F(ReadinessTest, AnErrorThatQuotesTheSpecificationKeepsItsMessage) {
  PutInstance();
  PutPod({{"phase", "Running"}});
  client_->SetLogs(
      "wandb", "wandb-controller-manager-x-y",
      R"({"level":"error","msg":"cannot apply","error":"bad \"spec\": {s3cr3t}"})");
  const Readiness readiness = AwaitInVain();
  EXPECT_EQ(readiness.details[0], "operator log: cannot apply");
  EXPECT_THAT(Details(readiness), Not(HasSubstr("s3cr3t")));
}

// What other layers and managers configured, too.
class SecretsOfOthersTest : public ReadinessTest {
 protected:
  SecretsOfOthersTest() {
    client_->Put(Ref(), {{"kind", "WeightsAndBiases"},
                         {"spec",
                          {{"values", {{"x", {{"apiToken", "canary-other"}}}}},
                           {"chart", {{"password", "canary-chart"}}}}}});
    PutLayer("wandb-spec-user", {{"x", {{"clientSecret", "canary-user"}}}});
    PutLayer("wandb-latest-cached-release",
             {{"x", {{"dsn", "u:canary-dsn@tcp(db)/x"}}}});
  }

  void PutLayer(const std::string& name, const Json& values) {
    client_->Put(kube::SecretRef("default", name),
                 {{"kind", "Secret"},
                  {"data",
                   {{"chart", absl::Base64Escape("null")},
                    {"values", absl::Base64Escape(values.dump())}}}});
  }
};

TEST_F(SecretsOfOthersTest, AreNotInTheDifferenceThatIsShortened) {
  PutActive({{"url", "https://charts.test"}, {"name", "operator-wandb"}},
            {{"note", absl::StrCat(std::string(70, 'n'), " canary-user")}});
  EXPECT_THAT(Details(AwaitInVain()),
              AllOf(HasSubstr("values.note should be gone"),
                    Not(HasSubstr("nnn")), Not(HasSubstr(" can"))));
}

constexpr char kLeak[] =
    "canary-other, canary-chart, canary-user, canary-dsn and "
    "db_password=canary-form are wrong";

TEST_F(SecretsOfOthersTest, AreNotInWhatIsQuotedOfTheOperatorsLog) {
  PutPod({{"phase", "Running"}});
  client_->SetLogs(
      "wandb", "wandb-controller-manager-x-y",
      Json({{"level", "error"}, {"msg", "no"}, {"error", kLeak}}).dump());
  EXPECT_THAT(Details(AwaitInVain()),
              AllOf(HasSubstr("operator log: no: (sensitive), (sensitive)"),
                    Not(HasSubstr("canary"))));
}

TEST_F(SecretsOfOthersTest, AreNotInWhatPodsAndEventsSay) {
  PutOperator([](Json& d) { d["status"]["availableReplicas"] = 0; });
  Json status = *base::ParseJson(R"({"containerStatuses": [{"name": "manager",
      "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}]})",
                                 "test");
  status["containerStatuses"][0]["state"]["terminated"]["message"] = kLeak;
  PutPod(std::move(status));
  client_->Put({"", "v1", "events", "wandb", "e"},
               {{"kind", "Event"},
                {"type", "Warning"},
                {"involvedObject",
                 {{"kind", "Pod"}, {"name", "wandb-controller-manager-x-y"}}},
                {"reason", "Failed"},
                {"message", absl::StrCat("event: ", kLeak)}});
  EXPECT_THAT(Details(AwaitInVain()),
              AllOf(HasSubstr("exited with status 1 (Error: (sensitive)"),
                    HasSubstr("Failed: event: (sensitive), (sensitive)"),
                    Not(HasSubstr("canary"))));
}

TEST_F(ReadinessTest, TheChartVersionsWantedAndFoundAreNamed) {
  PutInstance();
  PutActive({{"url", "https://charts.test"},
             {"name", "operator-wandb"},
             {"version", "0.43.7"}},
            Json::object());
  EXPECT_THAT(
      AwaitInVain().details,
      Contains(HasSubstr("chart.version is 0.43.7, and should be 0.43.8")));
}

TEST_F(ReadinessTest, WorkloadsThatRanAreNotSafeToReplace) {
  PutInstance();
  PutActive(Desired(model_).compiled.chart, Json::object());
  PutWorkload("wandb-app", 0);
  const Readiness none = AwaitInVain();
  EXPECT_EQ(none.summary, "W&B is not running yet");
  EXPECT_TRUE(none.never_ran);
  PutWorkload("wandb-mysql", 1);
  EXPECT_FALSE(AwaitInVain().never_ran);
  client_->FailAlways(kube::DeploymentRef("default", ""),
                      support::Reply("GET", kDeployment, 403, ""));
  EXPECT_FALSE(AwaitInVain().never_ran);
}

}  // namespace
}  // namespace resources
