// An instance whose namespace is being deleted, while it is itself still there.
#include <algorithm>

#include "absl/strings/match.h"
#include "tests/support/fake_replies.h"
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const kube::ObjectRef kNamespace = kube::NamespaceRef("default");
constexpr char kSummary[] =
    "Instance default/wandb: namespace \"default\" is being deleted";

class DyingNamespaceTest : public ReadinessTest {
 protected:
  void DeleteNamespace() {
    client_->Put(kNamespace, *base::ParseJson(R"({
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": {"name": "default",
                   "deletionTimestamp": "2026-01-01T00:00:00Z",
                   "finalizers": ["example.com/hold"]},
      "spec": {"finalizers": ["kubernetes"]},
      "status": {"phase": "Terminating", "conditions": [
        {"type": "NamespaceContentRemaining", "status": "True",
         "message": "Some resources are remaining: pods. has 1 resource"}]}})",
                                              "test"));
  }
  void HideNamespace() {
    client_->FailAlways(kNamespace, support::Reply("GET", kNamespace, 403, ""));
  }
  static auto SaysWhy() {
    return AllOf(
        HasSubstr("is being deleted since 2026-01-01T00:00:00Z, and held by "
                  "the finalizer example.com/hold; what remains in it, from "
                  "its conditions: NamespaceContentRemaining: Some resources "
                  "are remaining: pods. has 1 resource. Nothing can be created "
                  "in it"),
        HasSubstr("kubectl get namespaces default -o yaml"));
  }

  // An instance that runs, as the cluster and as the state has it.
  void BeReady() {
    applied_ = Ready({{"operator", Str("wandb/wandb")}, {"chart", Chart()}});
    PutInstance();
    Fields fields = applied_.state.fields();
    fields["uid"] = Str(kube::UidOf(client_->Stored(Ref())));
    applied_.state = InstanceTest::Make(fields);
    PutActive(Desired(model_).compiled.chart, Json::object());
    PutWorkload("wandb-app", 1);
  }
  cty::Value Chart() const {
    return tf::Codec<ChartModel>::Encode(model_.chart.value());
  }
  tf::RawRead Refresh() { return Read(applied_.state, applied_.private_data); }

  Applied applied_;
};

TEST_F(DyingNamespaceTest, EndsTheWaitWhateverIsMissing) {
  PutInstance();
  DeleteNamespace();
  // The operator, then the specification, then a workload.
  PutOperator([](Json& d) { d["status"]["availableReplicas"] = 0; });
  for (const char* missing : {"operator", "specification", "workload"}) {
    SCOPED_TRACE(missing);
    const Readiness readiness = Await(kEndless);
    EXPECT_FALSE(readiness.ready);
    EXPECT_TRUE(readiness.lost);
    EXPECT_EQ(readiness.summary, kSummary);
    ASSERT_THAT(readiness.details, Not(IsEmpty()));
    EXPECT_THAT(readiness.details[0], SaysWhy());
    if (missing == std::string("operator")) PutOperator({});
    if (missing == std::string("specification")) {
      PutActive(Desired(model_).compiled.chart, Json::object());
      PutWorkload("wandb-app", 0);
    }
  }
}

TEST_F(DyingNamespaceTest, ComesBeforeWhatTheOperatorSaysOfIt) {
  PutInstance();
  DeleteNamespace();
  Json live = client_->Stored(Ref());
  live["status"]["phase"] = "Invalid Config";
  client_->Put(Ref(), live, "operator");
  const Readiness readiness =
      Await({.look_again = absl::Hours(1)}, absl::Milliseconds(300));
  EXPECT_EQ(readiness.summary, kSummary);
  EXPECT_THAT(readiness.details[0], SaysWhy());
  EXPECT_THAT(Details(readiness), HasSubstr("Invalid Config"));
}

TEST_F(DyingNamespaceTest, ThatMayNotBeLookedAtIsNotSpokenOf) {
  PutInstance();
  DeleteNamespace();
  HideNamespace();
  const Readiness readiness = AwaitInVain();
  EXPECT_FALSE(readiness.lost);
  EXPECT_EQ(readiness.summary,
            "The operator has not applied the specification");
  EXPECT_THAT(Details(readiness), Not(HasSubstr("403")));
  BeReady();
  const tf::RawRead read = Refresh();
  EXPECT_THAT(read.diags.items(), IsEmpty());
  EXPECT_EQ(read.state.At("ready"), Flag(true));
}

