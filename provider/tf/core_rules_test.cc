#include "provider/tf/core_rules.h"

#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Fields = std::map<std::string, cty::Value>;

const cty::Type kString = cty::Type::String();

cty::Value Str(const char* text) { return cty::Value::String(text); }
cty::Value UnknownStr() { return cty::Value::Unknown(kString); }

Attribute Text(std::string name, AttributeSpec spec) {
  return {std::move(name), kString, nullptr, std::move(spec)};
}

const std::vector<Attribute>& Inner() {
  static const base::NeverDestroyed<std::vector<Attribute>> kInner(
      std::vector<Attribute>{Text("set", {}),
                             Text("made", {.use = Use::kComputed})});
  return *kInner;
}

Attribute Nested(std::string name, Nesting nesting) {
  cty::Type type = ObjectType(Inner());
  if (nesting == Nesting::kList) type = cty::Type::List(type);
  if (nesting == Nesting::kMap) type = cty::Type::Map(type);
  return {std::move(name),
          type,
          std::make_shared<const NestedObject>(NestedObject{nesting, Inner()}),
          {}};
}

const Schema& TestSchema() {
  static const base::NeverDestroyed<Schema> kSchema(
      Schema{.attributes = {Text("plain", {}),
                            Text("both", {.use = Use::kOptionalComputed}),
                            Text("made", {.use = Use::kComputed}),
                            Text("secret", {.write_only = true}),
                            {"any", cty::Type::Dynamic(), nullptr, {}},
                            {"labels", cty::Type::Map(kString), nullptr, {}},
                            Nested("one", Nesting::kSingle),
                            Nested("list", Nesting::kList),
                            Nested("map", Nesting::kMap)},
             .blocks = {{.name = "block", .attributes = Inner(), .doc = ""}}});
  return *kSchema;
}

cty::Value Make(Fields fields) {
  return cty::Value::ObjectOf(TestSchema().ImpliedType(), std::move(fields));
}
cty::Value Item(Fields fields) {
  return cty::Value::ObjectOf(ObjectType(Inner()), std::move(fields));
}
cty::Value ListOf(std::vector<cty::Value> items) {
  return cty::Value::List(ObjectType(Inner()), std::move(items));
}
cty::Value MapOf(Fields items) {
  return cty::Value::Map(ObjectType(Inner()), std::move(items));
}
cty::Value Nothing() { return cty::Value::Null(TestSchema().ImpliedType()); }

std::vector<std::string> PlanOf(Fields prior, Fields config, Fields planned) {
  return PlanFaults(TestSchema(), Make(std::move(prior)),
                    Make(std::move(config)), Make(std::move(planned)));
}
std::vector<std::string> CreateOf(Fields config, Fields planned) {
  return PlanFaults(TestSchema(), Nothing(), Make(std::move(config)),
                    Make(std::move(planned)));
}

TEST(PlanFaultsTest, ConfiguredValuesAreFine) {
  const Fields config = {{"plain", Str("x")},
                         {"any", Str("y")},
                         {"one", Item({{"set", Str("z")}})}};
  EXPECT_THAT(CreateOf(config, config), IsEmpty());
}

TEST(PlanFaultsTest, ConfiguredValueMayGiveWayToThePriorOneOnly) {
  EXPECT_THAT(PlanOf({{"plain", Str("X")}}, {{"plain", Str("x")}},
                     {{"plain", Str("X")}}),
              IsEmpty());
  EXPECT_THAT(PlanOf({{"plain", Str("X")}}, {{"plain", Str("x")}},
                     {{"plain", Str("Y")}}),
              ElementsAre(HasSubstr("plain: ")));
  EXPECT_THAT(CreateOf({{"plain", Str("x")}}, {}),
              ElementsAre(HasSubstr("plain: ")));
}

TEST(PlanFaultsTest, ComputedAttributesMayBeAnything) {
  EXPECT_THAT(CreateOf({}, {{"made", UnknownStr()}, {"both", Str("x")}}),
              IsEmpty());
  EXPECT_THAT(PlanOf({{"made", Str("a")}, {"both", Str("b")}}, {},
                     {{"made", Str("c")}, {"both", UnknownStr()}}),
              IsEmpty());
}

TEST(PlanFaultsTest, ConfiguredOptionalComputedAttributeIsBound) {
  EXPECT_THAT(CreateOf({{"both", Str("x")}}, {{"both", UnknownStr()}}),
              ElementsAre(HasSubstr("both: ")));
}

TEST(PlanFaultsTest, AbsentValueOfAPlainAttributeStaysNull) {
  EXPECT_THAT(
      CreateOf({}, {{"plain", Str("x")}}),
      ElementsAre(HasSubstr("plain: planned value for a non-computed")));
  // Not even the prior one may stay.
  EXPECT_THAT(PlanOf({{"plain", Str("x")}}, {}, {{"plain", Str("x")}}),
              SizeIs(1));
}

