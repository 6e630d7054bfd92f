#include "provider/cty/type.h"

#include <algorithm>
#include <utility>

#include "base/never_destroyed.h"
#include "provider/cty/nfc.h"

namespace cty {

struct Type::Parts {
  Type element;
  std::vector<Type> elements;
  std::map<std::string, Type> attributes;
  int depth = 1;
};

Type::Type(Kind kind, std::shared_ptr<const Parts> parts)
    : kind_(kind), parts_(std::move(parts)) {}

Type Type::String() { return {Kind::kString, nullptr}; }
Type Type::Number() { return {Kind::kNumber, nullptr}; }
Type Type::Bool() { return {Kind::kBool, nullptr}; }

Type Type::List(Type element) {
  const int depth = element.depth() + 1;
  return Type(Kind::kList, std::make_shared<Parts>(Parts{
                               .element = std::move(element), .depth = depth}));
}

Type Type::Set(Type element) {
  Type type = List(std::move(element));
  type.kind_ = Kind::kSet;
  return type;
}

Type Type::Map(Type element) {
  Type type = List(std::move(element));
  type.kind_ = Kind::kMap;
  return type;
}

Type Type::Tuple(std::vector<Type> elements) {
  int depth = 1;
  for (const Type& element : elements) {
    depth = std::max(depth, element.depth() + 1);
  }
  return Type(Kind::kTuple,
              std::make_shared<Parts>(
                  Parts{.elements = std::move(elements), .depth = depth}));
}

Type Type::Object(std::map<std::string, Type> attributes) {
  int depth = 1;
  for (const auto& attribute : attributes) {
    depth = std::max(depth, attribute.second.depth() + 1);
  }
  return Type(
      Kind::kObject,
      std::make_shared<Parts>(Parts{
          .attributes = WithNfcKeys(std::move(attributes)), .depth = depth}));
}

bool Type::IsPrimitive() const {
  return kind_ == Kind::kString || kind_ == Kind::kNumber ||
         kind_ == Kind::kBool;
}

int Type::depth() const { return parts_ == nullptr ? 1 : parts_->depth; }

const Type& Type::element() const {
  static const base::NeverDestroyed<Type> kNone;
  return parts_ == nullptr ? *kNone : parts_->element;
}

const std::vector<Type>& Type::elements() const {
  static const base::NeverDestroyed<std::vector<Type>> kNone;
  return parts_ == nullptr ? *kNone : parts_->elements;
}

const std::map<std::string, Type>& Type::attributes() const {
  static const base::NeverDestroyed<std::map<std::string, Type>> kNone;
  return parts_ == nullptr ? *kNone : parts_->attributes;
}

bool Type::operator==(const Type& other) const {
  if (kind_ != other.kind_) return false;
  if (parts_ == other.parts_) return true;
  return depth() == other.depth() && element() == other.element() &&
         elements() == other.elements() && attributes() == other.attributes();
}

}  // namespace cty
