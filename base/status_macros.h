// Early return for absl::Status and absl::StatusOr, with the names and meaning
// that Abseil's own macros have in versions newer than Debian's.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expr)                           \
  do {                                                  \
    if (absl::Status status_ = (expr); !status_.ok()) { \
      return status_;                                   \
    }                                                   \
  } while (false)

// `lhs` may be a declaration, which takes no parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL_(STATUS_MACROS_NAME_(status_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL_(var, lhs, expr) \
  auto var = (expr);                           \
  if (!var.ok()) return var.status();          \
  lhs = *std::move(var)
// NOLINTEND(bugprone-macro-parentheses)
#define STATUS_MACROS_NAME_(a, b) STATUS_MACROS_NAME_INNER_(a, b)
#define STATUS_MACROS_NAME_INNER_(a, b) a##b

namespace base {

// `status` with "`context`: " put before its message; payloads are kept.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace base
