// The built provider where something around it fails: no threads to be had, a
// folder in place of a file, a server that never answers, oversized keys.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/cty/codec.h"
#include "tests/protocol/connected.h"
#include "tests/support/http_server.h"
#include "tests/support/peak_memory.h"
#include "tests/support/silent_server.h"

namespace protocol {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
namespace fs = std::filesystem;
namespace pb = tfplugin6;
using Fields = std::map<std::string, cty::Value>;

// The provider, and what core asks of it.
class Hardship : public Connected {
 protected:
  explicit Hardship(const Program& program = TheProvider(),
                    const Environment& more = {})
      : Connected(program, more) {}

  void SetUp() override {
    Connected::SetUp();
    const auto schemas = Schemas();
    provider_type_ = SchemaOf(schemas.provider()).ImpliedType();
    type_ =
        SchemaOf(schemas.resource_schemas().at("wandb_instance")).ImpliedType();
    instance_ = {{"host", Str("https://wandb.example.com")}};
  }

  std::vector<std::string> Configure(Fields fields) {
    pb::ConfigureProvider::Request request;
    *request.mutable_config() =
        Dynamic(cty::Value::ObjectOf(provider_type_, std::move(fields)),
                provider_type_);
    pb::ConfigureProvider::Response response;
    return Answer(
        provider_->ConfigureProvider(Call().get(), request, &response),
        response);
  }

  // What is wrong with the plan of a create, warnings too.
  std::vector<std::string> Plan() {
    pb::PlanResourceChange::Request request;
    request.set_type_name("wandb_instance");
    *request.mutable_prior_state() = Dynamic(cty::Value::Null(type_), type_);
    *request.mutable_config() =
        Dynamic(cty::Value::ObjectOf(type_, instance_), type_);
    *request.mutable_proposed_new_state() = request.config();
    pb::PlanResourceChange::Response response;
    auto said =
        Answer(provider_->PlanResourceChange(Call().get(), request, &response),
               response);
    planned_ = response.planned_state();
    return said;
  }

  // A create, as Plan() has planned it.
  std::vector<std::string> Apply() {
    pb::ApplyResourceChange::Request request;
    request.set_type_name("wandb_instance");
    *request.mutable_prior_state() = Dynamic(cty::Value::Null(type_), type_);
    *request.mutable_config() =
        Dynamic(cty::Value::ObjectOf(type_, instance_), type_);
    *request.mutable_planned_state() = planned_;
    pb::ApplyResourceChange::Response response;
    return Answer(
        provider_->ApplyResourceChange(Call().get(), request, &response),
        response);
  }

  std::vector<std::string> Read() {
    Fields state = instance_;
    state["id"] = Str("default/wandb");
    state["namespace"] = Str("default");
    state["name"] = Str("wandb");
    state["uid"] = Str("uid-1");
    pb::ReadResource::Request request;
    request.set_type_name("wandb_instance");
    *request.mutable_current_state() =
        Dynamic(cty::Value::ObjectOf(type_, state), type_);
    pb::ReadResource::Response response;
    return Answer(provider_->ReadResource(Call().get(), request, &response),
                  response);
  }

  // An exec block of `command` with an argument that is a secret.
  cty::Value Exec(const std::string& command) const {
    return cty::Value::ObjectOf(
        provider_type_.attributes().at("exec"),
        {{"api_version", Str("client.authentication.k8s.io/v1")},
         {"command", Str(command)},
         {"args", cty::Value::List(cty::Type::String(), {Str("--client-secret"),
                                                         Str("canary-3")})}});
  }

  cty::Type provider_type_, type_;
  Fields instance_;
  pb::DynamicValue planned_;

 private:
  template <typename Response>
  std::vector<std::string> Answer(const grpc::Status& status,
                                  const Response& response) {
    if (!status.ok()) {
      return {absl::StrCat("status ", status.error_code(), ": ",
                           status.error_message())};
    }
    std::vector<std::string> out;
    for (const auto& diagnostic : response.diagnostics()) {
      out.push_back(absl::StrCat(
          diagnostic.severity() == pb::Diagnostic::ERROR ? "error "
                                                         : "warning ",
          diagnostic.summary(), ": ", diagnostic.detail()));
    }
    return out;
  }
};

// ---- No more threads ----

class ThreadlessTest : public Hardship {
 protected:
  static Program AsNobody() {
    Program program = TheProvider();
    program.as_nobody = true;
    return program;
  }
  ThreadlessTest() : Hardship(AsNobody()) {}

