#include "wandb/settings/chart_value.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/chart/catalogue.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

constexpr char kName[] = "name";  // Of an object that refers to another.

bool IsListOf(const Json& value, bool (Json::*is)() const noexcept) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(),
                     [&](const Json& element) { return (element.*is)(); });
}

bool IsMapOfText(const Json& value) {
  return value.is_object() &&
         std::all_of(value.begin(), value.end(),
                     [](const Json& element) { return element.is_string(); });
}

// Whether `value` is what the chart has at the place of `row`.
bool Fits(const SettingRow& row, const Json& value) {
  const CatalogueEntry* entry = EntryOf(row);
  switch (entry == nullptr ? ValueKind::kText : entry->kind) {
    case ValueKind::kScalar:
    case ValueKind::kText:
      switch (entry == nullptr ? ScalarType::kString : entry->type) {
        case ScalarType::kString:
          return value.is_string();
        case ScalarType::kInteger:
          return value.is_number_integer();
        case ScalarType::kBool:
          return value.is_boolean();
      }
      return false;
    case ValueKind::kList:
      return IsListOf(value, &Json::is_string);
    case ValueKind::kMap:
    case ValueKind::kEnv:
      return IsMapOfText(value);
    case ValueKind::kOpen:
    case ValueKind::kSection:
      return false;
  }
  return false;
}

// The names in a list of objects that have nothing else.
std::optional<Json> NamesIn(const Json& value) {
  if (!value.is_array()) return std::nullopt;
  Json out = Json::array();
  for (const Json& object : value) {
    const auto name = object.find(kName);
    if (!object.is_object() || object.size() != 1 || name == object.end() ||
        !name->is_string()) {
      return std::nullopt;
    }
    out.push_back(*name);
  }
  return out;
}

// Each text as an object with it as its name.
Json Named(const Json& names) {
  if (!names.is_array()) return names;  // Not known.
  Json out = Json::array();
  for (const Json& name : names) out.push_back({{kName, name}});
  return out;
}

}  // namespace

Json ChartValueOf(const SettingRow& row, const Json& setting) {
  if (row.is_switch && UnknownKind(setting).has_value()) {
    return MakeUnknown(Unknown::kString);
  }
  if (row.is_switch && setting.is_boolean()) {
    return setting.get<bool>() ? "true" : "false";
  }
  if (row.are_names) return Named(setting);
  return row.shape == Shape::kNone ? setting
                                   : ToKubernetes(FieldsOf(row.shape), setting);
}

std::optional<Json> SettingFor(const SettingRow& row, const Json& value) {
  if (value.is_null() || value == Json("")) return std::nullopt;
  if (row.are_names) return NamesIn(value);
  if (row.is_switch) {
    return value == "true" || value == "false"
               ? std::optional<Json>(value == "true")
               : std::nullopt;
  }
  if (row.shape != Shape::kNone) {
    return value.is_array() == IsList(row.shape)
               ? FromKubernetes(FieldsOf(row.shape), value)
               : std::nullopt;
  }
  return Fits(row, value) ? std::optional(value) : std::nullopt;
}

}  // namespace wandb
