#include "base/errno_text.h"

#include <string.h>  // NOLINT(modernize-deprecated-headers): strerror_r is GNU's

#include <array>

namespace base {

std::string ErrnoText(int error) {
  std::array<char, 128> text{};
  return ::strerror_r(error, text.data(), text.size());
}

}  // namespace base
