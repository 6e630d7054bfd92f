#include "provider/tf/codec.h"

#include "absl/strings/str_cat.h"

namespace tf {

void Codec<int64_t>::Check(const cty::Value& v, const cty::Path& path,
                           Diagnostics& diags) {
  if (v.AsNumber().AsInt64().has_value()) return;
  diags.AddError(path, "Invalid attribute value",
                 absl::StrCat("Attribute ", path.ToString(),
                              " must be a whole number of at most 64 bits."));
}

}  // namespace tf
