#include "tests/support/tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/deleter.h"

namespace support {
namespace {

using Bio = std::unique_ptr<BIO, base::Deleter<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, base::Deleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, base::Deleter<X509_free>>;
using SslContext = std::unique_ptr<SSL_CTX, base::Deleter<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, base::Deleter<SSL_free>>;

Bio Reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

SslContext MakeContext(const Certificate& certificate,
                       const std::string& client_ca_pem, int max_version) {
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (max_version != 0) {
    // What is that old is also too weak by default.
    SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context.get(), max_version);
    SSL_CTX_set_max_proto_version(context.get(), max_version);
  }
  const X509Ptr x509(PEM_read_bio_X509(Reader(certificate.pem).get(), nullptr,
                                       nullptr, nullptr));
  const Key key(PEM_read_bio_PrivateKey(Reader(certificate.key_pem).get(),
                                        nullptr, nullptr, nullptr));
  SSL_CTX_use_certificate(context.get(), x509.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  if (!client_ca_pem.empty()) {
    const X509Ptr ca(PEM_read_bio_X509(Reader(client_ca_pem).get(), nullptr,
                                       nullptr, nullptr));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca.get());
    SSL_CTX_set_verify(context.get(),
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       nullptr);
  }
  return context;
}

// Reads on until `text` is at least `size` bytes long, or ends as `until`.
bool ReadMore(SSL* ssl, std::string& text, size_t size, const char* until) {
  while (text.size() < size ||
         (until != nullptr && !absl::StrContains(text, until))) {
    char piece[4096];
    const int n = SSL_read(ssl, piece, sizeof(piece));
    if (n <= 0) return false;
    text.append(piece, static_cast<size_t>(n));
  }
  return true;
}

size_t ContentLength(const std::string& head) {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    size_t length = 0;
    if (absl::EqualsIgnoreCase(field.first, "content-length") &&
        absl::SimpleAtoi(field.second, &length)) {
      return length;
    }
  }
  return 0;
}

std::string WhatWasSaid(SSL* ssl, const std::string& head) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const X509Ptr peer(SSL_get1_peer_certificate(ssl));
  std::string subject = "-";
  if (peer != nullptr) {
    char text[128];
    X509_NAME_oneline(X509_get_subject_name(peer.get()), text, sizeof(text));
    subject = text;
  }
  return absl::StrCat(name == nullptr ? "-" : name, "|", subject, "|", head);
}

void Serve(SSL* ssl, const TlsServer::Answer& answer) {
  constexpr char kEnd[] = "\r\n\r\n";
  if (SSL_accept(ssl) != 1) return;
  std::string request;
  if (!ReadMore(ssl, request, 0, kEnd)) return;
  const size_t start = request.find(kEnd) + strlen(kEnd);
  const std::string head = request.substr(0, start);
  if (!ReadMore(ssl, request, start + ContentLength(head), nullptr)) return;
  const std::string body = answer == nullptr ? WhatWasSaid(ssl, head)
                                             : answer(request.substr(start));
  const std::string reply =
      absl::StrCat("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: ",
                   answer == nullptr ? "text/plain" : "application/json",
                   "\r\nContent-Length: ", body.size(), kEnd, body);
  SSL_write(ssl, reply.data(), static_cast<int>(reply.size()));
  SSL_shutdown(ssl);
}

}  // namespace

TlsServer::TlsServer(const Certificate& certificate,
                     const std::string& client_ca_pem, int max_version) {
  Listen();
  thread_ = std::thread([this, certificate, client_ca_pem, max_version] {
    Run(certificate, client_ca_pem, max_version);
  });
}

TlsServer::TlsServer(const Certificate& certificate, Answer answer)
    : answer_(std::move(answer)) {
  Listen();
  thread_ = std::thread([this, certificate] { Run(certificate, "", 0); });
}

void TlsServer::Listen() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0) {
    abort();
  }
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  listen(listener_, 16);
}

TlsServer::~TlsServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::string TlsServer::url() const {
  return absl::StrCat("https://127.0.0.1:", port_);
}

void TlsServer::Run(const Certificate& certificate,
                    const std::string& client_ca_pem, int max_version) {
  // OpenSSL writes to sockets that the client has closed.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  const SslContext context =
      MakeContext(certificate, client_ca_pem, max_version);
  while (!stopping_) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    // A client that says nothing must not hold up the end.
    const timeval limit{.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    const Ssl ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), fd);
    Serve(ssl.get(), answer_);
    close(fd);
  }
}

}  // namespace support
