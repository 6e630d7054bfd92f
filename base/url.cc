#include "base/url.h"

#include "absl/strings/strip.h"

namespace base {

bool IsHttpUrl(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "https://") &&
      !absl::ConsumePrefix(&text, "http://")) {
    return false;
  }
  return !text.empty() && text.front() != '/' &&
         text.find_first_of(" \t\r\n") == absl::string_view::npos;
}

}  // namespace base
