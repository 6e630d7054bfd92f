// The RPCs of tfplugin6.Provider: convert, run, convert.
//
// Ordinary failures are diagnostics in a response with status OK: a gRPC error
// would lose the state that the response carries.
#pragma once

#include <memory>

#include "base/context.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/tf/provider.h"

namespace plugin {

// Both arguments outlive the service. ConfigureProvider arms `stop` again,
// StopProvider fires it.
std::unique_ptr<tfplugin6::Provider::Service> NewProviderService(
    tf::Provider& provider, base::StopSource& stop);

}  // namespace plugin
