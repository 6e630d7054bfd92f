#include "wandb/names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace wandb {
namespace {

constexpr size_t kMostOfSubdomain = 253;
constexpr size_t kMostOfLabel = 63;
constexpr size_t kMostOfTag = 128;
constexpr size_t kDigitsOfDigest = 64;

bool IsAlnum(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}

bool IsLowerAlnum(char c) {
  return IsAlnum(c) && !absl::ascii_isupper(static_cast<unsigned char>(c));
}

bool IsNameCharacter(char c) {
  return IsAlnum(c) || c == '-' || c == '_' || c == '.';
}

// Between the dots of a subdomain.
bool IsDnsPart(absl::string_view part) {
  return !part.empty() && IsLowerAlnum(part.front()) &&
         IsLowerAlnum(part.back()) &&
         std::all_of(part.begin(), part.end(),
                     [](char c) { return IsLowerAlnum(c) || c == '-'; });
}

bool IsLabelName(absl::string_view text) {
  return !text.empty() && text.size() <= kMostOfLabel &&
         IsAlnum(text.front()) && IsAlnum(text.back()) &&
         std::all_of(text.begin(), text.end(), IsNameCharacter);
}

}  // namespace

bool IsSubdomain(absl::string_view text) {
  if (text.size() > kMostOfSubdomain) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  return std::all_of(parts.begin(), parts.end(), IsDnsPart);
}

bool IsQualifiedName(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return IsLabelName(text);
  return IsSubdomain(text.substr(0, slash)) &&
         IsLabelName(text.substr(slash + 1));
}

bool IsLabelValue(absl::string_view text) {
  return text.empty() || IsLabelName(text);
}

bool IsVariableName(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c)) && c != '=';
  });
}

bool IsImageTag(absl::string_view text) {
  const size_t digest = text.find('@');
  const absl::string_view tag = text.substr(0, digest);
  return !tag.empty() && tag.size() <= kMostOfTag && tag.front() != '-' &&
         tag.front() != '.' &&
         std::all_of(tag.begin(), tag.end(), IsNameCharacter) &&
         (digest == absl::string_view::npos ||
          absl::StrContains(text.substr(digest), ':'));
}

bool IsImageDigest(absl::string_view text) {
  return absl::ConsumePrefix(&text, "sha256:") &&
         text.size() == kDigitsOfDigest &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

bool IsDataKey(absl::string_view text) {
  return !text.empty() && text.size() <= kMostOfSubdomain && text != "." &&
         text.substr(0, 2) != ".." &&
         std::all_of(text.begin(), text.end(), IsNameCharacter);
}

}  // namespace wandb
