#include "provider/plugin/provider_service.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "provider/cty/codec.h"
#include "provider/plugin/convert.h"
#include "provider/plugin/unsupported_kinds.h"
#include "provider/tf/core_rules.h"
#include "provider/tf/exceptions.h"

namespace plugin {
namespace {

using grpc::ServerContext;
using grpc::Status;
namespace pb = tfplugin6;

// Logs what core would refuse, before core does.
void LogFaults(const std::string& type_name,
               const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) {
    base::Log(base::LogLevel::kError, "core will refuse this answer",
              {{"tf_resource_type", type_name}, {"fault", fault}});
  }
}

class ProviderService final : public UnsupportedKinds {
 public:
  ProviderService(tf::Provider& provider, base::StopSource& stop)
      : provider_(provider), stop_(stop) {
    for (const auto& resource : provider.resources()) {
      resources_[resource->type_name()] = resource.get();
    }
    for (const auto& data_source : provider.data_sources()) {
      data_sources_[data_source->type_name()] = data_source.get();
    }
    for (const tf::Function& function : provider.functions()) {
      functions_[function.name] = &function;
    }
  }

  // ---- Schema ----

  Status GetMetadata(ServerContext*, const pb::GetMetadata::Request*,
                     pb::GetMetadata::Response* response) override {
    SetCapabilities(response->mutable_server_capabilities());
    for (const auto& [name, resource] : resources_) {
      response->add_resources()->set_type_name(name);
    }
    for (const auto& [name, data_source] : data_sources_) {
      response->add_data_sources()->set_type_name(name);
    }
    for (const auto& [name, function] : functions_) {
      response->add_functions()->set_name(name);
    }
    return Status::OK;
  }

  Status GetProviderSchema(ServerContext*,
                           const pb::GetProviderSchema::Request*,
                           pb::GetProviderSchema::Response* response) override {
    SetCapabilities(response->mutable_server_capabilities());
    ToSchema(provider_.schema(), response->mutable_provider());
    for (const auto& [name, resource] : resources_) {
      ToSchema(resource->schema(),
               &(*response->mutable_resource_schemas())[name]);
    }
    for (const auto& [name, data_source] : data_sources_) {
      ToSchema(data_source->schema(),
               &(*response->mutable_data_source_schemas())[name]);
    }
    for (const auto& [name, function] : functions_) {
      ToFunction(*function, &(*response->mutable_functions())[name]);
    }
    return Status::OK;
  }

  Status GetResourceIdentitySchemas(
      ServerContext*, const pb::GetResourceIdentitySchemas::Request*,
      pb::GetResourceIdentitySchemas::Response* response) override {
    for (const auto& [name, resource] : resources_) {
      if (resource->identity().empty()) continue;
      ToIdentitySchema(resource->identity(),
                       &(*response->mutable_identity_schemas())[name]);
    }
    return Status::OK;
  }

  Status GetFunctions(ServerContext*, const pb::GetFunctions::Request*,
                      pb::GetFunctions::Response* response) override {
    for (const auto& [name, function] : functions_) {
      ToFunction(*function, &(*response->mutable_functions())[name]);
    }
    return Status::OK;
  }

  // ---- Provider ----

  Status ValidateProviderConfig(
      ServerContext*, const pb::ValidateProviderConfig::Request* request,
      pb::ValidateProviderConfig::Response* response) override {
    return Run("ValidateProviderConfig", "", provider_.schema(), response,
               [&](auto& diags) {
                 ASSIGN_OR_RETURN(
                     const cty::Value config,
                     FromDynamic(request->config(),
                                 provider_.schema().ImpliedType(), "config"));
                 if (!config.IsKnown()) return absl::OkStatus();
                 tf::ValidateConfig(provider_.schema(), config, {}, diags);
                 if (!diags.HasError()) provider_.Validate(config, diags);
                 return absl::OkStatus();
               });
  }

  Status ConfigureProvider(ServerContext*,
                           const pb::ConfigureProvider::Request* request,
                           pb::ConfigureProvider::Response* response) override {
    return Run("ConfigureProvider", "", provider_.schema(), response,
               [&](auto& diags) {
                 stop_.Rearm();
                 tf::ConfigureCall call;
                 call.terraform_version = request->terraform_version();
                 ASSIGN_OR_RETURN(
                     call.config,
                     FromDynamic(request->config(),
                                 provider_.schema().ImpliedType(), "config"));
                 provider_.Configure(stop_.context(), call);
                 diags.Append(call.diags);
                 return absl::OkStatus();
               });
  }

