// What becomes of the Helm release of an operator that is imported.
#include "resources/operator/release_record.h"

#include <algorithm>
#include <utility>

#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "tests/support/faulty_client.h"
#include "tests/support/half_done.h"
#include "tests/support/helm_release.h"
#include "tests/support/operator_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kManifest[] =
    "---\n# Source: operator/templates/account.yaml\napiVersion: v1\n"
    "kind: ServiceAccount\nmetadata:\n  name: wandb-manager\n"
    "---\n# Source: operator/templates/manager.yaml\napiVersion: apps/v1\n"
    "kind: Deployment\nmetadata:\n  name: wandb-controller-manager\n"
    "  namespace: wandb\n";
constexpr char kOtherManifest[] =
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
    "  name: other-controller-manager\n"
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n"
    "  name: wandb-controller-manager\ndata:\n  text: Deployment\n";

class ReleaseRecordTest : public OperatorTest {
 protected:
  // A cluster with an operator of the release "operator".
  static void Install(support::FakeClient& client,
                      const std::string& manifest) {
    const auto objects = wandb::OperatorManifests({});
    for (Json object : *objects) {
      object = WithoutOwner(object);
      if (kube::KindOf(object) == "CustomResourceDefinition") {
        object["status"]["conditions"] = {
            {{"type", "NamesAccepted"}, {"status", "True"}},
            {{"type", "Established"}, {"status", "True"}}};
      } else if (kube::KindOf(object) != "Namespace") {
        object["metadata"]["labels"]["app.kubernetes.io/managed-by"] = "Helm";
        object["metadata"]["annotations"] = {
            {"meta.helm.sh/release-name", "operator"},
            {"meta.helm.sh/release-namespace", "wandb"}};
      }
      client.Put(*kube::RefOf(object), object, "helm");
    }
    for (const int revision : {1, 2, 10}) {
      PutSecret(client, "operator", revision, manifest);
    }
  }
  static void PutSecret(support::FakeClient& client, const std::string& release,
                        int revision, const std::string& manifest) {
    client.Put(Secret(release, revision),
               support::HelmSecret("wandb", release, revision, manifest));
  }
  static kube::ObjectRef Secret(const std::string& release, int revision) {
    return kube::SecretRef("wandb", support::HelmSecretName(release, revision));
  }
  static std::vector<int> RevisionsOf(const support::FakeClient& client,
                                      const std::string& release) {
    std::vector<int> revisions;
    for (const int revision : {1, 2, 10}) {
      if (!client.Stored(Secret(release, revision)).is_null()) {
        revisions.push_back(revision);
      }
    }
    return revisions;
  }
  cty::Value Forgetting() const {
    return Make({{"adopt", cty::Value::ObjectOf(
                               tf::Codec<AdoptArguments>::type(),
                               {{"remove_helm_release", Flag(true)}})}});
  }
};

TEST_F(ReleaseRecordTest, StaysUntilItsEndIsAskedFor) {
  Install(*client_, kManifest);
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_THAT(Text(read.diags),
              AllOf(HasSubstr("Helm release \"wandb/operator\""),
                    HasSubstr("remove_helm_release = true"),
                    HasSubstr("kubectl delete secret -n wandb")));
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  EXPECT_THAT(Text(plan.diags), Not(HasSubstr("forget")));
  const tf::RawApply applied = Apply(read.state, Make({}), plan);
  ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  // Its objects do not name it any more.
  EXPECT_THAT(Text(applied.diags),
              AllOf(HasSubstr("helm uninstall operator"),
                    HasSubstr("remove_helm_release = true")));
  EXPECT_THAT(RevisionsOf(*client_, "operator"), SizeIs(3));
  // Said then, and not again.
  const tf::RawRead later = Read(applied.state, applied.private_data);
  EXPECT_THAT(later.diags.items(), IsEmpty()) << Text(later.diags);

  const tf::RawPlan forget =
      Plan(later.state, Forgetting(), later.private_data);
  EXPECT_THAT(Text(forget.diags),
              AllOf(HasSubstr("make Helm forget release \"wandb/operator\""),
                    HasSubstr("sh.helm.release.v1.operator.v1\""),
                    HasSubstr("sh.helm.release.v1.operator.v10\"")));
  EXPECT_THAT(RevisionsOf(*client_, "operator"), SizeIs(3));
  const tf::RawApply forgotten = Apply(later.state, Forgetting(), forget);
  ASSERT_FALSE(forgotten.diags.HasError()) << Text(forgotten.diags);
  EXPECT_THAT(RevisionsOf(*client_, "operator"), IsEmpty());
  EXPECT_FALSE(client_->Stored(Deployment()).is_null());
}

