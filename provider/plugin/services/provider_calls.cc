#include "provider/plugin/services/provider_calls.h"

#include "base/log.h"
#include "base/status_macros.h"
#include "provider/plugin/services/convert.h"

namespace plugin {
namespace {

using grpc::ServerContext;
using grpc::Status;
namespace pb = tfplugin6;

void SetCapabilities(pb::ServerCapabilities* capabilities) {
  capabilities->set_plan_destroy(true);
  capabilities->set_get_provider_schema_optional(true);
}

}  // namespace

Status ProviderCalls::GetMetadata(ServerContext*,
                                  const pb::GetMetadata::Request*,
                                  pb::GetMetadata::Response* response) {
  SetCapabilities(response->mutable_server_capabilities());
  for (const Kind* kind : registry_.kinds()) kind->Describe(response);
  return Status::OK;
}

Status ProviderCalls::GetProviderSchema(
    ServerContext*, const pb::GetProviderSchema::Request*,
    pb::GetProviderSchema::Response* response) {
  SetCapabilities(response->mutable_server_capabilities());
  ToSchema(registry_.provider().schema(), response->mutable_provider());
  for (const Kind* kind : registry_.kinds()) kind->Describe(response);
  return Status::OK;
}

Status ProviderCalls::ValidateProviderConfig(
    ServerContext*, const pb::ValidateProviderConfig::Request* request,
    pb::ValidateProviderConfig::Response* response) {
  return registry_.Run(
      "ValidateProviderConfig", "", registry_.provider().schema(), response,
      [&](auto& diags) {
        ASSIGN_OR_RETURN(
            const cty::Value config,
            FromDynamic(request->config(),
                        registry_.provider().schema().ImpliedType(), "config"));
        if (!config.IsKnown()) return absl::OkStatus();
        tf::ValidateConfig(registry_.provider().schema(), config, {}, diags);
        if (!diags.HasError()) registry_.provider().Validate(config, diags);
        return absl::OkStatus();
      });
}

Status ProviderCalls::ConfigureProvider(
    ServerContext*, const pb::ConfigureProvider::Request* request,
    pb::ConfigureProvider::Response* response) {
  return registry_.Run(
      "ConfigureProvider", "", registry_.provider().schema(), response,
      [&](auto& diags) {
        registry_.stop().Rearm();
        tf::ConfigureCall call;
        call.terraform_version = request->terraform_version();
        ASSIGN_OR_RETURN(
            call.config,
            FromDynamic(request->config(),
                        registry_.provider().schema().ImpliedType(), "config"));
        registry_.provider().Configure(registry_.stop().context(), call);
        diags.Append(call.diags);
        return absl::OkStatus();
      });
}

Status ProviderCalls::StopProvider(ServerContext*,
                                   const pb::StopProvider::Request*,
                                   pb::StopProvider::Response*) {
  base::Log(base::LogLevel::kDebug, "stop requested");
  registry_.stop().Stop();
  return Status::OK;
}

}  // namespace plugin
