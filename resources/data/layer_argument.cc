#include "resources/data/layer_argument.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "resources/values.h"

namespace resources {

std::optional<wandb::SpecLayer> LayerOf(const cty::Value& value,
                                        const char* name,
                                        tf::Diagnostics& diags) {
  if (!value.IsKnown()) return std::nullopt;
  const auto tree = TreeOf(value);
  absl::Status status = tree.status();
  if (tree.ok()) {
    auto layer = wandb::ParseGivenRelease(*tree);
    if (layer.ok()) return *std::move(layer);
    status = layer.status();
  }
  diags.AddError(
      name, absl::StrCat("Invalid ", name),
      absl::StrCat(status.message(), ". Give {chart, metadata, values}."));
  return std::nullopt;
}

}  // namespace resources
