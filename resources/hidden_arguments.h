// Arguments that hold the text which stands for a hidden value.
//
// Computed attributes, drift and what `tofu state show` prints have it in place
// of secrets. Copied into a configuration it would be written into the cluster,
// and the secret there would be lost.
#pragma once

#include <set>
#include <string>

#include "provider/cty/path.h"
#include "provider/cty/value.h"
#include "provider/tf/diagnostics.h"

namespace resources {

// An error for each root attribute of `config`, an object of a resource's type,
// that holds base::kHidden; it names the first string that does. Those in
// `except` are not looked at.
void CheckNothingHidden(const cty::Value& config,
                        const std::set<std::string>& except,
                        tf::Diagnostics& diags);

// The same for a value at `path`, which may be read from an argument's text.
void CheckNothingHiddenAt(const cty::Path& path, const cty::Value& value,
                          tf::Diagnostics& diags);

}  // namespace resources
