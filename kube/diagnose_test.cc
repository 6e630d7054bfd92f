#include "kube/diagnose.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_client.h"

namespace kube {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Json Parse(const std::string& text) {
  const auto json = base::ParseJson(text, "test");
  EXPECT_TRUE(json.ok()) << text;
  return json.value_or(Json());
}

TEST(ExplainPod, SaysWhatAPodSays) {
  EXPECT_THAT(ExplainPod(Parse(R"({"metadata":{"name":"p"},"status":
      {"conditions":[{"type":"Ready","status":"True"}]}})")),
              IsEmpty());
  EXPECT_THAT(ExplainPod(Parse(R"({"metadata":{"name":"p"},"status":
      {"phase":"Succeeded"}})")),
              IsEmpty());
  EXPECT_THAT(
      ExplainPod(Parse(R"({"metadata":{"name":"p"},"status":{
        "containerStatuses":[{"name":"m","state":{"waiting":{
          "reason":"ImagePullBackOff","message":"Back-off pulling"}}}]}})")),
      ElementsAre("pod p: container m: ImagePullBackOff: Back-off pulling"));
  EXPECT_THAT(ExplainPod(Parse(R"({"metadata":{"name":"p"},"status":{
        "containerStatuses":[{"name":"m","state":{"waiting":{
          "reason":"CrashLoopBackOff"}},
          "lastState":{"terminated":{"exitCode":3,"reason":"Error"}}}]}})")),
              ElementsAre("pod p: container m: CrashLoopBackOff",
                          "pod p: container m: exited with status 3 (Error)"));
  EXPECT_THAT(
      ExplainPod(Parse(R"({"metadata":{"name":"p"},"status":{"conditions":[
        {"type":"PodScheduled","status":"False","message":"0/3 nodes"}]}})")),
      ElementsAre("pod p: not scheduled: 0/3 nodes"));
  EXPECT_THAT(ExplainPod(Parse(R"({"metadata":{"name":"p"},"status":
      {"phase":"Pending"}})")),
              ElementsAre("pod p: phase Pending, not ready"));
}

TEST(ExplainPod, SurvivesOtherShapes) {
  for (const char* text :
       {"null", "[]", R"({"status":3})", R"({"status":{"conditions":[3]}})",
        R"({"status":{"containerStatuses":[3,{"state":[]}]}})"}) {
    ExplainPod(Parse(text));
  }
}

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    workload_ = Parse(R"({"kind":"Deployment","metadata":{"name":"d",
        "namespace":"ns"},"spec":{"selector":{"matchLabels":{"app":"d"}}}})");
  }

  support::FakeClient client_;
  Json workload_;
};

TEST_F(ExplainTest, LooksAtItsOwnPodsAndWarnings) {
  const auto pod = [](const char* app) {
    return Parse(absl::StrCat(R"({"metadata":{"labels":{"app":")", app,
                              R"("}},"status":{"phase":"Pending"}})"));
  };
  client_.Put(ObjectIn(PodsIn("ns"), "d-1"), pod("d"));
  client_.Put(ObjectIn(PodsIn("ns"), "e-1"), pod("e"));
  const auto event = [this](const char* id, const char* name,
                            const char* type) {
    client_.Put(ObjectIn(EventsIn("ns"), id),
                {{"type", type},
                 {"reason", "FailedCreate"},
                 {"message", "exceeded quota"},
                 {"count", 12},
                 {"involvedObject", {{"kind", "ReplicaSet"}, {"name", name}}}});
  };
  event("a", "d-abc", "Warning");
  event("b", "dd-abc", "Warning");
  event("c", "d-abc", "Normal");
  EXPECT_THAT(
      ExplainWorkload({}, client_, workload_).lines,
      ElementsAre("pod d-1: phase Pending, not ready",
                  "event (ReplicaSet d-abc): FailedCreate: exceeded quota (12 "
                  "times)"));
}

TEST_F(ExplainTest, PodsWithAReasonGoFirst) {
  client_.Put(ObjectIn(PodsIn("ns"), "d-1"),
              Parse(R"({"metadata":{"labels":{"app":"d"}},"status":
                {"phase":"Pending"}})"));
  client_.Put(ObjectIn(PodsIn("ns"), "d-2"),
              Parse(R"({"metadata":{"labels":{"app":"d"}},"status":{
                "containerStatuses":[{"name":"m","state":{"waiting":{
                  "reason":"ImagePullBackOff"}}}]}})"));
  const Explanation explained = ExplainWorkload({}, client_, workload_);
  EXPECT_THAT(explained.lines,
              ElementsAre("pod d-2: container m: ImagePullBackOff",
                          "pod d-1: phase Pending, not ready"));
  EXPECT_FALSE(explained.starting);
}

