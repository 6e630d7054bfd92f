#include "base/yaml.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "base/yaml_events.h"
#include "base/yaml_scalar.h"

namespace base {
namespace {

// About what Json needs for each value, in addition to its text.
constexpr size_t kValueBytes = 64;
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr absl::string_view kMergeTag = "tag:yaml.org,2002:merge";

// A finished value with what it costs to repeat it.
// NOLINTNEXTLINE(bugprone-exception-escape): moving Json does not throw.
struct Item {
  Json json;
  size_t bytes = kValueBytes;
  size_t depth = 1;
  // Values and keys in it, itself included.
  size_t nodes = 1;
  bool is_alias = false;
};

// A sequence or mapping that is not finished.
struct Frame {
  Item item;
  std::optional<size_t> anchor;
  bool has_key = false;
  bool merge = false;
  std::string key;
  // The keys written here, without merged ones, with what they are: 1 and "1"
  // are different keys, and the same member of an object.
  std::map<std::string, Json> own_keys;
};

std::string PlaceText(const YamlMark& mark) {
  return absl::StrCat("line ", mark.line + 1, ", column ", mark.column + 1);
}

// How much of a document may be repetition: the share that Helm's reader
// allows after so many values.
double AllowedAliasShare(size_t nodes) {
  constexpr double kLow = 400000;
  constexpr double kHigh = 4000000;
  const auto count = static_cast<double>(nodes);
  if (count <= kLow) return 0.99;
  if (count >= kHigh) return 0.10;
  return 0.99 - 0.89 * (count - kLow) / (kHigh - kLow);
}

// Builds the document from its events.
class Builder {
 public:
  absl::Status Add(const YamlEvent& event);
  Json TakeJson() { return NarrowYamlNumber(std::move(root_)); }
  std::vector<std::string> TakeRepeatedKeys() {
    return std::move(repeated_keys_);
  }
  std::vector<std::string> TakeRoundedIntegers() {
    return std::move(rounded_integers_);
  }

 private:
  absl::Status AddScalar(const YamlEvent& event);
  absl::Status AddAlias(const YamlEvent& event);
  absl::Status Open(const YamlEvent& event, Json empty);
  absl::Status Close(const YamlMark& mark);
  absl::Status Finish(const YamlMark& mark, std::optional<size_t> anchor,
                      Item item);
  absl::Status Place(const YamlMark& mark, Item item);
  absl::Status PlaceKey(const YamlMark& mark, const Item& item);
  absl::Status Count(const YamlMark& mark, size_t nodes, size_t repeated);
  std::optional<size_t> NewAnchor(const std::string& name);
  bool InMergeValue() const { return !open_.empty() && open_.back().merge; }
  bool IsMergeKey(const YamlEvent& event) const;

