// The go-plugin handshake as values: what the client's environment asks for and
// the line that answers it.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace plugin {

// Variables of the plugin's environment; "" when unset.
using Environment = std::function<std::string(absl::string_view name)>;

struct ClientDemands {
  std::string client_certificate;  // PEM; "" turns TLS off.
  std::string socket_directory;    // "" when the client has no wish.
  bool multiplex = false;          // Wants a seventh field in the line.
};

// kFailedPrecondition when the magic cookie is wrong: we were started by hand.
absl::StatusOr<ClientDemands> ReadDemands(const Environment& environment);

// The one line on stdout, with its newline. `certificate_der` is "" without
// TLS.
std::string HandshakeLine(const ClientDemands& demands,
                          absl::string_view socket_path,
                          absl::string_view certificate_der);

// This process's environment without what the client put there for us: the
// cookie, and the variables of the handshake. For programs that we start.
std::map<std::string, std::string> ChildEnvironment();

// The JSON object for TF_REATTACH_PROVIDERS, with `address` (namespace/type) at
// the default registries of both tools.
std::string ReattachConfig(absl::string_view address, int pid,
                           absl::string_view socket_path);

}  // namespace plugin
