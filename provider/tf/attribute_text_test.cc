#include "provider/tf/attribute_text.h"

#include "gtest/gtest.h"

namespace tf {
namespace {

std::string Text(AttributeSpec spec, cty::Type type = cty::Type::String()) {
  return AttributeText({"name", std::move(type), nullptr, std::move(spec)});
}

TEST(AttributeTextTest, SaysWhatTheDocLeavesOut) {
  EXPECT_EQ(Text({.doc = "Text."}), "Text.");
  EXPECT_EQ(Text({.fallback = cty::Value::String("a b"), .doc = "Text."}),
            "Text. Default `a b`.");
  EXPECT_EQ(Text({.fallback = cty::Value::String(""), .doc = "Text."}),
            "Text. Default `\"\"`.");
  EXPECT_EQ(Text({.fallback = cty::Value::Bool(true), .doc = "Text."},
                 cty::Type::Bool()),
            "Text. Default `true`.");
  EXPECT_EQ(Text({.doc = "Text.", .allowed = {"a", "b"}}),
            "Text. One of `a`, `b`.");
  EXPECT_EQ(Text({.replace_on_change = true, .doc = "Text."}),
            "Text. A change forces a new resource.");
}

TEST(AttributeTextTest, WhatTheDocNamesIsNotSaidTwice) {
  EXPECT_EQ(Text({.fallback = cty::Value::String("a"),
                  .doc = "Either `a` (default) or `b`.",
                  .allowed = {"a", "b"}}),
            "Either `a` (default) or `b`.");
}

}  // namespace
}  // namespace tf
