// Terraform's type constraints.
//
// A Type is an immutable, cheaply copied value. `dynamic` stands for "any
// type", decided by each value. Wire form: protocol 6, type constraint JSON.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cty {

class Type {
 public:
  enum class Kind {
    kDynamic,
    kString,
    kNumber,
    kBool,
    kList,
    kSet,
    kMap,
    kTuple,
    kObject,
  };

  // Dynamic.
  Type() = default;

  static Type Dynamic() { return {}; }
  static Type String();
  static Type Number();
  static Type Bool();
  static Type List(Type element);
  static Type Set(Type element);
  static Type Map(Type element);
  static Type Tuple(std::vector<Type> elements);
  static Type Object(std::map<std::string, Type> attributes);

  Kind kind() const { return kind_; }
  bool IsDynamic() const { return kind_ == Kind::kDynamic; }
  bool IsPrimitive() const;
  // Levels of nesting: 1 for dynamic and primitives.
  int depth() const;

  // The parts of a type. Asking a kind that has no such part gives dynamic or
  // an empty container.
  // List, set, map only.
  const Type& element() const;
  // Tuple only.
  const std::vector<Type>& elements() const;
  // Object only.
  const std::map<std::string, Type>& attributes() const;

  bool operator==(const Type& other) const;

  // Compact constraint JSON, e.g. ["list","string"].
  std::string ToJson() const;
  // kInvalidArgument for anything that is not a type constraint. Depth is
  // limited to kMaxDepth. A third item of "object" (optional names) is ignored.
  static absl::StatusOr<Type> FromJson(absl::string_view json);

  // For messages: "list of string", "object", "any".
  std::string FriendlyName() const;

  static constexpr int kMaxDepth = 128;

 private:
  struct Parts;
  Type(Kind kind, std::shared_ptr<const Parts> parts);

  Kind kind_ = Kind::kDynamic;
  std::shared_ptr<const Parts> parts_;
};

}  // namespace cty
