// Looks values up by dotted paths. What an unknown leaves open is neither set
// nor unset, neither true nor false.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace wandb {

// Refers to a tree, which outlives it.
class ValueView {
 public:
  explicit ValueView(const base::Json& values) : values_(values) {}

  const base::Json& tree() const { return values_; }
  // What is at `path`, unknowns too; nullptr if there is nothing.
  const base::Json* Value(absl::string_view path) const;
  // Certainly there, and neither null nor "", {} or [].
  bool IsSet(absl::string_view path) const;
  // Certainly not set.
  bool IsUnset(absl::string_view path) const;
  bool IsTrue(absl::string_view path) const;
  bool IsFalse(absl::string_view path) const;
  // A known string; "" otherwise.
  std::string Text(absl::string_view path) const;

 private:
  const base::Json& values_;
};

}  // namespace wandb