  Status StopProvider(ServerContext*, const pb::StopProvider::Request*,
                      pb::StopProvider::Response*) override {
    base::Log(base::LogLevel::kDebug, "stop requested");
    stop_.Stop();
    return Status::OK;
  }

  // ---- Managed resources ----

  Status ValidateResourceConfig(
      ServerContext*, const pb::ValidateResourceConfig::Request* request,
      pb::ValidateResourceConfig::Response* response) override {
    return RunResource(
        "ValidateResourceConfig", request->type_name(), response,
        [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
          ASSIGN_OR_RETURN(const cty::Value config,
                           FromDynamic(request->config(), type, "config"));
          if (!config.IsKnown()) return absl::OkStatus();
          const tf::ValidateOptions options{
              .write_only_allowed = request->client_capabilities()
                                        .write_only_attributes_allowed()};
          tf::ValidateConfig(resource.schema(), config, options, diags);
          if (!diags.HasError()) resource.Validate(config, diags);
          return absl::OkStatus();
        });
  }

  Status UpgradeResourceState(
      ServerContext*, const pb::UpgradeResourceState::Request* request,
      pb::UpgradeResourceState::Response* response) override {
    return RunResource(
        "UpgradeResourceState", request->type_name(), response,
        [&](const tf::Resource& resource, const cty::Type& type, auto&) {
          const auto state = tf::ReadStoredState(
              resource.schema(), resource.upgrades(), request->version(),
              request->raw_state().json());
          // Somebody else has written it.
          if (absl::IsInvalidArgument(state.status())) {
            return absl::DataLossError(state.status().message());
          }
          RETURN_IF_ERROR(state.status());
          return ToDynamic(*state, type, response->mutable_upgraded_state());
        });
  }

  Status UpgradeResourceIdentity(
      ServerContext*, const pb::UpgradeResourceIdentity::Request* request,
      pb::UpgradeResourceIdentity::Response* response) override {
    return RunResource(
        "UpgradeResourceIdentity", request->type_name(), response,
        [&](const tf::Resource& resource, const cty::Type&, auto&) {
          std::map<std::string, cty::Type> types;
          for (const auto& attribute : resource.identity()) {
            types[attribute.name] = cty::Type::String();
          }
          const cty::Type type = cty::Type::Object(std::move(types));
          ASSIGN_OR_RETURN(
              const cty::Value identity,
              cty::DecodeJson(request->raw_identity().json(), type));
          return ToDynamic(
              identity, type,
              response->mutable_upgraded_identity()->mutable_identity_data());
        });
  }

  Status ReadResource(ServerContext*, const pb::ReadResource::Request* request,
                      pb::ReadResource::Response* response) override {
    return RunResource(
        "ReadResource", request->type_name(), response,
        [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
          // Whatever goes wrong below, what was stored stays stored.
          *response->mutable_new_state() = request->current_state();
          response->set_private_(request->private_());
          *response->mutable_new_identity() = request->current_identity();
          tf::RawRead call;
          ASSIGN_OR_RETURN(call.state, FromDynamic(request->current_state(),
                                                   type, "current_state"));
          if (call.state.IsNull()) return absl::OkStatus();
          if (provider_.ConfigUnknown()) {
            // Nobody can be asked yet: the state stays as it is.
            if (request->client_capabilities().deferral_allowed()) {
              response->mutable_deferred()->set_reason(
                  pb::Deferred::PROVIDER_CONFIG_UNKNOWN);
            }
            return absl::OkStatus();
          }
          call.private_data = FromPrivate(request->private_());
          resource.Read(stop_.context(), call);
          diags.Append(call.diags);
          return Answer(resource, type, call, response);
        });
  }

