#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ChecksTest : public InstanceTest {
 protected:
  // "warning: summary / line / line" for each diagnostic of a create's plan,
  // which does not look for an operator.
  std::vector<std::string> Says(Fields fields) const {
    fields.try_emplace("wait", Flag(false));
    return LinesOf(PlanCreate(std::move(fields)));
  }
  // The same for an update's, which knows all layers.
  std::vector<std::string> SaysOfUpdate(Fields fields,
                                        base::Json user_input) const {
    Applied applied = Ready({});
    InstanceNotes notes = InstanceNotes::From(applied.private_data);
    notes.layers.user_input = wandb::SpecLayer{.values = std::move(user_input)};
    notes.To(applied.private_data);
    return LinesOf(Plan(applied.state, Make(std::move(fields)),
                        std::move(applied.private_data)));
  }
  static std::vector<std::string> LinesOf(const tf::RawPlan& plan) {
    std::vector<std::string> said;
    for (const tf::Diagnostic& diag : plan.diags.items()) {
      EXPECT_FALSE(diag.path.has_value());
      said.push_back(absl::StrCat(
          diag.severity == tf::Severity::kError ? "error: " : "warning: ",
          diag.summary, " /",
          absl::StrReplaceAll(diag.detail, {{"\n", " /"}})));
    }
    return said;
  }
  static cty::Value Values() {
    return Map({{"global", Map({{"hots", Str("x")}})}});
  }
  static cty::Value Levels(const std::string& id, const std::string& level) {
    return cty::Value::Map(kString, {{id, Str(level)}});
  }
};

constexpr char kHots[] =
    "/  warning: global.hots is read by no chart that is known here. Did you "
    "mean global.host? (unknown-key)";

TEST_F(ChecksTest, AnAirgappedInstanceWithoutAChartIsToldByThePlan) {
  Fields fields = {{"airgapped", Flag(true)},
                   {"checks", cty::Value::Null(kString)},
                   {"check_levels", cty::Value::Null(cty::Type::Map(kString))}};
  EXPECT_THAT(
      Says(fields),
      ElementsAre(AllOf(StartsWith("error: "), HasSubstr("(chart-missing)")),
                  AllOf(StartsWith("warning: "), HasSubstr("(host-missing)"))));
  fields["airgapped"] = Flag(false);
  EXPECT_THAT(Says(fields), IsEmpty());
}

TEST_F(ChecksTest, WarnUnlessToldOtherwise) {
  EXPECT_THAT(
      Says({{"checks", cty::Value::Null(kString)}, {"values", Values()}}),
      ElementsAre(absl::StrCat(
          "warning: The specification of default/wandb has 1 warning ",
          kHots)));
  EXPECT_THAT(Says({{"checks", Str("error")}, {"values", Values()}}),
              ElementsAre(AllOf(
                  HasSubstr("error: The specification of default/wandb has 1 "
                            "error /  error: global.hots "),
                  HasSubstr("(unknown-key)"))));
  EXPECT_THAT(Says({{"checks", Str("off")}, {"values", Values()}}), IsEmpty());
}

