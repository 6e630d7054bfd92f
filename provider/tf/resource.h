// What a managed resource implements.
//
// Handlers get typed models and add diagnostics; they never see protobuf, wire
// bytes or Terraform's bookkeeping. Laws that core checks (protocol 6):
//   - Plan is a pure function of its call: core plans again inside apply, and
//     both plans must agree. Nothing fetched may end up in a planned value.
//   - Apply returns every known planned value unchanged, and leaves nothing
//     unknown.
//   - State is dropped by Read only when the object is certainly gone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/context.h"
#include "base/json.h"
#include "provider/cty/path.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/exceptions.h"
#include "provider/tf/plan.h"
#include "provider/tf/schema.h"
#include "provider/tf/stored_state.h"

namespace tf {

// The untyped calls: what provider/plugin passes. `config`, `prior`, `planned`
// and `state` are objects of the schema's implied type, null where absent.
// `private_data` is a JSON object of the resource's own that Terraform keeps
// beside the state; it goes in and comes out.
struct RawPlan {
  cty::Value config, prior, proposed;
  base::Json private_data;
  // Results.
  cty::Value planned;
  std::vector<cty::Path> requires_replace;
  Diagnostics diags;
};

struct RawApply {
  cty::Value config, prior, planned;
  base::Json private_data;
  // Result: null after a delete; prior or partial state with an error.
  cty::Value state;
  Diagnostics diags;
};

struct RawRead {
  cty::Value state;
  base::Json private_data;
  // `state` becomes null when the object is gone.
  Diagnostics diags;
};

struct RawImport {
  std::string id;                               // Empty when by identity.
  std::map<std::string, std::string> identity;  // Empty when by id.
  cty::Value state;
  base::Json private_data;
  Diagnostics diags;
};

// A move from another resource type, of this or of another provider.
struct RawMove {
  std::string provider_address;  // Of the source, with its registry's host.
  std::string type_name;         // Of the source.
  int64_t schema_version = 0;    // Of the source.
  base::Json source_state;       // As stored; an object.
  base::Json source_private;     // Empty where it is not an object.
  // Results. `state` stays null where this source is not supported.
  cty::Value state;
  base::Json private_data;
  Diagnostics diags;
};

// An attribute of the resource's identity; state has one of the same name.
struct IdentityAttribute {
  std::string name;
  bool required_for_import = true;
  std::string doc;
};

// Thread-safe: one object serves all calls.
class Resource {
 public:
  virtual ~Resource() = default;

  virtual const std::string& type_name() const = 0;
  virtual const Schema& schema() const = 0;
  // The identity schema (version 0); empty: none. All are strings.
  virtual std::vector<IdentityAttribute> identity() const { return {}; }
  // From each earlier version of the schema whose state is still read.
  virtual std::vector<StateUpgrade> upgrades() const { return {}; }

  virtual void Validate(const cty::Value& config, Diagnostics& diags) const = 0;
  virtual void Plan(const base::Context& ctx, RawPlan& call) const = 0;
  virtual void Apply(const base::Context& ctx, RawApply& call) const = 0;
  virtual void Read(const base::Context& ctx, RawRead& call) const = 0;
  virtual void Import(const base::Context& ctx, RawImport& call) const = 0;
  // Core reads the object right afterwards. By default no source is supported.
  virtual void Move(const base::Context&, RawMove&) const {}
};

template <typename M>
struct PlanCall {
  const M config;
  const std::optional<M> prior;  // None for a create.
  M planned;                     // Proposed, with defaults.
  // Whether `planned` as given differs from `prior` (always for a create).
  const bool changed = false;
  base::Json private_data;
  Diagnostics diags;
};

// The plan of a destroy, or of the first half of a replacement that core plans
// anew before it deletes. There is nothing to plan; an error refuses it.
template <typename M>
struct PlanDestroyCall {
  const M state;
  const base::Json private_data;  // Empty if core keeps none (tainted).
  Diagnostics diags;
};

template <typename M>
struct ApplyCall {
  const M config;                // For write-only attributes only.
  const std::optional<M> prior;  // None for a create.
  const M planned;
  base::Json private_data;
  // Set it before the next remote call as soon as an object exists: an error
  // keeps it. Required for success.
  std::optional<M> saved;
  Diagnostics diags;
};

template <typename M>
struct DeleteCall {
  const M state;
  base::Json private_data;
  Diagnostics diags;
};

template <typename M>
struct ReadCall {
  M state;
  bool gone = false;
  base::Json private_data;
  Diagnostics diags;
};

template <typename M>
struct ImportCall {
  const std::string id;
  const std::map<std::string, std::string> identity;
  M state;
  base::Json private_data;
  Diagnostics diags;
};

// A resource over model M: implement the typed handlers below.
template <Model M>
class TypedResource : public Resource {
 public:
  TypedResource(std::string type_name, int version, absl::string_view doc)
      : type_name_(std::move(type_name)), schema_(SchemaOf<M>(version, doc)) {}

  const std::string& type_name() const final { return type_name_; }
  const Schema& schema() const final { return schema_; }

  void Validate(const cty::Value& config, Diagnostics& diags) const final {
    CheckConfig(Codec<M>::Decode(config), diags);
  }
  void Plan(const base::Context& ctx, RawPlan& call) const final;
  void Apply(const base::Context& ctx, RawApply& call) const final;
  void Read(const base::Context& ctx, RawRead& call) const final;
  void Import(const base::Context& ctx, RawImport& call) const final;

