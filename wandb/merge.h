// The operator's merge of value trees, with the source of each leaf.
//
// As the operator does it: trees are folded from the strongest down; maps
// merge, lists append (the stronger tree's elements first), of two scalars the
// stronger wins, even if empty. Differing kinds make it fail, and a null that
// meets anything in another tree crashes it: those are clashes here.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/json.h"
#include "wandb/leaf_map.h"
#include "wandb/problem.h"

namespace wandb {

struct Clash {
  enum class Kind {
    kKinds,  // The operator fails with "type not match", without a path.
    kNull,   // The operator's manager panics, and again at each retry.
  };

  Kind kind;
  Path path;
  size_t upper;  // Index of the tree.
  size_t lower;
  // "map", "list", "string", "number", "bool", "null" or "unknown value".
  std::string upper_kind;
  std::string lower_kind;

  bool operator==(const Clash&) const = default;
};

// `clash` of two sources that are called so: path, both of them and what the
// operator does. No value, no advice.
Problem ProblemOf(const Clash& clash, absl::string_view upper,
                  absl::string_view lower);

// "map", "list", ... as in Clash.
absl::string_view KindName(const base::Json& value);

struct Merged {
  base::Json values = base::Json::object();
  // sources[i] is the index of the tree that the i-th leaf of `values`, in the
  // order of ForEachLeaf(), comes from. Empty where all trees are null.
  std::vector<size_t> sources;
  // All of them, by path within each map. Where there is one, `values` has what
  // the stronger tree says.
  std::vector<Clash> clashes;
};

// Merges `trees`, strongest first, in linear time. One that is null, in C++ or
// in JSON, is passed over.
//
// Unknowns: a leaf of known kind behaves as any scalar of that kind. A kShape
// swallows what it is merged with (the result there is kShape), except below a
// stronger scalar; the known trees around it are still checked against each
// other, and a null that meets it is a clash. So every leaf that the result
// shows is what the merge gives once all is known, if that merge succeeds.
Merged Merge(const std::vector<const base::Json*>& trees);
Merged Merge(absl::Span<const base::Json> trees);

}  // namespace wandb
