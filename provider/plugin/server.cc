#include "provider/plugin/server.h"

#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/environment.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "provider/plugin/handshake.h"
#include "provider/plugin/plugin_services.h"
#include "provider/plugin/services/provider_service.h"
#include "provider/plugin/socket_folder.h"
#include "provider/plugin/tls.h"
#include "provider/tf/provider_faults.h"

namespace plugin {
namespace {

// A state with many instances makes large messages; Go's servers allow as much.
constexpr int kMaxMessageBytes = 256 << 20;
// A client waits two seconds for our end.
constexpr absl::Duration kShutdownGrace = absl::Milliseconds(500);
// Nothing may keep the process alive longer than that.
constexpr unsigned kLongestEndSeconds = 3;
// How often to look whether the client lives.
constexpr absl::Duration kClientCheck = absl::Seconds(1);

struct Credentials {
  std::shared_ptr<grpc::ServerCredentials> server;
  std::string certificate_der;
};

// AutoMTLS: the one certificate that may connect is the client's.
absl::StatusOr<Credentials> MakeCredentials(const std::string& client_pem) {
  if (client_pem.empty()) return Credentials{grpc::InsecureServerCredentials()};
  ASSIGN_OR_RETURN(const ServerIdentity identity, MakeServerIdentity());
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = client_pem;
  options.pem_key_cert_pairs = {{identity.key_pem, identity.certificate_pem}};
  return Credentials{grpc::SslServerCredentials(options),
                     identity.certificate_der};
}

// False when nobody reads it any more.
bool WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n <= 0) return false;
    text.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

// stdout belongs to the handshake: whatever is printed later must not reach the
// client.
void SealStdout() {
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null >= 0) {
    ::dup2(null, STDOUT_FILENO);
    ::close(null);
  }
}

void ExplainItself(const Program& program) {
  std::cerr << program.name() << " " << program.version
            << " is a plugin: Terraform and OpenTofu start it themselves.\n"
               "Put it into a required_providers block (README.md shows how) "
               "and run \"tofu init\" or \"terraform init\".\n"
               "To attach a debugger run it with -debug.\n";
}

