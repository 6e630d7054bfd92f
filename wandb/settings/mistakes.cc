#include "wandb/settings/mistakes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/url.h"
#include "wandb/chart/catalogue.h"

namespace wandb {
namespace {

using base::Json;

// "must be a, b or c" unless `text` is one of `allowed` ("a|b|c"), or that is
// "".
std::optional<std::string> NotAllowed(absl::string_view allowed,
                                      const std::string& text) {
  std::vector<std::string> all =
      absl::StrSplit(allowed, '|', absl::SkipEmpty());
  if (all.empty() || std::find(all.begin(), all.end(), text) != all.end()) {
    return std::nullopt;
  }
  const std::string last = std::move(all.back());
  all.pop_back();
  return all.empty()
             ? absl::StrCat("must be ", last)
             : absl::StrCat("must be ", absl::StrJoin(all, ", "), " or ", last);
}

// The first member of `value`, an object of `fields` or a list of them, that
// has a value which is not allowed.
std::optional<SettingMistake> MistakeOfShape(
    const std::vector<ShapeField>& fields, const Json& value) {
  if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) {
      if (auto mistake = MistakeOfShape(fields, value[i])) {
        mistake->below = absl::StrCat("[", i, "]", mistake->below);
        return mistake;
      }
    }
  }
  if (!value.is_object()) return std::nullopt;
  for (const ShapeField& field : fields) {
    const auto member = value.find(std::string(field.name));
    if (member == value.end()) continue;
    const std::string below = absl::StrCat(".", field.name);
    if (const auto* text = member->get_ptr<const std::string*>()) {
      if (auto message = NotAllowed(field.allowed, *text)) {
        return SettingMistake{below, *std::move(message)};
      }
    } else if (auto mistake = MistakeOfShape(field.fields, *member)) {
      mistake->below = absl::StrCat(below, mistake->below);
      return mistake;
    }
  }
  return std::nullopt;
}

std::optional<std::string> OutOfRange(const SettingRow& row, double number) {
  const bool too_small = row.least.has_value() && number < *row.least;
  const bool too_big = row.most.has_value() && number > *row.most;
  if (!too_small && !too_big) return std::nullopt;
  if (!row.most.has_value()) {
    return absl::StrCat("must be at least ", *row.least);
  }
  return row.least.has_value()
             ? absl::StrCat("must be from ", *row.least, " to ", *row.most)
             : absl::StrCat("must be at most ", *row.most);
}

}  // namespace

std::optional<SettingMistake> MistakeIn(const SettingRow& row,
                                        const Json& value) {
  if (row.shape != Shape::kNone) {
    return MistakeOfShape(FieldsOf(row.shape), value);
  }
  std::optional<std::string> message;
  if (value.is_number()) message = OutOfRange(row, value.get<double>());
  if (const auto* text = value.get_ptr<const std::string*>()) {
    const CatalogueEntry* entry = EntryOf(row);
    if (entry != nullptr) message = NotAllowed(entry->allowed, *text);
    if (row.is_url && !base::IsHttpUrl(*text)) {
      message = "must be a URL that starts with http:// or https://";
    }
    if (text->empty() && (row.required || !row.required_unless.empty())) {
      message = "is empty";
    }
  }
  if (!message.has_value()) return std::nullopt;
  return SettingMistake{"", *std::move(message)};
}

bool IsRequired(const SettingRow& row, const Json& object) {
  if (row.required_unless.empty()) return row.required;
  const auto other = object.find(std::string(row.required_unless));
  return other == object.end() || other->is_null();
}

}  // namespace wandb
