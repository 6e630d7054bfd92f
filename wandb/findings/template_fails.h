// What the templates of the chart operator-wandb refuse by themselves (`fail`
// and `required`): then the operator reports "Invalid Config", says why only in
// its log, and applies nothing. Those that stand in a helper file outside of
// all definitions are left out: Helm never runs them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/value_view.h"

namespace wandb {

// First chart version that may read global.mysql.rdsIamAuth.
inline constexpr absl::string_view kRdsIamAuthSince = "0.44.21";

struct TemplateFail {
  // First chart version that refuses it, and first that does not any more, ""
  // for none.
  absl::string_view since;
  absl::string_view until;
  // What it is about; it is said at the first.
  std::vector<std::string> paths;
  // What goes on after the first path, and what to do: two sentences, without
  // the last full stop.
  std::string message;
  // Of the values over ChartDefaults(); false while something is not known.
  std::function<bool(const ValueView&)> fails;
};

const std::vector<TemplateFail>& TemplateFails();

}  // namespace wandb
