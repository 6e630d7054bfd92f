#include "provider/cty/type.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "provider/cty/json_tree.h"
#include "provider/cty/nfc.h"

namespace cty {

struct Type::Parts {
  Type element;
  std::vector<Type> elements;
  std::map<std::string, Type> attributes;
  int depth = 1;
};

namespace {

const char* KindName(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::kDynamic:
      return "dynamic";
    case Type::Kind::kString:
      return "string";
    case Type::Kind::kNumber:
      return "number";
    case Type::Kind::kBool:
      return "bool";
    case Type::Kind::kList:
      return "list";
    case Type::Kind::kSet:
      return "set";
    case Type::Kind::kMap:
      return "map";
    case Type::Kind::kTuple:
      return "tuple";
    case Type::Kind::kObject:
      return "object";
  }
  return "";
}

bool IsCollection(Type::Kind kind) {
  return kind == Type::Kind::kList || kind == Type::Kind::kSet ||
         kind == Type::Kind::kMap;
}

void AppendJson(std::string& out, const Type& type) {
  const char* name = KindName(type.kind());
  if (type.IsDynamic() || type.IsPrimitive()) {
    absl::StrAppend(&out, "\"", name, "\"");
    return;
  }
  absl::StrAppend(&out, "[\"", name, "\",");
  const char* separator = "";
  if (IsCollection(type.kind())) {
    AppendJson(out, type.element());
  } else if (type.kind() == Type::Kind::kTuple) {
    out += '[';
    for (const Type& element : type.elements()) {
      out += std::exchange(separator, ",");
      AppendJson(out, element);
    }
    out += ']';
  } else {
    out += '{';
    for (const auto& [attribute, attribute_type] : type.attributes()) {
      out += std::exchange(separator, ",");
      AppendJsonString(out, attribute);
      out += ':';
      AppendJson(out, attribute_type);
    }
    out += '}';
  }
  out += ']';
}

}  // namespace

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
  static const auto* const kNone = new Type();
  return parts_ == nullptr ? *kNone : parts_->element;
}

const std::vector<Type>& Type::elements() const {
  static const auto* const kNone = new std::vector<Type>();
  return parts_ == nullptr ? *kNone : parts_->elements;
}

const std::map<std::string, Type>& Type::attributes() const {
  static const auto* const kNone = new std::map<std::string, Type>();
  return parts_ == nullptr ? *kNone : parts_->attributes;
}

bool Type::operator==(const Type& other) const {
  if (kind_ != other.kind_) return false;
  if (parts_ == other.parts_) return true;
  return depth() == other.depth() && element() == other.element() &&
         elements() == other.elements() && attributes() == other.attributes();
}

std::string Type::ToJson() const {
  std::string out;
  AppendJson(out, *this);
  return out;
}

absl::StatusOr<Type> Type::FromJson(absl::string_view json) {
  absl::StatusOr<JsonTree> tree = ParseJsonTree(json);
  if (!tree.ok()) return tree.status();
  return TypeFromTree(*tree, kMaxDepth);
}

std::string Type::FriendlyName() const {
  if (IsDynamic()) return "any";
  if (!IsCollection(kind_)) return KindName(kind_);
  return absl::StrCat(KindName(kind_), " of ", element().FriendlyName());
}

}  // namespace cty
