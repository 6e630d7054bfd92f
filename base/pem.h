// Text that may be PEM (RFC 7468).
#pragma once

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace base {

// Whether `text` has the first line of a block, of whatever kind. All that is
// asked where OpenSSL reads the rest.
inline bool HasPemBlock(absl::string_view text) {
  return absl::StrContains(text, "-----BEGIN ");
}

}  // namespace base
