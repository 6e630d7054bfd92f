// The calls about kinds of things that this framework does not have: ephemeral
// and list resources, actions, state stores. Each is refused, by name.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/convert.h"
#include "provider/tf/diagnostics.h"

namespace plugin {

class UnsupportedKinds : public tfplugin6::Provider::Service {
 public:
  grpc::Status ValidateEphemeralResourceConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateEphemeralResourceConfig::Request* request,
      tfplugin6::ValidateEphemeralResourceConfig::Response* response) override {
    return Unknown(response, "ephemeral resource", request->type_name());
  }
  grpc::Status OpenEphemeralResource(
      grpc::ServerContext*,
      const tfplugin6::OpenEphemeralResource::Request* request,
      tfplugin6::OpenEphemeralResource::Response* response) override {
    return Unknown(response, "ephemeral resource", request->type_name());
  }
  grpc::Status RenewEphemeralResource(
      grpc::ServerContext*,
      const tfplugin6::RenewEphemeralResource::Request* request,
      tfplugin6::RenewEphemeralResource::Response* response) override {
    return Unknown(response, "ephemeral resource", request->type_name());
  }
  grpc::Status CloseEphemeralResource(
      grpc::ServerContext*,
      const tfplugin6::CloseEphemeralResource::Request* request,
      tfplugin6::CloseEphemeralResource::Response* response) override {
    return Unknown(response, "ephemeral resource", request->type_name());
  }
  grpc::Status ValidateListResourceConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateListResourceConfig::Request* request,
      tfplugin6::ValidateListResourceConfig::Response* response) override {
    return Unknown(response, "list resource", request->type_name());
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
  grpc::Status ValidateActionConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateActionConfig::Request* request,
      tfplugin6::ValidateActionConfig::Response* response) override {
    return Unknown(response, "action", request->action_type());
  }
  grpc::Status PlanAction(grpc::ServerContext*,
                          const tfplugin6::PlanAction::Request* request,
                          tfplugin6::PlanAction::Response* response) override {
    return Unknown(response, "action", request->action_type());
  }
  grpc::Status InvokeAction(
      grpc::ServerContext*, const tfplugin6::InvokeAction::Request* request,
      grpc::ServerWriter<tfplugin6::InvokeAction::Event>* writer) override {
    tfplugin6::InvokeAction::Event event;
    Unknown(event.mutable_completed(), "action", request->action_type());
    writer->Write(event);
    return grpc::Status::OK;
  }
  grpc::Status ValidateStateStoreConfig(
      grpc::ServerContext*,
      const tfplugin6::ValidateStateStoreConfig::Request* request,
      tfplugin6::ValidateStateStoreConfig::Response* response) override {
    return Unknown(response, "state store", request->type_name());
  }
  grpc::Status ConfigureStateStore(
      grpc::ServerContext*,
      const tfplugin6::ConfigureStateStore::Request* request,
      tfplugin6::ConfigureStateStore::Response* response) override {
    return Unknown(response, "state store", request->type_name());
  }
  grpc::Status ReadStateBytes(
      grpc::ServerContext*, const tfplugin6::ReadStateBytes::Request* request,
      grpc::ServerWriter<tfplugin6::ReadStateBytes::ResponseChunk>* writer)
      override {
    tfplugin6::ReadStateBytes::ResponseChunk chunk;
    Unknown(&chunk, "state store", request->type_name());
    writer->Write(chunk);
    return grpc::Status::OK;
  }
  grpc::Status WriteStateBytes(
      grpc::ServerContext*,
      grpc::ServerReader<tfplugin6::WriteStateBytes::RequestChunk>*,
      tfplugin6::WriteStateBytes::Response* response) override {
    return Unknown(response, "state store", "(any)");
  }
  grpc::Status LockState(grpc::ServerContext*,
                         const tfplugin6::LockState::Request* request,
                         tfplugin6::LockState::Response* response) override {
    return Unknown(response, "state store", request->type_name());
  }
  grpc::Status UnlockState(
      grpc::ServerContext*, const tfplugin6::UnlockState::Request* request,
      tfplugin6::UnlockState::Response* response) override {
    return Unknown(response, "state store", request->type_name());
  }
  grpc::Status GetStates(grpc::ServerContext*,
                         const tfplugin6::GetStates::Request* request,
                         tfplugin6::GetStates::Response* response) override {
    return Unknown(response, "state store", request->type_name());
  }
  grpc::Status DeleteState(
      grpc::ServerContext*, const tfplugin6::DeleteState::Request* request,
      tfplugin6::DeleteState::Response* response) override {
    return Unknown(response, "state store", request->type_name());
  }

 protected:
  static std::string NoSuch(absl::string_view kind, absl::string_view name) {
    return absl::StrCat("This provider has no ", kind, " \"", name,
                        "\". Check the name and the provider's version.");
  }

  template <typename Response>
  static grpc::Status Refuse(Response* response, absl::string_view summary,
                             absl::string_view detail) {
    tf::Diagnostics diags;
    diags.AddError(summary, detail);
    ToDiagnostics(diags, nullptr, response->mutable_diagnostics());
    return grpc::Status::OK;
  }

  template <typename Response>
  static grpc::Status Unknown(Response* response, absl::string_view kind,
                              absl::string_view name) {
    return Refuse(response, absl::StrCat("Unknown ", kind), NoSuch(kind, name));
  }
};

}  // namespace plugin
