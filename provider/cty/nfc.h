// Unicode normalisation of text from outside.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace cty {

bool IsAscii(absl::string_view text);

// `text` in normalisation form C, with U+034F after each 30 combining marks in
// a row, as core has it; nullopt when it is not UTF-8. In linear time.
std::optional<std::string> ToNfc(absl::string_view text);

// The same for text that is not refused: what is not UTF-8 in it becomes
// U+FFFD.
std::string ValidNfc(std::string text);

// `map` with ValidNfc() keys; of keys that become equal one is kept.
template <typename T>
std::map<std::string, T> WithNfcKeys(std::map<std::string, T> map) {
  bool ascii = true;
  for (const auto& entry : map) ascii = ascii && IsAscii(entry.first);
  if (ascii) return map;
  std::map<std::string, T> normal;
  for (auto& [key, value] : map) {
    normal.emplace(ValidNfc(key), std::move(value));
  }
  return normal;
}

}  // namespace cty
