#include "base/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/never_destroyed.h"
#include "base/utf8.h"

namespace base {
namespace {

constexpr absl::string_view kTagPrefix = "tag:yaml.org,2002:";

struct Word {
  // Lower case; also read with a capital first letter and all in capitals.
  absl::string_view text;
  Json value;
};

const std::vector<Word>& Words() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static const base::NeverDestroyed<std::vector<Word>> kWords(std::vector<Word>{
      {"y", true},
      {"yes", true},
      {"true", true},
      {"on", true},
      {"n", false},
      {"no", false},
      {"false", false},
      {"off", false},
      {"", nullptr},
      {"~", nullptr},
      {"null", nullptr},
      {".inf", kInfinity},
      {"+.inf", kInfinity},
      {"-.inf", -kInfinity},
      {".nan", std::numeric_limits<double>::quiet_NaN()},
  });
  return *kWords;
}

// The word that `text` is; nullptr for mixed case such as "yEs". ".NaN" is the
// one exception.
const Json* FindWord(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  std::string title = lower;
  const size_t first = title.find_first_not_of("+-.");
  if (first != std::string::npos) {
    title[first] = absl::ascii_toupper(title[first]);
  }
  if (text != lower && text != title && text != absl::AsciiStrToUpper(text) &&
      text != ".NaN") {
    return nullptr;
  }
  if (text == ".Nan") return nullptr;
  for (const Word& word : Words()) {
    if (word.text == lower) return &word.value;
  }
  return nullptr;
}

// The base that a prefix of `digits` names; the prefix is removed.
unsigned TakeBase(absl::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  unsigned base = 8;
  size_t prefix = 1;
  switch (absl::ascii_tolower(digits[1])) {
    case 'x':
      base = 16;
      prefix = 2;
      break;
    case 'b':
      base = 2;
      prefix = 2;
      break;
    case 'o':
      prefix = 2;
      break;
    default:
      break;
  }
  digits.remove_prefix(prefix);
  return base;
}

std::optional<Json> ReadInteger(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  const bool is_signed = negative || absl::ConsumePrefix(&text, "+");
  const unsigned base = TakeBase(text);
  uint64_t magnitude = 0;
  const char* const end = text.data() + text.size();
  const auto read =
      std::from_chars(text.data(), end, magnitude, static_cast<int>(base));
  if (text.empty() || read.ec != std::errc() || read.ptr != end) {
    return std::nullopt;
  }
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  if (negative && magnitude == kMax + 1) {
    return Json(std::numeric_limits<int64_t>::min());
  }
  if (magnitude <= kMax) {
    const auto value = static_cast<int64_t>(magnitude);
    return Json(negative ? -value : value);
  }
  // Beyond: a double, unless it is a natural number.
  if (is_signed) return std::nullopt;
  return Json(magnitude);
}

size_t TakeDigits(absl::string_view& text) {
  const auto end = std::find_if_not(
      text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
  const auto count = static_cast<size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

void TakeSign(absl::string_view& text) {
  if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
}

// [-+]? ( .[0-9]+ | [0-9]+(.[0-9]*)? ) ([eE][-+]?[0-9]+)?
bool LooksLikeFloat(absl::string_view text) {
  TakeSign(text);
  const size_t whole = TakeDigits(text);
  size_t fraction = 0;
  if (absl::ConsumePrefix(&text, ".")) fraction = TakeDigits(text);
  if (whole == 0 && fraction == 0) return false;
  if (text.empty()) return true;
  if (absl::ascii_tolower(text[0]) != 'e') return false;
  text.remove_prefix(1);
  TakeSign(text);
  return TakeDigits(text) > 0 && text.empty();
}

std::optional<Json> ReadFloat(absl::string_view text) {
  double value = 0;
  if (!LooksLikeFloat(text) || !absl::SimpleAtod(text, &value) ||
      !std::isfinite(value)) {
    return std::nullopt;
  }
  return Json(value);
}

absl::Status WrongTag() {
  return absl::InvalidArgumentError("the value does not fit its tag");
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    if (!TakeCodePoint(text).has_value()) return false;
  }
  return true;
}

// Padded base64, over lines or not.
absl::StatusOr<Json> DecodeBinary(absl::string_view text) {
  const std::string packed =
      absl::StrReplaceAll(text, {{"\n", ""}, {"\r", ""}});
  const bool whole =
      packed.size() % 4 == 0 &&
      std::all_of(packed.begin(), packed.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '+' || c == '/' || c == '=';
      });
  std::string bytes;
  if (!whole || !absl::Base64Unescape(packed, &bytes)) {
    return absl::InvalidArgumentError("not valid base64");
  }
  if (!IsUtf8(bytes)) {
    return absl::InvalidArgumentError(
        "binary data that is no text has no form in JSON");
  }
  return Json(std::move(bytes));
}

// Takes a number of `least` to `most` digits.
std::optional<int> TakeNumber(absl::string_view& text, size_t least,
                              size_t most) {
  size_t size = 0;
  while (size < most && size < text.size() && absl::ascii_isdigit(text[size])) {
    ++size;
  }
  int number = 0;
  if (size < least || !absl::SimpleAtoi(text.substr(0, size), &number)) {
    return std::nullopt;
  }
  text.remove_prefix(size);
  return number;
}

int DaysOf(int year, int month) {
  if (month == 2) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return leap ? 29 : 28;
  }
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// 2001-1-31
bool TakeDate(absl::string_view& text) {
  const std::optional<int> year = TakeNumber(text, 4, 4);
  if (!year.has_value() || !absl::ConsumePrefix(&text, "-")) return false;
  const std::optional<int> month = TakeNumber(text, 1, 2);
  if (!month.has_value() || !absl::ConsumePrefix(&text, "-")) return false;
  const std::optional<int> day = TakeNumber(text, 1, 2);
  return day.has_value() && *month >= 1 && *month <= 12 && *day >= 1 &&
         *day <= DaysOf(*year, *month);
}

// 7:30:00.25
bool TakeTime(absl::string_view& text) {
  const std::optional<int> hour = TakeNumber(text, 1, 2);
  if (!hour.has_value() || !absl::ConsumePrefix(&text, ":")) return false;
  const std::optional<int> minute = TakeNumber(text, 1, 2);
  if (!minute.has_value() || !absl::ConsumePrefix(&text, ":")) return false;
  const std::optional<int> second = TakeNumber(text, 1, 2);
  if (!second.has_value() || *hour > 23 || *minute > 59 || *second > 59) {
    return false;
  }
  return !absl::ConsumePrefix(&text, ".") || TakeDigits(text) > 0;
}

// Z or +01:30
bool TakeZone(absl::string_view& text) {
  if (absl::ConsumePrefix(&text, "Z")) return true;
  if (!absl::ConsumePrefix(&text, "+") && !absl::ConsumePrefix(&text, "-")) {
    return false;
  }
  const std::optional<int> hours = TakeNumber(text, 2, 2);
  if (!hours.has_value() || !absl::ConsumePrefix(&text, ":")) return false;
  const std::optional<int> minutes = TakeNumber(text, 2, 2);
  return minutes.has_value() && *hours <= 24 && *minutes <= 60;
}

bool IsTimestamp(absl::string_view text) {
  if (!TakeDate(text)) return false;
  if (text.empty()) return true;
  if (absl::ConsumePrefix(&text, " ")) return TakeTime(text) && text.empty();
  if (!absl::ConsumePrefix(&text, "T") && !absl::ConsumePrefix(&text, "t")) {
    return false;
  }
  return TakeTime(text) && TakeZone(text) && text.empty();
}

// The decimal `digits` times ten to `exponent`, the point being behind the
// first of them, as C's %g shows them.
std::string GeneralForm(absl::string_view digits, int exponent) {
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 6) {
    return absl::StrCat(digits.substr(0, 1), count > 1 ? "." : "",
                        digits.substr(1), exponent < 0 ? "e-" : "e+",
                        absl::Dec(std::abs(exponent), absl::kZeroPad2));
  }
  if (exponent < 0) {
    return absl::StrCat("0.", absl::string_view("000").substr(0, -1 - exponent),
                        digits);
  }
  const auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    return absl::StrCat(digits, std::string(whole - digits.size(), '0'));
  }
  return absl::StrCat(digits.substr(0, whole), ".", digits.substr(whole));
}

