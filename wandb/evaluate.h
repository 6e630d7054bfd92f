// What the operator makes of a specification's layers, and what is wrong with
// it: the one evaluation, of plans, refreshes, waits, functions and commands.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "wandb/configured_values.h"
#include "wandb/operator_manifests.h"
#include "wandb/problem.h"
#include "wandb/spec.h"

namespace wandb {

// The layers live as long as the request.
struct SpecRequest {
  // What the custom resource says, whoever wrote it. Required.
  const SpecLayer* custom_resource;
  // Our part of it, which is what is judged; null: all of it. Where the custom
  // resource says more than that, the origin is kOtherManager.
  const SpecLayer* own = nullptr;
  // Which attributes wrote the values of `own`; null: not known.
  const LeafSources* sources = nullptr;
  const SpecLayer* user_input = nullptr;  // Null: none, or not known.
  const SpecLayer* channel = nullptr;     // Likewise.
  bool airgapped = false;  // Then the channel counts for nothing.
  // The operator tells the chart where it runs.
  std::string operator_namespace = std::string(kOperatorNamespace);
};

// What the operator uses. A chart that ParseChart() does not recognise is
// passed over; one with an unknown field is taken as it is.
EffectiveSpec MergeLayers(const SpecRequest& request);

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
