#include "base/edit_distance.h"

#include "gtest/gtest.h"

namespace base {
namespace {

TEST(EditDistanceTest, CountsEachKindOfEditOnce) {
  EXPECT_EQ(EditDistance("abc", "abc"), 0U);
  EXPECT_EQ(EditDistance("abc", "abxc"), 1U);
  EXPECT_EQ(EditDistance("abc", "ac"), 1U);
  EXPECT_EQ(EditDistance("abc", "axc"), 1U);
  EXPECT_EQ(EditDistance("abc", "acb"), 1U);
  EXPECT_EQ(EditDistance("", "abc"), 3U);
}

TEST(NearestWordTest, IsNoneThatIsTooFarAway) {
  EXPECT_EQ(NearestWord("wandb-tset", {"dev", "wandb-prod", "wandb-test"}),
            "wandb-test");
  EXPECT_EQ(NearestWord("nope", {"wandb-test"}), "");
  EXPECT_EQ(NearestWord("x", {}), "");
  EXPECT_EQ(NearestWord(std::string(300, 'x'), {std::string(300, 'x')}), "");
}

}  // namespace
}  // namespace base
