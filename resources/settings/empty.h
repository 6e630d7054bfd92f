// Settings of which nothing is left.
#pragma once

#include "provider/tf/diagnostics.h"
#include "resources/settings/schema.h"

namespace resources {

// A warning at each object among `settings` and below them that says nothing:
// all of its members are null. Terraform drops names that an object does not
// have without a word, so one that has nothing but such names looks like this.
void WarnOfEmptySettings(const SettingValues& settings, tf::Diagnostics& diags);

}  // namespace resources
