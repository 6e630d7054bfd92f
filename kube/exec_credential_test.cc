#include "kube/exec_credential.h"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kV1[] = "client.authentication.k8s.io/v1";
constexpr char kV1Beta1[] = "client.authentication.k8s.io/v1beta1";

std::string Answer(const std::string& status,
                   const std::string& version = kV1) {
  return absl::StrCat(R"({"kind":"ExecCredential","apiVersion":")", version,
                      R"(","status":)", status, "}");
}

// A folder with a plugin script in it, whose runs leave a line each in `runs`.
class ExecPluginTest : public ::testing::Test {
 protected:
  ExecPluginTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "exec-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    config_.server = "https://h:6443";
    config_.exec = ExecConfig{.api_version = kV1, .command = "plugin"};
    options_.environment = {
        {"PATH", absl::StrCat(directory_, ":/usr/bin:/bin")},
        {"RUNS", directory_ + "/runs"}};
  }
  ~ExecPluginTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& script) {
    const std::string path = directory_ + "/plugin";
    std::ofstream(path) << "#!/bin/sh\necho run >> \"$RUNS\"\n" << script;
    ::chmod(path.c_str(), 0700);
  }
  void Print(const std::string& text) {
    Write(absl::StrCat("cat <<'END'\n", text, "\nEND\n"));
  }
  int Runs() const {
    std::ifstream in(directory_ + "/runs");
    return static_cast<int>(std::count(std::istreambuf_iterator<char>(in),
                                       std::istreambuf_iterator<char>(), '\n'));
  }
  ExecPlugin Plugin() { return {config_, options_}; }
  absl::Status Failure() {
    ExecPlugin plugin = Plugin();
    return plugin.Get(base::Context()).status();
  }

  std::string directory_;
  Config config_;
  ExecOptions options_;
};

TEST(ParseExecCredential, ReadsTokenCertificateAndExpiry) {
  auto credential = ParseExecCredential(
      Answer(
          R"({"token":" t\n","expirationTimestamp":"2030-01-02T03:04:05.5Z"})"),
      kV1);
  ASSERT_TRUE(credential.ok()) << credential.status();
  EXPECT_EQ(credential->token.Reveal(), "t");
  EXPECT_EQ(credential->expires, absl::FromUnixMillis(1893553445500));
  credential = ParseExecCredential(
      Answer(R"({"clientCertificateData":"-----BEGIN C-----",
                 "clientKeyData":"-----BEGIN K-----"})"),
      kV1);
  ASSERT_TRUE(credential.ok()) << credential.status();
  EXPECT_EQ(credential->certificate_pem, "-----BEGIN C-----");
  EXPECT_EQ(credential->key_pem.Reveal(), "-----BEGIN K-----");
  EXPECT_EQ(credential->expires, absl::InfiniteFuture());
  EXPECT_TRUE(
      ParseExecCredential("kind: ExecCredential\napiVersion: "
                          "client.authentication.k8s.io/v1\nstatus: {token: t}",
                          kV1)
          .ok());
}

TEST(ParseExecCredential, RefusesEverythingElseWithoutShowingIt) {
  const struct {
    std::string text;
    const char* message;
  } kCases[] = {
      {"", "it is empty"},
      {"hunter2", "no JSON object"},
      {R"({"kind":"hunter2"})", "kind is not ExecCredential"},
      {Answer(R"({"token":"t"})", kV1Beta1), "apiVersion is client."},
      {Answer(R"({"token":"t"})", "hunter2"), "apiVersion is another"},
      {Answer("null"), "it has no status"},
      {Answer("{}"), "neither token nor"},
      {Answer(R"({"token":["hunter2"]})"), "status.token must be a string"},
      {Answer(R"({"token":"hunter2\r\nX: y"})"), "blanks or control"},
      {Answer(R"({"clientCertificateData":"-----BEGIN hunter2"})"), "together"},
      {Answer(R"({"token":"t","clientKeyData":"-----BEGIN "})"), "together"},
      {Answer(R"({"clientCertificateData":"a","clientKeyData":"b"})"), "PEM"},
      {Answer(R"({"token":"t","expirationTimestamp":"hunter2"})"), "RFC 3339"},
      {Answer(R"({"token":"t","expirationTimestamp":7})"), "must be a string"},
  };
  for (const auto& test : kCases) {
    const auto status = ParseExecCredential(test.text, kV1).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.text;
    EXPECT_THAT(status.message(),
                AllOf(HasSubstr(test.message), Not(HasSubstr("hunter2"))));
  }
}

