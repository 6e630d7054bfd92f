// Runs a provider as a Terraform plugin: go-plugin handshake, AutoMTLS, gRPC
// services of protocol 6, orderly end.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/context.h"
#include "provider/tf/provider.h"

namespace plugin {

struct ServeOptions {
  std::string name;     // "terraform-provider-wandb", for messages.
  std::string version;  // Without "v".
  std::string address;  // "wandb/wandb", for TF_REATTACH_PROVIDERS.
  // -debug: no handshake; prints TF_REATTACH_PROVIDERS and serves until SIGINT.
  bool debug = false;
};

// Serves until the client says Shutdown or is gone (with `debug` until SIGINT
// or SIGTERM), then ends running calls and is done within 5 s. The contexts
// that handlers get are stopped by StopProvider and armed again by
// ConfigureProvider. Returns the process's exit status; what went wrong is on
// stderr. Call it once, from main().
int Serve(const ServeOptions& options, std::unique_ptr<tf::Provider> provider);

}  // namespace plugin
