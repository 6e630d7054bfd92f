// Paths of force_conflict_paths.
//
// Such a path is one of `configured_values`; outside of spec.values it starts
// with a dot at the object's root: `.spec.chart.version`,
// `.metadata.labels.team`. Messages write paths so that they can be copied from
// there.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "kube/managed_fields.h"
#include "provider/tf/schema.h"

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

}  // namespace resources
