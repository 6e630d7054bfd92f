// Data source wandb_images, read as the plugin reads it.
#include "resources/data/images.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "resources/values.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Fields = std::map<std::string, Value>;

Value Of(const Json& json) { return *cty::FromJson(json); }

class ImagesTest : public testing::Test {
 protected:
  tf::RawData Read(Fields fields) const {
    tf::RawData call;
    call.config =
        Value::ObjectOf(source_->schema().ImpliedType(), std::move(fields));
    source_->Validate(call.config, call.diags);
    if (!call.diags.HasError()) source_->Read({}, call);
    if (!call.diags.HasError()) {
      EXPECT_TRUE(call.state.IsWhollyKnown());
    }
    return call;
  }

  Json StateOf(Fields fields) const {
    const tf::RawData call = Read(std::move(fields));
    EXPECT_TRUE(call.diags.items().empty()) << call.diags.items()[0].detail;
    return *TreeOf(call.state);
  }

  std::string ErrorOf(Fields fields) const {
    const tf::RawData call = Read(std::move(fields));
    return call.diags.HasError() ? call.diags.items()[0].detail : "";
  }

  const std::unique_ptr<tf::DataSource> source_ = NewImagesDataSource();
};

// A specification of few images.
Json Small() {
  Json values = {{"app", {{"image", {{"tag", "0.79.0"}}}}}};
  for (const char* part : {"appRenamePreHook", "appRenamePostHook", "console",
                           "otel", "parquet", "weave"}) {
    values[part]["install"] = false;
  }
  values["prometheus"]["instance"]["install"] = false;
  return values;
}

TEST_F(ImagesTest, ListsWhatPodsPullAndWhereEachStands) {
  const Json state = StateOf(
      {{"values", Of(Small())}, {"chart_version", Value::String("0.43.8")}});
  EXPECT_EQ(
      state["by_path"],
      (Json{{"app.image", "wandb/local:0.79.0"},
            {"redis.image", "docker.io/bitnamilegacy/redis:7.2.4-debian-12-r9"},
            {"operator", "wandb/controller:1.22.0"}}));
  EXPECT_EQ(state["images"],
            (Json{"docker.io/bitnamilegacy/redis:7.2.4-debian-12-r9",
                  "wandb/controller:1.22.0", "wandb/local:0.79.0"}));
  EXPECT_EQ(state["mirror"], nullptr);
}

TEST_F(ImagesTest, EachImageIsListedOnce) {
  Json values = Small();
  values["app"]["initContainers"]["init-db"]["image"] = {
      {"repository", "wandb/local"}, {"tag", "0.79.0"}};
  const Json state = StateOf(
      {{"values", Of(values)}, {"chart_version", Value::String("0.43.8")}});
  EXPECT_EQ(state["by_path"].size(), 4U);
  EXPECT_EQ(state["images"].size(), 3U);
}

TEST_F(ImagesTest, TheLayersBelowCountAsTheOperatorMergesThem) {
  const Value release = Of({{"chart",
                             {{"url", "https://charts.example"},
                              {"name", "n"},
                              {"version", "0.43.8"}}},
                            {"metadata", Json::object()},
                            {"values",
                             {{"app", {{"image", {{"tag", "1"}}}}},
                              {"redis", {{"image", {{"tag", "9"}}}}}}}});
  const Json state = StateOf({{"values", Of(Small())}, {"release", release}});
  EXPECT_EQ(state["by_path"]["app.image"], "wandb/local:0.79.0");
  EXPECT_EQ(state["by_path"]["redis.image"], "docker.io/bitnamilegacy/redis:9");
  EXPECT_EQ(state["charts"], (Json{{{"url", "https://charts.example"},
                                    {"name", "n"},
                                    {"version", "0.43.8"}}}));
  // Whose version counts, not the one that stands in for none.
  EXPECT_EQ(StateOf({{"values", Of(Small())},
                     {"release", release},
                     {"chart_version", Value::String("0.40.0")}})["charts"],
            state["charts"]);
  const Json airgapped = StateOf({{"values", Of(Small())},
                                  {"release", release},
                                  {"airgapped", Value::Bool(true)},
                                  {"chart_version", Value::String("0.43.8")}});
  EXPECT_EQ(airgapped["by_path"]["redis.image"],
            "docker.io/bitnamilegacy/redis:7.2.4-debian-12-r9");
}

TEST_F(ImagesTest, ChartsAreWhereTheOperatorFetchesThem) {
  const auto charts = [this](const Json& chart) {
    Fields fields = {{"values", Of(Small())},
                     {"chart_version", Value::String("0.43.8")}};
    std::map<std::string, Value> parts;
    for (const auto& [key, value] : chart.items()) parts[key] = Of(value);
    const cty::Type type =
        source_->schema().ImpliedType().attributes().at("chart");
    fields["chart"] = Value::ObjectOf(type, std::move(parts));
    return StateOf(std::move(fields))["charts"];
  };
  EXPECT_EQ(charts({{"version", "0.43.8"}}),
            (Json{{{"url", "https://charts.wandb.ai"},
                   {"name", "operator-wandb"},
                   {"version", "0.43.8"}}}));
  EXPECT_EQ(charts({{"url", "oci://r.example/operator-wandb"},
                    {"version", "0.43.8"}}),
            (Json{{{"url", "oci://r.example/operator-wandb"},
                   {"name", nullptr},
                   {"version", "0.43.8"}}}));
  // A file has to come from somewhere.
  EXPECT_EQ(charts({{"path", "/charts/x.tgz"}}),
            (Json{{{"url", "https://charts.wandb.ai"},
                   {"name", "operator-wandb"},
                   {"version", "0.43.8"}}}));
}

