// Checks of single attribute values, for AttributeSpec::validators. They see
// known, non-null values only.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "provider/tf/schema.h"

namespace tf {

// A string with at least one character.
Validator NotEmpty();

// One of the given strings.
Validator OneOf(std::vector<std::string> allowed);

// A DNS label as RFC 1123 has it, in lower case: letters, digits and, but not
// first or last, "-"; 63 characters at most, or `max_length`.
Validator DnsLabel(size_t max_length = 63);

// A positive Go duration such as "30s" or "1h15m".
Validator PositiveDuration();

// An absolute http or https URL with a host.
Validator HttpUrl();

// Applies `validator` to every known element of a list or map.
Validator Each(Validator validator);

// Parses a Go duration ("90s", "1h30m", "1.5h"). kInvalidArgument for anything
// else, infinity included.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

}  // namespace tf
