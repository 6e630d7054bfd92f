#include "base/credential_shapes.h"

#include <algorithm>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/secret_names.h"

namespace base {
namespace {

using Spans = std::vector<Span>;
constexpr size_t kNone = absl::string_view::npos;

constexpr char kEndOfToken[] = " \t\r\n\"'<>`\\";
constexpr char kEndOfAuthority[] = "/?#";

bool IsAlnum(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}
bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}
bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsIn(char c, absl::string_view set) { return set.find(c) != kNone; }
// Of the alphabets in which tokens are written.
bool IsTokenCharacter(char c) { return IsAlnum(c) || c == '-' || c == '_'; }
bool IsBase64(char c) { return IsAlnum(c) || IsIn(c, "+/="); }
bool IsWord(char c) { return IsAlnum(c) || IsIn(c, "+_-.=/~%"); }
bool IsNameCharacter(char c) { return IsAlnum(c) || IsIn(c, "_-."); }

bool AllDigits(absl::string_view text) { return absl::c_all_of(text, IsDigit); }

template <typename Predicate>
size_t Skip(absl::string_view text, size_t from, const Predicate& is) {
  while (from < text.size() && is(text[from])) ++from;
  return from;
}

bool AtWordStart(absl::string_view text, size_t at) {
  return at == 0 || !IsTokenCharacter(text[at - 1]);
}

// Calls visit(offset, token) for each run without blanks and quotes.
template <typename Visit>
void ForEachToken(absl::string_view text, const Visit& visit) {
  size_t at = 0;
  while ((at = text.find_first_not_of(kEndOfToken, at)) != kNone) {
    const size_t end =
        std::min(text.find_first_of(kEndOfToken, at), text.size());
    visit(at, text.substr(at, end - at));
    at = end;
  }
}

bool IsName(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, IsNameCharacter);
}

// Of printf and Go.
bool IsFormat(absl::string_view text) {
  return text == "%s" || text == "%v" || text == "%q";
}

// What stands in "{{ }}" without a literal, save the name of a template.
bool IsLookup(absl::string_view text) {
  constexpr absl::string_view kInclude = "include ";
  std::string rest(text);
  const size_t include = text.find(kInclude);
  if (include != kNone) {
    const size_t open = include + kInclude.size();
    const char quote = open < text.size() ? text[open] : '\0';
    const size_t close =
        quote == '"' || quote == '`' ? text.find(quote, open + 1) : kNone;
    if (close == kNone || !IsName(text.substr(open + 1, close - open - 1))) {
      return false;
    }
    rest.erase(open, close + 1 - open);
  }
  return absl::c_all_of(
      rest, [](char c) { return IsNameCharacter(c) || IsIn(c, " $()|"); });
}

// Nothing, or nothing to hide.
bool IsHarmless(absl::string_view value) {
  return value.empty() || IsReference(value) || IsFormat(value) ||
         value == "{}" || value == "[]" || value == "<nil>" ||
         absl::c_all_of(value, [](char c) { return c == '*'; });
}

// ---- PEM ----

constexpr absl::string_view kPemBegin = "-----BEGIN ";
constexpr absl::string_view kPemEnd = "-----END ";
constexpr absl::string_view kDashes = "-----";

// Cut off: all of the rest.
void FindPem(absl::string_view text, bool only_private, Spans& found) {
  size_t from = 0;
  size_t begin = 0;
  while ((begin = text.find(kPemBegin, from)) != kNone) {
    const size_t title = begin + kPemBegin.size();
    from = title;
    if (only_private) {
      const absl::string_view head = text.substr(title, 40);
      if (!absl::StrContains(head.substr(0, head.find(kDashes)),
                             "PRIVATE KEY")) {
        continue;
      }
    }
    size_t end = text.find(kPemEnd, title);
    if (end != kNone) end = text.find(kDashes, end + kPemEnd.size());
    end = end == kNone ? text.size() : end + kDashes.size();
    found.push_back({begin, end});
    from = end;
  }
}

