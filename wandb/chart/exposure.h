// What may be shown of a specification: the part of the catalogue that is about
// secrecy (exposure_table.cc). Facts only; what is done with them is in mask.h.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/leaf_map.h"

namespace wandb {

// In the order of their weight, where several rows fit.
enum class Exposure {
  kUnsaid,     // Nothing is known of the path.
  kOrdinary,   // No secret is expected there, but names may tell otherwise.
  kHarmless,   // What the chart keeps there is no secret, whatever its name.
  kSecret,     // With all below it.
  kReference,  // Says where a secret is, also below a secret path.
};

struct ExposureRow {
  // Dotted. `*` stands for one step, an index too; in a key, for any part of
  // it; `**` for any number of steps, none included.
  absl::string_view path;
  Exposure exposure = Exposure::kUnsaid;
};

// The whole table. The catalogue's own secret paths belong to it, too; see
// CatalogueEntry::secret.
const std::vector<ExposureRow>& ExposureTable();

// What the table says of the leaf at `path`. Credentials may be in a harmless
// value all the same: see base::HasCredentials().
Exposure ExposureOf(const Path& path);

// Whether the environment variable `name` of W&B holds no secret, although its
// name has a word for one.
bool IsHarmlessVariable(absl::string_view name);

// Whether the metadata of a release has no secret under `name`: its id, its
// name and the like.
bool IsHarmlessMetadata(absl::string_view name);

}  // namespace wandb
