#include "resources/operator/value_form.h"

#include "provider/cty/codec.h"
#include "resources/values.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;

// What is null is absent.
Json WithoutNulls(const Json& value) {
  if (!value.is_structured()) return value;
  Json out = value.is_array() ? Json::array() : Json::object();
  for (const auto& [key, member] : value.items()) {
    if (member.is_null()) continue;
    if (value.is_array()) {
      out.push_back(WithoutNulls(member));
    } else {
      out[key] = WithoutNulls(member);
    }
  }
  return out;
}

}  // namespace

ValueForm<Json> AnyForm() {
  return {.type = cty::Type::Dynamic(),
          .decode =
              [](const Value& value) {
                return WithoutNulls(TreeOf(value).value_or(Json()));
              },
          .encode =
              [](const Json& json) {
                return cty::FromJson(json).value_or(
                    Value::Null(cty::Type::Dynamic()));
              }};
}

ValueForm<Json> ShapeForm(const tf::Attribute& attribute, wandb::Shape shape) {
  const auto& fields = wandb::FieldsOf(shape);
  return {.type = attribute.type,
          .decode =
              [&fields](const Value& value) {
                return wandb::ToKubernetes(fields,
                                           TreeOf(value).value_or(Json()));
              },
          .encode =
              [&fields, type = attribute.type](const Json& json) {
                const auto tree = wandb::FromKubernetes(fields, json);
                if (!tree.has_value()) return Value::Null(type);
                return cty::DecodeJson(base::DumpJson(*tree), type)
                    .value_or(Value::Null(type));
              }};
}

ValueForm<std::vector<Json>> ListForm(const tf::Attribute& attribute,
                                      wandb::Shape shape) {
  return {
      .type = attribute.type,
      .decode =
          [form = ShapeForm(attribute, shape)](const Value& value) {
            const Json list = form.decode(value);
            return std::vector<Json>(list.begin(), list.end());
          },
      .encode =
          [form = ShapeForm(attribute, shape)](const std::vector<Json>& list) {
            return form.encode(Json(list));
          }};
}

}  // namespace resources
