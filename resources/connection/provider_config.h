// The arguments of the provider block: their schema, and what a session is
// configured with.
#pragma once

#include "base/environment.h"
#include "provider/cty/value.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/schema.h"
#include "resources/connection/session.h"

namespace resources {

tf::Schema ProviderSchema();

// Beyond what the schema says. `config` is known; its attributes may be not.
void ValidateProviderConfig(const cty::Value& config, tf::Diagnostics& diags);

// What `config` asks for. Settings::unknown is set when anything that decides
// about the connection is unknown, however deep inside. `environment` is asked
// for WANDB_LICENSE only: ResolveConfig() reads the variables of the
// connection.
ConfiguredSession::Settings SettingsOf(
    const cty::Value& config, const base::EnvironmentLookup& environment);

}  // namespace resources
