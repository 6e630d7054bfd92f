// What a specification refers to outside of itself: objects that the chart
// neither makes nor can do without. Facts of the chart's templates, up to the
// version that the catalogue was checked with.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/leaf_map.h"

namespace wandb {

enum class ReferenceKind { kSecret, kConfigMap, kIngressClass };

// "Secret", "ConfigMap", "IngressClass".
absl::string_view KindName(ReferenceKind kind);

struct Reference {
  ReferenceKind kind = ReferenceKind::kSecret;
  std::string name;  // A Secret's or ConfigMap's namespace is the instance's.
  // What its data must have: a key, or "*.crt" for any key that ends so. "" if
  // no key in particular.
  std::string key;
  Path path;      // Of the name, or of the switch that needs the object.
  Path key_path;  // Of the key; empty if it is the chart's default.

  bool operator==(const Reference&) const = default;
};

// Whether an object with `keys` in its data has what `reference` needs.
bool HasKey(const Reference& reference, const std::vector<std::string>& keys);

// The references of spec.values, in the order of their paths' kinds: those of
// the chart's own settings first. Left out is what is unknown, optional, a
// template, of a part that isn't installed, or made by the chart itself for the
// instance `release`.
std::vector<Reference> ReferencesOf(const base::Json& values,
                                    absl::string_view release);

// Those of spec.chart. Paths begin with "chart".
std::vector<Reference> ChartReferencesOf(const base::Json& chart);

}  // namespace wandb
