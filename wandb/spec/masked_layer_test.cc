#include "wandb/spec/masked_layer.h"

#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/chart/chart.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::UnorderedElementsAre;

const SpecLayer& Foreign() {
  static const base::NeverDestroyed<SpecLayer> kLayer(SpecLayer{

      .chart = {{"url", "https://u:chartpw@charts.test/x?token=querytoken"},
                {"name", "operator-wandb"},
                {"version", "1.0.0"},
                {"username", "u"},
                {"password", "registrypw"},
                {"extra", "unread"}},
      .values = {{"global", {{"license", "licensetext"}, {"host", "h"}}}},
      .metadata = {{"releaseId", "r-1"},
                   {"apiToken", "metatoken"},
                   {"source", "https://u:sourcepw@h"}}});
  return *kLayer;
}

TEST(MaskedLayer, HasNoSecretInAnyPart) {
  const SpecLayer masked = MaskedLayer(Foreign(), Mask());
  EXPECT_EQ(
      masked.chart,
      Json({{"url", "https://(sensitive)@charts.test/x?token=(sensitive)"},
            {"name", "operator-wandb"},
            {"version", "1.0.0"},
            {"username", "(sensitive)"},
            {"password", "(sensitive)"}}));
  EXPECT_EQ(masked.values,
            Json({{"global", {{"license", "(sensitive)"}, {"host", "h"}}}}));
  EXPECT_EQ(masked.metadata, Json({{"releaseId", "r-1"},
                                   {"apiToken", "(sensitive)"},
                                   {"source", "(sensitive)"}}));
  EXPECT_EQ(MaskedLayer(masked, Mask()), masked);
}

TEST(MaskedLayer, KeepsWhatIsMissing) {
  EXPECT_EQ(MaskedLayer(SpecLayer(), Mask()), SpecLayer());
}

// A field of another type makes the operator pass a chart over.
TEST(MaskedLayer, KeepsTheKindsOfAChart) {
  for (const Json& chart :
       {Json(nullptr), Json("x"), Json({{"url", "https://u:p@h/"}}),
        Json({{"url", "https://u:p@h/"}, {"name", "n"}}),
        Json({{"url", "https://u:p@h/"}, {"name", "n"}, {"password", 5}}),
        Json({{"url", "https://u:p@h/"}, {"name", "n"}, {"version", 1.5}}),
        Json({{"url", "oci://u:p@h/n:1"}, {"username", "u"}}),
        Json({{"url", "oci://u:p@h/n"}, {"debug", "yes"}}),
        Json({{"path", "/charts/x"}, {"password", true}}),
        Json({{"path", 1}, {"url", "https://h/"}, {"name", "n"}})}) {
    const Json shown = ShownChart(chart);
    const auto before = ParseChart(chart);
    const auto after = ParseChart(shown);
    ASSERT_EQ(before.has_value(), after.has_value()) << chart;
    if (!before.has_value()) continue;
    EXPECT_EQ(before->kind, after->kind) << chart;
    EXPECT_EQ(before->name, after->name) << chart;
    EXPECT_EQ(before->version, after->version) << chart;
    EXPECT_EQ(before->path, after->path) << chart;
    EXPECT_EQ(shown, ShownChart(shown)) << chart;
  }
}

TEST(SecretsOf, AreThoseOfEachPart) {
  EXPECT_THAT(
      SecretsOf(Foreign(), Mask()),
      UnorderedElementsAre("licensetext", "metatoken", "registrypw",
                           "https://u:sourcepw@h", "u:sourcepw", "sourcepw",
                           "https://u:chartpw@charts.test/x?token=querytoken",
                           "u:chartpw", "chartpw", "querytoken"));
}

}  // namespace
}  // namespace wandb
