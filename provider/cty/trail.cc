#include "provider/cty/trail.h"

#include "absl/strings/str_cat.h"
#include "provider/cty/type.h"

namespace cty {

Trail Trail::Attribute(absl::string_view name) const {
  return {this, Kind::kAttribute, name, 0};
}
Trail Trail::Key(absl::string_view key) const {
  return {this, Kind::kKey, key, 0};
}
Trail Trail::Index(size_t index) const {
  return {this, Kind::kIndex, "", index};
}
Trail Trail::Inside() const { return {this, Kind::kNone, "", 0}; }

bool Trail::TooDeep() const { return depth_ > Type::kMaxDepth; }

Path Trail::ToPath() const {
  if (parent_ == nullptr) return {};
  Path before = parent_->ToPath();
  switch (kind_) {
    case Kind::kAttribute:
      return before.Attribute(name_);
    case Kind::kKey:
      return before.Key(name_);
    case Kind::kIndex:
      return before.Index(static_cast<int64_t>(index_));
    case Kind::kNone:
      break;
  }
  return before;
}

absl::Status Trail::Invalid(absl::string_view message) const {
  return Error(absl::StatusCode::kInvalidArgument, message);
}

absl::Status Trail::Deep() const {
  return Error(absl::StatusCode::kOutOfRange, "nested too deeply");
}

absl::Status Trail::Error(absl::StatusCode code,
                          absl::string_view message) const {
  const std::string path = ToPath().ToString();
  if (path.empty()) return {code, message};
  return {code, absl::StrCat(path, ": ", message)};
}

}  // namespace cty
