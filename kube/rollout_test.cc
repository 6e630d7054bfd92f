#include "kube/rollout.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kube {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  const char* object;
  bool done;
  bool failed;
  const char* reason;
};

Rollout Evaluate(const std::string& text) {
  const auto object = base::ParseJson(text, "object");
  EXPECT_TRUE(object.ok()) << text;
  return EvaluateRollout(object.value_or(base::Json()));
}

const Case kCases[] = {
    {"deployment done",
     R"({"kind":"Deployment","metadata":{"generation":2},"spec":{"replicas":2},
         "status":{"observedGeneration":2,"replicas":2,"updatedReplicas":2,
                   "availableReplicas":2}})",
     true, false, ""},
    {"deployment not observed",
     R"({"kind":"Deployment","metadata":{"generation":3},"spec":{"replicas":2},
         "status":{"observedGeneration":2,"replicas":2,"updatedReplicas":2,
                   "availableReplicas":2}})",
     false, false, "not been observed"},
    {"deployment without status",
     R"({"kind":"Deployment","metadata":{"generation":1},"spec":{}})", false,
     false, "not been observed"},
    {"deployment updating",
     R"({"kind":"Deployment","spec":{"replicas":3},"status":
         {"replicas":3,"updatedReplicas":1,"availableReplicas":3}})",
     false, false, "1 of 3 replicas updated"},
    {"deployment with old pods",
     R"({"kind":"Deployment","spec":{"replicas":2},"status":
         {"replicas":3,"updatedReplicas":2,"availableReplicas":2}})",
     false, false, "1 old replicas"},
    {"deployment not available",
     R"({"kind":"Deployment","spec":{"replicas":2},"status":
         {"replicas":2,"updatedReplicas":2,"availableReplicas":1}})",
     false, false, "1 of 2 replicas available"},
    {"deployment given up",
     R"({"kind":"Deployment","spec":{},"status":{"conditions":[
         {"type":"Progressing","status":"False",
          "reason":"ProgressDeadlineExceeded"}]}})",
     false, true, "progress deadline"},
    {"deployment paused",
     R"({"kind":"Deployment","spec":{"paused":true,"replicas":0}})", false,
     false, "paused"},
    {"deployment scaled to zero",
     R"({"kind":"Deployment","spec":{"replicas":0},"status":{}})", true, false,
     ""},
    {"stateful set done",
     R"({"kind":"StatefulSet","spec":{"replicas":1},"status":{"readyReplicas":1,
         "updatedReplicas":1,"updateRevision":"a","currentRevision":"a"}})",
     true, false, ""},
    {"stateful set old revision",
     R"({"kind":"StatefulSet","spec":{"replicas":1},"status":{"readyReplicas":1,
         "updatedReplicas":1,"updateRevision":"b","currentRevision":"a"}})",
     false, false, "revision"},
    {"stateful set partition",
     R"({"kind":"StatefulSet","spec":{"replicas":3,"updateStrategy":
         {"rollingUpdate":{"partition":2}}},"status":{"readyReplicas":3,
         "updatedReplicas":1,"updateRevision":"b","currentRevision":"a"}})",
     true, false, ""},
    {"stateful set on delete",
     R"({"kind":"StatefulSet","spec":{"replicas":1,"updateStrategy":
         {"type":"OnDelete"}},"status":{"readyReplicas":1}})",
     true, false, ""},
    {"daemon set without nodes", R"({"kind":"DaemonSet","status":
         {"desiredNumberScheduled":0}})",
     true, false, ""},
    {"daemon set waiting",
     R"({"kind":"DaemonSet","status":{"desiredNumberScheduled":2,
         "updatedNumberScheduled":2,"numberAvailable":1}})",
     false, false, "1 of 2 pods available"},
    {"job complete",
     R"({"kind":"Job","spec":{"completions":1},"status":{"succeeded":1,
         "conditions":[{"type":"Complete","status":"True"}]}})",
     true, false, ""},
    {"job failed",
     R"({"kind":"Job","spec":{},"status":{"conditions":[
         {"type":"Failed","status":"True","message":"backoff limit"}]}})",
     false, true, "backoff limit"},
    {"claim pending",
     R"({"kind":"PersistentVolumeClaim","status":{"phase":"Pending"}})", false,
     false, "no volume"},
    {"claim bound",
     R"({"kind":"PersistentVolumeClaim","status":{"phase":"Bound"}})", true,
     false, ""},
    {"crd established",
     R"({"kind":"CustomResourceDefinition","status":{"conditions":[
         {"type":"NamesAccepted","status":"True"},
         {"type":"Established","status":"True"}]}})",
     true, false, ""},
    {"crd new", R"({"kind":"CustomResourceDefinition"})", false, false,
     "not established"},
    {"crd refused",
     R"({"kind":"CustomResourceDefinition","status":{"conditions":[
         {"type":"NamesAccepted","status":"False","message":"taken"}]}})",
     false, true, "taken"},
    {"any other kind", R"({"kind":"ConfigMap"})", true, false, ""},
};

