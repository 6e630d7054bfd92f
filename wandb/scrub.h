// Makes foreign text (log lines, events, error messages) fit to be shown.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace wandb {

// Thread-safe once built.
class Scrubber {
 public:
  // `secrets` are values that must not be shown; see SecretTexts() in mask.h.
  // Each is also found base64-encoded, JSON-escaped and percent-encoded. One of
  // less than 4 bytes is replaced only where it stands alone in quotes:
  // elsewhere it would destroy the text and tell more than it hides.
  explicit Scrubber(const std::vector<std::string>& secrets = {});

  // `text` without the lines that carry a custom resource's specification, and
  // with known secrets, user info in URLs, and JWT-like strings replaced by
  // "(sensitive)". Doing it twice changes nothing.
  std::string Scrub(absl::string_view text) const;

 private:
  std::vector<std::string> needles_;  // Longest first.
  std::vector<std::string> short_;
};

}  // namespace wandb
