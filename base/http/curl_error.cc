#include "base/http/curl_error.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errno_text.h"
#include "base/http/transport.h"

namespace http {
namespace {

constexpr char kPhasePayload[] = "http/phase";
constexpr char kCertificatePayload[] = "http/certificate";
constexpr char kProxyPayload[] = "http/proxy-refusal";
constexpr char kNoTlsPayload[] = "http/no-tls";
constexpr char kCutAnswerPayload[] = "http/cut-answer";

absl::Status Unavailable(absl::string_view message, Phase phase) {
  absl::Status status = absl::UnavailableError(message);
  status.SetPayload(kPhasePayload,
                    absl::Cord(std::string(1, static_cast<char>(phase))));
  return status;
}

using Long = long;  // NOLINT(google-runtime-int): libcurl's type

Long InfoOf(CURL* easy, CURLINFO info) {
  Long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

struct Problem {
  CertificateProblem kind;
  const char* text;
};

// `verify_result` is an X509_V_ERR_* of OpenSSL, whose numbers are part of its
// stable interface.
Problem ProblemOf(Long verify_result) {
  switch (verify_result) {
    case 0:
    case 1:
      // libcurl compares names before it asks for the result, which is then
      // still 1, its initial value.
      return {CertificateProblem::kWrongName,
              "its certificate is for another name"};
    case 62:
      return {CertificateProblem::kWrongName,
              "its certificate names no host (it has no subjectAltName)"};
    case 9:
      return {CertificateProblem::kNotYetValid,
              "its certificate is not valid yet"};
    case 10:
      return {CertificateProblem::kExpired, "its certificate has expired"};
    case 7:  // The authority has the name of a trusted one, not its key.
    case 18:
    case 19:
    case 20:
    case 21:
      return {CertificateProblem::kUntrusted,
              "its certificate is signed by an authority that is not trusted "
              "(wrong or missing CA certificate)"};
    case 23:
      return {CertificateProblem::kRevoked, "its certificate was revoked"};
    default:
      return {CertificateProblem::kOther, "its certificate is not trusted"};
  }
}

// A failure of the kind that repeating does not cure, on the way to the proxy.
absl::Status ProxyRefusal(absl::string_view message, Phase phase) {
  absl::Status status = Unavailable(message, phase);
  status.SetPayload(kProxyPayload, absl::Cord("1"));
  return status;
}

// Before the tunnel stands, the only handshake is the proxy's.
bool BeforeTunnel(CURL* easy, absl::string_view proxy) {
  return absl::StartsWith(proxy, "https://") &&
         InfoOf(easy, CURLINFO_HTTP_CONNECTCODE) == 0;
}

absl::Status CertificateError(CURL* easy, absl::string_view text,
                              absl::string_view endpoint,
                              absl::string_view proxy) {
  if (BeforeTunnel(easy, proxy)) {
    const Problem problem =
        ProblemOf(InfoOf(easy, CURLINFO_PROXY_SSL_VERIFYRESULT));
    return ProxyRefusal(
        absl::StrCat("cannot trust the proxy ", EndpointOf(proxy), ": ",
                     problem.text, ": ", text),
        Phase::kConnect);
  }
  const Problem problem = ProblemOf(InfoOf(easy, CURLINFO_SSL_VERIFYRESULT));
  absl::Status status = Unavailable(
      absl::StrCat("cannot trust ", endpoint, ": ", problem.text, ": ", text),
      Phase::kTls);
  status.SetPayload(
      kCertificatePayload,
      absl::Cord(std::string(1, static_cast<char>(problem.kind))));
  return status;
}

// Set when the proxy itself said no; OK otherwise.
absl::Status RefusalOf(CURL* easy, CURLcode code, absl::string_view text,
                       absl::string_view endpoint, absl::string_view proxy) {
  const std::string who =
      absl::StrCat("the proxy ", EndpointOf(proxy), " refused to connect to ",
                   endpoint, ": ");
  if (code == CURLE_PROXY) {
    switch (InfoOf(easy, CURLINFO_PROXY_ERROR)) {
      case CURLPX_NO_AUTH:
      case CURLPX_USER_REJECTED:
        return ProxyRefusal(absl::StrCat(who,
                                         "it wants other credentials: put "
                                         "user:password@ before its host"),
                            Phase::kConnect);
      case CURLPX_REPLY_NOT_ALLOWED:
        return ProxyRefusal(absl::StrCat(who, "its rules forbid it"),
                            Phase::kConnect);
      default:
        return Unavailable(absl::StrCat(who, text), Phase::kConnect);
    }
  }
  const Long answer = InfoOf(easy, CURLINFO_HTTP_CONNECTCODE);
  if (answer < 300) return absl::OkStatus();
  if (answer == 407) {
    return ProxyRefusal(
        absl::StrCat(who,
                     "HTTP 407, it wants other credentials: put "
                     "user:password@ before its host"),
        Phase::kConnect);
  }
  const std::string message = absl::StrCat(who, "HTTP ", answer);
  return answer >= 500 || answer == 429
             ? Unavailable(message, Phase::kConnect)
             : ProxyRefusal(message, Phase::kConnect);
}

bool Reached(CURL* easy, CURLINFO time) {
  curl_off_t micros = 0;
  return curl_easy_getinfo(easy, time, &micros) == CURLE_OK && micros > 0;
}

// Where an exchange ended whose code does not tell.
Phase PhaseByProgress(CURL* easy, absl::string_view endpoint) {
  if (Reached(easy, CURLINFO_PRETRANSFER_TIME_T)) return Phase::kMaybeSent;
  // What a new connection has sent before its handshake was for a proxy.
  const bool handshake_missing = absl::StartsWith(endpoint, "https:") &&
                                 InfoOf(easy, CURLINFO_NUM_CONNECTS) > 0 &&
                                 !Reached(easy, CURLINFO_APPCONNECT_TIME_T);
  if (!handshake_missing && InfoOf(easy, CURLINFO_REQUEST_SIZE) > 0) {
    return Phase::kMaybeSent;
  }
  if (!Reached(easy, CURLINFO_NAMELOOKUP_TIME_T)) return Phase::kResolve;
  // libcurl counts a new connection's time only once TLS stands, too.
  if (!Reached(easy, CURLINFO_CONNECT_TIME_T) &&
      InfoOf(easy, CURLINFO_LOCAL_PORT) <= 0) {
    return Phase::kConnect;
  }
  return handshake_missing ? Phase::kTls : Phase::kUnsent;
}

Phase PhaseOf(CURL* easy, CURLcode code, absl::string_view endpoint) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Phase::kResolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return Phase::kConnect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
      return Phase::kTls;
    default:
      return PhaseByProgress(easy, endpoint);
  }
}

// libcurl says only "Couldn't connect to server"; the system knows why.
std::string ConnectProblem(CURL* easy, CURLcode code, absl::string_view text) {
  const Long number = InfoOf(easy, CURLINFO_OS_ERRNO);
  if (number == 0 || code != CURLE_COULDNT_CONNECT) return std::string(text);
  return absl::AsciiStrToLower(base::ErrnoText(static_cast<int>(number)));
}

absl::Status HandshakeError(absl::string_view way, absl::string_view text) {
  std::string message =
      absl::StrCat("TLS handshake with ", way, " failed: ", text);
  // libcurl has no code for it. OpenSSL says so of an answer that does not
  // begin as one of any TLS version does.
  if (!absl::StrContains(text, "wrong version number")) {
    return Unavailable(message, Phase::kTls);
  }
  absl::Status status = Unavailable(
      absl::StrCat(message,
                   " (what answers there does not speak TLS; if it takes plain "
                   "HTTP, its address begins with http://)"),
      Phase::kTls);
  status.SetPayload(kNoTlsPayload, absl::Cord("1"));
  return status;
}

// The endpoint, and the proxy on the way there if there is one.
std::string WayTo(absl::string_view url, absl::string_view proxy) {
  return proxy.empty() ? EndpointOf(url)
                       : absl::StrCat(EndpointOf(url), " through the proxy ",
                                      EndpointOf(proxy));
}

}  // namespace

