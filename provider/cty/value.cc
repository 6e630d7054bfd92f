#include "provider/cty/value.h"

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/never_destroyed.h"
#include "provider/cty/nfc.h"

namespace cty {
namespace {

int Compare(const Value& a, const Value& b);

int Sign(int64_t a, int64_t b) { return a < b ? -1 : static_cast<int>(a > b); }

int StateRank(const Value& value) {
  return value.IsNull() ? 0 : value.IsUnknown() ? 1 : 2;
}

int CompareElements(const std::vector<Value>& a, const std::vector<Value>& b) {
  const size_t shared = std::min(a.size(), b.size());
  for (size_t i = 0; i < shared; ++i) {
    if (const int order = Compare(a[i], b[i]); order != 0) return order;
  }
  return Sign(static_cast<int64_t>(a.size()), static_cast<int64_t>(b.size()));
}

int CompareFields(const std::map<std::string, Value>& a,
                  const std::map<std::string, Value>& b) {
  auto at_b = b.begin();
  for (const auto& [name, value] : a) {
    if (at_b == b.end()) return 1;
    if (const int order = name.compare(at_b->first); order != 0) return order;
    if (const int order = Compare(value, at_b->second); order != 0) {
      return order;
    }
    ++at_b;
  }
  return at_b == b.end() ? 0 : -1;
}

int CompareContent(const Value& a, const Value& b) {
  switch (a.type().kind()) {
    case Type::Kind::kDynamic:
      return 0;
    case Type::Kind::kString:
      return a.AsString().compare(b.AsString());
    case Type::Kind::kNumber:
      return a.AsNumber().text().compare(b.AsNumber().text());
    case Type::Kind::kBool:
      return Sign(a.AsBool(), b.AsBool());
    case Type::Kind::kList:
    case Type::Kind::kSet:
    case Type::Kind::kTuple:
      return CompareElements(a.elements(), b.elements());
    case Type::Kind::kMap:
    case Type::Kind::kObject:
      return CompareFields(a.fields(), b.fields());
  }
  return 0;
}

// A total order that agrees with ==. Which one does not matter.
int Compare(const Value& a, const Value& b) {
  const auto kind = [](const Value& value) {
    return static_cast<int>(value.type().kind());
  };
  if (kind(a) != kind(b)) return Sign(kind(a), kind(b));
  if (const int order = Sign(StateRank(a), StateRank(b)); order != 0) {
    return order;
  }
  if (a.IsKnown()) {
    if (const int order = CompareContent(a, b); order != 0) return order;
  }
  if (a.type() == b.type()) return 0;
  return a.type().ToJson().compare(b.type().ToJson());
}

bool SameSetElement(const Value& a, const Value& b) {
  return a == b && a.IsWhollyKnown();
}

}  // namespace

Value Value::Settled(Value value, const Type& slot) {
  if (value.type_.IsDynamic() && !value.IsKnown()) value.type_ = slot;
  return value;
}

// Settles each of `elements` and returns the element type of their collection.
Type Value::Settle(std::vector<Value>& elements, Type slot) {
  bool as_declared = true;
  bool alike = true;
  for (Value& element : elements) {
    element = Settled(std::move(element), slot);
    as_declared = as_declared && element.type_ == slot;
    alike = alike && element.type_ == elements.front().type_;
  }
  if (as_declared || !alike) return slot;
  const Type& common = elements.front().type_;
  return Conforms(common, slot) ? common : slot;
}

Value Value::Null(Type type) {
  Value value;
  value.type_ = std::move(type);
  return value;
}

Value Value::Unknown(Type type) {
  Value value = Null(std::move(type));
  value.state_ = State::kUnknown;
  return value;
}

Value Value::String(std::string value) {
  Value out = Null(Type::String());
  out.state_ = State::kKnown;
  out.payload_ = ValidNfc(std::move(value));
  return out;
}

Value Value::Number(cty::Number value) {
  Value out = Null(Type::Number());
  out.state_ = State::kKnown;
  out.payload_ = std::move(value);
  return out;
}

Value Value::Int(int64_t value) { return Number(cty::Number::FromInt(value)); }

Value Value::Bool(bool value) {
  Value out = Null(Type::Bool());
  out.state_ = State::kKnown;
  out.payload_ = value;
  return out;
}

Value Value::List(Type element, std::vector<Value> elements) {
  Value out = Null(Type::List(Settle(elements, std::move(element))));
  out.state_ = State::kKnown;
  out.payload_ =
      std::make_shared<const std::vector<Value>>(std::move(elements));
  return out;
}

Value Value::Set(Type element, std::vector<Value> elements) {
  Value out = Null(Type::Set(Settle(elements, std::move(element))));
  std::sort(elements.begin(), elements.end(),
            [](const Value& a, const Value& b) { return Compare(a, b) < 0; });
  elements.erase(std::unique(elements.begin(), elements.end(), SameSetElement),
                 elements.end());
  out.state_ = State::kKnown;
  out.payload_ =
      std::make_shared<const std::vector<Value>>(std::move(elements));
  return out;
}

Value Value::Map(Type element, std::map<std::string, Value> entries) {
  std::map<std::string, Value> fields = WithNfcKeys(std::move(entries));
  bool as_declared = true;
  bool alike = true;
  for (auto& field : fields) {
    field.second = Settled(std::move(field.second), element);
    as_declared = as_declared && field.second.type_ == element;
    alike = alike && field.second.type_ == fields.begin()->second.type_;
  }
  if (!as_declared && alike) {
    const Type& common = fields.begin()->second.type_;
    if (Conforms(common, element)) element = common;
  }
  Value out = Null(Type::Map(std::move(element)));
  out.state_ = State::kKnown;
  out.payload_ =
      std::make_shared<const std::map<std::string, Value>>(std::move(fields));
  return out;
}

Value Value::Tuple(std::vector<Value> elements) {
  std::vector<Type> types;
  types.reserve(elements.size());
  for (const Value& element : elements) types.push_back(element.type_);
  Value out = Null(Type::Tuple(std::move(types)));
  out.state_ = State::kKnown;
  out.payload_ =
      std::make_shared<const std::vector<Value>>(std::move(elements));
  return out;
}

Value Value::Object(std::map<std::string, Value> attributes) {
  std::map<std::string, Value> fields = WithNfcKeys(std::move(attributes));
  std::map<std::string, Type> types;
  for (const auto& [name, value] : fields) {
    types.emplace_hint(types.end(), name, value.type_);
  }
  Value out = Null(Type::Object(std::move(types)));
  out.state_ = State::kKnown;
  out.payload_ =
      std::make_shared<const std::map<std::string, Value>>(std::move(fields));
  return out;
}

Value Value::ObjectOf(const Type& type,
                      std::map<std::string, Value> attributes) {
  std::map<std::string, Value> fields = WithNfcKeys(std::move(attributes));
  bool as_declared = true;
  for (const auto& [name, slot] : type.attributes()) {
    Value& value = fields[name];
    value = Settled(std::move(value), slot);
    as_declared = as_declared && value.type_ == slot;
  }
  if (!as_declared || fields.size() != type.attributes().size()) {
    return Object(std::move(fields));
  }
  Value out = Null(type);
  out.state_ = State::kKnown;
  out.payload_ =
      std::make_shared<const std::map<std::string, Value>>(std::move(fields));
  return out;
}

bool Value::IsWhollyKnown() const {
  if (state_ == State::kUnknown) return false;
  const auto known = [](const Value& value) { return value.IsWhollyKnown(); };
  return std::all_of(elements().begin(), elements().end(), known) &&
         std::all_of(fields().begin(), fields().end(),
                     [&](const auto& field) { return known(field.second); });
}

const std::string& Value::AsString() const {
  static const base::NeverDestroyed<std::string> kNone;
  const auto* text = std::get_if<std::string>(&payload_);
  return text == nullptr ? *kNone : *text;
}

const cty::Number& Value::AsNumber() const {
  static const base::NeverDestroyed<cty::Number> kNone;
  const auto* number = std::get_if<cty::Number>(&payload_);
  return number == nullptr ? *kNone : *number;
}

bool Value::AsBool() const {
  const auto* truth = std::get_if<bool>(&payload_);
  return truth != nullptr && *truth;
}

const std::vector<Value>& Value::elements() const {
  static const base::NeverDestroyed<std::vector<Value>> kNone;
  const auto* elements = std::get_if<Elements>(&payload_);
  return elements == nullptr ? *kNone : **elements;
}

const std::map<std::string, Value>& Value::fields() const {
  static const base::NeverDestroyed<std::map<std::string, Value>> kNone;
  const auto* fields = std::get_if<Fields>(&payload_);
  return fields == nullptr ? *kNone : **fields;
}

const Value& Value::At(absl::string_view name) const {
  static const base::NeverDestroyed<Value> kNone;
  const auto it = fields().find(std::string(name));
  return it == fields().end() ? *kNone : it->second;
}

bool Value::operator==(const Value& other) const {
  if (state_ != other.state_ || !(type_ == other.type_)) return false;
  const auto* elements_here = std::get_if<Elements>(&payload_);
  const auto* fields_here = std::get_if<Fields>(&payload_);
  if (elements_here == nullptr && fields_here == nullptr) {
    return payload_ == other.payload_;
  }
  return payload_ == other.payload_ ||
         (elements() == other.elements() && fields() == other.fields());
}

bool Conforms(const Type& type, const Type& wanted) {
  if (wanted.IsDynamic() || type == wanted) return true;
  if (type.kind() != wanted.kind() ||
      type.elements().size() != wanted.elements().size() ||
      type.attributes().size() != wanted.attributes().size()) {
    return false;
  }
  for (size_t i = 0; i < type.elements().size(); ++i) {
    if (!Conforms(type.elements()[i], wanted.elements()[i])) return false;
  }
  auto slot = wanted.attributes().begin();
  for (const auto& [name, attribute] : type.attributes()) {
    if (name != slot->first || !Conforms(attribute, slot->second)) return false;
    ++slot;
  }
  return Conforms(type.element(), wanted.element());
}

}  // namespace cty
