#include "resources/instance/conflicts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "resources/instance/compile.h"
#include "tests/support/fake_client.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// ---- Paths ----

TEST(ForcePath, IsAPathOfConfiguredValuesOrOneFromTheRoot) {
  const struct {
    const char* text;
    kube::KeyPath path;
  } kCases[] = {
      {"global.host", {"spec", "values", "global", "host"}},
      {R"(a["b.c/d"])", {"spec", "values", "a", "b.c/d"}},
      {R"(["a.b"].c)", {"spec", "values", "a.b", "c"}},
      {"spec.chart", {"spec", "values", "spec", "chart"}},
      {".spec.chart.version", {"spec", "chart", "version"}},
      {".spec.values", {"spec", "values"}},
      {".spec", {"spec"}},
      {".metadata.labels.team", {"metadata", "labels", "team"}},
      {R"(.metadata.annotations["a.b/c"])",
       {"metadata", "annotations", "a.b/c"}},
  };
  for (const auto& test : kCases) {
    const auto path = ParseForcePath(test.text);
    ASSERT_TRUE(path.ok()) << test.text << ": " << path.status();
    EXPECT_EQ(*path, test.path) << test.text;
    EXPECT_EQ(ForcePathText(*path), test.text);
  }
  // Both spellings of a value mean the same; one is printed.
  EXPECT_EQ(*ParseForcePath(".spec.values.a.b"), *ParseForcePath("a.b"));
  EXPECT_EQ(ForcePathText(*ParseForcePath(".spec.values.a.b")), "a.b");
}

TEST(ForcePath, RefusesWhatNoConflictCanBe) {
  for (const char* text :
       {"", ".", "a..b", "a.", "..a", "a b", "a[", "l[0]", "l[0].x", ".status",
        ".metadata", ".metadata.name", ".metadata.finalizers", ".kind"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseForcePath(text).status())) << text;
  }
}

TEST(ForcePath, DiagnosticNamesTheElement) {
  tf::Diagnostics diags;
  ForcePath()(cty::Value::String("l[0]"),
              cty::Path("force_conflict_paths").Index(3), diags);
  ASSERT_TRUE(diags.HasError());
  EXPECT_THAT(diags.items()[0].detail,
              AllOf(HasSubstr("force_conflict_paths[3]"), HasSubstr("l[0]"),
                    HasSubstr("list")));
  tf::Diagnostics none;
  ForcePath()(cty::Value::String("global.host"), cty::Path("x"), none);
  EXPECT_FALSE(none.HasError());
}

// ---- Policy ----

const Json& Body() {
  static const auto* const kBody = new Json(*base::ParseJson(R"({
    "metadata": {"labels": {"team": "ml"}},
    "spec": {"values": {
      "a": {"x": 1, "xy": 1, "b.c": 1, "b": {"c": 1}}, "l": [1]}}})",
                                                             "body"));
  return *kBody;
}

InstanceModel Forcing(std::vector<std::string> paths) {
  InstanceModel model;
  model.ns = std::string("ns");
  model.name = std::string("x");
  model.force_conflict_paths = std::move(paths);
  return model;
}

bool Forced(const InstanceModel& model, const char* field) {
  return IsForced(model, Body(), {.field = field});
}

TEST(IsForcedTest, APathCoversWhatIsBelowIt) {
  EXPECT_TRUE(Forced(Forcing({"a.x"}), ".spec.values.a.x"));
  EXPECT_TRUE(Forced(Forcing({"a"}), ".spec.values.a.x"));
  EXPECT_TRUE(Forced(Forcing({"q", "l"}), ".spec.values.l"));
  EXPECT_TRUE(Forced(Forcing({".metadata.labels"}), ".metadata.labels.team"));
  EXPECT_FALSE(Forced(Forcing({"a.x"}), ".spec.values.a.xy"));
  EXPECT_FALSE(Forced(Forcing({"a.x"}), ".spec.values.a"));
  EXPECT_FALSE(Forced(Forcing({"team"}), ".metadata.labels.team"));
  EXPECT_FALSE(Forced(Forcing({}), ".spec.values.a.x"));
  EXPECT_FALSE(Forced(Forcing({"a"}), ".spec.values.absent"));
}

TEST(IsForcedTest, AFieldWithTwoMeaningsMustBeCoveredInBoth) {
  constexpr char kField[] = ".spec.values.a.b.c";
  EXPECT_FALSE(Forced(Forcing({"a.b.c"}), kField));
  EXPECT_FALSE(Forced(Forcing({R"(a["b.c"])"}), kField));
  EXPECT_TRUE(Forced(Forcing({"a.b", R"(a["b.c"])"}), kField));
}

