// The provider's own merge: from the sources in a configuration to the
// `spec.values` of the custom resource.
//
// `values_yaml` < `values` < `sensitive_values` < typed settings. Maps merge;
// everything else, null included, is replaced by the stronger source.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/leaf_map.h"
#include "wandb/problem.h"

namespace wandb {

// An attribute of its own for one path of spec.values.
struct TypedSetting {
  std::string attribute;  // "license".
  Path path;              // global.license
  base::Json value;       // Null: not set.
};

// Null everywhere means: not given.
struct ValueSources {
  std::vector<base::Json> values_yaml;  // Parsed; later ones are stronger.
  base::Json values;
  base::Json sensitive_values;
  std::vector<TypedSetting> typed;
};

// Who wrote each leaf of a tree.
class LeafSources {
 public:
  LeafSources() = default;
  // `of_leaf[i]` is the index in `sources`, weakest first, of the source of the
  // tree's i-th leaf in the order of ForEachLeaf().
  LeafSources(std::vector<Source> sources, std::vector<size_t> of_leaf);

  // Whether more than one wrote it.
  bool AreSeveral() const;
  // Gives each of `problems` without a source the strongest that wrote
  // something at or below its path of `values`, which is the tree that this was
  // made for; one about the whole, or where none did, stays without. Several
  // members of one setting are that setting.
  void NameIn(const base::Json& values, std::vector<Problem>& problems) const;

 private:
  // Of the leaves from `first` to `end`: the source `strongest`, or the setting
  // that it and others are members of.
  Source Group(size_t first, size_t end, size_t strongest) const;

  std::vector<Source> sources_;
  std::vector<size_t> of_leaf_;
};

struct ConfiguredValues {
  // Null when no source gives anything.
  base::Json values;
  LeafSources sources;  // Of `values`.
  // Every leaf that `sensitive_values` holds, for Mask.
  std::vector<Path> sensitive;
  std::vector<Problem> problems;
};

// Merges `sources`. Problems: a source that isn't an object ("no-map"); a typed
// setting beside a different value at its path in `values` or
// `sensitive_values` ("set-twice"); the first integers that the operator, which
// reads numbers as doubles, would change ("unsafe-integer"). What is unknown is
// no problem; a kShape makes its surroundings kShape where they depend on it.
ConfiguredValues MergeConfiguredValues(const ValueSources& sources);

// The paths of the numbers in `values` that a double can't hold.
std::vector<Path> UnsafeIntegers(const base::Json& values);

}  // namespace wandb
