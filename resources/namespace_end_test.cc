#include "resources/namespace_end.h"

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
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr char kManager[] = "ours";
constexpr char kOwner[] = "WeightsAndBiases/ns/x";

Json NamespaceObject() {
  return {{"apiVersion", "v1"},
          {"kind", "Namespace"},
          {"metadata", {{"name", "ns"}}}};
}

class DeleteEmptyNamespaceTest : public ::testing::Test {
 protected:
  DeleteEmptyNamespaceTest() {
    client_.Put(kube::NamespaceRef("ns"), NamespaceObject());
    uid_ = kube::UidOf(client_.Stored(kube::NamespaceRef("ns")));
    client_.Put(kube::ConfigMapRef("ns", "kube-root-ca.crt"),
                {{"kind", "ConfigMap"}, {"data", {{"ca.crt", "-"}}}},
                "kube-controller-manager");
    client_.Put({"", "v1", "serviceaccounts", "ns", "default"},
                {{"kind", "ServiceAccount"}}, "kube-controller-manager");
  }
  bool Exists() const {
    return !client_.Stored(kube::NamespaceRef("ns")).is_null();
  }
  absl::StatusOr<Rest> Delete(const std::string& uid) {
    return DeleteEmptyNamespace({}, client_, "ns", uid, kOwner, kManager);
  }

  support::FakeClient client_;
  std::string uid_;
};

TEST_F(DeleteEmptyNamespaceTest, DeletesWhatHoldsOnlyBookkeeping) {
  const auto left = Delete(uid_);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_TRUE(left->empty());
  EXPECT_FALSE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, NamesWhatSomebodyCouldMiss) {
  client_.Put(kube::SecretRef("ns", "mine"), {{"kind", "Secret"}});
  client_.Put({"", "v1", "persistentvolumeclaims", "ns", "data"},
              {{"kind", "PersistentVolumeClaim"}});
  client_.Put(kube::SecretRef("other", "x"), {{"kind", "Secret"}});
  const auto left = Delete(uid_);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_THAT(left->left,
              UnorderedElementsAre("Secret \"mine\"",
                                   "PersistentVolumeClaim \"data\""));
  EXPECT_TRUE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, WhatIsCollectedIsWatchedForAndNotPolled) {
  const kube::ObjectRef pod = {"", "v1", "pods", "ns", "p"};
  client_.Put(
      pod,
      {{"kind", "Pod"},
       {"metadata",
        {{"ownerReferences", {{{"kind", "ReplicaSet"}, {"name", "gone"}}}}}}});
  std::thread collector([&] {
    EXPECT_TRUE(client_.AwaitCall("WATCH"));
    client_.Remove(pod);
  });
  const auto left = Delete(uid_);
  collector.join();
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_TRUE(left->empty());
  EXPECT_FALSE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, OtherResourcesThatLiveThereAreTold) {
  const auto put = [this](const char* name, const char* owner) {
    client_.Put(
        kube::DeploymentRef("ns", name),
        {{"kind", "Deployment"},
         {"metadata", {{"annotations", {{wandb::kOwnerAnnotation, owner}}}}}});
  };
  put("theirs", "ns/f2");
  put("own", kOwner);
  client_.Put({"apps.wandb.com", "v1", "weightsandbiases", "ns", "ml"},
              {{"kind", "WeightsAndBiases"}});
  const auto left = Delete(uid_);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_THAT(left->residents,
              UnorderedElementsAre("ns/f2", "WeightsAndBiases/ns/ml"));
  EXPECT_EQ(left->left.size(), 3);
}

// It has its definitions, which are stored, before it serves what they define.
TEST_F(DeleteEmptyNamespaceTest, AServerThatHasJustComeUpLeavesNothingOut) {
  client_.LeaveOut("example.com");
  client_.Put({"example.com", "v1", "things", "ns", "theirs"},
              {{"kind", "Thing"}});
  Json condition = {{"type", "Established"}, {"status", "True"}};
  Json spec = {{"group", "example.com"},
               {"scope", "Namespaced"},
               {"names", {{"plural", "things"}}},
               {"versions",
                {{{"name", "v1alpha1"}, {"served", false}},
                 {{"name", "v1"}, {"served", true}}}}};
  client_.Put(kube::CrdRef("things.example.com"),
              {{"kind", "CustomResourceDefinition"},
               {"spec", spec},
               {"status", {{"conditions", Json::array({condition})}}}});
  const auto left = Delete(uid_);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_THAT(left->left, ElementsAre("Thing \"theirs\""));
  EXPECT_TRUE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, WhatIsOnItsWayOutIsNoContent) {
  const kube::ObjectRef pod = {"", "v1", "pods", "ns", "p"};
  client_.Put(pod,
              {{"kind", "Pod"}, {"metadata", {{"finalizers", {"test/hold"}}}}});
  ASSERT_TRUE(client_.Delete({}, pod, {}).ok());
  EXPECT_TRUE(Delete(uid_)->empty());
  EXPECT_FALSE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, NamespaceOfAnotherUidStays) {
  const auto left = Delete("uid-of-the-past");
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_TRUE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, NamespaceOfAnotherOwnerStays) {
  Json live = client_.Stored(kube::NamespaceRef("ns"));
  live["metadata"]["annotations"] = {{wandb::kOwnerAnnotation, "other/x"}};
  client_.Put(kube::NamespaceRef("ns"), live);
  EXPECT_EQ(Delete(uid_)->owner, "other/x");
  EXPECT_TRUE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, ObjectsOfAnyKindKeepIt) {
  client_.Put({"batch", "v1", "cronjobs", "ns", "nightly"},
              {{"kind", "CronJob"}});
  client_.Put({"example.com", "v1", "things", "ns", "one"},
              {{"kind", "Thing"}});
  EXPECT_THAT(Delete(uid_)->left,
              UnorderedElementsAre("CronJob \"nightly\"", "Thing \"one\""));
  EXPECT_TRUE(Exists());
}