TEST(IsForcedTest, ForceConflictsCoversAll) {
  InstanceModel model;
  model.force_conflicts = true;
  EXPECT_TRUE(Forced(model, ".spec.values.a.x"));
  EXPECT_TRUE(Forced(model, ".whatever"));
}

// ---- Words ----

TEST(ExplainConflictsTest, PrintsWhatToPutIntoTheList) {
  support::FakeClient client;  // Has no such object: times stay unknown.
  const std::string text = ExplainConflicts(
      {}, client, Forcing({"old"}), Body(),
      {{.field = ".spec.values.a.x", .manager = "argo", .operation = "Apply"},
       {.field = ".metadata.labels.team",
        .manager = "kubectl-edit",
        .operation = "Update",
        .time = "2024-05-01T00:00:00Z"},
       {.field = ".spec.values.a.b.c", .manager = "argo"}});
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("  a.x is owned by \"argo\" (Apply)\n"),
            HasSubstr("  .metadata.labels.team is owned by \"kubectl-edit\" "
                      "(Update) since 2024-05-01T00:00:00Z\n"),
            HasSubstr(R"(a.b.c or a["b.c"] is owned by "argo")"),
            HasSubstr("force_conflict_paths = [\"old\", "
                      "\".metadata.labels.team\", \"a.b.c\", \"a.x\", "
                      "\"a[\\\"b.c\\\"]\"]"),
            HasSubstr("force_conflicts = true")));
}

TEST(ExplainConflictsTest, NamesTheAttributeThatItsPathDoesNotTell) {
  support::FakeClient client;
  InstanceModel model = Forcing({});
  model.values_yaml = std::vector<std::string>{"w: {a: 1}"};
  model.values = cty::Value::Object({{"v", cty::Value::Int(1)}});
  model.sensitive_values = cty::Value::Object({{"s", cty::Value::Int(1)}});
  model.settings["license"] = cty::Value::String("l");
  model.settings["host"] = cty::Value::String("https://w.test");
  Json body;
  body["spec"]["values"] = Compile(model).values;
  body["metadata"]["labels"]["license"] = "x";
  std::vector<kube::FieldConflict> conflicts;
  for (const char* field :
       {".spec.values.global.license", ".spec.values.global.host",
        ".spec.values.w.a", ".spec.values.v", ".spec.values.s",
        ".metadata.labels.license"}) {
    conflicts.push_back({.field = field, .manager = "argo"});
  }
  const std::string text = ExplainConflicts({}, client, model, body, conflicts);
  EXPECT_THAT(text,
              AllOf(HasSubstr("  global.license (set by license) is owned by"),
                    HasSubstr("  global.host (set by host) is owned by"),
                    HasSubstr("  w.a (set by values_yaml[0]) is owned by"),
                    HasSubstr("  s (set by sensitive_values) is owned by"),
                    HasSubstr("  v is owned by"),
                    HasSubstr("  .metadata.labels.license is owned by"),
                    HasSubstr("\"global.license\", \"s\"")));
}

TEST(ExplainConflictsTest, PutsTheRightEntryInPlaceOfTheWrongOne) {
  support::FakeClient client;
  EXPECT_THAT(
      ExplainConflicts({}, client,
                       Forcing({"metadata.labels.team", "spec.values.a.x",
                                "labels.team", "old"}),
                       Body(),
                       {{.field = ".spec.values.a.x", .manager = "argo"},
                        {.field = ".metadata.labels.team", .manager = "x"}}),
      HasSubstr("force_conflict_paths = [\"old\", \".metadata.labels.team\", "
                "\"a.x\"]"));
}

TEST(ExplainConflictsTest, FindsTheTimeOfAnApplyAndEscapesTemplates) {
  class Dated final : public support::FakeClient {
   public:
    absl::StatusOr<Json> Get(const base::Context&,
                             const kube::ObjectRef&) override {
      return Json{{"metadata",
                   {{"managedFields",
                     Json::array({{{"manager", "argo"},
                                   {"operation", "Apply"},
                                   {"time", "2024-06-01T00:00:00Z"}}})}}}};
    }
  } client;
  const Json body = {{"spec", {{"values", {{"${x}", 1}}}}}};
  EXPECT_THAT(ExplainConflicts({}, client, Forcing({}), body,
                               {{.field = ".spec.values.${x}",
                                 .manager = "argo",
                                 .operation = "Apply"}}),
              AllOf(HasSubstr("since 2024-06-01T00:00:00Z"),
                    HasSubstr(R"(paths = ["[\"$${x}\"]"])"),
                    Not(HasSubstr("paths = [\"[\\\"${"))));
}

}  // namespace
}  // namespace resources
