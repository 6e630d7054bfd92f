#include "app/parts.h"

#include "resources/data/effective_spec.h"
#include "resources/data/images.h"
#include "resources/data/instance.h"
#include "resources/data/legacy_values.h"
#include "resources/data/operator.h"
#include "resources/data/operator_manifests.h"
#include "resources/data/release_channel.h"
#include "resources/ephemeral/console_credentials.h"
#include "resources/functions/functions.h"
#include "resources/instance/resource.h"
#include "resources/operator/resource.h"

namespace app {

tf::Parts AllParts(const std::shared_ptr<const resources::Session>& session) {
  tf::Parts parts;
  parts.resources.push_back(resources::NewOperatorResource(session));
  parts.resources.push_back(resources::NewInstanceResource(session));
  parts.data_sources.push_back(resources::NewEffectiveSpecDataSource());
  parts.data_sources.push_back(resources::NewReleaseChannelDataSource(session));
  parts.data_sources.push_back(resources::NewLegacyValuesDataSource(session));
  parts.data_sources.push_back(resources::NewOperatorDataSource(session));
  parts.data_sources.push_back(resources::NewImagesDataSource());
  parts.data_sources.push_back(resources::NewOperatorManifestsDataSource());
  parts.data_sources.push_back(resources::NewInstanceDataSource(session));
  parts.ephemeral_resources.push_back(
      resources::NewConsoleCredentials(session));
  parts.functions = resources::SpecFunctions();
  return parts;
}

}  // namespace app
