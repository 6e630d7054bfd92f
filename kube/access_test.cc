#include "kube/access.h"

#include "gtest/gtest.h"

namespace kube {
namespace {

OwnRules Rules(const char* json) {
  return OwnRulesOf(*base::ParseJson(json, "test"));
}

TEST(OwnRules, GiveWhatARuleNames) {
  const OwnRules own = Rules(R"({"status": {"incomplete": false,
    "resourceRules": [
      {"verbs": ["get", "list"], "apiGroups": ["apps"],
       "resources": ["deployments"]},
      {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"],
       "resourceNames": ["mine"]},
      {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*/log"]}]}})");
  EXPECT_TRUE(own.complete);
  EXPECT_TRUE(own.Give({"list", "apps", "deployments", "ns", ""}));
  EXPECT_TRUE(own.Give({"get", "apps", "deployments", "ns", "x"}));
  EXPECT_FALSE(own.Give({"watch", "apps", "deployments", "ns", ""}));
  EXPECT_FALSE(own.Give({"list", "", "deployments", "ns", ""}));
  EXPECT_TRUE(own.Give({"get", "", "secrets", "ns", "mine"}));
  EXPECT_FALSE(own.Give({"get", "", "secrets", "ns", "other"}));
  EXPECT_FALSE(own.Give({"get", "", "secrets", "ns", ""}));
  EXPECT_TRUE(own.Give({"get", "", "pods/log", "ns", "x"}));
  EXPECT_FALSE(own.Give({"get", "", "pods", "ns", "x"}));
}

TEST(OwnRules, OfEverythingGiveEverything) {
  const OwnRules own = Rules(R"({"status": {"resourceRules": [
      {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]}})");
  EXPECT_TRUE(own.complete);
  EXPECT_TRUE(own.Give({"watch", "apps", "deployments", "ns", ""}));
}

TEST(OwnRules, AreNotCompleteUnlessTheServerSaysSoOfAList) {
  EXPECT_FALSE(Rules(R"({"status": {"resourceRules": [], "incomplete": true}})")
                   .complete);
  for (const char* odd : {"{}", R"({"status": {"resourceRules": {}}})",
                          R"({"status": {"resourceRules": null}})"}) {
    EXPECT_FALSE(Rules(odd).complete) << odd;
  }
  EXPECT_FALSE(Rules(R"({"status": {"resourceRules": [1, {"verbs": [1]}]}})")
                   .Give({"get", "", "pods", "ns", ""}));
}

}  // namespace
}  // namespace kube
