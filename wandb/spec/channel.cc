#include "wandb/spec/channel.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace wandb {
namespace {

// A path segment; what isn't unreserved is escaped.
std::string EscapeSegment(absl::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::StrContains("-._~", c)) {
      out += c;
    } else {
      absl::StrAppend(&out, "%", std::string(1, kHex[byte >> 4]),
                      std::string(1, kHex[byte & 15]));
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> ChannelRequestUrl(absl::string_view base,
                                              absl::string_view release_id) {
  if (base.empty()) base = kReleaseChannelUrl;
  absl::string_view rest = base;
  if ((!absl::ConsumePrefix(&rest, "https://") &&
       !absl::ConsumePrefix(&rest, "http://")) ||
      rest.empty() || rest[0] == '/' ||
      rest.find_first_of("@?# \t\n") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "the release channel's URL must be http(s)://host, without user, query "
        "or fragment, like https://deploy.wandb.ai");
  }
  while (absl::ConsumeSuffix(&base, "/")) {
  }
  return absl::StrCat(
      base, "/api/v1/operator/channel",
      release_id.empty()
          ? ""
          : absl::StrCat("/release/", EscapeSegment(release_id)));
}

std::string ChannelAuthorization(absl::string_view license) {
  return absl::StrCat("Basic ",
                      absl::Base64Escape(absl::StrCat("license:", license)));
}

absl::StatusOr<base::Json> ParseChannelAnswer(absl::string_view body) {
  ASSIGN_OR_RETURN(base::Json answer, base::ParseJson(body, "the answer"));
  RETURN_IF_ERROR(ParseRelease(answer).status());
  // No more than the operator takes.
  base::Json release = base::Json::object();
  for (const char* key : {"chart", "metadata", "values"}) {
    const auto found = answer.find(key);
    release[key] = found == answer.end() ? base::Json() : *found;
  }
  return release;
}

}  // namespace wandb
