// Data source wandb_operator_manifests, read as the plugin reads it.
#include "resources/data/operator_manifests.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "resources/operator/objects.h"
#include "resources/operator/settings.h"
#include "resources/values.h"
#include "wandb/operator/manifests.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;
using testing::HasSubstr;

class OperatorManifestsTest : public testing::Test {
 protected:
  tf::RawData Read(std::map<std::string, Value> fields) const {
    tf::RawData call;
    call.config =
        Value::ObjectOf(source_->schema().ImpliedType(), std::move(fields));
    source_->Validate(call.config, call.diags);
    if (!call.diags.HasError()) source_->Read({}, call);
    return call;
  }

  const std::unique_ptr<tf::DataSource> source_ =
      NewOperatorManifestsDataSource();
};

// The documents of `yaml`.
std::vector<Json> Documents(const std::string& yaml) {
  std::vector<Json> out;
  for (const absl::string_view text : absl::StrSplit(yaml, "\n---\n")) {
    out.push_back(base::ParseYaml(text, "a document").value());
  }
  return out;
}

TEST_F(OperatorManifestsTest, AreThoseOfTheResourceInTheOrderOfApplying) {
  const tf::RawData call =
      Read({{"name", Value::String("op")},
            {"namespace", Value::String("ns")},
            {"custom_ca_certs",
             Value::List(cty::Type::String(),
                         {Value::String("-----BEGIN CERTIFICATE-----\nMA==\n"
                                        "-----END CERTIFICATE-----\n")})}});
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  wandb::OperatorSettings settings = {.name = "op", .ns = "ns"};
  settings.custom_ca_certs = {
      "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"};
  const auto wanted = wandb::OperatorManifests(settings);
  ASSERT_TRUE(wanted.ok()) << wanted.status();
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(Documents(state["yaml"]), *wanted);

  std::vector<std::string> keys;
  for (const Json& manifest : *wanted) {
    const std::string key = ObjectKey(manifest);
    keys.push_back(key);
    ASSERT_TRUE(state["objects"].contains(key)) << key;
    EXPECT_EQ(
        base::ParseYaml(state["objects"][key].get<std::string>(), key).value(),
        manifest);
  }
  EXPECT_EQ(state["objects"].size(), keys.size());
  EXPECT_THAT(keys, testing::IsSupersetOf(
                        {"Namespace/ns", "Deployment/ns/op-controller-manager",
                         "ServiceAccount/ns/op-manager"}));
}

TEST_F(OperatorManifestsTest, EachNamesTheResourceAsItsOwner) {
  const Json state = *TreeOf(Read({}).state);
  for (const Json& manifest : Documents(state["yaml"])) {
    EXPECT_EQ(base::StringAt(manifest,
                             "/metadata/annotations/terraform.wandb.ai~1owner"),
              "wandb/wandb")
        << ObjectKey(manifest);
  }
}

TEST_F(OperatorManifestsTest, SaysWhichImageRuns) {
  const Json state =
      *TreeOf(Read({{"image", *cty::FromJson(Json{{"repository", "r.example/c"},
                                                  {"tag", "1.2.3"},
                                                  {"digest", nullptr},
                                                  {"pull_policy", nullptr},
                                                  {"pull_secrets", nullptr}})}})
                  .state);
  EXPECT_EQ(state["images"], (Json{"r.example/c:1.2.3"}));
}

TEST_F(OperatorManifestsTest, TakesEveryArgumentOfTheTable) {
  std::map<std::string, const tf::Attribute*> has;
  for (const tf::Attribute& attribute : source_->schema().attributes) {
    has[attribute.name] = &attribute;
    EXPECT_FALSE(attribute.spec.replace_on_change) << attribute.name;
  }
  for (const auto& row : OperatorArguments::Fields()) {
    const tf::Attribute* attribute = has[row.attribute.name];
    ASSERT_NE(attribute, nullptr) << row.attribute.name;
    EXPECT_EQ(attribute->type, row.attribute.type);
    EXPECT_EQ(attribute->spec.use, row.attribute.spec.use);
    EXPECT_THAT(attribute->spec.doc, testing::Not(HasSubstr("force_destroy")));
  }
  EXPECT_EQ(has.size(), OperatorArguments::Fields().size() + 3);
}

TEST_F(OperatorManifestsTest, WhatTheResourceRefusesIsAnErrorAtTheArgument) {
  const tf::RawData call =
      Read({{"custom_ca_certs",
             Value::List(cty::Type::String(), {Value::String("no PEM")})}});
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("custom_ca_certs"));
}

TEST_F(OperatorManifestsTest, WhatWasHiddenElsewhereIsNoValue) {
  const tf::RawData call =
      Read({{"release_channel_url", Value::String("https://(sensitive)@x")}});
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("release_channel_url"));
}

TEST_F(OperatorManifestsTest, NeedsNoProviderConfiguration) {
  EXPECT_FALSE(source_->needs_provider());
}

}  // namespace
}  // namespace resources
