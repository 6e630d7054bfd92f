#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/yaml_scalar.h"

namespace base {
namespace {

constexpr size_t kMaxTextBytes = 8 << 20;
constexpr size_t kMaxDepth = 128;
// What all values may take with aliases expanded: bytes of text, and for each
// value about what Json needs.
constexpr size_t kMaxExpandedBytes = 256 << 20;
constexpr size_t kValueBytes = 64;

// A finished value with what it costs to repeat it.
// NOLINTNEXTLINE(bugprone-exception-escape): moving Json does not throw.
struct Item {
  Json json;
  size_t bytes = kValueBytes;
  size_t depth = 1;
};

// A sequence or mapping that is not finished.
struct Frame {
  Item item;
  YAML::anchor_t anchor = 0;
  bool has_key = false;
  bool merge = false;
  std::string key;
  // Keys written here, without merged ones, which may be replaced.
  std::set<std::string> own_keys;
};

// Builds documents from the parser's events. After a failure it ignores all
// others.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(absl::string_view text) : text_(text) {}

  std::vector<Json>& documents() { return documents_; }
  const absl::Status& status() const { return status_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, Json::array());
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, anchor, Json::object());
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override { Close(); }

 private:
  void Fail(const YAML::Mark& mark, absl::string_view message);
  absl::string_view TextFrom(int line);
  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, Json empty);
  void Close();
  void Finish(YAML::anchor_t anchor, Item item);
  void Place(Item item);
  void PlaceKey(const Item& item);
  void Merge(Json& target, Json source);

  // What is left of the text after so many lines.
  absl::string_view text_;
  int seen_lines_ = 0;
  std::vector<Json> documents_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Item> anchors_;
  size_t bytes_ = 0;
  // The last place with a position of its own.
  YAML::Mark last_;
  absl::Status status_;
};

void Builder::Fail(const YAML::Mark& mark, absl::string_view message) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(absl::StrCat(
      "line ", mark.line + 1, ", column ", mark.column + 1, ": ", message));
}

// The parser takes whatever follows a document for the next one, even on the
// same line, and may do so for ever if it cannot use it ("--- ,").
void Builder::OnDocumentStart(const YAML::Mark& mark) {
  if (!status_.ok()) return;
  anchors_.clear();
  const bool marked =
      mark.column == 0 && absl::StartsWith(TextFrom(mark.line), "---");
  if (!documents_.empty() && !marked) {
    return Fail(mark, "there is more after the end of the document");
  }
  documents_.emplace_back();
}

// The text from `line` on, which must not be before that of the last call.
absl::string_view Builder::TextFrom(int line) {
  for (; seen_lines_ < line; ++seen_lines_) {
    const size_t end = text_.find('\n');
    text_.remove_prefix(end == text_.npos ? text_.size() : end + 1);
  }
  return text_;
}

void Builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  last_ = mark;
  Finish(anchor, Item());
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor, const std::string& value) {
  if (!status_.ok()) return;
  last_ = mark;
  if (!open_.empty() && open_.back().item.json.is_object() &&
      !open_.back().has_key && value == "<<" &&
      (tag == "?" || tag == "tag:yaml.org,2002:merge")) {
    open_.back().has_key = true;
    open_.back().merge = true;
    return;
  }
  absl::StatusOr<Json> json = ResolveYaml(tag, value);
  if (!json.ok()) return Fail(mark, json.status().message());
  Finish(anchor,
         {.json = *std::move(json), .bytes = kValueBytes + value.size()});
}

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (!status_.ok()) return;
  last_ = mark;
  const auto it = anchors_.find(anchor);
  if (it == anchors_.end()) return Fail(mark, "a value contains itself");
  if (open_.size() + it->second.depth > kMaxDepth) {
    return Fail(mark, "nested too deeply");
  }
  // Before the copy is made.
  if (bytes_ + it->second.bytes > kMaxExpandedBytes) {
    return Fail(mark, "too large with aliases expanded");
  }
  Finish(0, it->second);
}

void Builder::Open(const YAML::Mark& mark, YAML::anchor_t anchor, Json empty) {
  if (!status_.ok()) return;
  last_ = mark;
  if (open_.size() >= kMaxDepth) return Fail(mark, "nested too deeply");
  open_.push_back({.item = {.json = std::move(empty)}, .anchor = anchor});
}

