#include "provider/cty/path.h"

#include <gtest/gtest.h>

namespace cty {
namespace {

TEST(Path, ReadsLikeHcl) {
  EXPECT_EQ(Path().ToString(), "");
  EXPECT_EQ(Path("image").Attribute("tag").ToString(), "image.tag");
  EXPECT_EQ(Path("labels").Key("a.b/c").ToString(), "labels[\"a.b/c\"]");
  EXPECT_EQ(Path("values_yaml").Index(0).ToString(), "values_yaml[0]");
  EXPECT_EQ(Path("m").Key("a\"\\${b}%{\n$").ToString(),
            "m[\"a\\\"\\\\$${b}%%{\\n$\"]");
}

TEST(Path, OrdersBySteps) {
  EXPECT_LT(Path("a"), Path("b"));
  EXPECT_LT(Path("a"), Path("a").Index(0));
  EXPECT_LT(Path("a").Index(1), Path("a").Index(2));
  EXPECT_EQ(Path("a").Key("x"), Path("a").Key("x"));
  EXPECT_FALSE(Path("a").Key("x") == Path("a").Attribute("x"));
}

}  // namespace
}  // namespace cty
