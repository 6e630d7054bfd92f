// A JSON document as it was written: numbers keep their text, which a parser
// into doubles would lose. Internal to the decoders of this folder.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "provider/cty/type.h"

namespace cty {

struct JsonTree {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool truth = false;
  // Content of a string, or a number as written.
  std::string text;
  // Of an array or object; objects have a key for each item.
  std::vector<JsonTree> items;
  std::vector<std::string> keys;
};

// kInvalidArgument names the byte offset. Depth is limited to what a value and
// a type of Type::kMaxDepth levels can need. Numbers beyond the range of a
// double are refused.
absl::StatusOr<JsonTree> ParseJsonTree(absl::string_view text);

// The type that `tree` spells out, of at most `max_depth` levels.
absl::StatusOr<Type> TypeFromTree(const JsonTree& tree, int max_depth);

// Appends `text`, which must be UTF-8, as a JSON string.
void AppendJsonString(std::string& out, absl::string_view text);

}  // namespace cty
