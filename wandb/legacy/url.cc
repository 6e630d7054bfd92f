#include "wandb/legacy/url.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/percent.h"

namespace wandb {

std::vector<std::pair<std::string, std::string>> LegacyUrl::Parameters() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const absl::string_view pair :
       absl::StrSplit(query.value_or(""), '&', absl::SkipEmpty())) {
    out.push_back(absl::StrSplit(pair, absl::MaxSplits('=', 1)));
  }
  return out;
}

std::optional<LegacyUrl> ParseLegacyUrl(absl::string_view text) {
  LegacyUrl url;
  text = absl::StripAsciiWhitespace(text);  // Of a file, often.
  const size_t scheme = text.find("://");
  if (scheme == absl::string_view::npos || scheme == 0) return std::nullopt;
  url.scheme = std::string(text.substr(0, scheme));
  text.remove_prefix(scheme + 3);
  const size_t question = text.find('?');
  if (question != absl::string_view::npos) {
    url.query = std::string(text.substr(question + 1));
    text = text.substr(0, question);
  }
  const size_t slash = text.find('/');
  absl::string_view authority = text.substr(0, slash);
  if (slash != absl::string_view::npos) {
    url.path = std::string(text.substr(slash + 1));
  }
  const size_t at = authority.rfind('@');
  if (at != absl::string_view::npos) {
    const std::pair<absl::string_view, absl::string_view> login =
        absl::StrSplit(authority.substr(0, at), absl::MaxSplits(':', 1));
    url.user = std::string(login.first);
    url.password = std::string(login.second);
    authority.remove_prefix(at + 1);
  }
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  if (colon != absl::string_view::npos &&
      (bracket == absl::string_view::npos || colon > bracket)) {
    int port = 0;
    if (!absl::SimpleAtoi(authority.substr(colon + 1), &port) || port <= 0 ||
        port > 65535) {
      return std::nullopt;
    }
    url.port = port;
    authority = authority.substr(0, colon);
  }
  url.host = std::string(authority);
  if (url.host.empty()) return std::nullopt;
  return url;
}

std::string PercentCompleted(absl::string_view text, absl::string_view kept) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool encoded = text[i] == '%' && i + 2 < text.size() &&
                         absl::ascii_isxdigit(text[i + 1]) &&
                         absl::ascii_isxdigit(text[i + 2]);
    if (encoded) {
      absl::StrAppend(&out, text.substr(i, 3));
      i += 2;
    } else {
      absl::StrAppend(&out, base::PercentEncoded(text.substr(i, 1), kept));
    }
  }
  return out;
}

}  // namespace wandb
