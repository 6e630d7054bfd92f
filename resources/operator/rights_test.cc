// How the rights are named that the provider's identity lacks.
#include "resources/operator/rights.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kube/forwarding_client.h"
#include "resources/operator/resource.h"
#include "tests/support/operator_plan_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A cluster in which some verbs are refused, as an authorizer does it, in its
// own words.
class RefusingClient final : public kube::ForwardingClient {
 public:
  explicit RefusingClient(std::shared_ptr<kube::Client> client)
      : ForwardingClient(std::move(client)) {}

  // "patch deployments"
  std::set<std::string> refused;
  // Whether it tells its rules.
  bool tells = true;

  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const kube::ObjectRef& ref) override {
    if (auto no = Refused("GET", {"get"}, ref); !no.ok()) return no;
    return ForwardingClient::Get(ctx, ref);
  }
  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    const bool absent =
        absl::IsNotFound(ForwardingClient::Get(ctx, ref).status());
    if (auto no = Refused("PATCH", {"patch", absent ? "create" : ""}, ref);
        !no.ok()) {
      return no;
    }
    return ForwardingClient::Apply(ctx, ref, body, options);
  }
  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override {
    if (auto no = Refused("DELETE", {"delete"}, ref); !no.ok()) return no;
    return ForwardingClient::Delete(ctx, ref, options);
  }
  absl::StatusOr<kube::OwnRules> ReviewRules(const base::Context&,
                                             const std::string&) override {
    kube::OwnRules own;
    own.complete = tells;
    if (!tells) return own;
    const auto manifests = wandb::OperatorManifests({});
    for (const Json& manifest : *manifests) {
      const kube::ObjectRef ref = *kube::RefOf(manifest);
      for (const char* verb : {"get", "create", "patch", "delete"}) {
        if (refused.count(absl::StrCat(verb, " ", ref.resource)) > 0) continue;
        own.rules.push_back({.verbs = {verb},
                             .groups = {ref.group},
                             .resources = {ref.resource}});
      }
    }
    return own;
  }

 private:
  absl::Status Refused(const char* method,
                       const std::vector<std::string>& verbs,
                       const kube::ObjectRef& ref) const {
    if (std::none_of(verbs.begin(), verbs.end(), [&](const auto& verb) {
          return refused.count(absl::StrCat(verb, " ", ref.resource)) > 0;
        })) {
      return {};
    }
    return support::Reply(
        method, ref, 403,
        support::StatusBody(
            "Forbidden",
            absl::StrCat(ref.resource, " \"", ref.name, "\" ist verboten"),
            {{"name", ref.name}, {"kind", ref.resource}}));
  }
};

class OperatorRightsTest : public OperatorPlanTest {
 protected:
  OperatorRightsTest() {
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(refusing_));
    resource_ = NewOperatorResource(session_);
  }
  static auto NamesAll() {
    return AllOf(
        HasSubstr(
            "{apiGroups: [\"\"], resources: [namespaces], verbs: [create, "
            "get, patch]} in a ClusterRole"),
        HasSubstr("{apiGroups: [\"apiextensions.k8s.io\"], resources: "
                  "[customresourcedefinitions], verbs: [patch]} in a "
                  "ClusterRole"),
        HasSubstr("{apiGroups: [\"apps\"], resources: [deployments], verbs: "
                  "[patch]} in a Role of namespace \"wandb\""));
  }

  const std::shared_ptr<RefusingClient> refusing_ =
      std::make_shared<RefusingClient>(client_);
};

TEST_F(OperatorRightsTest, AllThatAreMissingAreNamedByPlanAndApplyAtOnce) {
  refusing_->refused = {"get namespaces", "patch namespaces",
                        "create namespaces", "patch customresourcedefinitions",
                        "patch deployments"};
  const tf::RawPlan plan = PlanCreate();
  EXPECT_THAT(Warning(plan).detail, NamesAll());
  EXPECT_THAT(Text(Apply(Nothing(), Make({}), plan).diags), NamesAll());
  // At the first write, too.
  refusing_->refused = {"patch namespaces", "patch deployments"};
  EXPECT_THAT(Text(Apply(Nothing(), Make({}), plan).diags),
              AllOf(HasSubstr("Cannot write Namespace"),
                    HasSubstr("[namespaces], verbs: [patch]"),
                    HasSubstr("[deployments], verbs: [patch]")));
}

