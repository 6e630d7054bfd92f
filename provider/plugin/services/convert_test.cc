#include "provider/plugin/services/convert.h"

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace plugin {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
namespace pb = tfplugin6;

const cty::Type kString = cty::Type::String();

TEST(ToSchemaTest, AttributesCarryUseTypeAndFlags) {
  tf::Schema schema{
      .version = 3,
      .doc = "A **thing**.",
      .attributes = {
          {"req", kString, nullptr, {.use = tf::Use::kRequired, .doc = "Doc."}},
          {"opt", cty::Type::Map(kString), nullptr, {.sensitive = true}},
          {"both",
           cty::Type::Dynamic(),
           nullptr,
           {.use = tf::Use::kOptionalComputed}},
          {"made", cty::Type::Number(), nullptr, {.use = tf::Use::kComputed}},
          {"wo", kString, nullptr, {.write_only = true, .deprecated = "No."}}}};
  pb::Schema message;
  ToSchema(schema, &message);
  EXPECT_EQ(message.version(), 3);
  EXPECT_EQ(message.block().description(), "A **thing**.");
  EXPECT_EQ(message.block().description_kind(), pb::MARKDOWN);
  ASSERT_EQ(message.block().attributes_size(), 5);
  const auto& attributes = message.block().attributes();
  const auto use = [](const pb::Schema::Attribute& attribute) {
    return std::string(attribute.required() ? "r" : "") +
           (attribute.optional() ? "o" : "") +
           (attribute.computed() ? "c" : "");
  };
  EXPECT_EQ(use(attributes[0]), "r");
  EXPECT_EQ(use(attributes[1]), "o");
  EXPECT_EQ(use(attributes[2]), "oc");
  EXPECT_EQ(use(attributes[3]), "c");
  EXPECT_EQ(attributes[0].type(), "\"string\"");
  EXPECT_EQ(attributes[0].description(), "Doc.");
  EXPECT_EQ(attributes[1].type(), R"(["map","string"])");
  EXPECT_TRUE(attributes[1].sensitive());
  EXPECT_FALSE(attributes[0].sensitive());
  EXPECT_EQ(attributes[2].type(), "\"dynamic\"");
  EXPECT_TRUE(attributes[4].write_only());
  EXPECT_TRUE(attributes[4].deprecated());
  EXPECT_EQ(attributes[4].deprecation_message(), "No.");
}

TEST(ToSchemaTest, WhatForcesReplacementSaysSo) {
  pb::Schema message;
  ToSchema({.attributes = {{"name",
                            kString,
                            nullptr,
                            {.replace_on_change = true, .doc = "Doc."}},
                           {"free", kString, nullptr, {.doc = "Doc."}}}},
           &message);
  EXPECT_EQ(message.block().attributes(0).description(),
            "Doc. A change forces a new resource.");
  EXPECT_EQ(message.block().attributes(1).description(), "Doc.");
}

TEST(ToSchemaTest, NestedAttributesHaveANestedTypeInPlaceOfAType) {
  using Object = pb::Schema::Object;
  const std::vector<tf::Attribute> parts = {{"p", kString, nullptr, {}}};
  tf::Schema schema;
  for (const tf::Nesting nesting :
       {tf::Nesting::kSingle, tf::Nesting::kList, tf::Nesting::kMap}) {
    schema.attributes.push_back({"n",
                                 tf::ObjectType(parts),
                                 std::make_shared<const tf::NestedObject>(
                                     tf::NestedObject{nesting, parts}),
                                 {}});
  }
  pb::Schema message;
  ToSchema(schema, &message);
  const auto& attributes = message.block().attributes();
  EXPECT_EQ(attributes[0].nested_type().nesting(), Object::SINGLE);
  EXPECT_EQ(attributes[1].nested_type().nesting(), Object::LIST);
  EXPECT_EQ(attributes[2].nested_type().nesting(), Object::MAP);
  for (const pb::Schema::Attribute& attribute : attributes) {
    EXPECT_EQ(attribute.type(), "");
    ASSERT_EQ(attribute.nested_type().attributes_size(), 1);
    EXPECT_EQ(attribute.nested_type().attributes(0).name(), "p");
  }
}

TEST(ToSchemaTest, BlocksAreSingle) {
  tf::Schema schema{
      .blocks = {{.name = "timeouts",
                  .attributes = {{"create", kString, nullptr, {}}},
                  .doc = "How long."}}};
  pb::Schema message;
  ToSchema(schema, &message);
  ASSERT_EQ(message.block().block_types_size(), 1);
  const pb::Schema::NestedBlock& block = message.block().block_types(0);
  EXPECT_EQ(block.type_name(), "timeouts");
  EXPECT_EQ(block.nesting(), pb::Schema::NestedBlock::SINGLE);
  EXPECT_EQ(block.block().description(), "How long.");
  ASSERT_EQ(block.block().attributes_size(), 1);
  EXPECT_EQ(block.block().attributes(0).name(), "create");
}

TEST(ToIdentitySchemaTest, EachAttributeIsRequiredOrOptional) {
  pb::ResourceIdentitySchema message;
  ToIdentitySchema({{.name = "ns", .doc = "Namespace."},
                    {.name = "x", .required_for_import = false}},
                   &message);
  ASSERT_EQ(message.identity_attributes_size(), 2);
  EXPECT_EQ(message.identity_attributes(0).type(), "\"string\"");
  EXPECT_EQ(message.identity_attributes(0).description(), "Namespace.");
  EXPECT_TRUE(message.identity_attributes(0).required_for_import());
  EXPECT_FALSE(message.identity_attributes(0).optional_for_import());
  EXPECT_FALSE(message.identity_attributes(1).required_for_import());
  EXPECT_TRUE(message.identity_attributes(1).optional_for_import());
}

TEST(ToDiagnosticsTest, KeepsSeverityTextAndPath) {
  tf::Diagnostics diags;
  diags.AddWarning("w", "detail");
  diags.AddError(cty::Path("a").Attribute("b").Key("c.d").Index(2), "e", "f");
  diags.AddError(cty::Path(), "root", "");
  google::protobuf::RepeatedPtrField<pb::Diagnostic> messages;
  ToDiagnostics(diags, nullptr, &messages);
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_EQ(messages[0].severity(), pb::Diagnostic::WARNING);
  EXPECT_EQ(messages[0].summary(), "w");
  EXPECT_EQ(messages[0].detail(), "detail");
  EXPECT_FALSE(messages[0].has_attribute());
  EXPECT_EQ(messages[1].severity(), pb::Diagnostic::ERROR);
  const pb::AttributePath& path = messages[1].attribute();
  ASSERT_EQ(path.steps_size(), 4);
  EXPECT_EQ(path.steps(0).attribute_name(), "a");
  EXPECT_EQ(path.steps(1).attribute_name(), "b");
  EXPECT_EQ(path.steps(2).element_key_string(), "c.d");
  EXPECT_EQ(path.steps(3).element_key_int(), 2);
  // An empty path would make clients point at nothing.
  EXPECT_FALSE(messages[2].has_attribute());
}

// Clients refuse the whole answer otherwise, the state in it too.
TEST(TextTest, WhatLeavesForTheClientIsUtf8) {
  tf::Diagnostics diags;
  diags.AddError(cty::Path("a\xe9").Key("k\xed\xa0\x80"), "s\xff", "d\xe2\x82");
  google::protobuf::RepeatedPtrField<pb::Diagnostic> messages;
  ToDiagnostics(diags, nullptr, &messages);
  EXPECT_EQ(messages[0].summary(), "s\ufffd");
  EXPECT_EQ(messages[0].detail(), "d\ufffd\ufffd");
  const pb::AttributePath& path = messages[0].attribute();
  EXPECT_EQ(path.steps(0).attribute_name(), "a\ufffd");
  EXPECT_EQ(path.steps(1).element_key_string(), "k\ufffd\ufffd\ufffd");

  pb::FunctionError error;
  ToFunctionError("e\xc0\xaf", nullptr, 1, &error);
  EXPECT_EQ(error.text(), "e\ufffd\ufffd");
  EXPECT_EQ(error.function_argument(), 1);

  const cty::Type type = cty::Type::Map(kString);
  pb::DynamicValue state;
  ASSERT_TRUE(ToDynamic(cty::Value::Map(
                            kString, {{"k\xff", cty::Value::String("v\xe9")}}),
                        type, &state)
                  .ok());
  const auto back = FromDynamic(state, type, "state");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->At("k\ufffd"), cty::Value::String("v\ufffd"));

  EXPECT_EQ(ToPrivate({{"k\xff", "v\xe9"}}), "{\"k\ufffd\":\"v\ufffd\"}");
}

