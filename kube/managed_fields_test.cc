#include "kube/managed_fields.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kube {
namespace {

using base::Json;
using ::testing::ElementsAre;

Json Entry(const char* manager, const char* operation,
           const char* subresource = "") {
  return {{"manager", manager},
          {"operation", operation},
          {"subresource", subresource},
          {"fieldsV1", {{"f:data", {{"f:k", Json::object()}}}}}};
}

Json WithManagers(std::vector<Json> entries) {
  return {{"metadata", {{"managedFields", entries}}}};
}

TEST(PathsOfFields, SpellsEveryKindOfStep) {
  const Json fields = *base::ParseJson(R"({
    "f:metadata": {
      "f:annotations": {".": {}, "f:a.b/c": {}},
      "f:finalizers": {"v:\"f\"": {}},
      "f:labels": {".": {}}
    },
    "f:spec": {
      "f:containers": {
        "k:{\"name\":\"x\"}": {".": {}, "f:image": {}, "f:name": {}},
        "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {"f:name": {}}
      },
      "f:replicas": {}
    }})",
                                       "fields");
  EXPECT_THAT(
      PathsOfFields(fields),
      ElementsAre(R"(.metadata.annotations["a.b/c"])",
                  R"(.metadata.finalizers["f"])", ".metadata.labels",
                  R"(.spec.containers[containerPort=80,protocol="TCP"].name)",
                  R"(.spec.containers[name="x"].image)",
                  R"(.spec.containers[name="x"].name)", ".spec.replicas"));
}

TEST(OwnsOnly, CountsOtherAppliersOfTheObjectItself) {
  EXPECT_TRUE(OwnsOnly(WithManagers({Entry("me", "Apply")}), "me"));
  EXPECT_TRUE(
      OwnsOnly(WithManagers({Entry("me", "Apply"), Entry("operator", "Update"),
                             Entry("operator", "Apply", "status")}),
               "me"));
  EXPECT_FALSE(OwnsOnly(
      WithManagers({Entry("me", "Apply"), Entry("other", "Apply")}), "me"));
  EXPECT_FALSE(OwnsOnly(WithManagers({Entry("me", "Update")}), "me"));
  EXPECT_FALSE(OwnsOnly(Json::object(), "me"));
}

TEST(OwnedPaths, AreThoseOfTheApplyEntry) {
  const Json object =
      WithManagers({Entry("me", "Update"), Entry("me", "Apply")});
  EXPECT_THAT(OwnedPaths(object, "me"), ElementsAre(".data.k"));
  EXPECT_TRUE(OwnedPaths(object, "other").empty());
  EXPECT_TRUE(HasApplied(object, "me"));
}

TEST(AppliersOf, AreTheManagersWhoseApplyHasTheLeaf) {
  Json scaled = Entry("scaler", "Apply");
  scaled["subresource"] = "scale";
  const Json object = WithManagers({Entry("me", "Apply"), Entry("you", "Apply"),
                                    Entry("hand", "Update"), scaled});
  EXPECT_THAT(AppliersOf(object, ".data.k"), ElementsAre("me", "you"));
  EXPECT_TRUE(AppliersOf(object, ".data").empty());
  EXPECT_TRUE(AppliersOf(Json::object(), ".data.k").empty());
}

TEST(PathsNamed, FindsTheOneFieldThatTheServerMeans) {
  const Json body = *base::ParseJson(R"({
    "metadata": {"labels": {"app.kubernetes.io/name": "x"}},
    "spec": {"values": {"a": {"b/c": 1}, "l": [{"name": "x"}], "": 0}}})",
                                     "body");
  const auto named = [&](const char* field) { return PathsNamed(body, field); };
  EXPECT_THAT(named(".spec.values"), ElementsAre(KeyPath{"spec", "values"}));
  EXPECT_THAT(named(".spec.values.a.b/c"),
              ElementsAre(KeyPath{"spec", "values", "a", "b/c"}));
  EXPECT_THAT(
      named(".metadata.labels.app.kubernetes.io/name"),
      ElementsAre(KeyPath{"metadata", "labels", "app.kubernetes.io/name"}));
  EXPECT_THAT(named(".spec.values.l"),
              ElementsAre(KeyPath{"spec", "values", "l"}));
  EXPECT_THAT(named(R"(.spec.values.l[name="x"].image)"),
              ElementsAre(KeyPath{"spec", "values", "l"}));
  EXPECT_THAT(named(".spec.values."),
              ElementsAre(KeyPath{"spec", "values", ""}));
  for (const char* other : {"", ".", ".spec.value", ".spec.values.a.b",
                            ".spec.values.lx", "spec", ".spec.values.a[0]"}) {
    EXPECT_TRUE(named(other).empty()) << other;
  }
}