void Builder::Close() {
  if (!status_.ok()) return;
  Frame frame = std::move(open_.back());
  open_.pop_back();
  // Its items are counted already.
  bytes_ -= std::min(bytes_, frame.item.bytes - kValueBytes);
  Finish(frame.anchor, std::move(frame.item));
}

void Builder::Finish(YAML::anchor_t anchor, Item item) {
  if (!status_.ok()) return;
  bytes_ += item.bytes * (anchor != 0 ? 2 : 1);
  if (bytes_ > kMaxExpandedBytes) return Fail(last_, "too large");
  if (anchor != 0) anchors_[anchor] = item;
  Place(std::move(item));
}

void Builder::Place(Item item) {
  if (open_.empty()) {
    documents_.back() = NarrowYamlNumber(std::move(item.json));
    return;
  }
  Frame& frame = open_.back();
  frame.item.bytes += item.bytes;
  frame.item.depth = std::max(frame.item.depth, item.depth + 1);
  if (frame.item.json.is_array()) {
    frame.item.json.push_back(NarrowYamlNumber(std::move(item.json)));
    return;
  }
  if (!frame.has_key) return PlaceKey(item);
  frame.has_key = false;
  if (std::exchange(frame.merge, false)) {
    return Merge(frame.item.json, std::move(item.json));
  }
  frame.item.json[frame.key] = NarrowYamlNumber(std::move(item.json));
}

void Builder::PlaceKey(const Item& item) {
  Frame& frame = open_.back();
  absl::StatusOr<std::string> key = YamlKey(item.json);
  if (!key.ok()) return Fail(last_, key.status().message());
  if (!frame.own_keys.insert(*key).second) {
    return Fail(last_, "a key occurs twice");
  }
  frame.key = *std::move(key);
  frame.has_key = true;
}

void Builder::Merge(Json& target, Json source) {
  if (source.is_object()) {
    target.update(source);
    return;
  }
  const bool mappings =
      source.is_array() &&
      std::all_of(source.begin(), source.end(),
                  [](const Json& item) { return item.is_object(); });
  if (!mappings) return Fail(last_, "only mappings can be merged");
  // The first of them counts most.
  std::for_each(source.rbegin(), source.rend(),
                [&target](const Json& item) { target.update(item); });
}

absl::Status Positioned(absl::string_view text, size_t offset,
                        absl::string_view message) {
  const absl::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n');
  const size_t start = before.rfind('\n');
  const size_t column = start == before.npos ? offset : offset - start - 1;
  return absl::InvalidArgumentError(
      absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message));
}

// The message without what follows the colon, which may be a part of the text.
absl::string_view Harmless(absl::string_view message) {
  return message.substr(0, message.find(':'));
}

absl::Status Parse(absl::string_view text, Builder& builder) {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError("larger than 8 MiB");
  }
  size_t bad = 0;
  if (!IsYamlText(text, bad)) {
    return Positioned(text, bad, "a character that YAML does not allow");
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder) && builder.status().ok()) {
    }
  } catch (const YAML::Exception& error) {
    // What the builder found comes first in the text.
    if (!builder.status().ok()) return builder.status();
    return absl::InvalidArgumentError(
        absl::StrCat("line ", error.mark.line + 1, ", column ",
                     error.mark.column + 1, ": ", Harmless(error.msg)));
  } catch (const std::exception&) {
    return absl::InvalidArgumentError("not readable as YAML");
  }
  return builder.status();
}

}  // namespace

absl::StatusOr<std::vector<Json>> ParseYamlDocuments(absl::string_view text,
                                                     absl::string_view what) {
  Builder builder(text);
  if (const absl::Status status = Parse(text, builder); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is not valid YAML: ", status.message()));
  }
  return std::move(builder.documents());
}

absl::StatusOr<Json> ParseYaml(absl::string_view text, absl::string_view what) {
  absl::StatusOr<std::vector<Json>> documents = ParseYamlDocuments(text, what);
  if (!documents.ok()) return documents.status();
  Json only;
  for (Json& document : *documents) {
    if (document.is_null()) continue;
    if (!only.is_null()) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " holds more than one YAML document"));
    }
    only = std::move(document);
  }
  return only;
}

}  // namespace base
