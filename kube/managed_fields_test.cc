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
