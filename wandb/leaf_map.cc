#include "wandb/leaf_map.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

bool IsPlainCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '-';
}

bool IsPlainKey(absl::string_view key) {
  for (char c : key) {
    if (!IsPlainCharacter(c)) return false;
  }
  return !key.empty();
}

std::string Quote(absl::string_view text) {
  return base::DumpJson(Json(std::string(text)));
}

void AppendKey(absl::string_view key, std::string& text) {
  if (!IsPlainKey(key)) {
    absl::StrAppend(&text, "[", Quote(key), "]");
  } else {
    absl::StrAppend(&text, text.empty() ? "" : ".", key);
  }
}

void AppendIndex(size_t index, std::string& text) {
  absl::StrAppend(&text, "[", index, "]");
}

// Reads a path from the front.
class PathParser {
 public:
  explicit PathParser(absl::string_view text) : text_(text) {}

  absl::StatusOr<Path> Parse() {
    Path path;
    while (at_ < text_.size()) {
      ASSIGN_OR_RETURN(Step step, Next());
      path.push_back(std::move(step));
    }
    return path;
  }

 private:
  absl::Status Bad(absl::string_view expected) const {
    return absl::InvalidArgumentError(
        absl::StrCat("not a path: expected ", expected, " at offset ", at_));
  }

  absl::StatusOr<Step> Next() {
    if (text_[at_] == '[') {
      ++at_;
      return at_ < text_.size() && text_[at_] == '"' ? Quoted() : Index();
    }
    if (at_ > 0) {
      if (text_[at_] != '.') return Bad("`.` or `[`");
      ++at_;
    }
    const size_t start = at_;
    while (at_ < text_.size() && IsPlainCharacter(text_[at_])) ++at_;
    if (at_ == start) return Bad("a key of letters, digits, `_` and `-`");
    return Step::Key(std::string(text_.substr(start, at_ - start)));
  }

  absl::StatusOr<Step> Index() {
    // More digits could overflow; no list has as many elements.
    constexpr size_t kMaxDigits = 15;
    const size_t start = at_;
    size_t index = 0;
    while (at_ < text_.size() && absl::ascii_isdigit(text_[at_])) {
      if (at_ - start == kMaxDigits) return Bad("a smaller index");
      index = index * 10 + static_cast<size_t>(text_[at_++] - '0');
    }
    if (at_ == start) return Bad("an index or a quoted key");
    RETURN_IF_ERROR(Close());
    return Step::Index(index);
  }

  absl::StatusOr<Step> Quoted() {
    const size_t start = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= text_.size()) return Bad("a closing quote");
    ++at_;
    absl::StatusOr<Json> key =
        base::ParseJson(text_.substr(start, at_ - start), "key");
    const auto* string =
        key.ok() ? key->get_ptr<const std::string*>() : nullptr;
    if (string == nullptr) {
      at_ = start;
      return Bad("a key quoted as in JSON");
    }
    RETURN_IF_ERROR(Close());
    return Step::Key(*string);
  }

  absl::Status Close() {
    if (at_ >= text_.size() || text_[at_] != ']') return Bad("`]`");
    ++at_;
    return absl::OkStatus();
  }

  absl::string_view text_;
  size_t at_ = 0;
};

// Grows path and text on the way down and cuts them on the way up.
class Walker {
 public:
  explicit Walker(LeafVisitor visit) : visit_(visit) {}

  void Walk(const Json& node) {
    if (!node.is_structured() || node.empty()) {
      visit_(path_, text_, node);
    } else if (const auto* object = node.get_ptr<const Json::object_t*>()) {
      WalkObject(*object);
    } else if (const auto* list = node.get_ptr<const Json::array_t*>()) {
      WalkList(*list);
    }
  }

 private:
  void WalkObject(const Json::object_t& object) {
    const size_t length = text_.size();
    path_.emplace_back();
    for (const auto& [key, value] : object) {
      path_.back().key = key;
      AppendKey(key, text_);
      Walk(value);
      text_.resize(length);
    }
    path_.pop_back();
  }

  void WalkList(const Json::array_t& list) {
    const size_t length = text_.size();
    path_.emplace_back();
    for (size_t i = 0; i < list.size(); ++i) {
      path_.back().index = i;
      AppendIndex(i, text_);
      Walk(list[i]);
      text_.resize(length);
    }
    path_.pop_back();
  }

  LeafVisitor visit_;
  Path path_;
  std::string text_;
};

// Adds up what a map of leaves would be, without making it.
class LeafCount {
 public:
  // Both are far more than the API server and the operator's Secrets take of
  // any specification that is not made to be expensive.
  static constexpr size_t kMostBytes = 8 << 20;  // Of paths and strings.
  static constexpr size_t kMostSteps = 500'000;  // Of all the paths.

  // Whether there is still room.
  bool Add(const Json& tree) { return Add(tree, 0, 0); }

