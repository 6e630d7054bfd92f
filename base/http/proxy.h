// Which proxy a request goes through. Pure: the same rules with every libcurl,
// whose own reading of the environment differs from version to version.
//
// The rules are those of Go's net/http, hence of kubectl and of the peers:
//   - https requests use HTTPS_PROXY, http requests HTTP_PROXY; the upper-case
//     name wins. ALL_PROXY (which Go lacks) counts where these are unset.
//   - Never for "localhost", names below it, or loopback addresses.
//   - NO_PROXY is a list with commas. An entry is `*`; an address or a CIDR
//     range, for hosts that are addresses; a name, for itself and all below
//     it; or a name with a leading dot (or `*.`), for those below it only. All
//     but `*` and ranges may end in ":port".
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace http {

// The variables' values; "" when unset. URLs may hold user info.
struct ProxyEnvironment {
  std::string https_proxy;
  std::string http_proxy;
  std::string all_proxy;
  std::string no_proxy;
};

// `environment` gives a variable's value; null for the process's own.
ProxyEnvironment ReadProxyEnvironment(
    const std::function<std::optional<std::string>(const std::string&)>&
        environment = nullptr);

// The proxy for `url` ("https://host:port/…") as NormalizeProxy() writes it; ""
// for none. kInvalidArgument for a proxy that cannot be used; the message names
// the variable.
absl::StatusOr<std::string> ProxyFor(absl::string_view url,
                                     const ProxyEnvironment& environment);

// `proxy` with scheme and port: http (also when it names no scheme), https or
// socks5h. socks5 becomes socks5h: as with kubectl, the proxy resolves names.
// kInvalidArgument for anything else; the message shows no user info.
absl::StatusOr<std::string> NormalizeProxy(absl::string_view proxy);

}  // namespace http
