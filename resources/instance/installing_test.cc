// An instance that is destroyed while an operator may be about to install it.
#include "resources/instance/installing.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kube/forwarding_client.h"
#include "resources/instance/finalizer.h"
#include "tests/support/fake_replies.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::SizeIs;

constexpr char kFinalizer[] = "finalizer.app.wandb.com";
constexpr char kPod[] = "wandb-controller-manager-x-y";

std::string InWords(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

// Neither a specification nor a release is there, and the operator's finalizer
// is.
class InstallingTest : public InstanceTest {
 protected:
  InstallingTest() {
    const tf::RawApply made =
        Change(Nothing(), Make({{"airgapped", Flag(true)},
                                {"wait", Flag(false)},
                                {"values", Map({{"a", Int(1)}})}}));
    EXPECT_FALSE(made.diags.HasError());
    model_ = tf::Codec<InstanceModel>::Decode(made.state);
    Json dying = client_->Stored(Ref());
    dying["metadata"]["deletionTimestamp"] = InWords(deleted_);
    dying["metadata"]["finalizers"] = {kFinalizer};
    client_->Put(Ref(), dying, "manager");
  }
  static Json OperatorPodSpec() {
    return {{"nodeName", "n"},
            {"containers",
             {{{"name", "manager"}, {"image", "wandb/controller:1.22.0"}}}}};
  }
  void PutPod(const Json& state) const {
    client_->Put(
        kube::ObjectIn(kube::PodsIn("wandb"), kPod),
        {{"kind", "Pod"},
         {"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}},
         {"spec", OperatorPodSpec()},
         {"status",
          {{"phase", "Running"},
           {"containerStatuses", {{{"name", "manager"}, {"state", state}}}}}}});
  }
  void PutRunningOperator() const {
    PutOperator(true);
    PutPod({{"running", Json::object()}});
  }
  void PutEvent(absl::Time time, const std::string& uid) const {
    client_->Put(kube::ObjectIn(kube::EventsIn("default"), "e"),
                 {{"kind", "Event"},
                  {"reason", "Reconciling"},
                  {"involvedObject", {{"name", "wandb"}, {"uid", uid}}},
                  {"lastTimestamp", InWords(time)}});
  }
  // Whether a look of the destroy takes the finalizer away.
  bool Releases() const { return Releases(*client_); }
  bool Releases(kube::Client& client) const {
    tf::Diagnostics diags;
    const wandb::Scrubber scrubber;
    EXPECT_TRUE(ReleaseIfNeverInstalled({.ctx = {},
                                         .client = client,
                                         .session = *session_,
                                         .scrubber = scrubber,
                                         .diags = diags},
                                        Desired(model_))
                    .ok());
    const Json live = client_->Stored(Ref());
    const bool gone = live.is_null() ||
                      !live["metadata"].contains("finalizers") ||
                      live["metadata"]["finalizers"].empty();
    EXPECT_THAT(diags.items(), SizeIs(gone ? 1 : 0));
    return gone;
  }

  const absl::Time deleted_ = absl::Now() - absl::Minutes(2);
  InstanceModel model_;
};

TEST_F(InstallingTest, ARunningOperatorMayYetInstall) {
  PutRunningOperator();
  EXPECT_FALSE(Releases());
}

TEST_F(InstallingTest, WithoutAnOperatorTheFinalizerGoesAtOnce) {
  EXPECT_TRUE(Releases());
}

TEST_F(InstallingTest, AnOperatorOfOtherNamespacesInstallsNothingHere) {
  PutRunningOperator();
  for (const kube::ObjectRef& ref :
       {kube::DeploymentRef("wandb", "wandb-controller-manager"),
        kube::ObjectIn(kube::PodsIn("wandb"), kPod)}) {
    Json object = client_->Stored(ref);
    Json& spec = ref.resource == "pods" ? object["spec"]
                                        : object["spec"]["template"]["spec"];
    spec["containers"][0]["args"] = {"--isolation-namespaces=elsewhere"};
    client_->Put(ref, object);
  }
  EXPECT_TRUE(Releases());
}

// Its pod may outlive it by the time it is given to end.
TEST_F(InstallingTest, APodThatIsLeftOfADeploymentMayYetInstall) {
  PutPod({{"running", Json::object()}});
  EXPECT_FALSE(Releases());
  PutPod({{"terminated", {{"exitCode", 0}}}});
  EXPECT_TRUE(Releases());
}

// It sees the deletion when it starts.
TEST_F(InstallingTest, AnOperatorThatCannotStartInstallsNothing) {
  PutOperator(true);
  EXPECT_FALSE(Releases());
  PutPod({{"waiting", {{"reason", "ImagePullBackOff"}}}});
  EXPECT_TRUE(Releases());
}

TEST_F(InstallingTest, AnOperatorThatFoundNothingToUninstallIsDone) {
  PutRunningOperator();
  const auto log = [&](const char* error) {
    client_->SetLogs(
        "wandb", kPod,
        absl::StrCat(R"({"level":"error","msg":"Failed to cleanup )"
                     R"(deployment.","error":")",
                     error, R"("})"));
    return Releases();
  };
  EXPECT_FALSE(log("cannot fetch the chart"));
  EXPECT_FALSE(log("uninstall: Release not loaded: other: release: not found"));
  EXPECT_TRUE(log("uninstall: Release not loaded: wandb: release: not found"));
}

TEST_F(InstallingTest, AnOperatorThatCameBackSinceIsDoneWithWhatItBegan) {
  PutRunningOperator();
  PutEvent(deleted_ - absl::Seconds(1), model_.uid.value());
  EXPECT_FALSE(Releases());
  // By a clock that is ahead, this may have been before the deletion.
  PutEvent(deleted_ + absl::Seconds(5), model_.uid.value());
  EXPECT_FALSE(Releases());
  PutEvent(deleted_ + absl::Seconds(60), "former");
  EXPECT_FALSE(Releases());
  PutEvent(deleted_ + absl::Seconds(60), model_.uid.value());
  EXPECT_TRUE(Releases());
}

TEST_F(InstallingTest, WhereItCannotBeToldTheFinalizerStays) {
  for (const kube::ObjectRef& kind :
       {kube::ObjectRef{"apps", "v1", "deployments", "", ""},
        kube::ObjectRef{"", "v1", "pods", "", ""}}) {
    client_->FailAlways(kind, support::Reply("GET", kind, 403, ""));
    EXPECT_FALSE(Releases()) << kind.resource;
    client_->FailAlways(kind, absl::OkStatus());
  }
}

// Its operator ends an installation while its events are asked for.
class LateClient : public kube::ForwardingClient {
 public:
  explicit LateClient(const std::shared_ptr<support::FakeClient>& fake)
      : ForwardingClient(fake), fake_(*fake) {}
  absl::StatusOr<kube::ObjectList> List(
      const base::Context& ctx, const kube::CollectionRef& collection,
      const kube::ListOptions& options) override {
    if (collection.resource == "events") {
      fake_.Put(
          kube::SecretRef("default", "sh.helm.release.v1.wandb.v1"),
          {{"kind", "Secret"},
           {"metadata", {{"labels", {{"owner", "helm"}, {"name", "wandb"}}}}}});
    }
    return ForwardingClient::List(ctx, collection, options);
  }

 private:
  support::FakeClient& fake_;
};

TEST_F(InstallingTest, AReleaseThatComesMeanwhileKeepsTheFinalizer) {
  PutRunningOperator();
  PutEvent(deleted_ + absl::Seconds(60), model_.uid.value());
  LateClient late(client_);
  EXPECT_FALSE(Releases(late));
}

}  // namespace
}  // namespace resources
