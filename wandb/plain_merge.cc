#include "wandb/plain_merge.h"

#include <utility>

namespace wandb {

PlainMerged MergePlain(const std::vector<base::Json>& trees) {
  PlainMerged result;
  base::Json merged;
  for (size_t i = 0; i < trees.size(); ++i) {
    if (trees[i].is_null()) continue;
    if (merged.is_null()) {
      merged = trees[i];
      continue;
    }
    Merged next = Merge(
        {{Origin::kCustomResource, &merged}, {Origin::kUserInput, &trees[i]}});
    for (const MergeProblem& problem : next.problems) {
      result.problems.push_back({.kind = problem.kind,
                                 .path = FormatPath(problem.path),
                                 .upper_kind = problem.upper_kind,
                                 .lower_kind = problem.lower_kind,
                                 .lower = i});
    }
    merged = std::move(next.values);
  }
  if (!merged.is_null()) result.values = std::move(merged);
  return result;
}

}  // namespace wandb