// Servers, logs and objects may say anything; a terminal must not obey it.
TEST(TextTest, MessagesHaveNoSecretsAndNothingThatATerminalActsOn) {
  const HideText hide = [](absl::string_view text) {
    return absl::StrReplaceAll(text, {{"hunter2", "(sensitive)"}});
  };
  tf::Diagnostics diags;
  diags.AddError("hunter2\x1b[2J",
                 "a\xe2\x80\xae"
                 "b\n\thunter2\x07");
  google::protobuf::RepeatedPtrField<pb::Diagnostic> messages;
  ToDiagnostics(diags, hide, &messages);
  EXPECT_EQ(messages[0].summary(), "(sensitive)\\u001b[2J");
  EXPECT_EQ(messages[0].detail(), "a\\u202eb\n\t(sensitive)\\u0007");
  pb::FunctionError error;
  ToFunctionError("hunter2\x1b", hide, std::nullopt, &error);
  EXPECT_EQ(error.text(), "(sensitive)\\u001b");
}

TEST(DynamicTest, SurvivesTheRoundTrip) {
  const cty::Type type =
      cty::Type::Object({{"a", kString}, {"b", cty::Type::Dynamic()}});
  const cty::Value value = cty::Value::ObjectOf(
      type, {{"a", cty::Value::Unknown(kString)}, {"b", cty::Value::Int(1)}});
  pb::DynamicValue message;
  ASSERT_TRUE(ToDynamic(value, type, &message).ok());
  const auto back = FromDynamic(message, type, "config");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, value);
}

