#include "resources/operator/objects.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace resources {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Json Manifest(const char* kind, Json metadata) {
  return {{"kind", kind}, {"metadata", std::move(metadata)}};
}

TEST(ObjectKeyTest, ClusterScopedKindsHaveNoNamespace) {
  EXPECT_EQ(
      ObjectKey(Manifest("ConfigMap", {{"name", "x"}, {"namespace", "ns"}})),
      "ConfigMap/ns/x");
  EXPECT_EQ(ObjectKey(Manifest("ClusterRole", {{"name", "x"}})),
            "ClusterRole/x");
}

TEST(ObjectDigestTest, ChangesWithContentAlone) {
  const Json a = {{"x", 1}, {"y", 2}};
  EXPECT_EQ(ObjectDigest(a), ObjectDigest({{"y", 2}, {"x", 1}}));
  EXPECT_NE(ObjectDigest(a), ObjectDigest({{"x", 1}, {"y", 3}}));
}

TEST(WantedObjectsTest, HoldsOneDigestForEachManifest) {
  const Json a = Manifest("ConfigMap", {{"name", "x"}, {"namespace", "ns"}});
  const Json b = Manifest("ClusterRole", {{"name", "y"}});
  const auto wanted = WantedObjects({a, b});
  ASSERT_EQ(wanted.size(), 2u);
  EXPECT_EQ(wanted.at("ConfigMap/ns/x"), ObjectDigest(a));
  EXPECT_EQ(wanted.at("ClusterRole/y"), ObjectDigest(b));
}

TEST(ServedVersionsTest, LeavesOutVersionsThatAreNotServed) {
  EXPECT_THAT(ServedVersions({{"spec",
                               {{"versions",
                                 {{{"name", "v1"}, {"served", true}},
                                  {{"name", "v2"}, {"served", false}},
                                  {{"name", "v3"}}}}}}}),
              ElementsAre("v1"));
  EXPECT_THAT(ServedVersions(Json::object()), IsEmpty());
}

TEST(UsedIfPresentTest, HoldsForWhatOthersMayShare) {
  EXPECT_TRUE(UsedIfPresent(Manifest("Namespace", {})));
  EXPECT_TRUE(UsedIfPresent(Manifest("CustomResourceDefinition", {})));
  EXPECT_FALSE(UsedIfPresent(Manifest("Deployment", {})));
}

}  // namespace
}  // namespace resources
