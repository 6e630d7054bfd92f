// Nested attributes, defaults and enumerations through a whole resource: each
// plan is held against core's rules.
#include <type_traits>

#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/tf/core_rules.h"
#include "provider/tf/resource.h"

namespace tf {
namespace nested_test {

enum class Level { kLow, kHigh };

}  // namespace nested_test

template <>
struct EnumNames<nested_test::Level> {
  static constexpr std::pair<nested_test::Level, absl::string_view> kNames[] = {
      {nested_test::Level::kLow, "low"}, {nested_test::Level::kHigh, "high"}};
};

namespace nested_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const cty::Type kString = cty::Type::String();

cty::Value Str(const char* text) { return cty::Value::String(text); }

struct Port {
  Attr<std::string> name;
  Attr<int64_t> number;
  Attr<std::map<std::string, std::string>> labels;
  Defaulted<std::string> protocol = std::string("TCP");
  Attr<std::string> address;

  static const Bindings<Port>& Fields() {
    using M = Port;
    static const base::NeverDestroyed<Bindings<M>> kFields(
        Bindings<M>{Bind("name", &M::name,
                         {.use = Use::kRequired, .replace_on_change = true}),
                    Bind("number", &M::number, {.doc = "Number."}),
                    Bind("labels", &M::labels, {.sensitive = true}),
                    Bind("protocol", &M::protocol, {}),
                    Bind("address", &M::address, {.use = Use::kComputed})});
    return *kFields;
  }
};

// As a table would give it.
Attribute Group() {
  NestedObject object = {
      Nesting::kSingle,
      {{"from_table",
        kString,
        nullptr,
        {.use = Use::kOptionalComputed, .fallback = Str("x")}}}};
  cty::Type type = NestedType(object);
  return {"group",
          std::move(type),
          std::make_shared<const NestedObject>(std::move(object)),
          {}};
}

struct Thing {
  Attr<std::vector<Port>> list;
  Attr<std::map<std::string, Port>> map;
  Attr<Port> single;
  Defaulted<Level> level = Level::kHigh;
  Defaulted<Port> port;
  Attr<std::vector<int64_t>> numbers;
  Attr<std::map<std::string, std::optional<std::string>>> holes;
  std::map<std::string, cty::Value> entries;

  static const Bindings<Thing>& Fields() {
    using M = Thing;
    static const base::NeverDestroyed<Bindings<M>> kFields(Bindings<M>{
        Bind("list", &M::list, {}), Bind("map", &M::map, {}),
        Bind("single", &M::single, {}), Bind("level", &M::level, {}),
        Bind("port", &M::port, {}), Bind("numbers", &M::numbers, {}),
        Bind("holes", &M::holes, {}), BindEntry(&M::entries, Group())});
    return *kFields;
  }
};

class ThingResource final : public TypedResource<Thing> {
 public:
  ThingResource() : TypedResource("test_thing", 0, "") {}
  std::function<void(PlanCall<Thing>&)> plan = [](auto&) {};

 protected:
  void PlanChange(const base::Context&, PlanCall<Thing>& call) const override {
    plan(call);
  }
  void ApplyChange(const base::Context&, ApplyCall<Thing>&) const override {}
  void Delete(const base::Context&, DeleteCall<Thing>&) const override {}
  void Refresh(const base::Context&, ReadCall<Thing>&) const override {}
  void ImportState(const base::Context&, ImportCall<Thing>&) const override {}
};

const cty::Type& PortType() {
  static const base::NeverDestroyed<cty::Type> kType(Codec<Port>::type());
  return *kType;
}

cty::Value PortOf(std::map<std::string, cty::Value> fields) {
  return cty::Value::ObjectOf(PortType(), std::move(fields));
}

cty::Value Ports(std::vector<cty::Value> ports) {
  return cty::Value::List(PortType(), std::move(ports));
}

class NestedTest : public ::testing::Test {
 protected:
  cty::Value Make(std::map<std::string, cty::Value> fields) const {
    return cty::Value::ObjectOf(resource_.schema().ImpliedType(),
                                std::move(fields));
  }

