#include "tests/protocol/connected.h"

#include <sys/stat.h>

#include <utility>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "proto/grpc_controller.grpc.pb.h"
#include "provider/cty/codec.h"
#include "provider/tf/core_rules.h"

namespace protocol {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Environment EnvironmentFor(const support::Certificate& identity,
                           const Environment& more) {
  Environment environment = CookieOnly();
  environment.insert(more.begin(), more.end());
  environment["PLUGIN_CLIENT_CERT"] = identity.pem;
  return environment;
}

}  // namespace

support::Certificate MakeClientIdentity() {
  return support::MakeCertificate({.name = "DNS:localhost",
                                   .common_name = "localhost",
                                   .authority = true,
                                   .key = support::KeyKind::kP521});
}

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

tfplugin6::DynamicValue Dynamic(const cty::Value& value,
                                const cty::Type& type) {
  tfplugin6::DynamicValue message;
  message.set_msgpack(cty::EncodeMsgpack(value, type).value());
  return message;
}

cty::Value Str(const std::string& text) { return cty::Value::String(text); }

Connected::Connected(const Program& program, const Environment& more)
    : identity_(MakeClientIdentity()),
      plugin_(program, {}, EnvironmentFor(identity_, more)),
      line_(plugin_.ReadLine()),
      fields_(FieldsOf(line_)) {}

void Connected::SetUp() {
  ASSERT_THAT(fields_, SizeIs(6)) << line_;
  channel_ = Connect(fields_, &identity_);
  provider_ = tfplugin6::Provider::NewStub(channel_);
}

tfplugin6::GetProviderSchema::Response Connected::Schemas() {
  tfplugin6::GetProviderSchema::Response response;
  const grpc::Status status =
      provider_->GetProviderSchema(Call().get(), {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(ErrorsOf(response), IsEmpty());
  return response;
}

tf::Schema Connected::Resource(const std::string& type_name) {
  return SchemaOf(Schemas().resource_schemas().at(type_name));
}

cty::Value Connected::PlanCreate(const std::string& type_name,
                                 std::map<std::string, cty::Value> fields) {
  const tf::Schema schema = Resource(type_name);
  const cty::Type type = schema.ImpliedType();
  const cty::Value config = cty::Value::ObjectOf(type, std::move(fields));
  const cty::Value nothing = cty::Value::Null(type);
  tfplugin6::PlanResourceChange::Request request;
  request.set_type_name(type_name);
  *request.mutable_prior_state() = Dynamic(nothing, type);
  *request.mutable_config() = Dynamic(config, type);
  // On a create core proposes the configuration itself.
  *request.mutable_proposed_new_state() = request.config();
  tfplugin6::PlanResourceChange::Response response;
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

void Connected::ExpectOrderlyEnd() {
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

}  // namespace protocol