TEST_F(ChecksTest, PathsThatNameNothingAreFound) {
  const auto paths = [](std::vector<cty::Value> texts) {
    return cty::Value::List(kString, std::move(texts));
  };
  PutOperator(false);
  const Fields plain = {{"checks", cty::Value::Null(kString)}};
  // What a W&B needs is another matter.
  const base::Json whole = {
      {"global", {{"host", "https://w.test"}, {"bucket", {{"name", "b"}}}}},
      {"mysql", {{"install", true}}}};
  base::Json hidden = whole;
  hidden["nonsense"] = {{"path", 1}};
  Fields fields = plain;
  fields["sensitive_paths"] =
      paths({Str("global.mysqll.password"), Str("nonsense.path")});
  fields["force_conflict_paths"] = paths({Str("global.hots")});
  fields["ignore_paths"] = paths({Str("spec.values.app.replicaCount")});
  EXPECT_THAT(
      SaysOfUpdate(fields, whole),
      ElementsAre(AllOf(
          HasSubstr("has 4 warnings"),
          HasSubstr("spec.values.app.replicaCount of ignore_paths is nowhere"),
          HasSubstr("write app.replicaCount in place of it"),
          HasSubstr("global.mysqll.password of sensitive_paths is nowhere in "
                    "the values, and read by no chart that is known here. Did "
                    "you mean global.mysql.password? (path-without-effect)"),
          HasSubstr("nonsense.path of sensitive_paths"),
          HasSubstr("global.hots of force_conflict_paths"),
          HasSubstr("Did you mean global.host?"))));
  // What one hides may be in a layer: one that is known, or is not yet.
  EXPECT_THAT(SaysOfUpdate(fields, hidden),
              ElementsAre(HasSubstr("has 3 warnings")));
  EXPECT_THAT(
      Says(fields),
      ElementsAre(AllOf(
          HasSubstr("has 4 warnings"),
          HasSubstr("nonsense.path of sensitive_paths is nowhere in the values "
                    "that are known by now, and read by no chart that is known "
                    "here: unless the release channel or the System Console "
                    "sets it, it has no effect. Correct or remove it."),
          HasSubstr("global.hots of force_conflict_paths is nowhere in the "
                    "values, and"))));
  fields = plain;
  // Of the values, known to the chart, of a part that is open, of the object.
  fields["check_levels"] = Levels("unknown-key", "off");
  fields["values"] =
      Map({{"own", cty::Value::Tuple({Map({{"a", Str("x")}})})}});
  fields["sensitive_paths"] =
      paths({Str("own[3].a"), Str("global.slack"), Str("app.env.X")});
  fields["force_conflict_paths"] =
      paths({Str("global.host"), Str(".metadata.labels.team")});
  EXPECT_THAT(Says(fields), IsEmpty());
}

TEST_F(ChecksTest, SecretsInClearTextAreOneFindingThatNamesTheBetterWay) {
  const cty::Value secrets = Map(
      {{"global",
        Map({{"license", Str("text")},
             {"mysql", Map({{"host", Str("db")}, {"password", Str("text")}})},
             {"redis", Map({{"password", UnknownStr()}})},
             {"email", Map({{"smtp", Map({{"password", Str("")}})}})}})}});
  const cty::Value levels = Levels("clear-text-secret", "warn");
  EXPECT_THAT(
      Says({{"check_levels", levels}, {"values", secrets}}),
      ElementsAre(AllOf(
          HasSubstr("has 1 warning"),
          HasSubstr("global.license, global.mysql.password are secrets in "
                    "clear text"),
          HasSubstr("Give them by license_wo, mysql.password_wo "),
          HasSubstr("(clear-text-secret"), Not(HasSubstr("redis")),
          Not(HasSubstr("smtp")))));
  EXPECT_THAT(Says({{"check_levels", levels}, {"sensitive_values", secrets}}),
              IsEmpty());
  EXPECT_THAT(
      Says({{"check_levels", levels},
            {"license", Str("text")},
            {"values", Map({{"app", Map({{"replicaCount", Int(2)}})}})}}),
      IsEmpty());
}

TEST_F(ChecksTest, PathsWithAnotherRootAreCorrected) {
  const Fields fields = {
      {"checks", cty::Value::Null(kString)},
      {"sensitive_paths",
       cty::Value::List(kString, {Str("spec.values.global.mine")})},
      {"force_conflict_paths",
       cty::Value::List(
           kString,
           {Str("spec.chart.version"), Str("metadata.labels[\"a.b/c\"]"),
            Str("chart.url"), Str("spec.values.global.host")})}};
  EXPECT_THAT(
      Says(fields),
      ElementsAre(AllOf(
          HasSubstr("has 5 warnings"),
          HasSubstr("spec.chart.version of force_conflict_paths is nowhere"),
          HasSubstr("A path from the object's root begins with a dot: write "
                    ".spec.chart.version in place of it."),
          HasSubstr("write .metadata.labels[\"a.b/c\"] in place of it."),
          HasSubstr("write .spec.chart.url in place of it."),
          HasSubstr("Paths begin within the values: write global.mine in "
                    "place of it."),
          HasSubstr("write global.host in place of it."))));
}