void FindEncodedPem(absl::string_view text, Spans& found) {
  constexpr absl::string_view kBegin = "LS0tLS1CRUdJTi";  // "-----BEGIN"
  constexpr size_t kHead = 64;
  size_t from = 0;
  size_t begin = 0;
  while ((begin = text.find(kBegin, from)) != kNone) {
    const size_t end = Skip(text, begin, IsBase64);
    std::string head;
    if (absl::Base64Unescape(
            text.substr(begin, std::min(kHead, (end - begin) / 4 * 4)),
            &head) &&
        absl::StrContains(head, "PRIVATE KEY")) {
      found.push_back({begin, end});
    }
    from = end;
  }
}

void FindPrivateKeys(absl::string_view text, Care care, Spans& found) {
  FindPem(text, care == Care::kPrecise, found);
  FindEncodedPem(text, found);
}

// ---- User info ----

constexpr absl::string_view kScheme = "://";

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

// The user part of what has no password but a colon: mail, identities, names
// of resources.
constexpr absl::string_view kNoUsers[] = {"acct", "arn", "mailto",
                                          "sip",  "urn", "xmpp"};

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
  if (colon == kNone) return;
  // "dsn=user:...", "(user:..."
  begin = token.substr(0, colon).find_last_of("=([{,;|");
  begin = begin == kNone ? 0 : begin + 1;
  const absl::string_view user = token.substr(begin, colon - begin);
  const absl::string_view password = token.substr(colon + 1, at - colon - 1);
  if (user.find('/') != kNone || IsHarmless(password)) return;
  if (absl::c_linear_search(kNoUsers, user)) return;
  if (absl::EndsWith(token, ".gserviceaccount.com")) return;
  found.push_back({offset + begin, offset + at});
}

void FindUserInfo(absl::string_view text, Care, Spans& found) {
  if (text.find('@') == kNone) return;
  ForEachToken(text, [&](size_t offset, absl::string_view token) {
    if (token.find('@') == kNone) return;
    FindUrlUserInfo(offset, token, found);
    FindBareUserInfo(offset, token, found);
  });
}

// ---- Tokens ----

// Of a JSON web token: "eyJ" (the base64 of `{"`), then more parts after dots.
size_t JwtEnd(absl::string_view text, size_t at) {
  size_t end = Skip(text, at, IsTokenCharacter);
  int parts = 1;
  while (end + 1 < text.size() && text[end] == '.' &&
         IsTokenCharacter(text[end + 1])) {
    end = Skip(text, end + 1, IsTokenCharacter);
    ++parts;
  }
  return parts >= 2 ? end : kNone;
}

struct Issued {
  absl::string_view prefix;
  size_t least;  // Characters behind the prefix.
};
// Long ones must have a digit, as names with such a beginning seldom do.
constexpr Issued kIssued[] = {
    {"AIza", 30},     {"AKIA", 16},      {"ASIA", 16},
    {"ATATT3", 20},   {"dckr_pat_", 12}, {"dckr_oat_", 12},
    {"ghp_", 10},     {"gho_", 10},      {"ghu_", 10},
    {"ghs_", 10},     {"ghr_", 10},      {"github_pat_", 10},
    {"glpat-", 10},   {"glsa_", 16},     {"gldt-", 10},
    {"hf_", 24},      {"hvs.", 20},      {"local-", 40},
    {"npm_", 30},     {"pypi-", 30},     {"rk_live_", 10},
    {"sk_live_", 10}, {"SG.", 30},       {"sk-", 24},
    {"shpat_", 20},   {"whsec_", 16},    {"wandb_v1_", 16},
    {"xapp-", 10},    {"xoxa-", 10},     {"xoxb-", 10},
    {"xoxe.", 10},    {"xoxp-", 10},     {"xoxr-", 10},
    {"xoxs-", 10},    {"ya29.", 10},     {"AGE-SECRET-KEY-", 20},
};
constexpr size_t kLong = 16;
constexpr size_t kJudged = 128;

bool IsIssuedCharacter(char c) { return IsTokenCharacter(c) || c == '.'; }

