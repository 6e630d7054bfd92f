// A client that remembers the secrets of whatever it reads.
#pragma once

#include <memory>

#include "kube/client.h"
#include "resources/connection/known_secrets.h"

namespace resources {

// `client`, which must not be null, with KnownSecrets::Learn() of each object
// that it returns: whoever shows a message later need not know what was read.
std::shared_ptr<kube::Client> LearningClient(
    std::shared_ptr<kube::Client> client,
    std::shared_ptr<KnownSecrets> secrets);

}  // namespace resources
