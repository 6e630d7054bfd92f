#include "kube/wire.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/percent.h"

namespace kube {
namespace {

using base::Json;

// Adds the quoted strings of `text`; false if there is none.
bool AddQuoted(absl::string_view text, std::vector<std::string>& out) {
  bool found = false;
  std::string* open = nullptr;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      open = open == nullptr ? &out.emplace_back() : nullptr;
      found = true;
    } else if (open != nullptr) {
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      open->push_back(text[i]);
    }
  }
  return found;
}

}  // namespace

std::string QueryText(const Query& query) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : query) {
    if (!value.empty()) {
      parts.push_back(
          absl::StrCat(name, "=", base::PercentEncoded(value, "-._")));
    }
  }
  return parts.empty() ? "" : absl::StrCat("?", absl::StrJoin(parts, "&"));
}

std::vector<std::string> WarningsOf(const http::Headers& headers) {
  std::vector<std::string> out;
  for (const auto& [name, value] : headers) {
    if (name == "warning" && !AddQuoted(value, out)) out.push_back(value);
  }
  return out;
}

std::string PropagationText(Propagation propagation) {
  switch (propagation) {
    case Propagation::kForeground:
      return "Foreground";
    case Propagation::kOrphan:
      return "Orphan";
    case Propagation::kBackground:
      break;
  }
  return "Background";
}

std::string SecondsText(absl::Duration duration) {
  const int64_t seconds =
      absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1)));
  return absl::StrCat(std::max<int64_t>(1, seconds), "s");
}

bool IsHtml(const http::Response& response) {
  return absl::StartsWithIgnoreCase(response.Header("content-type"),
                                    "text/html");
}

absl::StatusOr<Json> JsonOf(const http::Response& response,
                            absl::string_view where, size_t max_bytes) {
  auto json = base::ParseJson(
      response.body, absl::StrCat(where, ": the answer"), {.bytes = max_bytes});
  if (absl::IsResourceExhausted(json.status())) return json.status();
  if (json.ok() && json->is_object()) return json;
  absl::string_view came = "something else";
  if (absl::StripAsciiWhitespace(response.body).empty()) {
    came = "nothing";
  } else if (IsHtml(response) ||
             absl::StripAsciiWhitespace(response.body).front() == '<') {
    came = "a web page";
  } else if (json.ok()) {
    came = "other JSON";
  }
  return absl::FailedPreconditionError(
      absl::StrCat(where, ": HTTP ", response.status, " with ", came,
                   " where a JSON object belongs. ", kNoApiServer));
}

}  // namespace kube
