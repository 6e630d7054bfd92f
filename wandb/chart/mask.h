// Which leaves of spec.values are secret.
//
// Decided by path and value of a leaf and what stands beside it in a list or
// map, generously, because core strips the user's own marks from what a
// provider computes. Secret are
//   - what the caller names,
//   - what has a credential in it by its shape (base/credential_shapes.h),
//   - the paths that the catalogue calls secret (exposure.h), with all below,
//   - what has a name that looks secret (base/secret_names.h), a variable of an
//     environment or any other key, and what is below a name of a secret,
//     unless the catalogue knows better,
//   - with Masking::kStrict, every string that the catalogue does not call
//     harmless.
// References to Kubernetes Secrets are not, nor what is filled in later, such
// as "$(PASSWORD)". Where a name stands beside the value, it counts:
//   - in a list what follows a flag whose name looks secret ("--token", "x"),
//     whatever it looks like, and what programs take as one ("mysql", "-p",
//     "x")
//   - "value" beside a name that looks secret ({name: Authorization, value: x})
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "base/redact.h"
#include "wandb/leaf_map.h"

namespace wandb {

inline constexpr const auto& kMasked = base::kHidden;
inline constexpr char kMaskedChanged[] = "(sensitive, changed outside)";

enum class Masking { kKnown, kStrict };

enum class Secrecy {
  kOpen,
  kUnlisted,  // Only Masking::kStrict hides it.
  kSecret,
};

// The tree that a leaf is in, which must outlive the call.
struct Surroundings {
  // Null: not known, and only the path counts.
  const base::Json* tree = nullptr;
  // So many steps of the leaf's path lead to the tree.
  size_t depth = 0;
};

// Thread-safe once built.
class Mask {
 public:
  // `sensitive` are paths in addition to the rules above; each covers its whole
  // subtree, and what others put in the place of a map or list on its way: a
  // leaf, or a list for a map. The root covers everything. An index stands for
  // every element: the operator appends the lists of all layers, and so moves
  // elements.
  explicit Mask(const std::vector<Path>& sensitive = {},
                Masking masking = Masking::kKnown);

  // Whether the leaf at `path` may be shown. kOpen for null, unknowns and empty
  // maps or lists: they have nothing to hide.
  Secrecy SecrecyOf(const Path& path, const base::Json& leaf,
                    const Surroundings& around = {}) const;
  bool IsSecret(const Path& path, const base::Json& leaf,
                const Surroundings& around = {}) const {
    return SecrecyOf(path, leaf, around) != Secrecy::kOpen;
  }

  // LeafText(), or kMasked for a secret.
  std::string Text(const Path& path, const base::Json& leaf,
                   const Surroundings& around = {}) const;

  // Whether nothing is shown that `other` hides.
  bool HidesAllOf(const Mask& other) const;

  // The same question as SecrecyOf() for an entry of a release's metadata.
  bool IsSecretMetadata(absl::string_view name, absl::string_view text) const;

 private:
  struct Node {
    bool covered = false;        // This path and all below are sensitive.
    std::map<Step, Node> below;  // Any index is 0.
  };

  bool Covered(const Path& path) const;
  static bool CoversAllOf(const Node& node, const Node& other);

  Node root_;
  Masking masking_;
};

// Whether it depends on something unknown in `tree` if the leaf at `path` may
// be shown: the element before it, or the name beside it.
bool BesideUnknown(const base::Json& tree, const Path& path);

// `path`, as FormatPath() writes it, without credentials that are keys in it.
std::string ShownPath(absl::string_view path);

// `values` with each secret leaf replaced by a placeholder of the same kind
// (kMasked, 0, false), and without credentials that are keys, fit to be stored:
// merging it with any other layers gives the same leaves, kinds and problems,
// and Mask::Text() the same text for each.
base::Json ReplaceSecrets(const base::Json& values, const Mask& mask);

// The secret leaves of `values` as strings, for Scrubber, and the credentials
// inside of them. Short strings that only Masking::kStrict hides are left out:
// replacing them would destroy every message.
std::vector<std::string> SecretTexts(const base::Json& values,
                                     const Mask& mask);

// `secret` as it may be found in foreign text: whole, by its lines, the
// credentials in it, and the passwords of these.
std::vector<std::string> PartsOfSecret(const std::string& secret);

}  // namespace wandb
