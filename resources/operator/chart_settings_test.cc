// What W&B's chart can set of the operator, as attributes.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/operator_plan_fixture.h"

namespace resources {
namespace {

using base::Json;
using testing::HasSubstr;

class ChartSettingsTest : public OperatorPlanTest {
 protected:
  Json Pod() const {
    return client_->Stored(Deployment())["spec"]["template"]["spec"];
  }
  static kube::ObjectRef Rbac(const std::string& resource,
                              const std::string& ns, const std::string& name) {
    return {"rbac.authorization.k8s.io", "v1", resource, ns, name};
  }
  static kube::ObjectRef Account(const std::string& name) {
    return {"", "v1", "serviceaccounts", "wandb", name};
  }
  bool Exists(const kube::ObjectRef& ref) const {
    return !client_->Stored(ref).is_null();
  }
  // Applies, and expects the plan after that to be empty.
  tf::RawApply Settle(const cty::Value& prior, const Fields& fields,
                      const Json& private_data) const {
    const cty::Value config = Make(fields);
    const tf::RawApply apply = Change(prior, config, private_data);
    EXPECT_FALSE(apply.diags.HasError()) << Text(apply.diags);
    const tf::RawRead read = Read(apply.state, apply.private_data);
    EXPECT_EQ(read.state, apply.state);
    EXPECT_EQ(Plan(read.state, config, read.private_data).planned, read.state);
    return apply;
  }
};

TEST_F(ChartSettingsTest, NestedOnesBecomeWhatKubernetesHas) {
  Settle(
      Nothing(),
      {{"security_context",
        Of("security_context", {{"allow_privilege_escalation", false},
                                {"capabilities", {{"drop", {"ALL"}}}}})},
       {"extra_env",
        Of("extra_env",
           Json::array(
               {{{"name", "URL"},
                 {"value_from",
                  {{"config_map_key_ref",
                    {{"name", "a"}, {"key", "b"}, {"optional", true}}}}}}}))},
       {"tolerations",
        Of("tolerations", Json::array({{{"key", "a"},
                                        {"toleration_seconds", 7},
                                        {"effect", "NoExecute"}}}))}},
      Json::object());
  const Json container = Pod()["containers"][0];
  EXPECT_EQ(container["securityContext"],
            (Json{{"allowPrivilegeEscalation", false},
                  {"capabilities", {{"drop", {"ALL"}}}}}));
  EXPECT_EQ(container["env"][0],
            (Json{{"name", "URL"},
                  {"valueFrom",
                   {{"configMapKeyRef",
                     {{"name", "a"}, {"key", "b"}, {"optional", true}}}}}}));
  EXPECT_EQ(
      Pod()["tolerations"],
      Json::array(
          {{{"key", "a"}, {"tolerationSeconds", 7}, {"effect", "NoExecute"}}}));
}

TEST_F(ChartSettingsTest, WhatKubernetesRefusesIsAnErrorOfThePlan) {
  const struct {
    std::string attribute;
    Json value;
    std::string text;
  } kBad[] = {
      {"tolerations", Json::array({{{"value", "x"}}}), "tolerations[0]: "},
      {"resources",
       {{"requests", {{"cpu", "2"}}}, {"limits", {{"cpu", "1"}}}},
       "resources.requests[\"cpu\"]: "},
      {"affinity", {{"x", Json::object()}}, "affinity.x: "},
      {"charts", {{"a", "H4sI"}}, "charts[\"a\"]: "},
      {"security_context",
       {{"seccomp_profile", {{"type", "Localhost"}}}},
       "security_context.seccomp_profile.localhost_profile: "},
      {"role_rules",
       {{"drop", Json::array({{{"api_groups", {"kdea.sh"}}}})}},
       "role_rules.drop[0]: drops nothing by API group \"kdea.sh\""},
  };
  for (const auto& [attribute, value, text] : kBad) {
    const tf::RawPlan plan =
        Plan(Nothing(), Make({{attribute, Of(attribute, value)}}));
    EXPECT_TRUE(plan.diags.HasError()) << attribute;
    EXPECT_THAT(Text(plan.diags), HasSubstr(text));
  }
}

TEST_F(ChartSettingsTest, AnUnknownInsideLeavesTheRestAsItIs) {
  Fields toleration =
      Of("tolerations", Json::array({{{"key", "a"}}})).elements()[0].fields();
  toleration["value"] = UnknownStr();
  const cty::Type type =
      tf::Codec<OperatorModel>::type().attributes().at("tolerations");
  const cty::Value tolerations = cty::Value::List(
      type.element(), {cty::Value::ObjectOf(type.element(), toleration)});
  const tf::RawPlan plan = PlanCreate({{"tolerations", tolerations}});
  ASSERT_FALSE(plan.diags.HasError()) << Text(plan.diags);
  EXPECT_EQ(plan.planned.At("tolerations"), tolerations);
  EXPECT_TRUE(plan.planned.At("objects").IsUnknown());
}

TEST_F(ChartSettingsTest, RightsOfTheManagerComeAndGo) {
  const auto rules = [](const Json& value) -> Fields {
    return {{"role_rules", Of("role_rules", value)}};
  };
  const kube::ObjectRef ref = Rbac("clusterroles", "", "wandb-manager-role");
  const tf::RawApply plain = Settle(Nothing(), {}, Json::object());
  EXPECT_TRUE(plain.state.At("role_rules").IsNull());
  const Json before = client_->Stored(ref)["rules"];
  const tf::RawApply changed =
      Settle(plain.state,
             rules({{"add", Json::array({{{"api_groups", {"traefik.io"}},
                                          {"resources", {"middlewares"}},
                                          {"verbs", {"get"}}}})},
                    {"drop", Json::array({{{"api_groups", {"keda.sh"}}}})}}),
             plain.private_data);
  const Json now = client_->Stored(ref)["rules"];
  ASSERT_EQ(now.size(), before.size());
  EXPECT_EQ(now.back(), (Json{{"apiGroups", {"traefik.io"}},
                              {"resources", {"middlewares"}},
                              {"verbs", {"get"}}}));
  // One that says nothing is none.
  const tf::RawApply empty =
      Settle(changed.state, rules(Json::object()), changed.private_data);
  EXPECT_EQ(client_->Stored(ref)["rules"], before);
  Settle(empty.state, {}, empty.private_data);
}

TEST_F(ChartSettingsTest, ARightThatTheOperatorNeedsIsWarnedOf) {
  const auto text = [&](const std::string& resource) {
    tf::Diagnostics diags;
    resource_->Validate(
        Make({{"role_rules",
               Of("role_rules", {{"drop", Json::array({{
                                              {"api_groups", {""}},
                                              {"resources", {resource}},
                                          }})}})}}),
        diags);
    EXPECT_FALSE(diags.HasError()) << Text(diags);
    return Text(diags);
  };
  EXPECT_THAT(text("secrets"), HasSubstr("watch of secrets"));
  EXPECT_EQ(text("nodes/proxy"), "");
}

TEST_F(ChartSettingsTest, IsolationPutsRolesInPlaceOfTheClusterRoleAndBack) {
  const Fields isolated = {
      {"namespace_isolation",
       Of("namespace_isolation",
          {{"enabled", true}, {"additional_namespaces", {"team-a"}}})}};
  const kube::ObjectRef cluster =
      Rbac("clusterroles", "", "wandb-manager-role");
  const kube::ObjectRef binding =
      Rbac("clusterrolebindings", "", "wandb-manager-rolebinding");
  const kube::ObjectRef role = Rbac("roles", "team-a", "wandb-manager-role");
  const tf::RawApply wide = Settle(Nothing(), {}, Json::object());
  EXPECT_TRUE(Exists(cluster) && Exists(binding));
  const tf::RawApply narrow = Settle(wide.state, isolated, wide.private_data);
  EXPECT_FALSE(Exists(cluster) || Exists(binding));
  EXPECT_TRUE(Exists(role));
  const tf::RawApply again = Settle(narrow.state, {}, narrow.private_data);
  EXPECT_TRUE(Exists(cluster) && Exists(binding));
  EXPECT_FALSE(Exists(role));
}

TEST_F(ChartSettingsTest, RightsThatOthersHaveByTheClusterRoleStay) {
  const tf::RawApply wide = Settle(Nothing(), {}, Json::object());
  const kube::ObjectRef ref =
      Rbac("clusterrolebindings", "", "wandb-manager-rolebinding");
  Json live = client_->Stored(ref);
  live["subjects"].push_back({{"kind", "Group"}, {"name", "ops"}});
  client_->Put(ref, live, "kubectl");
  Settle(
      wide.state,
      {{"namespace_isolation", Of("namespace_isolation", {{"enabled", true}})}},
      wide.private_data);
  EXPECT_TRUE(Exists(ref));
  EXPECT_TRUE(Exists(Rbac("clusterroles", "", "wandb-manager-role")));
}

TEST_F(ChartSettingsTest, AnAccountThatIsGivenUpLosesItsRightsAndGoes) {
  const tf::RawApply made = Settle(Nothing(), {}, Json::object());
  const tf::RawApply renamed =
      Settle(made.state,
             {{"service_account", Of("service_account", {{"name", "own"}})}},
             made.private_data);
  EXPECT_TRUE(Exists(Account("own")));
  EXPECT_FALSE(Exists(Account("wandb-manager")));
  const kube::ObjectRef ref =
      Rbac("clusterrolebindings", "", "wandb-manager-rolebinding");
  const Json subjects = client_->Stored(ref)["subjects"];
  ASSERT_EQ(subjects.size(), 1u) << subjects.dump();
  EXPECT_EQ(subjects[0]["name"], "own");
  const tf::RawApply gone =
      Change(renamed.state, Nothing(), renamed.private_data);
  EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
  EXPECT_FALSE(Exists(ref));
}

TEST_F(ChartSettingsTest, LabelsOfTheNamespaceFollowTheConfiguration) {
  const tf::RawApply made = Settle(
      Nothing(), {{"namespace_labels", Of("namespace_labels", {{"a", "1"}})}},
      Json::object());
  Settle(made.state,
         {{"namespace_labels", Of("namespace_labels", {{"b", "2"}})}},
         made.private_data);
  const Json labels =
      client_->Stored(kube::NamespaceRef("wandb"))["metadata"]["labels"];
  EXPECT_FALSE(labels.contains("a"));
  EXPECT_EQ(labels["b"], "2");
}

}  // namespace
}  // namespace resources
