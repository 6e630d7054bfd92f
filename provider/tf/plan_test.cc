#include "provider/tf/plan.h"

#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Fields = std::map<std::string, cty::Value>;

const cty::Type kString = cty::Type::String();

cty::Value Str(const char* text) { return cty::Value::String(text); }
cty::Value UnknownStr() { return cty::Value::Unknown(kString); }

Attribute Text(std::string name, AttributeSpec spec) {
  return {std::move(name), kString, nullptr, std::move(spec)};
}

Attribute Nested(std::string name, Nesting nesting,
                 const std::vector<Attribute>& parts, AttributeSpec spec) {
  cty::Type type = ObjectType(parts);
  if (nesting == Nesting::kList) type = cty::Type::List(type);
  if (nesting == Nesting::kMap) type = cty::Type::Map(type);
  return {std::move(name), type,
          std::make_shared<const NestedObject>(NestedObject{nesting, parts}),
          std::move(spec)};
}

const std::vector<Attribute>& Parts() {
  static const base::NeverDestroyed<std::vector<Attribute>> kParts(
      std::vector<Attribute>{
          Text("tag",
               {.use = Use::kOptionalComputed, .fallback = Str("latest")}),
          Text("made", {.use = Use::kComputed}),
          Text("kept", {.use = Use::kComputed, .keep_on_update = true}),
          Text("pin", {.replace_on_change = true})});
  return *kParts;
}

Schema SchemaWith(std::vector<Attribute> attributes) {
  return {.attributes = std::move(attributes)};
}

cty::Value Make(const Schema& schema, Fields fields) {
  return cty::Value::ObjectOf(schema.ImpliedType(), std::move(fields));
}
cty::Value Part(Fields fields) {
  return cty::Value::ObjectOf(ObjectType(Parts()), std::move(fields));
}
cty::Value Nothing(const Schema& schema) {
  return cty::Value::Null(schema.ImpliedType());
}

TEST(WithDefaultsTest, FillsWhatConfigLeavesOut) {
  const Schema schema = SchemaWith(
      {Text("a", {.use = Use::kOptionalComputed, .fallback = Str("x")})});
  const auto planned = [&](cty::Value config, cty::Value proposed) {
    return WithDefaults(schema, Make(schema, {{"a", config}}),
                        Make(schema, {{"a", proposed}}))
        .At("a");
  };
  const cty::Value null = cty::Value::Null(kString);
  EXPECT_EQ(planned(null, null), Str("x"));
  // A default wins over the prior value, which core proposes.
  EXPECT_EQ(planned(null, Str("prior")), Str("x"));
  EXPECT_EQ(planned(Str("y"), Str("y")), Str("y"));
  EXPECT_EQ(planned(UnknownStr(), UnknownStr()), UnknownStr());
}

TEST(WithDefaultsTest, NullsWriteOnlyAttributes) {
  const Schema schema = SchemaWith({Text("a", {.write_only = true})});
  const cty::Value config = Make(schema, {{"a", Str("secret")}});
  EXPECT_EQ(WithDefaults(schema, config, config), Make(schema, {}));
}

TEST(WithDefaultsTest, ReachesIntoNestedObjects) {
  const Schema schema =
      SchemaWith({Nested("one", Nesting::kSingle, Parts(), {}),
                  Nested("list", Nesting::kList, Parts(), {}),
                  Nested("map", Nesting::kMap, Parts(), {})});
  const cty::Type part = ObjectType(Parts());
  const auto with = [&](cty::Value a, cty::Value b) {
    return Make(schema, {{"one", a},
                         {"list", cty::Value::List(part, {a, b})},
                         {"map", cty::Value::Map(part, {{"k", a}, {"l", b}})}});
  };
  const cty::Value config = with(Part({}), Part({{"tag", Str("v1")}}));
  EXPECT_EQ(WithDefaults(schema, config, config),
            with(Part({{"tag", Str("latest")}}), Part({{"tag", Str("v1")}})));
}

TEST(WithDefaultsTest, LeavesAbsentNestedObjectsAbsent) {
  const Schema schema =
      SchemaWith({Nested("one", Nesting::kSingle, Parts(), {})});
  EXPECT_EQ(WithDefaults(schema, Make(schema, {}), Make(schema, {})),
            Make(schema, {}));
}

TEST(WithDefaultsTest, DestroyStaysNull) {
  const Schema schema = SchemaWith(
      {Text("a", {.use = Use::kOptionalComputed, .fallback = Str("x")})});
  EXPECT_EQ(WithDefaults(schema, Nothing(schema), Nothing(schema)),
            Nothing(schema));
}

TEST(MarkComputedUnknownTest, CreateLeavesComputedAttributesOpen) {
  const Schema schema =
      SchemaWith({Text("set", {}), Text("made", {.use = Use::kComputed}),
                  Text("kept", {.use = Use::kComputed, .keep_on_update = true}),
                  Text("both", {.use = Use::kOptionalComputed})});
  const cty::Value config = Make(schema, {{"set", Str("x")}});
  EXPECT_EQ(
      MarkComputedUnknown(schema, config, Nothing(schema), config, config),
      Make(schema, {{"set", Str("x")},
                    {"made", UnknownStr()},
                    {"kept", UnknownStr()},
                    {"both", UnknownStr()}}));
}

