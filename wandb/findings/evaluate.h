// What the operator makes of a specification's layers, and what is wrong with
// it: the one evaluation, of plans, refreshes, waits, functions and commands.
#pragma once

#include <vector>

#include "base/json.h"
#include "wandb/problem.h"
#include "wandb/spec/layers.h"
#include "wandb/spec/spec.h"

namespace wandb {

struct Evaluation {
  EffectiveSpec effective;
  // Of FindingKinds(): those of the merge first, then by path. They judge what
  // we write; the other layers are W&B's own, and count where they meet it.
  // What is unknown is never a finding. The rules are those of the chart
  // version that will run, if it is known, else of kCataloguedChart.
  std::vector<Problem> findings;
};

Evaluation Evaluate(const SpecRequest& request);

// {values, origin (path -> layer), chart, release_metadata, findings}, which
// must be wholly known. Findings are {id, severity, path, message}. Nothing is
// masked.
base::Json SpecReport(const Evaluation& evaluation);

}  // namespace wandb
