#include "provider/plugin/services/ephemeral_resources.h"

#include "absl/status/status.h"
#include "provider/plugin/services/convert.h"

namespace plugin {

using grpc::ServerContext;
using grpc::Status;
namespace pb = tfplugin6;

EphemeralResourceCalls::EphemeralResourceCalls(Registry& registry)
    : Kind(registry),
      sources_{"ephemeral resource",
               NamedParts(registry.provider().parts().ephemeral_resources)} {}

void EphemeralResourceCalls::Describe(
    pb::GetMetadata::Response* response) const {
  for (const auto& [name, part] : sources_.by_name) {
    response->add_ephemeral_resources()->set_type_name(name);
  }
}

void EphemeralResourceCalls::Describe(
    pb::GetProviderSchema::Response* response) const {
  for (const auto& [name, part] : sources_.by_name) {
    ToSchema(part->schema(),
             &(*response->mutable_ephemeral_resource_schemas())[name]);
  }
}

Status EphemeralResourceCalls::ValidateEphemeralResourceConfig(
    ServerContext*, const pb::ValidateEphemeralResourceConfig::Request* request,
    pb::ValidateEphemeralResourceConfig::Response* response) {
  return ValidateSource(registry_, sources_, "ValidateEphemeralResourceConfig",
                        *request, response);
}

Status EphemeralResourceCalls::OpenEphemeralResource(
    ServerContext*, const pb::OpenEphemeralResource::Request* request,
    pb::OpenEphemeralResource::Response* response) {
  return ReadSource(registry_, sources_, "OpenEphemeralResource", *request,
                    &pb::OpenEphemeralResource::Response::mutable_result,
                    response);
}

Status EphemeralResourceCalls::RenewEphemeralResource(
    ServerContext*, const pb::RenewEphemeralResource::Request* request,
    pb::RenewEphemeralResource::Response* response) {
  return RunSource(
      registry_, sources_, "RenewEphemeralResource", *request, response,
      [](const tf::DataSource&, tf::Diagnostics&) { return absl::OkStatus(); });
}

Status EphemeralResourceCalls::CloseEphemeralResource(
    ServerContext*, const pb::CloseEphemeralResource::Request* request,
    pb::CloseEphemeralResource::Response* response) {
  return RunSource(
      registry_, sources_, "CloseEphemeralResource", *request, response,
      [](const tf::DataSource&, tf::Diagnostics&) { return absl::OkStatus(); });
}

}  // namespace plugin
