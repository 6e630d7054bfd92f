#include "wandb/catalogue.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace wandb {
namespace {

CatalogueIndex::Hit Find(absl::string_view path) {
  return CatalogueIndex::Get().Find(*ParsePath(path));
}

TEST(CatalogueTest, VersionsCompareByNumber) {
  EXPECT_EQ(CompareVersions("0.9.0", "0.43.8"), -1);
  EXPECT_EQ(CompareVersions("v1.0.0", "1.0"), 0);
  EXPECT_EQ(CompareVersions("0.33.0", "0.33.0-rc.1"), 1);
  EXPECT_EQ(CompareVersions("0.33.0+build", "0.33.0"), 0);
  EXPECT_EQ(CompareVersions("latest", "1"), std::nullopt);
  EXPECT_EQ(CompareVersions("", "1"), std::nullopt);
}

TEST(CatalogueTest, TableHasEachPathOnceAndReasonsForWhatIsNotRead) {
  std::set<absl::string_view> seen;
  for (const CatalogueEntry& entry : Catalogue()) {
    EXPECT_TRUE(seen.insert(entry.path).second) << entry.path;
    EXPECT_EQ(!entry.until.empty(),
              entry.instead.empty() != entry.moved_to.empty())
        << entry.path;
    for (const absl::string_view version : {entry.since, entry.until}) {
      EXPECT_TRUE(version.empty() ||
                  CompareVersions(version, kCataloguedChart) == -1)
          << entry.path;
    }
  }
}

TEST(CatalogueTest, WhatMovedIsReadWhereItWent) {
  for (const CatalogueEntry& entry : Catalogue()) {
    if (entry.moved_to.empty()) continue;
    const CatalogueIndex::Hit hit = Find(
        entry.moved_to[0] == '*' ? absl::StrCat("app", entry.moved_to.substr(1))
                                 : std::string(entry.moved_to));
    EXPECT_TRUE(hit.known) << entry.path;
    EXPECT_TRUE(hit.entry == nullptr || hit.entry->until.empty()) << entry.path;
  }
}

TEST(CatalogueTest, SectionsAreClosedAndTheRestIsOpen) {
  EXPECT_TRUE(Find("global.mysql.host").known);
  EXPECT_TRUE(Find("global.mysql.host.valueFrom.secretKeyRef").known);
  EXPECT_FALSE(Find("global.mysql.hots").known);
  EXPECT_TRUE(Find("global.slack.secret").known);
  EXPECT_FALSE(Find("global.slack.key").known);
  EXPECT_TRUE(Find("redis.master.anything").known);
  EXPECT_TRUE(Find("ingress.tls[0].secretName").known);
  EXPECT_FALSE(Find("ingres").known);
}

TEST(CatalogueTest, EveryComponentHasTheKeysOfAllAndItsOwn) {
  EXPECT_TRUE(Find("weave-trace.image.tag").known);
  EXPECT_FALSE(Find("weave-trace.image.tags").known);
  EXPECT_TRUE(Find("app.internalJWTMap").known);
  EXPECT_FALSE(Find("console.internalJWTMap").known);
  EXPECT_TRUE(Find("console.proxy.httpProxy").known);
  EXPECT_TRUE(Find("app.resources.requests.cpu").known);
  EXPECT_FALSE(Find("application.resources").known);
}

}  // namespace
}  // namespace wandb
