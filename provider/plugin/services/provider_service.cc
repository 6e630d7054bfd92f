#include "provider/plugin/services/provider_service.h"

#include "provider/plugin/services/data_sources.h"
#include "provider/plugin/services/ephemeral_resources.h"
#include "provider/plugin/services/functions.h"
#include "provider/plugin/services/identities.h"
#include "provider/plugin/services/provider_calls.h"
#include "provider/plugin/services/registry.h"
#include "provider/plugin/services/resources.h"
#include "provider/plugin/services/unsupported.h"

namespace plugin {
namespace {

// Made before the kinds, which join it.
struct HasRegistry {
  Registry registry;
};

class ProviderService final : private HasRegistry,
                              public ProviderCalls,
                              public ResourceCalls,
                              public IdentityCalls,
                              public DataSourceCalls,
                              public EphemeralResourceCalls,
                              public FunctionCalls,
                              public NoListResources,
                              public NoActions,
                              public NoStateStores {
 public:
  ProviderService(tf::Provider& provider, base::StopSource& stop)
      : HasRegistry{{provider, stop}},
        ProviderCalls(registry),
        ResourceCalls(registry),
        IdentityCalls(registry),
        DataSourceCalls(registry),
        EphemeralResourceCalls(registry),
        FunctionCalls(registry) {}
};

}  // namespace

std::unique_ptr<tfplugin6::Provider::Service> NewProviderService(
    tf::Provider& provider, base::StopSource& stop) {
  return std::make_unique<ProviderService>(provider, stop);
}

}  // namespace plugin
