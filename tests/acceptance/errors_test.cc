// Mistakes that a newcomer makes, each with a message that says what to do.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kInstance[] =
    "resource \"wandb_instance\" \"this\" {\n  wait = false\n  values = { a = "
    "1 }\n}\n";

class Errors : public Acceptance {
 protected:
  void SetUp() override {
    workspace_.Forget();
    // Nothing of the surroundings may configure the provider.
    for (const char* name :
         {"KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBE_HOST", "KUBECONFIG"}) {
      workspace_.environment[name] = "";
    }
  }

  std::string ProviderBlock(const std::string& more) {
    return absl::StrCat("provider \"wandb\" {\n  config_path = \"",
                        cluster_.kubeconfig(), "\"\n", more, "\n}\n");
  }

  void ExpectApplyError(const std::string& body, const std::string& provider,
                        const testing::Matcher<const std::string&>& message) {
    workspace_.Write(body, provider);
    const support::Outcome apply = workspace_.Apply();
    EXPECT_EQ(apply.exit_code, 1) << apply.out;
    EXPECT_THAT(apply.out, message);
    EXPECT_THAT(apply.out, Not(HasSubstr("bug in the provider")));
  }

  void ExpectInvalid(const std::string& body,
                     const testing::Matcher<const std::string&>& message) {
    workspace_.Write(body);
    const support::Outcome plan = workspace_.Run({"validate", "-no-color"});
    EXPECT_EQ(plan.exit_code, 1) << plan.out;
    EXPECT_THAT(plan.out, message);
  }
};

TEST_P(Errors, NoClusterConfiguration) {
  ExpectApplyError(kInstance, "provider \"wandb\" {}\n",
                   AllOf(HasSubstr("no Kubernetes cluster is configured"),
                         HasSubstr("KUBE_CONFIG_PATH"), HasSubstr("host"),
                         Not(HasSubstr("localhost"))));
}

TEST_P(Errors, MissingKubeconfigFile) {
  ExpectApplyError(kInstance,
                   "provider \"wandb\" { config_path = \"/nowhere/kc\" }\n",
                   HasSubstr("/nowhere/kc"));
}

TEST_P(Errors, WrongContextListsThoseThatExist) {
  ExpectApplyError(kInstance, ProviderBlock("config_context = \"prod\""),
                   AllOf(HasSubstr("\"prod\""), HasSubstr("wandb-test")));
}

TEST_P(Errors, UnreachableServer) {
  ExpectApplyError(kInstance,
                   "provider \"wandb\" {\n  host = \"https://127.0.0.1:9\"\n  "
                   "token = \"canary\"\n}\n",
                   AllOf(HasSubstr("https://127.0.0.1:9"),
                         HasSubstr("reachable"), Not(HasSubstr("canary"))));
}

TEST_P(Errors, Forbidden) {
  ExpectApplyError(kInstance,
                   ProviderBlock("config_context = \"wandb-readonly\""),
                   AllOf(HasSubstr("forbidden"), HasSubstr("wandb-readonly"),
                         HasSubstr("Role")));
}

TEST_P(Errors, MissingNamespace) {
  workspace_.Write(OperatorBlock("wait = false"));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  workspace_.Write(OperatorBlock("wait = false") +
                   "resource \"wandb_instance\" \"this\" {\n  namespace = "
                   "\"absent\"\n  wait = false\n}\n");
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out, HasSubstr("create_namespace = true"));
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
}

TEST_P(Errors, ValuesThatAreAList) {
  ExpectInvalid("resource \"wandb_instance\" \"this\" { values = [1] }\n",
                AllOf(HasSubstr("values"), HasSubstr("list")));
}

TEST_P(Errors, BadYaml) {
  ExpectInvalid(
      "resource \"wandb_instance\" \"this\" { values_yaml = [\"a: [\"] }\n",
      AllOf(HasSubstr("values_yaml[0]"), HasSubstr("line")));
}

