// A cluster that was migrated to operator v2: a definition with two versions,
// v2 the stored one, and a webhook that converts between them. The webhook
// plays what v2's does: a write through v1 builds the v2 object anew from what
// v1 knew, so that one write is enough to lose what was set through v2.
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"
#include "tests/support/certificates.h"
#include "tests/support/tls_server.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kDefinition[] = "weightsandbiases.apps.wandb.com";
constexpr char kV2Object[] =
    "/apis/apps.wandb.com/v2/namespaces/default/weightsandbiases/wandb";
constexpr char kRefused[] = "belongs to operator v2";

// ---- The conversion ----

constexpr char kV1Chart[] = "legacy.operator.wandb.com/v1-chart";
constexpr char kV1Values[] = "legacy.operator.wandb.com/v1-values";

// The whole specification of v2, from what v1's operator applied last.
Json RebuiltSpec() {
  return {{"size", "dev"},
          {"retentionPolicy", {{"onDelete", "detach"}}},
          {"mysql", {{"default", {{"externalMysql", {{"host", "old"}}}}}}},
          {"wandb", {{"hostname", "https://w.test"}, {"version", "0.79.0"}}}};
}

void ToV2(Json& object) {
  Json& annotations = object["metadata"]["annotations"];
  for (const auto& [key, annotation] :
       {std::pair("chart", kV1Chart), std::pair("values", kV1Values)}) {
    if (object["spec"].contains(key)) {
      annotations[annotation] = object["spec"][key].dump();
    }
  }
  object["spec"] = RebuiltSpec();
  object.erase("status");
}

void ToV1(Json& object) {
  Json spec = Json::object();
  Json& metadata = object["metadata"];
  for (const auto& [key, annotation] :
       {std::pair("chart", kV1Chart), std::pair("values", kV1Values)}) {
    const Json annotations = metadata.value("annotations", Json::object());
    if (!annotations.contains(annotation)) continue;
    spec[key] = *base::ParseJson(annotations[annotation].get<std::string>(),
                                 annotation);
    metadata["annotations"].erase(annotation);
  }
  object["spec"] = std::move(spec);
}

// Answers a ConversionReview.
std::string Convert(const std::string& body) {
  const Json request = *base::ParseJson(body, "ConversionReview");
  const std::string wanted = request["request"]["desiredAPIVersion"];
  Json converted = Json::array();
  for (Json object : request["request"]["objects"]) {
    if (object["apiVersion"] != wanted) {
      absl::EndsWith(wanted, "/v2") ? ToV2(object) : ToV1(object);
    }
    object["apiVersion"] = wanted;
    converted.push_back(std::move(object));
  }
  return Json{{"apiVersion", request["apiVersion"]},
              {"kind", request["kind"]},
              {"response",
               {{"uid", request["request"]["uid"]},
                {"convertedObjects", converted},
                {"result", {{"status", "Success"}}}}}}
      .dump();
}