 private:
  bool Add(const Json& node, size_t steps, size_t bytes) {
    if (!node.is_structured() || node.empty()) {
      const auto* text = node.get_ptr<const std::string*>();
      steps_ += steps + 1;
      bytes_ += bytes + (text == nullptr ? 0 : text->size());
      return steps_ <= kMostSteps && bytes_ <= kMostBytes;
    }
    if (const auto* object = node.get_ptr<const Json::object_t*>()) {
      for (const auto& [key, value] : *object) {
        if (!Add(value, steps + 1, bytes + key.size() + 1)) return false;
      }
      return true;
    }
    for (const Json& element : node) {
      if (!Add(element, steps + 1, bytes + 3)) return false;
    }
    return true;
  }

  size_t steps_ = 0;
  size_t bytes_ = 0;
};

// Cheap for what can't be JSON, which is nearly every string.
bool IsJson(absl::string_view text) {
  const absl::string_view body = absl::StripLeadingAsciiWhitespace(text);
  if (body.empty()) return false;
  if (!absl::ascii_isdigit(body[0]) &&
      !absl::StrContains("{[\"-tfn", body.substr(0, 1))) {
    return false;
  }
  return Json::accept(text.begin(), text.end());
}

std::string StringText(const std::string& text) {
  const bool plain =
      !absl::StartsWith(text, "\"") && !base::HasControl(text) && !IsJson(text);
  return plain ? text : Quote(text);
}

}  // namespace

std::string FormatPath(const Path& path) { return FormatPath("", path); }

std::string FormatPath(absl::string_view root, const Path& path) {
  std::string text(root);
  for (const Step& step : path) {
    if (step.index.has_value()) {
      AppendIndex(*step.index, text);
    } else {
      AppendKey(step.key, text);
    }
  }
  return text;
}

absl::StatusOr<Path> ParsePath(absl::string_view text) {
  return PathParser(text).Parse();
}

absl::StatusOr<Path> ParseFieldPath(absl::string_view text) {
  auto path = ParsePath(text);
  if (path.ok() && std::any_of(path->begin(), path->end(),
                               [](const Step& s) { return s.IsIndex(); })) {
    return absl::InvalidArgumentError(
        "to Kubernetes a list is one field, so name the list itself");
  }
  return path;
}

const Json* FindPath(const Json& tree, const Path& path) {
  const Json* node = &tree;
  for (const Step& step : path) {
    if (step.index.has_value()) {
      const auto* list = node->get_ptr<const Json::array_t*>();
      if (list == nullptr || *step.index >= list->size()) return nullptr;
      node = &(*list)[*step.index];
    } else {
      const auto* object = node->get_ptr<const Json::object_t*>();
      if (object == nullptr) return nullptr;
      const auto found = object->find(step.key);
      if (found == object->end()) return nullptr;
      node = &found->second;
    }
  }
  return node;
}

void ForEachLeaf(const Json& tree, LeafVisitor visit) {
  Walker(visit).Walk(tree);
}

absl::Status CheckListable(const std::vector<const Json*>& trees) {
  LeafCount count;
  for (const Json* tree : trees) {
    if (count.Add(*tree)) continue;
    return absl::ResourceExhaustedError(absl::StrCat(
        "is too large to be listed by paths: these have more than ",
        LeafCount::kMostBytes >> 20, " MiB or ", LeafCount::kMostSteps,
        " steps together. Leave something out, shorten the keys, or move "
        "large values into ConfigMaps or Secrets"));
  }
  return absl::OkStatus();
}

std::vector<Leaf> Flatten(const Json& tree) {
  std::vector<Leaf> leaves;
  ForEachLeaf(tree,
              [&](const Path&, const std::string& text, const Json& leaf) {
                leaves.push_back({text, &leaf});
              });
  return leaves;
}

std::string LeafText(const Json& leaf) {
  if (UnknownKind(leaf).has_value()) return "(known after apply)";
  if (const auto* text = leaf.get_ptr<const std::string*>()) {
    return StringText(*text);
  }
  if (const auto* number = leaf.get_ptr<const double*>()) {
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (std::trunc(*number) == *number && std::fabs(*number) <= kExact) {
      return absl::StrCat(static_cast<int64_t>(*number));
    }
  }
  return base::DumpJson(leaf);
}

absl::StatusOr<Json> ParseLeafText(absl::string_view text) {
  const bool quoted = absl::StartsWith(text, "\"");
  if (!quoted && !IsJson(text)) return Json(std::string(text));
  ASSIGN_OR_RETURN(Json leaf, base::ParseJson(text, "leaf"));
  if (leaf.is_structured() && !leaf.empty()) {
    return absl::InvalidArgumentError(
        "leaf: a map or list that isn't empty has leaves of its own");
  }
  return leaf;
}

}  // namespace wandb