// sigs.k8s.io/yaml prints the shortest form of a 32-bit float.
std::string FloatKey(double value) {
  if (std::isnan(value)) return ".nan";
  const auto narrow = static_cast<float>(value);
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.begin(), buffer.end(), std::abs(narrow),
                                 std::chars_format::scientific);
  const absl::string_view text(buffer.data(),
                               static_cast<size_t>(end.ptr - buffer.data()));
  const size_t e = text.find('e');
  int exponent = 0;
  if (e == text.npos || !absl::SimpleAtoi(text.substr(e + 1), &exponent)) {
    return std::signbit(narrow) ? "-.inf" : ".inf";
  }
  const std::string digits =
      absl::StrReplaceAll(text.substr(0, e), {{".", ""}});
  return absl::StrCat(std::signbit(narrow) ? "-" : "",
                      GeneralForm(digits, exponent));
}

bool IsAllowed(uint32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || code == 0x85 ||
         (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code < 0xfffe) ||
         code >= 0x10000;
}

}  // namespace

Json ResolvePlainYaml(absl::string_view text) {
  if (const Json* word = FindWord(text)) return *word;
  const char first = text[0];
  if (!absl::ascii_isdigit(first) && first != '+' && first != '-' &&
      first != '.') {
    return std::string(text);
  }
  std::string plain(text);
  if (first != '.') {
    plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
    if (std::optional<Json> integer = ReadInteger(plain)) return *integer;
  }
  if (std::optional<Json> real = ReadFloat(plain)) return *real;
  return std::string(text);
}

