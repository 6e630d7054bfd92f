// The provider's own merge: from the sources in a configuration to the
// `spec.values` of the custom resource.
//
// `values_yaml` < `values` < `sensitive_values` < typed settings. Maps merge;
// everything else, null included, is replaced by the stronger source.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/leaf_map.h"

namespace wandb {

// An attribute of its own for one path of spec.values.
struct TypedSetting {
  std::string attribute;  // "license".
  Path path;              // global.license
  base::Json value;       // Null: not set.
};

// The setting of `attribute` with `value`. The path comes from the one table of
// settings (SettingPath()); an attribute that isn't there is a bug.
TypedSetting MakeTypedSetting(absl::string_view attribute, base::Json value);

// Null everywhere means: not given.
struct ValueSources {
  std::vector<base::Json> values_yaml;  // Parsed; later ones are stronger.
  base::Json values;
  base::Json sensitive_values;
  std::vector<TypedSetting> typed;
};

struct ValueProblem {
  std::string attribute;  // "values", "sensitive_values", "values_yaml" or the
                          // attribute of a typed setting.
  size_t document = 0;    // Of `values_yaml`.
  Path path;              // In spec.values.
  std::string message;    // Whole, with path and next step, without values.
};

struct ConfiguredValues {
  // Null when no source gives anything.
  base::Json values;
  // Every leaf that `sensitive_values` holds, for Mask.
  std::vector<Path> sensitive;
  std::vector<ValueProblem> problems;
};

// Merges `sources`. Problems: a source that isn't an object; a typed setting
// beside a different value at its path in `values` or `sensitive_values`; the
// first integers that the operator, which reads numbers as doubles, would
// change. What
// is unknown is no problem; a kShape makes its surroundings kShape where they
// depend on it.
ConfiguredValues MergeConfiguredValues(const ValueSources& sources);

// The paths of the numbers in `values` that a double can't hold.
std::vector<Path> UnsafeIntegers(const base::Json& values);

}  // namespace wandb