  Status PlanResourceChange(
      ServerContext*, const pb::PlanResourceChange::Request* request,
      pb::PlanResourceChange::Response* response) override {
    return RunResource(
        "PlanResourceChange", request->type_name(), response,
        [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
          tf::RawPlan call;
          ASSIGN_OR_RETURN(call.config,
                           FromDynamic(request->config(), type, "config"));
          ASSIGN_OR_RETURN(call.prior, FromDynamic(request->prior_state(), type,
                                                   "prior_state"));
          ASSIGN_OR_RETURN(call.proposed,
                           FromDynamic(request->proposed_new_state(), type,
                                       "proposed_new_state"));
          call.private_data = FromPrivate(request->prior_private());
          resource.Plan(stop_.context(), call);
          diags.Append(call.diags);
          response->set_planned_private(ToPrivate(call.private_data));
          for (const cty::Path& path : call.requires_replace) {
            ToAttributePath(path, response->add_requires_replace());
          }
          if (provider_.ConfigUnknown() &&
              request->client_capabilities().deferral_allowed()) {
            response->mutable_deferred()->set_reason(
                pb::Deferred::PROVIDER_CONFIG_UNKNOWN);
          }
          if (!diags.HasError()) {
            LogFaults(request->type_name(),
                      tf::PlanFaults(resource.schema(), call.prior, call.config,
                                     call.planned));
          }
          RETURN_IF_ERROR(PlannedIdentity(resource, call, request, response));
          return ToDynamic(call.planned, type,
                           response->mutable_planned_state());
        });
  }

  Status ApplyResourceChange(
      ServerContext*, const pb::ApplyResourceChange::Request* request,
      pb::ApplyResourceChange::Response* response) override {
    return RunResource(
        "ApplyResourceChange", request->type_name(), response,
        [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
          // Whatever goes wrong below, what was stored stays stored.
          *response->mutable_new_state() = request->prior_state();
          response->set_private_(request->planned_private());
          tf::RawApply call;
          ASSIGN_OR_RETURN(call.config,
                           FromDynamic(request->config(), type, "config"));
          ASSIGN_OR_RETURN(call.prior, FromDynamic(request->prior_state(), type,
                                                   "prior_state"));
          ASSIGN_OR_RETURN(call.planned, FromDynamic(request->planned_state(),
                                                     type, "planned_state"));
          call.private_data = FromPrivate(request->planned_private());
          provider_.NoteApply();
          resource.Apply(stop_.context(), call);
          diags.Append(call.diags);
          if (!diags.HasError()) {
            LogFaults(
                request->type_name(),
                tf::ApplyFaults(resource.schema(), call.planned, call.state));
          }
          return Answer(resource, type, call, response);
        });
  }

  Status ImportResourceState(
      ServerContext*, const pb::ImportResourceState::Request* request,
      pb::ImportResourceState::Response* response) override {
    return RunResource(
        "ImportResourceState", request->type_name(), response,
        [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
          tf::RawImport call;
          call.id = request->id();
          ASSIGN_OR_RETURN(call.identity, FromIdentity(resource.identity(),
                                                       request->identity()));
          resource.Import(stop_.context(), call);
          diags.Append(call.diags);
          if (diags.HasError()) return absl::OkStatus();
          auto* imported = response->add_imported_resources();
          imported->set_type_name(request->type_name());
          imported->set_private_(ToPrivate(call.private_data));
          RETURN_IF_ERROR(ToIdentity(resource.identity(), call.state,
                                     imported->mutable_identity()));
          return ToDynamic(call.state, type, imported->mutable_state());
        });
  }

  Status MoveResourceState(ServerContext*,
                           const pb::MoveResourceState::Request* request,
                           pb::MoveResourceState::Response* response) override {
    return RunResource(
        "MoveResourceState", request->target_type_name(), response,
        [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
          tf::RawMove call{
              .provider_address = request->source_provider_address(),
              .type_name = request->source_type_name(),
              .schema_version = request->source_schema_version(),
              .source_private = FromPrivate(request->source_private()),
              .state = cty::Value::Null(type)};
          ASSIGN_OR_RETURN(
              call.source_state,
              base::ParseJson(request->source_state().json(), "moved state",
                              {.depth = base::kMaxStateDepth}));
          resource.Move(stop_.context(), call);
          diags.Append(call.diags);
          if (diags.HasError()) return absl::OkStatus();
          if (call.state.IsNull()) {
            diags.AddError(
                "Move not supported",
                absl::StrCat("State of ", call.type_name, " (",
                             call.provider_address, ") cannot be moved to ",
                             request->target_type_name(),
                             ". Use a removed block for the old resource and "
                             "an import block for the new one."));
            return absl::OkStatus();
          }
          response->set_target_private(ToPrivate(call.private_data));
          RETURN_IF_ERROR(ToIdentity(resource.identity(), call.state,
                                     response->mutable_target_identity()));
          return ToDynamic(call.state, type, response->mutable_target_state());
        });
  }

