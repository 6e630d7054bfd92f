// A Terraform value: of some type, and null, unknown or known.
//
// Immutable and cheaply copied (containers are shared). Accessors have
// preconditions instead of errors: ask IsKnown() and type() first; a value of
// another kind answers with an empty one.
//
// Strings, map keys and attribute names are kept in Unicode NFC, as core does;
// what is not UTF-8 in them becomes U+FFFD, since no answer may hold it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "provider/cty/number.h"
#include "provider/cty/type.h"

namespace cty {

class Value {
 public:
  // Null of dynamic type.
  Value() = default;

  static Value Null(Type type);
  static Value Unknown(Type type);
  static Value String(std::string value);
  static Value Number(cty::Number value);
  static Value Int(int64_t value);
  static Value Bool(bool value);
  // Elements must be of type `element` (or anything if that is dynamic; the
  // type of the list is then the one that all of them share, if they do). A
  // null or unknown of dynamic type takes the type of its slot, here and in the
  // other collections.
  static Value List(Type element, std::vector<Value> elements);
  // Duplicates are dropped; what holds an unknown is nobody's duplicate. The
  // order of elements() is by content, not as given.
  static Value Set(Type element, std::vector<Value> elements);
  static Value Map(Type element, std::map<std::string, Value> entries);
  static Value Tuple(std::vector<Value> elements);
  static Value Object(std::map<std::string, Value> attributes);
  // An object whose attributes have the types of `type` even where a value is
  // of another (a null or unknown of dynamic type in a typed slot, say). In a
  // slot of dynamic type the value keeps its own. Missing attributes are null;
  // surplus ones stay, so that encoding reports them.
  static Value ObjectOf(const Type& type,
                        std::map<std::string, Value> attributes);

  const Type& type() const { return type_; }
  bool IsNull() const { return state_ == State::kNull; }
  bool IsUnknown() const { return state_ == State::kUnknown; }
  bool IsKnown() const { return state_ == State::kKnown; }
  // Known, and so is everything inside.
  bool IsWhollyKnown() const;

  // Known string, number, bool only.
  const std::string& AsString() const;
  const cty::Number& AsNumber() const;
  bool AsBool() const;
  // Known list, set, tuple only.
  const std::vector<Value>& elements() const;
  // Known map, object only: entries or attributes by name.
  const std::map<std::string, Value>& fields() const;
  // The attribute or entry `name` of a known object or map; a null of dynamic
  // type when absent.
  const Value& At(absl::string_view name) const;

  // Same type, state and content; sets compare without order, numbers by
  // value. Two unknowns of one type are equal.
  bool operator==(const Value& other) const;

 private:
  enum class State { kNull, kUnknown, kKnown };
  static Value Settled(Value value, const Type& slot);
  static Type Settle(std::vector<Value>& elements, Type slot);

  using Elements = std::shared_ptr<const std::vector<Value>>;
  using Fields = std::shared_ptr<const std::map<std::string, Value>>;

  Type type_;
  State state_ = State::kNull;
  std::variant<std::monostate, std::string, cty::Number, bool, Elements, Fields>
      payload_;
};

// The value that JSON means in a slot of dynamic type: objects, tuples,
// strings, numbers (doubles by shortest text), bools; null is null of dynamic
// type. kInvalidArgument for binary and NaN, kOutOfRange for depth above
// Type::kMaxDepth.
absl::StatusOr<Value> FromJson(const base::Json& json);

struct ToJsonOptions {
  // What to put where a value is unknown; absent: kFailedPrecondition.
  // `type` is the type of the unknown.
  std::function<base::Json(const Type& type)> unknown;
};

// `value` as plain JSON: object and map to object; list, set and tuple to
// array; numbers to int64 or uint64 when they are one, else to the nearest
// double. kInvalidArgument where that is infinite, or another integer than the
// number: nobody is to round an integer without a word.
absl::StatusOr<base::Json> ToJson(const Value& value,
                                  const ToJsonOptions& options = {});

// Whether `value` may stand where `type` is wanted (dynamic accepts all).
bool Conforms(const Type& type, const Type& wanted);

}  // namespace cty
