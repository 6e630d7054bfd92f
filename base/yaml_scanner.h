// The tokens of YAML text by the rules of Helm's reader, with the ones that
// only indentation says (block starts and ends) and the keys that only their
// colon says. Internal to base/yaml.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"
#include "base/yaml_lexer.h"

namespace base {

// kMaxYamlDepth limits indentation and brackets, each for itself.
//
// Looks no further ahead than it must, as what follows a document may be wrong
// without any harm. Looks at no token twice, at none after a failure.
class YamlScanner {
 public:
  // `text` is UTF-8 without NUL and outlives this.
  explicit YamlScanner(absl::string_view text) : in_(text) {}

  // The next token, the same until Skip(): kStreamEnd at the end.
  // kInvalidArgument with a place.
  absl::StatusOr<const YamlToken*> Peek();
  void Skip();

 private:
  // Where text might turn out to be a key when its colon comes.
  struct PossibleKey {
    bool possible = false;
    // Nothing else may be there.
    bool required = false;
    size_t token = 0;
    YamlMark mark;
  };

  absl::Status Fetch();
  absl::Status FetchInLine();
  absl::Status FetchStreamEnd();
  absl::Status FetchDirective();
  absl::Status FetchDocumentIndicator();
  absl::Status FetchFlowStart(YamlTokenKind kind);
  absl::Status FetchFlowEnd(YamlTokenKind kind);
  absl::Status FetchFlowEntry();
  absl::Status FetchBlockEntry();
  absl::Status FetchKey();
  absl::Status FetchValue();
  absl::Status FetchBlockScalar();
  absl::Status FetchOther();

  void SkipToToken();
  bool StartsPlain() const;
  absl::StatusOr<bool> IsValid(PossibleKey& key);
  absl::Status SaveKey();
  absl::Status DropKey();
  void Insert(size_t number, YamlTokenKind kind, const YamlMark& mark);
  absl::Status Indent(const YamlMark& mark, size_t number, YamlTokenKind kind);
  void Unindent(int column);
  // Ends blocks and keys, as what follows stands outside of all.
  absl::Status LeaveBlocks();
  void Add(YamlTokenKind kind, size_t characters);
  size_t next_number() const { return taken_ + tokens_.size(); }
  bool in_flow() const { return keys_.size() > 1; }

  YamlCursor in_;
  std::deque<YamlToken> tokens_;
  bool available_ = false;
  // Tokens that were skipped.
  size_t taken_ = 0;
  // One for the block context, one more for each open bracket.
  std::vector<PossibleKey> keys_ = std::vector<PossibleKey>(1);
  absl::flat_hash_map<size_t, size_t> key_of_token_;
  bool key_allowed_ = true;
  int indent_ = -1;
  std::vector<int> indents_;
};

}  // namespace base
