// What the attributes of an instance ask for.
#pragma once

#include "base/json.h"
#include "kube/object_ref.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/model.h"
#include "resources/spec/compile.h"
#include "wandb/spec/spec.h"

namespace resources {

// Made once for each state or configuration that a call is about, and handed
// down: nothing else compiles. Pure.
struct Desired {
  explicit Desired(InstanceModel attributes);

  InstanceModel model;
  Compiled compiled;  // The part of the specification; see spec/compile.h.

  // The custom resource. Name and namespace must be known.
  kube::ObjectRef ref() const { return CustomResourceRef(model); }
  base::Json body() const;
  // The same with what only a create writes.
  base::Json creation_body() const;

 private:
  base::Json BodyWith(const base::Json& values) const;
};

// An error for each argument that holds the text which stands for a hidden
// value (hidden_arguments.h). Not in `release`, a preview that may be masked.
void CheckNothingHidden(const InstanceModel& config, tf::Diagnostics& diags);

}  // namespace resources
