// The definition of the custom resource that goes with its operator.
#include "resources/operator/definition_end.h"

#include "tests/support/operator_v2.h"
#include "tests/support/ownership_fixture.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class DefinitionEndTest : public OwnershipTest {
 protected:
  static kube::ObjectRef Ref() { return support::DefinitionRef(); }
  bool IsThere() const { return !client_->Stored(Ref()).is_null(); }
  cty::Value Config(Fields more = {}) const {
    more["crd"] = cty::Value::ObjectOf(
        tf::Codec<CrdArguments>::type(),
        {{"manage", Flag(true)}, {"delete_on_destroy", Flag(true)}});
    return Make(std::move(more));
  }
  tf::RawApply Create(Fields more = {}) const {
    tf::RawApply created = Change(Nothing(), Config(std::move(more)));
    EXPECT_FALSE(created.diags.HasError()) << Text(created.diags);
    return created;
  }
  tf::RawApply Destroy(const tf::RawApply& created) const {
    tf::RawApply call{.config = Nothing(),
                      .prior = created.state,
                      .planned = Nothing(),
                      .private_data = created.private_data};
    resource_->Apply({}, call);
    return call;
  }
};

TEST_F(DefinitionEndTest, ItGoesWhereNoInstanceIs) {
  const tf::RawApply gone = Destroy(Create());
  EXPECT_THAT(gone.diags.items(), IsEmpty()) << Text(gone.diags);
  EXPECT_TRUE(gone.state.IsNull());
  EXPECT_FALSE(IsThere());
  EXPECT_TRUE(client_->Stored(kube::NamespaceRef("wandb")).is_null());
}

TEST_F(DefinitionEndTest, AnyInstanceRefusesItBeforeAnythingGoes) {
  // Not even one that another operator runs may go.
  const tf::RawApply created = Create({{"force_destroy", Flag(true)}});
  PutOperator("ops");
  for (int i = 0; i < 7; ++i) PutInstance("ml", absl::StrCat("w", i));
  const tf::RawPlan plan = Plan(created.state, Nothing(), created.private_data);
  EXPECT_THAT(Text(plan.diags), AllOf(HasSubstr("will fail while any instance"),
                                      HasSubstr("ml/w0")));
  const auto before = Live();
  const tf::RawApply refused = Destroy(created);
  ASSERT_TRUE(refused.diags.HasError());
  EXPECT_THAT(Text(refused.diags),
              AllOf(HasSubstr("ml/w0, ml/w1"), HasSubstr("and 2 more"),
                    HasSubstr("crd = { delete_on_destroy = false }")));
  EXPECT_EQ(refused.state, created.state);
  EXPECT_EQ(Live(), before);
}

// The same plan may destroy it first, which nothing tells.
TEST_F(DefinitionEndTest, OfOurOwnInstancesThePlanSaysNothing) {
  const tf::RawApply created = Create();
  ASSERT_TRUE(
      client_
          ->Apply({}, {"apps.wandb.com", "v1", "weightsandbiases", "ml", "w"},
                  {{"kind", "WeightsAndBiases"},
                   {"spec", {{"values", {{"a", 1}}}}}},
                  {.field_manager = session_->field_manager()})
          .ok());
  EXPECT_THAT(
      Plan(created.state, Nothing(), created.private_data).diags.items(),
      IsEmpty());
}

TEST_F(DefinitionEndTest, OneThatOthersMadeIsKept) {
  for (const char* owner : {"", "other/wandb"}) {
    NewProcess();
    Json theirs = support::DefinitionOfV1();
    if (*owner != '\0') {
      theirs["metadata"]["annotations"][wandb::kOwnerAnnotation] = owner;
    }
    client_->Put(Ref(), theirs, "helm");
    const tf::RawApply gone = Destroy(Create());
    EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
    ASSERT_THAT(gone.diags.items(), SizeIs(1));
    EXPECT_THAT(gone.diags.items()[0].summary, HasSubstr("was kept"));
    EXPECT_THAT(gone.diags.items()[0].detail,
                HasSubstr(*owner == '\0' ? "did not make it" : owner));
    EXPECT_TRUE(IsThere());
  }
}

TEST_F(DefinitionEndTest, ThatOfOperatorV2NeverGoes) {
  const tf::RawApply created = Create();
  Json v2 = support::DefinitionOfV2();
  v2["metadata"]["annotations"][wandb::kOwnerAnnotation] = "wandb/wandb";
  client_->Put(Ref(), v2, "wandb-crd-installer");
  EXPECT_FALSE(Destroy(created).diags.HasError());
  EXPECT_TRUE(IsThere());
}

// Says when something is about to be deleted.
class InterruptedClient final : public support::FakeClient {
 public:
  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override {
    if (before_delete) before_delete(ref);
    return FakeClient::Delete(ctx, ref, options);
  }
  std::function<void(const kube::ObjectRef&)> before_delete;
};

class DefinitionEndMeanwhileTest : public DefinitionEndTest {
 protected:
  DefinitionEndMeanwhileTest() {
    PlayControllers(*cluster_);
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(cluster_));
    StartAgain();
    created_ = Create();
  }
  void PutOurs() const {
    cluster_->Put({"apps.wandb.com", "v1", "weightsandbiases", "ml", "late"},
                  {{"kind", "WeightsAndBiases"}});
  }
  const std::shared_ptr<InterruptedClient> cluster_ =
      std::make_shared<InterruptedClient>();
  tf::RawApply created_;
};

TEST_F(DefinitionEndMeanwhileTest, AnInstanceThatComesMeanwhileKeepsIt) {
  cluster_->before_delete = [&](const kube::ObjectRef& ref) {
    if (ref == ManagerRole()) PutOurs();
  };
  const tf::RawApply refused = Destroy(created_);
  ASSERT_TRUE(refused.diags.HasError());
  EXPECT_THAT(Text(refused.diags), HasSubstr("ml/late"));
  EXPECT_FALSE(cluster_->Stored(Ref()).is_null());
  // What is left keeps the state, so that the next destroy goes on.
  const tf::RawRead read = Read(refused.state, refused.private_data);
  EXPECT_FALSE(read.state.IsNull());
  cluster_->before_delete = nullptr;
  cluster_->Remove({"apps.wandb.com", "v1", "weightsandbiases", "ml", "late"});
  const tf::RawApply rest{.private_data = read.private_data,
                          .state = read.state};
  EXPECT_FALSE(Destroy(rest).diags.HasError());
  EXPECT_TRUE(cluster_->Stored(Ref()).is_null());
}

TEST_F(DefinitionEndMeanwhileTest, AMigrationThatComesMeanwhileKeepsIt) {
  cluster_->before_delete = [&](const kube::ObjectRef& ref) {
    if (!(ref == Ref())) return;
    Json v2 = support::DefinitionOfV2();
    v2["metadata"] = cluster_->Stored(Ref())["metadata"];
    v2["metadata"].erase("resourceVersion");
    cluster_->Put(Ref(), v2, "wandb-crd-installer");
  };
  const tf::RawApply gone = Destroy(created_);
  EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
  EXPECT_THAT(Text(gone.diags),
              AllOf(HasSubstr("was kept"), HasSubstr("operator v2"),
                    Not(HasSubstr("ml/"))));
  EXPECT_FALSE(cluster_->Stored(Ref()).is_null());
}

}  // namespace
}  // namespace resources
