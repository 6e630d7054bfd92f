// The fake must refuse what the server refuses, or tests that use it prove
// nothing.
#include "tests/support/fake_client.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "tests/support/config_map.h"

namespace kube {
namespace {

using base::Json;
using ::testing::ElementsAre;

const ObjectRef kRef = support::ConfigMapRef();

class FakeClientTest : public ::testing::Test {
 protected:
  absl::StatusOr<Applied> Apply(Json data, const std::string& manager,
                                bool force = false) {
    return client_.Apply({}, kRef, support::ConfigMap(std::move(data)),
                         {.field_manager = manager, .force = force});
  }

  support::FakeClient client_;
};

TEST_F(FakeClientTest, CreateOnlyRefusesAnExistingObject) {
  const ApplyOptions options{.field_manager = "me", .create_only = true};
  const auto created =
      client_.Apply({}, kRef, support::ConfigMap({{"k", "1"}}), options);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_TRUE(created->created);
  EXPECT_FALSE(UidOf(created->object).empty());
  const auto again =
      client_.Apply({}, kRef, support::ConfigMap({{"k", "2"}}), options);
  EXPECT_TRUE(kube::IsAlreadyExists(again.status()));
  EXPECT_EQ(base::StringAt(client_.Stored(kRef), "/data/k"), "1");
}

TEST_F(FakeClientTest, OwnersConflictShareAndLeave) {
  ASSERT_TRUE(Apply({{"k", "1"}, {"mine", "1"}}, "me").ok());
  EXPECT_TRUE(OwnsOnly(client_.Stored(kRef), "me"));
  const auto conflict = Apply({{"k", "2"}}, "other");
  ASSERT_EQ(FieldConflicts(conflict.status()).size(), 1);
  EXPECT_EQ(FieldConflicts(conflict.status())[0].field, ".data.k");
  EXPECT_EQ(FieldConflicts(conflict.status())[0].operation, "Apply");
  ASSERT_TRUE(Apply({{"k", "1"}}, "other").ok());  // Shared from now on.
  ASSERT_TRUE(Apply({{"z", "1"}}, "me").ok());     // Leaves both paths.
  EXPECT_EQ(client_.Stored(kRef)["data"], Json({{"k", "1"}, {"z", "1"}}));
  ASSERT_TRUE(Apply({{"k", "3"}}, "third", true).ok());
  EXPECT_TRUE(OwnedPaths(client_.Stored(kRef), "other").empty());
  EXPECT_THAT(OwnedPaths(client_.Stored(kRef), "third"),
              ElementsAre(".data.k"));
}

TEST_F(FakeClientTest, HandEditsAreUpdates) {
  ASSERT_TRUE(Apply({{"k", "1"}}, "me").ok());
  const std::string version = ResourceVersionOf(client_.Stored(kRef));
  ASSERT_TRUE(Apply({{"k", "1"}}, "me").ok());
  EXPECT_EQ(ResourceVersionOf(client_.Stored(kRef)), version);
  client_.Put(kRef, support::ConfigMap({{"k", "edited"}}), "kubectl-edit");
  const auto conflicts = FieldConflicts(Apply({{"k", "1"}}, "me").status());
  ASSERT_EQ(conflicts.size(), 1);
  EXPECT_EQ(conflicts[0].manager, "kubectl-edit");
  EXPECT_EQ(conflicts[0].operation, "Update");
}

TEST_F(FakeClientTest, FinalizersHoldDeletion) {
  Json held = support::ConfigMap({{"k", "1"}});
  held["metadata"]["finalizers"] = {"f"};
  client_.Put(kRef, held);
  EXPECT_TRUE(IsStale(client_.Delete({}, kRef, {.uid = "other"})));
  ASSERT_TRUE(client_.Delete({}, kRef, {}).ok());
  EXPECT_TRUE(IsTerminating(client_.Stored(kRef)));
  ASSERT_TRUE(client_
                  .Patch({}, kRef, {{"metadata", {{"finalizers", nullptr}}}},
                         {.field_manager = "me"})
                  .ok());
  EXPECT_TRUE(client_.Stored(kRef).is_null());
  EXPECT_TRUE(absl::IsNotFound(client_.Get({}, kRef).status()));
}

TEST_F(FakeClientTest, FailuresAndAbsencesAreScripted) {
  client_.FailNext(absl::UnavailableError("once"), "APPLY");
  EXPECT_TRUE(absl::IsNotFound(client_.Get({}, kRef).status()));
  EXPECT_TRUE(absl::IsUnavailable(Apply({}, "me").status()));
  client_.RequireNamespaces(true);
  EXPECT_TRUE(IsNamespaceMissing(Apply({}, "me").status()));
  client_.ServeOnly({PodsIn("")});
  EXPECT_TRUE(IsKindNotServed(Apply({}, "me").status()));
  EXPECT_THAT(
      client_.CallLines(),
      ElementsAre("GET ConfigMap \"ns/x\"", "APPLY ConfigMap \"ns/x\"",
                  "APPLY ConfigMap \"ns/x\"", "APPLY ConfigMap \"ns/x\""));
}

}  // namespace
}  // namespace kube
