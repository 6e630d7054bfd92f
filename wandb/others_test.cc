#include "wandb/others.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/spec.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

TEST(OthersPart, IsWhatWeDidNotWrite) {
  struct Case {
    Json live, wrote, others;
  };
  const Case cases[] = {
      {{{"a", 1}, {"b", 2}}, {{"a", 1}}, {{"b", 2}}},
      {{{"a", {{"x", 1}, {"y", 2}}}}, {{"a", {{"x", 1}}}}, {{"a", {{"y", 2}}}}},
      // Changed by hand, but at a path of ours.
      {{{"a", 9}}, {{"a", 1}}, nullptr},
      {{{"a", {{"x", 1}}}}, {{"a", 1}}, nullptr},
      {{{"l", {1, 2}}}, {{"l", {1}}}, nullptr},
      // An empty map of ours claims nothing of what others put into it.
      {{{"a", {{"x", 1}}}}, {{"a", Json::object()}}, {{"a", {{"x", 1}}}}},
      // A null of ours is a value.
      {{{"a", nullptr}, {"b", 1}}, {{"a", nullptr}}, {{"b", 1}}},
      // It gives way to the keys of others.
      {{{"a", {{"x", 1}}}}, {{"a", nullptr}}, {{"a", {{"x", 1}}}}},
      {{{"a", 1}}, nullptr, {{"a", 1}}},
      {nullptr, {{"a", 1}}, nullptr},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(OthersPart(c.live, c.wrote), c.others) << c.live << c.wrote;
  }
}

TEST(Overlaid, MergesMapsAndReplacesTheRest) {
  EXPECT_EQ(Overlaid({{"a", {{"x", 1}}}, {"l", {1}}},
                     {{"a", {{"x", 0}, {"y", 2}}}, {"l", {7, 8}}, {"b", 3}}),
            Json({{"a", {{"x", 1}, {"y", 2}}}, {"l", {1}}, {"b", 3}}));
  EXPECT_EQ(Overlaid(nullptr, {{"a", 1}}), Json({{"a", 1}}));
  EXPECT_EQ(Overlaid({{"a", nullptr}}, {{"a", 1}}), Json({{"a", nullptr}}));
  const Json open = MakeUnknown(Unknown::kShape);
  EXPECT_EQ(Overlaid({{"a", open}}, {{"a", {{"x", 1}}}}), Json({{"a", open}}));
}

TEST(AppliedBeside, IsOverlaidButForNullsOverMaps) {
  EXPECT_EQ(AppliedBeside({{"a", nullptr}}, {{"a", {{"x", 1}}}}),
            Json({{"a", {{"x", 1}}}}));
  for (const Json& weak : {Json(1), Json(nullptr), Json::object()}) {
    EXPECT_EQ(AppliedBeside({{"a", nullptr}}, {{"a", weak}}),
              Json({{"a", nullptr}}));
  }
  EXPECT_EQ(AppliedBeside({{"a", 1}}, {{"a", {{"x", 1}}}}), Json({{"a", 1}}));
}

TEST(MarkOthers, NamesTheOtherManagerWhereWeHaveNothing) {
  const SpecLayer own = {.values = {{"a", 1}, {"l", {1}}}};
  const SpecLayer whole = {.chart = {{"path", "/c"}},
                           .values = {{"a", 1}, {"l", {1}}, {"o", {{"x", 2}}}}};
  const SpecLayer user = {.values = {{"o", 5}, {"l", {2}}}};
  EffectiveSpec spec = ComputeEffectiveSpec(whole, &user, nullptr, true, "ops");
  MarkOthers(own, spec);
  const auto origins = OriginMap(spec.values, spec.origins);
  EXPECT_EQ(origins.at("a"), Origin::kCustomResource);
  EXPECT_EQ(origins.at("l[0]"), Origin::kCustomResource);
  EXPECT_EQ(origins.at("l[1]"), Origin::kUserInput);
  EXPECT_EQ(origins.at("o.x"), Origin::kOtherManager);
  EXPECT_EQ(spec.chart_origin, Origin::kOtherManager);
  ASSERT_EQ(spec.problems.size(), 1U);
  EXPECT_EQ(spec.problems[0].upper, Origin::kOtherManager);
  EXPECT_EQ(OriginName(spec.problems[0].upper), "other_manager");
}

}  // namespace
}  // namespace wandb
