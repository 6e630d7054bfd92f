#include "kube/config.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/http/client_key.h"
#include "base/pem.h"
#include "base/printable.h"

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

bool IsPem(const std::string& text) {
  return text.empty() || base::HasPemBlock(text);
}

bool HasControlInImpersonation(const Config& config) {
  const auto& groups = config.impersonate_groups;
  if (base::HasControl(config.impersonate_user) ||
      base::HasControl(config.impersonate_uid) ||
      std::any_of(groups.begin(), groups.end(),
                  [](const auto& group) { return base::HasControl(group); })) {
    return true;
  }
  // Their names are sent in percent encoding.
  for (const auto& [name, values] : config.impersonate_extra) {
    if (std::any_of(values.begin(), values.end(), [](const auto& value) {
          return base::HasControl(value);
        })) {
      return true;
    }
  }
  return false;
}

// Of CA, client certificate and key.
std::optional<ConfigFault> PemFaultOf(const Config& config) {
  if (!IsPem(config.ca_pem)) return ConfigFault::kCaNotPem;
  if (!IsPem(config.client_certificate_pem)) {
    return ConfigFault::kClientCertificateNotPem;
  }
  if (!IsPem(config.client_key_pem.Reveal())) {
    return ConfigFault::kClientKeyNotPem;
  }
  if (!config.ca_pem.empty() && !http::IsReadableCertificate(config.ca_pem)) {
    return ConfigFault::kCaUnreadable;
  }
  if (config.client_certificate_pem.empty()) return std::nullopt;
  const std::optional<http::PairFault> fault =
      http::PairFaultOf(config.client_certificate_pem, config.client_key_pem);
  if (!fault.has_value()) return std::nullopt;
  switch (*fault) {
    case http::PairFault::kCertificateUnreadable:
      return ConfigFault::kClientCertificateUnreadable;
    case http::PairFault::kKeyUnreadable:
      return ConfigFault::kClientKeyUnreadable;
    case http::PairFault::kKeyOfAnotherCertificate:
      return ConfigFault::kKeyOfAnotherCertificate;
  }
  return std::nullopt;
}

absl::string_view Words(ConfigFault fault) {
  switch (fault) {
    case ConfigFault::kCaAndInsecure:
      return "insecure-skip-tls-verify and certificate-authority exclude each "
             "other";
    case ConfigFault::kTokenAndUsername:
      return "token and username are two ways to authenticate";
    case ConfigFault::kHalfClientCertificate:
      return "client-certificate and client-key must be given together";
    case ConfigFault::kNobodyToImpersonate:
      return "as-uid, as-groups or as-user-extra is without as";
    case ConfigFault::kCaNotPem:
      return "certificate-authority is not PEM";
    case ConfigFault::kClientCertificateNotPem:
      return "client-certificate is not PEM";
    case ConfigFault::kClientKeyNotPem:
      return "client-key is not PEM";
    case ConfigFault::kCaUnreadable:
      return "certificate-authority holds no certificate that can be read";
    case ConfigFault::kClientCertificateUnreadable:
      return "client-certificate cannot be read";
    case ConfigFault::kClientKeyUnreadable:
      return "client-key cannot be read";
    case ConfigFault::kKeyOfAnotherCertificate:
      return "client-key is not the key of client-certificate";
    case ConfigFault::kTokenNotOneLine:
      return "token has a line break or another control character within";
    case ConfigFault::kImpersonationNotOneLine:
      return "as, as-uid or as-groups has a line break or another control "
             "character";
  }
  return "";
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

bool HasIdentity(const Config& config) {
  return config.exec.has_value() || !config.token.empty() ||
         !config.token_file.empty() || !config.username.empty() ||
         !config.client_certificate_pem.empty();
}

void DropIdentity(Config& config) {
  config.exec.reset();
  config.token = base::Secret();
  config.token_file.clear();
  config.username.clear();
  config.password = base::Secret();
  config.client_certificate_pem.clear();
  config.client_key_pem = base::Secret();
  config.credential_source.clear();
  config.origins = {.ca = std::move(config.origins.ca),
                    .proxy = std::move(config.origins.proxy)};
}

absl::StatusOr<std::string> ServerUrl(absl::string_view address) {
  std::string server(address);
  if (!absl::StrContains(server, "://")) {
    server = absl::StrCat("https://", server);
  }
  while (absl::EndsWith(server, "/")) server.pop_back();
  const absl::string_view rest =
      absl::string_view(server).substr(server.find("://") + 3);
  const bool known = absl::StartsWith(server, "https://") ||
                     absl::StartsWith(server, "http://");
  // The text itself stays out of the message: it may hold a password.
  if (!known || rest.empty() || rest[0] == '/' ||
      rest.find_first_of("@?# ") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "the server's address must be https://host[:port][/prefix], or http, "
        "without user name and query");
  }
  return server;
}

std::optional<ConfigFault> FaultOf(const Config& config) {
  if (config.insecure && !config.ca_pem.empty()) {
    return ConfigFault::kCaAndInsecure;
  }
  const bool token = !config.token.empty() || !config.token_file.empty();
  if (token && !config.username.empty()) return ConfigFault::kTokenAndUsername;
  if (config.client_certificate_pem.empty() != config.client_key_pem.empty()) {
    return ConfigFault::kHalfClientCertificate;
  }
  if (config.impersonate_user.empty() &&
      (!config.impersonate_uid.empty() || !config.impersonate_groups.empty() ||
       !config.impersonate_extra.empty())) {
    return ConfigFault::kNobodyToImpersonate;
  }
  if (const auto fault = PemFaultOf(config)) return fault;
  if (base::HasControl(config.token.Reveal())) {
    return ConfigFault::kTokenNotOneLine;
  }
  if (HasControlInImpersonation(config)) {
    return ConfigFault::kImpersonationNotOneLine;
  }
  return std::nullopt;
}

absl::Status CheckConfig(const Config& config) {
  const std::optional<ConfigFault> fault = FaultOf(config);
  return fault.has_value() ? absl::InvalidArgumentError(Words(*fault))
                           : absl::OkStatus();
}

}  // namespace kube
