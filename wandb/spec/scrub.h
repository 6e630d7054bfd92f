// Makes foreign text (log lines, events, error messages) fit to be shown.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/redact.h"

namespace wandb {

// Thread-safe once built.
class Scrubber {
 public:
  // `secrets` are values that must not be shown; see SecretTexts() in mask.h.
  explicit Scrubber(const std::vector<std::string>& secrets = {});

  // More of them, which were read meanwhile.
  void Add(const std::vector<std::string>& secrets);

  // `text` without the lines that carry a custom resource's specification, and
  // as base::Redactor leaves it. Doing it twice changes nothing.
  std::string Scrub(absl::string_view text) const;

  // The same in one line (base::OneLine()) of at most `max_bytes`, shortened
  // once nothing is left to hide; "" if it carries a specification.
  std::string ScrubToLine(absl::string_view text, size_t max_bytes) const;

 private:
  base::Redactor redactor_;
};

}  // namespace wandb