  // Only who is the same user may set another's limits.
  void AllowTasks(rlim_t count) const {
    const pid_t helper = ::fork();
    if (helper == 0) {
      rlimit limit = {};
      const bool done =
          (::getuid() != 0 || ::setuid(kNobody) == 0) &&
          ::prlimit(plugin_.pid(), RLIMIT_NPROC, nullptr, &limit) == 0 &&
          (limit.rlim_cur = std::min(count, limit.rlim_max),
           ::prlimit(plugin_.pid(), RLIMIT_NPROC, &limit, nullptr) == 0);
      ::_exit(done ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(helper, &status, 0), helper);
    ASSERT_EQ(status, 0);
  }
};

TEST_F(ThreadlessTest, IsAnsweredWithAnErrorAndSurvived) {
  support::SilentServer server(support::SilentServer::Silence::kNeverReads);
  EXPECT_THAT(Configure({{"host", Str(server.url())}}), IsEmpty());
  EXPECT_THAT(Plan(), IsEmpty());
  // The connection's own thread is there now; another server wants another.
  support::SilentServer other(support::SilentServer::Silence::kNeverReads);
  EXPECT_THAT(Configure({{"host", Str(other.url())}}), IsEmpty());
  AllowTasks(1);
  for (int i = 0; i < 3; ++i) {
    for (const auto& said : {Plan(), Read(), Apply()}) {
      // The second is gRPC's: no thread is left that could take the call.
      EXPECT_THAT(said, Contains(AnyOf(HasSubstr("no more memory or threads"),
                                       HasSubstr("status 8: "))));
    }
  }
  AllowTasks(RLIM_INFINITY);
  EXPECT_THAT(Plan(), IsEmpty());
}

// ---- A folder in place of a file ----

class FolderTest : public Hardship {
 protected:
  FolderTest() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~FolderTest() override { fs::remove_all(folder_); }

