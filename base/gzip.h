// gzip, decompression only.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace base {

// The content of one gzip member. kInvalidArgument for anything else,
// kResourceExhausted when the content has more than `max_bytes`.
absl::StatusOr<std::string> Gunzip(absl::string_view compressed,
                                   size_t max_bytes);

}  // namespace base