TEST(PlanFaultsTest, UnknownConfigStaysUnknown) {
  EXPECT_THAT(CreateOf({{"plain", UnknownStr()}}, {{"plain", UnknownStr()}}),
              IsEmpty());
  EXPECT_THAT(CreateOf({{"plain", UnknownStr()}}, {{"plain", Str("x")}}),
              SizeIs(1));
  EXPECT_THAT(PlanOf({{"plain", Str("x")}}, {{"plain", UnknownStr()}},
                     {{"plain", Str("x")}}),
              IsEmpty());
}

TEST(PlanFaultsTest, WriteOnlyIsNeverPlanned) {
  EXPECT_THAT(CreateOf({{"secret", Str("x")}}, {}), IsEmpty());
  EXPECT_THAT(CreateOf({{"secret", Str("x")}}, {{"secret", Str("x")}}),
              ElementsAre(HasSubstr("secret: write-only")));
}

TEST(PlanFaultsTest, CollectionsAreComparedAsAWhole) {
  const auto labels = [](Fields fields) {
    return cty::Value::Map(kString, std::move(fields));
  };
  EXPECT_THAT(PlanOf({{"labels", labels({{"a", Str("1")}})}},
                     {{"labels", labels({{"a", Str("2")}, {"b", Str("3")}})}},
                     {{"labels", labels({{"a", Str("1")}, {"b", Str("3")}})}}),
              ElementsAre(HasSubstr("labels: ")));
}

TEST(PlanFaultsTest, NestedAttributesAreComparedPartByPart) {
  EXPECT_THAT(
      CreateOf({{"one", Item({{"set", Str("x")}})}},
               {{"one", Item({{"set", Str("x")}, {"made", UnknownStr()}})}}),
      IsEmpty());
  EXPECT_THAT(CreateOf({{"one", Item({{"set", Str("x")}})}},
                       {{"one", Item({{"set", Str("y")}})}}),
              ElementsAre(HasSubstr("one.set: ")));
  const cty::Type type = ObjectType(Inner());
  EXPECT_THAT(CreateOf({{"one", Item({})}}, {{"one", cty::Value::Null(type)}}),
              SizeIs(1));
  EXPECT_THAT(
      CreateOf({{"one", Item({})}}, {{"one", cty::Value::Unknown(type)}}),
      SizeIs(1));
}

TEST(PlanFaultsTest, NestedListsPairByIndex) {
  EXPECT_THAT(PlanOf({{"list", ListOf({Item({{"set", Str("old")}})})}},
                     {{"list", ListOf({Item({{"set", Str("a")}}), Item({})})}},
                     {{"list", ListOf({Item({{"set", Str("old")}}),
                                       Item({{"made", UnknownStr()}})})}}),
              IsEmpty());
  EXPECT_THAT(CreateOf({{"list", ListOf({Item({}), Item({})})}},
                       {{"list", ListOf({Item({})})}}),
              ElementsAre(HasSubstr("list: count")));
  EXPECT_THAT(CreateOf({{"list", ListOf({Item({})})}},
                       {{"list", ListOf({Item({{"set", Str("x")}})})}}),
              ElementsAre(HasSubstr("list[0].set: ")));
}

TEST(PlanFaultsTest, NestedMapsPairByKey) {
  EXPECT_THAT(CreateOf({{"map", MapOf({{"k", Item({})}})}},
                       {{"map", MapOf({{"k", Item({{"made", Str("x")}})}})}}),
              IsEmpty());
  EXPECT_THAT(CreateOf({{"map", MapOf({{"k", Item({})}})}},
                       {{"map", MapOf({{"l", Item({})}})}}),
              ElementsAre(HasSubstr("map[\"k\"]: missing")));
  EXPECT_THAT(CreateOf({{"map", MapOf({{"k", Item({})}})}},
                       {{"map", MapOf({{"k", Item({})}, {"l", Item({})}})}}),
              ElementsAre(HasSubstr("map: keys")));
}

TEST(PlanFaultsTest, BlockPresenceFollowsConfig) {
  EXPECT_THAT(
      CreateOf({{"block", Item({{"set", Str("x")}})}},
               {{"block", Item({{"set", Str("x")}, {"made", UnknownStr()}})}}),
      IsEmpty());
  EXPECT_THAT(CreateOf({}, {{"block", Item({})}}),
              ElementsAre(HasSubstr("block: block presence")));
  EXPECT_THAT(CreateOf({{"block", Item({})}}, {}),
              ElementsAre(HasSubstr("block: block presence")));
  EXPECT_THAT(
      CreateOf({{"block", Item({})}}, {{"block", Item({{"set", Str("x")}})}}),
      ElementsAre(HasSubstr("block.set: ")));
}

TEST(PlanFaultsTest, ExistenceFollowsConfig) {
  EXPECT_THAT(PlanFaults(TestSchema(), Make({}), Nothing(), Nothing()),
              IsEmpty());
  EXPECT_THAT(PlanFaults(TestSchema(), Make({}), Make({}), Nothing()),
              SizeIs(1));
}

