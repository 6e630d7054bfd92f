#include "wandb/chart/images.h"

#include <map>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/defaults.h"
#include "wandb/chart/image_table.h"

namespace wandb {
namespace {

using base::Json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using Images = std::map<std::string, std::string>;

Images At(const Json& values, const char* version = "0.43.8") {
  const ImageList list = ImagesOf(values, version);
  EXPECT_THAT(list.unknown, IsEmpty());
  Images out;
  for (const ImageUse& use : list.uses) out[use.path] = use.reference;
  return out;
}

ImageUse Use(const Json& values, const std::string& path) {
  for (ImageUse& use : ImagesOf(values, "0.43.8").uses) {
    if (use.path == path) return std::move(use);
  }
  return {};
}

// As `helm template` of the chart prints it, less the images of its tests.
TEST(ImagesTest, NothingSaidMeansTheDefaultsOfTheChart) {
  const Images common = {
      {"app.image", "wandb/local:latest"},
      {"appRenamePostHook.image", "alpine/k8s:1.31.12"},
      {"appRenamePreHook.image", "alpine/k8s:1.31.12"},
      {"console.image", "wandb/console:latest"},
      {"otel.daemonset.image", "otel/opentelemetry-collector-contrib:0.97.0"},
      {"parquet.image", "wandb/megabinary:latest"},
      {"prometheus.instance.configmapReload.prometheus.image",
       "quay.io/prometheus-operator/prometheus-config-reloader:v0.67.0"},
      {"prometheus.instance.server.image",
       "quay.io/prometheus/prometheus:v2.47.0"},
      {"redis.image", "docker.io/bitnamilegacy/redis:7.2.4-debian-12-r9"},
      {"weave.image", "wandb/weave-python:latest"},
  };
  EXPECT_EQ(At(Json::object()), common);
  Images old = common;
  old["app.initContainers.init-db.image"] = "wandb/local:latest";
  EXPECT_EQ(At(Json::object(), "0.40.1"), old);
}

TEST(ImagesTest, WhatIsNotInstalledHasNone) {
  const Json off = {{"install", false}};
  EXPECT_THAT(At({{"app", off},
                  {"appRenamePreHook", off},
                  {"appRenamePostHook", off},
                  {"console", off},
                  {"otel", off},
                  {"parquet", off},
                  {"prometheus", off},
                  {"redis", off},
                  {"weave", off}}),
              IsEmpty());
}

TEST(ImagesTest, ASwitchBringsTheImagesOfAllThatItInstalls) {
  const Json on = {{"install", true}};
  const Images all = At(
      {{"bufstream", on},
       {"clickhouse", on},
       {"kafka", on},
       {"mysql", on},
       {"weave-trace", on},
       {"global",
        {{"api", {{"enabled", true}}}, {"localService", {{"bypass", true}}}}}});
  const Images wanted = {
      {"bufstream.bufstream.image",
       "us-docker.pkg.dev/buf-images-1/bufstream-public/images/bufstream:"
       "0.3.5"},
      {"etcd.image", "docker.io/bitnamilegacy/etcd:3.5.17-debian-12-r3"},
      {"clickhouse.image",
       "docker.io/bitnamilegacy/clickhouse:25.7.5-debian-12-r0"},
      {"clickhouse.keeper.image",
       "docker.io/bitnamilegacy/clickhouse-keeper:25.7.5-debian-12-r0"},
      {"kafka.image", "docker.io/bitnami/kafka:3.5.1-debian-11-r72"},
      {"kafka.metrics.jmx.image",
       "docker.io/bitnami/jmx-exporter:0.19.0-debian-11-r95"},
      {"mysql.image", "mysql:latest"},
      {"weave-trace.image", "wandb/weave-trace:latest"},
      {"api.image", "wandb/megabinary:latest"},
      {"internalSignerPreHook.image", "wandb/megabinary:latest"},
  };
  EXPECT_THAT(all, testing::IsSupersetOf(wanted));
  EXPECT_EQ(all.size(), At(Json::object()).size() + wanted.size());
}

TEST(ImagesTest, AJobThatRunsForAFeatureAloneNeedsTheFeature) {
  Json values = {{"clickhouseMigrationJob", {{"install", true}}}};
  EXPECT_THAT(At(values), Not(Contains(Key("clickhouseMigrationJob.image"))));
  values["global"]["olap"] = {{"default", {{"enabled", true}}}};
  EXPECT_THAT(At(values), Not(Contains(Key("clickhouseMigrationJob.image"))));
  values["global"]["olap"]["history"]["enabled"] = true;
  EXPECT_THAT(At(values), Contains(Key("clickhouseMigrationJob.image")));
}

TEST(ImagesTest, DefaultsAreThoseOfTheVersion) {
  const Json mcp = {{"mcp-server", {{"install", true}}}};
  EXPECT_THAT(At(mcp, "0.41.7"), Not(Contains(Key("mcp-server.image"))));
  EXPECT_EQ(At(mcp, "0.42.2")["mcp-server.image"], "wandb/mcp-server:0.3.2");
  EXPECT_EQ(At(mcp, "0.42.3")["mcp-server.image"], "wandb/mcp-server:0.3.3");
  EXPECT_EQ(At(mcp)["mcp-server.image"], "wandb/mcp-server:0.3.5");
}

TEST(ImagesTest, ValuesTakeThePlaceOfDefaultsKeyByKey) {
  const Images images =
      At({{"app", {{"image", {{"tag", "0.79.0"}}}}},
          {"console", {{"image", {{"tag", "1"}, {"digest", "sha256:aa"}}}}},
          {"weave", {{"image", {{"repository", "r.example/w"}, {"tag", ""}}}}},
          {"redis", {{"image", {{"tag", 7}, {"registry", ""}}}}},
          {"otel", {{"daemonset", {{"image", {{"digest", "sha256:aa"}}}}}}}});
  EXPECT_EQ(images.at("app.image"), "wandb/local:0.79.0");
  EXPECT_EQ(images.at("console.image"), "wandb/console@sha256:aa");
  EXPECT_EQ(images.at("weave.image"), "r.example/w:latest");
  EXPECT_EQ(images.at("redis.image"), "bitnamilegacy/redis:7");
  // Its template does not read the digest.
  EXPECT_EQ(images.at("otel.daemonset.image"),
            "otel/opentelemetry-collector-contrib:0.97.0");
}

TEST(ImagesTest, ContainersMayHaveImagesOfTheirOwn) {
  const Json own = {{"image", {{"repository", "own"}, {"tag", "2"}}}};
  Json off = own;
  off["enabled"] = false;
  const Images images = At({
      {"app",
       {{"containers", {{"side", own}, {"plain", {{"args", {"x"}}}}}},
        {"initContainers", {{"init-db", own}, {"gone", off}}}}},
      {"parquet", {{"cronJobs", {{"job", {{"containers", {{"c", own}}}}}}}}},
      {"executor", {{"containers", {{"side", own}}}}},  // Not installed.
  });
  EXPECT_EQ(images.at("app.containers.side.image"), "own:2");
  EXPECT_EQ(images.at("app.initContainers.init-db.image"), "own:2");
  EXPECT_EQ(images.at("parquet.cronJobs.job.containers.c.image"), "own:2");
  EXPECT_EQ(images.size(), At(Json::object()).size() + 3);
}

TEST(ImagesTest, EachKeyRewritesTheImagesThatReadIt) {
  const Json on = {{"install", true}};
  const Images images = At(
      {{"global",
        {{"repositoryPrefix", "p.example/x"}, {"imageRegistry", "r.example"}}},
       {"mysql", on},
       {"yace", on},
       {"lumen-agent", on}});
  EXPECT_EQ(images.at("app.image"), "p.example/x/wandb/local:latest");
  EXPECT_EQ(images.at("appRenamePreHook.image"),
            "p.example/x/alpine/k8s:1.31.12");
  EXPECT_EQ(images.at("mysql.image"), "p.example/x/mysql:latest");
  EXPECT_EQ(images.at("otel.daemonset.image"),
            "p.example/x/otel/opentelemetry-collector-contrib:0.97.0");
  EXPECT_EQ(images.at("lumen-agent.image"),
            "p.example/x/us-docker.pkg.dev/wandb-production/public/wandb/lumen:"
            "v0.1.5");
  EXPECT_EQ(images.at("redis.image"),
            "r.example/bitnamilegacy/redis:7.2.4-debian-12-r9");
  EXPECT_EQ(images.at("prometheus.instance.server.image"),
            "quay.io/prometheus/prometheus:v2.47.0");
  EXPECT_EQ(images.at("yace.image"),
            "ghcr.io/nerdswords/yet-another-cloudwatch-exporter:v0.60.0");
}

TEST(ImagesTest, BelowARegistryImagesAreCalledAsTheChartAsksForThem) {
  constexpr char kMirror[] = "r.example/wandb";
  const Json on = {{"install", true}};
  const Json plain = {{"lumen-agent", on}};
  Json rewritten = plain;
  rewritten["global"] = {{"repositoryPrefix", kMirror},
                         {"imageRegistry", kMirror}};
  for (const char* path : {"app.image", "lumen-agent.image", "redis.image"}) {
    const ImageUse use = Use(rewritten, path);
    EXPECT_EQ(use.origin, Use(plain, path).reference);
    EXPECT_EQ(BelowRegistry(use, kMirror), use.reference);
  }
  EXPECT_EQ(
      BelowRegistry(Use(plain, "prometheus.instance.server.image"), kMirror),
      "r.example/wandb/prometheus/prometheus:v2.47.0");
  EXPECT_EQ(BelowRegistry("localhost:5000/a/b:1", "r.example/"),
            "r.example/a/b:1");
  EXPECT_EQ(BelowRegistry("a/b:1", "r.example"), "r.example/a/b:1");
  EXPECT_EQ(BelowRegistry("host.example:1", "r.example"),
            "r.example/host.example:1");
}

TEST(ImagesTest, OfAnUnknownChartOnlyWhatTheValuesName) {
  for (const char* version : {"0.37.5", "0.44.21", "1.0.0", "x", ""}) {
    EXPECT_FALSE(KnowsImages(version)) << version;
    const ImageList list =
        ImagesOf({{"app", {{"image", {{"repository", "a"}, {"tag", "1"}}}}},
                  {"console", {{"image", {{"repository", "c"}}}}},
                  {"weave", {{"image", {{"tag", "1"}}}}}},
                 version);
    ASSERT_EQ(list.uses.size(), 1U) << version;
    EXPECT_EQ(list.uses[0].reference, "a:1");
    EXPECT_THAT(list.unknown,
                testing::IsSupersetOf({"console.image", "parquet.image",
                                       "redis.image", "weave.image"}));
  }
  EXPECT_TRUE(KnowsImages("0.37.6"));
  EXPECT_TRUE(KnowsImages("0.44.20"));
}

// Of 0.44 the chart's own values are known, those of its subcharts are not.
TEST(ImagesTest, NewerChartsSayTheImagesOfComponents) {
  const Json on = {{"install", true}};
  const ImageList list = ImagesOf({{"clickhouse", on},
                                   {"mcp-server", on},
                                   {"otel", {{"install", false}}},
                                   {"prometheus", {{"install", false}}},
                                   {"run-store-accelerator-run-updater", on}},
                                  "0.44.20");
  EXPECT_THAT(list.unknown, ElementsAre("redis.image"));
  Images images;
  for (const ImageUse& use : list.uses) images[use.path] = use.reference;
  const Images wanted = {
      {"app.image", "wandb/local:latest"},
      {"clickhouse.image", "docker.io/clickhouse/clickhouse-server:26.4"},
      {"clickhouse.keeper.image",
       "docker.io/clickhouse/clickhouse-keeper:26.4"},
      {"mcp-server.image", "wandb/mcp-server:0.4.0"},
      {"run-store-accelerator-run-updater.image", "wandb/megabinary:latest"},
  };
  EXPECT_THAT(images, testing::IsSupersetOf(wanted));
  EXPECT_THAT(
      ImagesOf({{"clickhouse", on}}, "0.44.0").unknown,
      testing::IsSupersetOf({"clickhouse.image", "clickhouse.keeper.image"}));
}

TEST(ImagesTest, OfTwoSwitchesTheFirstThatIsSetCounts) {
  const auto has = [](const Json& values, const char* version) {
    for (const ImageUse& use : ImagesOf(values, version).uses) {
      if (use.path == "history-updater.image") return true;
    }
    return false;
  };
  const Json both = {
      {"global", {{"olap", {{"history", {{"enabled", false}}}}}}},
      {"history-updater", {{"install", true}}}};
  EXPECT_TRUE(has(both, "0.43.8"));
  EXPECT_FALSE(has(both, "0.44.15"));
  EXPECT_TRUE(has({{"history-updater", {{"install", true}}}}, "0.44.15"));
  EXPECT_FALSE(has(Json::object(), "0.44.15"));
}

TEST(ImagesTest, PartsThatAreNotListedAreSaid) {
  const ImageList list = ImagesOf(
      {{"reloader", {{"install", true}}},
       {"prometheus", {{"instance", {{"alertmanager", {{"enabled", true}}}}}}}},
      "0.43.8");
  EXPECT_THAT(list.unknown,
              ElementsAre("prometheus.instance.alertmanager", "reloader"));
}

TEST(ImagesTest, ARepositoryThatIsTakenAwayIsSaid) {
  const ImageList list =
      ImagesOf({{"app", {{"image", {{"repository", nullptr}}}}}}, "0.43.8");
  EXPECT_THAT(list.unknown, ElementsAre("app.image"));
}

// A mistake in the table would be an image that never appears, or two.
TEST(ImageTableTest, RowsOfOnePathDoNotOverlap) {
  for (const char* version : {"0.37.6", "0.40.1", "0.40.2", "0.41.0", "0.42.0",
                              "0.42.3", "0.42.6", "0.42.9", "0.43.0", "0.43.8",
                              "0.43.9", "0.44.15", "0.44.16", "0.44.20"}) {
    std::set<absl::string_view> seen;
    for (const ImageRow& row : ImageTable()) {
      const bool begun =
          row.since.empty() || CompareVersions(version, row.since).value() >= 0;
      const bool ended = !row.until.empty() &&
                         CompareVersions(version, row.until).value() >= 0;
      if (!begun || ended) continue;
      EXPECT_TRUE(seen.insert(row.path).second) << row.path << " " << version;
    }
  }
}

TEST(ImageTableTest, EveryComponentThatAChartHasIsThere) {
  std::set<std::string> first_steps;
  for (const ImageRow& row : ImageTable()) {
    first_steps.emplace(row.path.substr(0, row.path.find('.')));
  }
  for (const Component& component : ComponentTable()) {
    // It has values, but no dependency of the chart makes anything of them.
    if (component.name == "history-reader") continue;
    // Newer than the table.
    if (CompareVersions(component.since, kLastImages).value_or(-1) > 0) {
      continue;
    }
    EXPECT_THAT(first_steps, Contains(std::string(component.name)));
  }
}

}  // namespace
}  // namespace wandb