  Json root_;
  std::vector<std::string> repeated_keys_;
  std::vector<std::string> rounded_integers_;
  std::vector<Frame> open_;
  // The last anchor of a name, and what the anchors stand for; nothing while
  // that is being read.
  std::map<std::string, size_t> anchor_ids_;
  std::vector<std::optional<Item>> anchored_;
  size_t bytes_ = 0;
  // The document itself is one.
  size_t nodes_ = 1;
  size_t repeated_nodes_ = 0;
};

absl::Status Builder::Add(const YamlEvent& event) {
  switch (event.kind) {
    case YamlEventKind::kScalar:
      return AddScalar(event);
    case YamlEventKind::kAlias:
      return AddAlias(event);
    case YamlEventKind::kSequenceStart:
      return Open(event, Json::array());
    case YamlEventKind::kMappingStart:
      return Open(event, Json::object());
    case YamlEventKind::kSequenceEnd:
    case YamlEventKind::kMappingEnd:
      return Close(event.mark);
    case YamlEventKind::kEnd:
      break;
  }
  return absl::OkStatus();
}

bool Builder::IsMergeKey(const YamlEvent& event) const {
  return !open_.empty() && open_.back().item.json.is_object() &&
         !open_.back().has_key && event.value == "<<" &&
         (event.implicit || event.tag == kMergeTag);
}

std::optional<size_t> Builder::NewAnchor(const std::string& name) {
  if (name.empty()) return std::nullopt;
  anchor_ids_[name] = anchored_.size();
  anchored_.emplace_back();
  return anchored_.size() - 1;
}

absl::Status Builder::Count(const YamlMark& mark, size_t nodes,
                            size_t repeated) {
  nodes_ += nodes;
  repeated_nodes_ += repeated;
  const double share =
      static_cast<double>(repeated_nodes_) / static_cast<double>(nodes_);
  if (repeated_nodes_ > 100 && nodes_ > 1000 &&
      share > AllowedAliasShare(nodes_)) {
    return YamlError(mark, "aliases (*) make too much of the document");
  }
  return absl::OkStatus();
}

absl::Status Builder::AddScalar(const YamlEvent& event) {
  const std::optional<size_t> anchor = NewAnchor(event.anchor);
  if (IsMergeKey(event)) {
    open_.back().has_key = true;
    open_.back().merge = true;
    if (anchor.has_value()) anchored_[*anchor] = Item{.json = "<<"};
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(Count(event.mark, 1, 0));
  absl::StatusOr<Json> json =
      ResolveYaml(event.tag, event.implicit, event.value);
  if (!json.ok()) return YamlError(event.mark, json.status().message());
  if (IsRoundedYamlInteger(event.value, *json)) {
    rounded_integers_.push_back(PlaceText(event.mark));
  }
  Item item = {.json = *std::move(json),
               .bytes = kValueBytes + event.value.size()};
  return Finish(event.mark, anchor, std::move(item));
}

absl::Status Builder::AddAlias(const YamlEvent& event) {
  const auto id = anchor_ids_.find(event.value);
  if (id == anchor_ids_.end()) {
    return YamlError(event.mark,
                     "an alias (*) of an anchor (&) that does not "
                     "stand before it");
  }
  const std::optional<Item>& target = anchored_[id->second];
  if (!target.has_value()) {
    return YamlError(event.mark, "a value that contains itself");
  }
  if (open_.size() + target->depth > kMaxYamlDepth) {
    return YamlError(event.mark, "nested too deeply with aliases expanded");
  }
  // Before the copy is made.
  RETURN_IF_ERROR(Count(event.mark, 1 + target->nodes, target->nodes));
  if (bytes_ + target->bytes > kMaxTreeBytes) {
    return YamlError(event.mark, "too large with aliases expanded");
  }
  Item item = *target;
  item.is_alias = true;
  ++item.nodes;
  return Finish(event.mark, std::nullopt, std::move(item));
}

absl::Status Builder::Open(const YamlEvent& event, Json empty) {
  const std::optional<size_t> anchor = NewAnchor(event.anchor);
  if (open_.size() >= kMaxYamlDepth) {
    return YamlError(event.mark,
                     absl::StrCat("nested too deeply, in more than ",
                                  kMaxYamlDepth, " lists and mappings"));
  }
  // Helm's reader does not count a list of what to merge.
  const bool counts = !(InMergeValue() && empty.is_array());
  RETURN_IF_ERROR(Count(event.mark, counts ? 1 : 0, 0));
  Frame frame;
  frame.item.json = std::move(empty);
  frame.anchor = anchor;
  open_.push_back(std::move(frame));
  return absl::OkStatus();
}

absl::Status Builder::Close(const YamlMark& mark) {
  Frame frame = std::move(open_.back());
  open_.pop_back();
  // Its items are counted already.
  bytes_ -= std::min(bytes_, frame.item.bytes - kValueBytes);
  return Finish(mark, frame.anchor, std::move(frame.item));
}

absl::Status Builder::Finish(const YamlMark& mark, std::optional<size_t> anchor,
                             Item item) {
  bytes_ += item.bytes * (anchor.has_value() ? 2 : 1);
  if (bytes_ > kMaxTreeBytes) {
    return YamlError(mark, absl::StrCat("too large: the values take more than ",
                                        kMaxTreeBytes >> 20, " MiB of memory"));
  }
  if (anchor.has_value()) anchored_[*anchor] = item;
  return Place(mark, std::move(item));
}

absl::Status Merge(const YamlMark& mark, Json& target, const Item& source) {
  const Json& json = source.json;
  if (json.is_object()) {
    target.update(json);
    return absl::OkStatus();
  }
  const bool mappings =
      json.is_array() && !source.is_alias &&
      std::all_of(json.begin(), json.end(),
                  [](const Json& item) { return item.is_object(); });
  if (!mappings) {
    return YamlError(mark,
                     "only a mapping, or a list of them, can be merged "
                     "with <<");
  }
  // The first of them counts most.
  std::for_each(json.rbegin(), json.rend(),
                [&target](const Json& item) { target.update(item); });
  return absl::OkStatus();
}

absl::Status CheckNumber(const YamlMark& mark, const Json& json) {
  const auto* real = json.get_ptr<const Json::number_float_t*>();
  if (real == nullptr || std::isfinite(*real)) return absl::OkStatus();
  return YamlError(mark, "the number has no form in JSON");
}

absl::Status Builder::Place(const YamlMark& mark, Item item) {
  const bool is_key = !open_.empty() && open_.back().item.json.is_object() &&
                      !open_.back().has_key;
  if (!is_key) {
    RETURN_IF_ERROR(CheckNumber(mark, item.json));
  }
  if (open_.empty()) {
    root_ = std::move(item.json);
    return absl::OkStatus();
  }
  Frame& frame = open_.back();
  frame.item.bytes += item.bytes;
  frame.item.nodes += item.nodes;
  frame.item.depth = std::max(frame.item.depth, item.depth + 1);
  if (frame.item.json.is_array()) {
    frame.item.json.push_back(NarrowYamlNumber(std::move(item.json)));
    return absl::OkStatus();
  }
  if (is_key) return PlaceKey(mark, item);
  frame.has_key = false;
  if (std::exchange(frame.merge, false)) {
    return Merge(mark, frame.item.json, item);
  }
  frame.item.json[frame.key] = NarrowYamlNumber(std::move(item.json));
  return absl::OkStatus();
}

absl::Status Builder::PlaceKey(const YamlMark& mark, const Item& item) {
  Frame& frame = open_.back();
  absl::StatusOr<std::string> key = YamlKey(item.json);
  if (!key.ok()) return YamlError(mark, key.status().message());
  const auto [known, is_new] = frame.own_keys.emplace(*key, item.json);
  if (!is_new) {
    // Not equal to itself: NaN.
    if (known->second.type() != item.json.type() ||
        known->second != item.json) {
      return YamlError(mark,
                       "a key that is another one of the same mapping, written "
                       "as another type; no order says which of them counts");
    }
    repeated_keys_.push_back(PlaceText(mark));
  }
  frame.key = *std::move(key);
  frame.has_key = true;
  return absl::OkStatus();
}

absl::Status CheckText(absl::string_view text) {
  if (text.size() > kMaxYamlBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("larger than ", kMaxYamlBytes >> 20, " MiB"));
  }
  if (absl::StartsWith(text, "\xff\xfe") ||
      absl::StartsWith(text, "\xfe\xff")) {
    return absl::InvalidArgumentError("it is UTF-16; write it as UTF-8");
  }
  YamlCursor in(text);
  size_t bad = 0;
  if (IsYamlText(text, bad)) return absl::OkStatus();
  // Up to there it is good.
  while (in.mark().offset < bad) in.AtBreak() ? in.SkipBreak() : in.Skip();
  return YamlError(in.mark(), "a character that YAML does not allow");
}

// Where a second document starts, or kInvalidArgument for what is no document
// either: Helm's reader never looks at it.
absl::StatusOr<size_t> SecondDocumentLine(absl::string_view text,
                                          const YamlMark& end) {
  YamlCursor in(text, end);
  bool begun = end.offset == 0;
  for (;;) {
    in.SkipBlanks();
    in.SkipComment();
    if (in.AtEnd()) return 0;
    if (in.AtBreak()) {
      in.SkipBreak();
    } else if (in.AtDocumentIndicator()) {
      begun = in.At() == '-' || begun;
      in.Skip(3);
    } else if (begun || (in.At() == '%' && in.mark().column == 0)) {
      return in.mark().line + 1;
    } else {
      return YamlError(in.mark(),
                       "there is more after the end of the document");
    }
  }
}

absl::StatusOr<YamlText> Read(absl::string_view text) {
  RETURN_IF_ERROR(CheckText(text));
  while (absl::ConsumePrefix(&text, kByteOrderMark)) {
  }
  YamlEvents events(text);
  Builder builder;
  for (;;) {
    ASSIGN_OR_RETURN(YamlEvent event, events.Next());
    if (event.kind == YamlEventKind::kEnd) break;
    RETURN_IF_ERROR(builder.Add(event));
  }
  YamlText out;
  ASSIGN_OR_RETURN(out.second_document_line,
                   SecondDocumentLine(text, events.end()));
  out.json = builder.TakeJson();
  out.repeated_keys = builder.TakeRepeatedKeys();
  out.rounded_integers = builder.TakeRoundedIntegers();
  return out;
}

}  // namespace

absl::StatusOr<YamlText> ReadYaml(absl::string_view text,
                                  absl::string_view what) {
  absl::StatusOr<YamlText> read = Read(text);
  if (read.ok()) return read;
  return absl::InvalidArgumentError(
      absl::StrCat(what, " is not valid YAML: ", read.status().message()));
}

absl::StatusOr<Json> ParseYaml(absl::string_view text, absl::string_view what) {
  ASSIGN_OR_RETURN(YamlText read, ReadYaml(text, what));
  if (read.second_document_line > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " holds more than one YAML document: line ",
                     read.second_document_line));
  }
  return std::move(read.json);
}

}  // namespace base