TEST_F(ChecksTest, LevelsOfSingleFindingsGoFirst) {
  EXPECT_THAT(Says({{"checks", Str("error")},
                    {"check_levels", Levels("unknown-key", "off")},
                    {"values", Values()}}),
              IsEmpty());
  EXPECT_THAT(Says({{"checks", Str("off")},
                    {"check_levels", Levels("unknown-key", "error")},
                    {"values", Values()}}),
              ElementsAre(HasSubstr("error: global.hots")));
  // A remark is only said on request.
  EXPECT_THAT(Says({{"check_levels", Levels("chart-version-unknown", "warn")}}),
              ElementsAre(HasSubstr("(chart-version-unknown)")));
}

TEST_F(ChecksTest, ASizeThatNothingDefinesIsAnError) {
  EXPECT_THAT(
      Says({{"size", Str("huge")}}),
      ElementsAre(AllOf(StartsWith("error: "), HasSubstr("(invalid-value"))));
  EXPECT_THAT(
      Says({{"size", Str("huge")},
            {"values",
             Map({{"app",
                   Map({{"sizing",
                         Map({{"huge",
                               Map({{"env",
                                     Map({{"A", Str("b")}})}})}})}})}})}}),
      IsEmpty());
}

TEST_F(ChecksTest, PathsOfTheChartAreNamedAsTheSettingsThatWereWritten) {
  const cty::Type mysql =
      resource_->schema().ImpliedType().attributes().at("mysql");
  const auto setting = SaysOfUpdate(
      {{"checks", Str("warn")},
       {"mysql",
        cty::Value::ObjectOf(mysql, {{"host", Str("db.example.com:3306")}})}},
      base::Json::object());
  EXPECT_THAT(absl::StrJoin(setting, "\n"),
              AllOf(HasSubstr(": mysql.host must be"),
                    HasSubstr("Write the port into mysql.port. (server"),
                    Not(HasSubstr("global.mysql"))));
  // Who wrote values knows them by that path.
  const auto values = SaysOfUpdate(
      {{"checks", Str("warn")},
       {"values",
        Map({{"global", Map({{"mysql", Map({{"host", Str("db:3306")}})}})}})}},
      base::Json::object());
  EXPECT_THAT(absl::StrJoin(values, "\n"),
              HasSubstr("into global.mysql.port. (server"));
}

// Core repeats the source lines of the attribute for each diagnostic that
// points at it: values with the secrets in them, as often as there are
// findings.
TEST_F(ChecksTest, AllOfAnInstanceAreOneErrorAndOneWarningWithoutItsSource) {
  const cty::Value values =
      Map({{"executor", Str("yes")},
           {"mine", Str("x")},
           {"global", Map({{"hots", Str("x")}, {"host", Str("bad host")}})}});
  const cty::Value secrets = Map({{"global", Map({{"license", Str("x")}})}});
  const cty::Value release =
      Map({{"values", Map({{"executor", Map({{"install", Flag(true)}})}})},
           {"chart", cty::Value::Null(cty::Type::Dynamic())},
           {"metadata", Map({})}});
  const std::vector<std::string> said = Says({{"checks", Str("warn")},
                                              {"values", values},
                                              {"sensitive_values", secrets},
                                              {"release", release}});
  ASSERT_EQ(said.size(), 2U);
  EXPECT_THAT(said[0],
              AllOf(StartsWith("error: The specification of default/wandb has "
                               "1 error /  error: executor is "),
                    HasSubstr("(kind-clash, in values)")));
  EXPECT_THAT(said[1], AllOf(StartsWith("warning: "),
                             HasSubstr("global.host? (unknown-key, in values)"),
                             HasSubstr("/  warning: mine is read by no chart"),
                             HasSubstr("(host-shape, in values)")));
}

