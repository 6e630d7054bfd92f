#include "resources/instance/conflicts.h"

#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/cty/value.h"
#include "resources/instance/desired.h"
#include "tests/support/fake_client.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// ---- Policy ----

const Json& Body() {
  static const base::NeverDestroyed<Json> kBody(*base::ParseJson(R"({
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
  model.labels = InstanceModel::StringMap{{"team", "ml"}};
  model.values = *cty::FromJson(Body()["spec"]["values"]);
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
      {}, client, Desired(Forcing({"old"})),
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
  model.labels = InstanceModel::StringMap{{"license", "x"}};
  std::vector<kube::FieldConflict> conflicts;
  for (const char* field :
       {".spec.values.global.license", ".spec.values.global.host",
        ".spec.values.w.a", ".spec.values.v", ".spec.values.s",
        ".metadata.labels.license"}) {
    conflicts.push_back({.field = field, .manager = "argo"});
  }
  const std::string text =
      ExplainConflicts({}, client, Desired(model), conflicts);
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
      ExplainConflicts(
          {}, client,
          Desired(Forcing({"metadata.labels.team", "spec.values.a.x",
                           "labels.team", "old"})),
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
  InstanceModel model = Forcing({});
  model.values =
      cty::Value::Map(cty::Type::Number(), {{"${x}", cty::Value::Int(1)}});
  EXPECT_THAT(ExplainConflicts({}, client, Desired(model),
                               {{.field = ".spec.values.${x}",
                                 .manager = "argo",
                                 .operation = "Apply"}}),
              AllOf(HasSubstr("since 2024-06-01T00:00:00Z"),
                    HasSubstr(R"(paths = ["[\"$${x}\"]"])"),
                    Not(HasSubstr("paths = [\"[\\\"${"))));
}

}  // namespace
}  // namespace resources
