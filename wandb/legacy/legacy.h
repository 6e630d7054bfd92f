// From installations without the operator to values of the custom resource.
//
// Such an installation is the chart `wandb` (0.3.x) or a bare Deployment of
// wandb/local, configured by environment variables.
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "wandb/legacy/values.h"

namespace wandb {

// From environment variables: HOST, LICENSE, BUCKET, MYSQL and REDIS (URLs),
// AWS_REGION, AWS_S3_KMS_ID, AZURE_STORAGE_KEY, OIDC_*; others become
// global.extraEnv, unless they meant something to the old container alone.
//
// Passwords stay percent-encoded: the chart, too, writes them into URLs.
LegacyValues FromLegacyEnvironment(
    const std::map<std::string, std::string>& environment);

// From the environment of a container: variables that are made of others are
// expanded. What comes by reference has no value here: it stays a reference if
// W&B does not know the variable, and else has no place.
LegacyValues FromLegacyContainer(const base::Json& container);

// From the user's values of a release of the chart `wandb`.
LegacyValues FromLegacyChart(const base::Json& values);

}  // namespace wandb