// What the control plane and its like make in a namespace, by `manager`.
void PutBookkeeping(support::FakeClient& client, absl::string_view manager) {
  const Json data = {{"data", {{"a", "b"}}}};
  const auto put = [&](const kube::ObjectRef& ref, Json object) {
    object.update(data);
    client.Put(ref, std::move(object), manager);
  };
  put({"", "v1", "endpoints", "ns", "e"}, {{"kind", "Endpoints"}});
  put({"discovery.k8s.io", "v1", "endpointslices", "ns", "e-1"},
      {{"kind", "EndpointSlice"}});
  put(kube::SecretRef("ns", "default-token"),
      {{"kind", "Secret"}, {"type", "kubernetes.io/service-account-token"}});
  put(kube::SecretRef("ns", "pull"),
      {{"kind", "Secret"}, {"type", "kubernetes.io/dockercfg"}});
  put({"", "v1", "serviceaccounts", "ns", "deployer"},
      {{"kind", "ServiceAccount"}});
  put({"", "v1", "serviceaccounts", "ns", "default"},
      {{"kind", "ServiceAccount"}});
  put({"rbac.authorization.k8s.io", "v1", "rolebindings", "ns",
       "system:deployers"},
      {{"kind", "RoleBinding"}});
}

TEST_F(DeleteEmptyNamespaceTest, WhatComesByItselfIsNoContent) {
  client_.Put({"", "v1", "events", "ns", "e"}, {{"kind", "Event"}});
  client_.Put({"events.k8s.io", "v1", "events", "ns", "e"},
              {{"kind", "Event"}});
  client_.Put(
      {"coordination.k8s.io", "v1", "leases", "ns", wandb::kLeaderLease},
      {{"kind", "Lease"}});
  PutBookkeeping(client_, "kube-controller-manager");
  EXPECT_TRUE(Delete(uid_)->empty());
  EXPECT_FALSE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, WhatSomebodyMadeOfTheSameNamesIsContent) {
  PutBookkeeping(client_, "kubectl-edit");
  EXPECT_THAT(Delete(uid_)->left,
              UnorderedElementsAre(
                  "Endpoints \"e\"", "EndpointSlice \"e-1\"",
                  "Secret \"default-token\"", "Secret \"pull\"",
                  "ServiceAccount \"deployer\"", "ServiceAccount \"default\"",
                  "RoleBinding \"system:deployers\""));
  EXPECT_TRUE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, NamespaceThatAnotherManagerAppliesStays) {
  ASSERT_TRUE(
      client_
          .Apply({}, kube::NamespaceRef("ns"),
                 {{"apiVersion", "v1"},
                  {"kind", "Namespace"},
                  {"metadata", {{"name", "ns"}, {"labels", {{"team", "a"}}}}}},
                 {.field_manager = "gitops"})
          .ok());
  EXPECT_EQ(Delete(uid_)->applier, "gitops");
  EXPECT_TRUE(Exists());
}