TEST(MarkComputedUnknownTest, UpdateKeepsWhatTheSchemaSays) {
  const Schema schema = SchemaWith(
      {Text("made", {.use = Use::kComputed}),
       Text("kept", {.use = Use::kComputed, .keep_on_update = true}),
       Text("kept_null", {.use = Use::kComputed, .keep_on_update = true})});
  const cty::Value prior =
      Make(schema, {{"made", Str("m")}, {"kept", Str("k")}});
  EXPECT_EQ(MarkComputedUnknown(schema, Make(schema, {}), prior, prior, prior),
            Make(schema, {{"made", UnknownStr()}, {"kept", Str("k")}}));
}

TEST(MarkComputedUnknownTest, ConfiguredAndDefaultedValuesStay) {
  const Schema schema = SchemaWith(
      {Text("set", {.use = Use::kOptionalComputed}),
       Text("def", {.use = Use::kOptionalComputed, .fallback = Str("d")})});
  const cty::Value config = Make(schema, {{"set", Str("x")}});
  const cty::Value offered =
      Make(schema, {{"set", Str("x")}, {"def", Str("d")}});
  EXPECT_EQ(
      MarkComputedUnknown(schema, config, Nothing(schema), offered, offered),
      offered);
}

TEST(MarkComputedUnknownTest, WhatTheResourcePlannedStays) {
  const Schema schema = SchemaWith(
      {Text("made", {.use = Use::kComputed}),
       Text("own", {.use = Use::kComputed, .planned_by_resource = true})});
  const cty::Value prior =
      Make(schema, {{"made", Str("old")}, {"own", Str("same")}});
  const cty::Value planned =
      Make(schema, {{"made", Str("new")}, {"own", Str("same")}});
  EXPECT_EQ(
      MarkComputedUnknown(schema, Make(schema, {}), prior, prior, planned),
      planned);
}

TEST(MarkComputedUnknownTest, PairsNestedObjects) {
  const Schema schema = SchemaWith({Nested("list", Nesting::kList, Parts(), {}),
                                    Nested("map", Nesting::kMap, Parts(), {})});
  const cty::Type part = ObjectType(Parts());
  const auto with = [&](std::vector<cty::Value> items) {
    Fields entries;
    for (const cty::Value& item : items) {
      entries["k" + std::to_string(entries.size())] = item;
    }
    return Make(schema, {{"list", cty::Value::List(part, std::move(items))},
                         {"map", cty::Value::Map(part, std::move(entries))}});
  };
  const cty::Value config = with({Part({}), Part({})});
  const cty::Value prior =
      with({Part({{"tag", Str("latest")}, {"kept", Str("k")}})});
  const cty::Value offered =
      with({Part({{"tag", Str("latest")}, {"kept", Str("k")}}),
            Part({{"tag", Str("latest")}})});
  EXPECT_EQ(MarkComputedUnknown(schema, config, prior, offered, offered),
            with({Part({{"tag", Str("latest")},
                        {"made", UnknownStr()},
                        {"kept", Str("k")}}),
                  Part({{"tag", Str("latest")},
                        {"made", UnknownStr()},
                        {"kept", UnknownStr()}})}));
}

TEST(RequiresReplaceTest, NamesChangedAttributesOnly) {
  const Schema schema =
      SchemaWith({Text("name", {.replace_on_change = true}),
                  Text("other", {.replace_on_change = true}), Text("free", {}),
                  Nested("one", Nesting::kSingle, Parts(), {})});
  const cty::Value prior = Make(schema, {{"name", Str("a")},
                                         {"other", Str("b")},
                                         {"free", Str("c")},
                                         {"one", Part({{"pin", Str("d")}})}});
  EXPECT_THAT(RequiresReplace(schema, prior, prior), IsEmpty());
  EXPECT_THAT(
      RequiresReplace(schema, prior,
                      Make(schema, {{"name", UnknownStr()},
                                    {"other", Str("b")},
                                    {"free", Str("z")},
                                    {"one", Part({{"pin", Str("z")}})}})),
      ElementsAre(cty::Path("name"), cty::Path("one").Attribute("pin")));
}

TEST(RequiresReplaceTest, CreateAndDestroyReplaceNothing) {
  const Schema schema = SchemaWith({Text("name", {.replace_on_change = true})});
  const cty::Value some = Make(schema, {{"name", Str("a")}});
  EXPECT_THAT(RequiresReplace(schema, Nothing(schema), some), IsEmpty());
  EXPECT_THAT(RequiresReplace(schema, some, Nothing(schema)), IsEmpty());
}

TEST(UnknownsAsNullTest, ReachesEveryKindOfContainer) {
  const cty::Value hole = UnknownStr();
  const cty::Value none = cty::Value::Null(kString);
  const auto build = [](const cty::Value& item) {
    return cty::Value::Object(
        {{"leaf", item},
         {"list", cty::Value::List(kString, {Str("a"), item})},
         {"set", cty::Value::Set(kString, {item})},
         {"map", cty::Value::Map(kString, {{"k", item}})},
         {"tuple", cty::Value::Tuple({cty::Value::Int(1), item})},
         {"object", cty::Value::Object({{"x", item}})}});
  };
  EXPECT_EQ(UnknownsAsNull(build(hole)), build(none));
  EXPECT_EQ(UnknownsAsNull(build(Str("b"))), build(Str("b")));
}

}  // namespace
}  // namespace tf
