#include "provider/plugin/services/data_sources.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "provider/plugin/services/convert.h"

namespace plugin {
namespace {

using grpc::ServerContext;
using grpc::Status;
namespace pb = tfplugin6;

}  // namespace

DataSourceCalls::DataSourceCalls(Registry& registry)
    : Kind(registry),
      data_sources_(NamedParts(registry.provider().parts().data_sources)) {}

void DataSourceCalls::Describe(pb::GetMetadata::Response* response) const {
  for (const auto& [name, data_source] : data_sources_) {
    response->add_data_sources()->set_type_name(name);
  }
}

void DataSourceCalls::Describe(
    pb::GetProviderSchema::Response* response) const {
  for (const auto& [name, data_source] : data_sources_) {
    ToSchema(data_source->schema(),
             &(*response->mutable_data_source_schemas())[name]);
  }
}

Status DataSourceCalls::ValidateDataResourceConfig(
    ServerContext*, const pb::ValidateDataResourceConfig::Request* request,
    pb::ValidateDataResourceConfig::Response* response) {
  const auto it = data_sources_.find(request->type_name());
  if (it == data_sources_.end()) {
    return RefuseUnknown(response, "data source", request->type_name());
  }
  const tf::DataSource& data_source = *it->second;
  return registry_.Run(
      "ValidateDataResourceConfig", request->type_name(), data_source.schema(),
      response, [&](tf::Diagnostics& diags) {
        ASSIGN_OR_RETURN(
            const cty::Value config,
            FromDynamic(request->config(), data_source.schema().ImpliedType(),
                        "config"));
        if (!config.IsKnown()) return absl::OkStatus();
        tf::ValidateConfig(data_source.schema(), config, {}, diags);
        if (!diags.HasError()) data_source.Validate(config, diags);
        return absl::OkStatus();
      });
}

Status DataSourceCalls::ReadDataSource(
    ServerContext*, const pb::ReadDataSource::Request* request,
    pb::ReadDataSource::Response* response) {
  const auto it = data_sources_.find(request->type_name());
  if (it == data_sources_.end()) {
    return RefuseUnknown(response, "data source", request->type_name());
  }
  const tf::DataSource& data_source = *it->second;
  return registry_.Run(
      "ReadDataSource", request->type_name(), data_source.schema(), response,
      [&](tf::Diagnostics& diags) {
        return ReadData(data_source, *request, *response, diags);
      });
}

absl::Status DataSourceCalls::ReadData(
    const tf::DataSource& data_source,
    const pb::ReadDataSource::Request& request,
    pb::ReadDataSource::Response& response, tf::Diagnostics& diags) {
  const cty::Type type = data_source.schema().ImpliedType();
  tf::RawData call;
  ASSIGN_OR_RETURN(call.config, FromDynamic(request.config(), type, "config"));
  if (data_source.needs_provider() && registry_.provider().ConfigUnknown()) {
    if (request.client_capabilities().deferral_allowed()) {
      response.mutable_deferred()->set_reason(
          pb::Deferred::PROVIDER_CONFIG_UNKNOWN);
      return ToDynamic(cty::Value::Unknown(type), type,
                       response.mutable_state());
    }
    diags.AddError(
        absl::StrCat("Cannot read ", data_source.type_name(), " yet"),
        "The provider's configuration depends on values that are known only "
        "after apply. Apply what they come from first, for example with "
        "-target.");
    return absl::OkStatus();
  }
  data_source.Read(registry_.stop().context(), call);
  diags.Append(call.diags);
  if (diags.HasError()) return absl::OkStatus();
  return ToDynamic(call.state, type, response.mutable_state());
}

}  // namespace plugin
