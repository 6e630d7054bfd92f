#include "resources/instance/holders.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

// Whether `path` is `root` or something below it.
bool IsWithin(absl::string_view path, absl::string_view root) {
  if (!absl::StartsWith(path, root)) return false;
  return path.size() == root.size() || path[root.size()] == '.' ||
         path[root.size()] == '[';
}

}  // namespace

std::string HoldersOf(const base::Json& live, absl::string_view path,
                      absl::string_view except, bool subresources) {
  std::vector<std::string> holders;
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    if (entry.manager == except) continue;
    if (!entry.subresource.empty() && !subresources) continue;
    const std::vector<std::string> held = kube::PathsOfFields(entry.fields);
    if (std::none_of(held.begin(), held.end(), [&](const std::string& field) {
          return IsWithin(field, path) || IsWithin(path, field);
        })) {
      continue;
    }
    holders.push_back(absl::StrCat(
        "\"", entry.manager, "\" (", entry.operation, ")",
        entry.time.empty() ? "" : absl::StrCat(" at ", entry.time)));
  }
  return absl::StrJoin(holders, " and ");
}

std::string ForeignFinalizers(const base::Json& live) {
  std::vector<std::string> lines;
  for (const std::string& finalizer : kube::FinalizersOf(live)) {
    if (finalizer == wandb::kFinalizer) continue;
    const std::string by = HoldersOf(
        live, absl::StrCat(".metadata.finalizers[\"", finalizer, "\"]"), "",
        /*subresources=*/true);
    lines.push_back(
        absl::StrCat("  ", finalizer,
                     by.empty() ? ", set by nobody whom Kubernetes remembers"
                                : absl::StrCat(", set by field manager ", by)));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace resources
