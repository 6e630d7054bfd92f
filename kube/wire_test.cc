#include "kube/wire.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kube {
namespace {

using ::testing::ElementsAre;

TEST(WarningsOf, ReadsQuotedTexts) {
  EXPECT_THAT(WarningsOf({{"warning", R"(299 - "one")"},
                          {"other", R"(299 - "no")"},
                          {"warning", R"(299 - "say \"two\"", 299 x "three")"},
                          {"warning", "bare"}}),
              ElementsAre("one", "say \"two\"", "three", "bare"));
}

TEST(QueryText, EscapesAndLeavesOutWhatIsEmpty) {
  EXPECT_EQ(QueryText({{"a", "x y&ä"}, {"b", ""}, {"c", "-._"}}),
            "?a=x%20y%26%C3%A4&c=-._");
  EXPECT_EQ(QueryText({{"b", ""}}), "");
}

TEST(SecondsText, RoundsUpAndIsNeverZero) {
  EXPECT_EQ(SecondsText(absl::Seconds(60)), "60s");
  EXPECT_EQ(SecondsText(absl::Milliseconds(1500)), "2s");
  EXPECT_EQ(SecondsText(absl::ZeroDuration()), "1s");
}

}  // namespace
}  // namespace kube