TEST(RefreshTime, IsAMinuteOrATenthOfTheLifetimeBeforeTheEnd) {
  const absl::Time now = absl::FromUnixSeconds(1000);
  EXPECT_EQ(RefreshTime(now, now + absl::Hours(1)), now + absl::Minutes(59));
  EXPECT_EQ(RefreshTime(now, now + absl::Seconds(5)),
            now + absl::Milliseconds(4500));
  EXPECT_LE(RefreshTime(now, now - absl::Seconds(5)), now);
  EXPECT_EQ(RefreshTime(now, absl::InfiniteFuture()), absl::InfiniteFuture());
}

TEST(ExecInfo, HoldsTheClusterOnlyIfAskedFor) {
  Config config{.server = "https://h/p",
                .ca_pem = "pem",
                .tls_server_name = "n",
                .exec = ExecConfig{.api_version = kV1Beta1},
                .exec_cluster_config = {{"audience", "x"}},
                .proxy_url = "http://p",
                .disable_compression = true};
  EXPECT_EQ(*base::ParseJson(ExecInfo(config), "info"),
            base::Json({{"kind", "ExecCredential"},
                        {"apiVersion", kV1Beta1},
                        {"spec", {{"interactive", false}}}}));
  config.exec->provide_cluster_info = true;
  EXPECT_EQ(
      base::ParseJson(ExecInfo(config), "info")->at("spec"),
      base::Json({{"interactive", false},
                  {"cluster",
                   {{"server", "https://h/p"},
                    {"tls-server-name", "n"},
                    {"certificate-authority-data", absl::Base64Escape("pem")},
                    {"proxy-url", "http://p"},
                    {"disable-compression", true},
                    {"config", {{"audience", "x"}}}}}}));
  config = {
      .server = "https://h",
      .insecure = true,
      .exec = ExecConfig{.api_version = kV1, .provide_cluster_info = true}};
  EXPECT_EQ(base::ParseJson(ExecInfo(config), "info")->at("spec").at("cluster"),
            base::Json(
                {{"server", "https://h"}, {"insecure-skip-tls-verify", true}}));
}

TEST_F(ExecPluginTest, PassesArgumentsAndEnvironment) {
  config_.exec->args = {"get token", "$X"};
  config_.exec->env = {{"MINE", "1"}, {"RUNS", "/dev/null"}};
  Write(R"sh(test "$1|$2|$MINE|$RUNS" = 'get token|$X|1|/dev/null' || exit 3
case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 4;; esac
test -z "$(cat)" || exit 5
echo noise >&2
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",'
echo '"status":{"token":"tok"}}')sh");
  ExecPlugin plugin = Plugin();
  const auto credential = plugin.Get(base::Context());
  ASSERT_TRUE(credential.ok()) << credential.status();
  EXPECT_EQ((*credential)->token.Reveal(), "tok");
}

TEST_F(ExecPluginTest, KeepsTheResultUntilItIsRefusedOrNearlyExpired) {
  absl::Time now = absl::FromUnixSeconds(1893456000);  // 2030.
  options_.now = [&now] { return now; };
  Print(
      Answer(R"({"token":"t","expirationTimestamp":"2030-01-01T01:00:00Z"})"));
  ExecPlugin plugin = Plugin();
  const auto first = *plugin.Get(base::Context());
  now += absl::Minutes(58);
  EXPECT_EQ(*plugin.Get(base::Context()), first);
  EXPECT_EQ(Runs(), 1);
  now += absl::Minutes(1) + absl::Seconds(1);
  const auto second = *plugin.Get(base::Context());
  EXPECT_EQ(Runs(), 2);
  plugin.Forget(first);  // Somebody refreshed since: nothing to do.
  now = absl::FromUnixSeconds(1893456000);
  plugin.Forget(second);
  EXPECT_NE(*plugin.Get(base::Context()), second);
  EXPECT_EQ(Runs(), 3);
  Print(Answer(R"({"token":"t"})"));  // No expiry: for ever.
  plugin.Forget(*plugin.Get(base::Context()));
  const auto forever = *plugin.Get(base::Context());
  now += absl::Hours(100000);
  EXPECT_EQ(*plugin.Get(base::Context()), forever);
  EXPECT_EQ(Runs(), 4);
}

