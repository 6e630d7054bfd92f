#include "provider/tf/stored_state.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "provider/cty/codec.h"

namespace tf {
namespace {

cty::Value FillObject(const std::vector<Attribute>& attributes,
                      const cty::Value& state, const base::Json& stored);

// The objects of a nested attribute that is there. Its shape is that of
// `stored`, which it was decoded from.
cty::Value FillNested(const NestedObject& nested, const cty::Value& state,
                      const base::Json& stored) {
  const std::vector<Attribute>& parts = nested.attributes;
  switch (nested.nesting) {
    case Nesting::kSingle:
      return FillObject(parts, state, stored);
    case Nesting::kList: {
      std::vector<cty::Value> out;
      for (size_t i = 0; i < state.elements().size(); ++i) {
        out.push_back(FillObject(parts, state.elements()[i], stored.at(i)));
      }
      return cty::Value::List(state.type().element(), std::move(out));
    }
    case Nesting::kMap: {
      std::map<std::string, cty::Value> out;
      for (const auto& [key, item] : stored.items()) {
        // Keys of the value are in NFC, those of the document as written.
        const std::string name = cty::Value::String(key).AsString();
        out[name] = FillObject(parts, state.At(name), item);
      }
      return cty::Value::Map(state.type().element(), std::move(out));
    }
  }
  return state;
}

cty::Value FillObject(const std::vector<Attribute>& attributes,
                      const cty::Value& state, const base::Json& stored) {
  if (!state.IsKnown()) return state;
  std::map<std::string, cty::Value> out = state.fields();
  for (const Attribute& attribute : attributes) {
    if (attribute.spec.use == Use::kComputed) continue;
    cty::Value& value = out[attribute.name];
    const auto it = stored.find(attribute.name);
    if (it == stored.end()) {
      value = attribute.spec.fallback.value_or(value);
    } else if (attribute.nested != nullptr && value.IsKnown()) {
      value = FillNested(*attribute.nested, value, *it);
    }
  }
  return cty::Value::ObjectOf(state.type(), std::move(out));
}

absl::StatusOr<cty::Value> Decode(const Schema& schema,
                                  absl::string_view json) {
  ASSIGN_OR_RETURN(const cty::Value state,
                   cty::DecodeJson(json, schema.ImpliedType(),
                                   {.ignore_unknown_attributes = true}));
  ASSIGN_OR_RETURN(
      const base::Json stored,
      base::ParseJson(json, "stored state", {.depth = base::kMaxStateDepth}));
  return FillAbsent(schema, state, stored);
}

}  // namespace

cty::Value FillAbsent(const Schema& schema, const cty::Value& state,
                      const base::Json& stored) {
  return FillObject(schema.attributes, state, stored);
}

absl::StatusOr<cty::Value> ReadStoredState(
    const Schema& schema, const std::vector<StateUpgrade>& upgrades,
    int64_t version, absl::string_view json) {
  if (json.empty()) {
    return absl::FailedPreconditionError(
        "state of Terraform 0.11 or older cannot be read");
  }
  if (version == schema.version) return Decode(schema, json);
  if (version > schema.version) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the state was written by a newer version of this provider (its schema "
        "has version ",
        version, ", this provider's ", schema.version,
        "). Use that version of the provider, or a later one"));
  }
  const auto found = std::find_if(
      upgrades.begin(), upgrades.end(),
      [&](const StateUpgrade& each) { return each.from.version == version; });
  if (found == upgrades.end()) {
    return absl::FailedPreconditionError(
        absl::StrCat("state of schema version ", version,
                     " cannot be upgraded to version ", schema.version));
  }
  ASSIGN_OR_RETURN(const cty::Value state, Decode(found->from, json));
  return found->upgrade(state);
}

}  // namespace tf
