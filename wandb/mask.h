// Which leaves of spec.values are secret.
//
// Decided by path, generously, because core strips the user's own marks from
// what a provider computes. Secret are: the paths that the catalogue of chart
// values calls secret; names that look secret below any `env`, `extraEnv`,
// `extraEnvs` or `envTpls`; strings with credentials in a URL or with a private
// key, wherever they are; and what the caller names. References to Kubernetes
// Secrets
// (`secretName`, `valueFrom`, `passwordKey`, ...) are not.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/leaf_map.h"

namespace wandb {

inline constexpr char kMasked[] = "(sensitive)";
inline constexpr char kMaskedChanged[] = "(sensitive, changed outside)";

// Whether the name of an environment variable or key says that its value is a
// secret: "WANDB_API_KEY", "dbPassword"; but not "secretName", "kmsKey".
bool LooksSecret(absl::string_view name);

// Thread-safe once built.
class Mask {
 public:
  // `sensitive` are paths in addition to the built-in rules; each covers its
  // whole subtree. The root covers everything.
  explicit Mask(const std::vector<Path>& sensitive = {});

  // Whether the leaf at `path` must not be shown. Never true for null, unknowns
  // and empty maps or lists: they have nothing to hide.
  bool IsSecret(const Path& path, const base::Json& leaf) const;

  // LeafText(), or kMasked for a secret.
  std::string Text(const Path& path, const base::Json& leaf) const;

 private:
  struct Node {
    bool covered = false;  // This path and all below are sensitive.
    std::map<Step, Node> below;
  };

  bool Covered(const Path& path) const;

  Node root_;
};

// `values` with each secret leaf replaced by a placeholder of the same kind
// (kMasked, 0, false), fit to be stored: merging it gives the same leaves,
// kinds and problems. A URL that is secret only for its user info keeps the
// rest.
base::Json ReplaceSecrets(const base::Json& values, const Mask& mask);

// The secret leaves of `values` as strings, for Scrubber.
std::vector<std::string> SecretTexts(const base::Json& values,
                                     const Mask& mask);

}  // namespace wandb
