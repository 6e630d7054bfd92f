// What Terraform does with a plugin: starts it, shakes hands, connects, ends
// it.
#pragma once

#include <grpcpp/grpcpp.h>
#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/tfplugin6.pb.h"
#include "provider/tf/schema.h"
#include "tests/support/certificates.h"

namespace protocol {

using Environment = std::map<std::string, std::string>;

// Whom `as_nobody` is, if we are root.
constexpr uid_t kNobody = 65534;

// A built plugin.
struct Program {
  std::string path;
  std::string address;  // Without a registry's host.
  // Runs as somebody whom limits hold, even if we are root.
  bool as_nobody = false;

  std::string type() const { return address.substr(address.find('/') + 1); }
};

// The provider of this build, or the program that WANDB_TEST_PROVIDER names.
Program TheProvider();
Program TheExample();

// What every client sets; TLS is off without a certificate.
Environment CookieOnly();

// The plugin as a child whose stdout and stderr are apart. Killed and reaped
// when destroyed.
class PluginProcess {
 public:
  // `environment` is the child's whole environment.
  PluginProcess(const Program& program,
                const std::vector<std::string>& arguments,
                const Environment& environment);
  PluginProcess(const PluginProcess&) = delete;
  PluginProcess& operator=(const PluginProcess&) = delete;
  ~PluginProcess();

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  // The next line of stdout with its newline; "" at its end.
  std::string ReadLine();
  // Waits for the end; nullopt if it does not come in time. 128 + signal when
  // killed by one.
  std::optional<int> AwaitExit(absl::Duration timeout);
  // What is left on stdout and stderr. Call them after the exit.
  std::string RestOfStdout();
  std::string Stderr();

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
};

// What the process `pid` has used of the processor, all its threads together;
// and the most memory, in bytes, that it had at a time.
absl::Duration CpuTime(pid_t pid);
size_t PeakMemory(pid_t pid);

// The fields of a handshake line, without its newline.
std::vector<std::string> FieldsOf(const std::string& line);

// A channel to the socket of the handshake. `identity` is null without TLS.
std::shared_ptr<grpc::Channel> Connect(const std::vector<std::string>& fields,
                                       const support::Certificate* identity);

// The schema that a message describes, to encode values by.
tf::Schema SchemaOf(const tfplugin6::Schema& message);

}  // namespace protocol
