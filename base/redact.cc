#include "base/redact.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/common_words.h"
#include "base/json.h"
#include "base/percent.h"
#include "base/secret_names.h"
#include "base/utf8.h"

namespace base {
namespace {

// Shorter ones are too common in text that has nothing to do with them.
constexpr size_t kShortest = 4;
// Longer ones are no words, even if they look it, and are found inside of
// others.
constexpr size_t kLongestWord = 12;
// Longer ones are cut into pieces of so many bytes, so that comparing them at
// each place of a text that repeats itself stays cheap.
constexpr size_t kLongestNeedle = 256;
// Of a secret that is cut off; less of it tells little, and is in many texts.
constexpr size_t kShortestHead = 8;
// How senders say that they have cut a text.
constexpr absl::string_view kCutSigns[] = {"...", "\u2026", "truncated"};

bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}

bool IsLower(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c));
}

// "wandb", "Default", "ROOT", but not "hVkqPzTr".
bool IsWord(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, IsLetter) &&
         (absl::c_all_of(text.substr(1), IsLower) ||
          absl::c_none_of(text, IsLower));
}

bool IsHexDigit(char c) {
  return absl::ascii_isxdigit(static_cast<unsigned char>(c));
}

// Whether `text` ends with an escape: "%3A", "\x1b", "\u003d", "\n".
bool EndsWithEscape(absl::string_view text) {
  const auto hex = [text](absl::string_view mark, size_t digits) {
    if (text.size() < mark.size() + digits) return false;
    const absl::string_view end = text.substr(text.size() - digits);
    return absl::c_all_of(end, IsHexDigit) &&
           absl::EndsWith(text.substr(0, text.size() - digits), mark);
  };
  return hex("%", 2) || hex("%25", 2) || hex("\\x", 2) || hex("\\u", 4) ||
         (text.size() >= 2 && text[text.size() - 2] == '\\' &&
          absl::StrContains("abfnrtv", text.back()));
}

// What RFC 3986, 2.3 lets stand, beside letters and digits.
constexpr absl::string_view kUnreserved = "-_.~";

std::string HexDigits(uint32_t code, int digits, HexCase hex_case) {
  const absl::string_view alphabet =
      hex_case == HexCase::kUpper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out += alphabet[code >> static_cast<uint32_t>(shift) & 0xfU];
  }
  return out;
}

std::string JsonQuoted(const std::string& text) {
  const std::string quoted = DumpJson(Json(text));
  return quoted.substr(1, quoted.size() - 2);
}

// As encoding/json of Go writes the inside of a string: HTML's own characters
// and two separators of lines as "\u003c". Its hexadecimal digits are small;
// others write the same with large ones.
std::string GoJsonQuoted(const std::string& text, HexCase hex_case) {
  const std::string quoted = JsonQuoted(text);
  std::string out;
  for (absl::string_view rest = quoted; !rest.empty();) {
    const absl::string_view before = rest;
    const uint32_t point = TakeCodePoint(rest).value_or(0xfffd);
    if (point == '&' || point == '<' || point == '>' || point == 0x2028 ||
        point == 0x2029) {
      absl::StrAppend(&out, "\\u", HexDigits(point, 4, hex_case));
    } else {
      absl::StrAppend(&out, before.substr(0, before.size() - rest.size()));
    }
  }
  return out;
}

// What follows a backslash in Go's short escapes; 0 where there is none.
char GoEscape(uint32_t point) {
  switch (point) {
    case '\a':
      return 'a';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case '"':
      return '"';
    case '\\':
      return '\\';
    default:
      return '\0';
  }
}

// As "%q" of Go writes the inside of a string. Other characters that Go does
// not print are seldom in a secret, and are left.
std::string GoQuoted(absl::string_view text) {
  std::string out;
  for (absl::string_view rest = text; !rest.empty();) {
    const absl::string_view before = rest;
    const std::optional<uint32_t> point = TakeCodePoint(rest);
    const char escape = point.has_value() ? GoEscape(*point) : '\0';
    if (!point.has_value() || *point < 0x20 || *point == 0x7f) {
      if (escape != '\0') {
        absl::StrAppend(&out, "\\", std::string(1, escape));
      } else {
        absl::StrAppend(&out, "\\x",
                        HexDigits(static_cast<unsigned char>(before[0]), 2,
                                  HexCase::kLower));
      }
    } else if (escape != '\0') {
      absl::StrAppend(&out, "\\", std::string(1, escape));
    } else if (*point >= 0x80 && *point < 0xa0) {
      absl::StrAppend(&out, "\\u", HexDigits(*point, 4, HexCase::kLower));
    } else {
      absl::StrAppend(&out, before.substr(0, before.size() - rest.size()));
    }
  }
  return out;
}

