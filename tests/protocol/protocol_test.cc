// Drives the built plugin as core does. What holds for any plugin is in
// any_program_test.cc.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/cty/codec.h"
#include "provider/tf/core_rules.h"
#include "tests/protocol/connected.h"

namespace protocol {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
namespace pb = tfplugin6;

class ConnectedTest : public Connected {
 protected:
  ConnectedTest() : Connected(TheProvider()) {}
};

TEST_F(ConnectedTest, BothResourcesHaveIdentities) {
  EXPECT_THAT(
      Schemas().resource_schemas(),
      UnorderedElementsAre(Key("wandb_instance"), Key("wandb_operator")));
  pb::GetResourceIdentitySchemas::Response response;
  ASSERT_TRUE(
      provider_->GetResourceIdentitySchemas(Call().get(), {}, &response).ok());
  EXPECT_THAT(
      response.identity_schemas(),
      UnorderedElementsAre(Key("wandb_instance"), Key("wandb_operator")));
}

TEST_F(ConnectedTest, InvalidAttributeIsReportedWithItsPath) {
  const cty::Type type = Resource("wandb_instance").ImpliedType();
  pb::ValidateResourceConfig::Request request;
  request.set_type_name("wandb_instance");
  pb::ValidateResourceConfig::Response response;
  *request.mutable_config() =
      Dynamic(cty::Value::ObjectOf(type, {{"host", Str("no-url")}}), type);
  ASSERT_TRUE(
      provider_->ValidateResourceConfig(Call().get(), request, &response).ok());
  ASSERT_THAT(ErrorsOf(response), SizeIs(1));
  ASSERT_EQ(response.diagnostics(0).attribute().steps_size(), 1);
  EXPECT_EQ(response.diagnostics(0).attribute().steps(0).attribute_name(),
            "host");
}

// `depth` maps in each other, as a client writes them into a dynamic slot.
std::string DeepDynamic(int depth) {
  std::string type = "\"string\"";
  std::string value = "\xa4leaf";
  for (int i = 0; i < depth; ++i) {
    type = absl::StrCat(R"(["object",{"a":)", type, "}]");
    value = absl::StrCat(
        "\x81\xa1"
        "a",
        value);
  }
  return absl::StrCat("\x92\xc5",
                      std::string{static_cast<char>(type.size() >> 8),
                                  static_cast<char>(type.size() & 0xff)},
                      type, value);
}

// Our encoder writes none that our decoder refuses.
TEST_F(ConnectedTest, DeepValuesAreNoBugOfTheProvider) {
  const cty::Type type = Resource("wandb_instance").ImpliedType();
  const auto bytes = cty::EncodeMsgpack(
      cty::Value::ObjectOf(type, {{"values", Str("placeholder")}}), type);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const std::string plain = "\x92\xc4\x08\"string\"\xabplaceholder";
  ASSERT_THAT(*bytes, HasSubstr(plain));
  int refused = 0;
  for (int depth = 110; depth < 140; ++depth) {
    pb::PlanResourceChange::Request request;
    request.set_type_name("wandb_instance");
    *request.mutable_prior_state() = Dynamic(cty::Value::Null(type), type);
    request.mutable_config()->set_msgpack(
        absl::StrReplaceAll(*bytes, {{plain, DeepDynamic(depth)}}));
    *request.mutable_proposed_new_state() = request.config();
    pb::PlanResourceChange::Response response;
    ASSERT_TRUE(
        provider_->PlanResourceChange(Call().get(), request, &response).ok());
    for (const std::string& error : ErrorsOf(response)) {
      ++refused;
      EXPECT_THAT(error,
                  AllOf(HasSubstr("nested too deeply"), Not(HasSubstr("bug"))))
          << depth;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST_F(ConnectedTest, StateOfSomebodyElseIsNoBugOfTheProvider) {
  pb::UpgradeResourceState::Request request;
  request.set_type_name("wandb_operator");
  request.mutable_raw_state()->set_json(R"({"id":["edited"]})");
  pb::UpgradeResourceState::Response response;
  ASSERT_TRUE(
      provider_->UpgradeResourceState(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response),
              ElementsAre(AllOf(HasSubstr("id"), HasSubstr("backup"),
                                Not(HasSubstr("bug")))));
}

TEST_F(ConnectedTest, UnknownConfigIsValid) {
  const tf::Schema schema = Resource("wandb_instance");
  std::map<std::string, cty::Value> fields;
  for (const tf::Attribute& attribute : schema.attributes) {
    if (attribute.spec.use != tf::Use::kComputed) {
      fields[attribute.name] = cty::Value::Unknown(attribute.type);
    }
  }
  const cty::Type type = schema.ImpliedType();
  pb::ValidateResourceConfig::Request request;
  request.set_type_name("wandb_instance");
  request.mutable_client_capabilities()->set_write_only_attributes_allowed(
      true);
  *request.mutable_config() =
      Dynamic(cty::Value::ObjectOf(type, std::move(fields)), type);
  pb::ValidateResourceConfig::Response response;
  ASSERT_TRUE(
      provider_->ValidateResourceConfig(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
}

TEST_F(ConnectedTest, PlansACreateWithEverythingKnown) {
  const cty::Value planned =
      PlanCreate("wandb_instance",
                 {{"host", Str("https://wandb.example.com")},
                  {"values", cty::Value::Object({{"a", cty::Value::Int(1)}})}});
  EXPECT_EQ(planned.At("id"), Str("default/wandb"));
  EXPECT_EQ(planned.At("url"), Str("https://wandb.example.com"));
  EXPECT_EQ(planned.At("configured_values").At("a"), Str("1"));
  EXPECT_EQ(planned.At("configured_values").At("global.host"),
            Str("https://wandb.example.com"));
  EXPECT_TRUE(planned.At("uid").IsUnknown());
}

TEST_F(ConnectedTest, PlanInsideApplyAgreesWithTheOneBeforeIt) {
  const cty::Value earlier = PlanCreate(
      "wandb_instance",
      {{"namespace", cty::Value::Unknown(cty::Type::String())},
       {"host", cty::Value::Unknown(cty::Type::String())},
       {"values", cty::Value::Object(
                      {{"a", cty::Value::Unknown(cty::Type::String())},
                       {"b", cty::Value::Unknown(cty::Type::Dynamic())}})}});
  EXPECT_TRUE(earlier.At("id").IsUnknown());
  const cty::Value later = PlanCreate(
      "wandb_instance",
      {{"namespace", Str("ns")},
       {"host", Str("https://wandb.example.com")},
       {"values", cty::Value::Object({{"a", Str("x")}, {"b", Str("y")}})}});
  EXPECT_THAT(tf::ReplanFaults(earlier, later), IsEmpty());
}

TEST_F(ConnectedTest, PlansAnOperatorFromNothing) {
  const cty::Value planned = PlanCreate("wandb_operator", {});
  EXPECT_EQ(planned.At("id"), Str("wandb/wandb"));
  EXPECT_TRUE(planned.At("objects").IsWhollyKnown());
  EXPECT_THAT(planned.At("objects").fields(), Not(IsEmpty()));
}

TEST_F(ConnectedTest, StoredStateIsUpgradedToTheSchema) {
  const cty::Type type = Resource("wandb_operator").ImpliedType();
  pb::UpgradeResourceState::Request request;
  request.set_type_name("wandb_operator");
  request.mutable_raw_state()->set_json(
      R"({"id":"ns/wandb","namespace":"ns","name":"wandb","gone":1})");
  pb::UpgradeResourceState::Response response;
  ASSERT_TRUE(
      provider_->UpgradeResourceState(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
  const auto state =
      cty::DecodeMsgpack(response.upgraded_state().msgpack(), type);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->At("namespace"), Str("ns"));
  EXPECT_EQ(state->At("wait"), cty::Value::Bool(true));  // Its default.
}

TEST_F(ConnectedTest, FunctionsAreDescribedAndCalled) {
  pb::GetFunctions::Response functions;
  ASSERT_TRUE(provider_->GetFunctions(Call().get(), {}, &functions).ok());
  EXPECT_THAT(functions.functions(),
              testing::UnorderedElementsAre(
                  Key("effective_spec"), Key("flatten_values"),
                  Key("merge_values"), Key("parse_instance_id")));
  for (const auto& [name, function] : functions.functions()) {
    EXPECT_TRUE(base::ParseJson(function.return_().type(), "result type").ok())
        << name;
  }
  pb::CallFunction::Request request;
  request.set_name("parse_instance_id");
  request.add_arguments()->set_json("\"default/wandb\"");
  pb::CallFunction::Response response;
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_FALSE(response.has_error()) << response.error().text();
  request.mutable_arguments(0)->set_json("\"wandb\"");
  response.Clear();
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_THAT(response.error().text(), HasSubstr("namespace/name"));
  EXPECT_EQ(response.error().function_argument(), 0);
  // What core would never send is refused, and nothing breaks.
  request.clear_arguments();
  response.Clear();
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_THAT(response.error().text(), HasSubstr("needs 1 arguments"));
  request.set_name("nothing");
  response.Clear();
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_THAT(response.error().text(), HasSubstr("no function \"nothing\""));
}

}  // namespace
}  // namespace protocol
