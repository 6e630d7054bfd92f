// The calls about the provider itself: what it has, its configuration, its end.
#pragma once

#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/registry.h"

namespace plugin {

class ProviderCalls : public Kind {
 public:
  using Kind::Kind;

  grpc::Status GetMetadata(grpc::ServerContext*,
                           const tfplugin6::GetMetadata::Request* request,
                           tfplugin6::GetMetadata::Response* response) override;
  grpc::Status GetProviderSchema(
      grpc::ServerContext*,
      const tfplugin6::GetProviderSchema::Request* request,
      tfplugin6::GetProviderSchema::Response* response) override;
  grpc::Status ValidateProviderConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateProviderConfig::Request* request,
      tfplugin6::ValidateProviderConfig::Response* response) override;
  grpc::Status ConfigureProvider(
      grpc::ServerContext*,
      const tfplugin6::ConfigureProvider::Request* request,
      tfplugin6::ConfigureProvider::Response* response) override;
  grpc::Status StopProvider(
      grpc::ServerContext*, const tfplugin6::StopProvider::Request* request,
      tfplugin6::StopProvider::Response* response) override;
};

}  // namespace plugin
