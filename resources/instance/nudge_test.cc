// When the wait for an instance makes the operator look again.
#include "resources/instance/nudge.h"

#include "absl/strings/match.h"
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::HasSubstr;

constexpr char kEarlier[] = "1969-12-31T23:00:00Z";
constexpr char kAtOurWrite[] = "1970-01-01T00:00:00Z";
constexpr char kNow[] = "2100-01-01T00:00:00Z";

class NudgeTest : public ReadinessTest {
 protected:
  NudgeTest() {
    PutInstance();
    patience_.with_idle_operator = absl::Milliseconds(50);
  }
  static kube::ObjectRef UserInput() {
    return kube::SecretRef("default", "wandb-spec-user");
  }
  void SetPhase(const char* phase) {
    Json live = client_->Stored(Ref());
    live["status"]["phase"] = phase;
    client_->Put(Ref(), live);
  }
  // The Secret of the user input, of which `owner` is the controller.
  void PutUserInput(const std::string& owner) {
    client_->Put(
        UserInput(),
        {{"kind", "Secret"},
         {"metadata",
          {{"ownerReferences", {{{"uid", owner}, {"controller", true}}}}}},
         {"data", {{"values", "e30="}, {"chart", "bnVsbA=="}}}});
  }
  std::string Uid() { return kube::UidOf(client_->Stored(Ref())); }
  bool IsNudged() {
    return base::StringAt(client_->Stored(UserInput()),
                          "/metadata/annotations/"
                          "terraform-provider-wandb~1nudged-at")
        .has_value();
  }
  // What the operator does once it is nudged.
  void OnNudge(std::function<void()> answer) {
    client_->OnWrite([this, answer = std::move(answer)](
                         const kube::ObjectRef& ref, const Json&) {
      if (ref != UserInput()) return;
      client_->OnWrite(nullptr);
      answer();
    });
  }
  void Fails(const char* when) {
    PutEvent("Reconciling", when, Uid());
    PutEvent("ApplyFailed", when, Uid());
    SetPhase("Invalid Config");
  }
  void Succeeds() {
    PutEvent("Reconciling", kNow, Uid());
    SetPhase("Completed");
    PutActive(Desired(model_).compiled.chart, Desired(model_).compiled.values);
    PutWorkload("wandb-app", 1);
  }

  Patience patience_ = kEndless;
};

TEST_F(NudgeTest, AnApplyThatFailedBeforeIsTriedAgain) {
  PutUserInput(Uid());
  Fails(kEarlier);
  OnNudge([this] { Succeeds(); });
  const Readiness readiness = Await(patience_, absl::Seconds(20));
  EXPECT_TRUE(readiness.ready) << Details(readiness);
}

TEST_F(NudgeTest, WhatFailsAgainIsToldAtOnce) {
  PutUserInput(Uid());
  Fails(kEarlier);
  OnNudge([this] { Fails(kNow); });
  const Readiness readiness = Await(patience_, absl::Seconds(20));
  EXPECT_THAT(Details(readiness), HasSubstr("cannot be fetched"));
  EXPECT_TRUE(IsNudged());
}

TEST_F(NudgeTest, AnOperatorThatLooksAtNothingIsMadeToLook) {
  PutUserInput(Uid());
  SetPhase("Completed");
  PutEvent("Reconciling", kEarlier, Uid());
  OnNudge([this] { Succeeds(); });
  const Readiness readiness = Await(patience_, absl::Seconds(20));
  EXPECT_TRUE(readiness.ready) << Details(readiness);
}

TEST_F(NudgeTest, AnOperatorThatHasBegunIsLeftToIt) {
  PutUserInput(Uid());
  SetPhase("Loading");
  PutEvent("Reconciling", kAtOurWrite, Uid());
  Await(patience_, absl::Milliseconds(300));
  EXPECT_FALSE(IsNudged());
}

TEST_F(NudgeTest, ASecretThatTheOperatorDoesNotWatchIsLeftAlone) {
  PutUserInput("another");
  Fails(kEarlier);
  Await(patience_, absl::Milliseconds(300));
  EXPECT_FALSE(IsNudged());
  client_->Remove(UserInput());
  EXPECT_FALSE(Nudge({}, *client_, client_->Stored(Ref()), "m"));
  EXPECT_TRUE(client_->Stored(UserInput()).is_null());
}

TEST_F(NudgeTest, NothingElseOfTheSecretIsTouched) {
  PutUserInput(Uid());
  const Json before = client_->Stored(UserInput());
  EXPECT_TRUE(Nudge({}, *client_, client_->Stored(Ref()), "m"));
  Json after = client_->Stored(UserInput());
  EXPECT_EQ(after["data"], before["data"]);
  EXPECT_EQ(after["metadata"]["ownerReferences"],
            before["metadata"]["ownerReferences"]);
  client_->FailAlways(UserInput(), absl::PermissionDeniedError("no"));
  EXPECT_FALSE(Nudge({}, *client_, client_->Stored(Ref()), "m"));
}

}  // namespace
}  // namespace resources
