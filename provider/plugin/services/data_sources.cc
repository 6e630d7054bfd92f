#include "provider/plugin/services/data_sources.h"

#include "provider/plugin/services/convert.h"

namespace plugin {

using grpc::ServerContext;
using grpc::Status;
namespace pb = tfplugin6;

DataSourceCalls::DataSourceCalls(Registry& registry)
    : Kind(registry),
      sources_{"data source",
               NamedParts(registry.provider().parts().data_sources)} {}

void DataSourceCalls::Describe(pb::GetMetadata::Response* response) const {
  for (const auto& [name, data_source] : sources_.by_name) {
    response->add_data_sources()->set_type_name(name);
  }
}

void DataSourceCalls::Describe(
    pb::GetProviderSchema::Response* response) const {
  for (const auto& [name, data_source] : sources_.by_name) {
    ToSchema(data_source->schema(),
             &(*response->mutable_data_source_schemas())[name]);
  }
}

Status DataSourceCalls::ValidateDataResourceConfig(
    ServerContext*, const pb::ValidateDataResourceConfig::Request* request,
    pb::ValidateDataResourceConfig::Response* response) {
  return ValidateSource(registry_, sources_, "ValidateDataResourceConfig",
                        *request, response);
}

Status DataSourceCalls::ReadDataSource(
    ServerContext*, const pb::ReadDataSource::Request* request,
    pb::ReadDataSource::Response* response) {
  return ReadSource(registry_, sources_, "ReadDataSource", *request,
                    &pb::ReadDataSource::Response::mutable_state, response);
}

}  // namespace plugin