// More time is advised only where nothing else is wrong.
TEST_F(ExplainTest, PodsWithoutAReasonAreStarting) {
  EXPECT_FALSE(ExplainWorkload({}, client_, workload_).starting);  // No pods.
  client_.Put(ObjectIn(PodsIn("ns"), "d-1"),
              Parse(R"({"metadata":{"labels":{"app":"d"}},"status":{
                "phase":"Pending","containerStatuses":[{"name":"m","state":{
                  "waiting":{"reason":"ContainerCreating"}}}]}})"));
  const auto warn = [this](const char* id, const char* reason) {
    client_.Put(ObjectIn(EventsIn("ns"), id),
                {{"type", "Warning"},
                 {"reason", reason},
                 {"involvedObject", {{"kind", "Pod"}, {"name", "d-1"}}}});
  };
  warn("a", "Unhealthy");
  EXPECT_TRUE(ExplainWorkload({}, client_, workload_).starting);
  warn("b", "FailedMount");
  EXPECT_FALSE(ExplainWorkload({}, client_, workload_).starting);
}

constexpr char kFull[] = "0/3 nodes are available: insufficient memory.";

TEST_F(ExplainTest, WhatSeveralSayIsSaidOnce) {
  const auto pod = [this](const char* name) {
    client_.Put(ObjectIn(PodsIn("ns"), name),
                {{"metadata", {{"labels", {{"app", "d"}}}}},
                 {"status",
                  {{"phase", "Pending"},
                   {"conditions",
                    {{{"type", "PodScheduled"},
                      {"status", "False"},
                      {"message", kFull}}}}}}});
  };
  pod("d-1");
  pod("d-2");
  const auto event = [this](const char* id, const char* name,
                            const char* reason, const char* message) {
    client_.Put(ObjectIn(EventsIn("ns"), id),
                {{"type", "Warning"},
                 {"reason", reason},
                 {"message", message},
                 {"count", 2},
                 {"involvedObject", {{"kind", "Pod"}, {"name", name}}}});
  };
  event("a", "d-1", "FailedScheduling", kFull);
  event("b", "d-1", "FailedScheduling", kFull);
  event("c", "d-2", "FailedScheduling", kFull);
  event("d", "d-1", "FailedMount", "no volume");
  event("e", "d-2", "FailedMount", "no volume");
  const Explanation explained = ExplainWorkload({}, client_, workload_);
  EXPECT_THAT(
      explained.lines,
      ElementsAre(absl::StrCat("pod d-1 and 1 more: not scheduled: ", kFull),
                  "event (Pod d-1 and 1 more): FailedMount: no volume "
                  "(4 times)"));
  EXPECT_FALSE(explained.starting);
}

// The events of an instance that was deleted stay for an hour.
TEST_F(ExplainTest, EventsOfAnEarlierLifeArePassedOver) {
  workload_["metadata"]["uid"] = "u-d";
  client_.Put(ObjectIn(PodsIn("ns"), "d-abc-1"),
              Parse(R"({"metadata":{"uid":"u-1","labels":{"app":"d"}},
                "status":{"phase":"Pending"}})"));
  client_.Put({"apps", "v1", "replicasets", "ns", "d-abc"},
              Parse(R"({"metadata":{"uid":"u-s","labels":{"app":"d"},
                "ownerReferences":[{"uid":"u-d"}]}})"));
  const auto event = [this](const char* reason, const char* kind,
                            const char* name, const char* uid,
                            const char* time) {
    client_.Put(
        ObjectIn(EventsIn("ns"), reason),
        {{"type", "Warning"},
         {"reason", reason},
         {"lastTimestamp", time},
         {"involvedObject", {{"kind", kind}, {"name", name}, {"uid", uid}}}});
  };
  constexpr char kOld[] = "2026-01-01T00:00:00Z";
  constexpr char kNew[] = "2026-01-01T02:00:00Z";
  event("A", "Pod", "d-abc-1", "u-1", kOld);
  event("B", "Pod", "d-abc-0", "u-0", kOld);
  event("C", "Pod", "d-abc-0", "u-0", kNew);
  event("D", "ReplicaSet", "d-abc", "u-s", kOld);
  event("E", "ReplicaSet", "d-old", "u-t", kOld);
  event("F", "Deployment", "d", "u-d", kOld);
  event("G", "Deployment", "d", "u-before", kOld);
  // Of another workload, "d-bc".
  event("H", "Pod", "d-bc-abc-1", "u-9", kNew);
  const auto said = [this](absl::Time since) {
    return ExplainWorkload({}, client_, workload_, {.since = since}).lines;
  };
  absl::Time write;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2026-01-01T01:00:00Z",
                              &write, &error));
  EXPECT_THAT(
      said(write),
      ElementsAre("pod d-abc-1: phase Pending, not ready",
                  "event (Pod d-abc-1): A", "event (Pod d-abc-0): C",
                  "event (ReplicaSet d-abc): D", "event (Deployment d): F"));
  EXPECT_THAT(said(absl::InfinitePast()), ::testing::SizeIs(8));
}

TEST_F(ExplainTest, FailureToLookIsALine) {
  client_.SetUnreachable(true);
  EXPECT_THAT(ExplainWorkload({}, client_, workload_).unseen,
              ElementsAre(HasSubstr("pods cannot be read"),
                          HasSubstr("events cannot be read")));
}

