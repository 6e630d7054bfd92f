#include "gmock/gmock.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ChecksTest : public InstanceTest {
 protected:
  // "warning values: summary" of a create's plan.
  std::vector<std::string> Says(Fields fields) const {
    std::vector<std::string> said;
    const tf::RawPlan plan = PlanCreate(std::move(fields));
    for (const tf::Diagnostic& diag : plan.diags.items()) {
      said.push_back(absl::StrCat(
          diag.severity == tf::Severity::kError ? "error" : "warning", " ",
          diag.path.has_value() ? diag.path->ToString() : "-", ": ",
          diag.summary));
    }
    return said;
  }
  static cty::Value Values() {
    return Map({{"global", Map({{"hots", Str("x")}})}});
  }
  static cty::Value Levels(const std::string& id, const std::string& level) {
    return cty::Value::Map(kString, {{id, Str(level)}});
  }
};

TEST_F(ChecksTest, WarnUnlessToldOtherwise) {
  EXPECT_THAT(
      Says({{"checks", cty::Value::Null(kString)}, {"values", Values()}}),
      ElementsAre("warning values: global.hots (unknown-key)"));
  EXPECT_THAT(Says({{"checks", Str("error")}, {"values", Values()}}),
              ElementsAre("error values: global.hots (unknown-key)"));
  EXPECT_THAT(Says({{"checks", Str("off")}, {"values", Values()}}), IsEmpty());
}

TEST_F(ChecksTest, LevelsOfSingleFindingsGoFirst) {
  EXPECT_THAT(Says({{"checks", Str("error")},
                    {"check_levels", Levels("unknown-key", "off")},
                    {"values", Values()}}),
              IsEmpty());
  EXPECT_THAT(Says({{"checks", Str("off")},
                    {"check_levels", Levels("unknown-key", "error")},
                    {"values", Values()}}),
              ElementsAre("error values: global.hots (unknown-key)"));
  // A remark is only said on request.
  EXPECT_THAT(Says({{"check_levels", Levels("chart-version-unknown", "warn")}}),
              ElementsAre("warning chart: chart.version "
                          "(chart-version-unknown)"));
}

TEST_F(ChecksTest, NamesTheAttributeThatGaveTheValue) {
  EXPECT_THAT(Says({{"checks", Str("warn")}, {"sensitive_values", Values()}}),
              ElementsAre("warning sensitive_values: global.hots "
                          "(unknown-key)"));
  EXPECT_THAT(
      Says({{"checks", Str("warn")}, {"host", Str("https://a.example:1")}}),
      ElementsAre("warning host: global.host (host-shape)"));
  EXPECT_THAT(Says({{"checks", Str("warn")},
                    {"values_yaml",
                     cty::Value::List(kString, {Str("global: {hots: x}")})}}),
              ElementsAre("warning values_yaml: global.hots (unknown-key)"));
}

TEST_F(ChecksTest, LevelsThatMakeNoSenseAreErrors) {
  struct Case {
    std::string id, level, message;
  };
  for (const Case& each :
       {Case{"unknown-keys", "warn", "the nearest is \"unknown-key\""},
        Case{"unknown-key", "loud", "is no level"},
        Case{"kind-clash", "off", "stays an error"}}) {
    tf::Diagnostics diags;
    resource_->Validate(Make({{"check_levels", Levels(each.id, each.level)}}),
                        diags);
    ASSERT_EQ(diags.items().size(), 1U) << each.id;
    EXPECT_THAT(diags.items()[0].detail, HasSubstr(each.message));
  }
}

TEST_F(ChecksTest, ReleaseMetadataFollowsTheLayers) {
  const cty::Value release =
      Map({{"values", Map({})},
           {"chart", cty::Value::Null(cty::Type::Dynamic())},
           {"metadata", Map({{"releaseId", Str("r1")}})}});
  tf::RawPlan plan = PlanCreate({{"release", release}});
  EXPECT_EQ(plan.planned.At("release_metadata"),
            cty::Value::Map(kString, {{"releaseId", Str("r1")}}));
  plan = PlanCreate({});
  EXPECT_TRUE(plan.planned.At("release_metadata").IsUnknown());
}

}  // namespace
}  // namespace resources