TEST_F(ExecPluginTest, GoesOnWithACredentialThatIsOnlyAboutToExpire) {
  absl::Time now = absl::FromUnixSeconds(1893456000);
  options_.now = [&now] { return now; };
  Print(
      Answer(R"({"token":"t","expirationTimestamp":"2030-01-01T01:00:00Z"})"));
  ExecPlugin plugin = Plugin();
  const auto first = *plugin.Get(base::Context());
  Write("exit 1\n");
  now += absl::Minutes(59) + absl::Seconds(30);
  EXPECT_EQ(*plugin.Get(base::Context()), first);
  now += absl::Minutes(1);
  EXPECT_FALSE(plugin.Get(base::Context()).ok());
}

TEST_F(ExecPluginTest, RunsOnceForManyWhoAsk) {
  Write(absl::StrCat("sleep 0.3\necho '", Answer(R"({"token":"t"})"), "'\n"));
  ExecPlugin plugin = Plugin();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  threads.reserve(10);
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] { good += plugin.Get(base::Context()).ok(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 10);
  EXPECT_EQ(Runs(), 1);
}

TEST_F(ExecPluginTest, ThoseWhoWaitedShareAFailure) {
  Write("sleep 0.3\nexit 1\n");
  ExecPlugin plugin = Plugin();
  std::atomic<int> bad = 0;
  std::vector<std::thread> threads;
  threads.reserve(10);
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] { bad += !plugin.Get(base::Context()).ok(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bad, 10);
  EXPECT_LE(Runs(), 2);  // A thread may come after the first run.
}

TEST_F(ExecPluginTest, OneWhoGivesUpDoesNotFailTheOthers) {
  Write(absl::StrCat("test \"$(wc -l < \"$RUNS\")\" -gt 1 || sleep 100\necho '",
                     Answer(R"({"token":"t"})"), "'\n"));
  ExecPlugin plugin = Plugin();
  base::StopSource stop;
  absl::Status impatient;
  std::thread first([&] { impatient = plugin.Get(stop.context()).status(); });
  while (Runs() == 0) absl::SleepFor(absl::Milliseconds(5));
  ExecPlugin::Result patient = nullptr;
  std::thread second([&] { patient = plugin.Get(base::Context()); });
  stop.Stop();
  first.join();
  second.join();
  EXPECT_EQ(impatient.code(), absl::StatusCode::kCancelled);
  ASSERT_TRUE(patient.ok()) << patient.status();
  EXPECT_EQ((*patient)->token.Reveal(), "t");
}

TEST_F(ExecPluginTest, WaitingForAnotherRunEndsWithTheContext) {
  Write("exec sleep 100\n");
  ExecPlugin plugin = Plugin();
  base::StopSource stop;
  std::thread first([&] { plugin.Get(stop.context()).IgnoreError(); });
  while (Runs() == 0) absl::SleepFor(absl::Milliseconds(5));
  const absl::Time start = absl::Now();
  EXPECT_EQ(plugin.Get(base::Context().WithTimeout(absl::Milliseconds(50)))
                .status()
                .code(),
            absl::StatusCode::kDeadlineExceeded);
  stop.Stop();
  EXPECT_EQ(plugin.Get(stop.context()).status().code(),
            absl::StatusCode::kCancelled);
  first.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(ExecPluginTest, FailureNamesCodeAndStderrWithoutCredentials) {
  config_.exec->env = {{"AWS_X", "canary-env"}};
  Write(R"(echo 'no session: run "aws sso login"' >&2
echo "token=canary-token and more" >&2
echo "value $AWS_X" >&2
printf 'eyJhbGciOiJub25lIn0.canary-jwt.x \033[31m\n' >&2
echo canary-stdout
exit 9)");
  const absl::Status status = Failure();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(),
              AllOf(HasSubstr("exec plugin \"plugin\" failed with exit code 9"),
                    HasSubstr("run \"aws sso login\""),
                    Not(HasSubstr("canary")), Not(HasSubstr("\033"))));
}