TEST(EvaluateRollout, FollowsKubectl) {
  for (const Case& c : kCases) {
    const Rollout rollout = Evaluate(c.object);
    EXPECT_EQ(rollout.done, c.done) << c.name;
    EXPECT_EQ(rollout.failed, c.failed) << c.name;
    EXPECT_THAT(rollout.reason, HasSubstr(c.reason)) << c.name;
    EXPECT_EQ(rollout.reason.empty(), c.done) << c.name;
  }
}

TEST(EvaluateRollout, Counts) {
  const Rollout rollout = Evaluate(kCases[5].object);
  EXPECT_EQ(rollout.ready, 1);
  EXPECT_EQ(rollout.desired, 2);
}

TEST(EvaluateRollout, OldPodsAreNotCountedAsReady) {
  EXPECT_EQ(Evaluate(R"({"kind":"Deployment","spec":{"replicas":1},"status":
      {"replicas":2,"updatedReplicas":1,"availableReplicas":1}})")
                .ready,
            0);
  EXPECT_EQ(Evaluate(R"({"kind":"Deployment","spec":{"replicas":3},"status":
      {"replicas":4,"updatedReplicas":2,"availableReplicas":3}})")
                .ready,
            1);
  EXPECT_EQ(Evaluate(R"({"kind":"StatefulSet","spec":{"replicas":2},"status":
      {"replicas":2,"updatedReplicas":1,"readyReplicas":1}})")
                .ready,
            0);
  EXPECT_EQ(Evaluate(R"({"kind":"DaemonSet","status":{
      "desiredNumberScheduled":3,"currentNumberScheduled":3,
      "updatedNumberScheduled":1,"numberAvailable":3}})")
                .ready,
            1);
  EXPECT_EQ(Evaluate(R"({"kind":"Deployment","metadata":{"generation":2},
      "spec":{"replicas":1},"status":{"observedGeneration":1,"replicas":1,
      "updatedReplicas":1,"availableReplicas":1}})")
                .ready,
            0);
}

TEST(EvaluateRunning, NothingOfNothingIsNotDone) {
  const auto evaluate = [](int replicas) {
    return EvaluateRunning({{"kind", "Deployment"},
                            {"spec", {{"replicas", replicas}}},
                            {"status",
                             {{"replicas", replicas},
                              {"updatedReplicas", replicas},
                              {"availableReplicas", replicas}}}});
  };
  EXPECT_TRUE(evaluate(1).done);
  EXPECT_FALSE(evaluate(0).done);
  EXPECT_FALSE(evaluate(0).failed);
  EXPECT_EQ(evaluate(0).reason, "scaled to 0 replicas");
}

TEST(EvaluateRollout, SurvivesOtherShapes) {
  for (const char* text : {"null", "[]", R"({"kind":"Deployment","spec":3})",
                           R"({"kind":"Job","status":{"conditions":[1]}})",
                           R"({"kind":"Job","status":{"conditions":{}}})"}) {
    Evaluate(text);
  }
}

}  // namespace
}  // namespace kube
