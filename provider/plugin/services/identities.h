// The calls about identities of managed resources.
#pragma once

#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/registry.h"

namespace plugin {

class IdentityCalls : public Kind {
 public:
  using Kind::Kind;

  grpc::Status GetResourceIdentitySchemas(
      grpc::ServerContext*,
      const tfplugin6::GetResourceIdentitySchemas::Request* request,
      tfplugin6::GetResourceIdentitySchemas::Response* response) override;
  grpc::Status UpgradeResourceIdentity(
      grpc::ServerContext*,
      const tfplugin6::UpgradeResourceIdentity::Request* request,
      tfplugin6::UpgradeResourceIdentity::Response* response) override;
};

}  // namespace plugin