  std::string folder_ = ::testing::TempDir() + "folder-XXXXXX";
};

TEST_F(FolderTest, AsKubeconfigIsAnErrorOfEveryCallThatNamesArgumentAndPath) {
  const cty::Value list = cty::Value::List(cty::Type::String(), {Str(folder_)});
  for (const auto& [argument, value] :
       {std::pair("config_path", Str(folder_)), {"config_paths", list}}) {
    Configure({{argument, value}});
    for (const auto& said : {Plan(), Read(), Apply()}) {
      EXPECT_THAT(
          said,
          Contains(AllOf(HasSubstr("error "),
                         HasSubstr(folder_ + " cannot be read: it is a folder"),
                         HasSubstr(absl::StrCat("argument ", argument, ")")))));
    }
  }
}

TEST_F(FolderTest, AsTokenFileIsAnErrorThatNamesMemberPathAndKubeconfig) {
  support::SilentServer server(support::SilentServer::Silence::kNeverReads);
  const std::string kubeconfig = folder_ + "/kubeconfig";
  std::ofstream(kubeconfig) << absl::StrCat(
      "clusters: [{name: c, cluster: {server: '", server.url("https"),
      "'}}]\nusers: [{name: u, user: {tokenFile: ", folder_,
      "}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
      "current-context: x\n");
  Configure({{"config_path", Str(kubeconfig)}});
  Plan();
  for (const auto& said : {Read(), Apply()}) {
    EXPECT_THAT(
        said,
        Contains(AllOf(HasSubstr("error "), HasSubstr("token file"),
                       HasSubstr(folder_ + " cannot be read: it is a folder"),
                       HasSubstr("user \"u\""), HasSubstr(kubeconfig))));
  }
}

// ---- A stop in mid-plan ----

TEST_F(Hardship, AStopEndsAPlanThatWaitsForTheCluster) {
  support::HttpServer server;
  server.Always({.hold = true});
  Configure({{"host", Str(server.url())}});
  auto plan = std::async(std::launch::async, [this] {
    auto said = Plan();
    return std::pair(std::move(said), absl::Now());
  });
  const absl::Time limit = absl::Now() + kPatience;
  while (server.requests().empty() && absl::Now() < limit) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  ASSERT_THAT(server.requests(), Not(IsEmpty()));
  const absl::Time stopped = absl::Now();
  plugin_.Signal(SIGINT);  // Ctrl-C reaches all of the process group.
  pb::StopProvider::Response response;
  ASSERT_TRUE(provider_->StopProvider(Call().get(), {}, &response).ok());
  const auto [said, end] = plan.get();
  // Without it, three seconds: the longest that a plan asks the cluster.
  EXPECT_LT(end - stopped, absl::Seconds(1));
  EXPECT_THAT(said, IsEmpty());  // A plan needs no cluster.
}

// ---- Keys of five megabytes ----

class LargeKeyTest : public Hardship {
 protected:
  static std::string Pem(const std::string& label, size_t bytes) {
    return absl::StrCat("-----BEGIN ", label, "-----\n",
                        absl::Base64Escape(std::string(bytes / 4 * 3, 'x')),
                        "\n-----END ", label, "-----\n");
  }
};

TEST_F(LargeKeyTest, IsRefusedInLittleTimeAndMemory) {
  constexpr size_t kBytes = 5 << 20;
  const support::Certificate pair = MakeClientIdentity();
  const std::string many = [&] {
    std::string text;
    while (text.size() < kBytes) text += pair.pem;
    return text;
  }();
  support::SilentServer server(support::SilentServer::Silence::kNeverReads);
  struct Case {
    Fields fields;
    const char* error;  // Null where it is good for something.
  };
  const std::vector<Case> cases = {
      {{{"client_certificate", Str(pair.pem)},
        {"client_key", Str(Pem("PRIVATE KEY", kBytes))}},
       "client_key holds no key"},
      {{{"client_certificate", Str(Pem("CERTIFICATE", kBytes))},
        {"client_key", Str(pair.key_pem)}},
       "client_certificate holds no certificate"},
      {{{"cluster_ca_certificate", Str(Pem("CERTIFICATE", kBytes))}},
       "cluster_ca_certificate holds no certificate"},
      {{{"client_certificate", Str(pair.pem)},
        {"client_key", Str(std::string(kBytes, 'k'))}},
       "client_key is not PEM"},
      {{{"client_certificate", Str(many)}, {"client_key", Str(pair.key_pem)}},
       nullptr},
      {{{"cluster_ca_certificate", Str(many)}}, nullptr}};
  for (const auto& [fields, error] : cases) {
    Fields config = fields;
    config["host"] = Str(server.url("https"));
    const absl::Duration before = CpuTime(plugin_.pid());
    Configure(config);
    const auto said = error != nullptr ? Read() : Plan();
    if (error != nullptr) {
      EXPECT_THAT(said, Contains(HasSubstr(error)));
    }
    // As CostTest.OfAnyPlanIsBounded: two where it was compiled to be quick.
    EXPECT_LT(CpuTime(plugin_.pid()) - before, absl::Seconds(8));
  }
  if (support::MemoryCanBeMeasured()) {
    EXPECT_LT(PeakMemory(plugin_.pid()), 256u << 20);
  }
}

// ---- A credential plugin that talks ----

class TalkingPluginTest : public Hardship {
 protected:
  TalkingPluginTest()
      : Hardship(TheProvider(),
                 {{"TF_LOG_PROVIDER", "TRACE"}, {"PATH", "/usr/bin:/bin"}}) {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  ~TalkingPluginTest() override { fs::remove_all(folder_); }

  std::string folder_ = ::testing::TempDir() + "plugin-XXXXXX";
};

TEST_F(TalkingPluginTest, IsHeardInTheLogOnlyAndWithoutItsSecrets) {
  const std::string path = folder_ + "/plugin";
  std::ofstream(path) << R"(#!/bin/sh
echo "logging in with $*" >&2
echo "the token is canary-token-1" >&2
echo "password: canary-password-2" >&2
echo "a friendly word" >&2
cat <<'END'
{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",
 "status":{"token":"canary-token-1"}}
END
)";
  fs::permissions(path, fs::perms::owner_all);
  support::SilentServer server(support::SilentServer::Silence::kNeverReads);
  Configure({{"host", Str(server.url("https"))}, {"exec", Exec(path)}});
  EXPECT_THAT(Plan(), IsEmpty());  // The plugin is run, and no server answers.
  plugin_.Signal(SIGTERM);
  EXPECT_EQ(plugin_.AwaitExit(kPatience), 0);
  EXPECT_THAT(plugin_.Stderr(),
              AllOf(HasSubstr("a friendly word"), HasSubstr("logging in with"),
                    Not(HasSubstr("canary"))));
}

}  // namespace
}  // namespace protocol
