// Credentials from an exec plugin, through whole runs.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

namespace fs = std::filesystem;
using base::Json;
using testing::HasSubstr;
using testing::Not;

std::string Slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

class Credentials : public Acceptance {
 protected:
  // A plugin in the workspace that runs `body` and leaves a line in `runs`.
  void WritePlugin(const std::string& body) {
    const std::string path = workspace_.directory() + "/plugin";
    workspace_.WriteFile("plugin",
                         "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n"
                         "echo run >> runs\nenv >> environments\n" +
                             body);
    fs::permissions(path, fs::perms::owner_all);
  }

  // Hands out the cluster's own admin certificate for five seconds at a time,
  // and notes when two of it run at once.
  void WriteShortLivedPlugin() {
    const support::Outcome view = cluster_.Kubectl(
        {"config", "view", "--raw", "--flatten", "--minify", "-o", "json"});
    const auto config = base::ParseJson(view.out, "kubeconfig");
    ASSERT_TRUE(config.ok()) << view.out;
    const Json* user = base::Find(*config, "/users/0/user");
    ASSERT_NE(user, nullptr);
    workspace_.WriteFile("cert64", user->value("client-certificate-data", ""));
    workspace_.WriteFile("key64", user->value("client-key-data", ""));
    WritePlugin(R"sh(mkdir running 2>/dev/null || echo overlap >> overlaps
line() { base64 -d "$1" | awk '{printf "%s\\n", $0}'; }
printf '{"kind":"ExecCredential",'
printf '"apiVersion":"client.authentication.k8s.io/v1","status":{'
printf '"clientCertificateData":"%s",' "$(line cert64)"
printf '"clientKeyData":"%s",' "$(line key64)"
printf '"expirationTimestamp":"%s"}}' "$(date -u -d '+5 seconds' +%FT%TZ)"
echo noise on stderr, called with "$@" >&2
line key64 >&2
sleep 0.1
rmdir running
)sh");
  }

  std::string Provider(const std::string& more = "") const {
    return absl::StrCat("provider \"wandb\" {\n  config_path = \"",
                        cluster_.kubeconfig(), "\"\n", more,
                        "  exec {\n    api_version = "
                        "\"client.authentication.k8s.io/v1\"\n    command = \"",
                        workspace_.directory(),
                        "/plugin\"\n    args = [\"--login\", \"devicecode\", "
                        "\"--api-secret\", \"canary-argument\"]\n  }\n}\n");
  }
  std::string File(const std::string& name) const {
    return Slurp(absl::StrCat(workspace_.directory(), "/", name));
  }
  int Runs() const {
    const std::string runs = File("runs");
    return static_cast<int>(std::count(runs.begin(), runs.end(), '\n'));
  }
};

TEST_P(Credentials, ShortLivedOnesAreRenewedThroughALongApply) {
  WriteShortLivedPlugin();
  // One after the other, each ready after some five seconds: a single wait is
  // one watch, which needs no new credentials.
  std::string body = OperatorBlock();
  std::string before = "wandb_operator.this";
  for (int i = 0; i < 9; ++i) {
    absl::StrAppend(&body, "resource \"wandb_instance\" \"i", i,
                    "\" {\n  name = \"i", i,
                    "\"\n  operator = wandb_operator.this.id\n"
                    "  values = { app = { podAnnotations = { "
                    "\"wandb-test/behaviour\" = \"slow\" } } }\n"
                    "  depends_on = [",
                    before, "]\n}\n");
    before = absl::StrCat("wandb_instance.i", i);
  }
  workspace_.Write(body, Provider());
  workspace_.environment["TF_LOG_PROVIDER"] = "trace";
  workspace_.environment["TF_LOG_PATH"] = workspace_.directory() + "/trace.log";
  const absl::Time start = absl::Now();
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_GT(absl::Now() - start, absl::Seconds(45));
  EXPECT_THAT(apply.out, Not(HasSubstr("noise on stderr")));
  const std::string trace = File("trace.log");
  EXPECT_THAT(trace, HasSubstr("called with --login devicecode --api-secret"));
  EXPECT_THAT(trace, Not(HasSubstr("canary-argument")));
  EXPECT_THAT(trace, Not(HasSubstr("PRIVATE KEY")));
  std::cout << "plugin runs: " << Runs() << " in "
            << absl::FormatDuration(absl::Now() - start) << "\n";
  EXPECT_GE(Runs(), 5);
  // Once for each time it expires, not for each request.
  EXPECT_LE(Runs(), 40);
  EXPECT_EQ(File("overlaps"), "");
  const std::string environments = File("environments");
  EXPECT_THAT(environments, HasSubstr("KUBERNETES_EXEC_INFO="));
  EXPECT_THAT(environments, Not(HasSubstr("PLUGIN_")));
  EXPECT_THAT(environments, Not(HasSubstr("MAGIC_COOKIE")));
}

TEST_P(Credentials, InterruptEndsAHangingPlugin) {
  WritePlugin("echo $$ > pid\nexec sleep 100\n");
  workspace_.Write(OperatorBlock(), Provider());
  // The plan inside of "apply" does not pass an interrupt on to providers.
  support::Process plan = workspace_.Start({"plan", "-no-color"});
  const absl::Time limit = absl::Now() + absl::Minutes(1);
  while (File("pid").empty() && absl::Now() < limit) {
    absl::SleepFor(absl::Milliseconds(20));
  }
  ASSERT_NE(File("pid"), "");
  const absl::Time pressed = absl::Now();
  plan.SignalGroup(SIGINT);
  const support::Outcome outcome = plan.Finish(absl::Minutes(1));
  EXPECT_LT(absl::Now() - pressed, absl::Seconds(2)) << outcome.out;
  EXPECT_NE(outcome.exit_code, 0);
  // Core says so of a provider that died of the interrupt.
  EXPECT_THAT(outcome.out, Not(HasSubstr("did not respond")));
  EXPECT_NE(::kill(std::stoi(File("pid")), 0), 0);  // Gone, too.
}

TEST_P(Credentials, FailingPluginIsExplainedWithoutItsSecrets) {
  WritePlugin(
      "echo 'session is over; log in again' >&2\n"
      "echo 'token=canary-in-stderr' >&2\necho canary-in-stdout\nexit 3\n");
  workspace_.Write(OperatorBlock(), Provider());
  workspace_.environment["TF_LOG"] = "trace";
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out, HasSubstr("failed with exit code 3"));
  EXPECT_THAT(apply.out, HasSubstr("session is over; log in again"));
  EXPECT_THAT(apply.out, HasSubstr("of the provider block"));
  EXPECT_THAT(apply.out, Not(HasSubstr("canary-in")));
}

TEST_P(Credentials, TokenStandsInWithAWarning) {
  WritePlugin("echo 'no session' >&2\nexit 3\n");
  const support::Outcome token =
      cluster_.Kubectl({"create", "token", "default", "--namespace=default"});
  ASSERT_EQ(token.exit_code, 0) << token.out;
  std::string text = token.out;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  workspace_.Write(OperatorBlock(),
                   Provider(absl::StrCat("  token = \"", text, "\"\n")));
  const support::Outcome apply = workspace_.Apply();
  // The token is good, but may do nothing.
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out, HasSubstr("The token is used instead"));
  EXPECT_THAT(apply.out, HasSubstr("403"));
  EXPECT_THAT(apply.out, Not(HasSubstr(text)));
}

INSTANTIATE_TEST_SUITE_P(Tools, Credentials,
                         testing::Values("tofu", "terraform"), ToolName);

}  // namespace
}  // namespace acceptance
