#include "tests/acceptance/harness.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace acceptance {
namespace {

namespace fs = std::filesystem;
using base::Json;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string MakeDirectory() {
  std::string pattern =
      (fs::temp_directory_path() / "wandb-acc-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  return pattern;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void WriteTo(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

Cluster* g_cluster = nullptr;

}  // namespace

std::string Tool(const std::string& name) {
  const std::string tools = Environment("WANDB_TOOLS_DIR");
  const std::string cache = Environment("XDG_CACHE_HOME");
  const std::string root =
      !tools.empty()
          ? tools
          : absl::StrCat(
                !cache.empty() ? cache : Environment("HOME") + "/.cache",
                "/terraform-provider-wandb/tools");
  return absl::StrCat(root, "/bin/", name);
}

std::string ProviderBinary() {
  const std::string given = Environment("WANDB_ACC_PROVIDER");
  return given.empty() ? TFW_PROVIDER_BINARY : given;
}

Cluster& Cluster::Get() {
  if (g_cluster != nullptr) return *g_cluster;
  g_cluster = new Cluster();
  Cluster& cluster = *g_cluster;
  cluster.directory_ = MakeDirectory();
  cluster.ResetChannel();
  cluster.kubeconfig_ = Environment("WANDB_ACC_KUBECONFIG");
  if (!cluster.kubeconfig_.empty()) return cluster;
  auto process = support::Process::Start(
      {.argv = {Tool("testcluster"), "--dir", cluster.directory_, "--standin",
                "--channel",
                absl::StrCat(cluster.directory_, "/channel.json")}});
  if (!process.ok()) std::abort();
  cluster.process_ = std::make_unique<support::Process>(*std::move(process));
  const absl::Status ready =
      cluster.process_->AwaitOutput("ready ", absl::Minutes(2));
  if (!ready.ok()) {
    std::cerr << "the test cluster did not start (make tools builds it): "
              << ready.message() << "\n";
    std::exit(1);
  }
  cluster.kubeconfig_ = absl::StrCat(cluster.directory_, "/kubeconfig");
  return cluster;
}

void Cluster::Shutdown() {
  if (g_cluster == nullptr) return;
  if (g_cluster->process_ != nullptr) {
    g_cluster->process_->Signal(SIGTERM);
    const support::Outcome outcome =
        g_cluster->process_->Finish(absl::Minutes(1));
    // It names the program of the cluster that died, with the end of its log.
    if (outcome.exit_code != 0) std::cerr << outcome.out << "\n";
  }
  fs::remove_all(g_cluster->directory_);
  delete g_cluster;
  g_cluster = nullptr;
}

void Cluster::WriteChannel(const Json& channel) const {
  WriteTo(absl::StrCat(directory_, "/channel.json"), channel.dump());
}

void Cluster::ResetChannel() const {
  WriteTo(absl::StrCat(directory_, "/channel.json"), Data("channel.json"));
}

Json Cluster::channel() const {
  return *base::ParseJson(ReadFile(absl::StrCat(directory_, "/channel.json")),
                          "channel");
}

support::Outcome Cluster::Kubectl(std::vector<std::string> args) const {
  args.insert(args.begin(),
              {Tool("kubectl"), absl::StrCat("--kubeconfig=", kubeconfig_)});
  return support::Run({.argv = std::move(args)}, absl::Minutes(2));
}

Json Cluster::GetObject(const std::string& ns, const std::string& kind,
                        const std::string& name) const {
  std::vector<std::string> args = {"get",
                                   kind,
                                   name,
                                   "-o",
                                   "json",
                                   "--show-managed-fields",
                                   "--ignore-not-found"};
  if (!ns.empty()) args.push_back(absl::StrCat("--namespace=", ns));
  const support::Outcome outcome = Kubectl(args);
  if (outcome.exit_code != 0) {
    // A kind that is not served has no objects.
    if (absl::StrContains(outcome.out, "doesn't have a resource type")) {
      return nullptr;
    }
    ADD_FAILURE() << outcome.out;
    return nullptr;
  }
  if (outcome.out.empty()) return nullptr;
  auto json = base::ParseJson(outcome.out, "kubectl's answer");
  EXPECT_TRUE(json.ok()) << outcome.out;
  return json.ok() ? *json : Json();
}

void Cluster::Create(const std::string& manifest) const {
  const std::string path = absl::StrCat(directory_, "/manifest.yaml");
  WriteTo(path, manifest);
  const support::Outcome outcome = Kubectl({"create", "-f", path});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
}

void Cluster::StopApiServer() const {
  ASSERT_NE(process_, nullptr);
  process_->Signal(SIGUSR1);
  AwaitScheduler(false);
}

void Cluster::StartApiServer() const {
  ASSERT_NE(process_, nullptr);
  process_->Signal(SIGUSR2);
  AwaitScheduler(true);
}

void Cluster::SignalOperator(int signal) const {
  ASSERT_NE(process_, nullptr);
  const auto pids =
      base::ParseJson(ReadFile(absl::StrCat(directory_, "/pids.json")), "pids");
  ASSERT_TRUE(pids.ok()) << pids.status();
  ASSERT_EQ(::kill(pids->at("operator-standin").get<pid_t>(), signal), 0);
}

// The supervisor stops the scheduler first and starts it last, and writes down
// what runs.
void Cluster::AwaitScheduler(bool runs) const {
  const std::string path = absl::StrCat(directory_, "/pids.json");
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (absl::Now() < deadline) {
    const std::string pids = ReadFile(path);
    const bool api = absl::StrContains(pids, "kube-apiserver");
    const bool scheduler = absl::StrContains(pids, "kube-scheduler");
    if (api == runs && scheduler == runs && !pids.empty()) return;
    // Nothing announces a change of the file.
    absl::SleepFor(absl::Milliseconds(20));
  }
  FAIL() << "the API server did not " << (runs ? "start" : "stop");
}

Workspace::Workspace(std::string tool)
    : tool_(std::move(tool)), directory_(MakeDirectory()) {
  WriteFile("cli.tfrc",
            absl::StrCat("provider_installation {\n  dev_overrides {\n    "
                         "\"wandb/wandb\" = \"",
                         fs::path(ProviderBinary()).parent_path().string(),
                         "\"\n  }\n  direct {}\n}\n"));
}

Workspace::~Workspace() {
  if (destroy_ && fs::exists(directory_ + "/terraform.tfstate")) {
    const support::Outcome outcome = Destroy();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  }
  fs::remove_all(directory_);
}

void Workspace::Write(const std::string& body) {
  Write(body, absl::StrCat("provider \"wandb\" {\n  config_path = \"",
                           Cluster::Get().kubeconfig(), "\"\n}\n"));
}

void Workspace::Write(const std::string& body, const std::string& provider) {
  WriteFile("main.tf",
            absl::StrCat("terraform {\n  required_providers {\n    wandb = {\n"
                         "      source = \"wandb/wandb\"\n    }\n  }\n}\n\n",
                         provider, "\n", body));
}

void Workspace::WriteFile(const std::string& name, const std::string& content) {
  WriteTo(absl::StrCat(directory_, "/", name), content);
}

std::string Workspace::ReadFile(const std::string& name) const {
  return acceptance::ReadFile(absl::StrCat(directory_, "/", name));
}

support::Command Workspace::CommandOf(std::vector<std::string> args) const {
  args.insert(args.begin(), Tool(tool_));
  support::Command command{.argv = std::move(args),
                           .directory = directory_,
                           .environment = environment};
  command.environment["TF_CLI_CONFIG_FILE"] = directory_ + "/cli.tfrc";
  command.environment["TF_IN_AUTOMATION"] = "1";
  command.environment["CHECKPOINT_DISABLE"] = "1";
  return command;
}

support::Outcome Workspace::Run(std::vector<std::string> args,
                                absl::Duration timeout) {
  return support::Run(CommandOf(std::move(args)), timeout);
}

support::Process Workspace::Start(std::vector<std::string> args) {
  support::Command command = CommandOf(std::move(args));
  command.new_process_group = true;
  return *support::Process::Start(command);
}

int Workspace::PlanExitCode(std::string* out) {
  const support::Outcome outcome =
      Run({"plan", "-no-color", "-detailed-exitcode"});
  if (out != nullptr) *out = outcome.out;
  return outcome.exit_code;
}

Json Workspace::PlanJson() {
  const support::Outcome plan = Run({"plan", "-no-color", "-out=saved.plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  const support::Outcome shown = Run({"show", "-json", "saved.plan"});
  // The overrides warning of dev_overrides goes to stderr, before the JSON.
  const size_t start = shown.out.find("{\"");
  auto json = base::ParseJson(
      start == std::string::npos ? "" : shown.out.substr(start), "plan");
  EXPECT_TRUE(json.ok()) << shown.out;
  return json.ok() ? *json : Json();
}

Json Workspace::StateJson() {
  auto json = base::ParseJson(ReadFile("terraform.tfstate"), "state");
  return json.ok() ? *json : Json();
}

Json Workspace::Attributes(const std::string& address) {
  const std::vector<std::string> parts = absl::StrSplit(address, '.');
  const Json state = StateJson();
  const Json* resources = base::Find(state, "/resources");
  if (resources == nullptr) return nullptr;
  for (const Json& resource : *resources) {
    if (resource.value("type", "") == parts[0] &&
        resource.value("name", "") == parts[1] &&
        !resource["instances"].empty()) {
      return resource["instances"][0]["attributes"];
    }
  }
  return nullptr;
}

bool Workspace::Tainted(const std::string& address) {
  const std::vector<std::string> parts = absl::StrSplit(address, '.');
  const Json state = StateJson();
  for (const Json& resource : state["resources"]) {
    if (resource.value("type", "") == parts[0] &&
        resource.value("name", "") == parts[1]) {
      return resource["instances"][0].value("status", "") == "tainted";
    }
  }
  return false;
}

std::string ToolName(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

std::string OperatorBlock(const std::string& more) {
  return absl::StrCat("resource \"wandb_operator\" \"this\" {\n", more,
                      "\n}\n\n");
}

pid_t ProviderOf(const support::Process& tool) {
  const support::Outcome children =
      support::Run({.argv = {"pgrep", "-P", std::to_string(tool.pid()), "-f",
                             "terraform-provider-wandb"}});
  pid_t newest = 0;
  for (const auto& line :
       absl::StrSplit(children.out, '\n', absl::SkipEmpty())) {
    int pid = 0;
    if (absl::SimpleAtoi(line, &pid)) newest = std::max(newest, pid);
  }
  return newest;
}

std::string DataPath(const std::string& name) {
  return absl::StrCat(TFW_TEST_DATA, "/", name);
}

std::string Flat(const std::string& text) {
  std::string out = absl::StrReplaceAll(text, {{"│", " "}, {"\n", " "}});
  while (absl::StrContains(out, "  ")) {
    out = absl::StrReplaceAll(out, {{"  ", " "}});
  }
  return out;
}

std::string Data(const std::string& name) { return ReadFile(DataPath(name)); }

}  // namespace acceptance

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int result = RUN_ALL_TESTS();
  acceptance::Cluster::Shutdown();
  return result;
}
