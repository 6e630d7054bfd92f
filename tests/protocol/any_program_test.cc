// What holds for any provider that is made of provider/: the handshake with
// AutoMTLS, its socket, its end, and that it answers every call.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/grpc_broker.grpc.pb.h"
#include "proto/grpc_controller.grpc.pb.h"
#include "proto/grpc_stdio.grpc.pb.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "tests/protocol/connected.h"

namespace protocol {

// How a test names its program.
void PrintTo(const Program& program, std::ostream* out) {
  *out << program.type();
}

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
namespace pb = tfplugin6;

class AnyProgram : public ::testing::TestWithParam<Program> {};
class StartTest : public AnyProgram {};
class DebugTest : public AnyProgram {};

// ---- Before the connection ----

TEST_P(StartTest, WrongCookieIsExplainedOnStderr) {
  for (const char* cookie : {"", "hello"}) {
    Environment environment = CookieOnly();
    environment["TF_PLUGIN_MAGIC_COOKIE"] = cookie;
    PluginProcess plugin(GetParam(), {}, environment);
    EXPECT_EQ(plugin.AwaitExit(kPatience), 1);
    EXPECT_EQ(plugin.RestOfStdout(), "");
    EXPECT_THAT(plugin.Stderr(),
                AllOf(HasSubstr("plugin"), HasSubstr("required_providers")));
  }
}

TEST_P(StartTest, VersionIsAnsweredWithoutACookie) {
  PluginProcess plugin(GetParam(), {"--version"}, {});
  EXPECT_EQ(plugin.AwaitExit(kPatience), 0);
  EXPECT_THAT(
      plugin.RestOfStdout(),
      StartsWith(absl::StrCat("terraform-provider-", GetParam().type(), " ")));
  EXPECT_EQ(plugin.Stderr(), "");
}

TEST_P(StartTest, UnknownArgumentIsRefused) {
  PluginProcess plugin(GetParam(), {"--frobnicate"}, CookieOnly());
  EXPECT_EQ(plugin.AwaitExit(kPatience), 2);
  EXPECT_EQ(plugin.RestOfStdout(), "");
  EXPECT_THAT(plugin.Stderr(), HasSubstr("--frobnicate"));
}

TEST_P(StartTest, WithoutClientCertificateTlsIsOff) {
  PluginProcess plugin(GetParam(), {}, CookieOnly());
  const auto fields = FieldsOf(plugin.ReadLine());
  ASSERT_THAT(fields, SizeIs(6));
  EXPECT_EQ(fields[5], "");
  const auto stub = pb::Provider::NewStub(Connect(fields, nullptr));
  pb::GetMetadata::Response response;
  EXPECT_TRUE(stub->GetMetadata(Call().get(), {}, &response).ok());
}

TEST_P(StartTest, MultiplexingIsDeclinedInASeventhField) {
  Environment environment = CookieOnly();
  environment["PLUGIN_MULTIPLEX_GRPC"] = "true";
  PluginProcess plugin(GetParam(), {}, environment);
  const auto fields = FieldsOf(plugin.ReadLine());
  ASSERT_THAT(fields, SizeIs(7));
  EXPECT_EQ(fields[6], "false");
}

TEST_P(StartTest, SocketIsWhereTheClientWantsItAndPrivate) {
  std::string directory = ::testing::TempDir() + "protocol-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  Environment environment = CookieOnly();
  environment["PLUGIN_UNIX_SOCKET_DIR"] = directory;
  {
    PluginProcess plugin(GetParam(), {}, environment);
    const std::string socket = FieldsOf(plugin.ReadLine()).at(3);
    EXPECT_THAT(socket, StartsWith(absl::StrCat(directory, "/tfp-",
                                                GetParam().type(), "-")));
    struct stat info;
    ASSERT_EQ(::stat(DirectoryOf(socket).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u);
    const auto controller = ::plugin::GRPCController::NewStub(
        Connect(FieldsOf("1|6|unix|" + socket + "|grpc|"), nullptr));
    ::plugin::Empty empty;
    controller->Shutdown(Call().get(), {}, &empty);
    EXPECT_EQ(plugin.AwaitExit(kPatience), 0);
  }
  EXPECT_EQ(::rmdir(directory.c_str()), 0);  // Nothing is left in it.
}

TEST_P(StartTest, LogVariableBearsTheProgramsName) {
  for (const std::string& type : {GetParam().type(), std::string("other")}) {
    Environment environment = CookieOnly();
    environment[absl::StrCat("TF_LOG_PROVIDER_", absl::AsciiStrToUpper(type))] =
        "DEBUG";
    PluginProcess plugin(GetParam(), {}, environment);
    const auto controller = ::plugin::GRPCController::NewStub(
        Connect(FieldsOf(plugin.ReadLine()), nullptr));
    ::plugin::Empty empty;
    controller->Shutdown(Call().get(), {}, &empty);
    EXPECT_EQ(plugin.AwaitExit(kPatience), 0);
    EXPECT_EQ(plugin.Stderr().find("serving") != std::string::npos,
              type == GetParam().type())
        << type;
  }
}

class TmpdirTest : public AnyProgram {
 protected:
  TmpdirTest() { EXPECT_NE(::mkdtemp(directory_.data()), nullptr); }
  ~TmpdirTest() override { std::filesystem::remove_all(directory_); }

  // A plugin with that TMPDIR below `directory_`; answers where its socket is.
  std::string Start(const std::string& name,
                    std::optional<PluginProcess>& plugin) {
    const std::string tmp = directory_ + "/" + name;
    std::filesystem::create_directory(tmp);
    Environment environment = CookieOnly();
    environment["TMPDIR"] = tmp;
    plugin.emplace(GetParam(), std::vector<std::string>(), environment);
    const auto fields = FieldsOf(plugin->ReadLine());
    EXPECT_THAT(fields, SizeIs(6));
    if (fields.size() != 6) return "";
    const auto stub = pb::Provider::NewStub(Connect(fields, nullptr));
    pb::GetMetadata::Response response;
    const grpc::Status status = stub->GetMetadata(Call().get(), {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return fields[3];
  }

  std::string directory_ = ::testing::TempDir() + "tmp-XXXXXX";
};

TEST_P(TmpdirTest, MayHaveAnyName) {
  for (const char* name : {"100%", "%41", "a#b", "a?b", "a b", "caf\u00e9"}) {
    std::optional<PluginProcess> plugin;
    EXPECT_THAT(Start(name, plugin), StartsWith(directory_ + "/" + name + "/"));
  }
  for (const std::string& name :
       {std::string("a|b"), std::string("it's"), std::string(90, 'x')}) {
    std::optional<PluginProcess> plugin;
    EXPECT_THAT(Start(name, plugin),
                AllOf(StartsWith("/"), Not(HasSubstr(name))));
  }
}

TEST_P(TmpdirTest, WhatAKilledPluginLeftThereIsSweptByTheNext) {
  std::optional<PluginProcess> first;
  const std::string left = DirectoryOf(Start("t", first));
  first->Signal(SIGKILL);
  EXPECT_EQ(first->AwaitExit(kPatience), 128 + SIGKILL);
  EXPECT_TRUE(Exists(left));
  std::optional<PluginProcess> second;
  std::optional<PluginProcess> third;
  const std::string living = DirectoryOf(Start("t", second));
  EXPECT_FALSE(Exists(left));
  Start("t", third);
  EXPECT_TRUE(Exists(living));
}

// What `plugin`, started with -debug, prints for TF_REATTACH_PROVIDERS: pid and
// socket.
std::pair<pid_t, std::string> ReattachConfigOf(PluginProcess& plugin,
                                               const Program& program) {
  std::string line = plugin.ReadLine();
  while (!line.empty() && !absl::StartsWith(line, "TF_REATTACH_PROVIDERS='")) {
    line = plugin.ReadLine();
  }
  const size_t begin = line.find('\'') + 1;
  const auto config = base::ParseJson(
      line.substr(begin, line.rfind('\'') - begin), "reattach config");
  const base::Json* server =
      !config.ok()
          ? nullptr
          : base::Find(*config,
                       absl::StrCat("/registry.terraform.io~1",
                                    absl::StrReplaceAll(program.address,
                                                        {{"/", "~1"}})));
  EXPECT_NE(server, nullptr) << line;
  if (server == nullptr) return {0, ""};
  return {(*server)["Pid"], (*server)["Addr"]["String"]};
}

bool Answers(const std::string& socket) {
  const auto stub = pb::Provider::NewStub(
      Connect(FieldsOf("1|6|unix|" + socket + "|grpc|"), nullptr));
  pb::GetMetadata::Response response;
  return stub->GetMetadata(Call().get(), {}, &response).ok();
}

TEST_P(DebugTest, PrintsReattachConfigAndServesUntilSignalled) {
  // The last is what a terminal sends that is closed.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    PluginProcess plugin(GetParam(), {"-debug"}, {});
    const auto [pid, socket] = ReattachConfigOf(plugin, GetParam());
    EXPECT_EQ(pid, plugin.pid());
    EXPECT_TRUE(Answers(socket));
    plugin.Signal(signal);
    EXPECT_EQ(plugin.AwaitExit(kPatience), 0);
    EXPECT_FALSE(Exists(DirectoryOf(socket)));
  }
}

// Its parent is no client, but whatever started it. What ends with a terminal
// is told so, and nohup keeps it from being told.
TEST_P(DebugTest, OutlivesWhoStartedIt) {
  PluginProcess shell(
      {"/bin/sh", GetParam().address},
      {"-c", "trap '' HUP; \"$1\" -debug & wait", "sh", GetParam().path}, {});
  const auto [pid, socket] = ReattachConfigOf(shell, GetParam());
  ASSERT_GT(pid, 0);
  EXPECT_NE(pid, shell.pid());
  shell.Signal(SIGKILL);
  EXPECT_NE(shell.AwaitExit(kPatience), std::nullopt);
  ::kill(pid, SIGHUP);
  // Longer than a plugin takes to notice that its client is gone.
  absl::SleepFor(absl::Seconds(3));
  EXPECT_TRUE(Answers(socket));
  ::kill(pid, SIGTERM);
  shell.RestOfStdout();  // Ends with the last who has it.
  EXPECT_FALSE(Exists(DirectoryOf(socket)));
}

// ---- Connected ----

class AnyConnectedTest : public Connected,
                         public ::testing::WithParamInterface<Program> {
 protected:
  AnyConnectedTest() : Connected(GetParam()) {}
};

TEST_P(AnyConnectedTest, HandshakeLineHasTheFormOfGoPlugin) {
  EXPECT_EQ(fields_[0], "1");
  EXPECT_EQ(fields_[1], "6");
  EXPECT_EQ(fields_[2], "unix");
  EXPECT_LT(fields_[3].size(), 108u);
  EXPECT_EQ(fields_[4], "grpc");
  EXPECT_EQ(fields_[5].find('='), std::string::npos);
  EXPECT_THAT(support::PemOfDer(fields_[5]),
              StartsWith("-----BEGIN CERTIFICATE-----"));
  EXPECT_EQ(line_.find('\n'), line_.size() - 1);
}

TEST_P(AnyConnectedTest, OnlyTheClientsCertificateMayConnect) {
  Schemas();  // Ours may.
  const support::Certificate other = MakeClientIdentity();
  for (const support::Certificate* identity :
       {static_cast<const support::Certificate*>(nullptr), &other}) {
    const auto stub = pb::Provider::NewStub(Connect(fields_, identity));
    pb::GetMetadata::Response response;
    EXPECT_EQ(stub->GetMetadata(Call().get(), {}, &response).error_code(),
              grpc::StatusCode::UNAVAILABLE);
  }
}

TEST_P(AnyConnectedTest, SchemasDescribeProviderAndResources) {
  const auto response = Schemas();
  EXPECT_TRUE(response.has_provider());
  EXPECT_THAT(response.resource_schemas(), Not(IsEmpty()));
  for (const auto& [name, schema] : response.resource_schemas()) {
    EXPECT_THAT(schema.block().description(), Not(IsEmpty())) << name;
    for (const auto& attribute : schema.block().attributes()) {
      EXPECT_THAT(attribute.description(), Not(IsEmpty()))
          << name << "." << attribute.name();
      // Core refuses a schema that breaks this.
      EXPECT_EQ(attribute.required(),
                !attribute.optional() && !attribute.computed())
          << name << "." << attribute.name();
    }
  }
}

TEST_P(AnyConnectedTest, MetadataNamesTheResourcesOfTheSchemas) {
  pb::GetMetadata::Response response;
  ASSERT_TRUE(provider_->GetMetadata(Call().get(), {}, &response).ok());
  const auto schemas = Schemas();
  EXPECT_EQ(static_cast<size_t>(response.resources_size()),
            schemas.resource_schemas().size());
  for (const auto& resource : response.resources()) {
    EXPECT_THAT(schemas.resource_schemas(),
                Contains(Key(resource.type_name())));
  }
}

TEST_P(AnyConnectedTest, IdentityAttributesAreAttributesOfTheState) {
  pb::GetResourceIdentitySchemas::Response response;
  ASSERT_TRUE(
      provider_->GetResourceIdentitySchemas(Call().get(), {}, &response).ok());
  EXPECT_THAT(response.identity_schemas(), Not(IsEmpty()));
  for (const auto& [name, schema] : response.identity_schemas()) {
    const tf::Schema resource = Resource(name);
    EXPECT_GT(schema.identity_attributes_size(), 0);
    for (const auto& identity : schema.identity_attributes()) {
      EXPECT_TRUE(std::any_of(resource.attributes.begin(),
                              resource.attributes.end(),
                              [&](const tf::Attribute& attribute) {
                                return attribute.name == identity.name();
                              }))
          << name << "." << identity.name();
    }
  }
}

TEST_P(AnyConnectedTest, EmptyProviderConfigIsValid) {
  const cty::Type type = SchemaOf(Schemas().provider()).ImpliedType();
  pb::ValidateProviderConfig::Request request;
  *request.mutable_config() = Dynamic(cty::Value::ObjectOf(type, {}), type);
  pb::ValidateProviderConfig::Response response;
  ASSERT_TRUE(
      provider_->ValidateProviderConfig(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
}

TEST_P(AnyConnectedTest, ConfigureTakesAnEmptyConfig) {
  const cty::Type type = SchemaOf(Schemas().provider()).ImpliedType();
  pb::ConfigureProvider::Request request;
  request.set_terraform_version("1.13.0");
  *request.mutable_config() = Dynamic(cty::Value::ObjectOf(type, {}), type);
  pb::ConfigureProvider::Response response;
  ASSERT_TRUE(
      provider_->ConfigureProvider(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
}

TEST_P(AnyConnectedTest, UnknownTypeNamesAreAnsweredWithDiagnostics) {
  const auto check = [&](auto request, auto response, auto method) {
    request.set_type_name("any_nothing");
    const grpc::Status status =
        (provider_.get()->*method)(Call().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_THAT(ErrorsOf(response), Contains(HasSubstr("any_nothing")));
  };
  using Stub = pb::Provider::Stub;
#define CHECK_RPC(rpc) \
  check(pb::rpc::Request(), pb::rpc::Response(), &Stub::rpc)
  CHECK_RPC(ValidateResourceConfig);
  CHECK_RPC(UpgradeResourceState);
  CHECK_RPC(UpgradeResourceIdentity);
  CHECK_RPC(ReadResource);
  CHECK_RPC(PlanResourceChange);
  CHECK_RPC(ApplyResourceChange);
  CHECK_RPC(ImportResourceState);
  CHECK_RPC(GenerateResourceConfig);
  CHECK_RPC(ValidateDataResourceConfig);
  CHECK_RPC(ReadDataSource);
  CHECK_RPC(ValidateEphemeralResourceConfig);
  CHECK_RPC(OpenEphemeralResource);
  CHECK_RPC(RenewEphemeralResource);
  CHECK_RPC(CloseEphemeralResource);
  CHECK_RPC(ValidateListResourceConfig);
  CHECK_RPC(ValidateStateStoreConfig);
#undef CHECK_RPC
}

TEST_P(AnyConnectedTest, EveryRpcAnswersAnEmptyRequest) {
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue queue;
  for (const char* method : {"GetMetadata",
                             "GetProviderSchema",
                             "GetResourceIdentitySchemas",
                             "ValidateProviderConfig",
                             "ConfigureProvider",
                             "ValidateResourceConfig",
                             "UpgradeResourceState",
                             "UpgradeResourceIdentity",
                             "ReadResource",
                             "PlanResourceChange",
                             "ApplyResourceChange",
                             "ImportResourceState",
                             "MoveResourceState",
                             "GenerateResourceConfig",
                             "ValidateDataResourceConfig",
                             "ReadDataSource",
                             "GetFunctions",
                             "CallFunction",
                             "ValidateEphemeralResourceConfig",
                             "OpenEphemeralResource",
                             "RenewEphemeralResource",
                             "CloseEphemeralResource",
                             "ValidateListResourceConfig",
                             "ListResource",
                             "ValidateActionConfig",
                             "PlanAction",
                             "InvokeAction",
                             "ValidateStateStoreConfig",
                             "ConfigureStateStore",
                             "ReadStateBytes",
                             "WriteStateBytes",
                             "LockState",
                             "UnlockState",
                             "GetStates",
                             "DeleteState",
                             "StopProvider"}) {
    const auto context = Call();
    grpc::ByteBuffer request(nullptr, 0);
    grpc::ByteBuffer response;
    grpc::Status status;
    auto call = stub.PrepareUnaryCall(
        context.get(), absl::StrCat("/tfplugin6.Provider/", method), request,
        &queue);
    call->StartCall();
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    EXPECT_TRUE(status.ok()) << method << ": " << status.error_message();
  }
  queue.Shutdown();
}

TEST_P(AnyConnectedTest, HealthServiceReportsThePlugin) {
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue queue;
  // HealthCheckRequest{service: "plugin"}.
  const grpc::Slice slice("\x0a\x06plugin");
  grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  const auto context = Call();
  auto call = stub.PrepareUnaryCall(
      context.get(), "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  ASSERT_TRUE(status.ok()) << status.error_message();
  grpc::Slice answer;
  ASSERT_TRUE(response.DumpToSingleSlice(&answer).ok());
  // HealthCheckResponse{status: SERVING}.
  EXPECT_EQ(std::string(answer.begin(), answer.end()), "\x08\x01");
  queue.Shutdown();
}

TEST_P(AnyConnectedTest, ShutdownEndsTheProcessInTime) { ExpectOrderlyEnd(); }

TEST_P(AnyConnectedTest, OpenStreamsAreHeldUntilShutdownAndDoNotDelayIt) {
  grpc::ClientContext stdio_context;
  grpc::ClientContext broker_context;
  const auto stdio = ::plugin::GRPCStdio::NewStub(channel_)->StreamStdio(
      &stdio_context, google::protobuf::Empty());
  const auto broker =
      ::plugin::GRPCBroker::NewStub(channel_)->StartStream(&broker_context);
  // More streams than a small thread pool has threads.
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<::plugin::StdioData>>> more;
  for (int i = 0; i < 50; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    more.push_back(::plugin::GRPCStdio::NewStub(channel_)->StreamStdio(
        contexts.back().get(), google::protobuf::Empty()));
  }
  absl::Notification stdio_ended;
  absl::Notification broker_ended;
  std::thread stdio_reader([&] {
    ::plugin::StdioData data;
    EXPECT_FALSE(stdio->Read(&data)) << "data: " << data.data();
    stdio_ended.Notify();
  });
  std::thread broker_reader([&] {
    ::plugin::ConnInfo info;
    EXPECT_FALSE(broker->Read(&info));
    broker_ended.Notify();
  });
  // Calls go on beside the streams.
  Schemas();
  EXPECT_FALSE(stdio_ended.HasBeenNotified());
  EXPECT_FALSE(broker_ended.HasBeenNotified());
  ExpectOrderlyEnd();
  stdio_reader.join();
  broker_reader.join();
}

TEST_P(AnyConnectedTest, BrokerStreamEndsWhenTheClientClosesIt) {
  grpc::ClientContext context;
  const auto broker =
      ::plugin::GRPCBroker::NewStub(channel_)->StartStream(&context);
  ASSERT_TRUE(broker->WritesDone());
  ::plugin::ConnInfo info;
  EXPECT_FALSE(broker->Read(&info));
  EXPECT_TRUE(broker->Finish().ok());
}

TEST_P(AnyConnectedTest, StopProviderLeavesThePluginServing) {
  pb::StopProvider::Response response;
  ASSERT_TRUE(provider_->StopProvider(Call().get(), {}, &response).ok());
  EXPECT_EQ(response.error(), "");
  Schemas();
  ExpectOrderlyEnd();
}

TEST_P(AnyConnectedTest, InterruptIsLeftToTheClient) {
  plugin_.Signal(SIGINT);
  Schemas();
  ExpectOrderlyEnd();
}

INSTANTIATE_TEST_SUITE_P(Programs, StartTest,
                         ::testing::Values(TheProvider(), TheExample()),
                         ::testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Programs, TmpdirTest,
                         ::testing::Values(TheProvider(), TheExample()),
                         ::testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Programs, DebugTest,
                         ::testing::Values(TheProvider(), TheExample()),
                         ::testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Programs, AnyConnectedTest,
                         ::testing::Values(TheProvider(), TheExample()),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace protocol
