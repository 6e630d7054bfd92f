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

std::vector<ShapeField>::const_iterator FieldOf(
    const std::vector<ShapeField>& fields,
    absl::string_view ShapeField::*member, absl::string_view text) {
  return std::find_if(
      fields.begin(), fields.end(),
      [&](const ShapeField& each) { return each.*member == text; });
}

// An object of `fields` as Kubernetes has it. What it has beside them stays.
Json ToKubernetes(const std::vector<ShapeField>& fields, const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& element : value) {
      out.push_back(ToKubernetes(fields, element));
    }
    return out;
  }
  if (!value.is_object() || UnknownKind(value).has_value()) return value;
  Json out = Json::object();
  for (const auto& [name, member] : value.items()) {
    if (member.is_null()) continue;
    const auto field = FieldOf(fields, &ShapeField::name, name);
    if (field == fields.end()) {
      out[name] = member;
    } else {
      out[std::string(field->key)] =
          field->fields.empty() ? member : ToKubernetes(field->fields, member);
    }
  }
  return out;
}

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

std::optional<Json> FromKubernetes(const std::vector<ShapeField>& fields,
                                   const Json& value);

std::optional<Json> ListFromKubernetes(const std::vector<ShapeField>& fields,
                                       const Json& value) {
  if (!value.is_array()) return std::nullopt;
  Json list = Json::array();
  for (const Json& element : value) {
    auto object = FromKubernetes(fields, element);
    if (!object.has_value()) return std::nullopt;
    list.push_back(*std::move(object));
  }
  return list;
}

// The inverse of ToKubernetes(); nullopt where `fields` cannot say it.
std::optional<Json> FromKubernetes(const std::vector<ShapeField>& fields,
                                   const Json& value) {
  if (!value.is_object()) return std::nullopt;
  Json out = Json::object();
  for (const auto& [key, member] : value.items()) {
    const auto field = FieldOf(fields, &ShapeField::key, key);
    if (field == fields.end()) return std::nullopt;
    std::optional<Json> inner = member;
    bool fits = false;
    switch (field->type) {
      case FieldType::kString:
        fits = member.is_string();
        break;
      case FieldType::kInteger:
        fits = member.is_number_integer();
        break;
      case FieldType::kBool:
        fits = member.is_boolean();
        break;
      case FieldType::kStrings:
        fits = IsListOf(member, &Json::is_string);
        break;
      case FieldType::kTexts:
        fits = IsMapOfText(member);
        break;
      case FieldType::kObject:
        inner = FromKubernetes(field->fields, member);
        fits = inner.has_value();
        break;
      case FieldType::kObjects:
        inner = ListFromKubernetes(field->fields, member);
        fits = inner.has_value();
        break;
    }
    if (!fits || !inner.has_value()) return std::nullopt;
    out[std::string(field->name)] = *std::move(inner);
  }
  return out;
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
  if (IsList(row.shape)) return ListFromKubernetes(FieldsOf(row.shape), value);
  if (row.is_switch) {
    return value == "true" || value == "false"
               ? std::optional<Json>(value == "true")
               : std::nullopt;
  }
  if (row.shape != Shape::kNone) {
    return FromKubernetes(FieldsOf(row.shape), value);
  }
  return Fits(row, value) ? std::optional(value) : std::nullopt;
}

}  // namespace wandb