std::string Escaped(uint32_t unit, HexCase hex_case) {
  return absl::StrCat("\\u", HexDigits(unit, 4, hex_case));
}

// JSON, `quoted` in whatever way, with all but ASCII escaped, as Python and
// others write it: in units of UTF-16.
std::string AsciiOnly(absl::string_view quoted, HexCase hex_case) {
  std::string out;
  for (absl::string_view rest = quoted; !rest.empty();) {
    const uint32_t point = TakeCodePoint(rest).value_or(0xfffd);
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x10000) {
      out += Escaped(point, hex_case);
    } else {
      const uint32_t above = point - 0x10000;
      absl::StrAppend(&out, Escaped(0xd800 + (above >> 10U), hex_case),
                      Escaped(0xdc00 + (above & 0x3ffU), hex_case));
    }
  }
  return out;
}

// The ways in which programs escape quotes for HTML and XML.
std::vector<std::string> HtmlForms(absl::string_view secret) {
  struct Quotes {
    const char* two;
    const char* one;
  };
  constexpr Quotes kQuotes[] = {
      {"\"", "'"},          {"&quot;", "'"},      {"&quot;", "&#39;"},
      {"&#34;", "&#39;"},   {"&quot;", "&#x27;"}, {"&quot;", "&#039;"},
      {"&quot;", "&apos;"},
  };
  std::vector<std::string> forms;
  if (secret.find_first_of("&<>\"'") == absl::string_view::npos) return forms;
  for (const Quotes& quotes : kQuotes) {
    forms.push_back(absl::StrReplaceAll(secret, {{"&", "&amp;"},
                                                 {"<", "&lt;"},
                                                 {">", "&gt;"},
                                                 {"\"", quotes.two},
                                                 {"'", quotes.one}}));
  }
  return forms;
}

std::string WithoutPadding(absl::string_view base64) {
  while (absl::ConsumeSuffix(&base64, "=")) {
  }
  return std::string(base64);
}

std::vector<std::string> Base64Forms(absl::string_view secret) {
  const std::string padded = absl::Base64Escape(secret);
  const std::string url = absl::StrReplaceAll(padded, {{"+", "-"}, {"/", "_"}});
  return {padded, WithoutPadding(padded), url, WithoutPadding(url)};
}

// What base64 of a longer text has of `secret`, wherever in it that stands: the
// characters that no neighbour has a part in.
std::vector<std::string> InnerBase64Forms(absl::string_view secret) {
  constexpr size_t kLeast = 10;  // Shorter ones are found by chance.
  std::vector<std::string> forms;
  for (const size_t before : {0, 1, 2}) {
    const std::string all =
        absl::Base64Escape(absl::StrCat(std::string(before, '\0'), secret));
    const size_t from = before == 0 ? 0 : before + 1;
    const size_t whole = (before + secret.size()) * 8 / 6;
    if (whole < from + kLeast) continue;
    forms.push_back(all.substr(from, whole - from));
    forms.push_back(
        absl::StrReplaceAll(forms.back(), {{"+", "-"}, {"/", "_"}}));
  }
  return forms;
}

