// SHA-256, for noticing change. Not for keeping secrets.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace base {

// 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace base