absl::StatusOr<Json> ResolveYaml(absl::string_view tag, bool implicit,
                                 absl::string_view text) {
  if (tag.empty()) {
    return implicit ? ResolvePlainYaml(text) : Json(std::string(text));
  }
  if (!absl::ConsumePrefix(&tag, kTagPrefix)) return Json(std::string(text));
  if (tag == "binary") return DecodeBinary(text);
  if (tag == "timestamp") {
    if (!IsTimestamp(text)) return WrongTag();
    return Json(std::string(text));
  }
  if (tag != "int" && tag != "float" && tag != "bool" && tag != "null") {
    return Json(std::string(text));
  }
  Json json = ResolvePlainYaml(text);
  if (tag == "float" && json.is_number_integer() &&
      !json.is_number_unsigned()) {
    json = json.get<double>();
  }
  const bool fits = (tag == "int" && json.is_number_integer()) ||
                    (tag == "float" && json.is_number_float()) ||
                    (tag == "bool" && json.is_boolean()) ||
                    (tag == "null" && json.is_null());
  if (!fits) return WrongTag();
  return json;
}

Json NarrowYamlNumber(Json json) {
  const auto* real = json.get_ptr<const Json::number_float_t*>();
  if (real == nullptr || *real != std::floor(*real)) return json;
  // Powers of two: the limits themselves are exact doubles.
  if (*real >= -0x1p63 && *real < 0x1p63) return static_cast<int64_t>(*real);
  if (*real >= 0 && *real < 0x1p64) return static_cast<uint64_t>(*real);
  return json;
}

bool IsRoundedYamlInteger(absl::string_view text, const Json& json) {
  const auto* real = json.get_ptr<const Json::number_float_t*>();
  if (real == nullptr || !std::isfinite(*real)) return false;
  std::string digits(text);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  absl::string_view left = digits;
  TakeSign(left);
  while (left.size() > 1 && left[0] == '0') left.remove_prefix(1);
  absl::string_view rest = left;
  TakeDigits(rest);
  return rest.empty() && IsRounded(left, *real);
}

absl::StatusOr<std::string> YamlKey(const Json& json) {
  if (const auto* text = json.get_ptr<const std::string*>()) return *text;
  if (const auto* real = json.get_ptr<const Json::number_float_t*>()) {
    return FloatKey(*real);
  }
  // Helm's reader has no keys above the largest signed integer.
  if (json.is_boolean() ||
      (json.is_number_integer() && !json.is_number_unsigned())) {
    return DumpJson(json);
  }
  return absl::InvalidArgumentError(
      "a key must be a string, a number or a bool");
}

bool IsYamlText(absl::string_view text, size_t& bad) {
  absl::string_view left = text;
  while (!left.empty()) {
    bad = text.size() - left.size();
    const std::optional<uint32_t> code = TakeCodePoint(left);
    if (!code.has_value() || !IsAllowed(*code)) return false;
  }
  return true;
}

}  // namespace base
