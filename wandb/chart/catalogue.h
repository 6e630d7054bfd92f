// What the chart operator-wandb does with the values it is given: one table in
// blocks (catalogue_*.cc), taken from the chart's values and templates from
// version 0.14.1 to kCataloguedChart.
//
// Where the table says nothing about what is below a path, anything may be
// there: subcharts have values of their own.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/never_destroyed.h"
#include "wandb/leaf_map.h"

namespace wandb {

// What stands at a path.
enum class ValueKind {
  kOpen,     // Anything.
  kScalar,   // A string, number or bool.
  kText,     // A scalar, or {valueFrom: ...} as in the `env` of a container.
  kSection,  // A map; the table knows all its keys.
  kMap,      // A map with any keys.
  kEnv,      // A map of environment variables: strings, or {valueFrom: ...}.
  kList,
};

// What the chart makes of a scalar: the type of a typed setting for it.
enum class ScalarType { kString, kInteger, kBool };

// What the members of a map or list are. Those of kEnv are strings, where this
// says nothing else.
enum class Members {
  kAny,
  kStrings,      // The API server, or a template function, refuses all others.
  kLabels,       // Strings; their keys and values are those of labels.
  kAnnotations,  // Strings; their keys are those of annotations.
  kPrinted,      // The chart prints them as text.
};

// What a text is. White space around it, and templates, are no matter of this.
enum class TextForm {
  kAny,
  kObjectName,  // The name of an object of Kubernetes.
  kImageTag,    // With a digest behind it or not.
  kImageDigest,
  kImageName,  // Of a repository: the tag has a key of its own.
};

// The fields in the order in which entries are read.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct CatalogueEntry {
  // Dotted. A leading `*` stands for each component, and matches only those; a
  // later one for any key, and `[]` for each element.
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
  // Only a value of `type` will do: the API server, or a function of the
  // template, refuses others. Otherwise the chart prints scalars as text, and a
  // bool is what a template takes for one.
  bool exact = false;
  bool quantity = false;     // Of Kubernetes: "500m", "8Gi".
  std::optional<int> least;  // Of kInteger: the API server refuses less.
  std::optional<int> most;   // Likewise.
  TextForm form = TextForm::kAny;
  Members members = Members::kAny;
  // Of kText: first chart version that takes {valueFrom: ...} there.
  absl::string_view reference_since;
  // Where a Secret is named that has the text: advice for who puts a map there.
  absl::string_view by_reference;
  // The entry names a key of the Secret that this path names.
  absl::string_view key_of;
  // What is below it is as below this path of CatalogueObjects().
  absl::string_view like;
  // No released chart reads it yet.
  bool unreleased = false;
};

// Entries that were read from one version of the chart.
struct CatalogueBlock {
  absl::string_view chart;  // "" for what no released chart has.
  absl::Span<const CatalogueEntry> entries;  // Constants of the program.
};
std::vector<CatalogueBlock> CatalogueBlocks();

// The entries of all blocks.
const std::vector<const CatalogueEntry*>& Catalogue();

// Objects of Kubernetes that stand in several places. The first part of a path
// is the object's name.
absl::Span<const CatalogueEntry> CatalogueObjects();

// A section with the keys of the chart wandb-base.
struct Component {
  absl::string_view name;
  absl::string_view since;  // First chart version that has it; "" for all.
  // First chart version in which it has those keys, where it had another chart
  // of its own before; "" where it never had.
  absl::string_view rebuilt;
};
absl::Span<const Component> ComponentTable();
// Of this name; null for none.
const Component* FindComponent(absl::string_view name);

// What the components read before they were rebuilt: `*.key` is for all of
// them, and the path of one goes before it. `moved_to` is what it is called
// since; an `until` here is before that: from then on until it was rebuilt the
// component did not read it.
CatalogueBlock OldComponentKeys();

// Names of the components.
const std::vector<absl::string_view>& Components();

// The newest chart version that the table was checked with.
inline constexpr absl::string_view kCataloguedChart = "0.44.20";

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
    bool known = false;   // False: nothing reads this path.
    bool deeper = false;  // The table says something of what is below.
    // Those of `entry`, or of the component as a whole.
    absl::string_view since;
    absl::string_view until;
  };
  // What the table says of the key at the end of `path`, whose parent is known,
  // in chart `version`; "" is the newest.
  Hit Find(const Path& path, absl::string_view version = "") const;

  // All keys that may stand below `parent`.
  std::vector<absl::string_view> KeysBelow(const Path& parent) const;

  CatalogueIndex(const CatalogueIndex&) = delete;
  CatalogueIndex& operator=(const CatalogueIndex&) = delete;

 private:
  friend class base::NeverDestroyed<CatalogueIndex>;
  CatalogueIndex();

  struct Node;
  struct Place;
  void Add(size_t root, const CatalogueEntry& entry);
  void Link();
  const Node* Like(const Node& node) const;
  const Node* Child(const Node* node, absl::string_view key) const;
  bool IsClosed(const Node* node) const;
  Place Walk(const Path& path, size_t root) const;
  static bool WasRead(const Place& old, absl::string_view version);

  std::vector<Node> nodes_;
};

}  // namespace wandb