  Status GenerateResourceConfig(
      ServerContext*, const pb::GenerateResourceConfig::Request* request,
      pb::GenerateResourceConfig::Response* response) override {
    return Refuse(response, "Configuration generation not supported",
                  absl::StrCat("Write the configuration of ",
                               request->type_name(), " by hand."));
  }

  // ---- Data sources and functions ----

  Status ValidateDataResourceConfig(
      ServerContext*, const pb::ValidateDataResourceConfig::Request* request,
      pb::ValidateDataResourceConfig::Response* response) override {
    const auto it = data_sources_.find(request->type_name());
    if (it == data_sources_.end()) {
      return Unknown(response, "data source", request->type_name());
    }
    const tf::DataSource& data_source = *it->second;
    return Run("ValidateDataResourceConfig", request->type_name(),
               data_source.schema(), response, [&](tf::Diagnostics& diags) {
                 ASSIGN_OR_RETURN(
                     const cty::Value config,
                     FromDynamic(request->config(),
                                 data_source.schema().ImpliedType(), "config"));
                 if (!config.IsKnown()) return absl::OkStatus();
                 tf::ValidateConfig(data_source.schema(), config, {}, diags);
                 if (!diags.HasError()) data_source.Validate(config, diags);
                 return absl::OkStatus();
               });
  }

  Status ReadDataSource(ServerContext*,
                        const pb::ReadDataSource::Request* request,
                        pb::ReadDataSource::Response* response) override {
    const auto it = data_sources_.find(request->type_name());
    if (it == data_sources_.end()) {
      return Unknown(response, "data source", request->type_name());
    }
    const tf::DataSource& data_source = *it->second;
    return Run("ReadDataSource", request->type_name(), data_source.schema(),
               response, [&](tf::Diagnostics& diags) {
                 return ReadData(data_source, *request, *response, diags);
               });
  }

  Status CallFunction(ServerContext*, const pb::CallFunction::Request* request,
                      pb::CallFunction::Response* response) override {
    const auto it = functions_.find(request->name());
    if (it == functions_.end()) {
      ToFunctionError(absl::StrCat("this provider has no function \"",
                                   request->name(), "\""),
                      hide_, std::nullopt, response->mutable_error());
      return Status::OK;
    }
    const absl::Status status = tf::EndExceptions(
        [&] { return Call(*it->second, *request, *response); });
    if (!status.ok()) {
      ToFunctionError(tf::FailureText(status), hide_, std::nullopt,
                      response->mutable_error());
    }
    return Status::OK;
  }

 private:
  static void SetCapabilities(pb::ServerCapabilities* capabilities) {
    capabilities->set_plan_destroy(true);
    capabilities->set_get_provider_schema_optional(true);
  }

