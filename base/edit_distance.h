// How far apart two words are, for "did you mean".
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace base {

// Edits (insert, delete, replace, swap of neighbours) from one to the other.
// Takes time and memory by the product of the lengths.
size_t EditDistance(absl::string_view a, absl::string_view b);

// The first of `candidates` with the least distance to `word`, if that is at
// most a third of the word, and at least 1; "" otherwise, and for words that
// are too long to be typed.
std::string NearestWord(absl::string_view word,
                        const std::vector<std::string>& candidates);

}  // namespace base
