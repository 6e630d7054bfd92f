#include "wandb/operator/deployment.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/operator/manifests.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

Json With(Json container) {
  container["name"] = "manager";
  return {
      {"spec",
       {{"template",
         {{"spec",
           {{"containers", {{{"name", "proxy"}}, std::move(container)}}}}}}}}};
}

OperatorTraits Env(Json variables) {
  return ReadOperatorDeployment(With({{"env", std::move(variables)}}));
}

OperatorTraits Args(Json arguments) {
  return ReadOperatorDeployment(
      With({{"command", {"/manager"}},
            {"args", std::move(arguments)},
            {"env", {{{"name", "AIRGAPPED"}, {"value", "false"}}}}}));
}

TEST(OperatorDeploymentTest, OursIsUnderstood) {
  for (const bool airgapped : {false, true}) {
    OperatorSettings settings;
    settings.airgapped = airgapped;
    const auto manifests = OperatorManifests(settings);
    for (const Json& manifest : *manifests) {
      if (manifest["kind"] != "Deployment") continue;
      EXPECT_TRUE(IsOperatorDeployment(manifest));
      const OperatorTraits traits = ReadOperatorDeployment(manifest);
      EXPECT_EQ(traits.replicas, 1);
      EXPECT_THAT(traits.airgapped, Optional(airgapped));
      EXPECT_THAT(traits.namespaces, Optional(IsEmpty()));
      EXPECT_TRUE(traits.Watches("anywhere"));
      EXPECT_TRUE(traits.elects_leader);
    }
  }
}

TEST(OperatorDeploymentTest, FlagsGoBeforeTheEnvironment) {
  EXPECT_THAT(Args({"--leader-elect"}).airgapped, Optional(false));
  EXPECT_THAT(Args({"--airgapped"}).airgapped, Optional(true));
  EXPECT_THAT(Args({"-airgapped=T"}).airgapped, Optional(true));
  EXPECT_THAT(Args({"--airgapped", "--airgapped=0"}).airgapped,
              Optional(false));
  EXPECT_THAT(Args({"--airgapped-not"}).airgapped, Optional(false));
}

TEST(OperatorDeploymentTest, TheSwitchOfManagedSpecsIsAFlagOrAVariable) {
  EXPECT_THAT(Args({"--leader-elect"}).managed_spec, Optional(false));
  EXPECT_THAT(Args({"--managed-spec-enabled"}).managed_spec, Optional(true));
  const auto variable = [](const char* text) {
    return Env({{{"name", "MANAGED_SPEC_ENABLED"}, {"value", text}}});
  };
  EXPECT_THAT(variable("true").managed_spec, Optional(true));
  EXPECT_THAT(variable("yes").managed_spec, Optional(false));
  EXPECT_EQ(ReadOperatorDeployment({}).managed_spec, std::nullopt);
}

TEST(OperatorDeploymentTest, IsolationLimitsTheNamespaces) {
  for (const OperatorTraits& traits :
       {Args({"--isolation-namespaces=a, b"}),
        Args({"--isolation-namespaces", "a,b"}),
        Env({{{"name", "ISOLATION_NAMESPACES"}, {"value", "a,b"}}})}) {
    EXPECT_THAT(traits.namespaces, Optional(ElementsAre("a", "b")));
    EXPECT_TRUE(traits.Watches("b"));
    EXPECT_FALSE(traits.Watches("c"));
  }
}

TEST(OperatorDeploymentTest, ValuesFromElsewhereAreNotKnown) {
  const Json from = {{"configMapKeyRef", {{"name", "x"}, {"key", "y"}}}};
  const OperatorTraits traits =
      Env({{{"name", "AIRGAPPED"}, {"valueFrom", from}},
           {{"name", "ISOLATION_NAMESPACES"}, {"valueFrom", from}}});
  EXPECT_EQ(traits.airgapped, std::nullopt);
  EXPECT_EQ(traits.namespaces, std::nullopt);
  EXPECT_TRUE(traits.Watches("c"));
  EXPECT_EQ(ReadOperatorDeployment(
                With({{"envFrom", {{{"secretRef", {{"name", "x"}}}}}}}))
                .airgapped,
            std::nullopt);
  EXPECT_EQ(ReadOperatorDeployment({{"spec", {{"replicas", 0}}}}).replicas, 0);
}

TEST(OperatorDeploymentTest, OthersWithTheSameLabelAreNotTaken) {
  EXPECT_FALSE(IsOperatorDeployment(With({{"image", "example/controller:1"}})));
  EXPECT_FALSE(IsOperatorDeployment({}));
  for (const char* image :
       {"wandb/controller:1.22.0", "mirror.test/x/wandb/controller@sha256:1",
        "quay.io/wandb_tools/wandb-k8s-operator:1"}) {
    EXPECT_TRUE(IsOperatorDeployment(With({{"image", image}})));
  }
}

}  // namespace
}  // namespace wandb
