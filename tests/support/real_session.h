// The session of a provider that is configured for a server of the test's, with
// the real transport.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "resources/connection/session.h"

namespace support {

inline std::shared_ptr<resources::ConfiguredSession> SessionWith(
    const std::string& url) {
  resources::ConfiguredSession::Settings settings;
  settings.sources.host = url;
  settings.sources.insecure = url.starts_with("https");
  settings.sources.environment = [](const std::string&) {
    return std::optional<std::string>();
  };
  auto session = std::make_shared<resources::ConfiguredSession>();
  session->Configure(std::move(settings));
  return session;
}

}  // namespace support
