// JSON values and total accessors for them.
//
// nlohmann::json keeps integers apart from doubles, so 64-bit integers survive;
// object keys are sorted. Nothing here throws, and no text takes the stack.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"
#include "nlohmann/json.hpp"

namespace base {

using Json = nlohmann::json;

struct JsonLimits {
  size_t depth = kMaxJsonDepth;  // Of lists and maps in each other.
  size_t bytes = kMaxTreeBytes;  // As TreeBytes() counts them.
};

// Parses `text` as one JSON document. kInvalidArgument names `what` and the
// byte offset, never the text itself (it may hold a secret). What exceeds
// `limits` is kResourceExhausted, which says so; it takes no more than they
// allow.
absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view what,
                               const JsonLimits& limits = {});

// Where `text`, which ParseJson() has read, holds an integer with more digits
// than a number of the result can: there it is another one. "line 3, column 1",
// as YamlText has it.
std::vector<std::string> RoundedIntegers(absl::string_view text);

// Whether the decimal `digits`, without sign and leading zeros, are another
// number than `real`, which was read from them.
bool IsRounded(absl::string_view digits, double real);

// What `json` takes in memory, about.
size_t TreeBytes(const Json& json);

// Compact JSON text. Invalid UTF-8 is replaced, so this cannot fail.
std::string DumpJson(const Json& json);

// The member of `json` at JSON pointer `pointer` ("/a/b/0"), or null when some
// step is absent or of another kind.
const Json* Find(const Json& json, absl::string_view pointer);

// Typed forms of Find(): nullopt when absent or of another kind.
std::optional<std::string> StringAt(const Json& json,
                                    absl::string_view pointer);
std::optional<int64_t> IntAt(const Json& json, absl::string_view pointer);
std::optional<bool> BoolAt(const Json& json, absl::string_view pointer);
// The list there; an empty one when absent or of another kind.
const Json& ListAt(const Json& json, absl::string_view pointer);

}  // namespace base