// Turns signals into calls on a thread of its own. Make it before any other
// thread: they inherit that the signals are blocked.
class SignalWaiter {
 public:
  // A SIGHUP that the process was told to ignore (nohup) stays ignored.
  SignalWaiter(std::initializer_list<int> signals,
               std::function<void()> on_signal) {
    sigemptyset(&signals_);
    for (const int signal : signals) {
      struct sigaction action = {};
      ::sigaction(signal, nullptr, &action);
      const bool ignored = action.sa_handler == SIG_IGN;
      if (signal != SIGHUP || !ignored) sigaddset(&signals_, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread([this, on_signal = std::move(on_signal)] {
      int signal = 0;
      sigwait(&signals_, &signal);
      on_signal();
    });
  }
  SignalWaiter(const SignalWaiter&) = delete;
  SignalWaiter& operator=(const SignalWaiter&) = delete;
  ~SignalWaiter() {
    // Wakes it if need be: blocked there, the signal ends nothing.
    // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread)
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }

 private:
  sigset_t signals_;
  std::thread thread_;
};

class Server {
 public:
  // `name` is for its socket's folder.
  Server(std::string name, tf::Provider& provider)
      : name_(std::move(name)),
        provider_service_(NewProviderService(provider, stop_)),
        controller_(NewControllerService([this] { End(); })),
        stdio_(NewStdioService()),
        broker_(NewBrokerService()) {}

  absl::Status Start(const ClientDemands& demands) {
    ASSIGN_OR_RETURN(
        SocketFolder folder,
        SocketFolder::Make(name_, {demands.socket_directory,
                                   base::EnvironmentVariableOrEmpty("TMPDIR"),
                                   "/tmp", "/var/tmp", "/dev/shm"}));
    folder_.emplace(std::move(folder));
    ASSIGN_OR_RETURN(const Credentials credentials,
                     MakeCredentials(demands.client_certificate));
    certificate_der_ = credentials.certificate_der;
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(GrpcAddress(socket_path()), credentials.server);
    builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
    builder.SetMaxSendMessageSize(kMaxMessageBytes);
    for (grpc::Service* service :
         {static_cast<grpc::Service*>(provider_service_.get()),
          controller_.get(), stdio_.get(), broker_.get()}) {
      builder.RegisterService(service);
    }
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", socket_path()));
    }
    server_->GetHealthCheckService()->SetServingStatus("plugin", true);
    return absl::OkStatus();
  }

  std::string socket_path() const { return folder_->socket_path(); }
  const std::string& certificate_der() const { return certificate_der_; }

  // From any thread; the answer to the RPC that asked for it still goes out.
  void End() {
    if (!ending_.exchange(true)) end_.Notify();
  }

  // Until End(), or until `goes_on`, which is asked time and again, is false:
  // then ends running calls and the open streams.
  void Run(const std::function<bool()>& goes_on) {
    while (!end_.WaitForNotificationWithTimeout(kClientCheck) && goes_on()) {
    }
    // A call that does not look at the stop is cut off: SIGALRM ends us.
    ::alarm(kLongestEndSeconds);
    stop_.Stop();
    server_->Shutdown(std::chrono::system_clock::now() +
                      absl::ToChronoMilliseconds(kShutdownGrace));
  }

 private:
  const std::string name_;
  base::StopSource stop_;
  std::unique_ptr<tfplugin6::Provider::Service> provider_service_;
  std::unique_ptr<grpc::Service> controller_, stdio_, broker_;
  std::optional<SocketFolder> folder_;
  std::string certificate_der_;
  std::unique_ptr<grpc::Server> server_;
  std::atomic<bool> ending_ = false;
  absl::Notification end_;
};

int ServeDebug(const Program& program, Server& server) {
  const SignalWaiter waiter({SIGINT, SIGTERM, SIGHUP},
                            [&server] { server.End(); });
  if (const absl::Status status = server.Start({}); !status.ok()) {
    std::cerr << program.name() << ": " << status.message() << "\n";
    return 1;
  }
  WriteAll(STDOUT_FILENO,
           absl::StrCat("Serving. Start Terraform or OpenTofu with:\n\n"
                        "TF_REATTACH_PROVIDERS='",
                        ReattachConfig(program.address, ::getpid(),
                                       server.socket_path()),
                        "'\n\nCtrl-C ends it.\n"));
  server.Run([] { return true; });
  return 0;
}

int ServeClient(const Program& program, Server& server) {
  const auto demands = ReadDemands(base::EnvironmentVariableOrEmpty);
  if (!demands.ok()) {
    ExplainItself(program);
    return 1;
  }
  // A client that is killed, or ended by a second Ctrl-C, tells us nothing; but
  // we get another parent.
  const pid_t client = ::getppid();
  // Ctrl-C reaches the whole process group, but ending is the client's word.
  std::signal(SIGINT, SIG_IGN);
  const SignalWaiter waiter({SIGTERM}, [&server] { server.End(); });
  if (const absl::Status status = server.Start(*demands); !status.ok()) {
    std::cerr << program.name() << ": " << status.message() << "\n";
    return 1;
  }
  if (!WriteAll(STDOUT_FILENO, HandshakeLine(*demands, server.socket_path(),
                                             server.certificate_der()))) {
    return 1;  // It is gone already.
  }
  SealStdout();
  base::Log(base::LogLevel::kDebug, "serving", {{"version", program.version}});
  server.Run([client] { return ::getppid() == client; });
  return 0;
}

int Serve(const Program& program, bool debug, tf::Provider& provider) {
  std::signal(SIGPIPE, SIG_IGN);
#ifndef NDEBUG
  // Core would say it, too, but one fault at a time and without saying where.
  const std::vector<std::string> faults = tf::ProviderFaults(provider);
  for (const std::string& fault : faults) {
    std::cerr << program.name() << ": invalid schema: " << fault << "\n";
  }
  if (!faults.empty()) return 1;
#endif
  Server server(program.type(), provider);
  return debug ? ServeDebug(program, server) : ServeClient(program, server);
}

}  // namespace

std::string Program::type() const {
  return address.substr(address.rfind('/') + 1);
}

std::string Program::name() const {
  return absl::StrCat("terraform-provider-", type());
}

int Main(const Program& program, const std::vector<std::string>& arguments,
         const std::function<std::unique_ptr<tf::Provider>()>& make) {
  bool debug = false;
  for (const std::string& argument : arguments) {
    if (argument == "--version" || argument == "-version") {
      std::cout << program.name() << " " << program.version << "\n";
      return 0;
    }
    if (argument != "-debug" && argument != "--debug") {
      std::cerr << program.name() << ": unknown argument " << argument
                << "\nusage: " << program.name() << " [-debug | -version"
                << (program.commands.empty() ? "" : " | ") << program.commands
                << "]\n";
      return 2;
    }
    debug = true;
  }
  base::SetLogName(program.type());
  return Serve(program, debug, *make());
}

}  // namespace plugin
