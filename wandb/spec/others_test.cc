#include "wandb/spec/others.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
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

TEST(LeaveToOthers, DividesAtPaths) {
  struct Case {
    std::vector<std::string> paths;
    Json values, own, left;
  };
  const Json app = {{"app", {{"replicaCount", 2}, {"tag", "a"}}}, {"b", 1}};
  const Case cases[] = {
      {{"app.replicaCount"},
       app,
       {{"app", {{"tag", "a"}}}, {"b", 1}},
       {{"app", {{"replicaCount", 2}}}}},
      // All of a map, and a part of it named again.
      {{"app.tag", "app", "app.replicaCount"},
       app,
       {{"b", 1}},
       {{"app", {{"replicaCount", 2}, {"tag", "a"}}}}},
      {{"nothing", "b.c", "app.tag.c"}, app, app, nullptr},
      // A null is a value.
      {{"a.x"}, {{"a", {{"x", nullptr}}}}, nullptr, {{"a", {{"x", nullptr}}}}},
      // Maps that were empty before stay, those that become so go.
      {{"a.b.c"},
       {{"a", {{"b", {{"c", 1}}}}}, {"e", Json::object()}},
       {{"e", Json::object()}},
       {{"a", {{"b", {{"c", 1}}}}}}},
      {{"a"}, nullptr, nullptr, nullptr},
      {{}, Json::object(), Json::object(), nullptr},
  };
  for (const Case& c : cases) {
    std::vector<Path> paths;
    for (const std::string& path : c.paths) paths.push_back(*ParsePath(path));
    const Divided divided = LeaveToOthers(c.values, paths);
    EXPECT_EQ(divided.own, c.own) << c.values;
    EXPECT_EQ(divided.left, c.left) << c.values;
    EXPECT_EQ(Overlaid(divided.left, divided.own), c.values);
  }
}

}  // namespace
}  // namespace wandb