TEST_F(ImagesTest, TheMirrorHasTheNamesThatTheChartThenAsksFor) {
  const Value registry = Value::String("r.example/wandb");
  const Fields plain = {{"values", Of(Small())},
                        {"chart_version", Value::String("0.43.8")},
                        {"mirror_registry", registry}};
  const Json mirror = StateOf(plain)["mirror"];
  EXPECT_EQ(mirror,
            (Json{{"wandb/local:0.79.0", "r.example/wandb/wandb/local:0.79.0"},
                  {"docker.io/bitnamilegacy/redis:7.2.4-debian-12-r9",
                   "r.example/wandb/bitnamilegacy/redis:7.2.4-debian-12-r9"},
                  {"wandb/controller:1.22.0",
                   "r.example/wandb/wandb/controller:1.22.0"}}));
  Fields rewritten = plain;
  rewritten["image_registry"] = registry;
  rewritten["repository_prefix"] = registry;
  rewritten["operator_image"] =
      Value::String("r.example/wandb/wandb/controller:1.22.0");
  const Json state = StateOf(rewritten);
  for (const Json& image : state["images"]) {
    EXPECT_THAT(image.get<std::string>(),
                testing::StartsWith("r.example/wandb/"));
  }
  EXPECT_EQ(state["by_path"]["app.image"], mirror["wandb/local:0.79.0"]);
  EXPECT_EQ(state["mirror"]["wandb/local:0.79.0"],
            mirror["wandb/local:0.79.0"]);
  // As wandb_operator_manifests has it, once the operator's is rewritten, too.
  EXPECT_EQ(state["mirror"]["wandb/controller:1.22.0"],
            "r.example/wandb/wandb/controller:1.22.0");
  rewritten["operator_image"] = Value::String("r.example/wandb/mine:1");
  const tf::RawData call = Read(rewritten);
  ASSERT_EQ(call.diags.items().size(), 1U);
  EXPECT_THAT(call.diags.items()[0].detail,
              HasSubstr("where it is copied from is not known"));
}

TEST_F(ImagesTest, TwoImagesThatWouldBeOneInTheMirrorAreAnError) {
  Json values = Small();
  values["prometheus"]["redis-exporter"] = {
      {"enabled", true},
      {"image", {{"repository", "one.example/a"}, {"tag", "1"}}}};
  values["prometheus"]["mysql-exporter"] = {
      {"enabled", true},
      {"image", {{"repository", "two.example/a"}, {"tag", "1"}}}};
  EXPECT_THAT(ErrorOf({{"values", Of(values)},
                       {"chart_version", Value::String("0.43.8")},
                       {"mirror_registry", Value::String("r.example")}}),
              AllOf(HasSubstr("one.example/a:1"), HasSubstr("two.example/a:1"),
                    HasSubstr("r.example/a:1")));
}

TEST_F(ImagesTest, OfOtherChartsWhatIsNotKnownIsNullAndSaid) {
  const tf::RawData call = Read(
      {{"values", Of(Small())}, {"chart_version", Value::String("0.99.0")}});
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  ASSERT_EQ(call.diags.items().size(), 1U);
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("0.99.0"), HasSubstr("0.44.20"),
                    HasSubstr("app.image, redis.image")));
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["by_path"], (Json{{"app.image", nullptr},
                                    {"redis.image", nullptr},
                                    {"operator", "wandb/controller:1.22.0"}}));
  EXPECT_EQ(state["images"], (Json{"wandb/controller:1.22.0"}));
}

TEST_F(ImagesTest, WhatASubchartOfAKnownChartSaysIsSaidToBeMissing) {
  const tf::RawData call = Read(
      {{"values", Of(Small())}, {"chart_version", Value::String("0.44.20")}});
  ASSERT_EQ(call.diags.items().size(), 1U);
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_EQ(call.diags.items()[0].summary, "Some images are missing");
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("redis.image"));
  const Json by_path = (*TreeOf(call.state))["by_path"];
  EXPECT_EQ(by_path["app.image"], "wandb/local:0.79.0");
  EXPECT_EQ(by_path["redis.image"], nullptr);
}

TEST_F(ImagesTest, WithoutAVersionOfTheChartItIsAnError) {
  EXPECT_THAT(ErrorOf({{"values", Of(Small())}}),
              HasSubstr("Set chart_version"));
}

TEST_F(ImagesTest, AMirrorIsNoUrl) {
  for (const char* wrong : {"https://r.example", "r.example/"}) {
    EXPECT_THAT(ErrorOf({{"chart_version", Value::String("0.43.8")},
                         {"mirror_registry", Value::String(wrong)}}),
                HasSubstr("without scheme"));
  }
}

TEST_F(ImagesTest, CredentialsOfTheChartAreNotShown) {
  const Json state =
      StateOf({{"values", Of(Small())},
               {"release", Of({{"chart",
                                {{"url", "https://u:canary@charts.example"},
                                 {"name", "n"},
                                 {"version", "0.43.8"}}},
                               {"values", Json::object()}})}});
  EXPECT_THAT(base::DumpJson(state["charts"]), Not(HasSubstr("canary")));
}

TEST_F(ImagesTest, NeedsNoProviderConfiguration) {
  EXPECT_FALSE(source_->needs_provider());
}

}  // namespace
}  // namespace resources
