// What core proposes for a change of a managed resource.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "provider/cty/value.h"
#include "provider/tf/schema.h"

namespace support {

// Configured values, else prior ones where computed; in nested attributes part
// by part.
inline cty::Value Proposed(const tf::Schema& schema, const cty::Value& prior,
                           const cty::Value& config) {
  if (!prior.IsKnown() || !config.IsKnown()) return config;
  std::map<std::string, cty::Value> fields = config.fields();
  for (const tf::Attribute& attribute : schema.attributes) {
    cty::Value& value = fields[attribute.name];
    const cty::Value& before = prior.At(attribute.name);
    if (value.IsNull() && attribute.computed()) {
      value = before;
    } else if (attribute.nested != nullptr &&
               attribute.nested->nesting == tf::Nesting::kSingle &&
               value.IsKnown() && before.IsKnown()) {
      std::map<std::string, cty::Value> parts = value.fields();
      for (const tf::Attribute& part : attribute.nested->attributes) {
        if (parts[part.name].IsNull() && part.computed()) {
          parts[part.name] = before.At(part.name);
        }
      }
      value = cty::Value::ObjectOf(attribute.type, std::move(parts));
    }
  }
  return cty::Value::ObjectOf(schema.ImpliedType(), std::move(fields));
}

}  // namespace support