TEST_P(Errors, YamlTextThatIsNeverClosed) {
  ExpectInvalid(
      "resource \"wandb_instance\" \"this\" {\n"
      "  values_yaml = [\"a: 1\", \"app:\\n  tag: \\\"0.79.0\\nb: c\\n\"]\n}\n",
      AllOf(HasSubstr("values_yaml[1]"), HasSubstr("line 2, column 8")));
}

TEST_P(Errors, BadChart) {
  ExpectInvalid(
      "resource \"wandb_instance\" \"this\" {\n  chart = { url = "
      "\"charts.wandb.ai\", name = \"operator-wandb\" }\n}\n",
      HasSubstr("chart.url"));
}

TEST_P(Errors, IntegerThatTheOperatorWouldChange) {
  ExpectInvalid(
      "resource \"wandb_instance\" \"this\" { values = { a = { id = "
      "9007199254740993 } } }\n",
      HasSubstr("a.id"));
}

TEST_P(Errors, TypedSettingBesideAnotherValue) {
  ExpectInvalid(
      "resource \"wandb_instance\" \"this\" {\n  host = \"https://a\"\n  "
      "values = { global = { host = \"https://b\" } }\n}\n",
      AllOf(HasSubstr("global.host"), HasSubstr("host")));
}

TEST_P(Errors, BadTimeoutAndName) {
  ExpectInvalid(
      "resource \"wandb_operator\" \"this\" {\n  name = \"No_Good\"\n"
      "  timeouts { create = \"soon\" }\n}\n",
      AllOf(HasSubstr("name must be"), HasSubstr("create")));
}

TEST_P(Errors, BundleOfCertificatesInOneEntry) {
  ExpectInvalid(
      "resource \"wandb_operator\" \"this\" { custom_ca_certs = [\"no pem\"] "
      "}\n",
      HasSubstr("custom_ca_certs[0]"));
}

// One byte that is not UTF-8 in an answer of the provider makes core throw the
// answer away, and with it the state of what was just created.
TEST_P(Errors, TextThatIsNotUtf8LosesNoState) {
  const std::string path =
      "/apis/apps.wandb.com/v1/namespaces/default/weightsandbiases/wandb";
  const auto body = [](int value) {
    return OperatorBlock("wait = false") +
           absl::StrCat(
               "resource \"wandb_instance\" \"this\" {\n  operator = "
               "wandb_operator.this.id\n  wait = false\n  values = { a = ",
               value, " }\n}\n");
  };
  {
    const ApiProxy warns(
        cluster_,
        {.answers = base::Json::array(
             {{{"Method", "PATCH"},
               {"Path", path},
               {"Header", {{"Warning", "299 - \"veraltet f\u00fcr immer\""}}},
               {"Latin1", true}}})});
    workspace_.Write(body(1), warns.ProviderBlock());
    const support::Outcome apply = workspace_.Apply();
    EXPECT_EQ(apply.exit_code, 0) << apply.out;
    EXPECT_THAT(Flat(apply.out), HasSubstr("veraltet f\ufffdr immer"));
    EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["name"], "wandb");
  }
  {
    const ApiProxy refuses(
        cluster_, {.answers = base::Json::array(
                       {{{"Method", "PATCH"},
                         {"Path", path},
                         {"Code", 403},
                         {"Body", "Zugriff gew\u00e4hrt nur G\u00e4sten"},
                         {"Latin1", true}}})});
    workspace_.Write(body(2), refuses.ProviderBlock());
    const support::Outcome apply = workspace_.Apply();
    EXPECT_EQ(apply.exit_code, 1) << apply.out;
    EXPECT_THAT(Flat(apply.out), HasSubstr("gew\ufffdhrt nur"));
    EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["name"], "wandb");
  }
  workspace_.Write(body(1));
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
}

INSTANTIATE_TEST_SUITE_P(Tools, Errors, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
