// Takes credentials out of text that another program wrote, when it is not
// known which credentials there may be.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace base {

// `text` as one may show it: without control characters other than line feeds
// and tabs, with "(sensitive)" in place of
//   - each of `secrets` that has at least 4 bytes,
//   - PEM blocks and JWT-like strings,
//   - user info in URLs,
//   - what follows "Bearer" or "Basic",
//   - the value after a name that looks secret (token, password, secret, key,
//     credential, authorization, ... with "=" or ":"),
//   - words of at least 32 characters that mix digits and both cases.
// It errs on the side of hiding. Doing it twice changes nothing.
std::string RedactCredentials(absl::string_view text,
                              const std::vector<std::string>& secrets = {});

// `text` with each control character but line feed and tab left out, and bytes
// that are no UTF-8 replaced by "?".
std::string StripControlCharacters(absl::string_view text);

}  // namespace base
