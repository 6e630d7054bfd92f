#include "base/credential_finders.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/percent.h"

namespace base {
namespace {

using Finder = void (*)(absl::string_view text, Care care,
                        credentials::Spans& found);

constexpr Finder kShapes[] = {
    credentials::FindPrivateKeys, credentials::FindUserInfo,
    credentials::FindTokens,      credentials::FindHashes,
    credentials::FindWebhooks,    credentials::FindAuthorization,
    credentials::FindAssignments, credentials::FindCommandArguments,
    credentials::FindPhrases,     credentials::FindRandomWords,
};

// Text with separators in place of their percent-encoding, "%3A": as whoever
// reads it sees it.
struct Decoded {
  std::string text;
  std::vector<size_t> at;  // Those separators, in `text`.

  // Where what is at `place` begins in the encoded text.
  size_t Before(size_t place) const {
    const auto shorter = std::lower_bound(at.begin(), at.end(), place);
    return place + 2 * static_cast<size_t>(shorter - at.begin());
  }
};

// Letters and digits need no encoding, and other bytes separate nothing.
bool IsSeparator(unsigned char c) {
  return absl::ascii_ispunct(c) || absl::ascii_isspace(c);
}

Decoded Decode(absl::string_view text) {
  Decoded decoded;
  size_t done = 0;
  for (size_t at = text.find('%'); at != absl::string_view::npos;
       at = text.find('%', at + 1)) {
    const std::string byte = PercentDecoded(text.substr(at, 3));
    if (byte.size() != 1 || at + 3 > text.size() || !IsSeparator(byte[0])) {
      continue;
    }
    absl::StrAppend(&decoded.text, text.substr(done, at - done));
    decoded.at.push_back(decoded.text.size());
    decoded.text += byte;
    at += 2;
    done = at + 1;
  }
  if (done > 0) absl::StrAppend(&decoded.text, text.substr(done));
  return decoded;
}

// A name, a sign and a secret have one byte each.
constexpr size_t kShortest = 3;

// What is in a URL may have been encoded for another one.
constexpr int kMostEncodings = 2;

void FindAll(absl::string_view text, Care care, int encodings,
             credentials::Spans& found) {
  for (const Finder find : kShapes) find(text, care, found);
  if (encodings == 0) return;
  const Decoded decoded = Decode(text);
  if (decoded.at.empty()) return;
  credentials::Spans below;
  FindAll(decoded.text, care, encodings - 1, below);
  for (const Span& span : below) {
    found.push_back({decoded.Before(span.begin), decoded.Before(span.end)});
  }
}

}  // namespace

std::vector<Span> FindCredentials(absl::string_view text, Care care) {
  if (text.size() < kShortest) return {};
  std::vector<Span> found;
  FindAll(text, care, kMostEncodings, found);
  std::sort(found.begin(), found.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Span> merged;
  for (const Span& span : found) {
    if (!merged.empty() && span.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

}  // namespace base
