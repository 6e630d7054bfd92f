// YAML text to and from Json, read as Helm reads it (sigs.k8s.io/yaml): YAML
// 1.1 scalars (yes, on and y are bools, 0777 is octal) and merge keys.
// tests/data/yaml has what Helm's own reader makes of some thousand documents;
// yaml_golden_test.cc compares, and lists the few differences.
//
// Timestamps stay strings. A double without a fraction becomes an integer where
// one can hold it. Keys that are no strings become their text (1 is "1"). A
// "<<" replaces what stands before it and is replaced by what follows. The last
// of several equal keys counts.
//
// Text, depth and the expansion of aliases are limited: hostile input cannot
// exhaust memory or stack. Nothing here throws.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace base {

// What one text means, and what its author may have meant otherwise.
struct YamlText {
  // Of the first document; null if there is none.
  Json json;
  // Where a second document starts, counted from 1; 0 if there is none. Helm
  // does not read it.
  size_t second_document_line = 0;
  // Where a key stands again in the same mapping ("line 3, column 1").
  std::vector<std::string> repeated_keys;
  // Where an integer has more digits than any number of `json` can hold, so
  // that it is another one there, as in Helm.
  std::vector<std::string> rounded_integers;
};

// kInvalidArgument names `what`, line and column and what is wrong, never what
// the text holds (it may be a secret).
absl::StatusOr<YamlText> ReadYaml(absl::string_view text,
                                  absl::string_view what);

// The only document of `text`; null when there is none. As ReadYaml(), but a
// second document is kInvalidArgument.
absl::StatusOr<Json> ParseYaml(absl::string_view text, absl::string_view what);

// Block style YAML that ParseYaml() reads back as `json`. A string is quoted
// whenever some reader could take it for something else. Invalid UTF-8 is
// replaced, and what JSON text cannot say (NaN, binary) is null.
std::string EmitYaml(const Json& json);

}  // namespace base
