#include "base/json.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace base {

namespace {

// Builds the value and remembers where the text went wrong.
class OffsetSax : public nlohmann::detail::json_sax_dom_parser<Json> {
 public:
  using Base = nlohmann::detail::json_sax_dom_parser<Json>;
  explicit OffsetSax(Json& result)
      : Base(result, /*allow_exceptions_=*/false) {}

  template <class Exception>
  bool parse_error(std::size_t at, const std::string& token,
                   const Exception& error) {
    offset_ = at;
    return Base::parse_error(at, token, error);
  }

  std::size_t offset() const { return offset_; }

 private:
  std::size_t offset_ = 0;
};

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view what) {
  Json out;
  OffsetSax sax(out);
  if (!Json::sax_parse(text.begin(), text.end(), &sax)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is not valid JSON (byte ", sax.offset(), ")"));
  }
  return out;
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
