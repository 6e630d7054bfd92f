// Percent-encoding (RFC 3986, 2.1).
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace base {

enum class HexCase { kLower, kUpper };

// `text` with %XX for each byte that is no ASCII letter, no digit and not in
// `kept`.
std::string PercentEncoded(absl::string_view text, absl::string_view kept,
                           HexCase hex_case = HexCase::kUpper);

// `text` with the byte in place of each %XX; a '%' before anything else than
// two hexadecimal digits stays. The result may be no UTF-8.
std::string PercentDecoded(absl::string_view text);

}  // namespace base