// A provider that got another field_manager since it made the namespace.
TEST_F(DeleteEmptyNamespaceTest, OursUnderAFormerFieldManagerGoes) {
  const auto apply = [this](Json metadata) {
    metadata["name"] = "ns";
    return client_
        .Apply({}, kube::NamespaceRef("ns"),
               {{"apiVersion", "v1"},
                {"kind", "Namespace"},
                {"metadata", metadata}},
               {.field_manager = "former"})
        .ok();
  };
  const Json named = {{wandb::kOwnerAnnotation, kOwner}};
  // A copy of the whole object, as kubectl may apply it, is no work of ours.
  ASSERT_TRUE(apply({{"annotations", named}, {"labels", {{"team", "a"}}}}));
  EXPECT_EQ(Delete(uid_)->applier, "former");
  // The label is the API server's, which gives it to who makes a namespace.
  ASSERT_TRUE(apply({{"annotations", named},
                     {"labels", {{"kubernetes.io/metadata.name", "ns"}}}}));
  EXPECT_TRUE(Delete(uid_)->empty());
  EXPECT_FALSE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, NamespaceThatKubectlAppliesStays) {
  Json live = client_.Stored(kube::NamespaceRef("ns"));
  live["metadata"]["annotations"] = {{kube::kLastApplied, "{}"}};
  client_.Put(kube::NamespaceRef("ns"), live);
  EXPECT_EQ(Delete(uid_)->applier, "kubectl apply");
  EXPECT_TRUE(Exists());
}

// It was named a moment ago: gone by the next look, or a gateway's page.
TEST_F(DeleteEmptyNamespaceTest, AKindThatIsNotServedAfterAllIsAnError) {
  const kube::ObjectRef thing = {"example.com", "v1", "things", "ns", "one"};
  client_.Put(thing, {{"kind", "Thing"}});
  client_.FailAlways({"example.com", "v1", "things", "ns", ""},
                     support::Reply("GET", thing, 404, "404 page not found\n"));
  EXPECT_TRUE(kube::IsKindNotServed(Delete(uid_).status()));
  EXPECT_TRUE(Exists());
}

// Kept for good it would be nobody's.
TEST_F(DeleteEmptyNamespaceTest, AListThatMayBeAnsweredSoonIsAnError) {
  const kube::ObjectRef all = {"", "v1", "configmaps", "ns", ""};
  for (const int code : {429, 500, 503, 504}) {
    client_.FailAlways(all, support::Reply("GET", all, code, ""));
    EXPECT_EQ(kube::HttpCode(Delete(uid_).status()), code);
  }
  EXPECT_TRUE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, AChangedServiceAccountIsContent) {
  const kube::ObjectRef account = {"", "v1", "serviceaccounts", "ns",
                                   "default"};
  const Json bare = {{"kind", "ServiceAccount"},
                     {"metadata", {{"name", "default"}}}};
  const Json kChanges[] = {
      {{"imagePullSecrets", {{{"name", "x"}}}}},
      {{"metadata", {{"annotations", {{"eks.amazonaws.com/role-arn", "r"}}}}}},
      {{"metadata", {{"labels", {{"team", "a"}}}}}},
      {{"secrets", {{{"name", "mine"}}}}}};
  for (const Json& change : kChanges) {
    Json changed = bare;
    changed.merge_patch(change);
    client_.Put(account, changed, "");
    EXPECT_THAT(Delete(uid_)->left, ElementsAre("ServiceAccount \"default\""))
        << change;
  }
  Json old = bare;
  old["secrets"] = {{{"name", "default-token-x7k2p"}}};
  client_.Put(account, old, "");
  EXPECT_TRUE(Delete(uid_)->empty());
  EXPECT_FALSE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, WhatCannotBeListedKeepsItAndIsNamed) {
  const kube::ObjectRef secret = kube::SecretRef("ns", "mine");
  client_.Put(secret, {{"kind", "Secret"}});
  client_.FailAlways(
      {"", "v1", "secrets", "ns", ""},
      support::Reply("GET", secret, 403,
                     support::StatusBody("Forbidden", "no", {})));
  client_.SetUnknownKinds({"away.example.com/v1"});
  const auto rest = Delete(uid_);
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_THAT(rest->hidden,
              UnorderedElementsAre("secrets (HTTP 403 Forbidden)",
                                   "away.example.com/v1 (no answer)"));
  EXPECT_TRUE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, AServerThatDoesNotAnswerIsAnError) {
  client_.SetUnreachable(true);
  EXPECT_TRUE(absl::IsUnavailable(Delete(uid_).status()));
  client_.SetUnreachable(false);
  client_.FailAlways({"", "v1", "configmaps", "ns", ""},
                     absl::UnavailableError("connection refused"));
  EXPECT_TRUE(absl::IsUnavailable(Delete(uid_).status()));
  EXPECT_TRUE(Exists());
}

TEST_F(DeleteEmptyNamespaceTest, AnAggregatedServerThatIsAwayKeepsIt) {
  client_.Put({"away.example.com", "v1", "things", "other", "one"},
              {{"kind", "Thing"}});
  client_.FailAlways({"away.example.com", "v1", "things", "ns", ""},
                     absl::UnavailableError("connection refused"));
  EXPECT_THAT(Delete(uid_)->hidden,
              ElementsAre("things.away.example.com (no answer)"));
  EXPECT_TRUE(Exists());
}

}  // namespace
}  // namespace resources
