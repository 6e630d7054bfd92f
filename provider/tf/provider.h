// A whole provider, as the plugin server sees it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/context.h"
#include "provider/tf/data_source.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/function.h"
#include "provider/tf/resource.h"
#include "provider/tf/schema.h"

namespace tf {

// What a provider offers. A new kind of thing is a member here and a file in
// provider/plugin/services.
struct Parts {
  std::vector<std::unique_ptr<Resource>> resources;
  std::vector<std::unique_ptr<DataSource>> data_sources;
  // Opened as a data source is read; the client keeps nothing of the result.
  std::vector<std::unique_ptr<DataSource>> ephemeral_resources;
  std::vector<Function> functions;
};

struct ConfigureCall {
  cty::Value config;              // May hold unknowns during a plan.
  std::string terraform_version;  // OpenTofu sends a version of Terraform's.
  Diagnostics diags;
};

// Thread-safe. Configure() may come again at any time (debug mode serves many
// runs) and replaces what was configured.
class Provider {
 public:
  virtual ~Provider() = default;

  virtual const Schema& schema() const = 0;
  // No network, no configuration; anything may be unknown.
  virtual void Validate(const cty::Value& config, Diagnostics& diags) const = 0;
  virtual void Configure(const base::Context& ctx, ConfigureCall& call) = 0;
  // Whether the configuration depends on values that are not known yet.
  virtual bool ConfigUnknown() const = 0;

  // Called before each apply: what a plan gives up soon is worth waiting for.
  virtual void NoteApply() {}

  // Warnings that belong to no object (about the connection, for example) since
  // the last time; each is given once. Asked for at the end of each call.
  virtual Diagnostics TakeWarnings() { return {}; }

  // `text`, which is about to leave in a diagnostic, without the secrets that
  // the provider knows. For what it knows to be foreign it does more by itself.
  virtual std::string Hide(absl::string_view text) const {
    return std::string(text);
  }

  // The same each time.
  virtual const Parts& parts() const = 0;
};

// A provider that needs no configuration.
std::unique_ptr<Provider> NewProvider(Parts parts);

}  // namespace tf
