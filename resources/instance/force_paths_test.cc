#include "resources/instance/force_paths.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace resources {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ForcePath, IsAPathOfConfiguredValuesOrOneFromTheRoot) {
  const struct {
    const char* text;
    kube::KeyPath path;
  } kCases[] = {
      {"global.host", {"spec", "values", "global", "host"}},
      {R"(a["b.c/d"])", {"spec", "values", "a", "b.c/d"}},
      {R"(["a.b"].c)", {"spec", "values", "a.b", "c"}},
      {"spec.chart", {"spec", "values", "spec", "chart"}},
      {".spec.chart.version", {"spec", "chart", "version"}},
      {".spec.values", {"spec", "values"}},
      {".spec", {"spec"}},
      {".metadata.labels.team", {"metadata", "labels", "team"}},
      {R"(.metadata.annotations["a.b/c"])",
       {"metadata", "annotations", "a.b/c"}},
  };
  for (const auto& test : kCases) {
    const auto path = ParseForcePath(test.text);
    ASSERT_TRUE(path.ok()) << test.text << ": " << path.status();
    EXPECT_EQ(*path, test.path) << test.text;
    EXPECT_EQ(ForcePathText(*path), test.text);
  }
  // Both spellings of a value mean the same; one is printed.
  EXPECT_EQ(*ParseForcePath(".spec.values.a.b"), *ParseForcePath("a.b"));
  EXPECT_EQ(ForcePathText(*ParseForcePath(".spec.values.a.b")), "a.b");
}

TEST(ForcePath, RefusesWhatNoConflictCanBe) {
  for (const char* text :
       {"", ".", "a..b", "a.", "..a", "a b", "a[", "l[0]", "l[0].x", ".status",
        ".metadata", ".metadata.name", ".metadata.finalizers", ".kind"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseForcePath(text).status())) << text;
  }
}

TEST(ForcePath, DiagnosticNamesTheElement) {
  tf::Diagnostics diags;
  ForcePath()(cty::Value::String("l[0]"),
              cty::Path("force_conflict_paths").Index(3), diags);
  ASSERT_TRUE(diags.HasError());
  EXPECT_THAT(diags.items()[0].detail,
              AllOf(HasSubstr("force_conflict_paths[3]"), HasSubstr("l[0]"),
                    HasSubstr("list")));
  tf::Diagnostics none;
  ForcePath()(cty::Value::String("global.host"), cty::Path("x"), none);
  EXPECT_FALSE(none.HasError());
}

}  // namespace
}  // namespace resources
