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

TEST(Path, LeadsToAValue) {
  const Value root = Value::Object(
      {{"list", Value::List(Type::String(), {Value::String("x")})},
       {"map", Value::Map(Type::Number(), {{"k", Value::Int(1)}})},
       {"tuple", Value::Tuple({Value::Bool(true), Value()})},
       {"set", Value::Set(Type::String(), {Value::String("x")})},
       {"null", Value::Null(Type::Object({{"a", Type::String()}}))},
       {"unknown", Value::Unknown(Type::List(Type::String()))}});
  EXPECT_EQ(ValueAt(root, Path()), root);
  EXPECT_EQ(ValueAt(root, Path("list").Index(0)), Value::String("x"));
  EXPECT_EQ(ValueAt(root, Path("map").Key("k")), Value::Int(1));
  EXPECT_EQ(ValueAt(root, Path("tuple").Index(1)), Value());
  EXPECT_TRUE(ValueAt(root, Path("null")).has_value());
  for (const Path& path :
       {Path("none"), Path("list").Index(1), Path("list").Index(-1),
        Path("list").Key("x"), Path("map").Key("z"), Path("map").Attribute("k"),
        Path("set").Index(0), Path("null").Attribute("a"),
        Path("unknown").Index(0), Path().Key("list")}) {
    EXPECT_FALSE(ValueAt(root, path).has_value()) << path.ToString();
  }
}

}  // namespace
}  // namespace cty
