// The calls about kinds of things that this framework does not have: list
// resources, actions, state stores. Each is refused, by name. Who adds a kind
// writes a file for it beside this one, and puts its class into
// provider_service.cc where the one here was.
#pragma once

#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/convert.h"
#include "provider/plugin/services/registry.h"
#include "provider/tf/diagnostics.h"

namespace plugin {

class NoListResources : public virtual tfplugin6::Provider::Service {
 public:
  grpc::Status ValidateListResourceConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateListResourceConfig::Request* request,
      tfplugin6::ValidateListResourceConfig::Response* response) override {
    return RefuseUnknown(response, "list resource", request->type_name());
  }
  grpc::Status ListResource(
      grpc::ServerContext*, const tfplugin6::ListResource::Request* request,
      grpc::ServerWriter<tfplugin6::ListResource::Event>* writer) override {
    tfplugin6::ListResource::Event event;
    tf::Diagnostics diags;
    diags.AddError("Unknown list resource",
                   NoSuch("list resource", request->type_name()));
    ToDiagnostics(diags, nullptr, event.mutable_diagnostic());
    writer->Write(event);
    return grpc::Status::OK;
  }
};

class NoActions : public virtual tfplugin6::Provider::Service {
 public:
  grpc::Status ValidateActionConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateActionConfig::Request* request,
      tfplugin6::ValidateActionConfig::Response* response) override {
    return RefuseUnknown(response, "action", request->action_type());
  }
  grpc::Status PlanAction(grpc::ServerContext*,
                          const tfplugin6::PlanAction::Request* request,
                          tfplugin6::PlanAction::Response* response) override {
    return RefuseUnknown(response, "action", request->action_type());
  }
  grpc::Status InvokeAction(
      grpc::ServerContext*, const tfplugin6::InvokeAction::Request* request,
      grpc::ServerWriter<tfplugin6::InvokeAction::Event>* writer) override {
    tfplugin6::InvokeAction::Event event;
    RefuseUnknown(event.mutable_completed(), "action", request->action_type());
    writer->Write(event);
    return grpc::Status::OK;
  }
};

class NoStateStores : public virtual tfplugin6::Provider::Service {
 public:
  grpc::Status ValidateStateStoreConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateStateStoreConfig::Request* request,
      tfplugin6::ValidateStateStoreConfig::Response* response) override {
    return RefuseUnknown(response, "state store", request->type_name());
  }
  grpc::Status ConfigureStateStore(
      grpc::ServerContext*,
      const tfplugin6::ConfigureStateStore::Request* request,
      tfplugin6::ConfigureStateStore::Response* response) override {
    return RefuseUnknown(response, "state store", request->type_name());
  }
  grpc::Status ReadStateBytes(
      grpc::ServerContext*, const tfplugin6::ReadStateBytes::Request* request,
      grpc::ServerWriter<tfplugin6::ReadStateBytes::ResponseChunk>* writer)
      override {
    tfplugin6::ReadStateBytes::ResponseChunk chunk;
    RefuseUnknown(&chunk, "state store", request->type_name());
    writer->Write(chunk);
    return grpc::Status::OK;
  }
  grpc::Status WriteStateBytes(
      grpc::ServerContext*,
      grpc::ServerReader<tfplugin6::WriteStateBytes::RequestChunk>*,
      tfplugin6::WriteStateBytes::Response* response) override {
    return RefuseUnknown(response, "state store", "(any)");
  }
  grpc::Status LockState(grpc::ServerContext*,
                         const tfplugin6::LockState::Request* request,
                         tfplugin6::LockState::Response* response) override {
    return RefuseUnknown(response, "state store", request->type_name());
  }
  grpc::Status UnlockState(
      grpc::ServerContext*, const tfplugin6::UnlockState::Request* request,
      tfplugin6::UnlockState::Response* response) override {
    return RefuseUnknown(response, "state store", request->type_name());
  }
  grpc::Status GetStates(grpc::ServerContext*,
                         const tfplugin6::GetStates::Request* request,
                         tfplugin6::GetStates::Response* response) override {
    return RefuseUnknown(response, "state store", request->type_name());
  }
  grpc::Status DeleteState(
      grpc::ServerContext*, const tfplugin6::DeleteState::Request* request,
      tfplugin6::DeleteState::Response* response) override {
    return RefuseUnknown(response, "state store", request->type_name());
  }
};

}  // namespace plugin
