// From typed settings to the chart values that they mean.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/problem.h"
#include "wandb/settings/write_only.h"
#include "wandb/spec/configured_values.h"

namespace wandb {

struct CompiledSettings {
  std::vector<TypedSetting> settings;  // Of what is set; one for each leaf.
  std::vector<Problem> problems;       // Each has its attribute as source.
};

// What `settings`, an object of the rows' attributes, mean for `chart_version`
// ("": kCataloguedChart; nullopt: not known yet, and then the section is open
// of each setting whose path depends on it). Null is absent. What is unknown
// (wandb/unknown.h) stays one unknown at its path, and is no problem. Problems
// ("setting"): a setting that does not exist, lacks what it requires, has a
// value that the catalogue or its row forbids (unless it is extensible), or
// that this chart cannot read; with the id of the rule: settings that break one
// of Rules() among themselves.
//
// What write-only twins say is passed over in `settings`: for those of
// `write_only` the references to their Secret are written.
CompiledSettings CompileSettings(const base::Json& settings,
                                 std::optional<absl::string_view> chart_version,
                                 const WriteOnlySettings& write_only = {});

}  // namespace wandb
