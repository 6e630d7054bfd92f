#include "base/http/exchange.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/http/ca_roots.h"
#include "base/http/curl_error.h"
#include "base/printable.h"
#include "base/status_macros.h"

namespace http {
namespace {

// A peer that vanished without a word is noticed after 30 s without an
// acknowledgement, and on an idle connection 15 s later. libcurl's own HTTP/2
// ping does not work on a shared multi handle.
int SetSocketOptions(void*, curl_socket_t socket, curlsocktype) {
  const auto set = [socket](int level, int name, int value) {
    setsockopt(socket, level, name, &value, sizeof(value));
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
  // Child processes must not keep our connections open.
  fcntl(socket, F_SETFD,
        FD_CLOEXEC);  // NOLINT(cppcoreguidelines-pro-type-vararg): C
  return CURL_SOCKOPT_OK;
}

// Beside OpenSSL's own judgement: names stand in subjectAltName, for whoever
// follows RFC 9525 as Kubernetes does; libcurl would fall back to the common
// name.
int JudgeCertificate(int trusted, X509_STORE_CTX* chain) {
  if (trusted == 0) {
    // What checking a signature left there would hide from libcurl that this
    // is about a certificate.
    ERR_clear_error();
    return 0;
  }
  if (X509_STORE_CTX_get_error_depth(chain) > 0) return 1;
  const X509* certificate = X509_STORE_CTX_get_current_cert(chain);
  if (X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) >= 0) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

CURLcode JudgeCertificates(CURL* /*easy*/, void* context, void* /*data*/) {
  SSL_CTX_set_verify(static_cast<SSL_CTX*>(context), SSL_VERIFY_PEER,
                     &JudgeCertificate);
  return CURLE_OK;
}

// "host:port" of `endpoint`, with the scheme's port if it names none.
std::string HostAndPort(absl::string_view endpoint) {
  const bool tls = absl::StartsWith(endpoint, "https:");
  const absl::string_view rest = endpoint.substr(endpoint.find("://") + 3);
  const size_t colon = rest.rfind(':');
  const size_t bracket = rest.rfind(']');
  const bool has_port = colon != absl::string_view::npos &&
                        (bracket == absl::string_view::npos || colon > bracket);
  return has_port ? std::string(rest)
                  : absl::StrCat(rest, tls ? ":443" : ":80");
}

int64_t NextId() {
  static std::atomic<int64_t> last{0};
  return ++last;
}

curl_blob BlobOf(const std::string& text) {
  // NOCOPY is safe: the request outlives the exchange. libcurl only reads.
  return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_NOCOPY};
}

}  // namespace

Exchange::Exchange(const Request& request, const TransportOptions& options)
    : id_(NextId()), request_(request), options_(options) {}

absl::Status Exchange::Init() {
  easy_.reset(curl_easy_init());
  if (easy_ == nullptr) return absl::InternalError("libcurl gives no handle");
  curl_easy_setopt(easy(), CURLOPT_ERRORBUFFER, error_text_);
  curl_easy_setopt(easy(), CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy(), CURLOPT_HEADERFUNCTION, &HeaderCallback);
  curl_easy_setopt(easy(), CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy(), CURLOPT_WRITEFUNCTION, &BodyCallback);
  curl_easy_setopt(easy(), CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy(), CURLOPT_PREREQFUNCTION, &ConnectedCallback);
  curl_easy_setopt(easy(), CURLOPT_PREREQDATA, this);
  RETURN_IF_ERROR(SetTarget());
  RETURN_IF_ERROR(SetHeaders());
  SetBody();
  RETURN_IF_ERROR(SetTls());
  RETURN_IF_ERROR(SetProxy());
  SetConnection();
  return absl::OkStatus();
}

absl::Status Exchange::SetTarget() {
  const std::string endpoint = EndpointOf(request_.url);
  const bool tls = absl::StartsWith(request_.url, "https://");
  if (!tls && !absl::StartsWith(request_.url, "http://")) {
    return absl::InvalidArgumentError("a URL must begin with https or http");
  }
  if (base::HasControl(request_.url) || absl::StrContains(request_.url, ' ')) {
    return absl::InvalidArgumentError(
        absl::StrCat("bad character in a URL of ", endpoint));
  }
  std::string url = request_.url;
  if (tls && request_.tls != nullptr && !request_.tls->server_name.empty()) {
    // libcurl checks the certificate against the URL's host: so name that
    // host, but connect to the real one.
    const std::string real = HostAndPort(endpoint);
    const std::string& name = request_.tls->server_name;
    if (base::HasControl(name) || name.find_first_of("/@?#: ") != name.npos) {
      return absl::InvalidArgumentError("bad TLS server name");
    }
    url = absl::StrCat("https://", name, real.substr(real.rfind(':')),
                       absl::string_view(url).substr(endpoint.size()));
    Append(connect_to_, absl::StrCat("::", real).c_str());
    curl_easy_setopt(easy(), CURLOPT_CONNECT_TO, connect_to_.get());
    host_header_ = endpoint.substr(endpoint.find("://") + 3);
  }
  curl_easy_setopt(easy(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy(), CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy(), CURLOPT_PATH_AS_IS, 1L);
  return absl::OkStatus();
}

absl::Status Exchange::SetHeaders() {
  for (const auto& [name, value] : request_.headers) {
    if (name.empty() || base::HasControl(name) || base::HasControl(value)) {
      return absl::InvalidArgumentError(
          "a header has a line break or another control character");
    }
    // libcurl drops "Name:"; with a semicolon it sends an empty value.
    Append(headers_, value.empty() ? absl::StrCat(name, ";").c_str()
                                   : absl::StrCat(name, ": ", value).c_str());
  }
  if (!host_header_.empty()) {
    Append(headers_, absl::StrCat("Host: ", host_header_).c_str());
  }
  Append(headers_, "Expect:");  // No extra round trip before a body.
  curl_easy_setopt(easy(), CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy(), CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy(), CURLOPT_ACCEPT_ENCODING, "gzip");
  return absl::OkStatus();
}

void Exchange::SetBody() {
  if (request_.method == "HEAD") {
    curl_easy_setopt(easy(), CURLOPT_NOBODY, 1L);
    return;
  }
  if (!request_.body.empty() || request_.method == "POST") {
    curl_easy_setopt(easy(), CURLOPT_POST, 1L);
    curl_easy_setopt(easy(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy(), CURLOPT_POSTFIELDS, request_.body.data());
  } else {
    curl_easy_setopt(easy(), CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(easy(), CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

absl::Status Exchange::SetTls() {
  curl_easy_setopt(easy(), CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (request_.tls == nullptr || request_.tls->ca_pem.empty()) {
    RETURN_IF_ERROR(TrustSystemCaRoots(easy()));
  }
  if (request_.tls == nullptr || !request_.tls->insecure) {
    curl_easy_setopt(easy(), CURLOPT_SSL_CTX_FUNCTION, &JudgeCertificates);
  }
  if (request_.tls == nullptr) return absl::OkStatus();
  const TlsOptions& tls = *request_.tls;
  curl_easy_setopt(easy(), CURLOPT_SSL_VERIFYPEER, tls.insecure ? 0L : 1L);
  curl_easy_setopt(easy(), CURLOPT_SSL_VERIFYHOST, tls.insecure ? 0L : 2L);
  if (!tls.ca_pem.empty()) {
    curl_blob ca = BlobOf(tls.ca_pem);
    curl_easy_setopt(easy(), CURLOPT_CAINFO_BLOB, &ca);
    // The blob replaces only the default file, not the default folder.
    curl_easy_setopt(easy(), CURLOPT_CAPATH, nullptr);
  }
  if (!tls.client_certificate_pem.empty()) {
    curl_blob certificate = BlobOf(tls.client_certificate_pem);
    curl_easy_setopt(easy(), CURLOPT_SSLCERT_BLOB, &certificate);
    curl_easy_setopt(easy(), CURLOPT_SSLCERTTYPE, "PEM");
  }
  if (!tls.client_key_pem.empty()) {
    curl_blob key = BlobOf(tls.client_key_pem.Reveal());
    curl_easy_setopt(easy(), CURLOPT_SSLKEY_BLOB, &key);
    curl_easy_setopt(easy(), CURLOPT_SSLKEYTYPE, "PEM");
  }
  return absl::OkStatus();
}

absl::Status Exchange::SetProxy() {
  if (!request_.proxy_url.empty()) {
    ASSIGN_OR_RETURN(proxy_, NormalizeProxy(request_.proxy_url));
  } else if (options_.proxies.has_value()) {
    ASSIGN_OR_RETURN(proxy_, ProxyFor(request_.url, *options_.proxies));
  }
  // Explicit in any case, or libcurl would look at the environment itself.
  curl_easy_setopt(easy(), CURLOPT_PROXY, proxy_.c_str());
  curl_easy_setopt(easy(), CURLOPT_NOPROXY, "");
  curl_easy_setopt(easy(), CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!absl::StartsWith(proxy_, "https://")) return absl::OkStatus();
  curl_easy_setopt(easy(), CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (request_.tls == nullptr) return absl::OkStatus();
  const TlsOptions& tls = *request_.tls;
  curl_easy_setopt(easy(), CURLOPT_PROXY_SSL_VERIFYPEER,
                   tls.insecure ? 0L : 1L);
  curl_easy_setopt(easy(), CURLOPT_PROXY_SSL_VERIFYHOST,
                   tls.insecure ? 0L : 2L);
  if (!tls.ca_pem.empty()) {
    // Beside the system's folder: a proxy is rarely signed by the cluster's
    // own authority.
    curl_blob ca = BlobOf(tls.ca_pem);
    curl_easy_setopt(easy(), CURLOPT_PROXY_CAINFO_BLOB, &ca);
  }
  return absl::OkStatus();
}

void Exchange::SetConnection() {
  curl_easy_setopt(easy(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy(), CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
  // Wait for the first connection rather than open one for each request that
  // starts before it is known to multiplex.
  curl_easy_setopt(easy(), CURLOPT_PIPEWAIT, 1L);
  if (!request_.repeatable) {
    // On a connection of its own libcurl has no reason to send again.
    curl_easy_setopt(easy(), CURLOPT_FRESH_CONNECT, 1L);
  }
  curl_easy_setopt(easy(), CURLOPT_SOCKOPTFUNCTION, &SetSocketOptions);
  const absl::Duration limit =
      std::min(options_.connect_timeout, request_.connect_timeout);
  // 0 would mean libcurl's own default.
  curl_easy_setopt(
      easy(), CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(  // NOLINT(google-runtime-int): libcurl's type
          std::max<int64_t>(1, absl::ToInt64Milliseconds(limit))));
  // A cancel must not wait for the resolver's thread.
  curl_easy_setopt(easy(), CURLOPT_QUICK_EXIT, 1L);
}

size_t Exchange::HeaderCallback(char* data, size_t size, size_t count,
                                void* self) {
  return static_cast<Exchange*>(self)->OnHeader({data, size * count});
}

size_t Exchange::BodyCallback(char* data, size_t size, size_t count,
                              void* self) {
  return static_cast<Exchange*>(self)->OnBody({data, size * count});
}

int Exchange::ConnectedCallback(void* self, char* /*remote_address*/,
                                char* /*local_address*/, int /*remote_port*/,
                                int /*local_port*/) {
  auto* const exchange = static_cast<Exchange*>(self);
  absl::MutexLock lock(&exchange->mutex_);
  exchange->connected_ = true;
  return CURL_PREREQFUNC_OK;
}

bool Exchange::MayHaveBegun() const {
  absl::MutexLock lock(&mutex_);
  return connected_;
}

size_t Exchange::OnHeader(absl::string_view line) {
  absl::MutexLock lock(&mutex_);
  last_byte_ = absl::Now();
  if (absl::StartsWith(line, "HTTP/")) {
    // A new answer begins; those before it were 1xx.
    response_.headers.clear();
    head_done_ = false;
    const absl::string_view rest = line.substr(line.find(' ') + 1).substr(0, 3);
    if (!absl::SimpleAtoi(rest, &response_.status)) response_.status = 0;
    return line.size();
  }
  if (absl::StripAsciiWhitespace(line).empty()) head_done_ = true;
  const size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    response_.headers.emplace_back(
        absl::AsciiStrToLower(line.substr(0, colon)),
        std::string(absl::StripAsciiWhitespace(line.substr(colon + 1))));
  }
  return line.size();
}

size_t Exchange::OnBody(absl::string_view piece) {
  absl::MutexLock lock(&mutex_);
  last_byte_ = absl::Now();
  const bool stream = request_.on_data != nullptr && response_.status >= 200 &&
                      response_.status < 300;
  std::string& target = stream ? data_ : response_.body;
  if (target.size() + piece.size() > options_.max_body_bytes) {
    too_large_ = true;
    return 0;  // Ends the transfer with CURLE_WRITE_ERROR.
  }
  target.append(piece.data(), piece.size());
  return piece.size();
}

void Exchange::Finish(CURLcode code) {
  absl::MutexLock lock(&mutex_);
  code_ = code;
  finished_ = true;
}

void Exchange::NoteStop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
}

Exchange::News Exchange::AwaitNews(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  if (last_byte_ == absl::InfiniteFuture()) last_byte_ = absl::Now();
  News news;
  while (!HasNews()) {
    const absl::Time idle_end = last_byte_ + IdleLimit();
    const absl::Time now = absl::Now();
    if (now >= deadline) break;
    if (now >= idle_end) {
      news.idle = true;
      break;
    }
    mutex_.AwaitWithDeadline(absl::Condition(this, &Exchange::HasNews),
                             std::min(deadline, idle_end));
  }
  news.finished = finished_;
  news.stopped = std::exchange(stopped_, false);
  news.data = std::exchange(data_, "");
  return news;
}

absl::Duration Exchange::IdleLimit() const {
  return response_.status == 0
             ? std::min(request_.idle_timeout, request_.first_byte_timeout)
             : request_.idle_timeout;
}

absl::Status Exchange::Overdue(bool idle) {
  if (!idle) return TimeoutError(request_.url, proxy_, request_.timeout);
  absl::MutexLock lock(&mutex_);
  return IdleError(request_.url, proxy_, response_.status != 0, IdleLimit());
}

void Exchange::AwaitFinish() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&finished_));
}

absl::StatusOr<Response> Exchange::TakeResult() {
  absl::MutexLock lock(&mutex_);
  if (too_large_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer of ", EndpointOf(request_.url),
                     " is larger than ", options_.max_body_bytes, " bytes"));
  }
  if (code_ != CURLE_OK) {
    absl::Status status =
        StatusOfFailure(easy(), code_, error_text_, request_.url, proxy_);
    if (head_done_) NoteCutAnswer(response_.status, status);
    return status;
  }
  // libcurl takes what came before the end of the connection for all.
  if (!head_done_) return CutError(request_.url, proxy_);
  return std::move(response_);
}

}  // namespace http
