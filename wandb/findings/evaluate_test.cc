#include "wandb/findings/evaluate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::HasSubstr;

const Json kChart = {{"url", "https://charts.wandb.ai"},
                     {"name", "operator-wandb"}};

EffectiveSpec Effective(const SpecLayer& own, const SpecLayer* user_input,
                        const SpecLayer* channel) {
  return MergeLayers({.custom_resource = &own,
                      .user_input = user_input,
                      .channel = channel,
                      .operator_namespace = "ops"});
}

TEST(MergeLayers, PutsTheOperatorsDefaultsBelowAll) {
  const EffectiveSpec spec =
      Effective({.values = {{"global", {{"host", "h"}}}}}, nullptr, nullptr);
  EXPECT_EQ(spec.values, Json({{"global",
                                {{"host", "h"},
                                 {"operator",
                                  {{"apiVersion", "apps.wandb.com/v1"},
                                   {"namespace", "ops"}}}}}}));
  EXPECT_EQ(OriginMap(spec.values, spec.origins)["global.operator.namespace"],
            Origin::kOperatorDefault);
  EXPECT_TRUE(spec.chart.is_null());
  EXPECT_EQ(spec.chart_origin, std::nullopt);
}

TEST(MergeLayers, TakesChartAndMetadataWholeFromOneLayer) {
  const SpecLayer user = {.metadata = {{"from", "user"}}};
  const SpecLayer channel = {.chart = kChart,
                             .metadata = {{"from", "channel"}}};
  // A chart with a version alone is none, and inherits nothing.
  const EffectiveSpec spec =
      Effective({.chart = {{"version", "1"}}}, &user, &channel);
  EXPECT_EQ(spec.chart, kChart);
  EXPECT_EQ(spec.chart_origin, Origin::kReleaseChannel);
  EXPECT_EQ(spec.metadata, user.metadata);
  const EffectiveSpec own =
      Effective({.chart = {{"path", "/charts/x"}}}, &user, &channel);
  EXPECT_EQ(own.chart_origin, Origin::kCustomResource);
  const EffectiveSpec unknown = Effective(
      {.chart = {{"url", MakeUnknown(Unknown::kString)}}}, &user, &channel);
  EXPECT_EQ(unknown.chart_origin, Origin::kCustomResource);
}

TEST(MergeLayers, IgnoresTheChannelWhenAirgapped) {
  const SpecLayer channel = {.chart = kChart, .values = {{"a", 1}}};
  const SpecLayer own;
  const EffectiveSpec spec = MergeLayers(
      {.custom_resource = &own, .channel = &channel, .airgapped = true});
  EXPECT_FALSE(spec.values.contains("a"));
  EXPECT_TRUE(spec.chart.is_null());
}

TEST(MergeLayers, TakesAManagedSpecInPlaceOfTheChannelAsAWhole) {
  const SpecLayer own = {.values = {{"a", 1}}};
  const SpecLayer channel = {.chart = {{"path", "/channel"}},
                             .values = {{"a", 3}, {"c", 3}},
                             .metadata = {{"releaseId", "r1"}}};
  const SpecLayer managed = {.chart = {{"path", "/managed"}},
                             .values = {{"a", 2}, {"b", 2}}};
  for (const bool airgapped : {false, true}) {
    const EffectiveSpec spec = MergeLayers({.custom_resource = &own,
                                            .channel = &channel,
                                            .managed_spec = &managed,
                                            .airgapped = airgapped});
    EXPECT_EQ(spec.chart, managed.chart);
    EXPECT_EQ(spec.chart_origin, Origin::kManagedSpec);
    EXPECT_TRUE(spec.metadata.is_null());
    EXPECT_EQ(spec.values["a"], 1);
    EXPECT_EQ(spec.values["b"], 2);
    EXPECT_FALSE(spec.values.contains("c"));
    EXPECT_EQ(OriginMap(spec.values, spec.origins).at("b"),
              Origin::kManagedSpec);
  }
}

TEST(MergeLayers, ReportsProblemsBetweenLowerLayers) {
  const SpecLayer user = {.values = {{"p", "1"}}};
  const SpecLayer channel = {.values = {{"p", 1}}};
  const EffectiveSpec spec = Effective({}, &user, &channel);
  ASSERT_EQ(spec.problems.size(), 1U);
  EXPECT_THAT(spec.problems[0].message,
              HasSubstr("p is a string in the user input of the System Console "
                        "and a number in the release channel"));
}

TEST(MergeLayers, NamesTheOtherManagerWhereWeHaveNothing) {
  const SpecLayer own = {.values = {{"a", 1}, {"l", {1}}}};
  const SpecLayer whole = {.chart = {{"path", "/c"}},
                           .values = {{"a", 1}, {"l", {1}}, {"o", {{"x", 2}}}}};
  const SpecLayer user = {.values = {{"o", 5}, {"l", {2}}}};
  const EffectiveSpec spec = MergeLayers({.custom_resource = &whole,
                                          .own = &own,
                                          .user_input = &user,
                                          .airgapped = true});
  const auto origins = OriginMap(spec.values, spec.origins);
  EXPECT_EQ(origins.at("a"), Origin::kCustomResource);
  EXPECT_EQ(origins.at("l[0]"), Origin::kCustomResource);
  EXPECT_EQ(origins.at("l[1]"), Origin::kUserInput);
  EXPECT_EQ(origins.at("o.x"), Origin::kOtherManager);
  EXPECT_EQ(spec.chart_origin, Origin::kOtherManager);
  ASSERT_EQ(spec.problems.size(), 1U);
  EXPECT_THAT(spec.problems[0].message,
              testing::HasSubstr("o is a map in what others wrote into the "
                                 "custom resource and a number in the user "
                                 "input"));
}

