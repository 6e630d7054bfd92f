// UTF-8, one code point at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace base {

// Takes the first code point off `text`, which must not be empty. nullopt, with
// one byte taken, when it is not well-formed (overlong, surrogate, cut off).
std::optional<uint32_t> TakeCodePoint(absl::string_view& text);

// Adds `code`, which must be a Unicode scalar value, to `out`.
void AppendCodePoint(uint32_t code, std::string& out);

}  // namespace base
