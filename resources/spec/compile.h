// From the attributes that say a specification to what they mean. Pure: the
// instance and the data sources use it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "provider/tf/diagnostics.h"
#include "resources/settings/schema.h"
#include "resources/spec/chart.h"
#include "wandb/chart/mask.h"
#include "wandb/settings/write_only.h"
#include "wandb/spec/configured_values.h"
#include "wandb/spec/scrub.h"
#include "wandb/spec/spec.h"

namespace resources {

// The attributes; null where there is none, or nothing in it.
struct SpecSources {
  tf::Attr<std::vector<std::string>> values_yaml;
  cty::Value values, sensitive_values;  // Any type.
  SettingValues settings;               // The typed ones.
  wandb::WriteOnlySettings write_only;  // Whose values are elsewhere.
  tf::Attr<std::vector<std::string>> sensitive_paths;
  tf::Defaulted<wandb::Masking> masking = wandb::Masking::kKnown;
  tf::Attr<ChartModel> chart;
  tf::Attr<std::vector<std::string>> ignore_paths;
};

// What the configuration writes into the custom resource.
struct Compiled {
  base::Json values;  // May hold unknowns; null: no values.
  base::Json chart;   // Likewise.
  // What only a create writes, beside `values`, since it is at paths that are
  // left to others then; null: nothing.
  base::Json initial;
  std::vector<wandb::Path> left_paths;  // Of keys alone.
  wandb::LeafSources sources;           // Of all_values().
  wandb::Mask mask;
  // Whether all is known that says which leaves there are, and which to hide.
  // Until then none may be shown.
  bool leaves_known = true;
  tf::Diagnostics diags;  // Mistakes in the configuration.
  // What it says and may not mean, for those who show it to the user.
  tf::Diagnostics warnings;

  wandb::SpecLayer layer() const { return {chart, values, nullptr}; }
  // `values` and `initial`.
  base::Json all_values() const;
  std::vector<std::string> secrets() const;
  // Hides them in foreign text.
  wandb::Scrubber scrubber() const;
};

// Diagnostics are at the attributes' paths.
Compiled Compile(const SpecSources& given);

}  // namespace resources

template <>
struct tf::EnumNames<wandb::Masking> {
  static constexpr std::pair<wandb::Masking, absl::string_view> kNames[] = {
      {wandb::Masking::kKnown, "known"}, {wandb::Masking::kStrict, "strict"}};
};
