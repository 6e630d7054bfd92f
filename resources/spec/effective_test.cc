#include "resources/spec/effective.h"

#include <gtest/gtest.h>

#include "wandb/chart/mask.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;

const wandb::Mask kNoMask;

TEST(LeafMapTest, UnknownLeavesAreUnknownElements) {
  const cty::Value leaves = LeafMap(
      {{"a", wandb::MakeUnknown(wandb::Unknown::kNumber)}, {"b", 1}}, kNoMask);
  EXPECT_TRUE(leaves.IsKnown());
  EXPECT_EQ(leaves.At("a"), cty::Value::Unknown(cty::Type::String()));
  EXPECT_EQ(leaves.At("b"), cty::Value::String("1"));
  EXPECT_TRUE(
      LeafMap({{"a", wandb::MakeUnknown(wandb::Unknown::kShape)}}, kNoMask)
          .IsUnknown());
}

TEST(LeafMapTest, NoValuesHaveNoLeaves) {
  EXPECT_EQ(LeafMap(nullptr, kNoMask),
            cty::Value::Map(cty::Type::String(), {}));
  EXPECT_EQ(LeafMap(Json::object(), kNoMask),
            cty::Value::Map(cty::Type::String(), {}));
}

}  // namespace
}  // namespace resources
