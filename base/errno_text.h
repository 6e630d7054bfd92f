#pragma once

#include <string>

namespace base {

// What the system says of an error number, such as "No such file or
// directory". Unlike strerror(), for any thread.
std::string ErrnoText(int error);

}  // namespace base
