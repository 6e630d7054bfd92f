// Paths and leaf texts come from users' files: what parses must survive being
// written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "wandb/leaf_map.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  if (absl::StatusOr<wandb::Path> path = wandb::ParsePath(text); path.ok()) {
    const std::string canonical = wandb::FormatPath(*path);
    absl::StatusOr<wandb::Path> again = wandb::ParsePath(canonical);
    Require(again.ok() && *again == *path);
    Require(wandb::FormatPath(*again) == canonical);
  }
  if (absl::StatusOr<base::Json> leaf = wandb::ParseLeafText(text); leaf.ok()) {
    const std::string canonical = wandb::LeafText(*leaf);
    absl::StatusOr<base::Json> again = wandb::ParseLeafText(canonical);
    Require(again.ok() && wandb::LeafText(*again) == canonical);
  }
  if (absl::StatusOr<base::Json> tree = base::ParseJson(text, "tree");
      tree.ok()) {
    for (const wandb::Leaf& leaf : wandb::Flatten(*tree)) {
      absl::StatusOr<wandb::Path> path = wandb::ParsePath(leaf.path);
      Require(path.ok() && wandb::FindPath(*tree, *path) == leaf.value);
    }
  }
  return 0;
}