TEST_F(ChecksTest, LevelsThatMakeNoSenseAreErrors) {
  struct Case {
    std::string id, level, message;
  };
  for (const Case& each :
       {Case{"unknown-keys", "warn", "the nearest is \"unknown-key\""},
        Case{"unknown-key", "loud", "must be one of"},
        Case{"kind-clash", "off", "stays an error"}}) {
    const cty::Value config =
        Make({{"check_levels", Levels(each.id, each.level)}});
    tf::Diagnostics diags;
    tf::ValidateConfig(resource_->schema(), config, {}, diags);
    if (!diags.HasError()) resource_->Validate(config, diags);
    ASSERT_EQ(diags.items().size(), 1U) << each.id;
    EXPECT_THAT(diags.items()[0].detail, HasSubstr(each.message));
  }
}

TEST_F(ChecksTest, ReleaseMetadataFollowsTheLayers) {
  const cty::Value release =
      Map({{"values", Map({})},
           {"chart", cty::Value::Null(cty::Type::Dynamic())},
           {"metadata", Map({{"releaseId", Str("r1")}})}});
  tf::RawPlan plan = PlanCreate({{"release", release}});
  EXPECT_EQ(plan.planned.At("release_metadata"),
            cty::Value::Map(kString, {{"releaseId", Str("r1")}}));
  plan = PlanCreate({});
  EXPECT_TRUE(plan.planned.At("release_metadata").IsUnknown());
}

// ---- Advice ----

void AddNames(const std::vector<tf::Attribute>& attributes,
              std::set<std::string>& names) {
  for (const tf::Attribute& attribute : attributes) {
    names.insert(attribute.name);
    if (attribute.nested != nullptr) {
      AddNames(attribute.nested->attributes, names);
    }
  }
}

// The texts between quotes of a line of C++.
std::vector<std::string> LiteralsIn(absl::string_view line) {
  std::vector<std::string> out;
  bool open = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      open = !open;
      if (open) out.emplace_back();
    } else if (open) {
      out.back() += line[i];
      if (line[i] == '\\' && i + 1 < line.size()) out.back() += line[++i];
    }
  }
  return out;
}

// Words of small letters with underscores within.
std::vector<std::string> SnakeWordsIn(absl::string_view text) {
  std::string words(text);
  for (char& c : words) {
    if (!absl::ascii_islower(c) && c != '_') c = ' ';
  }
  std::vector<std::string> out;
  for (absl::string_view word : absl::StrSplit(words, ' ', absl::SkipEmpty())) {
    while (absl::ConsumePrefix(&word, "_") || absl::ConsumeSuffix(&word, "_")) {
    }
    if (absl::StrContains(word, "_")) out.emplace_back(word);
  }
  return out;
}

// The chart's own keys are in camel case: a word with an underscore in a text
// for the user is an attribute of this provider.
TEST_F(ChecksTest, AdviceNamesOnlyAttributesThatExist) {
  std::set<std::string> known;
  AddNames(resource_->schema().attributes, known);
  const std::filesystem::path folder =
      std::filesystem::path(TFW_TEST_DATA) / ".." / ".." / "wandb";
  int found = 0;
  for (const char* file :
       {"chart/catalogue_values.cc", "chart/chart.cc", "chart/rules.cc",
        "findings/check_rules.cc", "findings/finding_kinds.cc",
        "findings/findings.cc", "merge.cc"}) {
    std::ifstream in(folder / file);
    ASSERT_TRUE(in.good()) << file;
    std::stringstream source;
    source << in.rdbuf();
    std::string line;
    while (std::getline(source, line)) {
      if (absl::StartsWith(line, "#include")) continue;
      for (const std::string& said : LiteralsIn(line)) {
        for (const std::string& name : SnakeWordsIn(said)) {
          // What is one word alone is a name in the program.
          if (name == said) continue;
          ++found;
          EXPECT_TRUE(known.count(name) > 0)
              << file << ": " << name << " in: " << said;
        }
      }
    }
  }
  EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace resources
