// Values from and to plain JSON, as documents of other systems mean it.
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "provider/cty/nfc.h"
#include "provider/cty/trail.h"
#include "provider/cty/value.h"

namespace cty {
namespace {

absl::StatusOr<Value> FromJsonAt(const base::Json& json, const Trail& trail);

absl::StatusOr<Value> FromArray(const base::Json& json, const Trail& trail) {
  std::vector<Value> elements;
  elements.reserve(json.size());
  for (const base::Json& item : json) {
    ASSIGN_OR_RETURN(Value element,
                     FromJsonAt(item, trail.Index(elements.size())));
    elements.push_back(std::move(element));
  }
  return Value::Tuple(std::move(elements));
}

absl::StatusOr<Value> FromObject(const base::Json& json, const Trail& trail) {
  std::map<std::string, Value> attributes;
  for (const auto& member : json.items()) {
    std::string name = ValidNfc(member.key());
    ASSIGN_OR_RETURN(Value value,
                     FromJsonAt(member.value(), trail.Attribute(name)));
    if (!attributes.emplace(std::move(name), std::move(value)).second) {
      return trail.Invalid("two names are equal once normalised");
    }
  }
  return Value::Object(std::move(attributes));
}

absl::StatusOr<Value> FromNumber(const base::Json& json, const Trail& trail) {
  if (const auto* natural =
          json.get_ptr<const base::Json::number_unsigned_t*>()) {
    return Value::Number(Number::FromUint(*natural));
  }
  if (const auto* integer =
          json.get_ptr<const base::Json::number_integer_t*>()) {
    return Value::Int(*integer);
  }
  const auto* real = json.get_ptr<const base::Json::number_float_t*>();
  absl::StatusOr<Number> number = Number::FromDoubleShortest(*real);
  if (!number.ok()) return trail.Invalid("not a number");
  return Value::Number(*std::move(number));
}

absl::StatusOr<Value> FromJsonAt(const base::Json& json, const Trail& trail) {
  if (trail.TooDeep()) return trail.Deep();
  switch (json.type()) {
    case base::Json::value_t::null:
      return Value();
    case base::Json::value_t::boolean:
      return Value::Bool(*json.get_ptr<const bool*>());
    case base::Json::value_t::string:
      return Value::String(*json.get_ptr<const std::string*>());
    case base::Json::value_t::number_integer:
    case base::Json::value_t::number_unsigned:
    case base::Json::value_t::number_float:
      return FromNumber(json, trail);
    case base::Json::value_t::array:
      return FromArray(json, trail);
    case base::Json::value_t::object:
      return FromObject(json, trail);
    case base::Json::value_t::binary:
    case base::Json::value_t::discarded:
      break;
  }
  return trail.Invalid("not a JSON value");
}

absl::StatusOr<base::Json> ToJsonAt(const Value& value,
                                    const ToJsonOptions& options,
                                    const Trail& trail);

absl::StatusOr<base::Json> ToArray(const Value& value,
                                   const ToJsonOptions& options,
                                   const Trail& trail) {
  const bool set = value.type().kind() == Type::Kind::kSet;
  base::Json::array_t items;
  items.reserve(value.elements().size());
  for (const Value& element : value.elements()) {
    const Trail here = set ? trail.Inside() : trail.Index(items.size());
    ASSIGN_OR_RETURN(base::Json item, ToJsonAt(element, options, here));
    items.push_back(std::move(item));
  }
  return base::Json(std::move(items));
}

absl::StatusOr<base::Json> ToObject(const Value& value,
                                    const ToJsonOptions& options,
                                    const Trail& trail) {
  const bool map = value.type().kind() == Type::Kind::kMap;
  base::Json::object_t members;
  for (const auto& [name, field] : value.fields()) {
    const Trail here = map ? trail.Key(name) : trail.Attribute(name);
    ASSIGN_OR_RETURN(base::Json member, ToJsonAt(field, options, here));
    members.emplace(name, std::move(member));
  }
  return base::Json(std::move(members));
}

// Whether `number` is `real`, or what is written for it, as 1e24 is.
bool Says(double real, const Number& number) {
  if (number.IsExactDouble()) return true;
  const absl::StatusOr<Number> shortest = Number::FromDoubleShortest(real);
  return shortest.ok() && *shortest == number;
}

absl::StatusOr<base::Json> ToNumber(const Number& number, const Trail& trail) {
  if (const std::optional<int64_t> integer = number.AsInt64()) {
    return base::Json(*integer);
  }
  if (const std::optional<uint64_t> natural = number.AsUint64()) {
    return base::Json(*natural);
  }
  const double real = number.AsDouble();
  if (!std::isfinite(real)) return trail.Invalid("too large for JSON");
  if (number.IsInteger() && !Says(real, number)) {
    return trail.Invalid(
        "the integer has more digits than a double holds, so that readers of "
        "JSON would change it; write it as a string");
  }
  return base::Json(real);
}

absl::StatusOr<base::Json> ToJsonAt(const Value& value,
                                    const ToJsonOptions& options,
                                    const Trail& trail) {
  if (value.IsNull()) return base::Json();
  if (value.IsUnknown()) {
    if (options.unknown) return options.unknown(value.type());
    return trail.Error(absl::StatusCode::kFailedPrecondition,
                       "the value is not known yet");
  }
  switch (value.type().kind()) {
    case Type::Kind::kDynamic:
      break;
    case Type::Kind::kString:
      return base::Json(value.AsString());
    case Type::Kind::kNumber:
      return ToNumber(value.AsNumber(), trail);
    case Type::Kind::kBool:
      return base::Json(value.AsBool());
    case Type::Kind::kList:
    case Type::Kind::kSet:
    case Type::Kind::kTuple:
      return ToArray(value, options, trail);
    case Type::Kind::kMap:
    case Type::Kind::kObject:
      return ToObject(value, options, trail);
  }
  return base::Json();
}

}  // namespace

absl::StatusOr<Value> FromJson(const base::Json& json) {
  return FromJsonAt(json, Trail());
}

absl::StatusOr<base::Json> ToJson(const Value& value,
                                  const ToJsonOptions& options) {
  return ToJsonAt(value, options, Trail());
}

}  // namespace cty