TEST_F(ReleaseRecordTest, WhatHelmSaidOfTheObjectsGoesWithTheFirstApply) {
  Install(*client_, kManifest);
  const tf::RawRead read = Import("wandb/wandb");
  const tf::RawApply applied =
      Change(read.state, Forgetting(), read.private_data);
  ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  const auto manifests = wandb::OperatorManifests({});
  for (const Json& manifest : *manifests) {
    // These are used as they are.
    if (kube::KindOf(manifest) == "Namespace" ||
        kube::KindOf(manifest) == "CustomResourceDefinition") {
      continue;
    }
    const Json metadata = client_->Stored(*kube::RefOf(manifest))["metadata"];
    EXPECT_FALSE(metadata["annotations"].contains("meta.helm.sh/release-name"));
    EXPECT_FALSE(metadata.value("labels", Json::object())
                     .contains("app.kubernetes.io/managed-by"))
        << metadata;
  }
}

TEST_F(ReleaseRecordTest, OfAnotherReleaseIsLeft) {
  Install(*client_, kManifest);
  PutSecret(*client_, "other", 1, kOtherManifest);
  // What W&B itself was installed by, and what only looks like a record.
  PutSecret(*client_, "wandb", 1, "");
  Json foreign = support::HelmSecret("wandb", "operator", 2, kManifest);
  foreign["type"] = "Opaque";
  client_->Put(Secret("operator", 2), foreign);
  const tf::RawRead read = Import("wandb/wandb");
  const tf::RawPlan plan = Plan(read.state, Forgetting(), read.private_data);
  EXPECT_THAT(Text(plan.diags),
              AllOf(Not(HasSubstr("v1.other")), Not(HasSubstr("v1.wandb")),
                    Not(HasSubstr("operator.v2"))));
  ASSERT_FALSE(Apply(read.state, Forgetting(), plan).diags.HasError());
  EXPECT_THAT(RevisionsOf(*client_, "operator"), ::testing::ElementsAre(2));
  EXPECT_THAT(RevisionsOf(*client_, "other"), SizeIs(1));
  EXPECT_THAT(RevisionsOf(*client_, "wandb"), SizeIs(1));
}

// The chart was changed, and the newest revision decides what an uninstall
// deletes.
TEST_F(ReleaseRecordTest, OfAReleaseThatHasTheOperatorNoMoreIsLeft) {
  Install(*client_, kManifest);
  PutSecret(*client_, "operator", 10, kOtherManifest);
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(
      Change(read.state, Forgetting(), read.private_data).diags.HasError());
  EXPECT_THAT(RevisionsOf(*client_, "operator"), SizeIs(3));
}

TEST_F(ReleaseRecordTest, ThatCannotBeReadIsToldByTheObjects) {
  Install(*client_, kManifest);
  for (const char* release : {"operator", "other"}) {
    Json secret = support::HelmSecret("wandb", release, 10, "");
    secret["data"]["release"] = "AAAA";
    client_->Put(Secret(release, 10), secret);
  }
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(
      Change(read.state, Forgetting(), read.private_data).diags.HasError());
  EXPECT_THAT(RevisionsOf(*client_, "operator"), IsEmpty());
  EXPECT_THAT(RevisionsOf(*client_, "other"), SizeIs(1));
}

TEST_F(ReleaseRecordTest, WithoutTheRightIsAnErrorAndPlannedAgain) {
  Install(*client_, kManifest);
  const tf::RawRead read = Import("wandb/wandb");
  client_->FailAlways(Secret("operator", 2), absl::PermissionDeniedError("no"));
  const tf::RawApply refused =
      Change(read.state, Forgetting(), read.private_data);
  ASSERT_TRUE(refused.diags.HasError());
  EXPECT_THAT(Text(refused.diags),
              AllOf(HasSubstr("sh.helm.release.v1.operator.v2"),
                    HasSubstr("list and delete Secrets in namespace"),
                    HasSubstr("adopt.remove_helm_release = false")));
  EXPECT_EQ(OwnerOf(client_->Stored(Deployment())), "wandb/wandb");
  client_->FailAlways(Secret("operator", 2), absl::OkStatus());
  const tf::RawPlan again =
      Plan(refused.state, Forgetting(), refused.private_data);
  EXPECT_FALSE(again.planned == refused.state);
  EXPECT_THAT(Text(again.diags), HasSubstr("operator.v10"));
  ASSERT_FALSE(Apply(refused.state, Forgetting(), again).diags.HasError());
  EXPECT_THAT(RevisionsOf(*client_, "operator"), IsEmpty());
}

TEST_F(ReleaseRecordTest, ThatMayNotBeLookedForIsSaidByThePlan) {
  Install(*client_, kManifest);
  const tf::RawRead read = Import("wandb/wandb");
  client_->FailAlways(kube::SecretRef("wandb", ""),
                      absl::PermissionDeniedError("no"));
  EXPECT_THAT(
      Text(Plan(read.state, Forgetting(), read.private_data).diags),
      AllOf(HasSubstr("Apply will fail to make Helm forget"),
            HasSubstr("list and delete Secrets in namespace \"wandb\"")));
}

