// The calls about ephemeral resources.
#pragma once

#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/registry.h"
#include "provider/plugin/services/sources.h"

namespace plugin {

// One that is opened is read as a data source is. Nothing is held open, so that
// there is nothing to renew or close.
class EphemeralResourceCalls : public Kind {
 public:
  explicit EphemeralResourceCalls(Registry& registry);

  void Describe(tfplugin6::GetMetadata::Response* response) const override;
  void Describe(
      tfplugin6::GetProviderSchema::Response* response) const override;
  grpc::Status ValidateEphemeralResourceConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateEphemeralResourceConfig::Request* request,
      tfplugin6::ValidateEphemeralResourceConfig::Response* response) override;
  grpc::Status OpenEphemeralResource(
      grpc::ServerContext*,
      const tfplugin6::OpenEphemeralResource::Request* request,
      tfplugin6::OpenEphemeralResource::Response* response) override;
  grpc::Status RenewEphemeralResource(
      grpc::ServerContext*,
      const tfplugin6::RenewEphemeralResource::Request* request,
      tfplugin6::RenewEphemeralResource::Response* response) override;
  grpc::Status CloseEphemeralResource(
      grpc::ServerContext*,
      const tfplugin6::CloseEphemeralResource::Request* request,
      tfplugin6::CloseEphemeralResource::Response* response) override;

 private:
  const Sources sources_;
};

}  // namespace plugin
