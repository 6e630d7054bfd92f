#include "tests/acceptance/api_proxy.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace acceptance {
namespace {

std::string NewDirectory(const Cluster& cluster) {
  static std::atomic<int> last{0};
  const std::string path = absl::StrCat(cluster.directory(), "/proxy-", ++last);
  std::filesystem::create_directory(path);
  return path;
}

support::Process Start(const Cluster& cluster, const std::string& directory,
                       const ApiProxy::Options& options) {
  std::vector<std::string> argv = {
      Tool("api-proxy"),
      "--kubeconfig",
      options.upstream.empty() ? cluster.kubeconfig() : options.upstream,
      "--out",
      directory + "/kubeconfig",
      "--log",
      directory + "/log",
      "--token",
      options.token,
      "--hold",
      std::to_string(options.hold)};
  if (options.hold_reply) argv.emplace_back("--hold-reply");
  if (!options.answers.is_null()) {
    std::ofstream(directory + "/answers.json") << options.answers.dump();
    argv.insert(argv.end(), {"--answers", directory + "/answers.json"});
  }
  if (!options.certificate.empty()) {
    for (const auto& [name, text] :
         {std::pair("cert", options.certificate), std::pair("key", options.key),
          std::pair("ca", options.authority)}) {
      const std::string path = absl::StrCat(directory, "/", name);
      std::ofstream(path) << text;
      argv.insert(argv.end(), {absl::StrCat("--", name), path});
    }
  }
  return *support::Process::Start({.argv = argv});
}

}  // namespace

ApiProxy::ApiProxy(const Cluster& cluster, const Options& options)
    : directory_(NewDirectory(cluster)),
      kubeconfig_(directory_ + "/kubeconfig"),
      process_(Start(cluster, directory_, options)) {
  const absl::Status ready = process_.AwaitOutput("ready ", absl::Seconds(30));
  EXPECT_TRUE(ready.ok()) << ready;
}

std::string ApiProxy::ProviderBlock(const std::string& more) const {
  return absl::StrCat("provider \"wandb\" {\n  config_path = \"", kubeconfig_,
                      "\"\n", more, "\n}\n");
}

absl::Status ApiProxy::AwaitHeld(absl::Duration timeout) {
  return process_.AwaitOutput("held ", timeout);
}

void ApiProxy::Release() const { process_.Signal(SIGUSR1); }

void ApiProxy::GoTo(const std::string& stage) const {
  for (std::vector<std::string> stages = Log("stage");
       stages.empty() || stages.back() != stage; stages = Log("stage")) {
    process_.Signal(SIGUSR2);
    const absl::Status next =
        AwaitLog("stage", stages.size() + 1, absl::Seconds(30));
    ASSERT_TRUE(next.ok()) << next;
  }
}

void ApiProxy::Outage(absl::Duration duration) const {
  for (const char* stage : {"overloaded", "silent", "gone"}) {
    GoTo(stage);
    absl::SleepFor(duration / 3);
  }
  GoTo("up");
}

std::vector<std::string> ApiProxy::Log(const std::string& kind) const {
  std::vector<std::string> found;
  std::ifstream in(directory_ + "/log");
  for (std::string line; std::getline(in, line);) {
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, kind)) {
      found.emplace_back(absl::StripAsciiWhitespace(rest));
    }
  }
  return found;
}

absl::Status ApiProxy::AwaitLog(const std::string& kind, size_t count,
                                absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  while (Log(kind).size() < count) {
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("not ", count, " lines of ", kind));
    }
    absl::SleepFor(absl::Milliseconds(20));  // It is a file.
  }
  return absl::OkStatus();
}

}  // namespace acceptance
