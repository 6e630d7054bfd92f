#include "wandb/operator/generation.h"

#include "gtest/gtest.h"
#include "wandb/operator/manifests.h"

namespace wandb {
namespace {

using base::Json;

// The definition that this provider writes, as a server stores it.
Json StoredV1() {
  Json crd = OperatorCrd();
  crd["spec"]["conversion"] = {{"strategy", "None"}};
  crd["status"]["storedVersions"] = {"v1"};
  return crd;
}

Json Version(const char* name, bool storage) {
  return {{"name", name}, {"served", true}, {"storage", storage}};
}

TEST(OperatorGeneration, TheDefinitionOfV1HasNoSignOfV2) {
  EXPECT_FALSE(IsOperatorV2(OperatorCrd()));
  EXPECT_FALSE(IsOperatorV2(StoredV1()));
}

TEST(OperatorGeneration, StoringV2IsASign) {
  Json crd = StoredV1();
  crd["spec"]["versions"][0]["storage"] = false;
  crd["spec"]["versions"].push_back(Version("v2", true));
  EXPECT_TRUE(IsOperatorV2(crd));
}

TEST(OperatorGeneration, ConversionByWebhookIsASign) {
  Json crd = StoredV1();
  crd["spec"]["conversion"]["strategy"] = "Webhook";
  EXPECT_TRUE(IsOperatorV2(crd));
}

TEST(OperatorGeneration, ObjectsStoredAsV2AreASign) {
  Json crd = StoredV1();
  crd["status"]["storedVersions"] = {"v1", "v2"};
  EXPECT_TRUE(IsOperatorV2(crd));
}

TEST(OperatorGeneration, AnotherVersionOrOneThatIsOnlyServedIsNone) {
  Json crd = StoredV1();
  crd["spec"]["versions"].push_back(Version("v2", false));
  EXPECT_FALSE(IsOperatorV2(crd));
  crd["spec"]["versions"][0]["storage"] = false;
  crd["spec"]["versions"].push_back(Version("v2alpha1", true));
  crd["status"]["storedVersions"] = {"v1", "v2alpha1"};
  EXPECT_FALSE(IsOperatorV2(crd));
}

TEST(OperatorGeneration, AnythingElseIsNone) {
  for (const Json& json :
       {Json(), Json("v2"), Json::array(), Json::object(),
        Json{{"spec", {{"versions", "v2"}, {"conversion", "Webhook"}}},
             {"status", {{"storedVersions", {{"v2", true}}}}}},
        Json{{"spec", {{"versions", {"v2", nullptr, 2}}}}}}) {
    EXPECT_FALSE(IsOperatorV2(json)) << json;
  }
}

}  // namespace
}  // namespace wandb
