#include "resources/functions/functions.h"

#include "gmock/gmock.h"
#include "resources/values.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;
using testing::HasSubstr;

tf::FunctionResult Call(const std::string& name,
                        const std::vector<Json>& arguments) {
  std::vector<Value> values;
  for (const Json& argument : arguments) {
    values.push_back(*cty::FromJson(argument));
  }
  for (const tf::Function& function : SpecFunctions()) {
    if (function.name == name) return function.call(values);
  }
  ADD_FAILURE() << "no function " << name;
  return {};
}

Json Good(const std::string& name, const std::vector<Json>& arguments) {
  const tf::FunctionResult result = Call(name, arguments);
  EXPECT_TRUE(result.ok()) << result.error;
  return *TreeOf(result.value);
}

TEST(FunctionsTest, MergeValuesMergesAsTheOperator) {
  EXPECT_EQ(Good("merge_values", {{{"a", {1}}, {"b", "x"}},
                                  nullptr,
                                  {{"a", {2}}, {"b", "y"}, {"c", true}}}),
            (Json{{"a", {1, 2}}, {"b", "x"}, {"c", true}}));
  EXPECT_EQ(Good("merge_values", {}), Json::object());
}

TEST(FunctionsTest, MergeValuesNamesPathAndArgumentButNoValue) {
  const auto clash =
      Call("merge_values",
           {{{"a", {{"b", "canary"}}}}, {{"c", 1}}, {{"a", {{"b", 1}}}}});
  EXPECT_THAT(
      clash.error,
      HasSubstr("a.b is a string in argument 1 and a number in argument 3"));
  EXPECT_THAT(clash.error, testing::Not(HasSubstr("canary")));
  EXPECT_THAT(clash.error, testing::EndsWith("its log"));
  EXPECT_EQ(clash.argument, 2);
  const auto null = Call("merge_values", {{{"a", nullptr}}, {{"a", 1}}});
  EXPECT_THAT(null.error, HasSubstr("crashes"));
  const auto text = Call("merge_values", {Json::object(), "canary"});
  EXPECT_EQ(text.error, "argument 2 must be a map, and is a string");
  EXPECT_EQ(text.argument, 1);
}

TEST(FunctionsTest, EffectiveSpecShowsLayersAndFindings) {
  const Json out =
      Good("effective_spec",
           {{{"values", {{"global", {{"hots", "x"}}}}},
             {"release",
              {{"values",
                {{"app", {{"install", true}}},
                 {"global",
                  {{"host", "https://w.example"}, {"bucket", {{"name", "b"}}}}},
                 {"mysql", {{"install", true}}}}},
               {"chart",
                {{"url", "https://c.example"},
                 {"name", "n"},
                 {"version", "0.43.8"}}},
               {"metadata", {{"releaseId", "r"}}}}},
             {"operator_namespace", "op"}}});
  EXPECT_EQ(out["values"]["global"]["operator"]["namespace"], "op");
  EXPECT_EQ(out["origin"]["app.install"], "release_channel");
  EXPECT_EQ(out["chart"]["version"], "0.43.8");
  EXPECT_EQ(out["release_metadata"]["releaseId"], "r");
  ASSERT_EQ(out["findings"].size(), 1U);
  EXPECT_EQ(out["findings"][0]["id"], "unknown-key");
}

TEST(FunctionsTest, EffectiveSpecTakesAVersionAloneForWandbsOwnChart) {
  const Json out =
      Good("effective_spec", {{{"chart", {{"version", "0.43.8"}}}}});
  EXPECT_EQ(out["chart"]["url"], "https://charts.wandb.ai");
  EXPECT_EQ(out["chart"]["version"], "0.43.8");
}

TEST(FunctionsTest, EffectiveSpecRefusesWhatItDoesNotKnow) {
  for (const auto& [argument, message] :
       std::vector<std::pair<Json, std::string>>{
           {"text", "spec must be an object, and is a string"},
           {{{"value", 1}}, "no attribute \"value\""},
           {{{"airgapped", "yes"}}, "airgapped must be true or false"},
           {{{"values", {1}}}, "values must be a map, and is a list"},
           {{{"release", {{"metadata", {{"a", 1}}}}}}, "map of strings"}}) {
    const auto result = Call("effective_spec", {argument});
    EXPECT_THAT(result.error, HasSubstr(message));
    EXPECT_EQ(result.argument, 0);
  }
}

TEST(FunctionsTest, FlattenValuesGivesPathsAndTexts) {
  EXPECT_EQ(Good("flatten_values", {{{"a", {{"b.c", {1, "2", nullptr}}}},
                                     {"d", Json::object()}}}),
            (Json{{"a[\"b.c\"][0]", "1"},
                  {"a[\"b.c\"][1]", "\"2\""},
                  {"a[\"b.c\"][2]", "null"},
                  {"d", "{}"}}));
  EXPECT_EQ(Good("flatten_values", {Json::object()}), Json::object());
}

TEST(FunctionsTest, FlattenValuesTakesMapsAlone) {
  for (const auto& [argument, kind] :
       {std::pair(Json("canary"), "string"), std::pair(Json(1), "number"),
        std::pair(Json(true), "bool"), std::pair(Json{"canary"}, "list")}) {
    const auto result = Call("flatten_values", {argument});
    EXPECT_EQ(result.error,
              std::string("values must be a map, and is a ") + kind);
    EXPECT_EQ(result.argument, 0);
  }
}

TEST(FunctionsTest, RefuseToListWhatIsFarTooLarge) {
  Json leaves = Json::object();
  for (int i = 0; i < 1000; ++i) leaves[std::to_string(i)] = 1;
  const Json values = {{std::string(100'000, 'k'), leaves}};
  for (const auto& [function, argument] :
       {std::pair("flatten_values", values),
        std::pair("effective_spec", Json{{"values", values}}),
        std::pair("effective_spec", Json{{"release", {{"values", values}}}})}) {
    EXPECT_THAT(Call(function, {argument}).error, HasSubstr("too large"))
        << function;
  }
}

TEST(FunctionsTest, ParseInstanceIdTakesWhatTheResourceTakes) {
  const auto id = [](size_t ns, size_t name) {
    return std::string(ns, 'n') + "/" + std::string(name, 'w');
  };
  EXPECT_EQ(Good("parse_instance_id", {id(63, 53)})["name"],
            std::string(53, 'w'));
  for (const std::string& wrong :
       {id(64, 1), id(1, 54), std::string("a.b/c"), std::string("a/b.c")}) {
    EXPECT_THAT(Call("parse_instance_id", {wrong}).error,
                HasSubstr("at most 63 and 53 characters"))
        << wrong;
  }
}

TEST(FunctionsTest, ParseInstanceIdSplits) {
  EXPECT_EQ(Good("parse_instance_id", {"default/wandb"}),
            (Json{{"namespace", "default"}, {"name", "wandb"}}));
  for (const char* wrong :
       {"", "wandb", "/wandb", "a/", "a/b/c", "a/b\n", " a/b", "A/b"}) {
    const std::string error = Call("parse_instance_id", {wrong}).error;
    EXPECT_THAT(error, HasSubstr("default/wandb")) << wrong;
    EXPECT_EQ(error.find('\n'), std::string::npos) << wrong;
  }
}

}  // namespace
}  // namespace resources