TEST_F(ExecPluginTest, FailureShowsNoArgumentThatMayBeASecret) {
  config_.exec->args = {"--region",
                        "eu-central-1",
                        "eks",
                        "get-token",
                        "--role=admin-role",
                        "--api-secret",
                        "canary-value",
                        "--password=canary-joined",
                        "--token",
                        "-canary-dashed",
                        "canary-word"};
  Write("echo \"$0 $* failed\" >&2; exit 1");
  const absl::Status status = Failure();
  EXPECT_THAT(
      status.message(),
      AllOf(HasSubstr("--region eu-central-1 eks get-token --role=admin-role "
                      "--api-secret (sensitive)"),
            Not(HasSubstr("canary"))));
}

TEST_F(ExecPluginTest, FailureShowsNothingOfWhatWasPrinted) {
  Write("echo canary-raw-token; echo 'got canary-raw-token' >&2; exit 1");
  EXPECT_THAT(Failure().message(),
              AllOf(HasSubstr("got (sensitive)"), Not(HasSubstr("canary"))));
  Write(absl::StrCat("echo '", Answer(R"({"token":"canary token"})"),
                     "'; echo 'got canary token' >&2"));
  EXPECT_THAT(Failure().message(),
              AllOf(HasSubstr("got (sensitive)"), Not(HasSubstr("canary"))));
}

TEST_F(ExecPluginTest, FailureShowsNothingOfAnAnswerInAnotherForm) {
  for (const char* answer :
       {R"({"Version":1,"Token":"canary-a","Keys":{"Secret":["canary-b"]}})",
        R"({"status":"done","Token":"canary-a","Secret":"canary-b"})",
        R"({"kind":"Token","status":{},"a":"canary-a","b":"canary-b"})",
        R"(["canary-a", "canary-b"])",
        "{\"a\": \"canary-a\"}\n{\"b\": \"canary-b\"}",
        "token: canary-a\nSECRET=canary-b"}) {
    Write(absl::StrCat("cat <<'E'\n", answer,
                       "\nE\necho 'got canary-a, canary-b' >&2; exit 1"));
    EXPECT_THAT(Failure().message(),
                AllOf(HasSubstr("got (sensitive)"), Not(HasSubstr("canary"))))
        << answer;
  }
}

TEST_F(ExecPluginTest, StderrIsCutAtItsStart) {
  Write(
      "i=0; while [ $i -lt 3000 ]; do echo line$i >&2; i=$((i+1)); done\n"
      "exit 1\n");
  const absl::Status status = Failure();
  EXPECT_THAT(status.message(),
              AllOf(HasSubstr("line2999"), Not(HasSubstr("line0\n"))));
  EXPECT_LT(status.message().size(), 3000U);
}

TEST_F(ExecPluginTest, MissingProgramShowsTheHintWithoutControlCharacters) {
  config_.exec->command = "no-such-plugin";
  config_.exec->install_hint = "get it at\n\x1b[2Jhttps://x.test\x07";
  const absl::Status status = Failure();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(),
              HasSubstr("no-such-plugin is not in any folder of PATH\nget it "
                        "at\n[2Jhttps://x.test"));
}

TEST_F(ExecPluginTest, OutputThatIsNoCredentialIsAnErrorWithStderr) {
  Write("echo 'hunter2'; echo 'try again' >&2\n");
  EXPECT_THAT(Failure().message(),
              AllOf(HasSubstr("no usable ExecCredential"),
                    HasSubstr("try again"), Not(HasSubstr("hunter2"))));
}

TEST_F(ExecPluginTest, HangingPluginIsEndedAtTheTimeout) {
  options_.timeout = absl::Milliseconds(300);
  Write("exec sleep 100\n");
  const absl::Time start = absl::Now();
  const absl::Status status = Failure();
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("gave no answer within 300ms"));
}

}  // namespace
}  // namespace kube
