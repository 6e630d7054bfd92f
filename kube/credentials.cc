#include "kube/credentials.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace kube {
namespace {

constexpr absl::Duration kTokenAge = absl::Seconds(60);

// A header name can hold no more than this; the server decodes the rest.
std::string EscapeKey(absl::string_view key) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_') {
      out.push_back(c);
    } else {
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<http::Headers> Credentials::Headers() {
  http::Headers headers;
  if (!absl::StartsWith(config_.server, "https://")) return headers;
  ASSIGN_OR_RETURN(std::string authorization, Authorization());
  if (!authorization.empty()) {
    headers.emplace_back("Authorization", std::move(authorization));
  }
  if (config_.impersonate_user.empty()) return headers;
  headers.emplace_back("Impersonate-User", config_.impersonate_user);
  if (!config_.impersonate_uid.empty()) {
    headers.emplace_back("Impersonate-Uid", config_.impersonate_uid);
  }
  for (const std::string& group : config_.impersonate_groups) {
    headers.emplace_back("Impersonate-Group", group);
  }
  for (const auto& [key, values] : config_.impersonate_extra) {
    for (const std::string& value : values) {
      headers.emplace_back(absl::StrCat("Impersonate-Extra-", EscapeKey(key)),
                           value);
    }
  }
  return headers;
}

absl::StatusOr<std::string> Credentials::Authorization() {
  if (!config_.token.empty()) {
    return absl::StrCat("Bearer ", config_.token.Reveal());
  }
  if (!config_.username.empty()) {
    return absl::StrCat(
        "Basic ", absl::Base64Escape(absl::StrCat(config_.username, ":",
                                                  config_.password.Reveal())));
  }
  if (config_.token_file.empty()) return std::string();
  absl::MutexLock lock(&mutex_);
  if (absl::Now() - file_token_read_ >= kTokenAge) ReadTokenFile();
  if (file_token_.empty()) {
    return absl::UnauthenticatedError(
        absl::StrCat("no token in ", config_.token_file));
  }
  return absl::StrCat("Bearer ", file_token_);
}

void Credentials::ReadTokenFile() {
  std::ifstream in(config_.token_file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  // A token that is just being replaced reads as empty: keep the last one.
  if (absl::StripAsciiWhitespace(text).empty()) return;
  file_token_ = std::string(absl::StripAsciiWhitespace(text));
  file_token_read_ = absl::Now();
}

bool Credentials::Refresh() {
  if (config_.token_file.empty() || !config_.token.empty()) return false;
  absl::MutexLock lock(&mutex_);
  const std::string refused = file_token_;
  ReadTokenFile();
  return file_token_ != refused;
}

}  // namespace kube
