#include "base/yaml_events.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace base {
namespace {

using Token = YamlTokenKind;
using EventKind = YamlEventKind;

YamlEvent EventAt(EventKind kind, const YamlMark& mark) {
  YamlEvent event;
  event.kind = kind;
  event.mark = mark;
  return event;
}

bool EndsEntry(Token kind) {
  return kind == Token::kKey || kind == Token::kValue ||
         kind == Token::kBlockEnd;
}

}  // namespace

absl::StatusOr<YamlEvent> YamlEvents::Next() {
  switch (state_) {
    case State::kDocumentStart:
      return DocumentStart();
    case State::kDocumentContent:
      return DocumentContent();
    case State::kDocumentEnd:
      return DocumentEnd();
    case State::kEnd:
      return EventAt(EventKind::kEnd, end_);
    case State::kBlockNode:
      return Node(Place::kBlock);
    case State::kBlockSequence:
      return BlockSequence();
    case State::kIndentlessSequence:
      return IndentlessSequence();
    case State::kBlockMappingKey:
      return BlockMappingKey();
    case State::kBlockMappingValue:
      return BlockMappingValue();
    case State::kFlowSequenceFirst:
    case State::kFlowSequence:
      return FlowSequence(state_ == State::kFlowSequenceFirst);
    case State::kFlowPairKey:
      return FlowPairKey();
    case State::kFlowPairValue:
      return FlowPairValue();
    case State::kFlowPairEnd:
      return FlowPairEnd();
    case State::kFlowMappingFirst:
    case State::kFlowMapping:
      return FlowMapping(state_ == State::kFlowMappingFirst);
    case State::kFlowMappingValue:
      return FlowMappingValue();
    case State::kFlowMappingNoValue: {
      ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
      return EmptyThen(State::kFlowMapping, token->start);
    }
  }
  return absl::InternalError("no such state");
}

absl::StatusOr<YamlTokenKind> YamlEvents::Kind() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  return token->kind;
}

absl::StatusOr<YamlTokenKind> YamlEvents::KindAfter() {
  scanner_.Skip();
  return Kind();
}

absl::StatusOr<YamlEvent> YamlEvents::NodeThen(State after, Place place) {
  states_.push_back(after);
  return Node(place);
}

absl::StatusOr<YamlEvent> YamlEvents::EmptyThen(State after,
                                                const YamlMark& mark) {
  state_ = after;
  YamlEvent event = EventAt(EventKind::kScalar, mark);
  event.implicit = true;
  return event;
}

void YamlEvents::Pop() {
  state_ = states_.back();
  states_.pop_back();
}

YamlEvent YamlEvents::CloseWith(EventKind kind, const YamlMark& mark) {
  Pop();
  return EventAt(kind, mark);
}

// --- documents --------------------------------------------------------------

absl::StatusOr<YamlEvent> YamlEvents::DocumentStart() {
  ASSIGN_OR_RETURN(const Token first, Kind());
  if (first == Token::kStreamEnd) {
    ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
    end_ = token->start;
    state_ = State::kEnd;
    return Next();
  }
  RETURN_IF_ERROR(Directives());
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  states_.push_back(State::kDocumentEnd);
  if (token->kind == Token::kDocumentStart) {
    scanner_.Skip();
    state_ = State::kDocumentContent;
  } else if (first == Token::kVersionDirective ||
             first == Token::kTagDirective) {
    return YamlError(token->start,
                     "--- must follow the directives (%) of a document");
  } else {
    state_ = State::kBlockNode;
  }
  return Next();
}

absl::Status YamlEvents::Directives() {
  for (bool versioned = false;;) {
    ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
    if (token->kind == Token::kVersionDirective) {
      if (std::exchange(versioned, true)) {
        return YamlError(token->start, "a second %YAML directive");
      }
      if (token->value != "1.1") {
        return YamlError(token->start,
                         "Helm reads YAML 1.1 only; leave out %YAML");
      }
    } else if (token->kind == Token::kTagDirective) {
      for (const auto& known : tag_prefixes_) {
        if (known.first != token->value) continue;
        return YamlError(token->start, "a second %TAG directive of a handle");
      }
      tag_prefixes_.emplace_back(token->value, token->suffix);
    } else {
      break;
    }
    scanner_.Skip();
  }
  // These count least.
  tag_prefixes_.emplace_back("!", "!");
  tag_prefixes_.emplace_back("!!", "tag:yaml.org,2002:");
  return absl::OkStatus();
}

absl::StatusOr<YamlEvent> YamlEvents::DocumentContent() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  switch (token->kind) {
    case Token::kVersionDirective:
    case Token::kTagDirective:
    case Token::kDocumentStart:
    case Token::kDocumentEnd:
    case Token::kStreamEnd: {
      const State after = states_.back();
      states_.pop_back();
      return EmptyThen(after, token->start);
    }
    default:
      return Node(Place::kBlock);
  }
}

absl::StatusOr<YamlEvent> YamlEvents::DocumentEnd() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  end_ = token->kind == Token::kDocumentEnd ? token->end : token->start;
  state_ = State::kEnd;
  return Next();
}

