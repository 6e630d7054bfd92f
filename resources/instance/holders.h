// Who has written a field of a live object, for messages.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace resources {

// The managers that hold the field `path` (spelt as kube::OwnedPaths() does),
// something below it, or a list or map around it that is one whole: `"argocd"
// (Apply) at 2026-01-01T00:00:00Z and "kubectl-edit" (Update) at ...`. Without
// `except`; "" for none. Entries of subresources count where `subresources`.
std::string HoldersOf(const base::Json& live, absl::string_view path,
                      absl::string_view except = "", bool subresources = false);

// A line for each finalizer of `live` but the operator's own: which it is, and
// who set it. "" for none.
std::string ForeignFinalizers(const base::Json& live);

}  // namespace resources