// What makes an object needs two verbs; a server names one of them, or none.
TEST_F(OperatorRightsTest, TheRightToCreateIsNamedWhereAnObjectIsAbsent) {
  client_->Put(kube::NamespaceRef("wandb"), {{"kind", "Namespace"}});
  refusing_->refused = {"create deployments"};
  EXPECT_THAT(Warning(PlanCreate()).detail,
              HasSubstr("resources: [deployments], verbs: [create]} in a Role "
                        "of namespace \"wandb\""));
  refusing_->refused.clear();
  const tf::RawApply created = Create();
  refusing_->refused = {"create deployments", "patch deployments"};
  EXPECT_THAT(Text(PlanUpdate(created).diags),
              HasSubstr("[deployments], verbs: [patch]}"));
}

TEST_F(OperatorRightsTest, NoRoleIsAskedForInANamespaceThatDoesNotExist) {
  refusing_->refused = {"patch deployments"};
  EXPECT_THAT(
      Warning(PlanCreate()).detail,
      AllOf(HasSubstr("[deployments], verbs: [patch]} in a ClusterRole"),
            HasSubstr("only once that namespace exists: for that, create it "
                      "first"),
            Not(HasSubstr("in a Role of"))));
}

TEST_F(OperatorRightsTest, WithoutTheRulesTheServersWordsAreShown) {
  refusing_->tells = false;
  refusing_->refused = {"patch roles", "patch deployments"};
  EXPECT_THAT(Warning(PlanCreate()).detail,
              AllOf(HasSubstr("roles \"wandb-leader-election-role\" ist "
                              "verboten"),
                    HasSubstr("Refused, too:\n  Deployment"),
                    HasSubstr("deployments \"wandb-controller-manager\" ist "
                              "verboten"),
                    Not(HasSubstr("apiGroups"))));
}

TEST_F(OperatorRightsTest, WhatAdmissionForbidsIsNoMissingRight) {
  client_->Put(kube::NamespaceRef("wandb"), {{"kind", "Namespace"}});
  Forbid(Deployment(), "admission webhook \"x\" denied the request");
  refusing_->refused = {"patch roles"};
  EXPECT_THAT(
      Warning(PlanCreate()).detail,
      AllOf(HasSubstr("[roles], verbs: [patch]}"),
            HasSubstr("Refused, too:\n  Deployment"),
            HasSubstr("denied the request"), Not(HasSubstr("[deployments]"))));
}

TEST_F(OperatorRightsTest, ADestroyNamesThoseToDelete) {
  const tf::RawApply created = Create();
  refusing_->refused = {"delete deployments", "delete roles"};
  EXPECT_THAT(
      Text(Change(created.state, Nothing(), created.private_data).diags),
      AllOf(HasSubstr("Cannot delete Deployment"),
            HasSubstr("[deployments], verbs: [delete]}"),
            HasSubstr("[roles], verbs: [delete]}"),
            Not(HasSubstr("customresourcedefinitions"))));
}

TEST_F(OperatorRightsTest, ARefreshNamesThoseToRead) {
  const tf::RawApply created = Create();
  refusing_->refused = {"get namespaces", "get deployments", "patch roles"};
  EXPECT_THAT(Text(Read(created.state, created.private_data).diags),
              AllOf(HasSubstr("[namespaces], verbs: [get]"),
                    HasSubstr("[deployments], verbs: [get]"),
                    Not(HasSubstr("[roles]"))));
  // One is said as ever.
  refusing_->refused = {"get deployments"};
  EXPECT_THAT(Text(Read(created.state, created.private_data).diags),
              HasSubstr("resourceNames: [wandb-controller-manager]"));
}

}  // namespace
}  // namespace resources