// --- nodes ------------------------------------------------------------------

absl::StatusOr<std::string> YamlEvents::FullTag(const YamlToken& token) const {
  if (token.value.empty()) return token.suffix;
  for (const auto& prefix : tag_prefixes_) {
    if (prefix.first == token.value) {
      return absl::StrCat(prefix.second, token.suffix);
    }
  }
  return YamlError(token.start, "a tag whose handle no %TAG explains");
}

absl::StatusOr<YamlEvents::Properties> YamlEvents::TakeProperties() {
  Properties out;
  bool tagged = false;
  bool anchored = false;
  for (bool first = true;; first = false) {
    ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
    if (first) out.mark = token->start;
    if (token->kind == Token::kAnchor && !anchored) {
      out.anchor = token->value;
      anchored = true;
    } else if (token->kind == Token::kTag && !tagged) {
      ASSIGN_OR_RETURN(out.tag, FullTag(*token));
      tagged = true;
    } else {
      return out;
    }
    scanner_.Skip();
  }
}

absl::StatusOr<YamlEvent> YamlEvents::Node(Place place) {
  ASSIGN_OR_RETURN(Properties properties, TakeProperties());
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  YamlEvent event = EventAt(EventKind::kScalar, properties.mark);
  const bool bare = properties.anchor.empty() && properties.tag.empty();
  event.anchor = std::move(properties.anchor);
  event.tag = std::move(properties.tag);
  const auto open = [&](EventKind kind, State state) {
    event.kind = kind;
    state_ = state;
    starts_.push_back(token->start);
    if (token->kind != Token::kBlockEntry) scanner_.Skip();
    return event;
  };
  const bool block = place != Place::kFlow;
  if (token->kind == Token::kAlias && bare) {
    event.kind = EventKind::kAlias;
    event.value = token->value;
    scanner_.Skip();
    Pop();
    return event;
  }
  if (token->kind == Token::kBlockEntry && place == Place::kBlockOrIndentless) {
    return open(EventKind::kSequenceStart, State::kIndentlessSequence);
  }
  if (token->kind == Token::kScalar) {
    event.implicit = (event.tag.empty() && token->plain) || event.tag == "!";
    event.value = token->value;
    scanner_.Skip();
    Pop();
    return event;
  }
  if (token->kind == Token::kFlowSequenceStart) {
    return open(EventKind::kSequenceStart, State::kFlowSequenceFirst);
  }
  if (token->kind == Token::kFlowMappingStart) {
    return open(EventKind::kMappingStart, State::kFlowMappingFirst);
  }
  if (token->kind == Token::kBlockSequenceStart && block) {
    return open(EventKind::kSequenceStart, State::kBlockSequence);
  }
  if (token->kind == Token::kBlockMappingStart && block) {
    return open(EventKind::kMappingStart, State::kBlockMappingKey);
  }
  if (bare) return YamlError(token->start, "a value should be here");
  event.implicit = event.tag.empty();
  Pop();
  return event;
}

// --- blocks -----------------------------------------------------------------

absl::StatusOr<YamlEvent> YamlEvents::BlockSequence() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  const YamlMark start = token->start;
  if (token->kind == Token::kBlockEntry) {
    const YamlMark after = token->end;
    ASSIGN_OR_RETURN(const Token next, KindAfter());
    if (next != Token::kBlockEntry && next != Token::kBlockEnd) {
      return NodeThen(State::kBlockSequence, Place::kBlock);
    }
    return EmptyThen(State::kBlockSequence, after);
  }
  if (token->kind != Token::kBlockEnd) {
    return NotClosed(*token, "list", "- or less indentation");
  }
  scanner_.Skip();
  starts_.pop_back();
  return CloseWith(EventKind::kSequenceEnd, start);
}

absl::StatusOr<YamlEvent> YamlEvents::IndentlessSequence() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  if (token->kind == Token::kBlockEntry) {
    const YamlMark after = token->end;
    ASSIGN_OR_RETURN(const Token next, KindAfter());
    if (next != Token::kBlockEntry && !EndsEntry(next)) {
      return NodeThen(State::kIndentlessSequence, Place::kBlock);
    }
    return EmptyThen(State::kIndentlessSequence, after);
  }
  starts_.pop_back();
  return CloseWith(EventKind::kSequenceEnd, token->start);
}

absl::StatusOr<YamlEvent> YamlEvents::BlockMappingKey() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  const YamlMark start = token->start;
  if (token->kind == Token::kKey) {
    const YamlMark after = token->end;
    ASSIGN_OR_RETURN(const Token next, KindAfter());
    if (!EndsEntry(next)) {
      return NodeThen(State::kBlockMappingValue, Place::kBlockOrIndentless);
    }
    return EmptyThen(State::kBlockMappingValue, after);
  }
  if (token->kind != Token::kBlockEnd) {
    return NotClosed(*token, "mapping", "a key or less indentation");
  }
  scanner_.Skip();
  starts_.pop_back();
  return CloseWith(EventKind::kMappingEnd, start);
}