  absl::Status ReadData(const tf::DataSource& data_source,
                        const pb::ReadDataSource::Request& request,
                        pb::ReadDataSource::Response& response,
                        tf::Diagnostics& diags) {
    const cty::Type type = data_source.schema().ImpliedType();
    tf::RawData call;
    ASSIGN_OR_RETURN(call.config,
                     FromDynamic(request.config(), type, "config"));
    if (data_source.needs_provider() && provider_.ConfigUnknown()) {
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
    data_source.Read(stop_.context(), call);
    diags.Append(call.diags);
    if (diags.HasError()) return absl::OkStatus();
    return ToDynamic(call.state, type, response.mutable_state());
  }

  absl::Status Call(const tf::Function& function,
                    const pb::CallFunction::Request& request,
                    pb::CallFunction::Response& response) {
    std::vector<cty::Value> arguments;
    for (int i = 0; i < request.arguments_size(); ++i) {
      const auto at = static_cast<size_t>(i);
      const tf::Parameter* parameter =
          at < function.parameters.size() ? &function.parameters[at]
          : function.variadic.has_value() ? &*function.variadic
                                          : nullptr;
      if (parameter == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat(function.name, " takes ", function.parameters.size(),
                         " arguments"));
      }
      ASSIGN_OR_RETURN(
          cty::Value argument,
          FromDynamic(request.arguments(i), parameter->type, parameter->name));
      arguments.push_back(std::move(argument));
    }
    if (arguments.size() < function.parameters.size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          function.name, " needs ", function.parameters.size(), " arguments"));
    }
    for (const cty::Value& argument : arguments) {
      if (argument.IsWhollyKnown()) continue;
      return ToDynamic(cty::Value::Unknown(function.result), function.result,
                       response.mutable_result());
    }
    const tf::FunctionResult result = function.call(arguments);
    if (result.ok()) {
      return ToDynamic(result.value, function.result,
                       response.mutable_result());
    }
    ToFunctionError(result.error, hide_, result.argument,
                    response.mutable_error());
    return absl::OkStatus();
  }

  // Runs `body`, and turns what it returns or throws into diagnostics.
  template <typename Response, typename Body>
  Status Run(absl::string_view rpc, const std::string& type_name,
             const tf::Schema& schema, Response* response, const Body& body) {
    const absl::Time start = absl::Now();
    tf::Diagnostics diags;
    const absl::Status status =
        tf::EndExceptions([&]() -> absl::Status { return body(diags); });
    if (!status.ok()) {
      diags.AddError(absl::StrCat("Cannot answer ", rpc),
                     tf::FailureText(status));
    }
    diags.Append(provider_.TakeWarnings());
    diags.HidePaths(
        [&](const cty::Path& path) { return tf::QuotesSecrets(schema, path); });
    ToDiagnostics(diags, hide_, response->mutable_diagnostics());
    base::Log(base::LogLevel::kDebug, "answered",
              {{"tf_rpc", rpc},
               {"tf_resource_type", type_name},
               {"tf_req_duration_ms",
                absl::StrCat(absl::ToInt64Milliseconds(absl::Now() - start))}});
    return Status::OK;
  }

  template <typename Response, typename Body>
  Status RunResource(absl::string_view rpc, const std::string& type_name,
                     Response* response, const Body& body) {
    auto it = resources_.find(type_name);
    if (it == resources_.end()) {
      return Unknown(response, "resource type", type_name);
    }
    const tf::Resource& resource = *it->second;
    return Run(rpc, type_name, resource.schema(), response,
               [&](tf::Diagnostics& diags) {
                 return body(resource, resource.schema().ImpliedType(), diags);
               });
  }

  // What a read or an apply came to: all of it, or an error that leaves
  // `response` as it is.
  template <typename RawCall, typename Response>
  static absl::Status Answer(const tf::Resource& resource,
                             const cty::Type& type, const RawCall& call,
                             Response* response) {
    Response answer;
    answer.set_private_(ToPrivate(call.private_data));
    RETURN_IF_ERROR(ToIdentity(resource.identity(), call.state,
                               answer.mutable_new_identity()));
    RETURN_IF_ERROR(ToDynamic(call.state, type, answer.mutable_new_state()));
    *response = std::move(answer);
    return absl::OkStatus();
  }

  // The prior identity, or on a create the new one once its parts are known.
  static absl::Status PlannedIdentity(
      const tf::Resource& resource, const tf::RawPlan& call,
      const pb::PlanResourceChange::Request* request,
      pb::PlanResourceChange::Response* response) {
    if (request->has_prior_identity()) {
      *response->mutable_planned_identity() = request->prior_identity();
      return absl::OkStatus();
    }
    return ToIdentity(resource.identity(), call.planned,
                      response->mutable_planned_identity());
  }

  tf::Provider& provider_;
  const HideText hide_ = [this](absl::string_view text) {
    return provider_.Hide(text);
  };
  base::StopSource& stop_;
  std::map<std::string, const tf::Resource*> resources_;
  std::map<std::string, const tf::DataSource*> data_sources_;
  std::map<std::string, const tf::Function*> functions_;
};

}  // namespace

std::unique_ptr<pb::Provider::Service> NewProviderService(
    tf::Provider& provider, base::StopSource& stop) {
  return std::make_unique<ProviderService>(provider, stop);
}

}  // namespace plugin
