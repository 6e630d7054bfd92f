// What a refresh believes, and what it costs.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::HasSubstr;

std::string Instance() {
  return "resource \"wandb_instance\" \"this\" {\n"
         "  operator = wandb_operator.this.id\n}\n";
}

class Refresh : public Acceptance {
 protected:
  void SetUp() override {
    if (cluster_.foreign()) {
      FAIL() << "these tests fill the cluster: unset WANDB_ACC_KUBECONFIG";
    }
  }
};

// What a refresh makes of replies about the custom resource.
TEST_P(Refresh, OnlyARealNotFoundOfTheObjectDropsItFromState) {
  const std::string body = OperatorBlock() + Instance();
  workspace_.Write(body);
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  const std::string before = workspace_.ReadFile("terraform.tfstate");
  const auto failure = [](int code, const std::string& reason,
                          const std::string& name) {
    return Json{{"kind", "Status"},
                {"apiVersion", "v1"},
                {"status", "Failure"},
                {"reason", reason},
                {"code", code},
                {"message", reason},
                {"details", {{"name", name}, {"kind", "weightsandbiases"}}}};
  };
  struct Case {
    std::string name;
    int code;
    Json body;
    bool dropped = false;
    Json header = Json::object();
  };
  const std::vector<Case> cases = {
      {"unauthorized", 401, failure(401, "Unauthorized", "")},
      {"forbidden", 403, failure(403, "Forbidden", "wandb")},
      {"kind not served", 404, "404 page not found"},
      {"not an API server", 404, "<html>nothing here</html>"},
      {"another object", 404, failure(404, "NotFound", "other")},
      {"internal error", 500, failure(500, "InternalError", "wandb")},
      // Later than the refresh may take: otherwise it would try until then.
      {.name = "overloaded",
       .code = 503,
       .body = failure(503, "ServiceUnavailable", "wandb"),
       .header = {{"Retry-After", "600"}}},
      {"not JSON", 200, "surprise"},
      {"gone", 404, failure(404, "NotFound", "wandb"), true},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const ApiProxy proxy(
        cluster_,
        {.answers = Json::array({{{"Method", "GET"},
                                  {"Path",
                                   "/apis/apps.wandb.com/v1/namespaces/default/"
                                   "weightsandbiases/wandb"},
                                  {"Code", each.code},
                                  {"Header", each.header},
                                  {"Body", each.body}}})});
    workspace_.Write(body, proxy.ProviderBlock());
    const support::Outcome plan = workspace_.Plan();
    EXPECT_EQ(plan.exit_code, each.dropped ? 0 : 1) << plan.out;
    EXPECT_THAT(plan.out, each.dropped ? HasSubstr("will be created")
                                       : HasSubstr("API server: https://"));
    EXPECT_FALSE(proxy.Log("answered").empty());
    EXPECT_EQ(workspace_.ReadFile("terraform.tfstate"), before);
  }
  workspace_.Write(body);
}

// What platform teams ask first: how much does a refresh cost them?
TEST_P(Refresh, RequestsDoNotGrowWithWhatElseIsInTheCluster) {
  std::string crds;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(
        &crds,
        "---\napiVersion: apiextensions.k8s.io/v1\nkind: "
        "CustomResourceDefinition\nmetadata: {name: things",
        i,
        ".example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n"
        "  names: {plural: things",
        i, ", kind: Thing", i,
        "}\n  versions: [{name: v1, served: true, storage: true, schema: "
        "{openAPIV3Schema: {type: object}}}]\n");
  }
  cluster_.Create(crds);
  const std::string body =
      OperatorBlock() +
      "resource \"wandb_instance\" \"many\" {\n  count = 100\n"
      "  name = \"many-${count.index}\"\n  wait = false\n"
      "  operator = wandb_operator.this.id\n}\n";
  workspace_.Write(body);
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;

  const ApiProxy proxy(cluster_, {});
  workspace_.Write(body, proxy.ProviderBlock());
  std::string plan;
  EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
  const size_t objects =
      workspace_.Attributes("wandb_operator.this")["objects"].size();
  // The custom resource and the operator's three Secrets for each instance;
  // one for each object of the operator; once for all, whose cluster it is.
  const size_t requests = proxy.Log("request").size();
  EXPECT_LE(requests, size_t{4} * 100 + objects + 1);
  EXPECT_EQ(proxy.Log("connection").size(), 1U);
  RecordProperty("requests", static_cast<int>(requests));
  workspace_.Forget();  // The cluster ends with this test, the last one.
}

INSTANTIATE_TEST_SUITE_P(Tools, Refresh, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
