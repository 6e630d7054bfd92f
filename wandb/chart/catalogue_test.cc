#include "wandb/chart/catalogue.h"

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
  for (const CatalogueEntry* entry : Catalogue()) {
    EXPECT_TRUE(seen.insert(entry->path).second) << entry->path;
    EXPECT_EQ(!entry->until.empty(),
              entry->instead.empty() != entry->moved_to.empty())
        << entry->path;
    if (!entry->since.empty() && !entry->until.empty()) {
      EXPECT_EQ(CompareVersions(entry->since, entry->until), -1) << entry->path;
    }
  }
}

// No fact is of a chart that was not looked at.
TEST(CatalogueTest, EachBlockSaysWhichChartItWasReadFrom) {
  std::vector<CatalogueBlock> blocks = CatalogueBlocks();
  blocks.push_back(OldComponentKeys());
  size_t entries = 0;
  for (const CatalogueBlock& block : blocks) {
    ASSERT_FALSE(block.entries.empty());
    entries += block.entries.size();
    for (const CatalogueEntry& entry : block.entries) {
      EXPECT_EQ(entry.unreleased, block.chart.empty()) << entry.path;
      if (entry.unreleased) {
        EXPECT_EQ(CompareVersions(entry.since, kCataloguedChart).value_or(1), 1)
            << entry.path;
        continue;
      }
      EXPECT_LE(*CompareVersions(block.chart, kCataloguedChart), 0);
      EXPECT_TRUE(entry.since.empty() ||
                  CompareVersions(entry.since, block.chart) <= 0)
          << entry.path;
      EXPECT_TRUE(entry.until.empty() ||
                  CompareVersions(entry.until, kCataloguedChart) <= 0)
          << entry.path;
    }
  }
  EXPECT_EQ(entries - OldComponentKeys().entries.size(), Catalogue().size());
}

TEST(CatalogueTest, WhatIsLikeAnObjectFindsIt) {
  std::set<std::string> objects;
  for (const CatalogueEntry& entry : CatalogueObjects()) {
    objects.insert(std::string(entry.path));
  }
  std::vector<CatalogueBlock> blocks = CatalogueBlocks();
  blocks.push_back(OldComponentKeys());
  blocks.push_back({.entries = CatalogueObjects()});
  for (const CatalogueBlock& block : blocks) {
    for (const CatalogueEntry& entry : block.entries) {
      EXPECT_TRUE(entry.like.empty() ||
                  objects.count(std::string(entry.like)) == 1)
          << entry.path;
    }
  }
  EXPECT_TRUE(Find("app.resources.limits.cpu").entry->quantity);
  EXPECT_TRUE(
      Find("app.jobs.x.containers.y.resources.limits.cpu").entry->quantity);
  EXPECT_FALSE(Find("ingress.secondary.clas").known);
}

TEST(CatalogueTest, ElementsOfListsHaveEntries) {
  EXPECT_TRUE(Find("global.tolerations[3].value").entry->exact);
  EXPECT_EQ(Find("ingress.additionalHosts[0]").entry, nullptr);
  EXPECT_TRUE(Find("ingress.additionalHosts[0]").known);
}

TEST(CatalogueTest, AComponentThatWasRebuiltHadOtherKeysBefore) {
  const auto find = [](absl::string_view path, absl::string_view version) {
    return CatalogueIndex::Get().Find(*ParsePath(path), version);
  };
  // The chart of its own.
  EXPECT_EQ(find("app.serviceAccount.labels", "0.32.9").until, "");
  EXPECT_EQ(find("app.serviceAccount.labels", "0.33.0").until, "0.33.0");
  EXPECT_EQ(find("nginx.serviceAccount.labels", "0.35.0").until, "");
  EXPECT_EQ(find("app.clusterRole", "").until, "0.33.0");
  // What came with the new one.
  EXPECT_EQ(find("app.podDisruptionBudget", "0.32.9").since, "0.33.0");
  EXPECT_EQ(find("app.envTpls", "0.14.1").since, "0.33.0");
  EXPECT_EQ(find("app.image.digest", "0.32.9").since, "0.35.6");
  EXPECT_EQ(find("app.internalJWTMap", "0.32.9").since, "0.18.14");
  // Never another one.
  EXPECT_EQ(find("api.serviceAccount.labels", "0.32.9").until, "0");
  EXPECT_FALSE(find("api.clusterRole", "0.32.9").known);
}

TEST(CatalogueTest, WhatMovedIsReadWhereItWent) {
  for (const CatalogueEntry* entry : Catalogue()) {
    if (entry->moved_to.empty()) continue;
    const CatalogueIndex::Hit hit =
        Find(entry->moved_to[0] == '*'
                 ? absl::StrCat("app", entry->moved_to.substr(1))
                 : std::string(entry->moved_to));
    EXPECT_TRUE(hit.known) << entry->path;
    EXPECT_TRUE(hit.entry == nullptr || hit.entry->until.empty())
        << entry->path;
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
