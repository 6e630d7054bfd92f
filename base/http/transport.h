// HTTP exchanges over shared connections.
//
// One Transport keeps one pool: requests to the same server with the same TLS
// options share one TCP connection if the server speaks HTTP/2. Only http and
// https, no redirects, no cookies, nothing written to disk.
//
// Any HTTP status is a successful exchange. A non-OK status means that no
// complete answer came:
//   kUnavailable       The network, name resolution or TLS failed;
//                      ErrorPhase() says how far it came.
//   kResourceExhausted The body was larger than `max_body_bytes`.
//   kInvalidArgument   The request cannot be sent: bad URL, header, or key.
//   kCancelled, kDeadlineExceeded  `ctx` ended; the request may have arrived.
// Messages never hold headers, bodies, keys or user info of URLs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/http/proxy.h"
#include "base/limits.h"
#include "base/secret.h"

namespace http {

// Kept in memory only. Requests share connections only if these are equal.
struct TlsOptions {
  std::string ca_pem;       // Only these are trusted; "" for the system's.
  bool insecure = false;    // Verify nothing.
  std::string server_name;  // SNI and checked name; "" for the URL's host.
  std::string client_certificate_pem;
  base::Secret client_key_pem;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string url;  // Absolute, http or https, without user info.
  Headers headers;  // Values may hold secrets.
  std::string body;
  std::shared_ptr<const TlsOptions> tls;  // Null: the defaults.
  // http, https or socks5, may hold user info; honoured for localhost, too. ""
  // for what ProxyFor() finds in the environment. An https proxy is trusted by
  // the system's authorities or those of `tls` (and unverified if `insecure`);
  // it never sees the client certificate.
  std::string proxy_url;
  // For name, TCP and TLS together, if shorter than the Transport's own.
  absl::Duration connect_timeout = absl::InfiniteDuration();
  // No byte for so long ends the exchange with kUnavailable.
  absl::Duration idle_timeout = absl::InfiniteDuration();
  // The same for the first byte of the answer alone.
  absl::Duration first_byte_timeout = absl::InfiniteDuration();
  // The whole exchange taking so long ends it with kUnavailable.
  absl::Duration timeout = absl::InfiniteDuration();
  // A stop ends the exchange only so much later once the request is being sent:
  // the answer tells what was done. Before that a stop ends it at once.
  absl::Duration stop_grace = absl::ZeroDuration();
  // False: never sent a second time, which otherwise happens when a connection
  // that was used before turns out to be dead.
  bool repeatable = true;
  // If set, the body of a 2xx answer goes here piece by piece as it arrives,
  // and Response::body stays empty. Runs on the thread that called Send() and
  // may block. A non-OK status ends the exchange and is returned.
  std::function<absl::Status(absl::string_view piece)> on_data;
};

struct Response {
  int status = 0;
  Headers headers;  // Names in lower case.
  std::string body;

  // The first header of that (lower-case) name, or "".
  std::string Header(absl::string_view name) const;
};

// How far a failed exchange came.
enum class Phase {
  kResolve,   // The host has no address.
  kConnect,   // No TCP connection, or the proxy refused.
  kTls,       // The handshake failed; also a certificate that is not trusted.
  kUnsent,    // Connected, but nothing of the request was sent.
  kMaybeSent  // The server may have seen and obeyed the request.
};
// Nullopt for a status that is not kUnavailable from a Transport.
std::optional<Phase> ErrorPhase(const absl::Status& status);

// The HTTP code of an answer whose head came whole, and whose body did not; 0
// for all other failures.
int CutAnswerCode(const absl::Status& status);

// What is wrong with the server's certificate.
enum class CertificateProblem {
  kUntrusted,  // Nobody we trust has signed it.
  kExpired,
  kNotYetValid,
  kWrongName,
  kRevoked,
  kOther
};
// Nullopt when it was not the reason of the failure. Trying again does not help
// otherwise.
std::optional<CertificateProblem> CertificateProblemOf(
    const absl::Status& status);

// True when a proxy wants other credentials, forbids the target, or cannot be
// trusted: trying again does not help.
bool IsProxyRefusal(const absl::Status& status);

// True when what answered a TLS handshake does not speak TLS: it takes plain
// HTTP, or is another service.
bool SpeaksNoTls(const absl::Status& status);

// Thread-safe. No Send() may be under way when it is destroyed.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual absl::StatusOr<Response> Send(const base::Context& ctx,
                                        const Request& request) = 0;
};

struct TransportOptions {
  std::string user_agent;
  absl::Duration connect_timeout = absl::Seconds(30);  // TCP and TLS together.
  size_t max_body_bytes = base::kMaxReplyBytes;
  // Nullopt for the process's environment at the time of the making.
  std::optional<ProxyEnvironment> proxies;
};

std::unique_ptr<Transport> NewTransport(TransportOptions options);

}  // namespace http
