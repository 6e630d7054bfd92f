#include "wandb/spec/release_pin.h"

#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/go_json.h"

namespace wandb {
namespace {

using base::Json;

// A member of the object at the root of a text: [key, end), of which
// [value, end) is its value.
struct Member {
  size_t key, value, end;
};

// The end of the string that begins at `at`.
size_t EndOfString(absl::string_view text, size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// The end of the value that begins at `at`, without what follows it.
size_t EndOfValue(absl::string_view text, size_t at) {
  int depth = 0;
  size_t end = at;
  while (at < text.size()) {
    const char c = text[at];
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
    if (c == '"') {
      end = at = EndOfString(text, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
    if (!absl::ascii_isspace(static_cast<unsigned char>(c))) end = at;
  }
  return end;
}

size_t SkipSpace(absl::string_view text, size_t at) {
  while (at < text.size() &&
         absl::ascii_isspace(static_cast<unsigned char>(text[at]))) {
    ++at;
  }
  return at;
}

// Of an object, which `text` is known to be. `open` is where it begins.
std::vector<Member> MembersOf(absl::string_view text, size_t open) {
  std::vector<Member> members;
  size_t at = SkipSpace(text, open + 1);
  while (at < text.size() && text[at] == '"') {
    Member member = {.key = at};
    const size_t colon = SkipSpace(text, EndOfString(text, at));
    member.value = SkipSpace(text, colon + 1);
    member.end = EndOfValue(text, member.value);
    members.push_back(member);
    at = SkipSpace(text, member.end);
    if (at < text.size() && text[at] == ',') at = SkipSpace(text, at + 1);
  }
  return members;
}

bool IsPin(absl::string_view text, const Member& member) {
  const size_t size = EndOfString(text, member.key) - member.key;
  const auto key = base::ParseGoJson(text.substr(member.key, size), "key");
  return key.ok() && *key == kPinKey;
}

// A comma goes with it.
std::string WithoutPin(std::string text, size_t open) {
  for (;;) {
    const std::vector<Member> members = MembersOf(text, open);
    size_t i = 0;
    while (i < members.size() && !IsPin(text, members[i])) ++i;
    if (i == members.size()) return text;
    const bool alone = members.size() == 1;
    const size_t begin = i > 0 ? members[i - 1].end : members[i].key;
    const size_t end = i > 0 || alone ? members[i].end : members[i + 1].key;
    text.erase(begin, end - begin);
  }
}

}  // namespace

std::optional<std::string> PinnedRelease(const Json& values) {
  if (!values.is_object()) return std::nullopt;
  const auto it = values.find(kPinKey);
  if (it == values.end() || !it->is_string()) return std::nullopt;
  return it->get<std::string>();
}

std::string ReleaseIdOf(const SpecLayer& channel) {
  return base::StringAt(channel.metadata, "/releaseId").value_or("");
}

Json WithPin(Json values, const std::optional<std::string>& pin) {
  if (pin.has_value()) {
    if (!values.is_object()) values = Json::object();
    values[kPinKey] = *pin;
  } else if (values.is_object()) {
    values.erase(kPinKey);
  }
  return values;
}

std::string TextWithPin(absl::string_view text,
                        const std::optional<std::string>& pin) {
  std::string out(text);
  const size_t open = SkipSpace(text, 0);
  if (open == text.size() || text[open] != '{') {  // null
    return pin.has_value() ? base::DumpJson(WithPin(Json(), pin)) : out;
  }
  if (!pin.has_value()) return WithoutPin(std::move(out), open);
  const std::string value = base::DumpJson(Json(*pin));
  const std::vector<Member> members = MembersOf(text, open);
  for (size_t i = members.size(); i-- > 0;) {  // The last one counts.
    const Member& member = members[i];
    if (!IsPin(text, member)) continue;
    return out.replace(member.value, member.end - member.value, value);
  }
  return out.insert(open + 1, absl::StrCat("\"", kPinKey, "\":", value,
                                           members.empty() ? "" : ","));
}

}  // namespace wandb
