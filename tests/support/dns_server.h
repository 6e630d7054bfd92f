// A name server on a loopback address, for tests of how names are looked up.
#pragma once

#include <map>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace support {

// Answers questions for IPv4 addresses over UDP; any other type of a known name
// gets an empty answer, any other name "does not exist". Stops when destroyed.
class DnsServer {
 public:
  // `names`: lower-case name without a final dot to IPv4 address. Ends the
  // program if no address can be bound.
  explicit DnsServer(std::map<std::string, std::string> names);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  // For a "nameserver" line of resolv.conf.
  const std::string& address() const { return address_; }
  // Names asked for so far, in lower case.
  std::set<std::string> questions() const;

 private:
  void Run();
  std::string Answer(const std::string& question);

  const std::map<std::string, std::string> names_;
  std::string address_;
  int socket_ = -1;
  int stop_ = -1;
  mutable absl::Mutex mutex_;
  std::set<std::string> questions_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace support