TEST_F(ExplainTest, WhatKeepsPodsFromBeingMadeGoesFirst) {
  workload_["status"]["conditions"] = {{{"type", "ReplicaFailure"},
                                        {"status", "True"},
                                        {"message", "exceeded quota: q"}}};
  client_.Put(ObjectIn(EventsIn("ns"), "e"),
              {{"type", "Warning"},
               {"reason", "FailedCreate"},
               {"message", "exceeded quota: q"},
               {"involvedObject", {{"kind", "ReplicaSet"}, {"name", "d-a"}}}});
  const Explanation explained = ExplainWorkload({}, client_, workload_);
  EXPECT_THAT(
      explained.lines,
      ElementsAre("its pods are refused: exceeded quota: q", "it has no pods"));
  EXPECT_FALSE(explained.starting);
}

TEST_F(ExplainTest, AClaimSaysWhyItHasNoVolume) {
  client_.Put(ObjectIn(PodsIn("ns"), "d-1"), Parse(R"({"metadata":{"labels":{
      "app":"d"}},"spec":{"volumes":[{"persistentVolumeClaim":{
      "claimName":"data-0"}}]},"status":{"phase":"Pending"}})"));
  const ObjectRef ref = {"", "v1", "persistentvolumeclaims", "ns", "data-0"};
  const auto put = [&](const char* storage_class) {
    client_.Put(ref, {{"kind", "PersistentVolumeClaim"},
                      {"metadata", {{"uid", "u-c"}}},
                      {"spec", {{"storageClassName", storage_class}}},
                      {"status", {{"phase", "Pending"}}}});
  };
  put("gone");
  EXPECT_THAT(ExplainWorkload({}, client_, workload_).lines,
              ElementsAre("claim data-0: its StorageClass \"gone\" does not "
                          "exist",
                          "pod d-1: phase Pending, not ready"));
  // It may only wait for its pod.
  client_.Put({"storage.k8s.io", "v1", "storageclasses", "", "gone"},
              {{"kind", "StorageClass"}});
  EXPECT_TRUE(ExplainWorkload({}, client_, workload_).starting);
  const auto event = [this](const char* id, const char* reason,
                            const char* time) {
    client_.Put(ObjectIn(EventsIn("ns"), id),
                {{"type", "Warning"},
                 {"reason", reason},
                 {"message", "why"},
                 {"lastTimestamp", time},
                 {"involvedObject",
                  {{"kind", "PersistentVolumeClaim"},
                   {"name", "data-0"},
                   {"uid", "u-c"}}}});
  };
  event("a", "ProvisioningFailed", "2026-01-01T00:00:02Z");
  event("b", "Earlier", "2026-01-01T00:00:01Z");
  const Explanation explained = ExplainWorkload({}, client_, workload_);
  EXPECT_THAT(explained.lines[0], "claim data-0: ProvisioningFailed: why");
  EXPECT_FALSE(explained.starting);
}

TEST_F(ExplainTest, ACrashIsExplainedByTheContainersLastWords) {
  client_.Put(ObjectIn(PodsIn("ns"), "d-1"), Parse(R"({"metadata":{"labels":{
      "app":"d"}},"status":{"containerStatuses":[
        {"name":"well","state":{"running":{}}},
        {"name":"m","state":{"waiting":{"reason":"CrashLoopBackOff"}},
         "lastState":{"terminated":{"exitCode":1}}}]}})"));
  EXPECT_EQ(ExplainWorkload({}, client_, workload_).lines.size(), 2);
  client_.SetLogs("ns", "d-1", "dialing\npanic: no database\n");
  const auto lines = [this] {
    return ExplainWorkload({}, client_, workload_, {.last_words = true}).lines;
  };
  EXPECT_THAT(lines(),
              ElementsAre("pod d-1: container m: CrashLoopBackOff",
                          "pod d-1: container m: exited with status 1",
                          "last lines of the log of pod d-1, container m:\n"
                          "    dialing\n    panic: no database"));
  client_.FailAlways(ObjectIn(PodsIn("ns"), "d-1"),
                     absl::PermissionDeniedError("no right"));
  EXPECT_THAT(lines().back(),
              HasSubstr("container m cannot be read: no right"));
}

TEST_F(ExplainTest, LinesAreLimited) {
  for (int i = 0; i < 30; ++i) {
    client_.Put(ObjectIn(PodsIn("ns"), absl::StrCat("d-", i)),
                {{"metadata", {{"labels", {{"app", "d"}}}}},
                 {"status", {{"phase", absl::StrCat("P", i)}}}});
  }
  const auto lines =
      ExplainWorkload({}, client_, workload_, {.max_lines = 20}).lines;
  EXPECT_LE(lines.size(), 21);
  EXPECT_THAT(lines.back(), HasSubstr("more lines"));
}

}  // namespace
}  // namespace kube
