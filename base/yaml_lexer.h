// The pieces of YAML text by the rules of Helm's reader, which are those of
// libyaml. Each function starts where its piece starts and goes behind it, or
// says kInvalidArgument with a place, and never what the text holds.
//
// Internal to base/yaml.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/yaml_cursor.h"

namespace base {

enum class YamlTokenKind {
  kStreamEnd,
  kVersionDirective,
  kTagDirective,
  kDocumentStart,
  kDocumentEnd,
  kBlockSequenceStart,
  kBlockMappingStart,
  kBlockEnd,
  kFlowSequenceStart,
  kFlowSequenceEnd,
  kFlowMappingStart,
  kFlowMappingEnd,
  kBlockEntry,
  kFlowEntry,
  kKey,
  kValue,
  kAlias,
  kAnchor,
  kTag,
  kScalar,
};

struct YamlToken {
  YamlTokenKind kind = YamlTokenKind::kStreamEnd;
  YamlMark start;
  YamlMark end;
  // Of a scalar, alias or anchor its text; of a tag the handle ("!!", "" for
  // one in full); of directives the version ("1.1") or the handle.
  std::string value;
  // The rest of a tag; what a tag directive's handle stands for.
  std::string suffix;
  // A scalar without quotes that is no block.
  bool plain = false;
};

// A scalar in single or double quotes.
absl::StatusOr<YamlToken> LexQuoted(YamlCursor& in);

// A scalar after "|" or ">" in a block that is indented by `indent` columns (-1
// outside of any).
absl::StatusOr<YamlToken> LexBlockScalar(YamlCursor& in, int indent);

// A scalar without quotes. `indent` as above; sets `crossed_line` if line
// breaks follow it.
absl::StatusOr<YamlToken> LexPlain(YamlCursor& in, int indent, bool in_flow,
                                   bool& crossed_line);

// "&name" or "*name".
absl::StatusOr<YamlToken> LexAnchor(YamlCursor& in);

// "!", "!suffix", "!handle!suffix" or "!<uri>".
absl::StatusOr<YamlToken> LexTag(YamlCursor& in);

// "%YAML 1.1" or "%TAG ! prefix" with the end of its line.
absl::StatusOr<YamlToken> LexDirective(YamlCursor& in);

}  // namespace base
