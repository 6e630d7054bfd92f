#include "base/http/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/environment.h"
#include "base/status_macros.h"

namespace http {
namespace {

// An IPv6 address; IPv4 ones are mapped into it, so that both forms are equal.
using Address = std::array<uint8_t, 16>;
constexpr int kMappedBits = 96;

std::optional<Address> ParseAddress(absl::string_view text) {
  const std::string copy(text);
  Address address{};
  if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  address[10] = address[11] = 0xFF;
  if (inet_pton(AF_INET, copy.c_str(), address.data() + 12) == 1) {
    return address;
  }
  return std::nullopt;
}

bool IsV4(const Address& address) {
  constexpr Address kPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::equal(address.begin(), address.begin() + 12, kPrefix.begin());
}

bool IsLoopback(const Address& address) {
  constexpr Address kOne = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address == kOne || (IsV4(address) && address[12] == 127);
}

bool SamePrefix(const Address& a, const Address& b, int bits) {
  const int bytes = bits / 8;
  if (!std::equal(a.begin(), a.begin() + bytes, b.begin())) return false;
  if (bits % 8 == 0) return true;
  const int mask = 0xFF << (8 - bits % 8);
  const auto at = static_cast<size_t>(bytes);
  return (a.at(at) & mask) == (b.at(at) & mask);
}

struct HostPort {
  std::string host;  // Lower case, without brackets.
  std::string port;  // "" if there is none.
};

// "host", "host:port", "[::1]:port", or an IPv6 address as it is.
HostPort SplitHostPort(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (ParseAddress(lower).has_value()) return {lower, ""};
  absl::string_view host = lower;
  absl::string_view port;
  const size_t colon = host.rfind(':');
  const size_t bracket = host.rfind(']');
  if (colon != absl::string_view::npos &&
      (bracket == absl::string_view::npos || colon > bracket)) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return {std::string(host), std::string(port)};
}

struct Target {
  HostPort at;
  std::optional<Address> address;  // If the host is one.
};

bool InRange(absl::string_view range, const Target& target) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(range, absl::MaxSplits('/', 1));
  const std::optional<Address> base = ParseAddress(parts.first);
  int bits = 0;
  if (!base.has_value() || !target.address.has_value() ||
      !absl::SimpleAtoi(parts.second, &bits) || bits < 0) {
    return false;
  }
  const bool v4 = IsV4(*base);
  if (bits > (v4 ? 32 : 128)) return false;
  return SamePrefix(*base, *target.address, bits + (v4 ? kMappedBits : 0));
}

// One entry of NO_PROXY, which is not empty.
bool Exempts(absl::string_view entry, const Target& target) {
  if (entry == "*") return true;
  if (absl::StrContains(entry, '/')) return InRange(entry, target);
  const HostPort wanted = SplitHostPort(entry);
  if (!wanted.port.empty() && wanted.port != target.at.port) return false;
  if (const auto address = ParseAddress(wanted.host); address.has_value()) {
    return target.address == address;
  }
  absl::string_view name = wanted.host;
  if (absl::StartsWith(name, "*.")) name.remove_prefix(1);
  if (name.empty()) return false;
  if (name.front() == '.') return absl::EndsWith(target.at.host, name);
  return target.at.host == name ||
         absl::EndsWith(target.at.host, absl::StrCat(".", name));
}

bool UsesProxy(const Target& target, absl::string_view no_proxy) {
  if (target.at.host == "localhost" ||
      absl::EndsWith(target.at.host, ".localhost") ||
      (target.address.has_value() && IsLoopback(*target.address))) {
    return false;
  }
  for (absl::string_view entry : absl::StrSplit(no_proxy, ',')) {
    entry = absl::StripAsciiWhitespace(entry);
    if (!entry.empty() && Exempts(entry, target)) return false;
  }
  return true;
}

absl::Status BadProxy(absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(
      "bad proxy address: ", problem,
      "; it must look like http://host:3128, https://host:443 or "
      "socks5://host:1080, if needed with user:password@ before the host"));
}

}  // namespace

ProxyEnvironment ReadProxyEnvironment(
    const std::function<std::optional<std::string>(const std::string&)>&
        environment) {
  const auto read = [&](const char* name) -> std::string {
    return environment ? environment(name).value_or("")
                       : base::EnvironmentVariableOrEmpty(name);
  };
  const auto either = [&](const char* upper, const char* lower) {
    std::string value = read(upper);
    return value.empty() ? read(lower) : value;
  };
  return {.https_proxy = either("HTTPS_PROXY", "https_proxy"),
          .http_proxy = either("HTTP_PROXY", "http_proxy"),
          .all_proxy = either("ALL_PROXY", "all_proxy"),
          .no_proxy = either("NO_PROXY", "no_proxy")};
}

absl::StatusOr<std::string> NormalizeProxy(absl::string_view proxy) {
  const bool control = std::any_of(proxy.begin(), proxy.end(), [](char c) {
    return absl::ascii_iscntrl(c) || c == ' ';
  });
  if (control) return BadProxy("it has a space or a control character");
  absl::string_view rest = proxy;
  std::string scheme = "http";
  if (const size_t end = rest.find("://"); end != absl::string_view::npos) {
    scheme = absl::AsciiStrToLower(rest.substr(0, end));
    rest.remove_prefix(end + 3);
  }
  std::string port;
  if (scheme == "http") {
    port = "80";
  } else if (scheme == "https") {
    port = "443";
  } else if (scheme == "socks5" || scheme == "socks5h") {
    scheme = "socks5h";
    port = "1080";
  } else {
    return BadProxy("its scheme is not supported");
  }
  rest = rest.substr(0, rest.find_first_of("/?#"));
  std::string user_info;
  if (const size_t at = rest.rfind('@'); at != absl::string_view::npos) {
    user_info = std::string(rest.substr(0, at + 1));
    rest.remove_prefix(at + 1);
  }
  HostPort at = SplitHostPort(rest);
  if (at.host.empty()) return BadProxy("it names no host");
  if (!at.port.empty()) {
    int number = 0;
    if (!absl::SimpleAtoi(at.port, &number) || number < 1 || number > 65535) {
      return BadProxy("its port is no number from 1 to 65535");
    }
    port = at.port;
  }
  const bool v6 = absl::StrContains(at.host, ':');
  return absl::StrCat(scheme, "://", user_info, v6 ? "[" : "", at.host,
                      v6 ? "]" : "", ":", port);
}

absl::StatusOr<std::string> ProxyFor(absl::string_view url,
                                     const ProxyEnvironment& environment) {
  const bool tls = absl::StartsWithIgnoreCase(url, "https://");
  absl::string_view rest = url.substr(url.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(rest.rfind('@') + 1);  // npos + 1 is 0.
  const std::string& own =
      tls ? environment.https_proxy : environment.http_proxy;
  const std::string& proxy = own.empty() ? environment.all_proxy : own;
  if (proxy.empty()) return std::string();
  Target target{.at = SplitHostPort(rest)};
  if (target.at.port.empty()) target.at.port = tls ? "443" : "80";
  target.address = ParseAddress(target.at.host);
  if (!UsesProxy(target, environment.no_proxy)) return std::string();
  absl::StatusOr<std::string> normal = NormalizeProxy(proxy);
  if (normal.ok()) return normal;
  return base::Annotate(normal.status(),
                        own.empty() ? "environment variable ALL_PROXY"
                        : tls       ? "environment variable HTTPS_PROXY"
                                    : "environment variable HTTP_PROXY");
}

}  // namespace http
