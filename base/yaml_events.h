// The first document of YAML text as Helm's reader sees it, event by event: the
// grammar of libyaml over the tokens of yaml_scanner.h. Internal to base/yaml.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/yaml_scanner.h"

namespace base {

enum class YamlEventKind {
  kScalar,
  kAlias,
  kSequenceStart,
  kSequenceEnd,
  kMappingStart,
  kMappingEnd,
  // There is no more of the document.
  kEnd,
};

struct YamlEvent {
  YamlEventKind kind = YamlEventKind::kEnd;
  YamlMark mark;
  // Of a scalar its text, of an alias the anchor's name.
  std::string value;
  // In full ("tag:yaml.org,2002:int"); empty if there is none.
  std::string tag;
  std::string anchor;
  // The text of the scalar says what it is, as there are neither quotes nor a
  // tag (or only the tag "!").
  bool implicit = false;
};

class YamlEvents {
 public:
  // `text` is UTF-8 without NUL and outlives this.
  explicit YamlEvents(absl::string_view text) : scanner_(text) {}

  // The next event; kEnd for ever at the end. kInvalidArgument with a place
  // where Helm's reader stops with an error; don't call again after that.
  absl::StatusOr<YamlEvent> Next();

  // After kEnd: where the document ends.
  const YamlMark& end() const { return end_; }

 private:
  enum class State {
    kDocumentStart,
    kDocumentContent,
    kDocumentEnd,
    kEnd,
    kBlockNode,
    kBlockSequence,
    kIndentlessSequence,
    kBlockMappingKey,
    kBlockMappingValue,
    kFlowSequenceFirst,
    kFlowSequence,
    kFlowPairKey,
    kFlowPairValue,
    kFlowPairEnd,
    kFlowMappingFirst,
    kFlowMapping,
    kFlowMappingValue,
    kFlowMappingNoValue,
  };
  enum class Place { kBlock, kBlockOrIndentless, kFlow };
  // What may stand before a node.
  struct Properties {
    YamlMark mark;
    std::string anchor;
    std::string tag;
  };

  absl::StatusOr<YamlEvent> DocumentStart();
  absl::Status Directives();
  absl::StatusOr<YamlEvent> DocumentContent();
  absl::StatusOr<YamlEvent> DocumentEnd();
  absl::StatusOr<YamlEvent> Node(Place place);
  absl::StatusOr<Properties> TakeProperties();
  absl::StatusOr<std::string> FullTag(const YamlToken& token) const;
  absl::StatusOr<YamlEvent> BlockSequence();
  absl::StatusOr<YamlEvent> IndentlessSequence();
  absl::StatusOr<YamlEvent> BlockMappingKey();
  absl::StatusOr<YamlEvent> BlockMappingValue();
  absl::StatusOr<YamlEvent> FlowSequence(bool first);
  absl::StatusOr<YamlEvent> FlowPairKey();
  absl::StatusOr<YamlEvent> FlowPairValue();
  absl::StatusOr<YamlEvent> FlowPairEnd();
  absl::StatusOr<YamlEvent> FlowMapping(bool first);
  absl::StatusOr<YamlEvent> FlowMappingValue();

  absl::StatusOr<YamlTokenKind> Kind();
  // Skips the next token and says what follows it.
  absl::StatusOr<YamlTokenKind> KindAfter();
  absl::StatusOr<YamlEvent> NodeThen(State after, Place place);
  absl::StatusOr<YamlEvent> EmptyThen(State after, const YamlMark& mark);
  YamlEvent CloseWith(YamlEventKind kind, const YamlMark& mark);
  void Pop();
  absl::Status NotClosed(const YamlToken& found, absl::string_view what,
                         absl::string_view closing) const;

  YamlScanner scanner_;
  State state_ = State::kDocumentStart;
  // Where to go on after the node that is read.
  std::vector<State> states_;
  // Where the open collections start.
  std::vector<YamlMark> starts_;
  std::vector<std::pair<std::string, std::string>> tag_prefixes_;
  YamlMark end_;
};

}  // namespace base
