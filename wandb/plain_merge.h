// The operator's merge of any number of value trees, without a word on what
// they are.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "wandb/merge.h"

namespace wandb {

struct PlainProblem {
  MergeProblem::Kind kind;
  std::string path;        // FormatPath(); "" for the root.
  std::string upper_kind;  // Of what the trees before it give there.
  std::string lower_kind;
  size_t lower;  // Index of the tree that doesn't fit.
};

struct PlainMerged {
  base::Json values = base::Json::object();  // {} if all trees are null.
  std::vector<PlainProblem> problems;        // Then `values` is of no use.
};

// Merges `trees`, strongest first; a null tree is passed over.
PlainMerged MergePlain(const std::vector<base::Json>& trees);

}  // namespace wandb
