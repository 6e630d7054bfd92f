// JSON as Go's encoding/json reads it into interface{}, and with it the
// operator.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace base {

// As ParseJson(), but with Go's rules where they differ: bytes in strings that
// are not UTF-8, and halves of surrogate pairs, become U+FFFD; a byte order
// mark is an error; numbers are float64. Of equal keys the last counts.
//
// kInvalidArgument is for what Go refuses, too. kResourceExhausted is for what
// it reads (it goes 10,000 levels deep) and this provider does not.
absl::StatusOr<Json> ParseGoJson(absl::string_view text, absl::string_view what,
                                 const JsonLimits& limits = {});

}  // namespace base
