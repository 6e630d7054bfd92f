// The way from the root of a document to the value being read or written: a
// chain of stack frames, so that nothing is allocated unless there is an error
// to report.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "provider/cty/path.h"

namespace cty {

class Trail {
 public:
  Trail() = default;

  // One level down. The result refers to this trail and to `name`.
  Trail Attribute(absl::string_view name) const;
  Trail Key(absl::string_view key) const;
  Trail Index(size_t index) const;
  // A set element, or the value in the envelope of a dynamic slot: deeper, but
  // without a step of its own.
  Trail Inside() const;

  // The root has depth 1.
  int depth() const { return depth_; }
  bool TooDeep() const;

  Path ToPath() const;
  // kInvalidArgument at this place.
  absl::Status Invalid(absl::string_view message) const;
  // kOutOfRange here: the value is nested too deeply.
  absl::Status Deep() const;
  absl::Status Error(absl::StatusCode code, absl::string_view message) const;

 private:
  enum class Kind { kNone, kAttribute, kKey, kIndex };
  Trail(const Trail* parent, Kind kind, absl::string_view name, size_t index)
      : parent_(parent),
        kind_(kind),
        name_(name),
        index_(index),
        depth_(parent->depth_ + 1) {}

  const Trail* parent_ = nullptr;
  Kind kind_ = Kind::kNone;
  absl::string_view name_;
  size_t index_ = 0;
  int depth_ = 1;
};

}  // namespace cty