bool IsAscii(absl::string_view text) {
  return absl::c_all_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// `secret` as it may appear in text. Some are equal.
std::vector<std::string> Forms(const std::string& secret) {
  std::vector<std::string> forms = {
      secret, OneLine(secret), PercentEncoded(secret, kUnreserved),
      PercentEncoded(secret, kUnreserved, HexCase::kLower),
      // As forms of HTML are sent.
      absl::StrReplaceAll(PercentEncoded(secret, kUnreserved), {{"%20", "+"}})};
  const auto append = [&forms](std::vector<std::string> more) {
    std::move(more.begin(), more.end(), std::back_inserter(forms));
  };
  append(Base64Forms(secret));
  append(InnerBase64Forms(secret));
  // In YAML between single quotes.
  if (absl::StrContains(secret, "'")) {
    forms.push_back(absl::StrReplaceAll(secret, {{"'", "''"}}));
  }
  append(HtmlForms(secret));
  std::vector<std::string> quoted = {
      JsonQuoted(secret), GoJsonQuoted(secret, HexCase::kLower),
      GoJsonQuoted(secret, HexCase::kUpper), GoQuoted(secret)};
  if (!IsAscii(secret)) {
    for (const HexCase hex_case : {HexCase::kLower, HexCase::kUpper}) {
      quoted.push_back(AsciiOnly(JsonQuoted(secret), hex_case));
      quoted.push_back(AsciiOnly(GoJsonQuoted(secret, hex_case), hex_case));
    }
  }
  for (const std::string& form : quoted) {
    if (form == secret) continue;
    forms.push_back(form);
    // JSON that a message quotes.
    forms.push_back(GoQuoted(form));
  }
  return forms;
}

uint32_t FirstBytes(const char* text) {
  static_assert(kShortest == sizeof(uint32_t));
  uint32_t bytes = 0;
  std::memcpy(&bytes, text, sizeof bytes);
  return bytes;
}

// Whether [begin, end) of `text` stands in quotes, which may be escaped.
bool InQuotes(absl::string_view text, size_t begin, size_t end) {
  if (begin == 0 || !absl::StrContains("\"'`", text[begin - 1])) return false;
  const char quote = text[begin - 1];
  while (end < text.size() && text[end] == '\\') ++end;
  return end < text.size() && text[end] == quote;
}

bool IsPartOfValue(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("_-./@:", c);
}

// Whether what begins at `begin` is the value of a name that looks secret, as
// in "password: x" and "TOKEN=x".
bool IsValueOfSecret(absl::string_view text, size_t begin) {
  absl::string_view before =
      absl::StripTrailingAsciiWhitespace(text.substr(0, begin));
  if (before.empty()) return false;
  if (absl::StrContains("=:", before.back())) {
    before.remove_suffix(1);
  } else if (absl::EndsWithIgnoreCase(before, "%3d") ||
             absl::EndsWithIgnoreCase(before, "%3a")) {
    before.remove_suffix(3);
  } else {
    return false;
  }
  // Names are short.
  constexpr size_t kMostBytes = 64;
  before.remove_prefix(before.size() - std::min(before.size(), kMostBytes));
  before = absl::StripTrailingAsciiWhitespace(before);
  while (!before.empty() && absl::StrContains("\"'\\", before.back())) {
    before.remove_suffix(1);
  }
  size_t name = before.size();
  while (name > 0 &&
         (absl::ascii_isalnum(static_cast<unsigned char>(before[name - 1])) ||
          absl::StrContains("_-.", before[name - 1]))) {
    --name;
  }
  return LooksSecret(before.substr(name));
}

// Where `text` breaks off, as of a message that its sender has cut short: at
// its end, before the quote that ends it, and before a sign for that.
std::vector<size_t> BreaksOf(absl::string_view text) {
  std::vector<size_t> breaks;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto* sign = absl::c_find_if(kCutSigns, [&](absl::string_view each) {
      return absl::StartsWithIgnoreCase(text.substr(at), each);
    });
    if (sign == std::end(kCutSigns)) continue;
    // `"abc [truncated`, `"abc" (truncated`, `abc[...]`
    const size_t last = text.substr(0, at).find_last_not_of(" [(<\"'`");
    const size_t end = last == absl::string_view::npos ? 0 : last + 1;
    // Of dots in a row the first ones count.
    if (breaks.empty() || end >= breaks.back() + kShortestHead) {
      breaks.push_back(end);
    }
    at += sign->size() - 1;
  }
  breaks.push_back(text.size());
  const size_t last = text.find_last_not_of(" \t\r\n\"'`\\)]}");
  if (last != absl::string_view::npos && last + 1 < text.size()) {
    breaks.push_back(last + 1);
  }
  return breaks;
}

}  // namespace

bool HasCredentials(absl::string_view text) {
  return !FindCredentials(text, Care::kPrecise).empty();
}

std::string HideCredentials(absl::string_view text, Care care) {
  std::string out;
  size_t done = 0;
  for (const Span& span : FindCredentials(text, care)) {
    absl::StrAppend(&out, text.substr(done, span.begin - done), kHidden);
    done = span.end;
  }
  absl::StrAppend(&out, text.substr(done));
  return out;
}

