#include "provider/tf/schema.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/tf/validators.h"

namespace tf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Attribute Text(std::string name, AttributeSpec spec) {
  return {std::move(name), cty::Type::String(), nullptr, std::move(spec)};
}

Attribute Nested(std::string name, Nesting nesting,
                 std::vector<Attribute> attributes, AttributeSpec spec) {
  cty::Type type = ObjectType(attributes);
  if (nesting == Nesting::kList) type = cty::Type::List(type);
  if (nesting == Nesting::kMap) type = cty::Type::Map(type);
  return {std::move(name), type,
          std::make_shared<const NestedObject>(
              NestedObject{nesting, std::move(attributes)}),
          std::move(spec)};
}

cty::Value Config(const Schema& schema,
                  std::map<std::string, cty::Value> fields) {
  return cty::Value::ObjectOf(schema.ImpliedType(), std::move(fields));
}

// "path: summary" of each diagnostic, warnings marked.
std::vector<std::string> Lines(const Diagnostics& diags) {
  std::vector<std::string> out;
  for (const Diagnostic& item : diags.items()) {
    out.push_back((item.severity == Severity::kWarning ? "warning " : "") +
                  (item.path.has_value() ? item.path->ToString() : "") + ": " +
                  item.summary);
  }
  return out;
}

std::vector<std::string> Validated(const Schema& schema,
                                   std::map<std::string, cty::Value> fields,
                                   const ValidateOptions& options = {}) {
  Diagnostics diags;
  ValidateConfig(schema, Config(schema, std::move(fields)), options, diags);
  return Lines(diags);
}

TEST(SchemaTest, ImpliedTypeHoldsAttributesAndBlocks) {
  const Schema schema{
      .attributes = {Text("a", {})},
      .blocks = {{.name = "b", .attributes = {Text("c", {})}, .doc = ""}}};
  EXPECT_EQ(schema.ImpliedType(),
            cty::Type::Object(
                {{"a", cty::Type::String()},
                 {"b", cty::Type::Object({{"c", cty::Type::String()}})}}));
}

TEST(ValidateConfigTest, NullRequiredAttributeIsAnError) {
  const Schema schema{.attributes = {Text("a", {.use = Use::kRequired})}};
  EXPECT_THAT(Validated(schema, {}),
              ElementsAre("a: Missing required attribute"));
  EXPECT_THAT(
      Validated(schema, {{"a", cty::Value::Unknown(cty::Type::String())}}),
      IsEmpty());
  EXPECT_THAT(Validated(schema, {{"a", cty::Value::String("")}}), IsEmpty());
}

TEST(ValidateConfigTest, SettingAReadOnlyAttributeIsAnError) {
  const Schema schema{.attributes = {Text("a", {.use = Use::kComputed})}};
  EXPECT_THAT(Validated(schema, {{"a", cty::Value::String("x")}}),
              ElementsAre("a: Read-only attribute set"));
  EXPECT_THAT(
      Validated(schema, {{"a", cty::Value::Unknown(cty::Type::String())}}),
      ElementsAre("a: Read-only attribute set"));
  EXPECT_THAT(Validated(schema, {}), IsEmpty());
}

TEST(ValidateConfigTest, WriteOnlyNeedsAClientThatKnowsIt) {
  const Schema schema{.attributes = {Text("a", {.write_only = true})}};
  EXPECT_THAT(Validated(schema, {{"a", cty::Value::String("x")}},
                        {.write_only_allowed = false}),
              ElementsAre("a: Write-only attributes not supported"));
  EXPECT_THAT(Validated(schema, {}, {.write_only_allowed = false}), IsEmpty());
  EXPECT_THAT(Validated(schema, {{"a", cty::Value::String("x")}}), IsEmpty());
}

TEST(ValidateConfigTest, UseOfADeprecatedAttributeWarns) {
  const Schema schema{
      .attributes = {Text("a", {.deprecated = "Use b instead."})}};
  EXPECT_THAT(Validated(schema, {{"a", cty::Value::String("x")}}),
              ElementsAre("warning a: Deprecated attribute"));
  EXPECT_THAT(Validated(schema, {}), IsEmpty());
}

