// The last words of a container that keeps ending.
#pragma once

#include <string>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace kube {

// The last lines of the log of the first container of `pod` that has ended with
// an error, or why they cannot be read; the head names pod and container:
//   last lines of the log of pod x, container app:
//     panic: no database
// One text, so that it can be scrubbed as a whole: secrets may have several
// lines. "" where no container has ended with one, and for an empty log.
std::string LastWordsOf(const base::Context& ctx, Client& client,
                        const base::Json& pod);

}  // namespace kube
