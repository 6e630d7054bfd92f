// Where the chart operator-wandb names images, and which ones it names there.
// Facts only; what is made of them is in images.h. Up to kLastSubcharts they
// were read from values.yaml and the templates of the chart and of its
// subcharts in every released version; from there to kLastImages from the
// chart's own values.yaml alone: what that of 0.44.15 and that of a proposal
// after 0.44.20 agree on, and what is known of the step between them.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace wandb {

// Charts whose images are known. Before the first one there was no
// global.repositoryPrefix.
inline constexpr absl::string_view kFirstImages = "0.37.6";
inline constexpr absl::string_view kLastImages = "0.44.20";
// The last one whose subcharts were read.
inline constexpr absl::string_view kLastSubcharts = "0.43.8";

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
  // A `*` stands for any key of a map but `default`. Of several between `,` the
  // first one that is a bool counts.
  absl::string_view when;
  absl::string_view registry;    // In a key of its own; "" for none.
  absl::string_view repository;  // "" where it is not known.
  absl::string_view tag;
  absl::string_view since;  // First chart version with this row; "" for all.
  absl::string_view until;  // First one without it; "" for none.
  Rewriting rewriting = Rewriting::kNone;
  bool digest = false;    // Whether `digest` is read, and wins.
  bool subchart = false;  // Whether a subchart says it.
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
