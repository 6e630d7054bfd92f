// A wandb_instance as the API server sees it.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "resources/instance/compile.h"
#include "resources/instance/model.h"

namespace resources {

// Key of the private data: set by an import until the first read.
inline constexpr char kImporting[] = "importing";

// `namespace/name`. Both must be known.
std::string IdOf(const InstanceModel& model);

// The value of wandb::kOwnerAnnotation on the namespace that an instance makes.
std::string NamespaceOwnerOf(const InstanceModel& model);

// Whether there is a custom resource to a state. There is none where only its
// namespace is left (namespace.h, KeepsNamespace()).
bool HasObject(const std::optional<InstanceModel>& state);

// The body that is applied. Name and namespace must be known.
base::Json BodyOf(const InstanceModel& model, const Compiled& compiled);

// Sets what the live object says of itself: uid, generation and phase.
void SetObserved(const base::Json& live, InstanceModel& model);

// Sets the same of a state that has no object: HasObject() is false then.
void SetNoObject(InstanceModel& model);

}  // namespace resources
