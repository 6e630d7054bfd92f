#include "provider/tf/schema_faults.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const cty::Type kString = cty::Type::String();

Attribute Of(std::string name, AttributeSpec spec = {},
             cty::Type type = kString) {
  return {std::move(name), std::move(type), nullptr, std::move(spec)};
}

Attribute Nested(std::string name, Nesting nesting,
                 std::vector<Attribute> attributes, AttributeSpec spec = {}) {
  NestedObject object{nesting, std::move(attributes)};
  const cty::Type type = NestedType(object);
  return {std::move(name), type,
          std::make_shared<const NestedObject>(std::move(object)),
          std::move(spec)};
}

std::vector<std::string> Faults(std::vector<Attribute> attributes,
                                std::vector<Block> blocks = {},
                                SchemaKind kind = SchemaKind::kResource) {
  return SchemaFaults(
      {.attributes = std::move(attributes), .blocks = std::move(blocks)}, kind);
}

const AttributeSpec kDefaulted = {.use = Use::kOptionalComputed,
                                  .fallback = cty::Value::String("x")};

TEST(SchemaFaultsTest, AUsualSchemaHasNone) {
  EXPECT_THAT(Faults({Of("a", {.use = Use::kRequired}), Of("b", kDefaulted),
                      Of("secret_wo", {.write_only = true}),
                      Of("any", {}, cty::Type::Dynamic()),
                      Nested("group", Nesting::kSingle,
                             {Of("part", kDefaulted),
                              Of("secret_wo", {.write_only = true}),
                              Of("any", {}, cty::Type::Dynamic())}),
                      Nested("items", Nesting::kMap, {Of("part", kDefaulted)})},
                     {{"timeouts", {Of("create")}, ""}}),
              IsEmpty());
}

TEST(SchemaFaultsTest, NamesThatConfigurationCannotUse) {
  EXPECT_THAT(
      Faults({Of("Upper"), Of("9a"), Of("a-b"), Of(""), Of("count"), Of("same"),
              Of("same")},
             {{"same", {}, ""}, {"a.b", {}, ""}, {"lifecycle", {}, ""}}),
      UnorderedElementsAre(
          "Upper: not a name of lower-case letters, digits and _",
          "9a: not a name of lower-case letters, digits and _",
          "a-b: not a name of lower-case letters, digits and _",
          ": not a name of lower-case letters, digits and _",
          "count: reserved name", "same: declared twice",
          "same: both an attribute and a block, or a block twice",
          "a.b: not a name of lower-case letters, digits and _",
          "lifecycle: reserved name"));
  EXPECT_THAT(Faults({Of("alias"), Of("count")}, {}, SchemaKind::kProvider),
              ElementsAre("alias: reserved name"));
  // Only at the root.
  EXPECT_THAT(Faults({Nested("group", Nesting::kSingle, {Of("count")})}),
              IsEmpty());
}

TEST(SchemaFaultsTest, WriteOnlyWhereCoreAllowsNone) {
  const AttributeSpec write_only = {.write_only = true};
  EXPECT_THAT(
      Faults({Of("a", {.use = Use::kOptionalComputed, .write_only = true})}),
      ElementsAre("a: write-only and computed"));
  EXPECT_THAT(Faults({Nested("n", Nesting::kSingle, {Of("a", write_only)},
                             {.use = Use::kOptionalComputed})}),
              ElementsAre("n.a: write-only below a computed attribute"));
  EXPECT_THAT(Faults({Of("a", write_only)}, {}, SchemaKind::kDataSource),
              ElementsAre("a: write-only outside of a managed resource"));
}

TEST(SchemaFaultsTest, DefaultsThatNoPlanCouldApply) {
  AttributeSpec spec = kDefaulted;
  spec.use = Use::kRequired;
  EXPECT_THAT(Faults({Of("a", spec)}),
              ElementsAre("a: a default, but not optional and computed"));
  spec.use = Use::kOptional;
  EXPECT_THAT(Faults({Of("a", spec)}),
              ElementsAre("a: a default, but not optional and computed"));
  EXPECT_THAT(Faults({Of("a", kDefaulted, cty::Type::Bool())}),
              ElementsAre("a: the default is of another type"));
  EXPECT_THAT(Faults({}, {{"b", {Of("a", kDefaulted)}, ""}}),
              UnorderedElementsAre("b.a: a default in a block",
                                   "b.a: computed in a block"));
}

TEST(SchemaFaultsTest, AnyTypesInsideOfCollections) {
  const cty::Type any = cty::Type::Dynamic();
  EXPECT_THAT(Faults({Of("a", {}, cty::Type::Map(any))}),
              ElementsAre("a: a list, set or map of any type"));
  EXPECT_THAT(Faults({Nested("n", Nesting::kList, {Of("a", {}, any)})}),
              ElementsAre("n.a: any type inside of a list or map"));
}

TEST(SchemaFaultsTest, ATypeThatIsNotThatOfTheParts) {
  Attribute attribute = Nested("n", Nesting::kList, {Of("a")});
  attribute.type = ObjectType(attribute.nested->attributes);
  EXPECT_THAT(Faults({attribute}),
              ElementsAre("n: its type is not that of its parts"));
}

}  // namespace
}  // namespace tf
