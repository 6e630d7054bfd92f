// URLs with a login, as W&B's environment variables have them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace wandb {

// Every part is as it is written: nothing is decoded.
struct LegacyUrl {
  std::string scheme, user, password;
  std::string host;  // An IPv6 address has its brackets.
  std::optional<int> port;
  std::string path;  // Without the first slash.
  std::optional<std::string> query;

  // Keys and values of `query`, in their order.
  std::vector<std::pair<std::string, std::string>> Parameters() const;
};

// nullopt for what is no URL with a host. A login may have an '@' that is not
// encoded, as Go allows.
std::optional<LegacyUrl> ParseLegacyUrl(absl::string_view text);

// `text`, a part of a URL, with %XX for each byte that is no ASCII letter, no
// digit, and not in `kept`, but for a %XX that is there already.
std::string PercentCompleted(absl::string_view text, absl::string_view kept);

}  // namespace wandb
