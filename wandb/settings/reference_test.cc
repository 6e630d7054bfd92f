// What settings become, section by section of W&B's configuration reference
// (tests/data/settings.yaml), and row by row of the table.
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "wandb/chart/catalogue.h"
#include "wandb/custom_resource.h"
#include "wandb/settings/compile.h"
#include "wandb/settings/take.h"

namespace wandb {
namespace {

using base::Json;
using testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const Problem& problem : problems) out.push_back(problem.message);
  return out;
}

Json CustomResourceOf(const ValueSources& sources) {
  const ConfiguredValues configured = MergeConfiguredValues(sources);
  EXPECT_THAT(Texts(configured.problems), IsEmpty());
  return MakeCustomResource(
      {.name = "wandb", .ns = "default", .values = configured.values});
}

Json Taken(Json& values, const std::string& chart) {
  return TakeSettings(
      values, chart,
      [](const SettingRow&, const Path&, const Json&) { return true; });
}

struct Case {
  std::string name, chart;
  Json settings, values, kept;
};

void PrintTo(const Case& test, std::ostream* os) { *os << test.name; }

std::vector<Case> Cases() {
  std::ifstream in(TFW_TEST_DATA "/settings.yaml");
  std::stringstream text;
  text << in.rdbuf();
  const auto read = base::ReadYaml(text.str(), "settings.yaml");
  EXPECT_TRUE(read.ok()) << read.status();
  std::vector<Case> cases;
  for (const Json& each : read->json) {
    for (const auto& [key, value] : each.items()) {
      EXPECT_THAT(
          key, testing::AnyOf("name", "chart", "settings", "values", "kept"));
    }
    cases.push_back({.name = each.at("name").get<std::string>(),
                     .chart = each.value("chart", std::string()),
                     .settings = each.at("settings"),
                     .values = each.at("values"),
                     .kept = each.value("kept", Json::object())});
  }
  return cases;
}

class ReferenceTest : public testing::TestWithParam<Case> {};

TEST_P(ReferenceTest, SettingsAndValuesAreTheSameCustomResource) {
  const Case& test = GetParam();
  CompiledSettings compiled = CompileSettings(test.settings, test.chart);
  EXPECT_THAT(Texts(compiled.problems), IsEmpty());
  const Json expected = CustomResourceOf({.values = test.values});
  EXPECT_EQ(CustomResourceOf(
                {.values = test.kept, .typed = std::move(compiled.settings)}),
            expected);
}

TEST_P(ReferenceTest, ValuesAreReadBackAsTheSettings) {
  const Case& test = GetParam();
  Json values = test.values;
  EXPECT_EQ(Taken(values, test.chart), test.settings);
  EXPECT_EQ(values, test.kept);
}

