#include "base/http/curl_error.h"

#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/http/transport.h"

namespace http {
namespace {

constexpr char kPhasePayload[] = "http/phase";
constexpr char kCertificatePayload[] = "http/certificate";

absl::Status Unavailable(absl::string_view message, Phase phase) {
  absl::Status status = absl::UnavailableError(message);
  status.SetPayload(kPhasePayload,
                    absl::Cord(std::string(1, static_cast<char>(phase))));
  return status;
}

// CURLINFO_SSL_VERIFYRESULT: X509_V_ERR_* of OpenSSL, whose numbers are part of
// its stable interface.
const char* CertificateProblem(
    long verify_result) {  // NOLINT(google-runtime-int): libcurl's type
  switch (verify_result) {
    case 9:
      return "its certificate is not valid yet";
    case 10:
      return "its certificate has expired";
    case 18:
    case 19:
    case 20:
    case 21:
      return "its certificate is signed by an authority that is not trusted "
             "(wrong or missing CA certificate)";
    case 23:
      return "its certificate was revoked";
    default:
      return nullptr;
  }
}

absl::Status CertificateError(CURL* easy, absl::string_view text,
                              absl::string_view endpoint) {
  long verify_result = 0;  // NOLINT(google-runtime-int): libcurl's type
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verify_result);
  std::string problem;
  if (const char* known = CertificateProblem(verify_result)) {
    problem = known;
  } else if (verify_result <= 1) {
    // libcurl compares names before it asks for the result, which is then
    // still 1, its initial value.
    problem = "its certificate is for another name";
  } else {
    problem = "its certificate is not trusted";
  }
  absl::Status status = Unavailable(
      absl::StrCat("cannot trust ", endpoint, ": ", problem, ": ", text),
      Phase::kTls);
  status.SetPayload(kCertificatePayload, absl::Cord("1"));
  return status;
}

bool Reached(CURL* easy, CURLINFO time) {
  curl_off_t micros = 0;
  return curl_easy_getinfo(easy, time, &micros) == CURLE_OK && micros > 0;
}

// Where an exchange ended whose code does not tell.
Phase PhaseByProgress(CURL* easy, absl::string_view endpoint) {
  long sent = 0;  // NOLINT(google-runtime-int): libcurl's type
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
  if (sent > 0 || Reached(easy, CURLINFO_PRETRANSFER_TIME_T)) {
    return Phase::kMaybeSent;
  }
  if (!Reached(easy, CURLINFO_NAMELOOKUP_TIME_T)) return Phase::kResolve;
  if (!Reached(easy, CURLINFO_CONNECT_TIME_T)) return Phase::kConnect;
  const bool tls = absl::StartsWith(endpoint, "https:");
  if (tls && !Reached(easy, CURLINFO_APPCONNECT_TIME_T)) return Phase::kTls;
  return Phase::kUnsent;
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
std::string SystemError(CURL* easy) {
  long number = 0;  // NOLINT(google-runtime-int): libcurl's type
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  if (number == 0) return "";
  char buffer[128];
  return absl::AsciiStrToLower(
      strerror_r(static_cast<int>(number), buffer, sizeof(buffer)));
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
                             absl::string_view url) {
  const std::string endpoint = EndpointOf(url);
  if (text.empty()) text = curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return absl::InvalidArgumentError(
          absl::StrCat("cannot send to ", endpoint, ": ", text));
    case CURLE_PEER_FAILED_VERIFICATION:
      return CertificateError(easy, text, endpoint);
    default:
      break;
  }
  const Phase phase = PhaseOf(easy, code, endpoint);
  switch (phase) {
    case Phase::kResolve:
      return Unavailable(absl::StrCat("cannot resolve ", endpoint, ": ", text),
                         phase);
    case Phase::kConnect: {
      const std::string cause = SystemError(easy);
      return Unavailable(absl::StrCat("cannot connect to ", endpoint, ": ",
                                      cause.empty() ? text : cause),
                         phase);
    }
    case Phase::kTls:
      return Unavailable(
          absl::StrCat("TLS handshake with ", endpoint, " failed: ", text),
          phase);
    default:
      return Unavailable(
          absl::StrCat("connection to ", endpoint, " was lost: ", text), phase);
  }
}

absl::Status IdleError(absl::string_view url) {
  return Unavailable(
      absl::StrCat("nothing came from ", EndpointOf(url), " for too long"),
      Phase::kMaybeSent);
}

std::optional<Phase> ErrorPhase(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPhasePayload);
  if (!payload.has_value() || payload->size() != 1) return std::nullopt;
  return static_cast<Phase>((*payload)[0]);
}

bool IsCertificateError(const absl::Status& status) {
  return status.GetPayload(kCertificatePayload).has_value();
}

}  // namespace http
