#include "wandb/operator/role_rules.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/operator/manager_rules.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Json Rule(const Json& groups, const Json& resources, const Json& verbs) {
  return {{"apiGroups", groups}, {"resources", resources}, {"verbs", verbs}};
}

OperatorSettings With(std::vector<Json> added, std::vector<Json> dropped,
                      bool isolated = false) {
  OperatorSettings settings;
  settings.namespace_isolation = isolated;
  settings.added_rules = std::move(added);
  settings.dropped_rules = std::move(dropped);
  return settings;
}

Json Traefik() { return Rule({"traefik.io"}, {"middlewares"}, {"*"}); }

// Whether the rules give `verb` of `resource`, without regard to the group.
bool Gives(const Json& rules, const std::string& resource,
           const std::string& verb) {
  for (const Json& rule : rules) {
    const Json resources = rule.value("resources", Json::array());
    for (const Json& name : resources) {
      for (const Json& each : rule["verbs"]) {
        if (name == resource && each == verb) return true;
      }
    }
  }
  return false;
}

TEST(RulesOfManagerTest, AreThoseOfTheChartWhereNothingIsSaid) {
  for (const bool isolated : {true, false}) {
    EXPECT_EQ(RulesOfManager(With({}, {}, isolated)), ManagerRules(isolated));
  }
}

TEST(RulesOfManagerTest, AVerbThatIsDroppedLeavesTheOthersAndTheNeighbours) {
  const Json rules = RulesOfManager(
      With({}, {Rule({""}, {"secrets", "events"}, {"delete", "create"})}));
  EXPECT_FALSE(Gives(rules, "secrets", "delete"));
  EXPECT_TRUE(Gives(rules, "secrets", "get"));
  EXPECT_TRUE(Gives(rules, "configmaps", "delete"));
  // The rule became two, in its place.
  EXPECT_EQ(rules.size(), ManagerRules(false).size() + 1);
  EXPECT_EQ(rules[1]["resources"], Json({"secrets", "events"}));
}

TEST(RulesOfManagerTest, AGroupGoesAsAWhole) {
  const Json rules =
      RulesOfManager(With({Traefik()}, {{{"apiGroups", {"apps", "keda.sh"}}},
                                        {{"nonResourceURLs", {"/metrics"}}}}));
  EXPECT_EQ(rules.size(), ManagerRules(false).size() - 3);
  EXPECT_EQ(rules.back(), Traefik());
  EXPECT_FALSE(Gives(rules, "deployments/status", "get"));
}

TEST(CheckRoleRulesTest, SaysWhichRuleIsWrongAndWhatThereIs) {
  const struct {
    OperatorSettings settings;
    const char* start;
    const char* part;
  } kCases[] = {
      {With({Traefik(), Rule({""}, {"pods"}, Json::array())}, {}),
       "role_rules.add[1]: has no verbs", "get"},
      {With({Rule({""}, {"pods"}, {""})}, {}), "role_rules.add[0]: ", "empty"},
      {With({{{"apiGroups", {""}}, {"verbs", {"get"}}}}, {}),
       "role_rules.add[0]: ", "api_groups and resources"},
      {With({{{"nonResourceURLs", {"/x"}},
              {"apiGroups", {""}},
              {"verbs", {"get"}}}},
            {}),
       "role_rules.add[0]: ", "two rules"},
      {With({{{"nonResourceURLs", {"x"}}, {"verbs", {"get"}}}}, {}),
       "role_rules.add[0]: ", "slash"},
      {With({{{"nonResourceURLs", {"/x"}}, {"verbs", {"get"}}}}, {}, true),
       "role_rules.add[0]: ", "namespace_isolation"},
      {With({}, {Json::object()}), "role_rules.drop[0]: ", "api_groups"},
      {With({}, {{{"apiGroups", {""}}, {"nonResourceURLs", {"/metrics"}}}}),
       "role_rules.drop[0]: ", "not both"},
      {With({}, {{{"apiGroups", {"apps"}}, {"resources", Json::array()}}}),
       "role_rules.drop[0]: has an empty list", "leave it out"},
      {With({}, {{{"apiGroups", {"batch"}}}, {{"apiGroups", {"bach"}}}}),
       "role_rules.drop[1]: drops nothing by API group \"bach\"",
       "autoscaling, batch, "},
      {With({}, {Rule({"batch"}, {"job"}, {"get"})}),
       "role_rules.drop[0]: drops nothing by resource \"job\"",
       "There are cronjobs, jobs"},
      {With({}, {Rule({"events.k8s.io"}, {"events"}, {"get"})}),
       "role_rules.drop[0]: drops nothing by verb \"get\"",
       "There are list, watch"},
      {With({}, {{{"nonResourceURLs", {"/logs"}}}}),
       "role_rules.drop[0]: drops nothing by URL \"/logs\"",
       "There is /metrics"},
      // No Role has it.
      {With({},
            {{{"apiGroups", {"rbac.authorization.k8s.io"}},
              {"resources", {"clusterroles"}}}},
            true),
       "role_rules.drop[0]: drops nothing by resource", "rolebindings, roles"},
  };
  for (const auto& each : kCases) {
    const absl::Status status = CheckOperatorSettings(each.settings);
    EXPECT_THAT(std::string(status.message()), StartsWith(each.start));
    EXPECT_THAT(std::string(status.message()), HasSubstr(each.part));
  }
  EXPECT_TRUE(CheckOperatorSettings(
                  With({Traefik()}, {{{"apiGroups", {"", "apps"}}},
                                     Rule({"batch"}, {"jobs"}, {"delete"})}))
                  .ok());
}

