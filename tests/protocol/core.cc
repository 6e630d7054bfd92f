#include "tests/protocol/core.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace protocol {
namespace {

[[noreturn]] void Exec(const Program& program, char* const* argv,
                       char* const* env, int out, int err) {
  // Whoever it runs as may not get at its path.
  const int file = ::open(argv[0], O_RDONLY | O_CLOEXEC);
  if (program.as_nobody && ::getuid() == 0 && ::setuid(kNobody) != 0) {
    ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::fexecve(file, argv, env);
  ::_exit(127);
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) {
    out.push_back(const_cast<char*>(text.c_str()));
  }
  out.push_back(nullptr);
  return out;
}

std::string ReadAll(int fd) {
  std::string out;
  char buffer[4096];
  ssize_t n = 0;
  while ((n = ::read(fd, buffer, sizeof(buffer))) > 0) {
    out.append(buffer, static_cast<size_t>(n));
  }
  return out;
}

std::vector<tf::Attribute> AttributesOf(
    const google::protobuf::RepeatedPtrField<tfplugin6::Schema::Attribute>&
        messages) {
  using Object = tfplugin6::Schema::Object;
  std::vector<tf::Attribute> out;
  for (const auto& message : messages) {
    tf::Attribute attribute{.name = message.name()};
    if (message.required()) {
      attribute.spec.use = tf::Use::kRequired;
    } else if (message.computed()) {
      attribute.spec.use =
          message.optional() ? tf::Use::kOptionalComputed : tf::Use::kComputed;
    }
    attribute.spec.write_only = message.write_only();
    if (!message.has_nested_type()) {
      attribute.type = cty::Type::FromJson(message.type()).value();
    } else {
      tf::NestedObject nested{
          .attributes = AttributesOf(message.nested_type().attributes())};
      attribute.type = tf::ObjectType(nested.attributes);
      if (message.nested_type().nesting() == Object::LIST) {
        nested.nesting = tf::Nesting::kList;
        attribute.type = cty::Type::List(attribute.type);
      } else if (message.nested_type().nesting() == Object::MAP) {
        nested.nesting = tf::Nesting::kMap;
        attribute.type = cty::Type::Map(attribute.type);
      }
      attribute.nested =
          std::make_shared<const tf::NestedObject>(std::move(nested));
    }
    out.push_back(std::move(attribute));
  }
  return out;
}

}  // namespace

Program TheProvider() {
  const char* other = std::getenv("WANDB_TEST_PROVIDER");
  return {other != nullptr ? other : TFW_PROVIDER_BINARY, TFW_PROVIDER_ADDRESS};
}

Program TheExample() { return {TFW_EXAMPLE_BINARY, "example/example"}; }

Environment CookieOnly() {
  return {{"TF_PLUGIN_MAGIC_COOKIE",
           "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"},
          {"PLUGIN_PROTOCOL_VERSIONS", "5,6"},
          {"PLUGIN_MIN_PORT", "10000"},
          {"PLUGIN_MAX_PORT", "25000"},
          {"HOME", "/nonexistent"}};
}

PluginProcess::PluginProcess(const Program& program,
                             const std::vector<std::string>& arguments,
                             const Environment& environment) {
  std::vector<std::string> texts = {program.path};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  const std::vector<char*> argv = Pointers(texts);
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) {
    variables.push_back(absl::StrCat(name, "=", value));
  }
  const std::vector<char*> env = Pointers(variables);
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) return;
  pid_ = ::fork();
  if (pid_ == 0) Exec(program, argv.data(), env.data(), out[1], err[1]);
  ::close(out[1]);
  ::close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

PluginProcess::~PluginProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(out_);
  ::close(err_);
}

void PluginProcess::Signal(int signal) const { ::kill(pid_, signal); }

std::string PluginProcess::ReadLine() {
  std::string line;
  char c = 0;
  while (::read(out_, &c, 1) == 1) {
    line.push_back(c);
    if (c == '\n') break;
  }
  return line;
}

std::optional<int> PluginProcess::AwaitExit(absl::Duration timeout) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd poll_fd{fd, POLLIN, 0};
  const int ready =
      ::poll(&poll_fd, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  ::close(fd);
  if (ready != 1) return std::nullopt;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string PluginProcess::RestOfStdout() { return ReadAll(out_); }

std::string PluginProcess::Stderr() { return ReadAll(err_); }

absl::Duration CpuTime(pid_t pid) {
  std::ifstream in(absl::StrCat("/proc/", pid, "/stat"));
  const std::string text(std::istreambuf_iterator<char>(in), {});
  // What follows the name, which may have blanks: state, ppid, ...
  const std::vector<std::string> fields =
      absl::StrSplit(text.substr(text.rfind(')') + 2), ' ');
  int64_t user = 0;
  int64_t system = 0;
  EXPECT_TRUE(absl::SimpleAtoi(fields.at(11), &user));
  EXPECT_TRUE(absl::SimpleAtoi(fields.at(12), &system));
  return absl::Seconds(1) * (user + system) / ::sysconf(_SC_CLK_TCK);
}

size_t PeakMemory(pid_t pid) {
  std::ifstream in(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(in, line);) {
    if (absl::StartsWith(line, "VmHWM:")) {
      return std::stoul(line.substr(6)) * 1024;
    }
  }
  ADD_FAILURE() << "no VmHWM of " << pid;
  return 0;
}

std::vector<std::string> FieldsOf(const std::string& line) {
  return absl::StrSplit(absl::StripSuffix(line, "\n"), '|');
}

std::shared_ptr<grpc::Channel> Connect(const std::vector<std::string>& fields,
                                       const support::Certificate* identity) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(INT_MAX);
  // Channels to one address would otherwise share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  std::shared_ptr<grpc::ChannelCredentials> credentials =
      grpc::InsecureChannelCredentials();
  if (fields.size() > 5 && !fields[5].empty()) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = support::PemOfDer(fields[5]);
    if (identity != nullptr) {
      options.pem_private_key = identity->key_pem;
      options.pem_cert_chain = identity->pem;
    }
    credentials = grpc::SslCredentials(options);
    arguments.SetSslTargetNameOverride("localhost");
  }
  std::string address = "unix:";
  for (const unsigned char c : fields.at(3)) {
    absl::StrAppend(&address, "%", absl::Hex(c, absl::kZeroPad2));
  }
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

tf::Schema SchemaOf(const tfplugin6::Schema& message) {
  tf::Schema schema{.version = static_cast<int>(message.version()),
                    .attributes = AttributesOf(message.block().attributes())};
  for (const auto& block : message.block().block_types()) {
    schema.blocks.push_back(
        {.name = block.type_name(),
         .attributes = AttributesOf(block.block().attributes())});
  }
  return schema;
}

}  // namespace protocol
