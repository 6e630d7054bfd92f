#include "provider/tf/binding.h"

#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tf {
namespace {

using ::testing::ElementsAre;

const cty::Type kString = cty::Type::String();

struct Inner {
  Attr<std::string> text;
  Attr<int64_t> number;

  static const Bindings<Inner>& Fields() {
    static const base::NeverDestroyed<Bindings<Inner>> kFields(Bindings<Inner>{
        Bind("text", &Inner::text, {}), Bind("number", &Inner::number, {})});
    return *kFields;
  }
};

struct Model {
  Attr<std::string> text;
  Attr<bool> flag;
  Attr<int64_t> number;
  Attr<std::vector<std::string>> list;
  Attr<std::map<std::string, std::string>> map;
  Attr<Inner> nested;
  Attr<Inner> block;
  cty::Value any;
  cty::Value raw_map;

  static const Bindings<Model>& Fields() {
    using M = Model;
    static const base::NeverDestroyed<Bindings<M>> kFields(
        Bindings<M>{Bind("text", &M::text, {.use = Use::kRequired}),
                    Bind("flag", &M::flag, {}), Bind("number", &M::number, {}),
                    Bind("list", &M::list, {}), Bind("map", &M::map, {}),
                    Bind("nested", &M::nested, {}),
                    Bind("any", &M::any, cty::Type::Dynamic(), {}),
                    Bind("raw_map", &M::raw_map, cty::Type::Map(kString), {}),
                    BindBlock("block", &M::block, "A block.")});
    return *kFields;
  }
};

using Coded = Codec<Model>;

cty::Value Make(std::map<std::string, cty::Value> fields) {
  return cty::Value::ObjectOf(Coded::type(), std::move(fields));
}

TEST(AttrTest, IsNullUnlessGiven) {
  EXPECT_TRUE(Attr<int64_t>().IsNull());
  EXPECT_TRUE(Attr<int64_t>::Unknown().IsUnknown());
  EXPECT_TRUE(Attr<int64_t>(0).IsKnown());
  EXPECT_EQ(Attr<int64_t>().value_or(7), 7);
  EXPECT_EQ(Attr<int64_t>::Unknown().value_or(7), 7);
  EXPECT_EQ(Attr<int64_t>(0).value_or(7), 0);
  EXPECT_FALSE(Attr<int64_t>() == Attr<int64_t>::Unknown());
  EXPECT_FALSE(Attr<int64_t>() == Attr<int64_t>(0));
}

TEST(BindingTest, KnownValuesSurviveTheRoundTrip) {
  const cty::Value inner = cty::Value::ObjectOf(
      Codec<Inner>::type(), {{"text", cty::Value::String("in")},
                             {"number", cty::Value::Int(INT64_MIN)}});
  const cty::Value value =
      Make({{"text", cty::Value::String("x")},
            {"flag", cty::Value::Bool(false)},
            {"number", cty::Value::Int(INT64_MAX)},
            {"list", cty::Value::List(kString, {cty::Value::String("")})},
            {"map", cty::Value::Map(kString, {{"k", cty::Value::String("v")}})},
            {"nested", inner},
            {"block", inner},
            {"any", cty::Value::Tuple({cty::Value::Int(1)})},
            {"raw_map",
             cty::Value::Map(kString, {{"k", cty::Value::Unknown(kString)}})}});
  EXPECT_EQ(Coded::Encode(Coded::Decode(value)), value);
  const Model model = Coded::Decode(value);
  EXPECT_EQ(model.number.value(), INT64_MAX);
  EXPECT_EQ(model.nested.value().text.value(), "in");
  EXPECT_EQ(model.block.value().number.value(), INT64_MIN);
}

TEST(BindingTest, NullsSurviveTheRoundTrip) {
  const cty::Value value = Make({});
  const Model model = Coded::Decode(value);
  EXPECT_TRUE(model.text.IsNull());
  EXPECT_TRUE(model.nested.IsNull());
  EXPECT_TRUE(model.block.IsNull());
  EXPECT_EQ(Coded::Encode(model), value);
  // A member that nobody assigned is a null of the attribute's type.
  EXPECT_EQ(Coded::Encode(Model()), value);
}

TEST(BindingTest, UnknownsSurviveTheRoundTrip) {
  std::map<std::string, cty::Value> fields;
  const cty::Type object = Coded::type();
  for (const auto& [name, type] : object.attributes()) {
    fields[name] = cty::Value::Unknown(type);
  }
  const cty::Value value = Make(fields);
  const Model model = Coded::Decode(value);
  EXPECT_TRUE(model.flag.IsUnknown());
  EXPECT_TRUE(model.nested.IsUnknown());
  EXPECT_EQ(Coded::Encode(model), value);
}

TEST(BindingTest, EmptyCollectionsAreNoNulls) {
  const cty::Value value = Make({{"list", cty::Value::List(kString, {})},
                                 {"map", cty::Value::Map(kString, {})}});
  const Model model = Coded::Decode(value);
  EXPECT_TRUE(model.list.IsKnown());
  EXPECT_TRUE(model.map.IsKnown());
  EXPECT_EQ(Coded::Encode(model), value);
}

TEST(BindingTest, CollectionWithAnUnknownReadsAsUnknown) {
  const cty::Value hole = cty::Value::Unknown(kString);
  const Model model =
      Coded::Decode(Make({{"list", cty::Value::List(kString, {hole})},
                          {"map", cty::Value::Map(kString, {{"k", hole}})}}));
  EXPECT_TRUE(model.list.IsUnknown());
  EXPECT_TRUE(model.map.IsUnknown());
}

TEST(BindingTest, NestedModelsKeepTheirOwnUnknowns) {
  const cty::Value inner = cty::Value::ObjectOf(
      Codec<Inner>::type(),
      {{"text", cty::Value::Unknown(kString)}, {"number", cty::Value::Int(1)}});
  const Model model = Coded::Decode(Make({{"nested", inner}}));
  ASSERT_TRUE(model.nested.IsKnown());
  EXPECT_TRUE(model.nested.value().text.IsUnknown());
  EXPECT_EQ(model.nested.value().number.value(), 1);
}

TEST(BindingTest, SchemaSeparatesBlocksFromAttributes) {
  const Schema schema = SchemaOf<Model>(3, "Doc.");
  EXPECT_EQ(schema.version, 3);
  EXPECT_EQ(schema.attributes.size(), 8u);
  EXPECT_EQ(schema.attributes[0].spec.use, Use::kRequired);
  ASSERT_EQ(schema.blocks.size(), 1u);
  EXPECT_EQ(schema.blocks[0].name, "block");
  EXPECT_EQ(schema.blocks[0].doc, "A block.");
  EXPECT_EQ(schema.ImpliedType(), Coded::type());
  std::vector<std::string> nested;
  for (const Attribute& attribute : schema.attributes) {
    if (attribute.nested != nullptr) nested.push_back(attribute.name);
  }
  EXPECT_THAT(nested, ElementsAre("nested"));
}

TEST(OverlayTest, ReplacesWhatChangedAndKeepsTheRestAsItCame) {
  // The map's known part would be lost if it went through the model.
  const cty::Value map = cty::Value::Map(
      kString,
      {{"a", cty::Value::Unknown(kString)}, {"b", cty::Value::String("x")}});
  const cty::Value base =
      Make({{"text", cty::Value::String("old")}, {"map", map}});
  const Model before = Coded::Decode(base);
  Model after = before;
  after.text = std::string("new");
  EXPECT_EQ(Overlay(base, before, after),
            Make({{"text", cty::Value::String("new")}, {"map", map}}));
  EXPECT_EQ(Overlay(base, before, before), base);
}

}  // namespace
}  // namespace tf
