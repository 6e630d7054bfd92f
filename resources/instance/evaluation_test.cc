#include "resources/instance/evaluation.h"

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

}  // namespace
}  // namespace resources
