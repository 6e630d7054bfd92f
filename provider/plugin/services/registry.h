// What the services of all kinds of things share: the provider, its parts by
// name, and how a call is answered.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/context.h"
#include "proto/tfplugin6.grpc.pb.h"
#include "provider/plugin/services/convert.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/provider.h"
#include "provider/tf/schema.h"

namespace plugin {

// By their type names.
template <typename Part>
using ByName = std::map<std::string, const Part*>;

template <typename Part>
ByName<Part> NamedParts(const std::vector<std::unique_ptr<Part>>& parts) {
  ByName<Part> out;
  for (const auto& part : parts) out[part->type_name()] = part.get();
  return out;
}

// Answers a call with one error.
template <typename Response>
grpc::Status Refuse(Response* response, absl::string_view summary,
                    absl::string_view detail) {
  tf::Diagnostics diags;
  diags.AddError(summary, detail);
  ToDiagnostics(diags, nullptr, response->mutable_diagnostics());
  return grpc::Status::OK;
}

// "This provider has no <kind> "<name>"" and what to do.
std::string NoSuch(absl::string_view kind, absl::string_view name);

// Answers a call about something that the provider does not have.
template <typename Response>
grpc::Status RefuseUnknown(Response* response, absl::string_view kind,
                           absl::string_view name) {
  return Refuse(response, absl::StrCat("Unknown ", kind), NoSuch(kind, name));
}

class Kind;

// Thread-safe once all kinds have joined.
class Registry {
 public:
  // Both arguments outlive it.
  Registry(tf::Provider& provider, base::StopSource& stop);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  tf::Provider& provider() const { return provider_; }
  base::StopSource& stop() const { return stop_; }
  const HideText& hide() const { return hide_; }
  // Here, since more than one kind of call is about them.
  const ByName<tf::Resource>& resources() const { return resources_; }

  // In the order in which they joined.
  const std::vector<const Kind*>& kinds() const { return kinds_; }
  void Add(const Kind& kind) { kinds_.push_back(&kind); }

  using Body = std::function<absl::Status(tf::Diagnostics& diags)>;

  // Runs `body`, and answers with diagnostics: those that it adds, what it
  // returns or throws, and the provider's warnings. `schema` is of what the
  // call is about; `type_name` its name, for the log.
  template <typename Response>
  grpc::Status Run(absl::string_view rpc, const std::string& type_name,
                   const tf::Schema& schema, Response* response,
                   const Body& body) const {
    const tf::Diagnostics diags = Outcome(rpc, type_name, schema, body);
    ToDiagnostics(diags, hide_, response->mutable_diagnostics());
    return grpc::Status::OK;
  }

  // The same for a managed resource, if there is one of that name. `body` gets
  // it, its implied type and the diagnostics.
  template <typename Response, typename ResourceBody>
  grpc::Status RunResource(absl::string_view rpc, const std::string& type_name,
                           Response* response, const ResourceBody& body) const {
    const auto it = resources_.find(type_name);
    if (it == resources_.end()) {
      return RefuseUnknown(response, "resource type", type_name);
    }
    const tf::Resource& resource = *it->second;
    return Run(rpc, type_name, resource.schema(), response,
               [&](tf::Diagnostics& diags) {
                 return body(resource, resource.schema().ImpliedType(), diags);
               });
  }

 private:
  // What a call came to; see Run(). Logs it.
  tf::Diagnostics Outcome(absl::string_view rpc, const std::string& type_name,
                          const tf::Schema& schema, const Body& body) const;

  tf::Provider& provider_;
  base::StopSource& stop_;
  const HideText hide_;
  const ByName<tf::Resource> resources_;
  std::vector<const Kind*> kinds_;
};

// The calls about one kind of thing. Each kind overrides its own calls of the
// one service, which is why all derive from that virtually; provider_service.cc
// puts them together.
class Kind : public virtual tfplugin6::Provider::Service {
 public:
  // Joins `registry`, which outlives it.
  explicit Kind(Registry& registry) : registry_(registry) {
    registry.Add(*this);
  }

  // Adds what the provider has of this kind: the names, or the schemas.
  virtual void Describe(tfplugin6::GetMetadata::Response*) const {}
  virtual void Describe(tfplugin6::GetProviderSchema::Response*) const {}

 protected:
  const Registry& registry_;
};

}  // namespace plugin