TEST(DynamicTest, EmptyMessageIsNull) {
  const auto value = FromDynamic({}, kString, "config");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*value, cty::Value::Null(kString));
}

TEST(DynamicTest, JsonIsReadWhereThereIsNoMsgpack) {
  pb::DynamicValue message;
  message.set_json("\"x\"");
  const auto value = FromDynamic(message, kString, "config");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*value, cty::Value::String("x"));
}

TEST(DynamicTest, ErrorNamesTheField) {
  pb::DynamicValue message;
  message.set_msgpack("\xc1");
  const auto value = FromDynamic(message, kString, "prior_state");
  EXPECT_TRUE(absl::IsInvalidArgument(value.status()));
  EXPECT_THAT(value.status().message(), HasSubstr("prior_state"));
}

TEST(IdentityTest, ComesFromTheStateAndBack) {
  const std::vector<tf::IdentityAttribute> attributes = {{.name = "ns"},
                                                         {.name = "name"}};
  const cty::Value state =
      cty::Value::Object({{"ns", cty::Value::String("default")},
                          {"name", cty::Value::String("thing")},
                          {"other", cty::Value::Int(1)}});
  pb::ResourceIdentityData message;
  ASSERT_TRUE(ToIdentity(attributes, state, &message).ok());
  const auto back = FromIdentity(attributes, message);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, (std::map<std::string, std::string>{{"ns", "default"},
                                                       {"name", "thing"}}));
}

TEST(IdentityTest, NoStateOrNoSchemaMeansNoIdentity) {
  pb::ResourceIdentityData message;
  ASSERT_TRUE(ToIdentity({{.name = "ns"}}, cty::Value(), &message).ok());
  EXPECT_FALSE(message.has_identity_data());
  ASSERT_TRUE(ToIdentity({}, cty::Value::Object({}), &message).ok());
  EXPECT_FALSE(message.has_identity_data());
}

TEST(PrivateTest, SurvivesTheRoundTrip) {
  const base::Json data = {{"a", {1, "x"}}};
  EXPECT_EQ(FromPrivate(ToPrivate(data)), data);
  EXPECT_EQ(ToPrivate(base::Json::object()), "");
}

TEST(PrivateTest, ForeignDataReadsAsEmpty) {
  for (const char* bytes : {"", "not json", "[1]", "null", "\xff"}) {
    EXPECT_EQ(FromPrivate(bytes), base::Json::object()) << bytes;
  }
}

}  // namespace
}  // namespace plugin
