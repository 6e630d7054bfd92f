// How types are written.
#include <utility>

#include "absl/strings/str_cat.h"
#include "provider/cty/json_tree.h"
#include "provider/cty/type.h"

namespace cty {
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
