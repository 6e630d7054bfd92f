// Where the chart operator-wandb names images, and which ones it names there.
// Facts only, read from values.yaml and the templates of the chart and of its
// subcharts in every released version from kFirstImages to kLastImages; what is
// made of them is in images.h.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace wandb {

// Charts whose images are known.
inline constexpr absl::string_view kFirstImages = "0.36.0";
inline constexpr absl::string_view kLastImages = "0.43.8";

// What the template puts in front of a repository.
enum class Rewriting {
  kNone,
  kPrefix,    // global.repositoryPrefix, with a slash between them.
  kRegistry,  // global.imageRegistry, in place of the registry.
};

// A map with `repository`, and with `tag` and so on as the row says.
struct ImageRow {
  absl::string_view path;
  // Switches that must be on, between `&`: where they are not, no pod has it.
  // A `*` stands for any key of a map but `default`.
  absl::string_view when;
  absl::string_view registry;  // In a key of its own; "" for none.
  absl::string_view repository;
  absl::string_view tag;
  Rewriting rewriting = Rewriting::kNone;
  bool digest = false;      // Whether `digest` is read, and wins.
  absl::string_view since;  // First chart version with this row; "" for all.
  absl::string_view until;  // First one without it; "" for none.
};
absl::Span<const ImageRow> ImageTable();

// Switches that are on where nothing is said of them. Those of
// ChartDefaults() count besides.
absl::Span<const absl::string_view> SwitchesOn();

// A subchart whose images are not in the table.
struct UnlistedPart {
  absl::string_view path;
  absl::string_view when;
};
absl::Span<const UnlistedPart> UnlistedParts();

}  // namespace wandb
