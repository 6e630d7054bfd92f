// Takes credentials out of text before it is shown, stored or logged.
//
// The one redactor: which names and shapes it knows is in secret_names.h and
// credential_shapes.h.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/credential_shapes.h"

namespace base {

// Whether something in `text` is a credential by its shape; see
// FindCredentials(). What HideCredentials() made has none.
bool HasCredentials(absl::string_view text);

// `text` with kHidden in place of each credential that its shape gives away.
// Doing it twice changes nothing.
std::string HideCredentials(absl::string_view text, Care care = Care::kPrecise);

// Hides secrets that are known as well as those that only look like it.
// Thread-safe once built.
class Redactor {
 public:
  // See Add().
  explicit Redactor(const std::vector<std::string>& secrets = {});

  // `secrets` are values that must not be shown. Each is also found
  // base64-encoded, percent-encoded, and quoted: as in JSON, as in that of Go,
  // which also escapes what HTML does, as by Go's %q, and as JSON that is
  // quoted once more. One of less than 4 bytes
  // is replaced only where it stands alone in quotes: elsewhere it would
  // destroy the text and tell more than it hides.
  void Add(const std::vector<std::string>& secrets);

  // `text` with kHidden in place of known secrets and of credentials. Doing it
  // twice changes nothing.
  std::string Redact(absl::string_view text, Care care = Care::kPrecise) const;

  // The same for known secrets alone.
  std::string HideKnown(absl::string_view text) const;

 private:
  std::vector<std::string> needles_;  // Longest first.
  std::vector<std::string> short_;
};

// Redactor(secrets).Redact() of what another program wrote: generous, and
// without control characters.
std::string RedactCredentials(absl::string_view text,
                              const std::vector<std::string>& secrets = {});

// ValidUtf8(text) with each control character but line feed and tab left out.
std::string StripControlCharacters(absl::string_view text);

}  // namespace base
