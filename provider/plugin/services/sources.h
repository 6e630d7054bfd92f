// What the calls about data sources and about ephemeral resources share: both
// are read.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/convert.h"
#include "provider/plugin/services/registry.h"
#include "provider/tf/data_source.h"

namespace plugin {

// One kind of them.
struct Sources {
  const char* kind;  // "data source"
  ByName<tf::DataSource> by_name;
};

// Runs `body` for the one that `request` is about, if there is one.
template <typename Request, typename Response, typename Body>
grpc::Status RunSource(const Registry& registry, const Sources& sources,
                       absl::string_view rpc, const Request& request,
                       Response* response, const Body& body) {
  const auto it = sources.by_name.find(request.type_name());
  if (it == sources.by_name.end()) {
    return RefuseUnknown(response, sources.kind, request.type_name());
  }
  const tf::DataSource& source = *it->second;
  return registry.Run(
      rpc, request.type_name(), source.schema(), response,
      [&](tf::Diagnostics& diags) { return body(source, diags); });
}

template <typename Request, typename Response>
grpc::Status ValidateSource(const Registry& registry, const Sources& sources,
                            absl::string_view rpc, const Request& request,
                            Response* response) {
  return RunSource(registry, sources, rpc, request, response,
                   [&](const tf::DataSource& source, tf::Diagnostics& diags) {
                     ASSIGN_OR_RETURN(
                         const cty::Value config,
                         FromDynamic(request.config(),
                                     source.schema().ImpliedType(), "config"));
                     if (!config.IsKnown()) return absl::OkStatus();
                     tf::ValidateConfig(source.schema(), config, {}, diags);
                     if (!diags.HasError()) source.Validate(config, diags);
                     return absl::OkStatus();
                   });
}

// Reads it into `result`, a member of the response, or defers that.
template <typename Request, typename Response>
grpc::Status ReadSource(const Registry& registry, const Sources& sources,
                        absl::string_view rpc, const Request& request,
                        tfplugin6::DynamicValue* (Response::*result)(),
                        Response* response) {
  return RunSource(
      registry, sources, rpc, request, response,
      [&](const tf::DataSource& source, tf::Diagnostics& diags) {
        const cty::Type type = source.schema().ImpliedType();
        tf::RawData call;
        ASSIGN_OR_RETURN(call.config,
                         FromDynamic(request.config(), type, "config"));
        if (source.needs_provider() && registry.provider().ConfigUnknown()) {
          if (request.client_capabilities().deferral_allowed()) {
            response->mutable_deferred()->set_reason(
                tfplugin6::Deferred::PROVIDER_CONFIG_UNKNOWN);
            return ToDynamic(cty::Value::Unknown(type), type,
                             (response->*result)());
          }
          diags.AddError(
              absl::StrCat("Cannot read ", source.type_name(), " yet"),
              "The provider's configuration depends on values that are known "
              "only after apply. Apply what they come from first, for example "
              "with -target.");
          return absl::OkStatus();
        }
        source.Read(registry.stop().context(), call);
        diags.Append(call.diags);
        if (diags.HasError()) return absl::OkStatus();
        return ToDynamic(call.state, type, (response->*result)());
      });
}

}  // namespace plugin