// Only what we write has a source.
TEST(Evaluate, FindingsSayWhichAttributeWroteIt) {
  const ConfiguredValues configured = MergeConfiguredValues(
      {.values_yaml = {{{"nonsense", 1}}, {{"rubbish", {{"x", 1}}}}},
       .values = {{"global", {{"host", "https://h/"}}}}});
  const SpecLayer own = {.chart = {{"version", 1}},
                         .values = configured.values};
  const SpecLayer channel = {.values = {{"nonsense", {{"a", 1}}}}};
  std::map<std::string, std::string> sources;
  for (const Problem& finding : Evaluate({.custom_resource = &own,
                                .sources = &configured.sources,
                                .channel = &channel})
                                    .findings) {
    sources[finding.id + " " + finding.path] =
        finding.source.has_value() ? SourceName(*finding.source) : "";
  }
  EXPECT_EQ(sources.at("unknown-key nonsense"), "values_yaml[0]");
  EXPECT_EQ(sources.at("kind-clash nonsense"), "values_yaml[0]");
  EXPECT_EQ(sources.at("unknown-key rubbish"), "values_yaml[1]");
  EXPECT_EQ(sources.at("host-shape global.host"), "values");
  EXPECT_EQ(sources.at("chart-version-type chart.version"), "chart");
  const SpecLayer user = {.values = {{"p", 1}}};
  const SpecLayer below = {.values = {{"p", "1"}}};
  const auto foreign = Evaluate({.custom_resource = &own,
                                 .sources = &configured.sources,
                                 .user_input = &user,
                                 .channel = &below})
                           .findings;
  EXPECT_EQ(foreign[0].path, "p");
  EXPECT_EQ(foreign[0].source, std::nullopt);
}

// A typed setting that the chart leaves aside is no remark.
TEST(Evaluate, ASettingThatNoReleasedChartReadsIsAWarning) {
  const Path path = *ParsePath("global.auth.oidc.oidcConfigMap.name");
  const auto severity = [&](const ValueSources& sources,
                            const SpecLayer* channel) {
    const ConfiguredValues merged = MergeConfiguredValues(sources);
    const SpecLayer own = {.values = merged.values};
    const Evaluation evaluation = Evaluate({.custom_resource = &own,
                                            .sources = &merged.sources,
                                            .channel = channel});
    for (const Problem& finding : evaluation.findings) {
      if (finding.id == "unreleased-key") return finding.severity;
    }
    return Severity::kError;
  };
  SpecLayer channel = {.chart = kChart};
  channel.chart["version"] = "0.42.4";
  const ValueSources typed = {
      .typed = {{"oidc.config_map.name", path, "config"}}};
  EXPECT_EQ(severity(typed, &channel), Severity::kWarning);
  EXPECT_EQ(severity(typed, nullptr), Severity::kInfo);
  const ValueSources values = {
      .values = {
          {"global",
           {{"auth", {{"oidc", {{"oidcConfigMap", {{"name", "c"}}}}}}}}}}};
  EXPECT_EQ(severity(values, &channel), Severity::kInfo);
}

TEST(Evaluate, FieldsOfAnotherKindOfChartHaveNoEffect) {
  const auto found = [](const Json& chart) {
    const SpecLayer own = {.chart = chart};
    std::string paths;
    for (const Problem& each : Evaluate({.custom_resource = &own}).findings) {
      if (each.id == "chart-field-unused") paths += each.path;
    }
    return paths;
  };
  const Json oci = {{"url", "oci://registry.example/charts"},
                    {"name", "operator-wandb"},
                    {"version", "0.43.8"}};
  EXPECT_EQ(found(oci), "chart.name");
  Json whole = oci;
  whole["url"] = "oci://registry.example/charts/operator-wandb:0.43.8";
  EXPECT_EQ(found(whole), "");
  EXPECT_EQ(found({{"path", "/charts/x"}, {"url", "https://c.example"}}),
            "chart.url");
  EXPECT_EQ(found({{"path", "/charts/x"}, {"version", "0.43.8"}}), "");
  EXPECT_EQ(found(kChart), "");
}

TEST(Evaluate, ASizeOfOnesOwnMayBeDefinedInAnyLayer) {
  const auto sources = [](const Json& values, const SpecLayer* channel) {
    ConfiguredValues configured = MergeConfiguredValues(
        {.values = values,
         .typed = {
             {"size", {Step::Key("global"), Step::Key("size")}, "huge"}}});
    const SpecLayer own = {.values = configured.values};
    std::vector<std::string> out;
    for (const Problem& finding : Evaluate({.custom_resource = &own,
                                  .sources = &configured.sources,
                                  .channel = channel})
                                      .findings) {
      if (finding.id == "invalid-value") {
        out.push_back(SourceName(*finding.source));
      }
    }
    return out;
  };
  const Json defined = {{"app", {{"sizing", {{"huge", {{"env", {}}}}}}}}};
  const SpecLayer channel = {.values = defined};
  EXPECT_THAT(sources(defined, nullptr), testing::IsEmpty());
  EXPECT_THAT(sources(Json::object(), &channel), testing::IsEmpty());
  EXPECT_THAT(
      sources({{"app", {{"sizing", MakeUnknown(Unknown::kShape)}}}}, nullptr),
      testing::IsEmpty());
  EXPECT_THAT(sources(Json::object(), nullptr), testing::ElementsAre("size"));
}

}  // namespace
}  // namespace wandb
