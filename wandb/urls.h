// Credentials in URLs, found in any text.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace wandb {

// Whether some URL in `text` has user info ("mysql://user:password@host").
bool HasUrlUserInfo(absl::string_view text);

// `text` with the user info of every URL in it replaced by "(sensitive)". Doing
// it twice changes nothing.
std::string RedactUrls(absl::string_view text);

}  // namespace wandb