std::string EndpointOf(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == absl::string_view::npos) return "(not a URL)";
  absl::string_view rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  const size_t user_info = rest.rfind('@');
  if (user_info != absl::string_view::npos) rest = rest.substr(user_info + 1);
  return absl::StrCat(url.substr(0, scheme + 3), rest);
}

absl::Status StatusOfFailure(CURL* easy, CURLcode code, absl::string_view text,
                             absl::string_view url, absl::string_view proxy) {
  const std::string endpoint = EndpointOf(url);
  const std::string way = WayTo(url, proxy);
  if (text.empty()) text = curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return absl::InvalidArgumentError(
          absl::StrCat("cannot send to ", endpoint, ": ", text));
    case CURLE_PEER_FAILED_VERIFICATION:
      return CertificateError(easy, text, endpoint, proxy);
    default:
      break;
  }
  if (!proxy.empty()) {
    absl::Status refusal = RefusalOf(easy, code, text, endpoint, proxy);
    if (!refusal.ok()) return refusal;
  }
  const Phase phase = PhaseOf(easy, code, endpoint);
  switch (phase) {
    case Phase::kResolve:
      return Unavailable(absl::StrCat("cannot resolve ", way, ": ", text),
                         phase);
    case Phase::kConnect:
      return Unavailable(absl::StrCat("cannot connect to ", way, ": ",
                                      ConnectProblem(easy, code, text)),
                         phase);
    case Phase::kTls:
      if (BeforeTunnel(easy, proxy)) {
        return ProxyRefusal(
            absl::StrCat("TLS handshake with the proxy ", EndpointOf(proxy),
                         " failed: ", text,
                         " (if it takes plain HTTP, its address begins with "
                         "http://)"),
            Phase::kConnect);
      }
      return HandshakeError(way, text);
    default:
      return Unavailable(
          absl::StrCat("connection to ", way, " was lost: ", text), phase);
  }
}