TEST(ValidateConfigTest, ValidatorsSeeKnownValuesOnly) {
  int calls = 0;
  const Schema schema{
      .attributes = {
          Text("a", {.validators = {[&](const cty::Value&, const cty::Path&,
                                        Diagnostics&) { ++calls; }}})}};
  Validated(schema, {});
  Validated(schema, {{"a", cty::Value::Unknown(cty::Type::String())}});
  EXPECT_EQ(calls, 0);
  Validated(schema, {{"a", cty::Value::String("x")}});
  EXPECT_EQ(calls, 1);
}

TEST(ValidateConfigTest, PathsLeadIntoNestedAttributesAndBlocks) {
  const std::vector<Attribute> inner = {
      Text("name", {.use = Use::kRequired, .validators = {NotEmpty()}})};
  const cty::Type type = ObjectType(inner);
  const Schema schema{
      .attributes = {Nested("one", Nesting::kSingle, inner, {}),
                     Nested("list", Nesting::kList, inner, {}),
                     Nested("map", Nesting::kMap, inner, {})},
      .blocks = {{.name = "block", .attributes = inner, .doc = ""}}};
  const cty::Value empty =
      cty::Value::ObjectOf(type, {{"name", cty::Value::String("")}});
  const cty::Value missing = cty::Value::ObjectOf(type, {});
  EXPECT_THAT(
      Validated(schema, {{"one", missing},
                         {"list", cty::Value::List(type, {missing, empty})},
                         {"map", cty::Value::Map(type, {{"k", empty}})},
                         {"block", missing}}),
      ElementsAre("one.name: Missing required attribute",
                  "list[0].name: Missing required attribute",
                  "list[1].name: Invalid attribute value",
                  "map[\"k\"].name: Invalid attribute value",
                  "block.name: Missing required attribute"));
  EXPECT_THAT(Validated(schema, {}), IsEmpty());
}

// What is left of an object whose names are all misspelt.
TEST(ValidateConfigTest, AnObjectInWhichNothingIsSetIsAWarning) {
  const std::vector<Attribute> inner = {Text("name", {}), Text("size", {}),
                                        Text("id", {.use = Use::kComputed})};
  const cty::Type type = ObjectType(inner);
  const Schema schema{.attributes = {Nested("one", Nesting::kSingle, inner, {}),
                                     Nested("map", Nesting::kMap, inner, {})}};
  const cty::Value empty = cty::Value::ObjectOf(type, {});
  const cty::Value set =
      cty::Value::ObjectOf(type, {{"size", cty::Value::String("x")}});
  EXPECT_THAT(
      Validated(schema,
                {{"one", empty},
                 {"map", cty::Value::Map(type, {{"a", set}, {"b", empty}})}}),
      ElementsAre("warning one: Nothing is set in one",
                  "warning map[\"b\"]: Nothing is set in map[\"b\"]"));
  EXPECT_THAT(Validated(schema, {}), IsEmpty());
}

TEST(ValidateConfigTest, NullElementsOfNestedCollectionsAreErrors) {
  const std::vector<Attribute> inner = {Text("name", {})};
  const cty::Type type = ObjectType(inner);
  const Schema schema{.attributes = {Nested("list", Nesting::kList, inner, {}),
                                     Nested("map", Nesting::kMap, inner, {})}};
  EXPECT_THAT(
      Validated(
          schema,
          {{"list", cty::Value::List(type, {cty::Value::Null(type)})},
           {"map", cty::Value::Map(type, {{"k", cty::Value::Null(type)},
                                          {"u", cty::Value::Unknown(type)}})}}),
      ElementsAre("list[0]: Null element", "map[\"k\"]: Null element"));
}

