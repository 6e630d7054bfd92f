#include "base/never_destroyed.h"

#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

struct Counted {
  Counted(int* destroyed_count, std::string said)
      : destroyed(destroyed_count), text(std::move(said)) {}
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { ++*destroyed; }

  int* destroyed;
  std::string text;
};

TEST(NeverDestroyedTest, HoldsWhatItsArgumentsMake) {
  // Short enough to lie in the string itself: nothing leaks here.
  const NeverDestroyed<std::string> text(3, 'x');
  EXPECT_EQ(*text, "xxx");
  EXPECT_EQ(text->size(), 3U);
}

TEST(NeverDestroyedTest, OutlivesItsScope) {
  int destroyed = 0;
  {
    NeverDestroyed<Counted> counted(&destroyed, "short");
    counted->text += "er";
    EXPECT_EQ((*counted).text, "shorter");
  }
  EXPECT_EQ(destroyed, 0);
}

}  // namespace
}  // namespace base
