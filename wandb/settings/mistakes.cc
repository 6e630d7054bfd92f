#include "wandb/settings/mistakes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/url.h"
#include "wandb/chart/catalogue.h"

namespace wandb {
namespace {

using base::Json;

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
