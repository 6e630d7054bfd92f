// What URLs there are.
#pragma once

#include "absl/strings/string_view.h"

namespace base {

// An absolute http or https URL with a host, in lower case and without blanks:
// what users write. Whether anything answers there is not looked at.
bool IsHttpUrl(absl::string_view text);

}  // namespace base
