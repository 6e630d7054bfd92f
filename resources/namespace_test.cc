#include "resources/namespace.h"

#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "resources/owner.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_replies.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kManager[] = "ours";
constexpr char kOwner[] = "WeightsAndBiases/ns/x";

Json NamespaceObject() {
  return {{"apiVersion", "v1"},
          {"kind", "Namespace"},
          {"metadata", {{"name", "ns"}}}};
}

TEST(EnsureNamespaceTest, TakesBackWhatNamesItsOwnerOnly) {
  support::FakeClient client;
  const kube::ObjectRef ref = kube::NamespaceRef("ns");
  const auto made = EnsureNamespace({}, client, "ns", kOwner, true, kManager);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(made->created);
  EXPECT_EQ(made->uid, kube::UidOf(client.Stored(ref)));
  EXPECT_EQ(OwnerOf(client.Stored(ref)), kOwner);
  // A create or destroy that was killed before its end is gone on with.
  const auto again = EnsureNamespace({}, client, "ns", kOwner, true, kManager);
  EXPECT_EQ(again->uid, made->uid);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(EnsureNamespace({}, client, "ns", kOwner, false, kManager)->uid,
            "");
  // Just made by another resource, which may be at work.
  EXPECT_EQ(EnsureNamespace({}, client, "ns", "other/x", true, kManager)->uid,
            "");
  EXPECT_EQ(OwnerOf(client.Stored(ref)), kOwner);
  client.Remove(ref);
  client.Put(ref, NamespaceObject(), "kubectl");
  EXPECT_EQ(EnsureNamespace({}, client, "ns", kOwner, true, kManager)->uid, "");
  // Anybody can write an annotation.
  Json forged = NamespaceObject();
  forged["metadata"]["annotations"] = {{wandb::kOwnerAnnotation, kOwner}};
  client.Remove(ref);
  client.Put(ref, forged, "kubectl");
  EXPECT_EQ(EnsureNamespace({}, client, "ns", kOwner, true, kManager)->uid, "");
}

// Whose maker is `owner`, an hour ago.
void PutNamespaceOf(support::FakeClient& client, const char* owner) {
  const kube::ObjectRef ref = kube::NamespaceRef("ns");
  client.Remove(ref);
  ASSERT_TRUE(EnsureNamespace({}, client, "ns", owner, true, kManager).ok());
  Json live = client.Stored(ref);
  live["metadata"]["creationTimestamp"] = absl::FormatTime(
      absl::RFC3339_full, absl::Now() - absl::Hours(1), absl::UTCTimeZone());
  client.Put(ref, live, "clock");
}

TEST(EnsureNamespaceTest, TakesOverWhatNothingIsLeftOfTheMakerOf) {
  support::FakeClient client;
  const kube::ObjectRef ref = kube::NamespaceRef("ns");
  const struct {
    const char* owner;
    std::vector<kube::ObjectRef> objects;
  } kMakers[] = {{"ns/f1",
                  {kube::DeploymentRef("ns", "f1-controller-manager"),
                   {"", "v1", "serviceaccounts", "ns", "f1-manager"}}},
                 {"WeightsAndBiases/ns/x",
                  {{"apps.wandb.com", "v1", "weightsandbiases", "ns", "x"}}}};
  const auto ensure = [&client](bool take_back) {
    return EnsureNamespace({}, client, "ns", "ns/f2", take_back, kManager)->uid;
  };
  for (const auto& [owner, objects] : kMakers) {
    for (const kube::ObjectRef& object : objects) {
      PutNamespaceOf(client, owner);
      client.Put(object, {{"kind", "Any"}});
      EXPECT_EQ(ensure(true), "") << owner;
      client.Remove(object);
    }
    EXPECT_EQ(ensure(false), "") << owner;
    EXPECT_EQ(OwnerOf(client.Stored(ref)), owner);
    EXPECT_EQ(ensure(true), kube::UidOf(client.Stored(ref))) << owner;
    EXPECT_EQ(OwnerOf(client.Stored(ref)), "ns/f2");
  }
  // Whatever the field manager was called.
  PutNamespaceOf(client, "ns/f1");
  EXPECT_EQ(EnsureNamespace({}, client, "ns", "ns/f2", true, "renamed")->uid,
            kube::UidOf(client.Stored(ref)));
  EXPECT_EQ(OwnerOf(client.Stored(ref)), "ns/f2");
  // What cannot be found out is no end.
  PutNamespaceOf(client, "ns/f1");
  client.FailAlways(kMakers[0].objects[0],
                    absl::PermissionDeniedError("forbidden"));
  EXPECT_EQ(ensure(true), "");
}

// Its finalizer is the namespace controller's, which nobody takes away by hand.
TEST(EnsureNamespaceTest, WhatRemainsInADyingOneIsTheCauseAndNoFinalizer) {
  support::FakeClient client;
  Json dying = NamespaceObject();
  dying["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  dying["metadata"]["finalizers"] = {"example.com/hold"};
  dying["spec"]["finalizers"] = {"kubernetes"};
  dying["status"]["conditions"] = Json::array_t{
      {{"type", "NamespaceFinalizersRemaining"},
       {"status", "True"},
       {"message", "Some content has finalizers: x/hold in 1 instances"}}};
  client.Put(kube::NamespaceRef("ns"), dying);
  const absl::Status status =
      EnsureNamespace(base::Context().WithTimeout(absl::Milliseconds(50)),
                      client, "ns", kOwner, true, kManager)
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("NamespaceFinalizersRemaining: Some content has "
                              "finalizers: x/hold in 1 instances"),
                    HasSubstr("What remains in it has to go first"),
                    Not(HasSubstr("kubernetes"))));
}

}  // namespace
}  // namespace resources