TEST(NeededRightsDroppedTest, AreThoseThatNoOtherRuleGives) {
  const Json dropped = {{"apiGroups", {"apps.wandb.com"}},
                        {"resources", {"weightsandbiases/status"}}};
  EXPECT_THAT(NeededRightsDropped({}), IsEmpty());
  EXPECT_THAT(NeededRightsDropped(With({}, {dropped})),
              ElementsAre("update of weightsandbiases/status "
                          "(apps.wandb.com)"));
  EXPECT_THAT(NeededRightsDropped(
                  With({Rule({"apps.wandb.com"}, {"*"}, {"*"})}, {dropped})),
              IsEmpty());
  Json named = Rule({"apps.wandb.com"}, {"*"}, {"*"});
  named["resourceNames"] = {"x"};
  EXPECT_EQ(NeededRightsDropped(With({named}, {dropped})).size(), 1u);
}

TEST(ReadRoleRulesTest, WhatIsReadGivesTheSameRules) {
  const std::vector<OperatorSettings> all = {
      {},
      With({Traefik()}, {}),
      With({}, {Rule({""}, {"secrets", "events"}, {"delete"})}),
      With({{{"nonResourceURLs", {"/x"}}, {"verbs", {"get"}}}},
           {{{"apiGroups", {""}}}, {{"nonResourceURLs", {"/metrics"}}}}),
      With({Rule({""}, {"secrets"}, {"get"})},
           {{{"apiGroups", {""}}, {"resources", {"secrets"}}}}, true),
  };
  for (const OperatorSettings& made : all) {
    const Json rules = RulesOfManager(made);
    OperatorSettings read;
    read.namespace_isolation = made.namespace_isolation;
    ReadRoleRules({{"rules", rules}}, read);
    EXPECT_EQ(RulesOfManager(read), rules) << rules.dump();
    EXPECT_TRUE(CheckOperatorSettings(read).ok()) << rules.dump();
    EXPECT_EQ(read.added_rules, made.added_rules) << rules.dump();
  }
}

// The chart's role.rules may be any list.
TEST(ReadRoleRulesTest, AListOfOnesOwnIsWhatIsLeftAndTheRest) {
  const Json rules =
      Json::array({Rule({""}, {"secrets", "pods"}, {"get"}), Traefik(),
                   Rule({"batch"}, {"cronjobs", "jobs"}, {"get", "list"})});
  OperatorSettings read;
  ReadRoleRules({{"rules", rules}}, read);
  EXPECT_TRUE(CheckOperatorSettings(read).ok());
  EXPECT_EQ(RulesOfManager(read), rules);
}

TEST(ReadRoleRulesTest, ARoleWithoutRulesSaysNothing) {
  OperatorSettings read;
  ReadRoleRules({{"rules", Json::array()}}, read);
  EXPECT_THAT(read.dropped_rules, IsEmpty());
}

}  // namespace
}  // namespace wandb
