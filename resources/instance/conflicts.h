// Fields of the custom resource that others own too: which of them an update
// may overrule, and how they are told to the user.
//
// A path of force_conflict_paths is one of `configured_values`; outside of
// spec.values it starts with a dot at the object's root: `.spec.chart.version`,
// `.metadata.labels.team`. Messages write paths so that they can be copied from
// there.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "provider/tf/schema.h"
#include "resources/instance/model.h"

namespace resources {

// From the object's root. kInvalidArgument says what is wrong: bad syntax, an
// index (the server knows lists as a whole only), or a place where this
// resource writes nothing.
absl::StatusOr<kube::KeyPath> ParseForcePath(absl::string_view text);

// The inverse of ParseForcePath().
std::string ForcePathText(const kube::KeyPath& path);

// What `text`, which names no value, was probably meant to be: a path of the
// object that lacks its leading dot, or one of the values with the place of the
// values before it ("spec.chart.version", "chart.version", "labels.team",
// "spec.values.global.host"). "" for anything else.
std::string MeantForcePath(absl::string_view text);

// A string that ParseForcePath() takes.
tf::Validator ForcePath();

// Whether the model's force_conflicts or force_conflict_paths cover `conflict`,
// which an apply of `body` met. A field with two meanings must be covered in
// both.
bool IsForced(const InstanceModel& model, const base::Json& body,
              const kube::FieldConflict& conflict);

// Conflicts that make an update fail, for the user: path, the attribute that
// sets it unless that is `values`, manager, time, and the ways out. Looks at
// the live object for times that the server left out.
std::string ExplainConflicts(const base::Context& ctx, kube::Client& client,
                             const InstanceModel& model, const base::Json& body,
                             std::vector<kube::FieldConflict> conflicts);

}  // namespace resources