  RawPlan Create(const cty::Value& config) const {
    return Plan(cty::Value::Null(config.type()), config, config);
  }
  RawPlan Plan(const cty::Value& prior, const cty::Value& config,
               const cty::Value& proposed) const {
    RawPlan call{.config = config,
                 .prior = prior,
                 .proposed = proposed,
                 .private_data = base::Json::object()};
    resource_.Plan({}, call);
    EXPECT_THAT(PlanFaults(resource_.schema(), prior, config, call.planned),
                IsEmpty());
    return call;
  }

  // "path: summary" of what is wrong with a configuration.
  std::vector<std::string> Validated(
      std::map<std::string, cty::Value> fields) const {
    Diagnostics diags;
    ValidateConfig(resource_.schema(), Make(std::move(fields)), {}, diags);
    std::vector<std::string> out;
    for (const Diagnostic& item : diags.items()) {
      out.push_back(item.path->ToString() + ": " + item.summary);
    }
    return out;
  }

  ThingResource resource_;
};

TEST_F(NestedTest, ListsAndMapsOfModelsKeepTheirSchema) {
  const std::vector<Attribute>& attributes = resource_.schema().attributes;
  ASSERT_NE(attributes[0].nested, nullptr);
  EXPECT_EQ(attributes[0].nested->nesting, Nesting::kList);
  EXPECT_EQ(attributes[0].type, cty::Type::List(PortType()));
  EXPECT_EQ(attributes[0].nested->attributes[1].spec.doc, "Number.");
  ASSERT_NE(attributes[1].nested, nullptr);
  EXPECT_EQ(attributes[1].nested->nesting, Nesting::kMap);
  EXPECT_EQ(attributes[1].type, cty::Type::Map(PortType()));
  EXPECT_TRUE(attributes[1].nested->attributes[2].spec.sensitive);
}

TEST_F(NestedTest, ModelsInsideOfOtherCollectionsDoNotCompile) {
  static_assert(Nested<std::vector<Port>>);
  static_assert(Nested<std::map<std::string, Port>>);
  static_assert(!Nested<std::vector<std::vector<Port>>>);
  static_assert(!Plain<std::vector<std::vector<Port>>>);
  static_assert(!Plain<std::vector<Port>>);
  static_assert(!Plain<std::map<std::string, std::optional<Port>>>);
  static_assert(Plain<std::map<std::string, std::vector<std::string>>>);
}

TEST_F(NestedTest, PartsGetTheirDefaultsAndUnknowns) {
  const cty::Value planned =
      Create(
          Make({{"list", Ports({PortOf({{"name", Str("a")}})})},
                {"map", cty::Value::Map(PortType(),
                                        {{"k", PortOf({{"name", Str("b")}})}})},
                {"group",
                 cty::Value::ObjectOf(
                     cty::Type::Object({{"from_table", kString}}), {})}}))
          .planned;
  const cty::Value& element = planned.At("list").elements()[0];
  EXPECT_EQ(element.At("protocol"), Str("TCP"));
  EXPECT_TRUE(element.At("address").IsUnknown());
  EXPECT_EQ(planned.At("map").At("k").At("protocol"), Str("TCP"));
  EXPECT_EQ(planned.At("group").At("from_table"), Str("x"));
  // A default that is an object has the defaults of its parts.
  EXPECT_EQ(planned.At("port").At("protocol"), Str("TCP"));
  EXPECT_TRUE(planned.At("port").At("name").IsNull());
}

TEST_F(NestedTest, AnUnknownPartLeavesItsSiblingsKnown) {
  const Thing model = Codec<Thing>::Decode(
      Make({{"list", Ports({PortOf({{"name", cty::Value::Unknown(kString)},
                                    {"number", cty::Value::Int(1)}}),
                            cty::Value::Unknown(PortType())})},
            {"map", cty::Value::Unknown(cty::Type::Map(PortType()))}}));
  ASSERT_TRUE(model.list.IsKnown());
  ASSERT_EQ(model.list.value().size(), 2u);
  EXPECT_TRUE(model.list.value()[0].name.IsUnknown());
  EXPECT_EQ(model.list.value()[0].number.value(), 1);
  EXPECT_TRUE(model.list.value()[1].number.IsUnknown());
  EXPECT_TRUE(model.map.IsUnknown());
}

TEST_F(NestedTest, AHandlerThatSetsOnePartChangesOnlyThatPart) {
  // What a model cannot hold: a map with one known and one unknown element.
  const cty::Value labels = cty::Value::Map(
      kString, {{"a", cty::Value::Unknown(kString)}, {"b", Str("x")}});
  const cty::Value port = PortOf({{"name", Str("a")}, {"labels", labels}});
  const cty::Value config =
      Make({{"single", port},
            {"list", Ports({port, port})},
            {"map", cty::Value::Map(PortType(), {{"k", port}})}});
  resource_.plan = [](PlanCall<Thing>& call) {
    Port single = call.planned.single.value();
    single.address = std::string("10.0.0.1");
    call.planned.single = single;
    std::vector<Port> list = call.planned.list.value();
    list[1].address = std::string("10.0.0.2");
    call.planned.list = list;
    std::map<std::string, Port> map = call.planned.map.value();
    map["k"].address = std::string("10.0.0.3");
    call.planned.map = map;
  };
  const cty::Value planned = Create(config).planned;
  EXPECT_EQ(planned.At("single").At("labels"), labels);
  EXPECT_EQ(planned.At("single").At("address"), Str("10.0.0.1"));
  const auto& list = planned.At("list").elements();
  EXPECT_EQ(list[0].At("labels"), labels);
  EXPECT_TRUE(list[0].At("address").IsUnknown());
  EXPECT_EQ(list[1].At("labels"), labels);
  EXPECT_EQ(list[1].At("address"), Str("10.0.0.2"));
  EXPECT_EQ(planned.At("map").At("k").At("labels"), labels);
  EXPECT_EQ(planned.At("map").At("k").At("address"), Str("10.0.0.3"));
}

TEST_F(NestedTest, AHandlerMayAddAndDropElements) {
  const cty::Value before = Make(
      {{"list",
        Ports({PortOf({{"name", Str("a")}}), PortOf({{"name", Str("b")}})})}});
  const Thing old = Codec<Thing>::Decode(before);
  Thing now = old;
  now.list = std::vector<Port>{old.list.value()[0]};
  EXPECT_EQ(Overlay(before, old, now).At("list").elements().size(), 1u);
  now.list = std::vector<Port>(3, old.list.value()[0]);
  const cty::Value more = Overlay(before, old, now);
  ASSERT_EQ(more.At("list").elements().size(), 3u);
  EXPECT_EQ(more.At("list").elements()[2].At("name"), Str("a"));
  now.list = Attr<std::vector<Port>>();
  EXPECT_TRUE(Overlay(before, old, now).At("list").IsNull());
}

TEST_F(NestedTest, ReplacementInsideOfElementsIsFound) {
  const auto state = [&](const char* first, const char* second) {
    return Make(
        {{"list", Ports({PortOf({{"name", Str(first)},
                                 {"protocol", Str("TCP")},
                                 {"address", Str("x")}})})},
         {"map", cty::Value::Map(PortType(),
                                 {{"k", PortOf({{"name", Str(second)},
                                                {"protocol", Str("TCP")},
                                                {"address", Str("x")}})}})},
         {"level", Str("high")},
         {"port", Codec<Port>::Encode(Port())}});
  };
  const auto config = [&](const char* first, const char* second) {
    return Make(
        {{"list", Ports({PortOf({{"name", Str(first)}})})},
         {"map", cty::Value::Map(PortType(),
                                 {{"k", PortOf({{"name", Str(second)}})}})}});
  };
  EXPECT_THAT(
      Plan(state("a", "b"), config("a", "b"), state("a", "b")).requires_replace,
      IsEmpty());
  EXPECT_THAT(
      Plan(state("a", "b"), config("z", "y"), state("z", "y")).requires_replace,
      ElementsAre(cty::Path("list").Index(0).Attribute("name"),
                  cty::Path("map").Key("k").Attribute("name")));
}

TEST_F(NestedTest, NumbersThatAreNoInt64AreRefusedWithTheirPath) {
  const auto number = [](const char* text) {
    return cty::Value::Number(cty::Number::Parse(text).value());
  };
  const auto port = [&](const char* text) {
    return PortOf({{"name", Str("a")}, {"number", number(text)}});
  };
  EXPECT_THAT(Validated({{"single", port("3306.5")}}),
              ElementsAre("single.number: Invalid attribute value"));
  EXPECT_THAT(Validated({{"list", Ports({port("1"), port("1e30")})}}),
              ElementsAre("list[1].number: Invalid attribute value"));
  EXPECT_THAT(Validated({{"numbers",
                          cty::Value::List(cty::Type::Number(),
                                           {number("9223372036854775807"),
                                            number("9223372036854775808")})}}),
              ElementsAre("numbers[1]: Invalid attribute value"));
  EXPECT_THAT(Validated({{"single", port("-9223372036854775808")}}), IsEmpty());
}

TEST_F(NestedTest, NullElementsAreRefusedUnlessTheTypeHoldsThem) {
  const cty::Value null = cty::Value::Null(kString);
  EXPECT_THAT(
      Validated(
          {{"single",
            PortOf({{"name", Str("a")},
                    {"labels", cty::Value::Map(kString, {{"k", null}})}})}}),
      ElementsAre("single.labels[\"k\"]: Null element"));
  EXPECT_THAT(
      Validated({{"numbers",
                  cty::Value::List(cty::Type::Number(),
                                   {cty::Value::Null(cty::Type::Number())})}}),
      ElementsAre("numbers[0]: Null element"));
  const cty::Value holes =
      cty::Value::Map(kString, {{"k", null}, {"l", Str("x")}});
  EXPECT_THAT(Validated({{"holes", holes}}), IsEmpty());
  const Thing model = Codec<Thing>::Decode(Make({{"holes", holes}}));
  EXPECT_EQ(model.holes.value().at("k"), std::nullopt);
  EXPECT_EQ(Codec<Thing>::Encode(model).At("holes"), holes);
}

TEST_F(NestedTest, EnumerationsComeFromOneTable) {
  EXPECT_THAT(Validated({{"level", Str("middle")}}),
              ElementsAre("level: Invalid attribute value"));
  EXPECT_THAT(Validated({{"level", Str("low")}}), IsEmpty());
  EXPECT_THAT(resource_.schema().attributes[3].spec.allowed,
              ElementsAre("low", "high"));
  const Thing model = Codec<Thing>::Decode(Make({{"level", Str("low")}}));
  EXPECT_EQ(model.level.value(), Level::kLow);
  EXPECT_EQ(Codec<Thing>::Encode(model).At("level"), Str("low"));
}

TEST_F(NestedTest, ADefaultedAttributeIsNeverNull) {
  EXPECT_EQ(Create(Make({})).planned.At("level"), Str("high"));
  EXPECT_EQ(Codec<Thing>::Decode(Make({})).level.value(), Level::kHigh);
  const Thing unknown =
      Codec<Thing>::Decode(Make({{"level", cty::Value::Unknown(kString)}}));
  EXPECT_TRUE(unknown.level.IsUnknown());
  EXPECT_EQ(unknown.level.value(), Level::kHigh);
  EXPECT_TRUE(Codec<Thing>::Encode(unknown).At("level").IsUnknown());
}

}  // namespace nested_test
}  // namespace tf