 protected:
  // Rules that involve several attributes. Any of them may be unknown.
  virtual void CheckConfig(const M&, Diagnostics&) const {}
  // Sets the planned values that depend on configuration; see PlanCall.
  virtual void PlanChange(const base::Context& ctx,
                          PlanCall<M>& call) const = 0;
  // Refuses a destroy, or warns of what it does; by default it is fine.
  virtual void PlanDestroy(const base::Context&, PlanDestroyCall<M>&) const {}
  // Create or update.
  virtual void ApplyChange(const base::Context& ctx,
                           ApplyCall<M>& call) const = 0;
  // Deletes the object. Gone already is success; an error keeps the state.
  virtual void Delete(const base::Context& ctx, DeleteCall<M>& call) const = 0;
  virtual void Refresh(const base::Context& ctx, ReadCall<M>& call) const = 0;
  // Fills what Refresh() needs. Core reads right afterwards.
  virtual void ImportState(const base::Context& ctx,
                           ImportCall<M>& call) const = 0;

 private:
  // Runs a part of Apply() so that what it saved survives an exception.
  void Guarded(Diagnostics& diags, const std::function<void()>& part) const {
    const absl::Status status = EndExceptions([&part] {
      part();
      return absl::OkStatus();
    });
    if (status.ok()) return;
    diags.AddError(absl::StrCat("Cannot apply ", type_name_),
                   FailureText(status));
  }

  const std::string type_name_;
  const Schema schema_;
};

template <Model M>
void TypedResource<M>::Plan(const base::Context& ctx, RawPlan& call) const {
  std::optional<M> prior;
  if (call.prior.IsKnown()) prior = Codec<M>::Decode(call.prior);
  if (call.proposed.IsNull()) {
    call.planned = call.proposed;
    if (!prior.has_value()) return;
    PlanDestroyCall<M> typed{.state = *std::move(prior),
                             .private_data = call.private_data};
    PlanDestroy(ctx, typed);
    call.diags.Append(typed.diags);
    return;
  }
  const cty::Value offered = WithDefaults(schema_, call.config, call.proposed);
  const M before = Codec<M>::Decode(offered);
  PlanCall<M> typed{.config = Codec<M>::Decode(call.config),
                    .prior = std::move(prior),
                    .planned = before,
                    .changed = !(offered == call.prior),
                    .private_data = std::move(call.private_data)};
  PlanChange(ctx, typed);
  call.private_data = std::move(typed.private_data);
  call.diags.Append(typed.diags);
  call.planned = Overlay(offered, before, typed.planned);
  if (call.planned == call.prior) return;
  call.planned = MarkComputedUnknown(schema_, call.config, call.prior, offered,
                                     call.planned);
  call.requires_replace = RequiresReplace(schema_, call.prior, call.planned);
}

template <Model M>
void TypedResource<M>::Apply(const base::Context& ctx, RawApply& call) const {
  if (call.planned.IsNull()) {
    DeleteCall<M> typed{.state = Codec<M>::Decode(call.prior),
                        .private_data = std::move(call.private_data)};
    Guarded(typed.diags, [&] { Delete(ctx, typed); });
    call.diags.Append(typed.diags);
    call.private_data = std::move(typed.private_data);
    call.state = typed.diags.HasError() ? call.prior : call.planned;
    return;
  }
  std::optional<M> prior;
  if (call.prior.IsKnown()) prior = Codec<M>::Decode(call.prior);
  const M planned = Codec<M>::Decode(call.planned);
  ApplyCall<M> typed{.config = Codec<M>::Decode(call.config),
                     .prior = std::move(prior),
                     .planned = planned,
                     .private_data = std::move(call.private_data)};
  Guarded(typed.diags, [&] { ApplyChange(ctx, typed); });
  call.diags.Append(typed.diags);
  call.private_data = std::move(typed.private_data);
  call.state = call.prior;
  if (typed.saved.has_value()) {
    call.state = Overlay(call.planned, planned, *typed.saved);
    if (call.diags.HasError()) call.state = UnknownsAsNull(call.state);
  } else if (!call.diags.HasError()) {
    call.diags.AddError("Apply returned no state",
                        "This is a bug in the provider: please report it.");
  }
}

template <Model M>
void TypedResource<M>::Read(const base::Context& ctx, RawRead& call) const {
  const M before = Codec<M>::Decode(call.state);
  ReadCall<M> typed{.state = before,
                    .private_data = std::move(call.private_data)};
  Refresh(ctx, typed);
  call.diags.Append(typed.diags);
  call.private_data = std::move(typed.private_data);
  call.state = typed.gone ? cty::Value::Null(call.state.type())
                          : Overlay(call.state, before, typed.state);
}

template <Model M>
void TypedResource<M>::Import(const base::Context& ctx, RawImport& call) const {
  // Defaults are what the configuration will have, unless it says otherwise.
  const cty::Value empty =
      FillAbsent(schema_, cty::Value::ObjectOf(schema_.ImpliedType(), {}),
                 base::Json::object());
  const M before = Codec<M>::Decode(empty);
  ImportCall<M> typed{.id = call.id,
                      .identity = call.identity,
                      .state = before,
                      .private_data = base::Json::object()};
  ImportState(ctx, typed);
  call.diags.Append(typed.diags);
  call.private_data = std::move(typed.private_data);
  call.state = Overlay(empty, before, typed.state);
}

}  // namespace tf