void NoteCutAnswer(int code, absl::Status& status) {
  status.SetPayload(kCutAnswerPayload, absl::Cord(absl::StrCat(code)));
}

namespace {

// Whatever was left for it: no time that has passed is shorter.
std::string Passed(absl::Duration limit) {
  return absl::FormatDuration(std::max(
      absl::Floor(limit, absl::Milliseconds(100)), absl::Milliseconds(100)));
}

}  // namespace

absl::Status IdleError(absl::string_view url, absl::string_view proxy,
                       bool answered, absl::Duration limit) {
  return Unavailable(
      absl::StrCat(answered ? "no more of the answer" : "no answer",
                   " came from ", WayTo(url, proxy), " within ", Passed(limit)),
      Phase::kMaybeSent);
}

absl::Status CutError(absl::string_view url, absl::string_view proxy) {
  return Unavailable(absl::StrCat("connection to ", WayTo(url, proxy),
                                  " was lost: it ended within the answer"),
                     Phase::kMaybeSent);
}

absl::Status TimeoutError(absl::string_view url, absl::string_view proxy,
                          absl::Duration limit) {
  return Unavailable(absl::StrCat("no complete answer came from ",
                                  WayTo(url, proxy), " within ", Passed(limit)),
                     Phase::kMaybeSent);
}

std::optional<Phase> ErrorPhase(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPhasePayload);
  if (!payload.has_value() || payload->size() != 1) return std::nullopt;
  return static_cast<Phase>((*payload)[0]);
}

int CutAnswerCode(const absl::Status& status) {
  const absl::optional<absl::Cord> payload =
      status.GetPayload(kCutAnswerPayload);
  int code = 0;
  return payload.has_value() && absl::SimpleAtoi(std::string(*payload), &code)
             ? code
             : 0;
}

std::optional<CertificateProblem> CertificateProblemOf(
    const absl::Status& status) {
  const absl::optional<absl::Cord> payload =
      status.GetPayload(kCertificatePayload);
  if (!payload.has_value() || payload->size() != 1) return std::nullopt;
  return static_cast<CertificateProblem>((*payload)[0]);
}

bool SpeaksNoTls(const absl::Status& status) {
  return status.GetPayload(kNoTlsPayload).has_value();
}

bool IsProxyRefusal(const absl::Status& status) {
  return status.GetPayload(kProxyPayload).has_value();
}

}  // namespace http
