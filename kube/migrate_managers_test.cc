#include "kube/migrate_managers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/status.h"
#include "tests/support/fake_client.h"

namespace kube {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kOurs[] = "ours";

Json Parse(const char* text) { return *base::ParseJson(text, "test"); }

Json WithEntries(const char* entries) {
  return {{"metadata", {{"managedFields", Parse(entries)}}}};
}

bool IsHelm(const ManagerEntry& entry) { return entry.manager == "helm"; }

Takeover FromHelm(Json within = nullptr) {
  return {.manager = kOurs,
          .api_version = "apps.wandb.com/v1",
          .sources = {{.from = IsHelm, .within = std::move(within)}}};
}

// ---- MigrateManagers ----

TEST(MigrateManagers, MakesTheApplyEntryThatIsMissing) {
  const auto entries = MigrateManagers(WithEntries(R"([
    {"manager":"helm","operation":"Update","apiVersion":"apps.wandb.com/v1",
     "time":"2024-05-01T00:00:00Z","fieldsType":"FieldsV1",
     "fieldsV1":{"f:spec":{"f:values":{".":{},"f:a":{}}}}}])"),
                                       FromHelm());
  ASSERT_TRUE(entries.has_value());
  EXPECT_EQ(base::DumpJson(*entries),
            R"([{"apiVersion":"apps.wandb.com/v1","fieldsType":"FieldsV1",)"
            R"("fieldsV1":{"f:spec":{"f:values":{".":{},"f:a":{}}}},)"
            R"("manager":"ours","operation":"Apply",)"
            R"("time":"2024-05-01T00:00:00Z"}])");
}

TEST(MigrateManagers, UnitesWithOurEntryAndDropsTheOther) {
  const auto entries = MigrateManagers(WithEntries(R"([
    {"manager":"ours","operation":"Apply","apiVersion":"apps.wandb.com/v1",
     "fieldsType":"FieldsV1",
     "fieldsV1":{"f:spec":{"f:values":{"f:a":{},"f:m":{}}}}},
    {"manager":"helm","operation":"Update","apiVersion":"apps.wandb.com/v1",
     "fieldsType":"FieldsV1",
     "fieldsV1":{"f:metadata":{"f:labels":{"f:l":{}}},
                 "f:spec":{"f:values":{"f:a":{},"f:b":{},
                                       "f:m":{"f:x":{}}}}}}])"),
                                       FromHelm());
  ASSERT_TRUE(entries.has_value());
  EXPECT_EQ(base::DumpJson(*entries),
            R"([{"apiVersion":"apps.wandb.com/v1","fieldsType":"FieldsV1",)"
            R"("fieldsV1":{"f:metadata":{"f:labels":{"f:l":{}}},)"
            R"("f:spec":{"f:values":{"f:a":{},"f:b":{},)"
            // m was a field by itself, and has one below it now.
            R"("f:m":{".":{},"f:x":{}}}}},)"
            R"("manager":"ours","operation":"Apply"}])");
}

TEST(MigrateManagers, TakesOnlyWhatTheBodyHas) {
  const auto entries = MigrateManagers(
      WithEntries(R"([
    {"manager":"helm","operation":"Update","apiVersion":"apps.wandb.com/v1",
     "fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:theirs":{}}},
                 "f:spec":{".":{},
                   "f:chart":{".":{},"f:url":{}},
                   "f:values":{".":{},"f:a":{},"f:other":{},
                     "f:list":{"k:{\"name\":\"x\"}":{"f:name":{}}}}}}}])"),
      FromHelm({{"spec",
                 {{"chart", {{"url", "u"}}},
                  {"values", {{"a", 1}, {"list", Json::array()}}}}}}));
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0]["manager"], "helm");
  EXPECT_EQ(base::DumpJson((*entries)[0]["fieldsV1"]),
            R"({"f:metadata":{"f:annotations":{".":{},"f:theirs":{}}},)"
            R"("f:spec":{".":{},"f:values":{".":{},"f:other":{}}}})");
  EXPECT_EQ((*entries)[1]["manager"], kOurs);
  EXPECT_EQ(base::DumpJson((*entries)[1]["fieldsV1"]),
            R"({"f:spec":{".":{},"f:chart":{".":{},"f:url":{}},)"
            R"("f:values":{".":{},"f:a":{},)"
            R"("f:list":{"k:{\"name\":\"x\"}":{"f:name":{}}}}}})");
}

