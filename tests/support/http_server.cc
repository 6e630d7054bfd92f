#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace support {
namespace {

sockaddr_in Loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int Bind(int* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback();
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0) abort();
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  *port = ntohs(address.sin_port);
  return fd;
}

bool SendAll(int fd, absl::string_view data) {
  while (!data.empty()) {
    const ssize_t n = send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    data.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

// Reads on until `buffer` holds one whole request, and takes it out.
std::optional<ReceivedRequest> Receive(int fd, std::string& buffer) {
  const auto more = [&] {
    char piece[4096];
    const ssize_t n = recv(fd, piece, sizeof(piece), 0);
    if (n > 0) buffer.append(piece, static_cast<size_t>(n));
    return n > 0;
  };
  size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return std::nullopt;
  }
  ReceivedRequest request;
  const std::string head = buffer.substr(0, end);
  buffer.erase(0, end + 4);
  const std::vector<std::string> lines = absl::StrSplit(head, "\r\n");
  const std::vector<std::string> first = absl::StrSplit(lines[0], ' ');
  request.method = first[0];
  request.target = first.size() > 1 ? first[1] : "";
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> header =
        absl::StrSplit(lines[i], absl::MaxSplits(':', 1));
    request.headers[absl::AsciiStrToLower(header.first)] =
        std::string(absl::StripAsciiWhitespace(header.second));
  }
  size_t length = 0;
  if (!absl::SimpleAtoi(request.headers["content-length"], &length)) length = 0;
  while (buffer.size() < length) {
    if (!more()) return std::nullopt;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  request.time = absl::Now();
  return request;
}

// The answer's bytes: the head, then the body or its chunks.
std::vector<std::string> PartsOf(const ScriptedReply& reply) {
  const bool chunked = !reply.pieces.empty();
  std::string head = absl::StrCat("HTTP/1.1 ", reply.status, " Scripted\r\n");
  for (const auto& [name, value] : reply.headers) {
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&head, reply.keep_alive ? "" : "Connection: close\r\n",
                  chunked ? "Transfer-Encoding: chunked"
                          : absl::StrCat("Content-Length: ", reply.body.size()),
                  "\r\n\r\n");
  std::vector<std::string> parts = {std::move(head)};
  for (const std::string& piece : reply.pieces) {
    parts.push_back(
        absl::StrCat(absl::Hex(piece.size()), "\r\n", piece, "\r\n"));
  }
  if (chunked) {
    if (!reply.half && !reply.hold) parts.emplace_back("0\r\n\r\n");
    return parts;
  }
  std::string body = reply.body;
  if (reply.half && !body.empty()) body.pop_back();
  parts.push_back(std::move(body));
  return parts;
}

}  // namespace

HttpServer::HttpServer() : listener_(Bind(&port_)) {
  fallback_ = {.status = 500, .body = "no reply is scripted"};
  listen(listener_, 64);
  acceptor_ = std::thread([this] { Accept(); });
}

HttpServer::~HttpServer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (const int fd : sockets_) shutdown(fd, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

void HttpServer::Script(std::vector<ScriptedReply> replies) {
  absl::MutexLock lock(&mutex_);
  for (ScriptedReply& reply : replies) script_.push_back(std::move(reply));
}

void HttpServer::Always(ScriptedReply reply) {
  absl::MutexLock lock(&mutex_);
  fallback_ = std::move(reply);
}

std::string HttpServer::url() const {
  return absl::StrCat("http://127.0.0.1:", port_);
}

std::vector<ReceivedRequest> HttpServer::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

void HttpServer::AwaitRequests(size_t count) const {
  absl::MutexLock lock(&mutex_);
  const auto there = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return requests_.size() >= count;
  };
  mutex_.Await(absl::Condition(&there));
}

void HttpServer::Accept() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    absl::MutexLock lock(&mutex_);
    if (fd < 0 || stopping_) {
      if (fd >= 0) close(fd);
      return;
    }
    ++connections_;
    sockets_.push_back(fd);
    threads_.emplace_back([this, fd] { Serve(fd); });
  }
}

void HttpServer::Serve(int connection) {
  std::string buffer;
  while (std::optional<ReceivedRequest> request = Receive(connection, buffer)) {
    if (!Answer(connection, Next(*std::move(request)))) break;
  }
  absl::MutexLock lock(&mutex_);
  std::erase(sockets_, connection);
  close(connection);
}

ScriptedReply HttpServer::Next(ReceivedRequest request) {
  absl::MutexLock lock(&mutex_);
  requests_.push_back(std::move(request));
  if (script_.empty()) return fallback_;
  ScriptedReply reply = std::move(script_.front());
  script_.pop_front();
  return reply;
}

bool HttpServer::Pause(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), duration);
}

bool HttpServer::Write(int connection, absl::string_view data,
                       absl::Duration pause) {
  if (pause <= absl::ZeroDuration()) return SendAll(connection, data);
  for (const char& byte : data) {
    if (!SendAll(connection, {&byte, 1}) || !Pause(pause)) return false;
  }
  return true;
}

bool HttpServer::Answer(int connection, const ScriptedReply& reply) {
  if (!Pause(reply.delay)) return false;
  if (reply.reset) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  }
  const bool cut = reply.reset || reply.cut.has_value();
  size_t left = reply.cut.value_or(reply.reset ? 0 : std::string::npos);
  std::vector<std::string> parts = PartsOf(reply);
  for (size_t i = 0; i < parts.size() && left > 0; ++i) {
    const absl::string_view part = absl::string_view(parts[i]).substr(0, left);
    left -= part.size();
    if (!Write(connection, part, reply.byte_pause)) return false;
    if (i > 0 && !reply.pieces.empty() && !Pause(reply.pause)) return false;
  }
  if (cut) return false;
  if (reply.hold) return Pause(absl::Hours(1));
  return !reply.half && reply.keep_alive;
}

int ClosedPort() {
  int port = 0;
  close(Bind(&port));
  return port;
}

}  // namespace support
