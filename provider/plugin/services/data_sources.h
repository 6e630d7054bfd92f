// The calls about data sources.
#pragma once

#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/registry.h"
#include "provider/plugin/services/sources.h"

namespace plugin {

class DataSourceCalls : public Kind {
 public:
  explicit DataSourceCalls(Registry& registry);

  void Describe(tfplugin6::GetMetadata::Response* response) const override;
  void Describe(
      tfplugin6::GetProviderSchema::Response* response) const override;
  grpc::Status ValidateDataResourceConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateDataResourceConfig::Request* request,
      tfplugin6::ValidateDataResourceConfig::Response* response) override;
  grpc::Status ReadDataSource(
      grpc::ServerContext*, const tfplugin6::ReadDataSource::Request* request,
      tfplugin6::ReadDataSource::Response* response) override;

 private:
  const Sources sources_;
};

}  // namespace plugin
