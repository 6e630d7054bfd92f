// What readers of a schema are told about an attribute, in clients and on the
// pages of registries alike.
#pragma once

#include <string>

#include "provider/tf/schema.h"

namespace tf {

// The attribute's own text (Markdown), and what that does not name in backticks
// already: the values that are allowed, the default, and that a change means a
// new object.
std::string AttributeText(const Attribute& attribute);

}  // namespace tf