size_t IssuedEnd(absl::string_view text, size_t at) {
  for (const Issued& issued : kIssued) {
    if (text[at] != issued.prefix[0] ||
        !absl::StartsWith(text.substr(at), issued.prefix)) {
      continue;
    }
    const size_t from = at + issued.prefix.size();
    // Judged by its beginning, so that many of them stay cheap.
    const absl::string_view judged = text.substr(from, kJudged);
    const size_t length = Skip(judged, 0, IsIssuedCharacter);
    if (length < issued.least) continue;
    if (issued.least >= kLong &&
        absl::c_none_of(judged.substr(0, length), IsDigit)) {
      continue;
    }
    return Skip(text, from, IsIssuedCharacter);
  }
  return kNone;
}

void FindTokens(absl::string_view text, Care, Spans& found) {
  size_t at = 0;
  while (at < text.size()) {
    size_t end = kNone;
    if (IsTokenCharacter(text[at]) && AtWordStart(text, at)) {
      end = absl::StartsWith(text.substr(at), "eyJ") ? JwtEnd(text, at)
                                                     : IssuedEnd(text, at);
    }
    if (end == kNone) {
      ++at;
      continue;
    }
    found.push_back({at, end});
    at = end;
  }
}

// ---- Webhooks ----

// What a webhook's URL has before its secret.
constexpr absl::string_view kWebhooks[] = {"chat.googleapis.com/",
                                           "discord.com/api/webhooks/",
                                           "discordapp.com/api/webhooks/",
                                           "events.pagerduty.com/integration/",
                                           "hooks.slack.com/",
                                           "hooks.slack-gov.com/",
                                           "hooks.zapier.com/",
                                           "outlook.office.com/webhook",
                                           "webhook.office.com/"};
// Where others put it; then it must look like one.
constexpr absl::string_view kHookFolders[] = {"/hooks/", "/webhook/",
                                              "/webhooks/"};
constexpr size_t kShortestHook = 8;
constexpr size_t kShortestForeignHook = 16;

size_t HookBegin(absl::string_view token) {
  for (const absl::string_view mark : kWebhooks) {
    const size_t at = token.find(mark);
    if (at == kNone) continue;
    const size_t begin = at + mark.size();
    if (token.size() - begin >= kShortestHook) return begin;
  }
  for (const absl::string_view mark : kHookFolders) {
    const size_t at = token.find(mark);
    if (at == kNone) continue;
    const size_t begin = at + mark.size();
    if (token.size() - begin >= kShortestForeignHook &&
        absl::c_any_of(token.substr(begin), IsDigit)) {
      return begin;
    }
  }
  return kNone;
}

void FindWebhooks(absl::string_view text, Care, Spans& found) {
  if (!absl::StrContains(text, "hook") &&
      !absl::StrContains(text, kWebhooks[0]) &&
      !absl::StrContains(text, "pagerduty")) {
    return;
  }
  ForEachToken(text, [&](size_t offset, absl::string_view token) {
    if (!absl::StrContains(token, kScheme)) return;
    const size_t begin = HookBegin(token);
    if (begin == kNone || absl::StartsWith(token.substr(begin), kHidden))
      return;
    found.push_back({offset + begin, offset + token.size()});
  });
}

// ---- Authorization ----

// What follows "bearer" and "basic" in prose.
constexpr absl::string_view kNoTokens[] = {
    "auth",       "authentication", "authorization",
    "credential", "credentials",    "header",
    "is",         "scheme",         "token",
    "tokens"};
constexpr size_t kShortestBearer = 4;

// The start of what `text` says after "Bearer " or "Basic " at `at`.
size_t BehindScheme(absl::string_view text, size_t at, absl::string_view name) {
  if (!absl::StartsWithIgnoreCase(text.substr(at), name)) return kNone;
  const size_t end = at + name.size();
  if (absl::StartsWith(text.substr(end), "%20")) return end + 3;
  const size_t begin = Skip(text, end, IsBlank);
  return begin == end ? kNone : begin;
}

bool IsNoToken(absl::string_view word) {
  return absl::c_any_of(kNoTokens, [&](absl::string_view no) {
    return absl::EqualsIgnoreCase(word, no);
  });
}

// Whether `text` starts with the base64 of "user:password".
bool IsBasic(absl::string_view text) {
  std::string decoded;
  return absl::Base64Unescape(text.substr(0, Skip(text, 0, IsBase64)),
                              &decoded) &&
         absl::StrContains(decoded, ":");
}

