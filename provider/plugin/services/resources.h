// The calls about managed resources.
#pragma once

#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/registry.h"

namespace plugin {

class ResourceCalls : public Kind {
 public:
  using Kind::Kind;

  void Describe(tfplugin6::GetMetadata::Response* response) const override;
  void Describe(
      tfplugin6::GetProviderSchema::Response* response) const override;
  grpc::Status ValidateResourceConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateResourceConfig::Request* request,
      tfplugin6::ValidateResourceConfig::Response* response) override;
  grpc::Status UpgradeResourceState(
      grpc::ServerContext*,
      const tfplugin6::UpgradeResourceState::Request* request,
      tfplugin6::UpgradeResourceState::Response* response) override;
  grpc::Status ReadResource(
      grpc::ServerContext*, const tfplugin6::ReadResource::Request* request,
      tfplugin6::ReadResource::Response* response) override;
  grpc::Status PlanResourceChange(
      grpc::ServerContext*,
      const tfplugin6::PlanResourceChange::Request* request,
      tfplugin6::PlanResourceChange::Response* response) override;
  grpc::Status ApplyResourceChange(
      grpc::ServerContext*,
      const tfplugin6::ApplyResourceChange::Request* request,
      tfplugin6::ApplyResourceChange::Response* response) override;
  grpc::Status ImportResourceState(
      grpc::ServerContext*,
      const tfplugin6::ImportResourceState::Request* request,
      tfplugin6::ImportResourceState::Response* response) override;
  grpc::Status MoveResourceState(
      grpc::ServerContext*,
      const tfplugin6::MoveResourceState::Request* request,
      tfplugin6::MoveResourceState::Response* response) override;
  grpc::Status GenerateResourceConfig(
      grpc::ServerContext*,
      const tfplugin6::GenerateResourceConfig::Request* request,
      tfplugin6::GenerateResourceConfig::Response* response) override;
};

}  // namespace plugin
