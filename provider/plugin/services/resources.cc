#include "provider/plugin/services/resources.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "provider/plugin/services/convert.h"
#include "provider/tf/core_rules.h"

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

// What a read or an apply came to: all of it, or an error that leaves
// `response` as it is.
template <typename RawCall, typename Response>
absl::Status Answer(const tf::Resource& resource, const cty::Type& type,
                    const RawCall& call, Response* response) {
  Response answer;
  answer.set_private_(ToPrivate(call.private_data));
  RETURN_IF_ERROR(ToIdentity(resource.identity(), call.state,
                             answer.mutable_new_identity()));
  RETURN_IF_ERROR(ToDynamic(call.state, type, answer.mutable_new_state()));
  *response = std::move(answer);
  return absl::OkStatus();
}

// The prior identity, or on a create the new one. One with an unknown part is
// left out: OpenTofu cannot store it in a plan, and takes it after the apply.
absl::Status PlannedIdentity(const tf::Resource& resource,
                             const tf::RawPlan& call,
                             const pb::PlanResourceChange::Request* request,
                             pb::PlanResourceChange::Response* response) {
  if (request->has_prior_identity()) {
    *response->mutable_planned_identity() = request->prior_identity();
    return absl::OkStatus();
  }
  const std::vector<tf::IdentityAttribute> attributes = resource.identity();
  if (!call.planned.IsKnown() ||
      std::any_of(attributes.begin(), attributes.end(),
                  [&](const tf::IdentityAttribute& attribute) {
                    return !call.planned.At(attribute.name).IsKnown();
                  })) {
    return absl::OkStatus();
  }
  return ToIdentity(attributes, call.planned,
                    response->mutable_planned_identity());
}

}  // namespace

void ResourceCalls::Describe(pb::GetMetadata::Response* response) const {
  for (const auto& [name, resource] : registry_.resources()) {
    response->add_resources()->set_type_name(name);
  }
}

void ResourceCalls::Describe(pb::GetProviderSchema::Response* response) const {
  for (const auto& [name, resource] : registry_.resources()) {
    ToSchema(resource->schema(),
             &(*response->mutable_resource_schemas())[name]);
  }
}

Status ResourceCalls::ValidateResourceConfig(
    ServerContext*, const pb::ValidateResourceConfig::Request* request,
    pb::ValidateResourceConfig::Response* response) {
  return registry_.RunResource(
      "ValidateResourceConfig", request->type_name(), response,
      [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
        ASSIGN_OR_RETURN(const cty::Value config,
                         FromDynamic(request->config(), type, "config"));
        if (!config.IsKnown()) return absl::OkStatus();
        const tf::ValidateOptions options{
            .write_only_allowed =
                request->client_capabilities().write_only_attributes_allowed()};
        tf::ValidateConfig(resource.schema(), config, options, diags);
        if (!diags.HasError()) resource.Validate(config, diags);
        return absl::OkStatus();
      });
}

Status ResourceCalls::UpgradeResourceState(
    ServerContext*, const pb::UpgradeResourceState::Request* request,
    pb::UpgradeResourceState::Response* response) {
  return registry_.RunResource(
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

Status ResourceCalls::ReadResource(ServerContext*,
                                   const pb::ReadResource::Request* request,
                                   pb::ReadResource::Response* response) {
  return registry_.RunResource(
      "ReadResource", request->type_name(), response,
      [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
        // Whatever goes wrong below, what was stored stays stored.
        *response->mutable_new_state() = request->current_state();
        response->set_private_(request->private_());
        *response->mutable_new_identity() = request->current_identity();
        tf::RawRead call;
        ASSIGN_OR_RETURN(call.state, FromDynamic(request->current_state(), type,
                                                 "current_state"));
        if (call.state.IsNull()) return absl::OkStatus();
        if (registry_.provider().ConfigUnknown()) {
          // Nobody can be asked yet: the state stays as it is.
          if (request->client_capabilities().deferral_allowed()) {
            response->mutable_deferred()->set_reason(
                pb::Deferred::PROVIDER_CONFIG_UNKNOWN);
          }
          return absl::OkStatus();
        }
        call.private_data = FromPrivate(request->private_());
        resource.Read(registry_.stop().context(), call);
        diags.Append(call.diags);
        return Answer(resource, type, call, response);
      });
}

Status ResourceCalls::PlanResourceChange(
    ServerContext*, const pb::PlanResourceChange::Request* request,
    pb::PlanResourceChange::Response* response) {
  return registry_.RunResource(
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
        resource.Plan(registry_.stop().context(), call);
        diags.Append(call.diags);
        response->set_planned_private(ToPrivate(call.private_data));
        for (const cty::Path& path : call.requires_replace) {
          ToAttributePath(path, response->add_requires_replace());
        }
        if (registry_.provider().ConfigUnknown() &&
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
        return ToDynamic(call.planned, type, response->mutable_planned_state());
      });
}

Status ResourceCalls::ApplyResourceChange(
    ServerContext*, const pb::ApplyResourceChange::Request* request,
    pb::ApplyResourceChange::Response* response) {
  return registry_.RunResource(
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
        registry_.provider().NoteApply();
        resource.Apply(registry_.stop().context(), call);
        diags.Append(call.diags);
        if (!diags.HasError()) {
          LogFaults(
              request->type_name(),
              tf::ApplyFaults(resource.schema(), call.planned, call.state));
        }
        return Answer(resource, type, call, response);
      });
}

Status ResourceCalls::ImportResourceState(
    ServerContext*, const pb::ImportResourceState::Request* request,
    pb::ImportResourceState::Response* response) {
  return registry_.RunResource(
      "ImportResourceState", request->type_name(), response,
      [&](const tf::Resource& resource, const cty::Type& type, auto& diags) {
        tf::RawImport call;
        call.id = request->id();
        ASSIGN_OR_RETURN(call.identity, FromIdentity(resource.identity(),
                                                     request->identity()));
        resource.Import(registry_.stop().context(), call);
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

Status ResourceCalls::MoveResourceState(
    ServerContext*, const pb::MoveResourceState::Request* request,
    pb::MoveResourceState::Response* response) {
  return registry_.RunResource(
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
        resource.Move(registry_.stop().context(), call);
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

Status ResourceCalls::GenerateResourceConfig(
    ServerContext*, const pb::GenerateResourceConfig::Request* request,
    pb::GenerateResourceConfig::Response* response) {
  return Refuse(response, "Configuration generation not supported",
                absl::StrCat("Write the configuration of ",
                             request->type_name(), " by hand."));
}

}  // namespace plugin
