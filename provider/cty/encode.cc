#include "provider/cty/encode.h"

#include "absl/strings/str_cat.h"

namespace cty {

absl::Status CheckSlot(const Value& value, const Type& wanted,
                       const Trail& trail) {
  if (trail.TooDeep()) return trail.Deep();
  const Type& type = value.type();
  const bool leaf = value.elements().empty() && value.fields().empty();
  bool fits = type.kind() == wanted.kind();
  if (!value.IsKnown() && type.IsDynamic()) {
    fits = true;
  } else if (leaf) {
    // Elements that exist are checked one by one.
    fits = Conforms(type, wanted);
  } else if (wanted.kind() == Type::Kind::kTuple) {
    fits = fits && value.elements().size() == wanted.elements().size();
  }
  if (fits) return absl::OkStatus();
  return trail.Invalid(absl::StrCat("a value of type ", wanted.FriendlyName(),
                                    " is required, not ", type.FriendlyName()));
}

}  // namespace cty