void FindAuthorization(absl::string_view text, Care care, Spans& found) {
  size_t at = 0;
  size_t end = 0;  // Of the last word that was looked at.
  while ((at = text.find_first_of("bB", at)) != kNone) {
    const size_t word = at++;
    if (!AtWordStart(text, word)) continue;
    size_t begin = BehindScheme(text, word, "bearer");
    const bool bearer = begin != kNone;
    if (!bearer) begin = BehindScheme(text, word, "basic");
    if (begin == kNone) continue;
    // "basic%20basic%20" is one word.
    if (begin >= end) end = Skip(text, begin, IsWord);
    const absl::string_view value = text.substr(begin, end - begin);
    at = std::max(at, begin);
    if (value.empty()) continue;
    if (care == Care::kPrecise) {
      if (IsNoToken(value)) continue;
      if (bearer ? value.size() < kShortestBearer : !IsBasic(value)) continue;
    }
    found.push_back({begin, end});
    at = end;
  }
}

// ---- Names with values ----

// Headers: what follows them is theirs to the end.
constexpr absl::string_view kHeaders[] = {"authorization", "cookie",
                                          "proxy-authorization", "set-cookie"};
// Parameters of signed URLs.
constexpr absl::string_view kParameters[] = {"sharedaccesssignature",
                                             "sig",
                                             "signature",
                                             "x-amz-credential",
                                             "x-amz-signature",
                                             "x-goog-credential",
                                             "x-goog-signature"};
// First words of what a message says about a secret, instead of telling it.
constexpr absl::string_view kProse[] = {
    "a",         "access",     "an",        "at",          "but",
    "can",       "cannot",     "connect",   "connection",  "context",
    "could",     "denied",     "dial",      "does",        "empty",
    "error",     "expired",    "expected",  "failed",      "false",
    "field",     "for",        "forbidden", "from",        "get",
    "has",       "http",       "i/o",       "in",          "internal",
    "invalid",   "is",         "malformed", "missing",     "must",
    "no",        "none",       "not",       "null",        "open",
    "post",      "read",       "refused",   "required",    "rpc",
    "server",    "the",        "there",     "this",        "timed",
    "timeout",   "too",        "true",      "unable",      "unauthorized",
    "undefined", "unexpected", "unknown",   "unsupported", "was",
    "wrong",     "x509",       "yes",       "you"};
// Before a quote; more of them are no text inside of texts any more, and all
// the line is hidden.
constexpr size_t kMostEscapes = 63;
constexpr char kEndOfValue[] = " \t\r\n\"'`&;<>";

bool IsHeader(absl::string_view name) {
  return absl::c_linear_search(kHeaders, absl::AsciiStrToLower(name));
}

bool IsParameter(absl::string_view name) {
  return absl::c_linear_search(kParameters, absl::AsciiStrToLower(name));
}

// One pass over a text, from name to name.
class Assignments {
 public:
  Assignments(absl::string_view text, Care care, Spans& found)
      : text_(text), care_(care), found_(found) {}

  void Find() {
    while (at_ < text_.size()) {
      if (!IsNameCharacter(text_[at_])) {
        ++at_;
        continue;
      }
      const size_t end = Skip(text_, at_, IsNameCharacter);
      const size_t resume = Name(at_, end);
      at_ = std::max(resume, end);
    }
  }