// The definition `v1` as operator v2's installer leaves it.
Json TwoVersions(const Json& v1, const std::string& url,
                 const std::string& ca_pem) {
  Json spec = v1["spec"];
  Json v2 = spec["versions"][0];
  v2["name"] = "v2";
  v2["schema"]["openAPIV3Schema"] = {
      {"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
  spec["versions"][0]["storage"] = false;
  spec["versions"].push_back(std::move(v2));
  spec["conversion"] = {{"strategy", "Webhook"},
                        {"webhook",
                         {{"conversionReviewVersions", {"v1"}},
                          {"clientConfig",
                           {{"url", absl::StrCat(url, "/convert")},
                            {"caBundle", absl::Base64Escape(ca_pem)}}}}}};
  return {{"apiVersion", v1["apiVersion"]},
          {"kind", v1["kind"]},
          {"metadata", {{"name", kDefinition}}},
          {"spec", std::move(spec)}};
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::string InstanceBlock(const std::string& values = "a = 1") {
  return absl::StrCat(
      "resource \"wandb_instance\" \"this\" {\n  wait = false\n  airgapped = "
      "true\n  checks = \"off\"\n  check_levels = { chart-missing = \"off\" "
      "}\n  host = \"https://w.test\"\n  values = { ",
      values, " }\n}\n");
}

constexpr char kForget[] =
    "removed {\n  from = wandb_instance.this\n  lifecycle {\n    destroy = "
    "false\n  }\n}\n";

class OperatorV2 : public Acceptance {
 protected:
  void SetUp() override {
    if (cluster_.foreign()) {
      GTEST_SKIP() << "its API server cannot reach the webhook of this test";
    }
    Apply(absl::StrCat(OperatorBlock("airgapped = true"), InstanceBlock()));
  }

  void TearDown() override {
    // With the definition everything of v2 is gone, and what is left in the
    // state can be destroyed.
    cluster_.Kubectl({"patch", kDefinition, "wandb", "--namespace=default",
                      "--type=merge",
                      "-p={\"metadata\":{\"finalizers\":null}}"});
    const support::Outcome gone =
        cluster_.Kubectl({"delete", "crd", kDefinition, "--ignore-not-found"});
    EXPECT_EQ(gone.exit_code, 0) << gone.out;
  }

  void Apply(const std::string& body) {
    workspace_.Write(body);
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
  }

  void MustKubectl(std::vector<std::string> args) {
    const support::Outcome outcome = cluster_.Kubectl(std::move(args));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  }

  // Stops v1's controller, installs the definition of v2, and changes the
  // object through v2.
  void Migrate() {
    MustKubectl({"scale", "deployment", "wandb-controller-manager",
                 "--namespace=wandb", "--replicas=0"});
    MustKubectl({"wait", "pods", "--namespace=wandb", "--all", "--for=delete",
                 "--timeout=60s"});
    workspace_.WriteFile("definition.json",
                         TwoVersions(cluster_.GetObject("", "crd", kDefinition),
                                     webhook_.url(), certificate_.pem)
                             .dump());
    MustKubectl({"apply", "--server-side", "--force-conflicts",
                 "--field-manager=wandb-crd-installer",
                 absl::StrCat("--filename=", workspace_.directory(),
                              "/definition.json")});
    AwaitV2();
    Json object = *base::ParseJson(V2Object(), "the object");
    object["spec"]["size"] = "large";
    object["spec"]["wandb"]["version"] = "0.85.0";
    object["spec"]["networking"] = {{"mode", "gateway"}};
    workspace_.WriteFile("object.json", object.dump());
    MustKubectl(
        {"replace", "--raw", kV2Object,
         absl::StrCat("--filename=", workspace_.directory(), "/object.json")});
    before_ = V2Object();
    EXPECT_THAT(before_, HasSubstr("\"0.85.0\""));
  }

  // Nothing announces that the API server serves a new version.
  void AwaitV2() {
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (cluster_.Kubectl({"get", "--raw", kV2Object}).exit_code != 0) {
      ASSERT_LT(absl::Now(), deadline) << V2Object();
      absl::SleepFor(absl::Milliseconds(50));
    }
  }

  std::string V2Object() {
    return cluster_.Kubectl({"get", "--raw", kV2Object}).out;
  }

  // The output of a run that must fail because of v2.
  std::string MustBeRefused(std::vector<std::string> args) {
    args.emplace_back("-no-color");
    const support::Outcome run = workspace_.Run(args);
    EXPECT_EQ(run.exit_code, 1) << run.out;
    const std::string out = Flat(run.out);
    EXPECT_THAT(out, AllOf(HasSubstr("operator v2"), HasSubstr("removed {"),
                           HasSubstr("destroy = false"), HasSubstr("state rm"),
                           Not(HasSubstr("bug in the provider"))))
        << testing::PrintToString(args);
    return out;
  }

  // As the refusals say: by a removed block, which this terraform is too old
  // for, or by hand.
  void Forget() {
    if (GetParam() == "tofu") {
      Apply(absl::StrCat(OperatorBlock("airgapped = true"), kForget));
      return;
    }
    const support::Outcome removed =
        workspace_.Run({"state", "rm", "wandb_instance.this"});
    ASSERT_EQ(removed.exit_code, 0) << removed.out;
    workspace_.Write(OperatorBlock("airgapped = true"));
  }

  void ExpectUntouched() { EXPECT_EQ(V2Object(), before_); }

  const support::Certificate certificate_ = support::MakeCertificate();
  const support::TlsServer webhook_{certificate_, Convert};
  std::string before_;
};

TEST_P(OperatorV2, AMigratedClusterIsReadKeptAndPlansNothing) {
  const Json made = workspace_.Attributes("wandb_instance.this");
  ASSERT_FALSE(made["effective_values"].is_null());
  Migrate();
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  EXPECT_EQ(Count(out, "Instance default/wandb belongs to operator v2"), 1)
      << out;
  Apply(absl::StrCat(OperatorBlock("airgapped = true"), InstanceBlock()));
  const Json kept = workspace_.Attributes("wandb_instance.this");
  EXPECT_EQ(kept["ready"], false);
  EXPECT_TRUE(kept["effective_values"].is_null());
  EXPECT_TRUE(kept["effective_origin"].is_null());
  for (const char* name : {"id", "uid", "values", "configured_values"}) {
    EXPECT_EQ(kept[name], made[name]) << name;
  }
  const Json controller = workspace_.Attributes("wandb_operator.this");
  EXPECT_EQ(controller["ready"], false);
  EXPECT_EQ(controller["crd_versions"], Json({"v1", "v2"}));
  // The refreshed state plans nothing, either, without asking anything.
  const support::Outcome blind = workspace_.Run(
      {"plan", "-no-color", "-detailed-exitcode", "-refresh=false"});
  EXPECT_EQ(blind.exit_code, 0) << blind.out;
  ExpectUntouched();
}

TEST_P(OperatorV2, EveryChangeIsRefusedAtPlanAndTheObjectStaysByteForByte) {
  const std::string controller = OperatorBlock("airgapped = true");
  Migrate();
  Apply(absl::StrCat(controller, InstanceBlock()));  // Refreshes the state.
  workspace_.Write(absl::StrCat(controller, InstanceBlock("a = 2")));
  for (const char* refresh : {"-refresh=true", "-refresh=false"}) {
    MustBeRefused({"plan", refresh});
    MustBeRefused({"plan", "-destroy", refresh});
  }
  MustBeRefused({"apply", "-auto-approve"});
  MustBeRefused({"destroy", "-auto-approve"});
  // An instance that is taken out of the configuration would be destroyed.
  workspace_.Write(controller);
  MustBeRefused({"apply", "-auto-approve"});
  // v1's controller is not started again.
  workspace_.Write(
      absl::StrCat(OperatorBlock("airgapped = false"), InstanceBlock()));
  MustBeRefused({"apply", "-auto-approve"});
  EXPECT_EQ(cluster_.GetObject("wandb", "deployment",
                               "wandb-controller-manager")["spec"]["replicas"],
            0);
  // Nothing new is made there.
  workspace_.Write(absl::StrCat(
      controller, InstanceBlock(),
      "resource \"wandb_instance\" \"more\" {\n  name = \"more\"\n}\n"
      "resource \"wandb_operator\" \"more\" {\n  namespace = \"more\"\n}\n"));
  const std::string out = MustBeRefused({"plan"});
  EXPECT_THAT(out, AllOf(HasSubstr("Instance default/more"),
                         HasSubstr("operator more/wandb")));
  EXPECT_FALSE(workspace_.Attributes("wandb_instance.this").is_null());
  EXPECT_FALSE(workspace_.Attributes("wandb_operator.this").is_null());
  ExpectUntouched();
}

TEST_P(OperatorV2, APlanOfBeforeTheMigrationIsRefusedAtItsApply) {
  const std::string controller = OperatorBlock("airgapped = true");
  const auto save = [this](const char* name, const char* mode) {
    const support::Outcome plan = workspace_.Run(
        {"plan", "-no-color", mode, absl::StrCat("-out=", name)});
    ASSERT_EQ(plan.exit_code, 0) << plan.out;
  };
  save("destroy.plan", "-destroy");
  workspace_.Write(absl::StrCat(controller, InstanceBlock("a = 2")));
  save("update.plan", "-refresh=true");
  Migrate();
  const std::string state = workspace_.ReadFile("terraform.tfstate");
  MustBeRefused({"apply", "update.plan"});
  // The other plan is of this very state, too.
  workspace_.WriteFile("terraform.tfstate", state);
  MustBeRefused({"apply", "destroy.plan"});
  EXPECT_FALSE(workspace_.Attributes("wandb_instance.this").is_null());
  ExpectUntouched();
}

TEST_P(OperatorV2, TheInstanceIsForgottenAndTheOperatorDestroyed) {
  Migrate();
  Forget();
  EXPECT_TRUE(workspace_.Attributes("wandb_instance.this").is_null());
  ExpectUntouched();
  const Json definition = cluster_.GetObject("", "crd", kDefinition);
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
  EXPECT_TRUE(
      cluster_.GetObject("wandb", "deployment", "wandb-controller-manager")
          .is_null());
  EXPECT_EQ(cluster_.GetObject("", "crd", kDefinition), definition);
  ExpectUntouched();
  MustKubectl({"delete", "namespace", "wandb", "--wait=false"});
}

TEST_P(OperatorV2, ImportReadsTheInstanceAndPlansNothing) {
  Migrate();
  ASSERT_EQ(workspace_.Run({"state", "rm", "wandb_instance.this"}).exit_code,
            0);
  const support::Outcome import = workspace_.Run(
      {"import", "-no-color", "wandb_instance.this", "default/wandb"});
  ASSERT_EQ(import.exit_code, 0) << import.out;
  EXPECT_THAT(import.out, HasSubstr(kRefused));
  const Json read = workspace_.Attributes("wandb_instance.this");
  EXPECT_EQ(read["configured_values"]["a"], "1");
  EXPECT_EQ(read["ready"], false);
  ExpectUntouched();
}

// What all of this is about, so that the tests above can fail.
TEST_P(OperatorV2, AWriteThroughV1LosesWhatWasSetThroughV2) {
  Migrate();
  MustKubectl({"patch", "weightsandbiases.v1.apps.wandb.com", "wandb",
               "--namespace=default", "--type=merge",
               "-p={\"spec\":{\"values\":{\"b\":1}}}"});
  const std::string after = V2Object();
  EXPECT_THAT(after, AllOf(HasSubstr("\"0.79.0\""), Not(HasSubstr("0.85.0")),
                           Not(HasSubstr("gateway"))));
}

INSTANTIATE_TEST_SUITE_P(Tools, OperatorV2,
                         testing::Values("tofu", "terraform"), ToolName);

}  // namespace
}  // namespace acceptance
