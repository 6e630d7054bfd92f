// How YAML scalars become Json. Internal to base/yaml.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace base {

// What `text` without quotes means; NaN and infinities come as such.
Json ResolvePlainYaml(absl::string_view text);

// The same for a scalar with `tag` in full, or none (""); `implicit` if its
// text may say what it is, as there are no quotes. kInvalidArgument never
// quotes `text`.
absl::StatusOr<Json> ResolveYaml(absl::string_view tag, bool implicit,
                                 absl::string_view text);

// `json` with an integer in place of a double that is one.
Json NarrowYamlNumber(Json json);

// Whether `text` writes an integer with all its digits, and `json`, which it
// was resolved to, is a double that differs from it.
bool IsRoundedYamlInteger(absl::string_view text, const Json& json);

// The key of an object that `json` as a key of a mapping becomes.
absl::StatusOr<std::string> YamlKey(const Json& json);

// Whether `text` is UTF-8 of characters that YAML allows; if not, `bad` is the
// offset of the first other one.
bool IsYamlText(absl::string_view text, size_t& bad);

}  // namespace base