Redactor::Redactor(const std::vector<std::string>& secrets) { Add(secrets); }

void Redactor::Add(const std::vector<std::string>& secrets) {
  absl::flat_hash_set<uint32_t> unsorted;
  for (const std::string& secret : secrets) {
    const std::string line = OneLine(secret);
    for (std::string& form : Forms(secret)) {
      // No program writes an encoded one alone if the secret is that short.
      if (secret.size() >= kShortest || form == secret) {
        const bool encoded = form != secret && form != line;
        AddForm(std::move(form), encoded, unsorted);
      }
    }
  }
  for (const uint32_t first : unsorted) Sort(needles_[first]);
}

void Redactor::AddForm(std::string form, bool encoded,
                       absl::flat_hash_set<uint32_t>& unsorted) {
  // What is in the replacement would be replaced again and again.
  if (form.empty() || absl::StrContains(kHidden, form)) return;
  const bool word = !encoded && IsWord(form);
  if (form.size() < kShortest || (word && IsCommonWord(form))) {
    common_.insert(std::move(form));
    return;
  }
  if (word && form.size() <= kLongestWord) {
    if (form.size() > kShortestHead) long_words_.insert(form);
    words_.insert(std::move(form));
    return;
  }
  const auto add = [&](std::string text, bool piece) {
    const uint32_t first = FirstBytes(text.data());
    needles_[first].push_back({std::move(text), piece});
    unsorted.insert(first);
  };
  if (form.size() <= kLongestNeedle) {
    add(std::move(form), false);
    return;
  }
  for (size_t at = 0; at < form.size(); at += kLongestNeedle) {
    // The last one is as long as the others, and overlaps the one before it.
    add(form.substr(std::min(at, form.size() - kLongestNeedle), kLongestNeedle),
        true);
  }
}

void Redactor::Sort(Bucket& bucket) {
  std::sort(bucket.begin(), bucket.end(), [](const Needle& a, const Needle& b) {
    return a.text != b.text ? a.text < b.text : a.piece > b.piece;
  });
  bucket.erase(std::unique(bucket.begin(), bucket.end(),
                           [](const Needle& a, const Needle& b) {
                             return a.text == b.text;
                           }),
               bucket.end());
  // What begins with a text follows it at once.
  std::vector<size_t> open;
  for (size_t i = 0; i < bucket.size(); ++i) {
    while (!open.empty() &&
           !absl::StartsWith(bucket[i].text, bucket[open.back()].text)) {
      open.pop_back();
    }
    bucket[i].shorter =
        open.empty() ? std::nullopt : std::optional<size_t>(open.back());
    open.push_back(i);
  }
}

std::string Redactor::Redact(absl::string_view text, Care care) const {
  return HideCredentials(HideKnown(text, care), care);
}

const Redactor::Needle* Redactor::Match(absl::string_view text,
                                        size_t at) const {
  if (needles_.empty() || text.size() - at < kShortest) return nullptr;
  const auto found = needles_.find(FirstBytes(text.data() + at));
  if (found == needles_.end()) return nullptr;
  const Bucket& bucket = found->second;
  const absl::string_view rest = text.substr(at);
  // All that `rest` begins with begins the last one that is not behind it, too.
  const auto behind = std::upper_bound(
      bucket.begin(), bucket.end(), rest,
      [](absl::string_view a, const Needle& b) { return a < b.text; });
  if (behind == bucket.begin()) return nullptr;
  const Needle* needle = &*std::prev(behind);
  while (!absl::StartsWith(rest, needle->text)) {
    if (!needle->shorter.has_value()) return nullptr;
    needle = &bucket[*needle->shorter];
  }
  return needle;
}

size_t Redactor::MatchWord(absl::string_view text, size_t at, Care care) const {
  if ((words_.empty() && common_.empty()) ||
      (at > 0 && IsLetter(text[at - 1]) &&
       !EndsWithEscape(text.substr(0, at)))) {
    return 0;
  }
  size_t end = at;
  while (end < text.size() && IsLetter(text[end])) ++end;
  if (words_.contains(text.substr(at, end - at))) return end - at;
  if (MatchesCommon(text, at, end, care)) return end - at;
  for (size_t length = kShortest - 1; length > 0; --length) {
    if (MatchesCommon(text, at, at + length, care)) return length;
  }
  return 0;
}

