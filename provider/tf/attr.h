// A typed attribute value that may be null or unknown.
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
  T value_or(T fallback) const {
    return IsKnown() ? value_ : std::move(fallback);
  }

  bool operator==(const Attr&) const = default;

 private:
  enum class State { kNull, kUnknown, kKnown };
  State state_ = State::kNull;
  T value_{};
};

}  // namespace tf
