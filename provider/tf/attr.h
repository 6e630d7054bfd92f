// Typed attribute values: one that may be null or unknown, and one that has a
// default and so is never null.
#pragma once

#include <utility>

namespace tf {

template <typename T>
class Attr {
 public:
  Attr() = default;  // Null.
  Attr(T value)      // NOLINT(google-explicit-constructor)
      : state_(State::kKnown), value_(std::move(value)) {}

  static Attr Unknown() {
    Attr attr;
    attr.state_ = State::kUnknown;
    return attr;
  }

  bool IsNull() const { return state_ == State::kNull; }
  bool IsUnknown() const { return state_ == State::kUnknown; }
  bool IsKnown() const { return state_ == State::kKnown; }

  // Only when known.
  const T& value() const { return value_; }
  // `fallback` when null or unknown.
  T value_or(T fallback) const {  // NOLINT(performance-unnecessary-value-param)
    return IsKnown() ? value_ : std::move(fallback);
  }

  bool operator==(const Attr&) const = default;

 private:
  enum class State { kNull, kUnknown, kKnown };
  State state_ = State::kNull;
  T value_{};
};

// The value of an attribute with a default, which is what the member of a
// default-constructed model holds: `Defaulted<bool> wait = true;`. A null reads
// as the default; so does an unknown, of which IsUnknown() tells.
template <typename T>
class Defaulted {
 public:
  Defaulted() = default;  // T's own default.
  Defaulted(T value)      // NOLINT(google-explicit-constructor)
      : value_(std::move(value)) {}

  static Defaulted Unknown(T fallback) {
    Defaulted attr(std::move(fallback));
    attr.unknown_ = true;
    return attr;
  }

  bool IsUnknown() const { return unknown_; }
  bool IsKnown() const { return !unknown_; }
  const T& value() const { return value_; }

  bool operator==(const Defaulted&) const = default;

 private:
  bool unknown_ = false;
  T value_{};
};

}  // namespace tf
