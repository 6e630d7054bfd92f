#include "resources/outcome.h"

#include "gtest/gtest.h"

namespace resources {
namespace {

using base::Json;

Json Parse(const char* text) { return *base::ParseJson(text, "test"); }

// An object with those values, parts of which managers hold.
Json Live(const char* values, const char* ours, const char* others) {
  const auto entry = [](const char* manager, const char* fields) -> Json {
    return {{"manager", manager},
            {"operation", "Apply"},
            {"fieldsV1", {{"f:spec", {{"f:values", Parse(fields)}}}}}};
  };
  return {{"metadata",
           {{"managedFields",
             Json::array({entry("ours", ours), entry("argo", others)})}}},
          {"spec", {{"values", Parse(values)}}}};
}

// Every `values` and both results were seen with a real server.
TEST(OutcomeTest, IsWhatTheServerMakesOfIt) {
  constexpr char kOursX[] = R"({"f:a":{".":{},"f:x":{}}})";
  struct Case {
    const char *live, *ours, *others, *body, *values, *emptying;
  };
  const Case cases[] = {
      // A map that loses all is emptied first.
      {R"({"a":{"x":1}})", kOursX, "{}", R"({"a":{}})", R"({"a":{}})",
       R"({"a":{"x":null}})"},
      {R"({"a":{"m":{"x":1},"n":2}})",
       R"({"f:a":{".":{},"f:m":{".":{},"f:x":{}},"f:n":{}}})", "{}",
       R"({"a":{"m":{}}})", R"({"a":{"m":{}}})", R"({"a":{"m":{"x":null}}})"},
      // What others hold stays, and so does what nobody holds.
      {R"({"a":{"x":1,"y":2}})", kOursX, R"({"f:a":{".":{},"f:y":{}}})",
       R"({"a":{}})", R"({"a":{"y":2}})", "null"},
      {R"({"a":{"x":1}})", kOursX, kOursX, R"({"a":{}})", R"({"a":{"x":1}})",
       "null"},
      {R"({"a":{"m":{"x":1,"y":2}}})",
       R"({"f:a":{".":{},"f:m":{".":{},"f:x":{},"f:y":{}}}})",
       R"({"f:a":{".":{},"f:m":{".":{},"f:x":{}}}})", R"({"a":{}})",
       R"({"a":{"m":{"x":1}}})", "null"},
      {R"({"a":{"x":1,"u":1}})", kOursX, "{}", R"({"a":{}})",
       R"({"a":{"u":1}})", "null"},
      // A map that another manager holds stays one, too.
      {R"({"a":{"x":1}})", kOursX, R"({"f:a":{}})", "{}", R"({"a":{}})",
       R"({"a":{"x":null}})"},
      // A null leaves others' keys, and needs no patch where there are none.
      {R"({"a":{"x":1,"y":2}})", kOursX, R"({"f:a":{".":{},"f:y":{}}})",
       R"({"a":null})", R"({"a":{"y":2}})", "null"},
      {R"({"a":{"x":1}})", kOursX, "{}", R"({"a":null})", R"({"a":null})",
       "null"},
      // Everything else.
      {R"({"a":{"x":1},"l":[1],"o":1})",
       R"({"f:a":{".":{},"f:x":{}},"f:l":{}})", R"({"f:o":{}})",
       R"({"l":[2],"b":{}})", R"({"l":[2],"o":1,"b":{}})", "null"},
  };
  for (const Case& c : cases) {
    Json body = {{"spec", {{"values", Parse(c.body)}}}};
    const Outcome outcome =
        OutcomeOf(Live(c.live, c.ours, c.others), body, "ours");
    EXPECT_EQ(outcome.object["spec"]["values"], Parse(c.values)) << c.live;
    const Json emptying = Parse(c.emptying);
    EXPECT_EQ(outcome.emptying, emptying.is_null()
                                    ? Json()
                                    : Json({{"spec", {{"values", emptying}}}}))
        << c.live;
  }
}

// Seen with a real server: without those maps it takes all of `weave` away, or
// makes a null of it.
TEST(OutcomeTest, AMapThatIsGivenUpStaysForWhatAnUpdateHoldsBelow) {
  constexpr char kOurs[] =
      R"({"f:k":{},"f:weave":{".":{},"f:r":{".":{},"f:m":{}}}})";
  struct Case {
    const char *live, *others, *body, *kept, *values;
  };
  const Case cases[] = {
      {R"({"weave":{"r":{"m":1},"e":{"o":2}},"k":1})",
       R"({"f:weave":{"f:e":{".":{},"f:o":{}}}})", R"({"k":1})",
       R"({"k":1,"weave":{}})", R"({"k":1,"weave":{"e":{"o":2}}})"},
      {R"({"weave":{"r":{"m":1,"e":2}},"k":1})",
       R"({"f:weave":{"f:r":{"f:e":{}}}})", R"({"k":1})",
       R"({"k":1,"weave":{"r":{}}})", R"({"k":1,"weave":{"r":{"e":2}}})"},
      {R"({"weave":{"r":{"m":1,"e":2}},"k":1})",
       R"({"f:weave":{"f:r":{"f:e":{}}}})", R"({"k":1,"weave":{}})",
       R"({"k":1,"weave":{"r":{}}})", R"({"k":1,"weave":{"r":{"e":2}}})"},
      // Who has applied it holds the map, too.
      {R"({"weave":{"r":{"m":1},"e":{"o":2}},"k":1})",
       R"({"f:weave":{".":{},"f:e":{".":{},"f:o":{}}}})", R"({"k":1})",
       R"({"k":1})", R"({"k":1,"weave":{"e":{"o":2}}})"},
      {R"({"weave":{"r":{"m":1}},"k":1})", "{}", R"({"k":1})", R"({"k":1})",
       R"({"k":1})"},
  };
  for (const Case& c : cases) {
    const Json live = Live(c.live, kOurs, c.others);
    const Json kept =
        KeepingOthers(live, {{"spec", {{"values", Parse(c.body)}}}}, "ours");
    EXPECT_EQ(kept["spec"]["values"], Parse(c.kept)) << c.others << c.body;
    const Outcome outcome = OutcomeOf(live, kept, "ours");
    EXPECT_EQ(outcome.object["spec"]["values"], Parse(c.values)) << c.others;
    EXPECT_TRUE(outcome.emptying.is_null()) << c.others;
  }
  // The last value of all: `values` itself must not become null.
  EXPECT_EQ(KeepingOthers(Live(cases[0].live, kOurs, cases[0].others),
                          {{"spec", Json::object()}}, "ours"),
            Parse(R"({"spec":{"values":{"weave":{}}}})"));
}

TEST(OutcomeTest, KeptBodyHasTheMapsThatAreToBeEmptied) {
  const Outcome outcome = OutcomeOf(
      Live(R"({"a":{"x":1},"b":1})", R"({"f:a":{".":{},"f:x":{}},"f:b":{}})",
           "{}"),
      {{"spec", {{"values", {{"a", Json::object()}, {"b", 2}}}}}}, "ours");
  EXPECT_EQ(outcome.kept["spec"]["values"], Parse(R"({"a":{"x":1},"b":2})"));
}

// `values` is a field of the schema: who holds keys in it does not hold it.
TEST(OutcomeTest, AFieldOfTheSchemaGoesWithOurKeys) {
  Json live = Live(R"({"a":1})", R"({"f:a":{}})", "{}");
  live["spec"]["chart"] = {{"url", "u"}};
  live["metadata"]["managedFields"].erase(1);
  Json& ours = live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"];
  ours["f:chart"] = Parse(R"({"f:url":{}})");
  Outcome outcome = OutcomeOf(live, {{"spec", Json::object()}}, "ours");
  EXPECT_EQ(outcome.object["spec"], Json::object());
  EXPECT_EQ(outcome.emptying,
            Parse(R"({"spec":{"values":null,"chart":null}})"));
  outcome = OutcomeOf(live, {{"spec", {{"values", {{"a", 1}}}}}}, "ours");
  EXPECT_EQ(outcome.object["spec"], Parse(R"({"values":{"a":1}})"));
  EXPECT_EQ(outcome.emptying, Parse(R"({"spec":{"chart":null}})"));
  // Keys of others keep it.
  live = Live(R"({"a":1,"b":1})", R"({"f:a":{}})", R"({"f:b":{}})");
  outcome = OutcomeOf(live, {{"spec", Json::object()}}, "ours");
  EXPECT_EQ(outcome.object["spec"], Parse(R"({"values":{"b":1}})"));
  EXPECT_TRUE(outcome.emptying.is_null());
}

TEST(OutcomeTest, LabelsAndAnnotationsNeedNoPatch) {
  Json live = Live("{}", "{}", "{}");
  live["metadata"]["annotations"] = {{"n", "1"}};
  live["metadata"]["managedFields"][0]["fieldsV1"]["f:metadata"] =
      Parse(R"({"f:annotations":{".":{},"f:n":{}}})");
  const Outcome outcome = OutcomeOf(
      live, {{"metadata", {{"annotations", Json::object()}}}}, "ours");
  EXPECT_EQ(outcome.object["metadata"]["annotations"], Json::object());
  EXPECT_TRUE(outcome.emptying.is_null());
}

TEST(OutcomeTest, AnEmptyMapAndAKeyThatGoesMayNeedAMapToBeEmptied) {
  const auto may = [](const char* before, const char* body) {
    return MayEmptyMaps(Parse(before), Parse(body));
  };
  EXPECT_TRUE(may("{}", R"({"a":{"b":{}}})"));
  EXPECT_TRUE(may(R"({"a":{"b":1}})", R"({"c":1})"));
  EXPECT_TRUE(may(R"({"a":{"b":1,"c":1}})", R"({"a":{"b":1}})"));
  EXPECT_FALSE(may("{}", R"({"a":{"b":[{}],"c":null}})"));
  EXPECT_FALSE(may(R"({"a":{"b":1}})", R"({"a":{"b":2},"c":3})"));
  EXPECT_FALSE(may(R"({"a":{"b":1}})", R"({"a":1})"));
}

}  // namespace
}  // namespace resources
