// Where a value sits inside another: attribute names, map keys, indexes.
//
// Elements of sets have no step of their own (protocol 6): a path ends at the
// set.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace cty {

// NOLINTBEGIN(modernize-use-nullptr): clang-tidy 14 means the defaulted <=>
struct AttributeStep {
  std::string name;
  bool operator==(const AttributeStep&) const = default;
  auto operator<=>(const AttributeStep&) const = default;
};
struct KeyStep {
  std::string key;
  bool operator==(const KeyStep&) const = default;
  auto operator<=>(const KeyStep&) const = default;
};
struct IndexStep {
  int64_t index = 0;
  bool operator==(const IndexStep&) const = default;
  auto operator<=>(const IndexStep&) const = default;
};
using Step = std::variant<AttributeStep, KeyStep, IndexStep>;

class Path {
 public:
  Path() = default;
  // The path of a root attribute.
  Path(absl::string_view attribute);  // NOLINT(google-explicit-constructor)
  Path(const char* attribute)         // NOLINT(google-explicit-constructor)
      : Path(absl::string_view(attribute)) {}

  Path Attribute(absl::string_view name) const;
  Path Key(absl::string_view key) const;
  Path Index(int64_t index) const;

  const std::vector<Step>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }

  // As HCL writes it: image.tag, labels["a.b/c"], values_yaml[0].
  std::string ToString() const;

  bool operator==(const Path&) const = default;
  auto operator<=>(const Path&) const = default;

 private:
  std::vector<Step> steps_;
};

// NOLINTEND(modernize-use-nullptr)

}  // namespace cty
