// YAML text to and from Json, read as Helm reads it: YAML 1.1 scalars (yes, on
// and y are bools, 0777 is octal) and merge keys.
//
// Timestamps stay strings. A double without a fraction becomes an integer where
// one can hold it. Keys that are no strings become their text (1 is "1"). A
// "<<" replaces what stands before it and is replaced by what follows.
//
// Text, depth and the expansion of aliases are limited: hostile input cannot
// exhaust memory. Nothing here throws.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace base {

// All documents of the stream `text`, empty ones as null. kInvalidArgument
// names `what`, line and column, never the text (it may hold a secret); a
// mapping with a key twice and infinities are errors too.
absl::StatusOr<std::vector<Json>> ParseYamlDocuments(absl::string_view text,
                                                     absl::string_view what);

// The only document of `text`; null when there is none. Empty documents beside
// it do not count; a second one is kInvalidArgument.
absl::StatusOr<Json> ParseYaml(absl::string_view text, absl::string_view what);

// Block style YAML that ParseYaml() reads back as `json`. A string is quoted
// whenever some reader could take it for something else. Invalid UTF-8 is
// replaced, and what JSON text cannot say (NaN, binary) is null.
std::string EmitYaml(const Json& json);

}  // namespace base
