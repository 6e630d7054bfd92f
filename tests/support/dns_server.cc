#include "tests/support/dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace support {
namespace {

constexpr size_t kHeader = 12;  // RFC 1035, 4.1.1.
constexpr int kTypeA = 1;

// A socket on port 53, the only one that resolv.conf knows, of some loopback
// address; several servers can run at once.
int Bind(std::string& address_text) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (int i = 0; i < 250; ++i) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    address_text = absl::StrCat("127.53.", ::getpid() % 250 + 1, ".", i + 1);
    ::inet_pton(AF_INET, address_text.c_str(), &address.sin_addr);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
        0) {
      return fd;
    }
    if (errno != EADDRINUSE) break;
  }
  ::close(fd);
  return -1;
}

}  // namespace

DnsServer::DnsServer(std::map<std::string, std::string> names)
    : names_(std::move(names)) {
  socket_ = Bind(address_);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  if (socket_ < 0 || stop_ < 0) {
    std::cerr << "a name server for the test needs port 53, and so root or "
                 "CAP_NET_BIND_SERVICE\n";
    std::abort();
  }
  thread_ = std::thread([this] { Run(); });
}

DnsServer::~DnsServer() {
  const uint64_t one = 1;
  if (::write(stop_, &one, sizeof(one)) < 0) std::abort();
  thread_.join();
  ::close(socket_);
  ::close(stop_);
}

std::set<std::string> DnsServer::questions() const {
  absl::MutexLock lock(&mutex_);
  return questions_;
}

void DnsServer::Run() {
  while (true) {
    std::array<pollfd, 2> polled = {
        {{.fd = socket_, .events = POLLIN}, {.fd = stop_, .events = POLLIN}}};
    ::poll(polled.data(), polled.size(), -1);
    if (polled[1].revents != 0) return;
    std::array<char, 512> buffer;
    sockaddr_in from = {};
    socklen_t size = sizeof(from);
    const ssize_t got = ::recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
    if (got <= 0) continue;
    const std::string answer =
        Answer({buffer.data(), static_cast<size_t>(got)});
    ::sendto(socket_, answer.data(), answer.size(), 0,
             reinterpret_cast<const sockaddr*>(&from), size);
  }
}

std::string DnsServer::Answer(const std::string& question) {
  std::string name;
  size_t at = kHeader;
  while (at < question.size() && question[at] != 0) {
    const size_t length = static_cast<uint8_t>(question[at]);
    absl::StrAppend(&name, name.empty() ? "" : ".",
                    question.substr(at + 1, length));
    at += length + 1;
  }
  const size_t end = at + 5;  // The final 0, type and class.
  if (end > question.size()) return "";
  const int type = static_cast<uint8_t>(question[at + 2]);
  absl::AsciiStrToLower(&name);
  {
    absl::MutexLock lock(&mutex_);
    questions_.insert(name);
  }
  const auto found = names_.find(name);
  const bool known = found != names_.end();
  const bool answered = known && type == kTypeA;
  // Its number; response, authoritative, recursion available; and one question.
  std::string answer = question.substr(0, 2);
  answer += '\x85';
  answer += known ? '\x80' : '\x83';  // 3: the name does not exist.
  answer += std::string("\0\1\0", 3);
  answer += answered ? '\1' : '\0';
  answer += std::string(4, '\0');
  answer += question.substr(kHeader, end - kHeader);
  if (answered) {
    // The name of the question, IPv4, Internet, for a minute, four bytes.
    answer += std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4", 12);
    in_addr ip = {};
    ::inet_pton(AF_INET, found->second.c_str(), &ip);
    answer.append(reinterpret_cast<const char*>(&ip), sizeof(ip));
  }
  return answer;
}

}  // namespace support
