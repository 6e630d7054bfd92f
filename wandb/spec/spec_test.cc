#include "wandb/spec/spec.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/readiness.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Json kChart = {{"url", "https://charts.wandb.ai"},
                     {"name", "operator-wandb"}};

Json Secret(const Json& texts) {
  Json data = Json::object();
  for (const auto& [key, text] : texts.items()) {
    data[key] = absl::Base64Escape(text.get<std::string>());
  }
  return {{"metadata", {{"name", "wandb-spec-user"}, {"namespace", "default"}}},
          {"data", data}};
}

Json ManagedSpec(const Json& data) {
  return {
      {"metadata", {{"name", "wandb-spec-managed"}, {"namespace", "default"}}},
      {"data", data}};
}

TEST(ManagedSpec, ReadsItsTwoKeys) {
  const auto layer = ParseManagedSpec(
      ManagedSpec({{"chart", kChart.dump()}, {"values", R"({"a":1})"}}));
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(*layer, (SpecLayer{.chart = kChart, .values = {{"a", 1}}}));
}

TEST(ManagedSpec, WhatTheOperatorPassesOverIsNamedWithoutItsContent) {
  const std::string chart = kChart.dump();
  const struct {
    Json data;
    const char* what;
  } cases[] = {
      {Json::object(), "no data key `values`"},
      {{{"chart", chart}}, "no data key `values`"},
      {{{"values", "{}"}}, "no data key `chart`"},
      {{{"chart", chart}, {"values", "{s3cr3t"}}, "data key `values`"},
      {{{"chart", chart}, {"values", "[\"s3cr3t\"]"}}, "values"},
      {{{"chart", chart}, {"values", "null"}}, "is null"},
      {{{"chart", "s3cr3t"}, {"values", "{}"}}, "data key `chart`"},
      {{{"chart", "{}"}, {"values", "{}"}}, "data key `chart`"},
      {{{"chart", "null"}, {"values", "{}"}}, "data key `chart`"},
  };
  for (const auto& c : cases) {
    const absl::Status status = ParseManagedSpec(ManagedSpec(c.data)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.data;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("ConfigMap default/wandb-spec-managed"),
                      HasSubstr(c.what), Not(HasSubstr("s3cr3t"))));
  }
}

TEST(SpecSecret, ReadsItsThreeKeys) {
  const auto layer =
      ParseSpecSecret(Secret({{"chart", "null"},
                              {"values", R"({"_releaseId":"r1","a":1})"},
                              {"metadata", R"({"releaseId":"r1"})"}}));
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(*layer, (SpecLayer{.values = {{"_releaseId", "r1"}, {"a", 1}},
                               .metadata = {{"releaseId", "r1"}}}));
  EXPECT_TRUE(
      ParseSpecSecret(Secret({{"chart", "null"}, {"values", "null"}})).ok());
}

TEST(SpecSecret, NamesSecretAndKeyButNeverTheContent) {
  struct Case {
    Json secret;
    const char* what;
  };
  Json not_base64 = Secret({{"chart", "null"}, {"values", "{}"}});
  not_base64["data"]["values"] = "s3cr3t!";
  const Case cases[] = {
      {Secret({{"chart", "null"}}), "`values`"},
      {Secret({{"values", "{}"}}), "`chart`"},
      {Secret({{"chart", "null"}, {"values", "{s3cr3t"}}), "`values`"},
      {Secret({{"chart", "null"}, {"values", "[\"s3cr3t\"]"}}), "a list"},
      {Secret({{"chart", "{}"}, {"values", "{}"}, {"metadata", "{\"a\":1}"}}),
       "metadata"},
      {not_base64, "base64"},
  };
  for (const Case& c : cases) {
    const absl::Status status = ParseSpecSecret(c.secret).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    const std::string message(status.message());
    EXPECT_THAT(message, HasSubstr(c.what));
    EXPECT_THAT(message, HasSubstr("default/wandb-spec-user"));
    EXPECT_THAT(message, Not(HasSubstr("s3cr3t")));
  }
}

TEST(Release, IsReadFromTheChannelsAnswer) {
  const auto release = ParseRelease(ReadTestJson("channel.json"));
  ASSERT_TRUE(release.ok()) << release.status();
  EXPECT_EQ(base::StringAt(release->chart, "/version"), "0.42.4");
  EXPECT_EQ(base::StringAt(release->metadata, "/channelName"), "Stable");
  EXPECT_TRUE(ParseGivenRelease(ReadTestJson("channel.json")).ok());
  EXPECT_EQ(ParseGivenRelease({{"release", Json::object()}}).status().message(),
            "release: has release, and none of chart, values and metadata");
  EXPECT_FALSE(ParseRelease(Json::array()).ok());
  EXPECT_FALSE(ParseRelease({{"values", "x"}}).ok());
  EXPECT_FALSE(ParseRelease({{"metadata", {{"n", 1}}}}).ok());
}

TEST(SecretNames, AreTheOperators) {
  EXPECT_EQ(UserInputSecretName("wandb"), "wandb-spec-user");
  EXPECT_EQ(ActiveSecretName("wandb"), "wandb-spec-active");
  EXPECT_EQ(CachedReleaseSecretName("wandb"), "wandb-latest-cached-release");
}

}  // namespace
}  // namespace wandb
