// The client of a session, or what a user reads where there is none.
#pragma once

#include <memory>

#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"

namespace resources {

// The client, or null after an error.
std::shared_ptr<kube::Client> ClientOrReport(const Session& session,
                                             tf::Diagnostics& diags);

// For a plan, which needs no cluster: a configuration that is known and wrong
// is an error, and none at all a warning that apply will fail, of the first
// that is planned.
void CheckConnection(const Session& session, tf::Diagnostics& diags);

}  // namespace resources
