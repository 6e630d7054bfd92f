#include "kube/deletion.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/rollout.h"

namespace kube {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const ObjectRef kRef = {"apps.wandb.com", "v1", "weightsandbiases", "n", "x"};

Json Object(const std::string& more = "{}") {
  Json object = *base::ParseJson(
      R"({"kind": "WeightsAndBiases", "metadata": {"uid": "u", "name": "x"}})",
      "object");
  object["metadata"].update(*base::ParseJson(more, "more"));
  return object;
}

Json Dying() {
  return Object(R"({"deletionTimestamp": "2026-01-01T00:00:00Z",
                    "finalizers": ["a/b", "c"]})");
}

TEST(DeletionTest, AnObjectIsThereDyingGoneOrReplaced) {
  const Json live = Object();
  const Json dying = Dying();
  EXPECT_EQ(FateOf(&live, "u"), Fate::kThere);
  EXPECT_EQ(FateOf(&live, ""), Fate::kThere);
  EXPECT_EQ(FateOf(&dying, "u"), Fate::kDying);
  EXPECT_EQ(FateOf(nullptr, "u"), Fate::kGone);
  EXPECT_EQ(FateOf(&live, "other"), Fate::kReplaced);
  EXPECT_EQ(FateOf(&dying, "other"), Fate::kReplaced);
}

TEST(DeletionTest, SinceWhenAndWhatHoldsIt) {
  EXPECT_EQ(DescribeDeletion(Dying()),
            "is being deleted since 2026-01-01T00:00:00Z, and held by the "
            "finalizers a/b, c");
  EXPECT_EQ(DescribeDeletion(Object(R"({"deletionTimestamp": "t"})")),
            "is being deleted since t");
  EXPECT_THAT(FinalizersOf(Object(R"({"finalizers": [1, null]})")), IsEmpty());
}

TEST(DeletionTest, ANamespaceHasFinalizersOfItsOwn) {
  const Json ns = *base::ParseJson(
      R"({"kind": "Namespace", "metadata": {"finalizers": ["a"]},
          "spec": {"finalizers": ["kubernetes"]}})",
      "object");
  EXPECT_THAT(FinalizersOf(ns), ElementsAre("a", "kubernetes"));
}

TEST(DeletionTest, OfANamespaceItsConditionsSayWhatHoldsIt) {
  Json ns = *base::ParseJson(
      R"({"kind": "Namespace", "metadata": {"deletionTimestamp": "t"},
          "spec": {"finalizers": ["kubernetes"]},
          "status": {"phase": "Terminating", "conditions": [
            {"type": "NamespaceDeletionDiscoveryFailure", "status": "False",
             "message": "All resources successfully discovered"},
            {"type": "NamespaceContentRemaining", "status": "True",
             "message": "Some resources are remaining: pods. has 1 resource "},
            {"type": "NamespaceFinalizersRemaining", "status": "True",
             "message": "a/b in 1 resource instances"}]}})",
      "object");
  EXPECT_THAT(RemainsOf(ns),
              ElementsAre("NamespaceContentRemaining: Some resources are "
                          "remaining: pods. has 1 resource",
                          "NamespaceFinalizersRemaining: a/b in 1 resource "
                          "instances"));
  EXPECT_EQ(DescribeDeletion(ns),
            "is being deleted since t; what remains in it, from its "
            "conditions: NamespaceContentRemaining: Some resources are "
            "remaining: pods. has 1 resource; NamespaceFinalizersRemaining: "
            "a/b in 1 resource instances");
  ns.erase("status");
  ns["metadata"]["finalizers"] = {"x/y"};
  EXPECT_EQ(DescribeDeletion(ns),
            "is being deleted since t, and held by the finalizer x/y; its "
            "conditions do not say (yet) what remains in it");
}

TEST(DeletionTest, WhoMadeTheSuccessorIsNamed) {
  const Json live = Object(R"({"uid": "v",
      "creationTimestamp": "2026-01-02T00:00:00Z", "managedFields": [
        {"manager": "late", "operation": "Update",
         "time": "2026-01-03T00:00:00Z"},
        {"manager": "operator", "operation": "Update", "subresource": "status",
         "time": "2026-01-01T00:00:00Z"},
        {"manager": "argocd", "operation": "Apply",
         "time": "2026-01-02T00:00:00Z"}]})");
  EXPECT_EQ(DescribeFate(kRef, &live, "u"),
            "weightsandbiases.apps.wandb.com \"n/x\" with uid u was deleted, "
            "and another object has its name: uid v, made at "
            "2026-01-02T00:00:00Z by field manager \"argocd\".");
}

TEST(DeletionTest, HowToLookFurther) {
  EXPECT_EQ(LookCommand(kRef),
            "kubectl get weightsandbiases.apps.wandb.com x --namespace=n -o "
            "yaml");
  EXPECT_EQ(LookCommand(NamespaceRef("n")), "kubectl get namespaces n -o yaml");
}

TEST(DeletionTest, WhatIsBeingDeletedIsNotRolledOut) {
  Json claim = {{"kind", "PersistentVolumeClaim"},
                {"status", {{"phase", "Bound"}}}};
  ASSERT_TRUE(EvaluateRollout(claim).done);
  claim["metadata"]["deletionTimestamp"] = "t";
  EXPECT_FALSE(EvaluateRollout(claim).done);
  EXPECT_FALSE(EvaluateRunning(claim).done);
  EXPECT_EQ(EvaluateRollout(claim).reason, "it is being deleted since t");
}

TEST(DeletionTest, OnlyTimeThatIsUpIsBlamedOnFinalizers) {
  EXPECT_TRUE(
      IsHeld(NoteHeld(absl::DeadlineExceededError("t"), kRef, Dying())));
  for (const absl::Status& status :
       {absl::OkStatus(), absl::CancelledError("x"),
        absl::PermissionDeniedError("x")}) {
    EXPECT_EQ(NoteHeld(status, kRef, Dying()), status);
  }
  const absl::Status late = absl::DeadlineExceededError("t");
  EXPECT_EQ(NoteHeld(late, kRef, Json()), late);
  EXPECT_EQ(NoteHeld(late, kRef, Object()), late);
}

}  // namespace
}  // namespace kube
