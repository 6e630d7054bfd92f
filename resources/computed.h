// What attributes have in common that only the provider sets.
#pragma once

#include <string>
#include <utility>

#include "base/never_destroyed.h"
#include "provider/cty/type.h"
#include "provider/tf/schema.h"

namespace resources {

inline tf::AttributeSpec Shown(std::string doc) {
  return {.use = tf::Use::kComputed, .doc = std::move(doc)};
}

// Of attributes that are bound as cty::Value: a map whose values may be null.
inline const cty::Type& MapOfStrings() {
  static const base::NeverDestroyed<cty::Type> kMap(
      cty::Type::Map(cty::Type::String()));
  return *kMap;
}

}  // namespace resources