TEST(MigrateManagers, TakesTheVeryFieldsThatAreNamed) {
  Takeover takeover = FromHelm();
  takeover.sources[0].fields = Parse(
      R"({"f:spec":{"f:volumes":{"k:{\"name\":\"a\"}":{"f:configMap":{}}}}})");
  const auto entries = MigrateManagers(WithEntries(R"([
    {"manager":"helm","operation":"Update","apiVersion":"apps.wandb.com/v1",
     "fieldsType":"FieldsV1",
     "fieldsV1":{"f:spec":{"f:volumes":{
       "k:{\"name\":\"a\"}":{".":{},"f:name":{},
                             "f:configMap":{".":{},"f:name":{}}},
       "k:{\"name\":\"b\"}":{"f:configMap":{"f:name":{}}}}}}}])"),
                                       takeover);
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 2);
  EXPECT_EQ((*entries)[0]["fieldsV1"], Parse(R"({"f:spec":{"f:volumes":{
              "k:{\"name\":\"a\"}":{".":{},"f:name":{}},
              "k:{\"name\":\"b\"}":{"f:configMap":{"f:name":{}}}}}})"));
  EXPECT_EQ((*entries)[1]["manager"], kOurs);
  EXPECT_EQ((*entries)[1]["fieldsV1"],
            Parse(R"({"f:spec":{"f:volumes":{"k:{\"name\":\"a\"}":
              {"f:configMap":{".":{},"f:name":{}}}}}})"));
  takeover.sources[0].fields = Parse(R"({"f:spec":{"f:replicas":{}}})");
  EXPECT_FALSE(MigrateManagers(WithEntries(R"([
    {"manager":"helm","operation":"Update","apiVersion":"apps.wandb.com/v1",
     "fieldsV1":{"f:spec":{"f:volumes":{}}}}])"),
                               takeover)
                   .has_value());
}

TEST(MigrateManagers, KubectlsCopyOfTheObjectGoesAlong) {
  const auto entries =
      MigrateManagers(WithEntries(R"([
    {"manager":"helm","operation":"Update","apiVersion":"apps.wandb.com/v1",
     "fieldsV1":{"f:metadata":{"f:annotations":{".":{},
       "f:kubectl.kubernetes.io/last-applied-configuration":{}}}}}])"),
                      FromHelm({{"spec", {{"values", {{"a", 1}}}}}}));
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 1u);
  EXPECT_EQ((*entries)[0]["manager"], kOurs);
}

TEST(MigrateManagers, LeavesEverythingElseAsItIs) {
  constexpr char kEntries[] = R"([
    {"manager":"helm","operation":"Update","apiVersion":"apps.wandb.com/v1",
     "subresource":"status","fieldsV1":{"f:status":{"f:phase":{}}}},
    {"manager":"helm","operation":"Update","apiVersion":"apps.wandb.com/v2",
     "fieldsV1":{"f:spec":{"f:wandb":{}}}},
    {"manager":"manager","operation":"Update","apiVersion":"apps.wandb.com/v1",
     "fieldsV1":{"f:metadata":{"f:finalizers":{"v:\"f\"":{}}}}},
    {"manager":"ours","operation":"Apply","apiVersion":"apps.wandb.com/v1",
     "fieldsV1":{"f:spec":{"f:values":{"f:a":{}}}}}])";
  EXPECT_FALSE(MigrateManagers(WithEntries(kEntries), FromHelm()).has_value());
  // With one to take from, the others keep bytes and order.
  Json object = WithEntries(kEntries);
  Json helm = object["metadata"]["managedFields"][0];
  helm.erase("subresource");
  object["metadata"]["managedFields"].push_back(helm);
  const auto entries = MigrateManagers(object, FromHelm());
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 4u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*entries)[i], object["metadata"]["managedFields"][i]) << i;
  }
}

TEST(MigrateManagers, NothingOfOtherShapes) {
  for (const char* text :
       {"null", "[]", R"({"metadata":{"managedFields":3}})",
        R"({"metadata":{"managedFields":[3,"x",{},{"manager":"helm"}]}})",
        R"({"metadata":{"managedFields":[{"manager":"helm","apiVersion":
            "apps.wandb.com/v1","fieldsV1":"x"}]}})"}) {
    EXPECT_FALSE(MigrateManagers(Parse(text), FromHelm()).has_value()) << text;
  }
}

// ---- IsEarlierTool ----

TEST(IsEarlierTool, KnowsToolsFromControllersAndHands) {
  const auto is_tool = [](const char* manager,
                          const char* operation = "Update") {
    return IsEarlierTool(
        {.manager = manager, .operation = operation, .fields = Json::object()});
  };
  for (const char* manager :
       {"helm", "Helm", "Terraform", "HashiCorp", "kubectl-client-side-apply",
        "kubectl-create", "terraform-provider-helm",
        "terraform-provider-helm_v2.17.0_x5",
        "terraform-provider-kubernetes_v2.38.0_x5",
        "terraform-provider-kubectl_v1.14.0"}) {
    EXPECT_TRUE(is_tool(manager)) << manager;
  }
  for (const char* manager :
       {"manager", "wandb-manager", "wandb-controller-manager", "kubectl",
        "kubectl-edit", "kubectl-patch", "kubectl-replace", "kubectl-rollout",
        "kube-controller-manager", "argocd-controller", "Mozilla", "",
        "terraform-provider-wandb"}) {
    EXPECT_FALSE(is_tool(manager)) << manager;
  }
  EXPECT_TRUE(is_tool("Terraform", "Apply"));
  EXPECT_TRUE(is_tool("helm", "Apply"));
  EXPECT_FALSE(is_tool("helm-controller", "Apply"));
  EXPECT_FALSE(is_tool("terraform-provider-wandb", "Apply"));
}