TEST_F(ReleaseRecordTest, ThatMayNotBeDeletedIsSaidByThePlan) {
  Install(*client_, kManifest);
  const tf::RawRead read = Import("wandb/wandb");
  client_->FailAlways(Secret("operator", 10),
                      absl::PermissionDeniedError("no"));
  EXPECT_THAT(Text(Plan(read.state, Forgetting(), read.private_data).diags),
              HasSubstr("Apply will fail to make Helm forget"));
  EXPECT_THAT(RevisionsOf(*client_, "operator"), SizeIs(3));
}

TEST_F(ReleaseRecordTest, ThatIsGoneNeedsNoRightsAndGoesAgainWhenHelmIsBack) {
  Install(*client_, kManifest);
  const tf::RawRead read = Import("wandb/wandb");
  const tf::RawApply first =
      Change(read.state, Forgetting(), read.private_data);
  ASSERT_FALSE(first.diags.HasError()) << Text(first.diags);
  client_->FailAlways(kube::SecretRef("wandb", ""),
                      absl::PermissionDeniedError("no"));
  const cty::Value airgapped =
      Make({{"adopt", Forgetting().At("adopt")}, {"airgapped", Flag(true)}});
  const tf::RawApply second =
      Change(first.state, airgapped, first.private_data);
  EXPECT_THAT(second.diags.items(), IsEmpty()) << Text(second.diags);
  client_->FailAlways(kube::SecretRef("wandb", ""), absl::OkStatus());
  // Somebody has installed the chart over it.
  Json live = client_->Stored(Deployment());
  live["metadata"]["annotations"]["meta.helm.sh/release-name"] = "operator";
  live["spec"]["replicas"] = 2;
  client_->Put(Deployment(), live, "helm");
  PutSecret(*client_, "operator", 1, kManifest);
  const tf::RawRead drifted = Read(second.state, second.private_data);
  const tf::RawApply third =
      Change(drifted.state, airgapped, drifted.private_data);
  ASSERT_FALSE(third.diags.HasError()) << Text(third.diags);
  EXPECT_THAT(RevisionsOf(*client_, "operator"), IsEmpty());
}

TEST_F(ReleaseRecordTest, InConfigMapsIsWarnedOf) {
  Install(*client_, "");
  client_->Put(
      kube::ConfigMapRef("wandb", support::HelmSecretName("operator", 1)),
      {{"metadata", {{"labels", {{"owner", "helm"}, {"name", "operator"}}}}}});
  const tf::RawRead read = Import("wandb/wandb");
  const tf::RawApply applied =
      Change(read.state, Forgetting(), read.private_data);
  ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  EXPECT_THAT(Text(applied.diags),
              AllOf(HasSubstr("Helm still has release \"wandb/operator\""),
                    HasSubstr("kubectl delete configmap -n wandb")));
}

class ReleaseRecordHalfDoneTest
    : public ReleaseRecordTest,
      public ::testing::WithParamInterface<support::HalfDoneFault> {};

TEST_P(ReleaseRecordHalfDoneTest, IsGoneOnWith) {
  for (int n = 1;; ++n) {
    SCOPED_TRACE(n);
    const auto cluster = std::make_shared<support::FaultyClient>();
    PlayControllers(*cluster);
    Install(*cluster, kManifest);
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(cluster));
    resource_ = make_(session_);
    const tf::RawRead imported = Import("wandb/wandb");
    ASSERT_FALSE(imported.diags.HasError()) << Text(imported.diags);
    const tf::RawPlan plan =
        Plan(imported.state, Forgetting(), imported.private_data);
    cluster->FailWrite(n, GetParam().fault);
    const tf::RawApply half = Apply(imported.state, Forgetting(), plan);
    const bool whole = cluster->writes() < n;
    EXPECT_EQ(half.diags.HasError(), !whole) << Text(half.diags);
    cluster->FailWrite(0, GetParam().fault);
    resource_ = make_(session_);
    if (!whole) {
      // Before the operator is ours, its release is whole.
      if (OwnerOf(cluster->Stored(Deployment())).empty()) {
        EXPECT_THAT(RevisionsOf(*cluster, "operator"), SizeIs(3));
      }
      tf::RawRead read = Read(half.state, half.private_data);
      if (GetParam().killed) read = Read(imported.state, Json::object());
      const tf::RawPlan again =
          Plan(read.state, Forgetting(), read.private_data);
      EXPECT_FALSE(again.planned == read.state);
      const tf::RawApply done = Apply(read.state, Forgetting(), again);
      EXPECT_FALSE(done.diags.HasError()) << Text(done.diags);
    }
    EXPECT_THAT(RevisionsOf(*cluster, "operator"), IsEmpty());
    EXPECT_EQ(OwnerOf(cluster->Stored(Deployment())), "wandb/wandb");
    EXPECT_FALSE(kube::HasApplied(cluster->Stored(Deployment()), "helm"));
    if (whole) break;
  }
}

// With an answer and without one.
INSTANTIATE_TEST_SUITE_P(Faults, ReleaseRecordHalfDoneTest,
                         ::testing::Values(support::kHalfDoneFaults[0],
                                           support::kHalfDoneFaults[3]),
                         support::HalfDoneName);

}  // namespace
}  // namespace resources
