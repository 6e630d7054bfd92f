// The generic part of planning: values in, values out, no I/O.
//
// Order for a create or an update, as the plugin framework of the field does
// it: defaults, the resource's own Plan(), unknown marks, replacement paths.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "provider/cty/path.h"
#include "provider/cty/value.h"
#include "provider/tf/schema.h"

namespace tf {

// `proposed` with the default of every attribute that `config` leaves null, and
// write-only attributes null. All values are objects of the schema's type.
cty::Value WithDefaults(const Schema& schema, const cty::Value& config,
                        const cty::Value& proposed);

// `planned` with each computed attribute that `config` leaves null and that has
// no default made unknown, or prior where the schema says keep_on_update.
// Attributes that differ from `proposed` were decided by the resource and stay,
// as do those with planned_by_resource. `prior` may be null (a create). Call
// it only if `planned` differs from `prior`.
cty::Value MarkComputedUnknown(const Schema& schema, const cty::Value& config,
                               const cty::Value& prior,
                               const cty::Value& proposed,
                               const cty::Value& planned);

// Paths of attributes with replace_on_change whose planned value differs from
// the prior one. Empty for a create.
std::vector<cty::Path> RequiresReplace(const Schema& schema,
                                       const cty::Value& prior,
                                       const cty::Value& planned);

// `value` (an object of the schema's type) with every unknown made null, for
// state that is saved together with an error.
cty::Value UnknownsAsNull(const cty::Value& value);

}  // namespace tf
