#include "resources/connection/provider_config.h"

#include <fstream>
#include <iterator>
#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/tf/schema.h"

namespace resources {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::Pair;

using cty::Type;
using cty::Value;
using Fields = std::map<std::string, Value>;

std::optional<std::string> NoEnvironment(const std::string&) {
  return std::nullopt;
}

Value Object(const Type& type, Fields set) {
  Fields all;
  for (const auto& [name, attribute] : type.attributes()) {
    const auto it = set.find(name);
    all[name] = it == set.end() ? Value::Null(attribute) : it->second;
  }
  return Value::ObjectOf(type, std::move(all));
}

// A provider block that sets just `set`.
Value Config(Fields set) {
  return Object(ProviderSchema().ImpliedType(), std::move(set));
}

Value Exec(Fields set) {
  return Object(ProviderSchema().ImpliedType().attributes().at("exec"),
                std::move(set));
}

Value Strings(const std::vector<std::string>& texts) {
  std::vector<Value> values;
  for (const std::string& text : texts) values.push_back(Value::String(text));
  return Value::List(Type::String(), std::move(values));
}

ConfiguredSession::Settings Settings(Fields set) {
  return SettingsOf(Config(std::move(set)), NoEnvironment);
}

std::vector<tf::Diagnostic> Problems(Fields set) {
  tf::Diagnostics diags;
  const Value config = Config(std::move(set));
  tf::ValidateConfig(ProviderSchema(), config, {}, diags);
  ValidateProviderConfig(config, diags);
  return diags.items();
}

TEST(SettingsOf, EveryTextArgumentArrives) {
  using Sources = ConfigSources;
  const struct {
    const char* name;
    std::optional<std::string> Sources::*member;
  } kCases[] = {
      {"host", &Sources::host},
      {"username", &Sources::username},
      {"password", &Sources::password},
      {"tls_server_name", &Sources::tls_server_name},
      {"client_certificate", &Sources::client_certificate},
      {"client_key", &Sources::client_key},
      {"cluster_ca_certificate", &Sources::cluster_ca_certificate},
      {"config_path", &Sources::config_path},
      {"config_context", &Sources::config_context},
      {"config_context_auth_info", &Sources::config_context_auth_info},
      {"config_context_cluster", &Sources::config_context_cluster},
      {"token", &Sources::token},
      {"proxy_url", &Sources::proxy_url},
  };
  for (const auto& test : kCases) {
    const auto settings = Settings({{test.name, Value::String("v")}});
    EXPECT_THAT(settings.sources.*test.member, Optional(std::string("v")))
        << test.name;
    EXPECT_FALSE(settings.unknown);
    EXPECT_EQ(Settings({}).sources.*test.member, std::nullopt) << test.name;
  }
}

TEST(SettingsOf, OtherArgumentsArrive) {
  const auto settings = Settings(
      {{"insecure", Value::Bool(true)},
       {"load_kubeconfig", Value::Bool(true)},
       {"config_paths", Strings({"/a", "/b"})},
       {"field_manager", Value::String("me")},
       {"release_channel_url", Value::String("https://c")},
       {"license", Value::String("l")},
       {"exec", Exec({{"api_version", Value::String("v1")},
                      {"command", Value::String("aws")},
                      {"args", Strings({"eks"})},
                      {"env", Value::Map(Type::String(),
                                         {{"A", Value::String("1")}})}})}});
  EXPECT_THAT(settings.sources.insecure, Optional(true));
  EXPECT_TRUE(settings.sources.load_kubeconfig);
  EXPECT_THAT(settings.sources.config_paths, Optional(ElementsAre("/a", "/b")));
  EXPECT_EQ(settings.field_manager, "me");
  EXPECT_EQ(settings.release_channel_url, "https://c");
  EXPECT_EQ(settings.license.Reveal(), "l");
  ASSERT_TRUE(settings.sources.exec.has_value());
  EXPECT_EQ(settings.sources.exec->api_version, "v1");
  EXPECT_EQ(settings.sources.exec->command, "aws");
  EXPECT_THAT(settings.sources.exec->args, ElementsAre("eks"));
  EXPECT_THAT(settings.sources.exec->env, ElementsAre(Pair("A", "1")));
}

TEST(SettingsOf, AnythingUnknownOfTheConnectionMakesItUnknown) {
  const Value unknown = Value::Unknown(Type::String());
  for (const char* name :
       {"host", "username", "password", "tls_server_name", "client_certificate",
        "client_key", "cluster_ca_certificate", "config_path", "config_context",
        "config_context_auth_info", "config_context_cluster", "token",
        "proxy_url", "field_manager"}) {
    EXPECT_TRUE(Settings({{name, unknown}}).unknown) << name;
  }
  EXPECT_TRUE(Settings({{"insecure", Value::Unknown(Type::Bool())}}).unknown);
  EXPECT_TRUE(
      Settings({{"config_paths", Value::List(Type::String(), {unknown})}})
          .unknown);
  EXPECT_TRUE(
      Settings({{"exec",
                 Exec({{"command", Value::String("aws")},
                       {"args", Value::List(Type::String(),
                                            {Value::String("a"), unknown})}})}})
          .unknown);
  EXPECT_TRUE(
      Settings({{"exec", Exec({{"env", Value::Map(Type::String(),
                                                  {{"A", unknown}})}})}})
          .unknown);
}

TEST(SettingsOf, WhatIsNotOfTheConnectionMayBeUnknown) {
  const Value unknown = Value::Unknown(Type::String());
  const auto settings = SettingsOf(
      Config({{"license", unknown},
              {"release_channel_url", unknown},
              {"ignore_labels", Value::List(Type::String(), {unknown})}}),
      [](const std::string&) { return std::string("other"); });
  EXPECT_FALSE(settings.unknown);
  EXPECT_EQ(settings.license.Reveal(), "");  // Not the environment's.
}

TEST(SettingsOf, LicenseComesFromTheEnvironmentLast) {
  const auto environment =
      [](const std::string& name) -> std::optional<std::string> {
    if (name == "WANDB_LICENSE") return "e";
    return std::nullopt;
  };
  EXPECT_EQ(SettingsOf(Config({}), environment).license.Reveal(), "e");
  EXPECT_EQ(SettingsOf(Config({{"license", Value::String("a")}}), environment)
                .license.Reveal(),
            "a");
}

TEST(ProviderSchemaTest, TakesABlockOfTheKubernetesProvider) {
  EXPECT_TRUE(Problems({}).empty());
  EXPECT_TRUE(
      Problems({{"host", Value::String("https://h")},
                {"ignore_labels", Strings({"a.*"})},
                {"ignore_annotations", Strings({"b.*"})},
                {"experiments",
                 Object(ProviderSchema().ImpliedType().attributes().at(
                            "experiments"),
                        {{"manifest_resource", Value::Bool(true)}})},
                {"exec",
                 Exec({{"api_version",
                        Value::String("client.authentication.k8s.io/v1beta1")},
                       {"command", Value::String("aws")}})}})
          .empty());
}

TEST(ProviderSchemaTest, NamesWhatIsWrong) {
  auto problems = Problems(
      {{"exec", Exec({{"api_version",
                       Value::String("client.authentication.k8s.io/v1alpha1")},
                      {"command", Value::String("aws")}})}});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0].detail, HasSubstr("v1beta1"));
  problems = Problems(
      {{"config_path", Value::String("a")}, {"config_paths", Strings({"b"})}});
  ASSERT_EQ(problems.size(), 1U);
  problems = Problems({{"release_channel_url", Value::String("ftp://x")}});
  EXPECT_EQ(problems.size(), 1U);
}

TEST(ProviderSchemaTest, EveryArgumentIsInTheReadme) {
  std::ifstream in(TFW_TEST_DATA "/../../README.md");
  std::string readme(std::istreambuf_iterator<char>(in), {});
  const size_t section = readme.find("\n## Provider configuration");
  ASSERT_NE(section, std::string::npos);
  readme = readme.substr(section, readme.find("\n## ", section + 1) - section);
  const Type block = ProviderSchema().ImpliedType();
  for (const auto& [name, type] : block.attributes()) {
    EXPECT_THAT(readme, HasSubstr(absl::StrCat("`", name, "`")));
  }
}

}  // namespace
}  // namespace resources