TEST(IsEarlierTool, KubectlsRecordTellsWhoAppliedByIt) {
  const Json fields = Parse(R"({"f:metadata":{"f:annotations":{
      "f:kubectl.kubernetes.io/last-applied-configuration":{}}}})");
  EXPECT_TRUE(IsEarlierTool(
      {.manager = "my-ci", .operation = "Update", .fields = fields}));
  EXPECT_FALSE(IsEarlierTool(
      {.manager = "kubectl-edit", .operation = "Update", .fields = fields}));
  EXPECT_FALSE(IsEarlierTool(
      {.manager = "my-ci", .operation = "Apply", .fields = fields}));
}

// ---- TakeOver ----

class TakeOverTest : public ::testing::Test {
 protected:
  TakeOverTest() {
    client_.Put(kRef,
                {{"kind", "WeightsAndBiases"},
                 {"spec", {{"values", {{"a", 1}, {"b", 2}}}}}},
                "helm");
    client_.ClearCalls();
  }
  absl::StatusOr<Json> Take() {
    return TakeOver({}, client_, kRef, client_.Stored(kRef), FromHelm());
  }

  const ObjectRef kRef = {"apps.wandb.com", "v1", "weightsandbiases", "ns",
                          "x"};
  support::FakeClient client_;
};

TEST_F(TakeOverTest, OurNextApplyRemovesWhatItLacks) {
  const auto taken = Take();
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_TRUE(OwnsOnly(*taken, kOurs));
  EXPECT_EQ((*taken)["spec"], Json({{"values", {{"a", 1}, {"b", 2}}}}));
  ASSERT_TRUE(client_
                  .Apply({}, kRef,
                         {{"kind", "WeightsAndBiases"},
                          {"spec", {{"values", {{"a", 1}}}}}},
                         {.field_manager = kOurs})
                  .ok());
  EXPECT_EQ(client_.Stored(kRef)["spec"], Json({{"values", {{"a", 1}}}}));
}

TEST_F(TakeOverTest, SendsNothingWhenNobodyGivesAnything) {
  ASSERT_TRUE(Take().ok());
  client_.ClearCalls();
  ASSERT_TRUE(Take().ok());
  EXPECT_THAT(client_.calls(), IsEmpty());
}

TEST_F(TakeOverTest, ReadsAgainWhenTheObjectChangedMeanwhile) {
  const Json stale = client_.Stored(kRef);
  Json edited = stale;
  edited["spec"]["values"]["c"] = 3;
  client_.Put(kRef, edited, "kubectl-edit");
  client_.ClearCalls();
  const auto taken = TakeOver({}, client_, kRef, stale, FromHelm());
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ((*taken)["spec"]["values"]["c"], 3);
  EXPECT_TRUE(HasApplied(*taken, kOurs));
  EXPECT_THAT(client_.CallLines(),
              ElementsAre("PATCH weightsandbiases.apps.wandb.com \"ns/x\"",
                          "GET weightsandbiases.apps.wandb.com \"ns/x\"",
                          "PATCH weightsandbiases.apps.wandb.com \"ns/x\""));
}

TEST_F(TakeOverTest, GivesUpAfterFiveTries) {
  // Somebody writes right before each of our patches.
  class BusyClient final : public support::FakeClient {
   public:
    absl::StatusOr<Json> Get(const base::Context& ctx,
                             const ObjectRef& ref) override {
      auto live = FakeClient::Get(ctx, ref);
      Json next = *live;
      next["spec"]["values"]["n"] = ++writes_;
      Put(ref, next, "busy");
      return live;
    }
    int writes_ = 0;
  } client;
  client.Put(kRef, client_.Stored(kRef), "helm");
  const Json stale = *client.Get({}, kRef);
  client.ClearCalls();
  const auto taken = TakeOver({}, client, kRef, stale, FromHelm());
  EXPECT_TRUE(IsStale(taken.status())) << taken.status();
  int patches = 0;
  for (const auto& call : client.calls()) patches += call.verb == "PATCH";
  EXPECT_EQ(patches, 5);
}

TEST_F(TakeOverTest, DoesNotTouchASuccessor) {
  const Json stale = client_.Stored(kRef);
  client_.Remove(kRef);
  client_.Put(
      kRef, {{"kind", "WeightsAndBiases"}, {"spec", {{"values", {{"a", 9}}}}}},
      "helm");
  const Json successor = client_.Stored(kRef);
  const auto taken = TakeOver({}, client_, kRef, stale, FromHelm());
  EXPECT_TRUE(absl::IsAborted(taken.status())) << taken.status();
  EXPECT_EQ(client_.Stored(kRef), successor);
}

}  // namespace
}  // namespace kube
