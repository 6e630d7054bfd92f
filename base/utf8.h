// UTF-8: one code point at a time, mending it, and cutting it between two.
#pragma once

#include <cstddef>
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

// `text` with U+FFFD in place of each byte that is not part of a well-formed
// sequence.
std::string ValidUtf8(absl::string_view text);

// `text` if it has at most `max_bytes`, else so much of it, cut between two
// code points, with "…" behind.
std::string Shortened(std::string text, size_t max_bytes);

}  // namespace base
