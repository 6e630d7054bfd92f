#include "provider/tf/core_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"

namespace tf {
namespace {

using Faults = std::vector<std::string>;

void Report(Faults& faults, const cty::Path& path, absl::string_view what) {
  faults.push_back(absl::StrCat(path.ToString(), ": ", what));
}

void PlanObject(const std::vector<Attribute>& attributes,
                const cty::Value& prior, const cty::Value& config,
                const cty::Value& planned, const cty::Path& parent,
                Faults& faults);

const cty::Value& PartOf(const cty::Value& value, const std::string& name) {
  static const base::NeverDestroyed<cty::Value> kNull;
  return value.IsKnown() ? value.At(name) : *kNull;
}

void PlanNested(const NestedObject& nested, const cty::Value& prior,
                const cty::Value& config, const cty::Value& planned,
                const cty::Path& path, Faults& faults) {
  if (!planned.IsKnown()) {
    Report(faults, path, "nested attribute planned null or unknown");
    return;
  }
  static const base::NeverDestroyed<cty::Value> kNull;
  if (nested.nesting == Nesting::kSingle) {
    PlanObject(nested.attributes, prior, config, planned, path, faults);
  } else if (nested.nesting == Nesting::kList) {
    const auto& wanted = config.elements();
    if (planned.elements().size() != wanted.size()) {
      Report(faults, path, "count in plan disagrees with config");
      return;
    }
    for (size_t i = 0; i < wanted.size(); ++i) {
      const bool had = prior.IsKnown() && i < prior.elements().size();
      PlanObject(nested.attributes, had ? prior.elements()[i] : *kNull,
                 wanted[i], planned.elements()[i],
                 path.Index(static_cast<int64_t>(i)), faults);
    }
  } else {
    for (const auto& [key, item] : config.fields()) {
      if (planned.fields().count(key) == 0) {
        Report(faults, path.Key(key), "missing in plan");
        continue;
      }
      PlanObject(nested.attributes, PartOf(prior, key), item, planned.At(key),
                 path.Key(key), faults);
    }
    if (planned.fields().size() != config.fields().size()) {
      Report(faults, path, "keys in plan disagree with config");
    }
  }
}

void PlanAttribute(const Attribute& attribute, const cty::Value& prior,
                   const cty::Value& config, const cty::Value& planned,
                   const cty::Path& path, Faults& faults) {
  if (!cty::Conforms(planned.type(), attribute.type)) {
    Report(faults, path, "planned value has the wrong type");
  } else if (attribute.spec.write_only) {
    if (!planned.IsNull()) Report(faults, path, "write-only, but planned");
  } else if (planned == config ||
             (planned == prior && !prior.IsNull() && !config.IsNull()) ||
             attribute.spec.use == Use::kComputed ||
             (config.IsNull() && attribute.computed())) {
    return;
  } else if (config.IsNull()) {
    Report(faults, path, "planned value for a non-computed attribute");
  } else if (attribute.nested != nullptr && config.IsKnown()) {
    PlanNested(*attribute.nested, prior, config, planned, path, faults);
  } else {
    Report(faults, path, "planned value is neither config nor prior value");
  }
}

void PlanObject(const std::vector<Attribute>& attributes,
                const cty::Value& prior, const cty::Value& config,
                const cty::Value& planned, const cty::Path& parent,
                Faults& faults) {
  for (const Attribute& attribute : attributes) {
    PlanAttribute(attribute, PartOf(prior, attribute.name),
                  PartOf(config, attribute.name),
                  PartOf(planned, attribute.name),
                  parent.Attribute(attribute.name), faults);
  }
}

// Whether `actual` may follow `planned`. Both phases of core compare this way:
// known stays, unknown becomes anything of its type.
void Compatible(const cty::Value& planned, const cty::Value& actual,
                const cty::Path& path, Faults& faults) {
  if (planned.IsUnknown()) {
    if (!cty::Conforms(actual.type(), planned.type())) {
      Report(faults, path, "wrong type in place of an unknown");
    }
    return;
  }
  if (planned.IsNull() || actual.IsNull() || actual.IsUnknown()) {
    if (planned.IsNull() != actual.IsNull() || actual.IsUnknown()) {
      Report(faults, path, "was planned as another value");
    }
    return;
  }
  switch (planned.type().kind()) {
    case cty::Type::Kind::kObject:
    case cty::Type::Kind::kMap:
      if (planned.fields().size() != actual.fields().size()) {
        Report(faults, path, "elements appeared or vanished");
        return;
      }
      for (const auto& [name, item] : planned.fields()) {
        if (actual.fields().count(name) == 0) {
          Report(faults, path.Attribute(name), "vanished");
          continue;
        }
        Compatible(item, actual.At(name), path.Attribute(name), faults);
      }
      return;
    case cty::Type::Kind::kList:
    case cty::Type::Kind::kTuple:
      if (planned.elements().size() != actual.elements().size()) {
        Report(faults, path, "elements appeared or vanished");
        return;
      }
      for (size_t i = 0; i < planned.elements().size(); ++i) {
        Compatible(planned.elements()[i], actual.elements()[i],
                   path.Index(static_cast<int64_t>(i)), faults);
      }
      return;
    default:
      if (!(planned == actual)) {
        Report(faults, path, "was planned as another value");
      }
  }
}

}  // namespace

std::vector<std::string> PlanFaults(const Schema& schema,
                                    const cty::Value& prior,
                                    const cty::Value& config,
                                    const cty::Value& planned) {
  Faults faults;
  if (config.IsNull() != planned.IsNull()) {
    Report(faults, cty::Path(), "existence in plan disagrees with config");
    return faults;
  }
  if (!planned.IsKnown()) return faults;
  PlanObject(schema.attributes, prior, config, planned, cty::Path(), faults);
  for (const Block& block : schema.blocks) {
    const cty::Value& wanted = config.At(block.name);
    const cty::Value& got = planned.At(block.name);
    const cty::Path path(block.name);
    if (wanted == got) continue;
    if (wanted.IsKnown() != got.IsKnown()) {
      Report(faults, path, "block presence disagrees with config");
    } else {
      PlanObject(block.attributes, PartOf(prior, block.name), wanted, got, path,
                 faults);
    }
  }
  return faults;
}

std::vector<std::string> ApplyFaults(const Schema& schema,
                                     const cty::Value& planned,
                                     const cty::Value& state) {
  Faults faults;
  if (!cty::Conforms(state.type(), schema.ImpliedType())) {
    Report(faults, cty::Path(), "state has the wrong type");
    return faults;
  }
  if (!state.IsWhollyKnown()) {
    Report(faults, cty::Path(), "state has unknown values");
  }
  Compatible(planned, state, cty::Path(), faults);
  return faults;
}

std::vector<std::string> ReplanFaults(const cty::Value& earlier,
                                      const cty::Value& later) {
  Faults faults;
  // Unknown may stay unknown between plans.
  struct Walk {
    static void Compare(const cty::Value& a, const cty::Value& b,
                        const cty::Path& path, Faults& out) {
      if (a.IsUnknown() && b.IsUnknown()) return;
      if (a.IsKnown() && b.IsKnown() &&
          a.type().kind() == cty::Type::Kind::kObject &&
          a.fields().size() == b.fields().size()) {
        for (const auto& [name, item] : a.fields()) {
          Compare(item, b.At(name), path.Attribute(name), out);
        }
        return;
      }
      Compatible(a, b, path, out);
    }
  };
  Walk::Compare(earlier, later, cty::Path(), faults);
  return faults;
}

}  // namespace tf