 private:
  bool generous() const { return care_ == Care::kGenerous; }
  char At(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  // `from` only grows.
  size_t EndOfLine(size_t from) {
    if (from > line_end_ || line_end_ == kNone) {
      line_end_ = std::min(text_.find('\n', from), text_.size());
    }
    return line_end_;
  }
  // In the same line.
  size_t FindInLine(absl::string_view what, size_t from) {
    const size_t line = EndOfLine(from);
    return std::min(text_.substr(0, line).find(what, from), line);
  }

  // Of the next "}}" in the line, for `from` that only grows. Not each value
  // that begins with "{{" has one, and then it must not be searched for again.
  size_t Close(size_t from) {
    if (close_ == kNone || from > close_) close_ = FindInLine("}}", from);
    return close_;
  }

  // Handles the name in [begin, end); returns where to go on.
  size_t Name(size_t begin, size_t end) {
    const size_t dashes =
        Skip(text_, begin, [](char c) { return c == '-'; }) - begin;
    const absl::string_view name =
        text_.substr(begin + dashes, end - begin - dashes);
    const char before = begin == 0 ? '\0' : text_[begin - 1];
    // What looks like an assignment in "arn:aws:secretsmanager:..." is none.
    if (name == "arn" && At(end) == ':') {
      return Skip(text_, end, [](char c) { return !IsIn(c, kEndOfToken); });
    }
    const bool query = IsIn(before, "?&");
    const bool header = IsHeader(name);
    const bool equals_only = IsParameter(name) || (query && name == "key");
    // Quotes around the name, then blanks, then the sign.
    const size_t quotes =
        Skip(text_, end, [](char c) { return IsIn(c, "\"'\\"); });
    const bool quoted = quotes > end;
    const size_t sign = Skip(text_, quotes, IsBlank);
    const char mark = At(sign);
    const bool flag = dashes > 0 && sign > end && !quoted && mark != '-';
    if (name.empty() || (mark != '=' && mark != ':' && !flag) ||
        !(header || equals_only || LooksSecret(name))) {
      return end;
    }
    if (mark == '=') {
      const char next = At(sign + 1);
      if (next == '=') return end;  // A comparison.
      return Value(sign + (next == '>' ? 2 : 1), name, Sign::kEquals);
    }
    if (mark == ':' && !(equals_only && !generous())) {
      return Colon(sign, end, quoted, name, header);
    }
    // "--password x"
    return flag && sign < text_.size() ? Value(sign, name, Sign::kBlank) : end;
  }

  enum class Sign { kEquals, kColon, kBlank };

  size_t Colon(size_t sign, size_t end, bool quoted, absl::string_view name,
               bool header) {
    const char next = At(sign + 1);
    if (next == '/' && At(sign + 2) == '/') return end;  // A scheme.
    if (header && !generous()) return Header(sign + 1);
    // "secret-service:8080", "token.go:17"
    const bool address = IsDigit(next) && !quoted && sign == end &&
                         name.find_first_of("-.") != kNone;
    if (address && !generous()) return end;
    return Value(sign + (next == '=' ? 2 : 1), name, Sign::kColon, quoted);
  }

  // All that follows, up to a quote.
  size_t Header(size_t from) {
    const size_t begin = Skip(text_, from, IsBlank);
    const size_t end =
        std::min(text_.find_first_of("\r\n\"'`", begin), text_.size());
    if (!IsProse(begin)) Hide(begin, end);
    return end;
  }

  // The value that starts at or after `from`.
  size_t Value(size_t from, absl::string_view name, Sign sign,
               bool quoted_name = false) {
    if (generous()) {
      // All that follows: a value may hold blanks, and quotes lie.
      const size_t end = EndOfLine(from);
      if (!absl::StripAsciiWhitespace(text_.substr(from, end - from)).empty()) {
        HideUnlessHidden(from, end);
      }
      return end;
    }
    size_t begin = Skip(text_, from, IsBlank);
    // "name = value" is one, "name =" at the end of a clause isn't.
    const size_t escapes = Skip(text_, begin, [](char c) { return c == '\\'; });
    if (escapes < text_.size() && IsIn(text_[escapes], "\"'`")) {
      return Quoted(begin, escapes);
    }
    const char first = At(begin);
    // A quoted name is one of JSON, whose strings are quoted.
    if (quoted_name && !IsDigit(first) && first != '[') return begin;
    if (first == '{' && At(begin + 1) != '{') return begin;
    if (first == '[') return List(begin);
    if (sign != Sign::kEquals && IsProse(begin)) return begin;
    size_t end =
        std::min(text_.find_first_of(kEndOfValue, begin), text_.size());
    if (absl::StartsWith(text_.substr(begin), "{{")) {
      const size_t close = Close(begin);
      if (close < EndOfLine(begin)) end = close + 2;
    }
    // Of an escaped quote.
    if (end < text_.size() && end > begin && text_[end - 1] == '\\') --end;
    const absl::string_view value = text_.substr(begin, end - begin);
    if (!IsNameOfSecret(name) && IsPlain(value)) return end;
    Hide(begin, end);
    return end;
  }

  // A number or bool: only of the secret itself.
  static bool IsPlain(absl::string_view value) {
    value = absl::StripSuffix(value, ",");
    return value == "true" || value == "false" ||
           (!value.empty() && AllDigits(value));
  }

  // From the quote at `quote`, which escapes from `begin` on may stand before.
  size_t Quoted(size_t begin, size_t quote) {
    const absl::string_view mark = text_.substr(begin, quote + 1 - begin);
    const size_t from = quote + 1;
    const size_t line = EndOfLine(from);
    size_t end = mark.size() > kMostEscapes ? line : FindInLine(mark, from);
    // An escaped quote does not end it.
    while (mark.size() == 1 && end < line && end > from &&
           text_[end - 1] == '\\') {
      end = FindInLine(mark, end + 1);
    }
    Hide(from, end);
    return std::min(end + mark.size(), text_.size());
  }

  size_t List(size_t begin) {
    const size_t end = FindInLine("]", begin);
    Hide(begin + 1, end);
    return end;
  }

  bool IsProse(size_t begin) const {
    const size_t end =
        Skip(text_, begin, [](char c) { return IsAlnum(c) || c == '/'; });
    const absl::string_view word = text_.substr(begin, end - begin);
    if (word.empty() || word.size() > 16) return false;
    return absl::c_linear_search(kProse, absl::AsciiStrToLower(word)) &&
           (end == text_.size() || !IsIn(text_[end], "+_-~%@#!$^&*/="));
  }

  void Hide(size_t begin, size_t end) {
    if (begin < end && !IsHarmless(text_.substr(begin, end - begin))) {
      HideUnlessHidden(begin, end);
    }
  }

  void HideUnlessHidden(size_t begin, size_t end) {
    const absl::string_view value =
        absl::StripAsciiWhitespace(text_.substr(begin, end - begin));
    if (value == kHidden) return;
    found_.push_back({begin, end});
  }

  const absl::string_view text_;
  const Care care_;
  Spans& found_;
  size_t at_ = 0;
  size_t line_end_ = kNone;
  size_t close_ = kNone;
};

void FindAssignments(absl::string_view text, Care care, Spans& found) {
  if (text.find_first_of("=:-") == kNone) return;
  Assignments(text, care, found).Find();
}

// ---- Random words ----

constexpr size_t kRandomLength = 32;

bool LooksRandom(absl::string_view word) {
  // A path is no credential, however long it is.
  if (word.size() < kRandomLength || word.find('/') != kNone) return false;
  const auto has = [&](auto is) {
    return absl::c_any_of(word, [&](unsigned char c) { return is(c); });
  };
  return has(absl::ascii_isdigit) && has(absl::ascii_isupper) &&
         has(absl::ascii_islower);
}

void FindRandomWords(absl::string_view text, Care care, Spans& found) {
  if (care == Care::kPrecise) return;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = Skip(text, at, IsWord);
    // What stands behind a "=" is a word of its own.
    size_t begin = at;
    while (begin < end) {
      const size_t stop = std::min(text.substr(0, end).find('=', begin), end);
      if (LooksRandom(text.substr(begin, stop - begin))) {
        found.push_back({begin, stop});
      }
      begin = stop + 1;
    }
    at = end + 1;
  }
}

// ---- The table ----

using Finder = void (*)(absl::string_view text, Care care, Spans& found);

constexpr Finder kShapes[] = {
    FindPrivateKeys,   FindUserInfo,    FindTokens,      FindWebhooks,
    FindAuthorization, FindAssignments, FindRandomWords,
};

}  // namespace

bool IsReference(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "$(")) {
    return absl::ConsumeSuffix(&text, ")") && IsName(text);
  }
  if (absl::ConsumePrefix(&text, "${")) {
    return absl::ConsumeSuffix(&text, "}") && IsName(text);
  }
  if (absl::ConsumePrefix(&text, "{{")) {
    return absl::ConsumeSuffix(&text, "}}") && IsLookup(text);
  }
  return absl::ConsumePrefix(&text, "$") && IsName(text);
}

std::vector<Span> FindCredentials(absl::string_view text, Care care) {
  Spans found;
  for (const Finder find : kShapes) find(text, care, found);
  std::sort(found.begin(), found.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  Spans merged;
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
