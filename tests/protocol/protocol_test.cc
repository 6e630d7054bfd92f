// Drives the built plugin as core does: over its handshake, with AutoMTLS, on
// its socket.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/grpc_broker.grpc.pb.h"
#include "proto/grpc_controller.grpc.pb.h"
#include "proto/grpc_stdio.grpc.pb.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/cty/codec.h"
#include "provider/tf/core_rules.h"
#include "tests/protocol/core.h"

namespace protocol {
namespace {

// The client's side of AutoMTLS, as go-plugin makes it.
support::Certificate MakeClientIdentity() {
  return support::MakeCertificate({.name = "DNS:localhost",
                                   .common_name = "localhost",
                                   .authority = true,
                                   .key = support::KeyKind::kP521});
}

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
namespace pb = tfplugin6;

// How long anything that should be quick may take on a busy machine.
constexpr absl::Duration kPatience = absl::Seconds(30);
// Core kills a plugin that takes longer to end.
constexpr absl::Duration kShutdownLimit = absl::Seconds(2);

bool Exists(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0;
}

std::string DirectoryOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::unique_ptr<grpc::ClientContext> Call() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  return context;
}

// Errors as "summary: detail"; warnings do not count.
template <typename Response>
std::vector<std::string> ErrorsOf(const Response& response) {
  std::vector<std::string> out;
  for (const pb::Diagnostic& diagnostic : response.diagnostics()) {
    if (diagnostic.severity() == pb::Diagnostic::ERROR) {
      out.push_back(
          absl::StrCat(diagnostic.summary(), ": ", diagnostic.detail()));
    }
  }
  return out;
}

cty::Value Str(const char* text) { return cty::Value::String(text); }

pb::DynamicValue Dynamic(const cty::Value& value, const cty::Type& type) {
  pb::DynamicValue message;
  message.set_msgpack(cty::EncodeMsgpack(value, type).value());
  return message;
}

// ---- Before the connection ----

TEST(StartTest, WrongCookieIsExplainedOnStderr) {
  for (const char* cookie : {"", "hello"}) {
    Environment environment = CookieOnly();
    environment["TF_PLUGIN_MAGIC_COOKIE"] = cookie;
    PluginProcess plugin({}, environment);
    EXPECT_EQ(plugin.AwaitExit(kPatience), 1);
    EXPECT_EQ(plugin.RestOfStdout(), "");
    EXPECT_THAT(plugin.Stderr(),
                AllOf(HasSubstr("plugin"), HasSubstr("required_providers")));
  }
}

TEST(StartTest, VersionIsAnsweredWithoutACookie) {
  PluginProcess plugin({"--version"}, {});
  EXPECT_EQ(plugin.AwaitExit(kPatience), 0);
  EXPECT_THAT(plugin.RestOfStdout(), StartsWith("terraform-provider-wandb "));
  EXPECT_EQ(plugin.Stderr(), "");
}

TEST(StartTest, UnknownArgumentIsRefused) {
  PluginProcess plugin({"--frobnicate"}, CookieOnly());
  EXPECT_EQ(plugin.AwaitExit(kPatience), 2);
  EXPECT_EQ(plugin.RestOfStdout(), "");
  EXPECT_THAT(plugin.Stderr(), HasSubstr("--frobnicate"));
}

TEST(StartTest, WithoutClientCertificateTlsIsOff) {
  PluginProcess plugin({}, CookieOnly());
  const auto fields = FieldsOf(plugin.ReadLine());
  ASSERT_THAT(fields, SizeIs(6));
  EXPECT_EQ(fields[5], "");
  const auto stub = pb::Provider::NewStub(Connect(fields, nullptr));
  pb::GetMetadata::Response response;
  EXPECT_TRUE(stub->GetMetadata(Call().get(), {}, &response).ok());
}

TEST(StartTest, MultiplexingIsDeclinedInASeventhField) {
  Environment environment = CookieOnly();
  environment["PLUGIN_MULTIPLEX_GRPC"] = "true";
  PluginProcess plugin({}, environment);
  const auto fields = FieldsOf(plugin.ReadLine());
  ASSERT_THAT(fields, SizeIs(7));
  EXPECT_EQ(fields[6], "false");
}

TEST(StartTest, SocketIsWhereTheClientWantsItAndPrivate) {
  std::string directory = ::testing::TempDir() + "protocol-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  Environment environment = CookieOnly();
  environment["PLUGIN_UNIX_SOCKET_DIR"] = directory;
  {
    PluginProcess plugin({}, environment);
    const std::string socket = FieldsOf(plugin.ReadLine()).at(3);
    EXPECT_THAT(socket, StartsWith(directory + "/"));
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

class TmpdirTest : public ::testing::Test {
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
    plugin.emplace(std::vector<std::string>(), environment);
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

TEST_F(TmpdirTest, MayHaveAnyName) {
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

TEST_F(TmpdirTest, WhatAKilledPluginLeftThereIsSweptByTheNext) {
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

TEST(DebugTest, PrintsReattachConfigAndServesUntilSignalled) {
  for (const int signal : {SIGINT, SIGTERM}) {
    PluginProcess plugin({"-debug"}, {});
    std::string line = plugin.ReadLine();
    while (!line.empty() && line.find("TF_REATTACH_PROVIDERS='") != 0) {
      line = plugin.ReadLine();
    }
    ASSERT_THAT(line, Not(IsEmpty()));
    const size_t begin = line.find('\'') + 1;
    const auto config = base::ParseJson(
        line.substr(begin, line.rfind('\'') - begin), "reattach config");
    ASSERT_TRUE(config.ok()) << line;
    const base::Json* server = base::Find(
        *config,
        "/registry.terraform.io~1" +
            std::string(TFW_PROVIDER_ADDRESS)
                .replace(std::string(TFW_PROVIDER_ADDRESS).find('/'), 1, "~1"));
    ASSERT_NE(server, nullptr) << line;
    EXPECT_EQ((*server)["Pid"], plugin.pid());
    const std::string socket = (*server)["Addr"]["String"];
    const auto stub = pb::Provider::NewStub(
        Connect(FieldsOf("1|6|unix|" + socket + "|grpc|"), nullptr));
    pb::GetMetadata::Response response;
    EXPECT_TRUE(stub->GetMetadata(Call().get(), {}, &response).ok());
    plugin.Signal(signal);
    EXPECT_EQ(plugin.AwaitExit(kPatience), 0);
    EXPECT_FALSE(Exists(DirectoryOf(socket)));
  }
}

// ---- Connected ----

class ConnectedTest : public ::testing::Test {
 protected:
  ConnectedTest()
      : identity_(MakeClientIdentity()),
        plugin_({}, EnvironmentFor(identity_)),
        line_(plugin_.ReadLine()),
        fields_(FieldsOf(line_)) {}

  void SetUp() override {
    ASSERT_THAT(fields_, SizeIs(6)) << line_;
    channel_ = Connect(fields_, &identity_);
    provider_ = pb::Provider::NewStub(channel_);
  }

  static Environment EnvironmentFor(const support::Certificate& identity) {
    Environment environment = CookieOnly();
    environment["PLUGIN_CLIENT_CERT"] = identity.pem;
    return environment;
  }

  pb::GetProviderSchema::Response Schemas() {
    pb::GetProviderSchema::Response response;
    const grpc::Status status =
        provider_->GetProviderSchema(Call().get(), {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_THAT(ErrorsOf(response), IsEmpty());
    return response;
  }

  tf::Schema Resource(const std::string& type_name) {
    return SchemaOf(Schemas().resource_schemas().at(type_name));
  }

  // Plans a create of `type_name`; what core would refuse fails the test.
  cty::Value PlanCreate(const std::string& type_name,
                        std::map<std::string, cty::Value> fields) {
    const tf::Schema schema = Resource(type_name);
    const cty::Type type = schema.ImpliedType();
    const cty::Value config = cty::Value::ObjectOf(type, std::move(fields));
    const cty::Value nothing = cty::Value::Null(type);
    pb::PlanResourceChange::Request request;
    request.set_type_name(type_name);
    *request.mutable_prior_state() = Dynamic(nothing, type);
    *request.mutable_config() = Dynamic(config, type);
    // On a create core proposes the configuration itself.
    *request.mutable_proposed_new_state() = request.config();
    pb::PlanResourceChange::Response response;
    const grpc::Status status =
        provider_->PlanResourceChange(Call().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_THAT(ErrorsOf(response), IsEmpty());
    EXPECT_EQ(response.requires_replace_size(), 0);
    auto planned = cty::DecodeMsgpack(response.planned_state().msgpack(), type);
    EXPECT_TRUE(planned.ok()) << planned.status();
    if (!planned.ok()) return nothing;
    EXPECT_THAT(tf::PlanFaults(schema, nothing, config, *planned), IsEmpty());
    return *planned;
  }

  void ExpectOrderlyEnd() {
    const std::string directory = DirectoryOf(fields_[3]);
    EXPECT_TRUE(Exists(directory));
    ::plugin::Empty empty;
    // Core ignores the status of this call.
    ::plugin::GRPCController::NewStub(channel_)->Shutdown(Call().get(), {},
                                                          &empty);
    EXPECT_EQ(plugin_.AwaitExit(kShutdownLimit), 0);
    EXPECT_FALSE(Exists(directory));
    EXPECT_EQ(plugin_.RestOfStdout(), "");
    EXPECT_EQ(plugin_.Stderr(), "");
  }

  const support::Certificate identity_;
  PluginProcess plugin_;
  const std::string line_;
  const std::vector<std::string> fields_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<pb::Provider::Stub> provider_;
};

TEST_F(ConnectedTest, HandshakeLineHasTheFormOfGoPlugin) {
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

TEST_F(ConnectedTest, OnlyTheClientsCertificateMayConnect) {
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

TEST_F(ConnectedTest, SchemasDescribeProviderAndResources) {
  const auto response = Schemas();
  EXPECT_TRUE(response.has_provider());
  EXPECT_THAT(
      response.resource_schemas(),
      AllOf(Contains(Key("wandb_operator")), Contains(Key("wandb_instance"))));
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

TEST_F(ConnectedTest, MetadataNamesTheResourcesOfTheSchemas) {
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

TEST_F(ConnectedTest, IdentityAttributesAreAttributesOfTheState) {
  pb::GetResourceIdentitySchemas::Response response;
  ASSERT_TRUE(
      provider_->GetResourceIdentitySchemas(Call().get(), {}, &response).ok());
  EXPECT_THAT(
      response.identity_schemas(),
      UnorderedElementsAre(Key("wandb_instance"), Key("wandb_operator")));
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

TEST_F(ConnectedTest, EmptyProviderConfigIsValid) {
  const cty::Type type = SchemaOf(Schemas().provider()).ImpliedType();
  pb::ValidateProviderConfig::Request request;
  *request.mutable_config() = Dynamic(cty::Value::ObjectOf(type, {}), type);
  pb::ValidateProviderConfig::Response response;
  ASSERT_TRUE(
      provider_->ValidateProviderConfig(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
}

TEST_F(ConnectedTest, ConfigureTakesAnEmptyConfig) {
  const cty::Type type = SchemaOf(Schemas().provider()).ImpliedType();
  pb::ConfigureProvider::Request request;
  request.set_terraform_version("1.13.0");
  *request.mutable_config() = Dynamic(cty::Value::ObjectOf(type, {}), type);
  pb::ConfigureProvider::Response response;
  ASSERT_TRUE(
      provider_->ConfigureProvider(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
}

TEST_F(ConnectedTest, InvalidAttributeIsReportedWithItsPath) {
  const cty::Type type = Resource("wandb_instance").ImpliedType();
  pb::ValidateResourceConfig::Request request;
  request.set_type_name("wandb_instance");
  pb::ValidateResourceConfig::Response response;
  *request.mutable_config() =
      Dynamic(cty::Value::ObjectOf(type, {{"host", Str("no-url")}}), type);
  ASSERT_TRUE(
      provider_->ValidateResourceConfig(Call().get(), request, &response).ok());
  ASSERT_THAT(ErrorsOf(response), SizeIs(1));
  ASSERT_EQ(response.diagnostics(0).attribute().steps_size(), 1);
  EXPECT_EQ(response.diagnostics(0).attribute().steps(0).attribute_name(),
            "host");
}

// `depth` maps in each other, as a client writes them into a dynamic slot.
std::string DeepDynamic(int depth) {
  std::string type = "\"string\"";
  std::string value = "\xa4leaf";
  for (int i = 0; i < depth; ++i) {
    type = absl::StrCat(R"(["object",{"a":)", type, "}]");
    value = absl::StrCat(
        "\x81\xa1"
        "a",
        value);
  }
  return absl::StrCat("\x92\xc5",
                      std::string{static_cast<char>(type.size() >> 8),
                                  static_cast<char>(type.size() & 0xff)},
                      type, value);
}

// Our encoder writes none that our decoder refuses.
TEST_F(ConnectedTest, DeepValuesAreNoBugOfTheProvider) {
  const cty::Type type = Resource("wandb_instance").ImpliedType();
  const auto bytes = cty::EncodeMsgpack(
      cty::Value::ObjectOf(type, {{"values", Str("placeholder")}}), type);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const std::string plain = "\x92\xc4\x08\"string\"\xabplaceholder";
  ASSERT_THAT(*bytes, HasSubstr(plain));
  int refused = 0;
  for (int depth = 110; depth < 140; ++depth) {
    pb::PlanResourceChange::Request request;
    request.set_type_name("wandb_instance");
    *request.mutable_prior_state() = Dynamic(cty::Value::Null(type), type);
    request.mutable_config()->set_msgpack(
        absl::StrReplaceAll(*bytes, {{plain, DeepDynamic(depth)}}));
    *request.mutable_proposed_new_state() = request.config();
    pb::PlanResourceChange::Response response;
    ASSERT_TRUE(
        provider_->PlanResourceChange(Call().get(), request, &response).ok());
    for (const std::string& error : ErrorsOf(response)) {
      ++refused;
      EXPECT_THAT(error,
                  AllOf(HasSubstr("nested too deeply"), Not(HasSubstr("bug"))))
          << depth;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST_F(ConnectedTest, StateOfSomebodyElseIsNoBugOfTheProvider) {
  pb::UpgradeResourceState::Request request;
  request.set_type_name("wandb_operator");
  request.mutable_raw_state()->set_json(R"({"id":["edited"]})");
  pb::UpgradeResourceState::Response response;
  ASSERT_TRUE(
      provider_->UpgradeResourceState(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response),
              ElementsAre(AllOf(HasSubstr("id"), HasSubstr("backup"),
                                Not(HasSubstr("bug")))));
}

TEST_F(ConnectedTest, UnknownConfigIsValid) {
  const tf::Schema schema = Resource("wandb_instance");
  std::map<std::string, cty::Value> fields;
  for (const tf::Attribute& attribute : schema.attributes) {
    if (attribute.spec.use != tf::Use::kComputed) {
      fields[attribute.name] = cty::Value::Unknown(attribute.type);
    }
  }
  const cty::Type type = schema.ImpliedType();
  pb::ValidateResourceConfig::Request request;
  request.set_type_name("wandb_instance");
  *request.mutable_config() =
      Dynamic(cty::Value::ObjectOf(type, std::move(fields)), type);
  pb::ValidateResourceConfig::Response response;
  ASSERT_TRUE(
      provider_->ValidateResourceConfig(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
}

TEST_F(ConnectedTest, PlansACreateWithEverythingKnown) {
  const cty::Value planned =
      PlanCreate("wandb_instance",
                 {{"host", Str("https://wandb.example.com")},
                  {"values", cty::Value::Object({{"a", cty::Value::Int(1)}})}});
  EXPECT_EQ(planned.At("id"), Str("default/wandb"));
  EXPECT_EQ(planned.At("url"), Str("https://wandb.example.com"));
  EXPECT_EQ(planned.At("configured_values").At("a"), Str("1"));
  EXPECT_EQ(planned.At("configured_values").At("global.host"),
            Str("https://wandb.example.com"));
  EXPECT_TRUE(planned.At("uid").IsUnknown());
}

TEST_F(ConnectedTest, PlanInsideApplyAgreesWithTheOneBeforeIt) {
  const cty::Value earlier = PlanCreate(
      "wandb_instance",
      {{"namespace", cty::Value::Unknown(cty::Type::String())},
       {"host", cty::Value::Unknown(cty::Type::String())},
       {"values", cty::Value::Object(
                      {{"a", cty::Value::Unknown(cty::Type::String())},
                       {"b", cty::Value::Unknown(cty::Type::Dynamic())}})}});
  EXPECT_TRUE(earlier.At("id").IsUnknown());
  const cty::Value later = PlanCreate(
      "wandb_instance",
      {{"namespace", Str("ns")},
       {"host", Str("https://wandb.example.com")},
       {"values", cty::Value::Object({{"a", Str("x")}, {"b", Str("y")}})}});
  EXPECT_THAT(tf::ReplanFaults(earlier, later), IsEmpty());
}

TEST_F(ConnectedTest, PlansAnOperatorFromNothing) {
  const cty::Value planned = PlanCreate("wandb_operator", {});
  EXPECT_EQ(planned.At("id"), Str("wandb/wandb"));
  EXPECT_TRUE(planned.At("objects").IsWhollyKnown());
  EXPECT_THAT(planned.At("objects").fields(), Not(IsEmpty()));
}

TEST_F(ConnectedTest, StoredStateIsUpgradedToTheSchema) {
  const cty::Type type = Resource("wandb_operator").ImpliedType();
  pb::UpgradeResourceState::Request request;
  request.set_type_name("wandb_operator");
  request.mutable_raw_state()->set_json(
      R"({"id":"ns/wandb","namespace":"ns","name":"wandb","gone":1})");
  pb::UpgradeResourceState::Response response;
  ASSERT_TRUE(
      provider_->UpgradeResourceState(Call().get(), request, &response).ok());
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
  const auto state =
      cty::DecodeMsgpack(response.upgraded_state().msgpack(), type);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->At("namespace"), Str("ns"));
  EXPECT_EQ(state->At("wait"), cty::Value::Bool(true));  // Its default.
}

TEST_F(ConnectedTest, UnknownTypeNamesAreAnsweredWithDiagnostics) {
  const auto check = [&](auto request, auto response, auto method) {
    request.set_type_name("wandb_nothing");
    const grpc::Status status =
        (provider_.get()->*method)(Call().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_THAT(ErrorsOf(response), Contains(HasSubstr("wandb_nothing")));
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

TEST_F(ConnectedTest, EveryRpcAnswersAnEmptyRequest) {
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

TEST_F(ConnectedTest, HealthServiceReportsThePlugin) {
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

// ---- The end ----

TEST_F(ConnectedTest, ShutdownEndsTheProcessInTime) { ExpectOrderlyEnd(); }

TEST_F(ConnectedTest, OpenStreamsAreHeldUntilShutdownAndDoNotDelayIt) {
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
  PlanCreate("wandb_operator", {});
  EXPECT_FALSE(stdio_ended.HasBeenNotified());
  EXPECT_FALSE(broker_ended.HasBeenNotified());
  ExpectOrderlyEnd();
  stdio_reader.join();
  broker_reader.join();
}

TEST_F(ConnectedTest, BrokerStreamEndsWhenTheClientClosesIt) {
  grpc::ClientContext context;
  const auto broker =
      ::plugin::GRPCBroker::NewStub(channel_)->StartStream(&context);
  ASSERT_TRUE(broker->WritesDone());
  ::plugin::ConnInfo info;
  EXPECT_FALSE(broker->Read(&info));
  EXPECT_TRUE(broker->Finish().ok());
}

TEST_F(ConnectedTest, FunctionsAreDescribedAndCalled) {
  pb::GetFunctions::Response functions;
  ASSERT_TRUE(provider_->GetFunctions(Call().get(), {}, &functions).ok());
  EXPECT_THAT(functions.functions(),
              testing::UnorderedElementsAre(
                  Key("effective_spec"), Key("flatten_values"),
                  Key("merge_values"), Key("parse_instance_id")));
  for (const auto& [name, function] : functions.functions()) {
    EXPECT_TRUE(base::ParseJson(function.return_().type(), "result type").ok())
        << name;
  }
  pb::CallFunction::Request request;
  request.set_name("parse_instance_id");
  request.add_arguments()->set_json("\"default/wandb\"");
  pb::CallFunction::Response response;
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_FALSE(response.has_error()) << response.error().text();
  request.mutable_arguments(0)->set_json("\"wandb\"");
  response.Clear();
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_THAT(response.error().text(), HasSubstr("namespace/name"));
  EXPECT_EQ(response.error().function_argument(), 0);
  // What core would never send is refused, and nothing breaks.
  request.clear_arguments();
  response.Clear();
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_THAT(response.error().text(), HasSubstr("needs 1 arguments"));
  request.set_name("nothing");
  response.Clear();
  ASSERT_TRUE(provider_->CallFunction(Call().get(), request, &response).ok());
  EXPECT_THAT(response.error().text(), HasSubstr("no function \"nothing\""));
}

TEST_F(ConnectedTest, StopProviderLeavesThePluginServing) {
  pb::StopProvider::Response response;
  ASSERT_TRUE(provider_->StopProvider(Call().get(), {}, &response).ok());
  EXPECT_EQ(response.error(), "");
  Schemas();
  ExpectOrderlyEnd();
}

TEST_F(ConnectedTest, InterruptIsLeftToTheClient) {
  plugin_.Signal(SIGINT);
  Schemas();
  ExpectOrderlyEnd();
}

}  // namespace
}  // namespace protocol
