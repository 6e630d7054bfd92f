// What the chart operator-wandb does with the values it is given: one table
// (catalogue_values.cc), taken from the chart's templates up to version 0.43.8.
//
// Where the table says nothing about what is below a path, anything may be
// there: subcharts have values of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/leaf_map.h"

namespace wandb {

// What stands at a path.
enum class ValueKind {
  kOpen,     // Anything.
  kScalar,   // A string, number or bool.
  kText,     // A scalar that is rendered as text, or {valueFrom: ...}.
  kSection,  // A map; the table knows all its keys.
  kMap,      // A map with any keys.
  kEnv,      // A map of environment variables: strings, or {valueFrom: ...}.
  kList,
};

// What the chart makes of a scalar: the type of a typed setting for it.
enum class ScalarType { kString, kInteger, kBool };

struct CatalogueEntry {
  // Dotted. `*` stands for each component, and matches only those.
  absl::string_view path;
  ValueKind kind = ValueKind::kOpen;
  ScalarType type = ScalarType::kString;  // Of kScalar and kText.
  bool secret = false;
  absl::string_view allowed;  // "a|b|c"; "" for any value.
  absl::string_view since;    // First chart version that reads it; "" for all.
  // First chart version that does not read it any more; "0" for none ever did.
  absl::string_view until;
  // Where `until` is set: the path that means the same now, or else what to do
  // instead, as a sentence without its full stop.
  absl::string_view moved_to;
  absl::string_view instead;
};

// The whole table.
const std::vector<CatalogueEntry>& Catalogue();

// Names of the components (sections with the keys of wandb-base).
const std::vector<absl::string_view>& Components();

// The newest chart version that the table was checked with.
inline constexpr absl::string_view kCataloguedChart = "0.43.8";

// -1, 0, 1: by number at each of the first three places; a pre-release is
// older than its release. nullopt if one is no such version.
std::optional<int> CompareVersions(absl::string_view a, absl::string_view b);

// Thread-safe: immutable.
class CatalogueIndex {
 public:
  // The index of Catalogue().
  static const CatalogueIndex& Get();

  struct Hit {
    // The entry of the path itself, or nullptr: it is below an open one, or
    // nothing reads it.
    const CatalogueEntry* entry = nullptr;
    bool known = false;  // False: nothing reads this path.
  };
  // What the table says of the key at the end of `path`, whose parent is known.
  Hit Find(const Path& path) const;

  // All keys that may stand below `parent`.
  std::vector<absl::string_view> KeysBelow(const Path& parent) const;

  CatalogueIndex(const CatalogueIndex&) = delete;
  CatalogueIndex& operator=(const CatalogueIndex&) = delete;

 private:
  CatalogueIndex();
  ~CatalogueIndex() = default;

  struct Node;
  const Node* Descend(const Path& path, bool* open) const;

  std::vector<Node> nodes_;
};

}  // namespace wandb
