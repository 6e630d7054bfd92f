#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "base/credential_finders.h"
#include "base/credential_text.h"
#include "base/credential_words.h"

namespace base::credentials {
namespace {

constexpr char kEndOfAuthority[] = "/?#";

// Whether "user:password", or "user" alone, has something to hide.
bool IsUserInfo(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon != kNone) return !IsHarmless(text.substr(colon + 1));
  return !IsHarmless(text) && text != "git" && text != kHidden;
}

// `token` is text without blanks; a password may hold a raw `/`, `?` or `#`,
// which a URL forbids and people write.
void FindUrlUserInfo(size_t offset, absl::string_view token, Spans& found) {
  const size_t last_at = token.rfind('@');
  if (last_at == kNone) return;
  size_t scheme = token.find(kScheme);
  while (scheme != kNone) {
    const size_t start = scheme + kScheme.size();
    size_t next = start;
    const size_t authority_end =
        std::min(token.find_first_of(kEndOfAuthority, start), token.size());
    const absl::string_view authority =
        token.substr(start, authority_end - start);
    size_t at = authority.rfind('@');
    if (at == kNone) {
      const size_t colon = authority.find(':');
      const bool raw =
          colon != kNone && !AllDigits(authority.substr(colon + 1));
      if (raw && last_at > start) at = last_at - start;
    }
    if (at != kNone && at > 0) {
      if (IsUserInfo(token.substr(start, at))) {
        found.push_back({offset + start, offset + start + at});
      }
      next = start + at;
    }
    scheme = token.find(kScheme, next);
  }
}

// `image:tag@sha256:...` without the digest.
absl::string_view WithoutDigest(absl::string_view token) {
  for (const absl::string_view mark : {"@sha256:", "@sha512:"}) {
    const size_t at = token.rfind(mark);
    if (at != kNone && at + mark.size() < token.size()) {
      return token.substr(0, at);
    }
  }
  return token;
}

// "user/password@host:1521", as Oracle writes it; a port makes it an address.
void FindOracleUserInfo(size_t offset, absl::string_view token, size_t at,
                        Spans& found) {
  size_t begin = token.substr(0, at).find_last_of("=([{,;|");
  begin = begin == kNone ? 0 : begin + 1;
  const absl::string_view user_info = token.substr(begin, at - begin);
  const size_t slash = user_info.find('/');
  if (slash == kNone || slash == 0 || user_info.rfind('/') != slash ||
      IsHarmless(user_info.substr(slash + 1))) {
    return;
  }
  const size_t host = Skip(token, at + 1, IsNameCharacter);
  const size_t port = host + 1;
  const size_t end = Skip(token, std::min(port, token.size()), IsDigit);
  if (host >= token.size() || token[host] != ':' || end == port ||
      end - port > 5) {
    return;
  }
  found.push_back({offset + begin, offset + at});
}

// "user:password@host" without a scheme.
void FindBareUserInfo(size_t offset, absl::string_view token, Spans& found) {
  const bool jdbc = absl::StartsWithIgnoreCase(token, "jdbc:oracle:");
  token = WithoutDigest(token.substr(0, token.find(kScheme)));
  size_t at = token.rfind('@');
  if (at == kNone || at + 1 >= token.size()) return;
  const char next = token[at + 1];
  if (!IsAlnum(next) && !IsIn(next, "[({$_*")) return;
  size_t begin = 0;
  if (jdbc) {  // jdbc:oracle:thin:user/password@host
    begin = token.find(':', sizeof("jdbc:oracle:") - 1);
    if (begin == kNone || begin + 1 >= at) return;
    if (token.substr(begin, at - begin).find('/') == kNone) return;
    found.push_back({offset + begin + 1, offset + at});
    return;
  }
  const size_t colon = token.substr(0, at).find(':');
  if (colon == kNone) return FindOracleUserInfo(offset, token, at, found);
  // "dsn=user:...", "(user:..."
  begin = token.substr(0, colon).find_last_of("=([{,;|");
  begin = begin == kNone ? 0 : begin + 1;
  const absl::string_view user = token.substr(begin, colon - begin);
  const absl::string_view password = token.substr(colon + 1, at - colon - 1);
  if (user.find('/') != kNone || IsHarmless(password)) return;
  if (absl::c_linear_search(NoUsers(), user)) return;
  if (absl::EndsWith(token, ".gserviceaccount.com")) return;
  found.push_back({offset + begin, offset + at});
}

}  // namespace

void FindUserInfo(absl::string_view text, Care, Spans& found) {
  if (text.find('@') == kNone) return;
  ForEachToken(text, [&](size_t offset, absl::string_view token) {
    if (token.find('@') == kNone) return;
    FindUrlUserInfo(offset, token, found);
    FindBareUserInfo(offset, token, found);
  });
}

}  // namespace base::credentials
