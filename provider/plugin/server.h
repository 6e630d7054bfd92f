// Runs a provider as a Terraform plugin: go-plugin handshake, AutoMTLS, gRPC
// services of protocol 6, orderly end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "provider/tf/provider.h"

namespace plugin {

struct Program {
  // Namespace and type, for example "hashicorp/random". All else that bears a
  // name is called after the type: the program itself (which clients want to be
  // terraform-provider-<type>), its log variable, its socket's folder.
  std::string address;
  std::string version;   // Without "v".
  std::string commands;  // What else it understands, for the usage text.

  std::string type() const;  // "random"
  std::string name() const;  // "terraform-provider-random"
};

// The whole of main(), given its arguments without the program's name. Answers
// -version, refuses what it does not know with exit status 2, else serves what
// `make` makes until the client says Shutdown or is gone (with -debug, where
// there is no handshake but a line for TF_REATTACH_PROVIDERS, until SIGINT or
// SIGTERM), then ends running calls and is done within 5 s. The contexts that
// handlers get are stopped by StopProvider and armed again by
// ConfigureProvider. Returns the process's exit status; what went wrong is on
// stderr. Call it once.
int Main(const Program& program, const std::vector<std::string>& arguments,
         const std::function<std::unique_ptr<tf::Provider>()>& make);

}  // namespace plugin
