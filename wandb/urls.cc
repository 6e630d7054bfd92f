#include "wandb/urls.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace wandb {
namespace {

constexpr absl::string_view kHidden = "(sensitive)";
constexpr char kEndOfUrl[] = " \t\r\n\"'<>`\\";
constexpr char kEndOfAuthority[] = " \t\r\n\"'<>`\\/?#";

bool IsPort(absl::string_view text) {
  return absl::c_all_of(text,
                        [](unsigned char c) { return absl::ascii_isdigit(c); });
}

// The end of the user info that starts `text`, which follows a "://": the
// offset of its "@". A password may hold a raw `/`, `?` or `#`, which a URL
// forbids and people write.
std::optional<size_t> UserInfoEnd(absl::string_view text) {
  const absl::string_view authority =
      text.substr(0, text.find_first_of(kEndOfAuthority));
  size_t at = authority.rfind('@');
  if (at != absl::string_view::npos) return at;
  const size_t colon = authority.find(':');
  if (colon == absl::string_view::npos || IsPort(authority.substr(colon + 1))) {
    return std::nullopt;
  }
  at = text.substr(0, text.find_first_of(kEndOfUrl)).rfind('@');
  if (at == absl::string_view::npos) return std::nullopt;
  return at;
}

// Calls visit(offset, length) for each user info.
template <typename Visit>
void ForEachUserInfo(absl::string_view text, const Visit& visit) {
  constexpr absl::string_view kMark = "://";
  size_t from = text.find(kMark);
  while (from != absl::string_view::npos) {
    const size_t start = from + kMark.size();
    size_t next = start;
    if (std::optional<size_t> end = UserInfoEnd(text.substr(start))) {
      visit(start, *end);
      next += *end;
    }
    from = text.find(kMark, next);
  }
}

}  // namespace

bool HasUrlUserInfo(absl::string_view text) {
  bool found = false;
  ForEachUserInfo(text, [&](size_t, size_t) { found = true; });
  return found;
}

std::string RedactUrls(absl::string_view text) {
  std::string result;
  size_t done = 0;
  ForEachUserInfo(text, [&](size_t start, size_t length) {
    absl::StrAppend(&result, text.substr(done, start - done), kHidden);
    done = start + length;
  });
  absl::StrAppend(&result, text.substr(done));
  return result;
}

}  // namespace wandb
