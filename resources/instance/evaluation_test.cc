#include "resources/instance/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace resources {
namespace {

TEST(OperatorNamespaceTest, IsTheFirstPartOfTheId) {
  InstanceModel model;
  EXPECT_EQ(OperatorNamespace(model), "wandb");
  model.operator_id = std::string("ops/wandb");
  EXPECT_EQ(OperatorNamespace(model), "ops");
  model.operator_id = tf::Attr<std::string>::Unknown();
  EXPECT_EQ(OperatorNamespace(model), "wandb");
}

TEST(EvaluateOverTest, ANullThatTheMapOfOthersOutlivesIsSaid) {
  InstanceModel model;
  model.values = cty::Value::Object(
      {{"app", cty::Value::Object(
                   {{"resources", cty::Value::Null(cty::Type::String())}})}});
  const Desired desired(model);
  RecordedLayers layers;
  const auto found = [&](const base::Json& resources) {
    layers.others =
        wandb::SpecLayer{.values = {{"app", {{"resources", resources}}}}};
    for (const wandb::Problem& finding :
         EvaluateOver(desired, layers).findings) {
      if (finding.id == "null-without-effect") return finding.path;
    }
    return std::string();
  };
  EXPECT_EQ(found({{"limits", 1}}), "app.resources");
  EXPECT_EQ(found(base::Json::object()), "");
  EXPECT_EQ(found(1), "");
  layers.others.reset();
  EXPECT_THAT(EvaluateOver(desired, layers).findings,
              testing::Not(testing::Contains(
                  testing::Field(&wandb::Problem::id, "null-without-effect"))));
}

TEST(AreAlikeTest, WhatOthersSayNothingOfMakesNoDifference) {
  InstanceModel model;
  model.values = cty::Value::Object(
      {{"app", cty::Value::Object({{"image", cty::Value::String("x")}})}});
  const Desired desired(model);
  const RecordedLayers none;
  RecordedLayers layers;
  layers.others = wandb::SpecLayer{.values = base::Json::object()};
  EXPECT_TRUE(AreAlike(desired, none, layers));
  layers.others->values = {{"app", {{"replicas", 2}}}};
  EXPECT_FALSE(AreAlike(desired, none, layers));
  layers = {.user_input = wandb::SpecLayer{.values = {{"license", "x"}}}};
  EXPECT_FALSE(AreAlike(desired, none, layers));
  layers = {.channel = wandb::SpecLayer{}};
  EXPECT_FALSE(AreAlike(desired, none, layers));
}

}  // namespace
}  // namespace resources
