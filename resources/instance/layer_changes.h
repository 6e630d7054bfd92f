// What changed below the custom resource since the state was written: the
// release channel updates an instance by itself, and the System Console edits
// it.
#pragma once

#include <optional>

#include "provider/cty/value.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"

namespace resources {

// What the state says, and the layers that it was computed from. Both are
// written together: by an apply, or by a refresh that was applied. So a change
// is told until then, and not any more from then on.
struct EarlierSpec {
  std::optional<wandb::SpecLayer> user_input, channel, managed_spec;
  cty::Value effective_values;
  tf::Attr<std::string> version;

  // Whether these are the layers of `now`.
  bool IsOver(const RecordedLayers& now) const {
    return user_input == now.user_input && channel == now.channel &&
           managed_spec == now.managed_spec;
  }
};

// Warns once of all that differs in `state`, which is computed from `now`:
// which release came in place of which, how many values of which layer changed,
// and a few of them, as far as `check_levels` ("release-changed" and
// "user-input-changed") wants to know. What `release_id` asked for, and what a
// change of the custom resource brought, is no news.
void WarnOfLayerChanges(const EarlierSpec& before, const RecordedLayers& now,
                        const InstanceModel& state, tf::Diagnostics& diags);

}  // namespace resources