bool Redactor::MatchesCommon(absl::string_view text, size_t begin, size_t end,
                             Care care) const {
  if (end > text.size() || !common_.contains(text.substr(begin, end - begin))) {
    return false;
  }
  if (InQuotes(text, begin, end)) return true;
  if (end < text.size() && IsPartOfValue(text[end])) return false;
  return (care == Care::kGenerous && end - begin >= kShortest) ||
         IsValueOfSecret(text, begin);
}

bool Redactor::IsHead(absl::string_view head) const {
  const auto found = needles_.find(FirstBytes(head.data()));
  if (found == needles_.end()) return false;
  const Bucket& bucket = found->second;
  const auto next = std::lower_bound(
      bucket.begin(), bucket.end(), head,
      [](const Needle& a, absl::string_view b) { return a.text < b; });
  return next != bucket.end() && absl::StartsWith(next->text, head);
}

bool Redactor::IsHeadOfWord(absl::string_view head) const {
  const auto next = long_words_.lower_bound(head);
  return next != long_words_.end() && absl::StartsWith(*next, head);
}

std::vector<std::pair<size_t, size_t>> Redactor::FindCut(
    absl::string_view text) const {
  std::vector<std::pair<size_t, size_t>> cut;
  if (needles_.empty() && long_words_.empty()) return cut;
  for (const size_t end : BreaksOf(text)) {
    size_t at = end - std::min(end, kLongestNeedle);
    for (; at + kShortestHead <= end; ++at) {
      const absl::string_view head = text.substr(at, end - at);
      const bool word_begins = at == 0 || !IsLetter(text[at - 1]);
      if (IsHead(head) || (word_begins && IsHeadOfWord(head))) {
        cut.emplace_back(at, end);
        break;
      }
    }
  }
  std::sort(cut.begin(), cut.end());
  return cut;
}

std::string Redactor::HideKnown(absl::string_view text, Care care) const {
  std::string out;
  size_t done = 0;
  const auto hide = [&](size_t begin, size_t end) {
    absl::StrAppend(&out, text.substr(done, begin - done), kHidden);
    done = end;
  };
  // What is found, and what overlaps it: of neither a part may remain.
  size_t begin = 0;
  size_t end = 0;
  bool piece = false;  // Of what ends there.
  const auto found = [&](size_t from, size_t to, bool is_piece) {
    const bool joined = from < end || (from == end && piece && is_piece);
    if (!joined) {
      if (end > begin) hide(begin, end);
      begin = from;
    }
    if (to >= end) piece = is_piece;
    end = std::max(end, to);
  };
  const auto cut = FindCut(text);
  auto next_cut = cut.begin();
  for (size_t at = 0; at < text.size(); ++at) {
    for (; next_cut != cut.end() && next_cut->first == at; ++next_cut) {
      found(at, next_cut->second, true);  // As what follows a piece may be.
    }
    if (const Needle* needle = Match(text, at)) {
      found(at, at + needle->text.size(), needle->piece);
    }
    if (const size_t length = MatchWord(text, at, care); length > 0) {
      found(at, at + length, false);
    }
  }
  if (end > begin) hide(begin, end);
  absl::StrAppend(&out, text.substr(done));
  return out;
}

std::string RedactCredentials(absl::string_view text,
                              const std::vector<std::string>& secrets) {
  const Redactor redactor(secrets);
  // A secret may have what is stripped, and stripping may make one.
  return redactor.Redact(
      StripControlCharacters(redactor.HideKnown(text, Care::kGenerous)),
      Care::kGenerous);
}

std::string OneLine(absl::string_view text) {
  std::string line(text);
  absl::RemoveExtraAsciiWhitespace(&line);
  for (char& c : line) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) c = ' ';
  }
  return line;
}

std::string StripControlCharacters(absl::string_view text) {
  const std::string valid = ValidUtf8(text);
  std::string out;
  for (absl::string_view rest = valid; !rest.empty();) {
    const absl::string_view before = rest;
    const uint32_t point = TakeCodePoint(rest).value_or(0);
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    if (control && point != '\n' && point != '\t') continue;
    absl::StrAppend(&out, before.substr(0, before.size() - rest.size()));
  }
  return out;
}

}  // namespace base
