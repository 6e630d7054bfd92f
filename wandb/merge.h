// The operator's merge of specification layers, with the origin of each leaf.
//
// As the operator does it: layers are folded from the strongest down; maps
// merge, lists append (the stronger layer's elements first), of two scalars the
// stronger wins, even if empty. Differing kinds make it fail, and a null that
// meets anything in another layer crashes it: those are problems here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/leaf_map.h"

namespace wandb {

// Where a leaf comes from, strongest first.
enum class Origin {
  kCustomResource,
  kOtherManager,  // Of the custom resource, too.
  kUserInput,
  kReleaseChannel,
  kOperatorDefault,
};

// "custom_resource", "other_manager", "user_input", "release_channel",
// "operator_default".
absl::string_view OriginName(Origin origin);

struct Layer {
  Origin origin;
  const base::Json* values;  // Null, or JSON null: the layer has no values.
};

struct MergeProblem {
  enum class Kind {
    kKindClash,  // The operator fails with "type not match", without a path.
    kNullClash,  // The operator's manager panics, and again at each retry.
  };

  Kind kind;
  Path path;
  Origin upper;
  Origin lower;
  // "map", "list", "string", "number", "bool", "null" or "unknown value".
  std::string upper_kind;
  std::string lower_kind;

  bool operator==(const MergeProblem&) const = default;
};

// One sentence: path, both sources and what the operator does. No value.
std::string Describe(const MergeProblem& problem);

// "map", "list", ... as in MergeProblem.
absl::string_view KindName(const base::Json& value);

struct Merged {
  base::Json values = base::Json::object();
  // origins[i] belongs to the i-th leaf of `values`, in the order of
  // ForEachLeaf().
  std::vector<Origin> origins;
  // All of them, by path within each map. Where there is one, `values` has what
  // the stronger layer says.
  std::vector<MergeProblem> problems;
};

// Merges `layers`, strongest first, in linear time.
//
// Unknowns: a leaf of known kind behaves as any scalar of that kind. A kShape
// swallows what it is merged with (the result there is kShape), except below a
// stronger scalar; the known layers around it are still checked against each
// other, and a null that meets it is a problem. So every leaf that the result
// shows is what the merge gives once all is known, if that merge succeeds.
Merged Merge(const std::vector<Layer>& layers);

// FormatPath(leaf) -> origin.
std::map<std::string, Origin> OriginMap(const base::Json& values,
                                        const std::vector<Origin>& origins);

}  // namespace wandb
