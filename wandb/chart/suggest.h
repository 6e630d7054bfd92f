// What somebody meant who wrote a key that no chart reads.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/leaf_map.h"

namespace wandb {

// The known path that `path`, whose last key nothing reads, was probably meant
// to be; "".
std::string NearestPath(const Path& path);

// What the same thing is called in other charts, in Terraform, and elsewhere in
// this one.
struct OtherName {
  absl::string_view path;  // Dotted; `*` is any component.
  // What it is here: below the parent of `path`, or, with a dot before it, from
  // the root.
  absl::string_view meant;
};

const std::vector<OtherName>& OtherNames();

}  // namespace wandb
