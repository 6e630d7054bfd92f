#include "kube/object_ref.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kube {
namespace {

using base::Json;

TEST(Path, IsThatOfTheApiServer) {
  const struct {
    ObjectRef ref;
    const char* path;
  } kCases[] = {
      {NamespaceRef("wandb"), "/api/v1/namespaces/wandb"},
      {SecretRef("a", "b"), "/api/v1/namespaces/a/secrets/b"},
      {DeploymentRef("a", "b"), "/apis/apps/v1/namespaces/a/deployments/b"},
      {{"rbac.authorization.k8s.io", "v1", "clusterroles", "", "system:x y"},
       "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:x%20y"},
      {CrdRef("w.apps.wandb.com"),
       "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
       "w.apps.wandb.com"},
  };
  for (const auto& c : kCases) EXPECT_EQ(*PathOf(c.ref), c.path);
  EXPECT_EQ(*PathOf(PodsIn("")), "/api/v1/pods");
  EXPECT_EQ(*PathOf(PodsIn("n")), "/api/v1/namespaces/n/pods");
}

// A server would take an empty name as the whole collection: a DELETE of it
// deletes everything.
TEST(Path, RefusesPartsThatLeaveTheirPlace) {
  for (const char* bad : {"", ".", "..", "a/b", "a%2fb", "a\\b"}) {
    EXPECT_EQ(PathOf(SecretRef("ns", bad)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
    EXPECT_FALSE(PathOf(ObjectRef{"", "v1", bad, "ns", "x"}).ok()) << bad;
    EXPECT_FALSE(PathOf(ObjectRef{"", bad, "pods", "ns", "x"}).ok()) << bad;
    if (*bad == '\0') continue;
    EXPECT_FALSE(PathOf(SecretRef(bad, "x")).ok()) << bad;
    EXPECT_FALSE(PathOf(ObjectRef{bad, "v1", "pods", "ns", "x"}).ok()) << bad;
  }
}

TEST(RefOf, KnowsItsKindsByApiVersionToo) {
  const auto manifest = [](const char* api_version, const char* kind,
                           const char* ns) {
    Json out = {{"apiVersion", api_version},
                {"kind", kind},
                {"metadata", {{"name", "x"}}}};
    if (*ns != '\0') out["metadata"]["namespace"] = ns;
    return out;
  };
  EXPECT_EQ(*RefOf(manifest("apps/v1", "Deployment", "n")),
            DeploymentRef("n", "x"));
  EXPECT_EQ(*RefOf(manifest("v1", "Namespace", "ignored")), NamespaceRef("x"));
  EXPECT_FALSE(RefOf(manifest("apps/v1beta1", "Deployment", "n")).ok());
  EXPECT_FALSE(RefOf(manifest("v1", "Secret", "")).ok());
  EXPECT_FALSE(RefOf(manifest("v1", "Unknown", "n")).ok());
  EXPECT_FALSE(
      RefOf({{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", 3}})
          .ok());
  EXPECT_FALSE(RefOf(Json()).ok());
}

TEST(Describe, NamesKindAndPlace) {
  EXPECT_EQ(Describe(DeploymentRef("wandb", "x")), "Deployment \"wandb/x\"");
  EXPECT_EQ(Describe(NamespaceRef("wandb")), "Namespace \"wandb\"");
  EXPECT_EQ(Describe({"apps.wandb.com", "v1", "weightsandbiases", "d", "w"}),
            "weightsandbiases.apps.wandb.com \"d/w\"");
}

TEST(Accessors, AreTotal) {
  EXPECT_EQ(UidOf(Json()), "");
  EXPECT_EQ(NameOf({{"metadata", "text"}}), "");
  EXPECT_FALSE(IsTerminating(Json::array()));
  EXPECT_TRUE(IsTerminating({{"metadata", {{"deletionTimestamp", "t"}}}}));
}

TEST(ObjectRef, IsTheSameWhetherItSaysTheKindOrNot) {
  const ObjectRef plain = {"example.com", "v1", "widgets", "ns", "x"};
  ObjectRef telling = plain;
  telling.kind = "Widget";
  EXPECT_EQ(plain, telling);
  EXPECT_EQ(CollectionOf(plain), CollectionOf(telling));
  EXPECT_NE(plain, ConfigMapRef("ns", "x"));
}

}  // namespace
}  // namespace kube