TEST_F(DyingNamespaceTest, NoRefreshCallsItsInstanceReady) {
  BeReady();
  EXPECT_THAT(Refresh().diags.items(), IsEmpty());
  DeleteNamespace();
  const tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_EQ(read.diags.items()[0].summary, kSummary);
  EXPECT_THAT(read.diags.items()[0].detail,
              AllOf(SaysWhy(), HasSubstr("ready is false")));
  EXPECT_EQ(read.state.At("ready"), Flag(false));
  // Nor one that was not ready before, and whose workloads are.
  const tf::RawRead again = Read(read.state, read.private_data);
  ASSERT_THAT(again.diags.items(), SizeIs(1));
  EXPECT_EQ(again.diags.items()[0].summary, kSummary);
  EXPECT_EQ(again.state.At("ready"), Flag(false));
}

// It is no matter of the operator's that nothing is applied there any more.
TEST_F(DyingNamespaceTest, IsSaidInPlaceOfASpecificationThatIsNotApplied) {
  BeReady();
  DeleteNamespace();
  client_->Remove(kube::SecretRef("default", "wandb-spec-active"));
  for (const bool ready : {true, false}) {
    Fields fields = applied_.state.fields();
    fields["ready"] = Flag(ready);
    applied_.state = InstanceTest::Make(fields);
    const tf::RawRead read = Refresh();
    ASSERT_THAT(read.diags.items(), SizeIs(1)) << ready;
    EXPECT_EQ(read.diags.items()[0].summary, kSummary);
    EXPECT_EQ(read.state.At("ready"), Flag(false));
  }
}

TEST_F(DyingNamespaceTest, CostsARefreshOneRequestAtMost) {
  const auto looks = [this] {
    client_->ClearCalls();
    Refresh();
    const std::vector<std::string> lines = client_->CallLines();
    return std::count_if(lines.begin(), lines.end(),
                         [](const std::string& line) {
                           return absl::StrContains(line, "Namespace");
                         });
  };
  BeReady();
  EXPECT_EQ(looks(), 1);
  client_->Remove(kube::SecretRef("default", "wandb-spec-active"));
  EXPECT_EQ(looks(), 1);
  DeleteNamespace();
  EXPECT_EQ(looks(), 1);
}

TEST_F(DyingNamespaceTest, IsSaidByThePlanOfAnUpdate) {
  BeReady();
  const auto plan = [this] {
    return Plan(applied_.state,
                Make({{"operator", Str("wandb/wandb")},
                      {"chart", Chart()},
                      {"values", Map({{"a", Int(2)}})}}),
                applied_.private_data);
  };
  EXPECT_THAT(plan().diags.items(), IsEmpty());
  DeleteNamespace();
  const tf::RawPlan said = plan();
  EXPECT_FALSE(said.diags.HasError());
  ASSERT_THAT(said.diags.items(), SizeIs(1));
  EXPECT_EQ(said.diags.items()[0].summary, kSummary);
  EXPECT_THAT(said.diags.items()[0].detail,
              AllOf(SaysWhy(), HasSubstr("will be lost")));
  HideNamespace();
  EXPECT_THAT(plan().diags.items(), IsEmpty());
}

// The server's refusal speaks of rights, and no right is missing.
TEST_F(DyingNamespaceTest, IsTheCauseOfARefusedCreate) {
  DeleteNamespace();
  const cty::Value config = Make({{"chart", Chart()}, {"wait", Flag(false)}});
  const tf::RawPlan plan = Plan(Nothing(), config);
  client_->FailAlways(
      Ref(),
      support::Reply(
          "PATCH", Ref(), 403,
          support::StatusBody("Forbidden",
                              "weightsandbiases \"wandb\" is forbidden: unable "
                              "to create new content in namespace default "
                              "because it is being terminated",
                              {{"causes",
                                {{{"reason", "NamespaceTerminating"},
                                  {"message", "is being terminated"},
                                  {"field", "metadata.namespace"}}}}})));
  const tf::RawApply apply = Apply(Nothing(), config, plan);
  ASSERT_TRUE(apply.diags.HasError());
  EXPECT_THAT(apply.diags.items().back().detail,
              AllOf(SaysWhy(), Not(HasSubstr("Grant it"))));
}

}  // namespace
}  // namespace resources