TEST(PlanFaultsTest, NonNullDestroyIsAFault) {
  EXPECT_THAT(PlanFaults(TestSchema(), Make({}), Nothing(), Make({})),
              ElementsAre(HasSubstr("existence")));
}

TEST(ApplyFaultsTest, UnknownsBecomeAnyValueOfTheType) {
  const cty::Value planned = Make(
      {{"plain", Str("x")}, {"made", UnknownStr()}, {"both", UnknownStr()}});
  EXPECT_THAT(ApplyFaults(TestSchema(), planned,
                          Make({{"plain", Str("x")}, {"made", Str("m")}})),
              IsEmpty());
}

TEST(ApplyFaultsTest, KnownLeavesStay) {
  EXPECT_THAT(ApplyFaults(TestSchema(), Make({{"plain", Str("x")}}),
                          Make({{"plain", Str("y")}})),
              ElementsAre(HasSubstr("plain: ")));
  EXPECT_THAT(ApplyFaults(TestSchema(), Make({{"plain", Str("x")}}), Make({})),
              ElementsAre(HasSubstr("plain: ")));
  EXPECT_THAT(ApplyFaults(TestSchema(), Make({}), Make({{"made", Str("x")}})),
              ElementsAre(HasSubstr("made: ")));
}

TEST(ApplyFaultsTest, NothingStaysUnknown) {
  const cty::Value planned = Make({{"made", UnknownStr()}});
  EXPECT_THAT(ApplyFaults(TestSchema(), planned, planned),
              ElementsAre(HasSubstr("unknown")));
}

TEST(ApplyFaultsTest, ElementsNeitherAppearNorVanish) {
  const auto labels = [](Fields fields) {
    return Make({{"labels", cty::Value::Map(kString, std::move(fields))}});
  };
  EXPECT_THAT(ApplyFaults(TestSchema(), labels({{"a", UnknownStr()}}),
                          labels({{"a", Str("1")}})),
              IsEmpty());
  EXPECT_THAT(ApplyFaults(TestSchema(), labels({{"a", Str("1")}}),
                          labels({{"a", Str("1")}, {"b", Str("2")}})),
              SizeIs(1));
  EXPECT_THAT(ApplyFaults(TestSchema(), labels({{"a", Str("1")}}),
                          labels({{"b", Str("1")}})),
              SizeIs(1));
  EXPECT_THAT(ApplyFaults(TestSchema(), Make({{"list", ListOf({Item({})})}}),
                          Make({{"list", ListOf({})}})),
              SizeIs(1));
}

TEST(ApplyFaultsTest, DynamicValueKeepsItsShape) {
  EXPECT_THAT(ApplyFaults(TestSchema(), Make({{"any", cty::Value::Int(1)}}),
                          Make({{"any", Str("1")}})),
              SizeIs(1));
}

TEST(ApplyFaultsTest, DeleteLeavesNull) {
  EXPECT_THAT(ApplyFaults(TestSchema(), Nothing(), Nothing()), IsEmpty());
  EXPECT_THAT(ApplyFaults(TestSchema(), Nothing(), Make({})), SizeIs(1));
}

TEST(ApplyFaultsTest, StateOfAnotherTypeIsAFault) {
  EXPECT_THAT(ApplyFaults(TestSchema(), Make({}), cty::Value::Object({})),
              ElementsAre(HasSubstr("wrong type")));
}

TEST(ReplanFaultsTest, UnknownMayBecomeKnownOrStay) {
  const cty::Value earlier = Make({{"plain", UnknownStr()},
                                   {"made", UnknownStr()},
                                   {"one", Item({{"made", UnknownStr()}})}});
  EXPECT_THAT(ReplanFaults(earlier, earlier), IsEmpty());
  EXPECT_THAT(ReplanFaults(earlier, Make({{"plain", Str("x")},
                                          {"made", UnknownStr()},
                                          {"one", Item({})}})),
              IsEmpty());
}

TEST(ReplanFaultsTest, UnknownElementsOfMapsAndListsMayStay) {
  const cty::Value labels =
      cty::Value::Map(kString, {{"a", UnknownStr()}, {"b", Str("x")}});
  const cty::Value list = ListOf({Item({{"made", UnknownStr()}})});
  const cty::Value plan = Make({{"labels", labels}, {"list", list}});
  EXPECT_THAT(ReplanFaults(plan, plan), IsEmpty());
}

TEST(ReplanFaultsTest, KnownStaysAsItWas) {
  EXPECT_THAT(
      ReplanFaults(Make({{"made", Str("x")}}), Make({{"made", Str("y")}})),
      ElementsAre(HasSubstr("made: ")));
  EXPECT_THAT(
      ReplanFaults(Make({{"made", Str("x")}}), Make({{"made", UnknownStr()}})),
      ElementsAre(HasSubstr("made: ")));
  EXPECT_THAT(ReplanFaults(Make({}), Make({{"made", Str("x")}})),
              ElementsAre(HasSubstr("made: ")));
  EXPECT_THAT(ReplanFaults(Make({}), Nothing()), SizeIs(1));
}

}  // namespace
}  // namespace tf
