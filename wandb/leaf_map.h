// Paths into a JSON tree, and a tree as a flat map of its leaves.
//
// A path is written `ingress.tls[0].secretName`. A key that isn't
// [A-Za-z0-9_-]+ is written `["a.b/c"]`, quoted as in JSON; the root is "".
// Leaves are scalars, null, unknowns, and the empty `{}` and `[]`.
//
// Strings must be UTF-8: what isn't is replaced where quoting is needed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace wandb {

// One step down: into an object by key, or into a list by index.
struct Step {
  static Step Key(std::string key) { return {std::move(key), std::nullopt}; }
  static Step Index(size_t index) { return {"", index}; }

  bool IsIndex() const { return index.has_value(); }

  std::string key;              // "" when `index` is set.
  std::optional<size_t> index;  // Zero-based.

  bool operator==(const Step&) const = default;
  bool operator<(const Step& other) const {
    return std::tie(index, key) < std::tie(other.index, other.key);
  }
};

using Path = std::vector<Step>;

std::string FormatPath(const Path& path);

// The same below `root`, which is written before it: "values.a", "values[0]".
std::string FormatPath(absl::string_view root, const Path& path);

// The inverse of FormatPath(). Quoting a key that needs none is allowed.
// kInvalidArgument names the offset of the first character that is wrong.
absl::StatusOr<Path> ParsePath(absl::string_view text);

// The same for a field that a manager can own: to the API server a list is one
// field, so an index is kInvalidArgument, too.
absl::StatusOr<Path> ParseFieldPath(absl::string_view text);

// The value at `path`, or null when some step is absent or of another kind.
const base::Json* FindPath(const base::Json& tree, const Path& path);

// Called with a leaf, its path, and FormatPath() of that. The first two live
// for the call only; the leaf is part of the tree.
using LeafVisitor = absl::FunctionRef<void(
    const Path& path, const std::string& text, const base::Json& leaf)>;

// Visits the leaves of `tree`: keys in their order, elements by index. A scalar
// or empty root is one leaf at "". Cheap: path and text grow and shrink in
// place.
void ForEachLeaf(const base::Json& tree, LeafVisitor visit);

// Whether the leaves of `trees` together may be listed: what is small as a tree
// can be huge as a map of its leaves, each of which has the whole path, and
// each step of a path is looked at. kResourceExhausted says what to do. Looks
// at no more of the trees than it needs to know.
absl::Status CheckListable(const std::vector<const base::Json*>& trees);

struct Leaf {
  std::string path;         // As FormatPath() writes it.
  const base::Json* value;  // Into the tree that was flattened.
};

// All leaves, in the order of ForEachLeaf().
std::vector<Leaf> Flatten(const base::Json& tree);

// A leaf as text. A string stands as itself unless it parses as JSON, starts
// with `"` or has control characters; then, and for every other leaf, it is
// JSON text. A whole number has no fraction or exponent up to 2^53, however it
// is stored. An unknown has no text: ask UnknownKind() first; here it gives
// "(known after apply)".
std::string LeafText(const base::Json& leaf);

// The inverse of LeafText(). kInvalidArgument, without the text, when `text` is
// JSON but not a leaf, or starts with `"` and isn't a JSON string.
absl::StatusOr<base::Json> ParseLeafText(absl::string_view text);

}  // namespace wandb
