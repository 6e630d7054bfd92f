#include "base/json.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/never_destroyed.h"

namespace base {

namespace {

// Bytes of a value in a list that grows, and of what hangs on it.
constexpr size_t kValue = 32;
constexpr size_t kString = 48;
constexpr size_t kArray = 32;
constexpr size_t kObject = 64;
constexpr size_t kMember = 96;

// Builds the value within limits, and remembers what went wrong.
class LimitedSax : public nlohmann::detail::json_sax_dom_parser<Json> {
 public:
  using Base = nlohmann::detail::json_sax_dom_parser<Json>;
  LimitedSax(Json& result, const JsonLimits& limits)
      : Base(result, /*allow_exceptions_=*/false), limits_(limits) {}

  bool null() { return Takes(kValue) && Base::null(); }
  bool boolean(bool value) { return Takes(kValue) && Base::boolean(value); }
  bool number_integer(int64_t value) {
    return Takes(kValue) && Base::number_integer(value);
  }
  bool number_unsigned(uint64_t value) {
    return Takes(kValue) && Base::number_unsigned(value);
  }
  bool number_float(double value, const std::string& text) {
    return Takes(kValue) && Base::number_float(value, text);
  }
  bool string(std::string& value) {
    return Takes(kValue + kString + value.size()) && Base::string(value);
  }
  bool key(std::string& value) {
    return Takes(kMember + value.size()) && Base::key(value);
  }
  bool start_object(size_t size) {
    return Opens() && Takes(kValue + kObject) && Base::start_object(size);
  }
  bool start_array(size_t size) {
    return Opens() && Takes(kValue + kArray) && Base::start_array(size);
  }
  bool end_object() { return Closes() && Base::end_object(); }
  bool end_array() { return Closes() && Base::end_array(); }

  template <class Exception>
  bool parse_error(std::size_t at, const std::string& token,
                   const Exception& error) {
    status_ = absl::InvalidArgumentError(
        absl::StrCat("is not valid JSON (byte ", at, ")"));
    return Base::parse_error(at, token, error);
  }

  const absl::Status& status() const { return status_; }

 private:
  bool Takes(size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= limits_.bytes) return true;
    status_ = absl::ResourceExhaustedError(
        absl::StrCat("is too large: its values take more than ",
                     limits_.bytes >> 20, " MiB of memory"));
    return false;
  }
  bool Opens() {
    if (++depth_ <= limits_.depth) return true;
    status_ = absl::ResourceExhaustedError(
        absl::StrCat("is nested too deeply: in more than ", limits_.depth,
                     " lists and maps"));
    return false;
  }
  bool Closes() {
    --depth_;
    return true;
  }

  const JsonLimits limits_;
  size_t depth_ = 0;
  size_t bytes_ = 0;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view what,
                               const JsonLimits& limits) {
  Json out;
  LimitedSax sax(out, limits);
  if (Json::sax_parse(text.begin(), text.end(), &sax)) return out;
  if (sax.status().ok()) {
    return absl::InvalidArgumentError(absl::StrCat(what, " is not valid JSON"));
  }
  return absl::Status(sax.status().code(),
                      absl::StrCat(what, " ", sax.status().message()));
}

bool IsRounded(absl::string_view digits, double real) {
  return absl::StrFormat("%.0f", std::abs(real)) != digits;
}

std::vector<std::string> RoundedIntegers(absl::string_view text) {
  constexpr absl::string_view kOfNumber = "0123456789.+-eE";
  std::vector<std::string> places;
  size_t line = 1;
  size_t line_begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') {
      ++line;
      line_begin = at + 1;
    } else if (text[at] == '"') {
      while (text[++at] != '"') at += text[at] == '\\' ? 1 : 0;
    } else if (text[at] == '-' || absl::ascii_isdigit(text[at])) {
      const size_t end =
          std::min(text.find_first_not_of(kOfNumber, at), text.size());
      const absl::string_view number = text.substr(at, end - at);
      const absl::string_view digits = absl::StripPrefix(number, "-");
      uint64_t natural = 0;
      int64_t integer = 0;
      double real = 0;
      if (digits.find_first_of(".eE") == absl::string_view::npos &&
          !absl::SimpleAtoi(number, &natural) &&
          !absl::SimpleAtoi(number, &integer) &&
          absl::SimpleAtod(number, &real) && IsRounded(digits, real)) {
        places.push_back(
            absl::StrCat("line ", line, ", column ", at - line_begin + 1));
      }
      at = end - 1;
    }
  }
  return places;
}

size_t TreeBytes(const Json& json) {
  if (const auto* object = json.get_ptr<const Json::object_t*>()) {
    size_t bytes = kValue + kObject;
    for (const auto& [key, value] : *object) {
      bytes += kMember + key.size() + TreeBytes(value);
    }
    return bytes;
  }
  if (json.is_array()) {
    size_t bytes = kValue + kArray;
    for (const Json& element : json) bytes += TreeBytes(element);
    return bytes;
  }
  const auto* text = json.get_ptr<const std::string*>();
  return text == nullptr ? kValue : kValue + kString + text->size();
}

std::string DumpJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json* Find(const Json& json, absl::string_view pointer) {
  const Json* at = &json;
  if (pointer.empty()) return at;
  for (absl::string_view step : absl::StrSplit(pointer.substr(1), '/')) {
    const std::string key =
        absl::StrReplaceAll(step, {{"~1", "/"}, {"~0", "~"}});
    if (at->is_object()) {
      auto it = at->find(key);
      if (it == at->end()) return nullptr;
      at = &*it;
    } else if (at->is_array()) {
      size_t index = 0;
      if (!absl::SimpleAtoi(key, &index) || index >= at->size()) {
        return nullptr;
      }
      at = &(*at)[index];
    } else {
      return nullptr;
    }
  }
  return at;
}

std::optional<std::string> StringAt(const Json& json,
                                    absl::string_view pointer) {
  const Json* at = Find(json, pointer);
  if (at == nullptr || !at->is_string()) return std::nullopt;
  return at->get<std::string>();
}

const Json& ListAt(const Json& json, absl::string_view pointer) {
  static const NeverDestroyed<Json> kNone(Json::array());
  const Json* at = Find(json, pointer);
  return at != nullptr && at->is_array() ? *at : *kNone;
}

std::optional<int64_t> IntAt(const Json& json, absl::string_view pointer) {
  const Json* at = Find(json, pointer);
  if (at == nullptr || !at->is_number_integer()) return std::nullopt;
  return at->get<int64_t>();
}

std::optional<bool> BoolAt(const Json& json, absl::string_view pointer) {
  const Json* at = Find(json, pointer);
  if (at == nullptr || !at->is_boolean()) return std::nullopt;
  return at->get<bool>();
}

}  // namespace base
