// JSON to values.
#include <utility>

#include "base/status_macros.h"
#include "provider/cty/codec.h"
#include "provider/cty/json_tree.h"
#include "provider/cty/nfc.h"
#include "provider/cty/trail.h"

namespace cty {
namespace {

using Kind = JsonTree::Kind;

class Decoder {
 public:
  explicit Decoder(const DecodeJsonOptions& options) : options_(options) {}

  absl::StatusOr<Value> Read(const JsonTree& tree, const Type& wanted,
                             const Trail& trail) const;

 private:
  absl::StatusOr<Value> ReadDynamic(const JsonTree& tree,
                                    const Trail& trail) const;
  absl::StatusOr<Value> ReadSequence(const JsonTree& tree, const Type& wanted,
                                     const Trail& trail) const;
  absl::StatusOr<Value> ReadTuple(const JsonTree& tree, const Type& wanted,
                                  const Trail& trail) const;
  absl::StatusOr<Value> ReadMap(const JsonTree& tree, const Type& wanted,
                                const Trail& trail) const;
  absl::StatusOr<Value> ReadObject(const JsonTree& tree, const Type& wanted,
                                   const Trail& trail) const;

  const DecodeJsonOptions& options_;
};

absl::StatusOr<Value> ReadBool(const JsonTree& tree, const Trail& trail) {
  if (tree.kind == Kind::kBool) return Value::Bool(tree.truth);
  if (tree.kind == Kind::kString) {
    if (tree.text == "true" || tree.text == "1") return Value::Bool(true);
    if (tree.text == "false" || tree.text == "0") return Value::Bool(false);
  }
  return trail.Invalid("a bool is required");
}

absl::StatusOr<Value> ReadNumber(const JsonTree& tree, const Trail& trail) {
  if (tree.kind == Kind::kNumber || tree.kind == Kind::kString) {
    absl::StatusOr<Number> number = Number::Parse(tree.text);
    if (number.ok()) return Value::Number(*std::move(number));
  }
  return trail.Invalid("a number is required");
}

absl::StatusOr<Value> ReadString(const JsonTree& tree, const Trail& trail) {
  if (tree.kind == Kind::kBool) {
    return Value::String(tree.truth ? "true" : "false");
  }
  if (tree.kind == Kind::kString || tree.kind == Kind::kNumber) {
    return Value::String(tree.text);
  }
  return trail.Invalid("a string is required");
}

absl::StatusOr<Value> Decoder::ReadDynamic(const JsonTree& tree,
                                           const Trail& trail) const {
  if (tree.kind != Kind::kObject || tree.items.size() != 2) {
    return trail.Invalid("a type and a value are required");
  }
  const size_t type_at = tree.keys[0] == "type" ? 0 : 1;
  const size_t value_at = 1 - type_at;
  if (tree.keys[type_at] != "type" || tree.keys[value_at] != "value") {
    return trail.Invalid("a type and a value are required");
  }
  const absl::StatusOr<Type> type =
      TypeFromTree(tree.items[type_at], Type::kMaxDepth - trail.depth());
  if (!type.ok()) {
    return trail.Error(type.status().code(), type.status().message());
  }
  return Read(tree.items[value_at], *type, trail.Inside());
}

absl::StatusOr<Value> Decoder::ReadSequence(const JsonTree& tree,
                                            const Type& wanted,
                                            const Trail& trail) const {
  if (tree.kind != Kind::kArray) return trail.Invalid("a list is required");
  const bool set = wanted.kind() == Type::Kind::kSet;
  std::vector<Value> elements;
  elements.reserve(tree.items.size());
  for (const JsonTree& item : tree.items) {
    const Trail here = set ? trail.Inside() : trail.Index(elements.size());
    ASSIGN_OR_RETURN(Value element, Read(item, wanted.element(), here));
    elements.push_back(std::move(element));
  }
  return set ? Value::Set(wanted.element(), std::move(elements))
             : Value::List(wanted.element(), std::move(elements));
}

absl::StatusOr<Value> Decoder::ReadTuple(const JsonTree& tree,
                                         const Type& wanted,
                                         const Trail& trail) const {
  if (tree.kind != Kind::kArray ||
      tree.items.size() != wanted.elements().size()) {
    return trail.Invalid("a tuple of another length is required");
  }
  std::vector<Value> elements;
  elements.reserve(tree.items.size());
  for (size_t i = 0; i < tree.items.size(); ++i) {
    ASSIGN_OR_RETURN(Value element,
                     Read(tree.items[i], wanted.elements()[i], trail.Index(i)));
    elements.push_back(std::move(element));
  }
  return Value::Tuple(std::move(elements));
}

absl::StatusOr<Value> Decoder::ReadMap(const JsonTree& tree, const Type& wanted,
                                       const Trail& trail) const {
  if (tree.kind != Kind::kObject) return trail.Invalid("a map is required");
  std::map<std::string, Value> entries;
  for (size_t i = 0; i < tree.items.size(); ++i) {
    std::string key = ValidNfc(tree.keys[i]);
    ASSIGN_OR_RETURN(Value value,
                     Read(tree.items[i], wanted.element(), trail.Key(key)));
    if (!entries.emplace(std::move(key), std::move(value)).second) {
      return trail.Invalid("a key occurs twice");
    }
  }
  return Value::Map(wanted.element(), std::move(entries));
}

absl::StatusOr<Value> Decoder::ReadObject(const JsonTree& tree,
                                          const Type& wanted,
                                          const Trail& trail) const {
  if (tree.kind != Kind::kObject) return trail.Invalid("an object is required");
  std::map<std::string, Value> attributes;
  for (size_t i = 0; i < tree.items.size(); ++i) {
    const std::string name = ValidNfc(tree.keys[i]);
    const auto slot = wanted.attributes().find(name);
    if (slot == wanted.attributes().end()) {
      if (options_.ignore_unknown_attributes) continue;
      return trail.Invalid("an attribute is not supported");
    }
    ASSIGN_OR_RETURN(Value value,
                     Read(tree.items[i], slot->second, trail.Attribute(name)));
    if (!attributes.emplace(name, std::move(value)).second) {
      return trail.Invalid("an attribute occurs twice");
    }
  }
  return Value::ObjectOf(wanted, std::move(attributes));
}

absl::StatusOr<Value> Decoder::Read(const JsonTree& tree, const Type& wanted,
                                    const Trail& trail) const {
  if (trail.TooDeep()) return trail.Deep();
  if (tree.kind == Kind::kNull) return Value::Null(wanted);
  switch (wanted.kind()) {
    case Type::Kind::kDynamic:
      return ReadDynamic(tree, trail);
    case Type::Kind::kString:
      return ReadString(tree, trail);
    case Type::Kind::kNumber:
      return ReadNumber(tree, trail);
    case Type::Kind::kBool:
      return ReadBool(tree, trail);
    case Type::Kind::kList:
    case Type::Kind::kSet:
      return ReadSequence(tree, wanted, trail);
    case Type::Kind::kTuple:
      return ReadTuple(tree, wanted, trail);
    case Type::Kind::kMap:
      return ReadMap(tree, wanted, trail);
    case Type::Kind::kObject:
      break;
  }
  return ReadObject(tree, wanted, trail);
}

}  // namespace

absl::StatusOr<Value> DecodeJson(absl::string_view text, const Type& wanted,
                                 const DecodeJsonOptions& options) {
  if (text.empty()) return Value::Null(wanted);
  ASSIGN_OR_RETURN(const JsonTree tree, ParseJsonTree(text));
  return Decoder(options).Read(tree, wanted, Trail());
}

}  // namespace cty
