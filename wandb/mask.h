// Which leaves of spec.values are secret.
//
// Decided by path and value of a leaf alone, generously, because core strips
// the user's own marks from what a provider computes. Secret are
//   - what the caller names,
//   - what has a credential in it by its shape (base/credential_shapes.h),
//   - the paths that the catalogue calls secret (exposure.h), with all below,
//   - what has a name that looks secret (base/secret_names.h), a variable of an
//     environment or any other key, and what is below a name of a secret,
//     unless the catalogue knows better,
//   - with Masking::kStrict, every string that the catalogue does not call
//     harmless.
// References to Kubernetes Secrets are not, nor what is filled in later, such
// as "$(PASSWORD)". Of a list of arguments, where the name of a secret may be
// the element before it, each element but the first is, unless it is a flag, a
// number, a file or true or false.
#pragma once

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
  Secrecy SecrecyOf(const Path& path, const base::Json& leaf) const;
  bool IsSecret(const Path& path, const base::Json& leaf) const {
    return SecrecyOf(path, leaf) != Secrecy::kOpen;
  }

  // LeafText(), or kMasked for a secret.
  std::string Text(const Path& path, const base::Json& leaf) const;

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

// `path`, as FormatPath() writes it, without credentials that are keys in it.
std::string ShownPath(absl::string_view path);

// `values` with each secret leaf replaced by a placeholder of the same kind
// (kMasked, 0, false), fit to be stored: merging it with any other
// layers gives the same leaves, kinds and problems, and Mask::Text() the same
// text for each.
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