TEST(DiagnosticsTest, DropsRepetitionsAndKeepsOrder) {
  Diagnostics diags;
  diags.AddWarning("b", "x");
  diags.AddError("a", "x");
  diags.AddWarning("b", "x");
  diags.AddWarning(cty::Path("p"), "b", "x");
  Diagnostics other;
  other.AddError("a", "x");
  other.AddError("c", "x");
  diags.Append(other);
  EXPECT_THAT(Lines(diags),
              ElementsAre("warning : b", ": a", "warning p: b", ": c"));
}

TEST(DiagnosticsTest, WarningsAreNoErrors) {
  Diagnostics diags;
  EXPECT_FALSE(diags.HasError());
  diags.AddWarning("a", "b");
  EXPECT_FALSE(diags.HasError());
  diags.AddError("a", "b");
  EXPECT_TRUE(diags.HasError());
}

TEST(PointsElsewhereTest, WhereThePartHasTheNameOfAnotherAttribute) {
  const Attribute name = {"name", cty::Type::String(), nullptr, {}};
  const Attribute other = {"other", cty::Type::String(), nullptr, {}};
  const Attribute group = {"group",
                           ObjectType({name, other}),
                           std::make_shared<NestedObject>(
                               NestedObject{Nesting::kSingle, {name, other}}),
                           {}};
  const Schema schema{0, "", {name, group}, {}};
  EXPECT_TRUE(PointsElsewhere(schema, cty::Path("group").Attribute("name")));
  EXPECT_FALSE(PointsElsewhere(schema, cty::Path("group").Attribute("other")));
  EXPECT_FALSE(PointsElsewhere(schema, "name"));
  EXPECT_FALSE(PointsElsewhere(schema, "group"));
}

TEST(QuotesSecretsTest, WhereSourceLinesMayHoldThem) {
  const Attribute secret = {
      "secret", cty::Type::String(), nullptr, {.sensitive = true}};
  const Attribute plain = {"plain", cty::Type::String(), nullptr, {}};
  const Attribute values = {
      "values", cty::Type::Dynamic(), nullptr, {.never_quoted = true}};
  const Attribute group = {"group",
                           ObjectType({secret, plain}),
                           std::make_shared<NestedObject>(
                               NestedObject{Nesting::kList, {secret, plain}}),
                           {}};
  const Schema schema{0, "", {secret, plain, values, group}, {}};
  EXPECT_TRUE(QuotesSecrets(schema, "secret"));
  EXPECT_TRUE(QuotesSecrets(schema, cty::Path("secret").Key("a")));
  EXPECT_TRUE(
      QuotesSecrets(schema, cty::Path("group").Index(0).Attribute("secret")));
  EXPECT_FALSE(
      QuotesSecrets(schema, cty::Path("group").Index(0).Attribute("plain")));
  EXPECT_TRUE(QuotesSecrets(schema, "values"));
  EXPECT_TRUE(QuotesSecrets(schema, cty::Path("values").Attribute("a")));
  // The source lines of the whole have those of its parts.
  EXPECT_TRUE(QuotesSecrets(schema, "group"));
  EXPECT_TRUE(QuotesSecrets(schema, cty::Path("group").Index(0)));
  EXPECT_FALSE(QuotesSecrets(schema, "plain"));
  EXPECT_FALSE(QuotesSecrets(schema, "none"));
}

TEST(QuotesSecretsTest, BlocksHoldThemToo) {
  const Schema schema{
      .blocks = {
          {"exec", {Text("env", {.sensitive = true}), Text("command", {})}, ""},
          {"timeouts", {Text("create", {})}, ""}}};
  const cty::Path exec("exec");
  EXPECT_TRUE(QuotesSecrets(schema, exec));
  EXPECT_TRUE(QuotesSecrets(schema, exec.Attribute("env")));
  EXPECT_FALSE(QuotesSecrets(schema, exec.Attribute("command")));
  EXPECT_FALSE(QuotesSecrets(schema, exec.Attribute("exec")));
  EXPECT_FALSE(QuotesSecrets(schema, "timeouts"));
}

}  // namespace
}  // namespace tf
