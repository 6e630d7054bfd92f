#include "wandb/value_view.h"

#include "absl/strings/str_split.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

struct Found {
  const Json* value = nullptr;
  bool open = false;  // An unknown on the way decides.
};

Found Look(const Json& tree, absl::string_view path) {
  const Json* at = &tree;
  for (const absl::string_view key : absl::StrSplit(path, '.')) {
    if (UnknownKind(*at) == Unknown::kShape) return {nullptr, true};
    if (!at->is_object()) return {};
    const auto found = at->find(key);
    if (found == at->end()) return {};
    at = &*found;
  }
  return {at, UnknownKind(*at).has_value()};
}

}  // namespace

const Json* ValueView::Value(absl::string_view path) const {
  return Look(values_, path).value;
}

bool ValueView::IsSet(absl::string_view path) const {
  const auto [value, open] = Look(values_, path);
  return value != nullptr && !open && !value->is_null() && *value != Json("") &&
         !(value->is_structured() && value->empty());
}

bool ValueView::IsUnset(absl::string_view path) const {
  return !Look(values_, path).open && !IsSet(path);
}

bool ValueView::IsTrue(absl::string_view path) const {
  const Json* value = Value(path);
  return value != nullptr && *value == Json(true);
}

bool ValueView::IsFalse(absl::string_view path) const {
  const Json* value = Value(path);
  return value != nullptr && *value == Json(false);
}

std::string ValueView::Text(absl::string_view path) const {
  const Json* value = Value(path);
  const auto* text =
      value == nullptr ? nullptr : value->get_ptr<const std::string*>();
  return text == nullptr ? "" : *text;
}

}  // namespace wandb
