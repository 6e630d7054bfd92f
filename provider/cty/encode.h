// What both encoders check before they write a value into a slot.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "provider/cty/trail.h"
#include "provider/cty/type.h"
#include "provider/cty/value.h"

namespace cty {

// kInvalidArgument unless `value` itself, without what is inside, may stand in
// a slot of type `wanted`, which is not dynamic. A null or unknown of dynamic
// type may stand anywhere.
absl::Status CheckSlot(const Value& value, const Type& wanted,
                       const Trail& trail);

}  // namespace cty
