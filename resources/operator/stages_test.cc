// What of an operator is written and deleted at the same time.
#include "resources/operator/stages.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "kube/forwarding_client.h"
#include "resources/operator/resource.h"
#include "tests/support/operator_plan_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<Sighting> Seen(const std::vector<std::string>& kinds) {
  std::vector<Sighting> all;
  for (const std::string& kind : kinds) {
    Json manifest = {{"kind", kind}};
    if (absl::StrContains(kind, "Binding")) manifest["roleRef"] = {};
    all.push_back({.key = kind, .manifest = std::move(manifest)});
  }
  return all;
}

TEST(StagesTest, WhatIsReferredToComesBeforeWhatRefersToIt) {
  const std::vector<Sighting> all =
      Seen({"Deployment", "RoleBinding", "Role", "ConfigMap", "Namespace",
            "ServiceAccount", "CustomResourceDefinition", "ClusterRole",
            "ClusterRoleBinding"});
  std::vector<std::set<std::string>> kinds;
  std::vector<bool> awaits;
  for (const Stage& stage : StagesOf(all)) {
    kinds.emplace_back();
    for (const Sighting* seen : stage.objects) kinds.back().insert(seen->key);
    awaits.push_back(stage.awaits_definition);
  }
  using Kinds = std::set<std::string>;
  EXPECT_THAT(kinds, ElementsAre(Kinds{"CustomResourceDefinition", "Namespace"},
                                 Kinds{"ClusterRole", "ConfigMap", "Role",
                                       "ServiceAccount"},
                                 Kinds{"ClusterRoleBinding", "RoleBinding"},
                                 Kinds{"Deployment"}));
  EXPECT_THAT(awaits, ElementsAre(false, true, false, false));
}

// Answers no write of `together` before all of them have come.
class MeetingClient final : public kube::ForwardingClient {
 public:
  explicit MeetingClient(std::shared_ptr<kube::Client> client)
      : ForwardingClient(std::move(client)) {}

  // Names of resources.
  std::set<std::string> together, lost;

  // Whether all came while the first one waited.
  bool met() const {
    absl::MutexLock lock(&mutex_);
    return here_ == together && !in_vain_;
  }

  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    if (!options.dry_run) {
      Meet(ref.resource);
      if (lost.count(ref.resource) > 0) {
        return absl::UnavailableError("nobody answers");
      }
    }
    return ForwardingClient::Apply(ctx, ref, body, options);
  }
  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override {
    Meet(ref.resource);
    return ForwardingClient::Delete(ctx, ref, options);
  }

 private:
  void Meet(const std::string& resource) {
    if (together.count(resource) == 0) return;
    absl::MutexLock lock(&mutex_);
    here_.insert(resource);
    const auto all = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return here_ == together;
    };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(20))) {
      in_vain_ = true;
    }
  }

  mutable absl::Mutex mutex_;
  std::set<std::string> here_ ABSL_GUARDED_BY(mutex_);
  bool in_vain_ ABSL_GUARDED_BY(mutex_) = false;
};

class TogetherTest : public OperatorPlanTest {
 protected:
  TogetherTest() {
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(meeting_));
    resource_ = NewOperatorResource(session_);
  }

  std::shared_ptr<MeetingClient> meeting_ =
      std::make_shared<MeetingClient>(client_);
};

TEST_F(TogetherTest, AnApplyDoesNotWaitForOneObjectToWriteTheNext) {
  meeting_->together = {"serviceaccounts", "clusterroles", "roles"};
  const tf::RawApply created = Change(Nothing(), Make({}));
  EXPECT_FALSE(created.diags.HasError()) << Text(created.diags);
  EXPECT_TRUE(meeting_->met());
}

TEST_F(TogetherTest, ADestroyDoesNotWaitForTheEndOfOneToDeleteTheNext) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  meeting_->together = {"clusterrolebindings", "rolebindings"};
  const tf::RawApply gone =
      Change(created.state, Nothing(), created.private_data);
  EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
  EXPECT_TRUE(meeting_->met());
}

TEST_F(TogetherTest, WhatAllWritesOfAStageFailByIsSaidOnce) {
  meeting_->lost = {"serviceaccounts", "clusterroles", "roles"};
  const tf::RawApply failed = Change(Nothing(), Make({}));
  ASSERT_THAT(failed.diags.items(), SizeIs(1)) << Text(failed.diags);
  EXPECT_THAT(Text(failed.diags), HasSubstr("nobody answers"));
  EXPECT_FALSE(failed.state.IsNull());
}

// The API server's words of each.
TEST(StagesTest, OnlyWhatHoldsForAllOfThemIsSaidOnce) {
  const auto refused = [](absl::string_view words) {
    return IsAboutAllWrites(absl::PermissionDeniedError(words));
  };
  EXPECT_TRUE(
      refused("roles.rbac.authorization.k8s.io \"r\" is forbidden: User \"u\" "
              "cannot patch resource \"roles\" in API group "
              "\"rbac.authorization.k8s.io\" in the namespace \"wandb\""));
  EXPECT_FALSE(
      refused("clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: user "
              "\"u\" (groups=[\"g\"]) is attempting to grant RBAC permissions "
              "not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"]}"));
  EXPECT_FALSE(
      refused("admission webhook \"w\" denied the request: not today"));
  EXPECT_FALSE(
      refused("deployments.apps \"d\" is forbidden: exceeded quota: q"));
  EXPECT_TRUE(IsAboutAllWrites(absl::UnavailableError("nobody answers")));
  EXPECT_FALSE(IsAboutAllWrites(absl::InvalidArgumentError("spec")));
}

}  // namespace
}  // namespace resources
