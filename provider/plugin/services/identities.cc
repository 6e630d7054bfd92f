#include "provider/plugin/services/identities.h"

#include <map>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "provider/cty/codec.h"
#include "provider/plugin/services/convert.h"

namespace plugin {
namespace {

using grpc::ServerContext;
using grpc::Status;
namespace pb = tfplugin6;

}  // namespace

Status IdentityCalls::GetResourceIdentitySchemas(
    ServerContext*, const pb::GetResourceIdentitySchemas::Request*,
    pb::GetResourceIdentitySchemas::Response* response) {
  for (const auto& [name, resource] : registry_.resources()) {
    if (resource->identity().empty()) continue;
    ToIdentitySchema(resource->identity(),
                     &(*response->mutable_identity_schemas())[name]);
  }
  return Status::OK;
}

Status IdentityCalls::UpgradeResourceIdentity(
    ServerContext*, const pb::UpgradeResourceIdentity::Request* request,
    pb::UpgradeResourceIdentity::Response* response) {
  return registry_.RunResource(
      "UpgradeResourceIdentity", request->type_name(), response,
      [&](const tf::Resource& resource, const cty::Type&, auto&) {
        std::map<std::string, cty::Type> types;
        for (const auto& attribute : resource.identity()) {
          types[attribute.name] = cty::Type::String();
        }
        const cty::Type type = cty::Type::Object(std::move(types));
        ASSIGN_OR_RETURN(const cty::Value identity,
                         cty::DecodeJson(request->raw_identity().json(), type));
        return ToDynamic(
            identity, type,
            response->mutable_upgraded_identity()->mutable_identity_data());
      });
}

}  // namespace plugin
