#include "resources/values.h"

#include "gtest/gtest.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using wandb::Unknown;

TEST(TreeOfTest, KnownValuesBecomePlainJson) {
  const auto tree = TreeOf(cty::Value::Object(
      {{"s", cty::Value::String("x")},
       {"n", cty::Value::Int(3)},
       {"b", cty::Value::Bool(true)},
       {"null", cty::Value()},
       {"t", cty::Value::Tuple({cty::Value::Int(1)})},
       {"m", cty::Value::Map(cty::Type::String(),
                             {{"k", cty::Value::String("v")}})}}));
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(*tree, Json({{"s", "x"},
                         {"n", 3},
                         {"b", true},
                         {"null", nullptr},
                         {"t", {1}},
                         {"m", {{"k", "v"}}}}));
}

TEST(TreeOfTest, UnknownPrimitivesAreLeavesAndOthersShapes) {
  const auto kind = [](const cty::Type& type) {
    return wandb::UnknownKind(TreeOf(cty::Value::Unknown(type)).value());
  };
  EXPECT_EQ(kind(cty::Type::String()), Unknown::kString);
  EXPECT_EQ(kind(cty::Type::Number()), Unknown::kNumber);
  EXPECT_EQ(kind(cty::Type::Bool()), Unknown::kBool);
  EXPECT_EQ(kind(cty::Type::Dynamic()), Unknown::kShape);
  EXPECT_EQ(kind(cty::Type::Map(cty::Type::String())), Unknown::kShape);
  EXPECT_EQ(kind(cty::Type::Object({})), Unknown::kShape);
}

TEST(TreeOfTest, StringAttributeKeepsItsState) {
  EXPECT_EQ(TreeOf(tf::Attr<std::string>()), Json());
  EXPECT_EQ(TreeOf(tf::Attr<std::string>(std::string("x"))), Json("x"));
  EXPECT_EQ(wandb::UnknownKind(TreeOf(tf::Attr<std::string>::Unknown())),
            Unknown::kString);
}

TEST(StringMapTest, ElementsWithoutTextAreUnknown) {
  const cty::Type string = cty::Type::String();
  EXPECT_EQ(StringMap({{"a", "x"}, {"b", std::nullopt}}),
            cty::Value::Map(string, {{"a", cty::Value::String("x")},
                                     {"b", cty::Value::Unknown(string)}}));
  EXPECT_TRUE(StringMap({}).IsKnown());
  EXPECT_TRUE(UnknownStringMap().IsUnknown());
  EXPECT_TRUE(NullStringMap().IsNull());
  EXPECT_EQ(UnknownStringMap().type(), StringMap({}).type());
  EXPECT_EQ(NullStringMap().type(), StringMap({}).type());
}

}  // namespace
}  // namespace resources