TEST(PathsNamed, GivesEveryMeaningOfAnAmbiguousField) {
  const Json body = *base::ParseJson(
      R"({"a": {"b": {"c": 1}, "b.c": 1}, "a.b": {"c": 1}})", "body");
  EXPECT_THAT(
      PathsNamed(body, ".a.b.c"),
      ::testing::UnorderedElementsAre(
          KeyPath{"a", "b", "c"}, KeyPath{"a", "b.c"}, KeyPath{"a.b", "c"}));
}

TEST(FormatKeyPath, QuotesWhatTheServerWritesBare) {
  EXPECT_EQ(FormatKeyPath({"spec", "a", "b/c", "\"", "d-e_f"}),
            R"(.spec.a["b/c"]["\""].d-e_f)");
  EXPECT_EQ(FormatKeyPath({}), "");
}

TEST(HasPath, WalksMapsOnly) {
  const Json body = {{"a", {{"b", nullptr}, {"l", {1}}}}};
  EXPECT_TRUE(HasPath(body, {"a", "b"}));
  EXPECT_TRUE(HasPath(body, {}));
  EXPECT_FALSE(HasPath(body, {"a", "c"}));
  EXPECT_FALSE(HasPath(body, {"a", "b", "c"}));
  EXPECT_FALSE(HasPath(body, {"a", "l", "0"}));
}

TEST(TimeOfWrite, IsThatOfTheEntryOfTheObjectItself) {
  Json apply = Entry("me", "Apply");
  apply["time"] = "2024-05-01T00:00:00Z";
  Json status = Entry("me", "Update", "status");
  status["time"] = "2025-05-01T00:00:00Z";
  const Json object = WithManagers({status, apply});
  EXPECT_EQ(TimeOfWrite(object, "me", "Apply"), "2024-05-01T00:00:00Z");
  EXPECT_EQ(TimeOfWrite(object, "me", "Update"), "");
  EXPECT_EQ(TimeOfWrite(object, "other", "Apply"), "");
}

TEST(PartOwnedBy, IsWhatTheManagersFieldsName) {
  const Json object = {
      {"spec",
       {{"values",
         {{"a", 1},
          {"m", {{"x", 1}, {"y", 2}}},
          {"l", {1, 2}},
          {"e", Json::object()}}}}},
      {"metadata",
       {{"managedFields",
         {{{"manager", "other"},
           {"operation", "Apply"},
           {"fieldsV1",
            {{"f:spec",
              {{"f:values",
                {{".", Json::object()},
                 {"f:m", {{"f:x", Json::object()}}},
                 {"f:l", Json::object()},
                 {"f:e", Json::object()},
                 {"f:gone", Json::object()}}}}}}}},
          {{"manager", "map"},
           {"operation", "Update"},
           {"fieldsV1",
            {{"f:spec", {{"f:values", {{"f:m", Json::object()}}}}}}}}}}}}};
  const auto part = [&](const std::string& manager) {
    return PartOwnedBy(object, [&](const ManagerEntry& entry) {
      return entry.manager == manager;
    });
  };
  EXPECT_EQ(
      part("other"),
      Json({{"spec",
             {{"values",
               {{"m", {{"x", 1}}}, {"l", {1, 2}}, {"e", Json::object()}}}}}}));
  // A map as such is not what others put into it.
  EXPECT_TRUE(part("map").is_null());
  EXPECT_TRUE(part("nobody").is_null());
}

TEST(ManagersOf, SurvivesOtherShapes) {
  for (const char* text :
       {"null", "[]", R"({"metadata":3})",
        R"({"metadata":{"managedFields":3}})",
        R"({"metadata":{"managedFields":[3,{"fieldsV1":"x"},{}]}})"}) {
    const Json object = *base::ParseJson(text, "object");
    ManagersOf(object);
    EXPECT_TRUE(OwnedPaths(object, "").empty()) << text;
  }
}

}  // namespace
}  // namespace kube