absl::StatusOr<YamlEvent> YamlEvents::BlockMappingValue() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  if (token->kind != Token::kValue) {
    return EmptyThen(State::kBlockMappingKey, token->start);
  }
  const YamlMark after = token->end;
  ASSIGN_OR_RETURN(const Token next, KindAfter());
  if (!EndsEntry(next)) {
    return NodeThen(State::kBlockMappingKey, Place::kBlockOrIndentless);
  }
  return EmptyThen(State::kBlockMappingKey, after);
}

// --- brackets ---------------------------------------------------------------

absl::Status YamlEvents::NotClosed(const YamlToken& found,
                                   absl::string_view what,
                                   absl::string_view closing) const {
  const YamlMark& start = starts_.back();
  if (found.kind == Token::kStreamEnd) {
    return YamlError(
        start, absl::StrCat("the ", what, " that starts here is never closed"));
  }
  return YamlError(found.start,
                   absl::StrCat(closing, " should be here, for the ", what,
                                " that starts at line ", start.line + 1,
                                ", column ", start.column + 1));
}

absl::StatusOr<YamlEvent> YamlEvents::FlowSequence(bool first) {
  ASSIGN_OR_RETURN(Token kind, Kind());
  if (kind != Token::kFlowSequenceEnd) {
    if (!first) {
      if (kind != Token::kFlowEntry) {
        ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
        return NotClosed(*token, "list", ", or ]");
      }
      ASSIGN_OR_RETURN(kind, KindAfter());
    }
    if (kind == Token::kKey) {
      ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
      const YamlMark mark = token->start;
      scanner_.Skip();
      state_ = State::kFlowPairKey;
      return EventAt(EventKind::kMappingStart, mark);
    }
    if (kind != Token::kFlowSequenceEnd) {
      return NodeThen(State::kFlowSequence, Place::kFlow);
    }
  }
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  const YamlMark mark = token->start;
  scanner_.Skip();
  starts_.pop_back();
  return CloseWith(EventKind::kSequenceEnd, mark);
}

absl::StatusOr<YamlEvent> YamlEvents::FlowPairKey() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  if (token->kind != Token::kValue && token->kind != Token::kFlowEntry &&
      token->kind != Token::kFlowSequenceEnd) {
    return NodeThen(State::kFlowPairValue, Place::kFlow);
  }
  // The original drops the token, whatever it is.
  const YamlMark after = token->end;
  scanner_.Skip();
  return EmptyThen(State::kFlowPairValue, after);
}

absl::StatusOr<YamlEvent> YamlEvents::FlowPairValue() {
  ASSIGN_OR_RETURN(Token kind, Kind());
  if (kind == Token::kValue) {
    ASSIGN_OR_RETURN(kind, KindAfter());
    if (kind != Token::kFlowEntry && kind != Token::kFlowSequenceEnd) {
      return NodeThen(State::kFlowPairEnd, Place::kFlow);
    }
  }
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  return EmptyThen(State::kFlowPairEnd, token->start);
}

absl::StatusOr<YamlEvent> YamlEvents::FlowPairEnd() {
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  state_ = State::kFlowSequence;
  return EventAt(EventKind::kMappingEnd, token->start);
}

absl::StatusOr<YamlEvent> YamlEvents::FlowMapping(bool first) {
  ASSIGN_OR_RETURN(Token kind, Kind());
  if (kind != Token::kFlowMappingEnd) {
    if (!first) {
      if (kind != Token::kFlowEntry) {
        ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
        return NotClosed(*token, "mapping", ", or }");
      }
      ASSIGN_OR_RETURN(kind, KindAfter());
    }
    if (kind == Token::kKey) {
      ASSIGN_OR_RETURN(kind, KindAfter());
      if (kind != Token::kValue && kind != Token::kFlowEntry &&
          kind != Token::kFlowMappingEnd) {
        return NodeThen(State::kFlowMappingValue, Place::kFlow);
      }
      ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
      return EmptyThen(State::kFlowMappingValue, token->start);
    }
    if (kind != Token::kFlowMappingEnd) {
      return NodeThen(State::kFlowMappingNoValue, Place::kFlow);
    }
  }
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  const YamlMark mark = token->start;
  scanner_.Skip();
  starts_.pop_back();
  return CloseWith(EventKind::kMappingEnd, mark);
}

absl::StatusOr<YamlEvent> YamlEvents::FlowMappingValue() {
  ASSIGN_OR_RETURN(Token kind, Kind());
  if (kind == Token::kValue) {
    ASSIGN_OR_RETURN(kind, KindAfter());
    if (kind != Token::kFlowEntry && kind != Token::kFlowMappingEnd) {
      return NodeThen(State::kFlowMapping, Place::kFlow);
    }
  }
  ASSIGN_OR_RETURN(const YamlToken* const token, scanner_.Peek());
  return EmptyThen(State::kFlowMapping, token->start);
}

}  // namespace base
