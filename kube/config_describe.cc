#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/config.h"

namespace kube {
namespace {

// "host:port" of a proxy's URL.
absl::string_view HostAndPort(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != absl::string_view::npos) url.remove_prefix(scheme + 3);
  const size_t at = url.rfind('@');
  if (at != absl::string_view::npos) url.remove_prefix(at + 1);
  return url.substr(0, url.find_first_of("/?#"));
}

}  // namespace

std::string DescribeConfig(const Config& config,
                           const http::ProxyEnvironment& environment) {
  std::vector<std::string> parts;
  if (!config.source.empty()) parts.push_back(config.source);
  if (!absl::StartsWith(config.server, "https://")) {
    parts.emplace_back("no credentials over plain http");
  } else if (config.credential_source.empty()) {
    parts.emplace_back("anonymous");
  } else {
    parts.push_back(config.credential_source);
    if (config.exec.has_value() && !config.token.empty()) {
      parts.emplace_back("a token if the plugin fails");
    }
  }
  if (!config.impersonate_user.empty()) {
    parts.push_back(absl::StrCat("as ", config.impersonate_user));
  }
  std::string proxy = config.proxy_url;
  if (proxy.empty()) {
    // One that cannot be used is an error of its own.
    proxy = http::ProxyFor(config.server, environment).value_or("");
  }
  if (!proxy.empty()) {
    parts.push_back(absl::StrCat("proxy ", HostAndPort(proxy)));
  }
  return absl::StrCat(config.server, " (", absl::StrJoin(parts, ", "), ")");
}

}  // namespace kube
