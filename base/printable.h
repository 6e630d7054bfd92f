// What foreign bytes may do to a terminal: nothing.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace base {

// ValidUtf8(text) with each character that a terminal acts on, or that changes
// how its neighbours are read, written as "\u001b" ("\U000e0041" beyond four
// digits): control characters but line feed and tab, the marks of bidirectional
// text, separators of lines and paragraphs, and invisible tags. A carriage
// return before a line feed is left out. Doing it twice changes nothing.
std::string Printable(absl::string_view text);

// Whether there is an ASCII control character in `text`: a line feed, too.
bool HasControl(absl::string_view text);

}  // namespace base
