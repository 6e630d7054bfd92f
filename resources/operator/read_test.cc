// What a refresh says of an operator that somebody else has touched.
#include "kube/object_ref.h"
#include "tests/support/operator_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OperatorReadTest : public OperatorTest {
 protected:
  void SetUp() override {
    created_ = Change(Nothing(), Make({}));
    ASSERT_FALSE(created_.diags.HasError()) << Text(created_.diags);
  }
  tf::RawRead Refresh() const {
    return Read(created_.state, created_.private_data);
  }
  // The one warning of a refresh.
  tf::Diagnostic Warning() const {
    const tf::RawRead read = Refresh();
    EXPECT_THAT(read.diags.items(), SizeIs(1)) << Text(read.diags);
    if (read.diags.items().empty()) return {};
    EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
    return read.diags.items()[0];
  }
  static kube::ObjectRef Role() {
    return {"rbac.authorization.k8s.io", "v1", "clusterroles", "",
            "wandb-manager-role"};
  }
  // Whether the apply of what the refresh has seen is refused, as it warned.
  bool IsRefused() const {
    const tf::RawRead read = Refresh();
    return Change(read.state, Make({{"image", Image({{"tag", Str("9")}})}}),
                  read.private_data)
        .diags.HasError();
  }

  tf::RawApply created_;
};

TEST_F(OperatorReadTest, NothingIsSaidOfAnUntouchedOperator) {
  EXPECT_THAT(Refresh().diags.items(), IsEmpty());
}

TEST_F(OperatorReadTest, AStoppedOperatorIsSaidToStartAgain) {
  Json stopped = client_->Stored(Deployment());
  stopped["spec"]["replicas"] = 0;
  client_->Put(Deployment(), stopped, "kubectl");
  const tf::Diagnostic warning = Warning();
  EXPECT_THAT(warning.summary,
              AllOf(HasSubstr("wandb/wandb-controller-manager"),
                    HasSubstr("scaled to 0 replicas")));
  EXPECT_THAT(warning.detail, AllOf(HasSubstr("Find out why"),
                                    HasSubstr("next apply starts it again")));
}

TEST_F(OperatorReadTest, ForeignOwnerIsNamedBeforeTheApplyIsRefused) {
  Json live = client_->Stored(Role());
  live["metadata"]["annotations"][wandb::kOwnerAnnotation] = "ops/other";
  client_->Put(Role(), live, "kubectl");
  const tf::Diagnostic warning = Warning();
  EXPECT_THAT(warning.summary,
              AllOf(HasSubstr("Apply will fail"), HasSubstr("wandb/wandb")));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("ClusterRole \"wandb-manager-role\""),
                    HasSubstr("wandb_operator \"ops/other\""),
                    HasSubstr("id = \"ops/other\"")));
  EXPECT_TRUE(IsRefused());
}

TEST_F(OperatorReadTest, ReplacedObjectIsSaidBeforeTheApplyIsRefused) {
  client_->Remove(Role());
  client_->Put(Role(), {{"kind", "ClusterRole"}}, "kubectl");
  const tf::Diagnostic warning = Warning();
  EXPECT_THAT(warning.summary,
              AllOf(HasSubstr("Apply will fail"), HasSubstr("wandb/wandb")));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("ClusterRole \"wandb-manager-role\""),
                    HasSubstr("deleted and made again"),
                    HasSubstr("Delete the new object")));
  EXPECT_TRUE(IsRefused());
}

TEST_F(OperatorReadTest, WhatTheApplyMakesAnewIsNoRefusal) {
  client_->Remove(Role());
  EXPECT_THAT(Refresh().diags.items(), IsEmpty());
  EXPECT_FALSE(IsRefused());
}

// ---- What was changed ----

class ChangedOutsideTest : public OperatorReadTest {
 protected:
  std::string After(const std::function<void(Json&)>& edit) {
    Json live = client_->Stored(Deployment());
    edit(live);
    client_->Put(Deployment(), live, "kubectl-edit");
    return Refresh()
        .state.At("objects")
        .At("Deployment/wandb/wandb-controller-manager")
        .AsString();
  }
  static Json& Container(Json& deployment) {
    return deployment["spec"]["template"]["spec"]["containers"][0];
  }
};

TEST_F(ChangedOutsideTest, PathsAndValuesAreNamed) {
  EXPECT_EQ(After([](Json& live) { live["spec"]["replicas"] = 3; }),
            "changed outside: .spec.replicas 1 -> 3");
  EXPECT_EQ(After([](Json& live) {
              live["spec"]["replicas"] = 1;
              // As the server writes "1000m".
              Container(live)["resources"]["limits"]["cpu"] = "1";
              Container(live)["env"][1]["value"] = "other";
            }),
            "changed outside: .spec.template.spec.containers[name=\"manager\"]"
            ".env[name=\"OPERATOR_NAMESPACE\"].value \"wandb\" -> \"other\"");
}

TEST_F(ChangedOutsideTest, TheListIsShort) {
  const std::string text = After([](Json& live) {
    live["spec"]["replicas"] = 3;
    live["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 1;
    Container(live)["args"] = {"--leader-elect"};
    Container(live)["image"] = std::string(500, 'x');
    Container(live)["imagePullPolicy"] = "Never";
  });
  EXPECT_THAT(text, AllOf(HasSubstr("args 2 -> 1 elements"),
                          HasSubstr("xxx...\""), HasSubstr("; and 2 more")));
  EXPECT_LT(text.size(), 400);
}

TEST_F(ChangedOutsideTest, TheDeployedImageIsTheLiveOne) {
  After([](Json& live) { Container(live)["image"] = "mirror/controller:1"; });
  const tf::RawRead read = Refresh();
  EXPECT_EQ(read.state.At("deployed_image"), Str("mirror/controller:1"));
  EXPECT_EQ(Plan(read.state, Make({}), read.private_data)
                .planned.At("deployed_image"),
            Str("wandb/controller:1.22.0"));
  client_->Remove(Deployment());
  EXPECT_TRUE(Refresh().state.At("deployed_image").IsNull());
}

}  // namespace
}  // namespace resources