std::string NameOf(const testing::TestParamInfo<Case>& test) {
  std::string name = test.param.name;
  for (char& c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Data, ReferenceTest, testing::ValuesIn(Cases()),
                         NameOf);

// ---- Each row ----

// A setting, and the value of the chart that it means.
struct Sample {
  Json setting, value;
};

std::string FirstOf(absl::string_view allowed) {
  const std::vector<std::string> all =
      absl::StrSplit(allowed, '|', absl::SkipEmpty());
  return all.empty() ? "text" : all[0];
}

Sample SampleOf(const std::vector<ShapeField>& fields) {
  Sample out = {Json::object(), Json::object()};
  for (const ShapeField& field : fields) {
    Sample member;
    switch (field.type) {
      case FieldType::kString:
        member.setting = FirstOf(field.allowed);
        break;
      case FieldType::kInteger:
        member.setting = 7;
        break;
      case FieldType::kBool:
        member.setting = true;
        break;
      case FieldType::kStrings:
        member.setting = {"one", "two"};
        break;
      case FieldType::kTexts:
        member.setting = {{"a/b.c_d", "text"}};
        break;
      case FieldType::kObject:
        member = SampleOf(field.fields);
        break;
      case FieldType::kObjects:
        member = SampleOf(field.fields);
        member = {Json::array({member.setting}), Json::array({member.value})};
        break;
    }
    out.setting[std::string(field.name)] = member.setting;
    out.value[std::string(field.key)] =
        member.value.is_null() ? member.setting : member.value;
  }
  return out;
}

Sample SampleOf(const SettingRow& row) {
  if (row.shape != Shape::kNone) {
    Sample out = SampleOf(FieldsOf(row.shape));
    return IsList(row.shape)
               ? Sample{Json::array({out.setting}), Json::array({out.value})}
               : out;
  }
  if (row.is_switch) return {false, "false"};
  if (row.are_names) {
    return {{"one", "two"},
            Json::array({{{"name", "one"}}, {{"name", "two"}}})};
  }
  if (row.is_url) return {"https://w.example", "https://w.example"};
  const CatalogueEntry* entry = EntryOf(row);
  const ValueKind kind = entry == nullptr ? ValueKind::kText : entry->kind;
  Json any = FirstOf(entry == nullptr ? "" : entry->allowed);
  if (kind == ValueKind::kList) any = {"one", "two"};
  if (kind == ValueKind::kMap || kind == ValueKind::kEnv) {
    any = {{"a/b.c_d", "text"}};
  }
  if (entry != nullptr && entry->type == ScalarType::kBool) any = true;
  if (entry != nullptr && entry->type == ScalarType::kInteger) any = 7;
  return {any, any};
}

// The settings that say `sample` for the row `attribute`, and what its groups
// require.
Json SettingsWith(const std::string& attribute, const Json& sample) {
  Json settings = Json::object();
  Json* at = &settings;
  const std::vector<std::string> parts = absl::StrSplit(attribute, '.');
  std::string name;
  for (size_t i = 0; i < parts.size(); ++i) {
    name += (i == 0 ? "" : ".") + parts[i];
    at = &(*at)[parts[i] == "*" ? "app" : parts[i]];
    if (i + 1 == parts.size()) break;
    for (const SettingRow& other : SettingRows()) {
      const size_t dot = other.attribute.rfind('.');
      if (dot == std::string::npos || other.attribute.substr(0, dot) != name) {
        continue;
      }
      if (other.required || !other.required_unless.empty()) {
        (*at)[other.attribute.substr(dot + 1)] = SampleOf(other).setting;
      }
    }
  }
  *at = sample;
  return settings;
}

bool IsGroup(const SettingRow& row) {
  for (const SettingRow& other : SettingRows()) {
    if (absl::StartsWith(other.attribute, row.attribute + ".")) return true;
  }
  return false;
}

TEST(EachSettingTest, ReachesTheValueOfTheChartAndIsReadBack) {
  size_t settings_seen = 0;
  for (const SettingRow& row : SettingRows()) {
    if (IsGroup(row)) continue;
    SCOPED_TRACE(row.attribute);
    ++settings_seen;
    const Sample sample = SampleOf(row);
    // Not every provider has every field; and of what excludes one another,
    // that is another test.
    Json settings = SettingsWith(row.attribute, sample.setting);
    for (const char* bucket : {"bucket", "default_bucket"}) {
      if (row.attribute == std::string(bucket) + ".access_key") {
        settings[bucket]["secret_key"] = "text";
      } else if (row.attribute == std::string(bucket) + ".secret_key") {
        settings[bucket]["access_key"] = "text";
      }
    }
    CompiledSettings compiled = CompileSettings(settings, "");
    EXPECT_THAT(Texts(compiled.problems), IsEmpty());
    Json values =
        MergeConfiguredValues({.typed = std::move(compiled.settings)}).values;
    const auto at = [&](const std::string& dotted) {
      const std::string path = absl::StrReplaceAll(dotted, {{"*", "app"}});
      Path steps;
      for (const std::string& key : std::vector<std::string>(
               absl::StrSplit(path, '.', absl::SkipEmpty()))) {
        steps.push_back(Step::Key(key));
      }
      const Json* found = FindPath(values, steps);
      return found == nullptr ? Json() : *found;
    };
    EXPECT_EQ(at(row.path), sample.value);
    for (const std::string& other : row.also) {
      EXPECT_EQ(at(other), sample.value);
    }
    for (const FixedValue& fixed : row.with) {
      EXPECT_EQ(at(fixed.path), fixed.value);
    }
    EXPECT_EQ(Taken(values, ""), settings);
    EXPECT_EQ(values, Json::object());
  }
  EXPECT_GE(settings_seen, 120);
}

}  // namespace
}  // namespace wandb
