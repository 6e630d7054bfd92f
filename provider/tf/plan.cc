#include "provider/tf/plan.h"

#include <map>
#include <string>
#include <utility>

#include "base/never_destroyed.h"

namespace tf {
namespace {

using Fields = std::map<std::string, cty::Value>;

// Rebuilds a nested value from its objects. `transform` gets the matching parts
// of `guides` (null when there is none).
template <typename Transform>
cty::Value MapObjects(const NestedObject& nested, const cty::Value& value,
                      const std::vector<const cty::Value*>& guides,
                      const Transform& transform) {
  static const base::NeverDestroyed<cty::Value> kNone;
  const auto parts = [&](const auto& pick) {
    std::vector<const cty::Value*> out;
    for (const cty::Value* guide : guides) {
      const cty::Value* part = guide->IsKnown() ? pick(*guide) : nullptr;
      out.push_back(part == nullptr ? &*kNone : part);
    }
    return out;
  };
  if (!value.IsKnown()) return value;
  if (nested.nesting == Nesting::kSingle) return transform(value, guides);
  if (nested.nesting == Nesting::kList) {
    std::vector<cty::Value> out;
    for (size_t i = 0; i < value.elements().size(); ++i) {
      const auto at = [i](const cty::Value& guide) {
        return i < guide.elements().size() ? &guide.elements()[i] : nullptr;
      };
      out.push_back(transform(value.elements()[i], parts(at)));
    }
    return cty::Value::List(value.type().element(), std::move(out));
  }
  Fields out;
  for (const auto& [key, item] : value.fields()) {
    const auto at = [&key = key](const cty::Value& guide) {
      auto it = guide.fields().find(key);
      return it == guide.fields().end() ? nullptr : &it->second;
    };
    out[key] = transform(item, parts(at));
  }
  return cty::Value::Map(value.type().element(), std::move(out));
}

cty::Value DefaultsOf(const std::vector<Attribute>& attributes,
                      const cty::Value& config, const cty::Value& proposed) {
  if (!proposed.IsKnown() || !config.IsKnown()) return proposed;
  Fields out = proposed.fields();
  for (const Attribute& attribute : attributes) {
    cty::Value& planned = out[attribute.name];
    const cty::Value& configured = config.At(attribute.name);
    if (attribute.spec.write_only) {
      planned = cty::Value::Null(attribute.type);
    } else if (configured.IsNull()) {
      planned = attribute.spec.fallback.value_or(planned);
    } else if (attribute.nested != nullptr) {
      planned = MapObjects(*attribute.nested, planned, {&configured},
                           [&](const cty::Value& item,
                               const std::vector<const cty::Value*>& guides) {
                             return DefaultsOf(attribute.nested->attributes,
                                               *guides[0], item);
                           });
    }
  }
  return cty::Value::ObjectOf(proposed.type(), std::move(out));
}

cty::Value MarkIn(const std::vector<Attribute>& attributes,
                  const cty::Value& config, const cty::Value& prior,
                  const cty::Value& proposed, const cty::Value& planned) {
  if (!planned.IsKnown() || !config.IsKnown()) return planned;
  Fields out = planned.fields();
  for (const Attribute& attribute : attributes) {
    cty::Value& value = out[attribute.name];
    const cty::Value& configured = config.At(attribute.name);
    static const base::NeverDestroyed<cty::Value> kNull;
    const cty::Value& before =
        prior.IsKnown() ? prior.At(attribute.name) : *kNull;
    const cty::Value& offered =
        proposed.IsKnown() ? proposed.At(attribute.name) : *kNull;
    if (configured.IsNull()) {
      const bool decided = attribute.spec.planned_by_resource ||
                           attribute.spec.fallback.has_value() ||
                           !(value == offered);
      if (!attribute.computed() || decided) continue;
      const bool keep = attribute.spec.keep_on_update && prior.IsKnown();
      value = keep ? before : cty::Value::Unknown(attribute.type);
    } else if (attribute.nested != nullptr) {
      value =
          MapObjects(*attribute.nested, value, {&configured, &before, &offered},
                     [&](const cty::Value& item,
                         const std::vector<const cty::Value*>& guides) {
                       return MarkIn(attribute.nested->attributes, *guides[0],
                                     *guides[1], *guides[2], item);
                     });
    }
  }
  return cty::Value::ObjectOf(planned.type(), std::move(out));
}

void CollectReplacements(const std::vector<Attribute>& attributes,
                         const cty::Value& prior, const cty::Value& planned,
                         const cty::Path& parent,
                         std::vector<cty::Path>& paths);

// The same for the objects of a nested attribute that is known in both. What
// vanishes is no reason: what a schema declares, it declares of objects.
void CollectInObjects(const NestedObject& nested, const cty::Value& prior,
                      const cty::Value& planned, const cty::Path& path,
                      std::vector<cty::Path>& paths) {
  const auto compare = [&](const cty::Value* before, const cty::Value& after,
                           const cty::Path& at) {
    if (!after.IsKnown()) return;
    const cty::Value none = cty::Value::ObjectOf(after.type(), {});
    const bool had = before != nullptr && before->IsKnown();
    CollectReplacements(nested.attributes, had ? *before : none, after, at,
                        paths);
  };
  switch (nested.nesting) {
    case Nesting::kSingle:
      compare(&prior, planned, path);
      return;
    case Nesting::kList:
      for (size_t i = 0; i < planned.elements().size(); ++i) {
        const bool had = i < prior.elements().size();
        compare(had ? &prior.elements()[i] : nullptr, planned.elements()[i],
                path.Index(static_cast<int64_t>(i)));
      }
      return;
    case Nesting::kMap:
      for (const auto& [key, item] : planned.fields()) {
        const auto old = prior.fields().find(key);
        compare(old == prior.fields().end() ? nullptr : &old->second, item,
                path.Key(key));
      }
  }
}

void CollectReplacements(const std::vector<Attribute>& attributes,
                         const cty::Value& prior, const cty::Value& planned,
                         const cty::Path& parent,
                         std::vector<cty::Path>& paths) {
  for (const Attribute& attribute : attributes) {
    const cty::Value& before = prior.At(attribute.name);
    const cty::Value& after = planned.At(attribute.name);
    if (before == after) continue;
    const cty::Path path = parent.Attribute(attribute.name);
    if (attribute.spec.replace_on_change) {
      paths.push_back(path);
    } else if (attribute.nested != nullptr && before.IsKnown() &&
               after.IsKnown()) {
      CollectInObjects(*attribute.nested, before, after, path, paths);
    }
  }
}

}  // namespace

cty::Value WithDefaults(const Schema& schema, const cty::Value& config,
                        const cty::Value& proposed) {
  return DefaultsOf(schema.attributes, config, proposed);
}

cty::Value MarkComputedUnknown(const Schema& schema, const cty::Value& config,
                               const cty::Value& prior,
                               const cty::Value& proposed,
                               const cty::Value& planned) {
  return MarkIn(schema.attributes, config, prior, proposed, planned);
}

std::vector<cty::Path> RequiresReplace(const Schema& schema,
                                       const cty::Value& prior,
                                       const cty::Value& planned) {
  std::vector<cty::Path> paths;
  if (prior.IsKnown() && planned.IsKnown()) {
    CollectReplacements(schema.attributes, prior, planned, cty::Path(), paths);
  }
  return paths;
}

cty::Value UnknownsAsNull(const cty::Value& value) {
  if (value.IsUnknown()) return cty::Value::Null(value.type());
  if (value.IsNull() || value.IsWhollyKnown()) return value;
  switch (value.type().kind()) {
    case cty::Type::Kind::kObject:
    case cty::Type::Kind::kMap: {
      Fields out;
      for (const auto& [key, item] : value.fields()) {
        out[key] = UnknownsAsNull(item);
      }
      return value.type().kind() == cty::Type::Kind::kMap
                 ? cty::Value::Map(value.type().element(), std::move(out))
                 : cty::Value::ObjectOf(value.type(), std::move(out));
    }
    default: {
      std::vector<cty::Value> out;
      for (const cty::Value& item : value.elements()) {
        out.push_back(UnknownsAsNull(item));
      }
      if (value.type().kind() == cty::Type::Kind::kList) {
        return cty::Value::List(value.type().element(), std::move(out));
      }
      if (value.type().kind() == cty::Type::Kind::kSet) {
        return cty::Value::Set(value.type().element(), std::move(out));
      }
      return cty::Value::Tuple(std::move(out));
    }
  }
}

}  // namespace tf
