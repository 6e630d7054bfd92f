#include "wandb/chart/suggest.h"

#include "gtest/gtest.h"
#include "wandb/chart/catalogue.h"

namespace wandb {
namespace {

std::string Nearest(absl::string_view path) {
  return NearestPath(*ParsePath(path));
}

TEST(SuggestTest, NearestPathIsOneThatIsRead) {
  EXPECT_EQ(Nearest("global.mysql.hots"), "global.mysql.host");
  EXPECT_EQ(Nearest("ingres"), "ingress");
  EXPECT_EQ(Nearest("app.resource"), "app.resources");
  EXPECT_EQ(Nearest("global.extraEnvx"), "global.extraEnv");
  EXPECT_EQ(Nearest("global.additionalHosts"), "ingress.additionalHosts");
  EXPECT_EQ(Nearest("global.somethingElseEntirely"), "");
}

TEST(SuggestTest, KnowsWhatOthersCallIt) {
  EXPECT_EQ(Nearest("app.replicas"), "app.replicaCount");
  EXPECT_EQ(Nearest("global.mysql.username"), "global.mysql.user");
  EXPECT_EQ(Nearest("global.mysql.hostname"), "global.mysql.host");
  EXPECT_EQ(Nearest("global.mysql.existingSecret"),
            "global.mysql.passwordSecret.name");
  EXPECT_EQ(Nearest("global.mysql.passwordSecret.key"),
            "global.mysql.passwordSecret.passwordKey");
  EXPECT_EQ(Nearest("global.redis.existingSecret"),
            "global.redis.secret.secretName");
  EXPECT_EQ(Nearest("global.defaultBucket.bucketName"),
            "global.defaultBucket.name");
  EXPECT_EQ(Nearest("ingress.className"), "ingress.class");
  EXPECT_EQ(Nearest("ingress.enabled"), "ingress.install");
  EXPECT_EQ(Nearest("ingress.hostname"), "global.host");
  EXPECT_EQ(Nearest("imagePullSecrets"), "global.imagePullSecrets");
  EXPECT_EQ(Nearest("customCACerts"), "global.customCACerts");
  EXPECT_EQ(Nearest("weave.image.registry"), "global.repositoryPrefix");
}

// What one section has goes before what is called so in another.
TEST(SuggestTest, LooksIntoTheSameSectionFirst) {
  EXPECT_EQ(Nearest("global.clickhouse.databse"), "global.clickhouse.database");
  EXPECT_EQ(Nearest("global.email.smtp.prot"), "global.email.smtp.port");
  EXPECT_EQ(Nearest("global.auth.oidc.clientID"), "global.auth.oidc.clientId");
  EXPECT_EQ(Nearest("ingress.labls"), "ingress.labels");
}

TEST(SuggestTest, NoKnownKeyIsAnotherName) {
  const CatalogueIndex& index = CatalogueIndex::Get();
  for (const OtherName& name : OtherNames()) {
    std::string path(name.path);
    if (path[0] == '*') path.replace(0, 1, "app");
    const CatalogueIndex::Hit hit = index.Find(*ParsePath(path));
    EXPECT_TRUE(!hit.known ||
                (hit.entry != nullptr && !hit.entry->until.empty()))
        << path;
    const CatalogueIndex::Hit meant = index.Find(*ParsePath(Nearest(path)));
    EXPECT_TRUE(meant.known &&
                (meant.entry == nullptr || meant.entry->until.empty()))
        << Nearest(path);
  }
}

}  // namespace
}  // namespace wandb
