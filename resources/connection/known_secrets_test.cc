#include "resources/connection/known_secrets.h"

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "resources/connection/learning_client.h"
#include "tests/support/fake_client.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;

Json Instance(Json values) {
  return {{"apiVersion", "apps.wandb.com/v1"},
          {"kind", "WeightsAndBiases"},
          {"metadata", {{"name", "wandb"}, {"namespace", "default"}}},
          {"spec", {{"values", std::move(values)}}}};
}

Json Secret(const std::map<std::string, std::string>& data) {
  Json object = {{"apiVersion", "v1"},
                 {"kind", "Secret"},
                 {"metadata", {{"name", "s"}, {"namespace", "default"}}},
                 {"data", Json::object()}};
  for (const auto& [key, text] : data) {
    object["data"][key] = absl::Base64Escape(text);
  }
  return object;
}

TEST(KnownSecretsTest, LearnsWhatALiveInstanceHolds) {
  KnownSecrets secrets;
  secrets.Learn(Instance({{"global",
                           {{"license", "their-license"},
                            {"host", "https://wandb.example.com"}}}}));
  EXPECT_EQ(secrets.Redact("has their-license at https://wandb.example.com"),
            "has (sensitive) at https://wandb.example.com");
}

TEST(KnownSecretsTest, LearnsWhatKubectlAppliedLast) {
  Json object = Instance({});
  object["metadata"]["annotations"]
        ["kubectl.kubernetes.io/last-applied-configuration"] =
            base::DumpJson(Instance({{"app", {{"password", "of-last-week"}}}}));
  KnownSecrets secrets;
  secrets.Learn(object);
  EXPECT_EQ(secrets.Redact("was of-last-week"), "was (sensitive)");
}

TEST(KnownSecretsTest, GoesByTheGivenMask) {
  KnownSecrets secrets;
  const Json object = Instance({{"app", {{"motto", "plain-looking"}}}});
  secrets.Learn(object);
  EXPECT_EQ(secrets.Redact("plain-looking"), "plain-looking");
  secrets.Learn(
      object,
      wandb::Mask({{wandb::Step::Key("app"), wandb::Step::Key("motto")}}));
  EXPECT_EQ(secrets.Redact("plain-looking"), "(sensitive)");
}

TEST(KnownSecretsTest, LearnsTheDataOfSecrets) {
  KnownSecrets secrets;
  secrets.Learn(
      Secret({{"MYSQL_PASSWORD", "hunter2"},
              {"user", "wandb"},
              {"any", "0123456789"},
              {"values",
               R"({"global":{"license":"console-license","size":"small"}})"}}));
  EXPECT_EQ(secrets.Redact("hunter2 wandb 0123456789 console-license small"),
            "(sensitive) wandb (sensitive) (sensitive) small");
}

// What Go reads, and other parsers refuse, is no hiding place.
TEST(KnownSecretsTest, ReadsSecretsAsTheOperatorDoes) {
  KnownSecrets secrets;
  secrets.Learn(Secret(
      {{"values",
        R"({"global":{"lic\u0065nse":"console-value","motto":"\ud800"}})"}}));
  EXPECT_EQ(secrets.Redact("has console-value"), "has (sensitive)");
}

// Else a password "password" would hide the path that a message is about.
TEST(KnownSecretsTest, WordsAreHiddenAsValuesOfForeignTextOnly) {
  KnownSecrets secrets;
  secrets.Add({"password", "wandb", "Tr0ub4dor", "correct-horse-battery"});
  EXPECT_EQ(secrets.Redact("password wandb Tr0ub4dor"),
            "password wandb (sensitive)");
  EXPECT_EQ(secrets.Redact("Invalid value: \"wandb\""),
            "Invalid value: \"(sensitive)\"");
  EXPECT_EQ(secrets.Hide("global.mysql.password of default/wandb: Tr0ub4dor, "
                         "correct-horse-battery, see user:x@host"),
            "global.mysql.password of default/wandb: (sensitive), (sensitive), "
            "see user:x@host");
}

TEST(KnownSecretsTest, LeaveARefusalReadable) {
  KnownSecrets secrets;
  secrets.Learn(Secret(
      {{"MYSQL_PASSWORD", "wandb"}, {"API_TOKEN", "default"}, {"PW", "spec"}}));
  const std::string refusal =
      "weightsandbiases.apps.wandb.com is forbidden: cannot get resource in "
      "API group apps.wandb.com in namespace default, spec.values";
  EXPECT_EQ(secrets.Redact(refusal), refusal);
  EXPECT_EQ(
      secrets.Redact("MYSQL_PASSWORD=wandb, token: default, data d2FuZGI="),
      "MYSQL_PASSWORD=(sensitive) token: (sensitive) data (sensitive)");
}

TEST(KnownSecretsTest, ClientsTellWhatTheyRead) {
  const auto fake = std::make_shared<support::FakeClient>();
  const auto secrets = std::make_shared<KnownSecrets>();
  const auto client = LearningClient(fake, secrets);
  fake->Put(kube::SecretRef("default", "s"), Secret({{"token", "first-one"}}));
  ASSERT_TRUE(client->Get({}, kube::SecretRef("default", "s")).ok());
  EXPECT_EQ(secrets->Redact("first-one"), "(sensitive)");
  fake->Put(kube::SecretRef("default", "s"), Secret({{"token", "second-one"}}));
  ASSERT_TRUE(
      client->List({}, kube::CollectionOf(kube::SecretRef("default", "s")), {})
          .ok());
  EXPECT_EQ(secrets->Redact("second-one"), "(sensitive)");
  ASSERT_TRUE(
      client
          ->Patch({}, kube::SecretRef("default", "s"),
                  {{"data", {{"token", absl::Base64Escape("third-one")}}}}, {})
          .ok());
  EXPECT_EQ(secrets->Redact("third-one"), "(sensitive)");
}

}  // namespace
}  // namespace resources
