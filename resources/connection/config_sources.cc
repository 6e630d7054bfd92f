#include "resources/connection/config_sources.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/http/proxy.h"
#include "base/secret.h"
#include "base/status_macros.h"
#include "kube/in_cluster.h"
#include "kube/kubeconfig_context.h"
#include "resources/connection/advice.h"

namespace resources {
namespace {

using Text = std::optional<std::string>;

bool IsSet(const Text& argument) {
  return argument.has_value() && !argument->empty();
}

// Where a value is from: `argument token`, or else `variable`.
std::string OriginOf(const Text& argument, absl::string_view name,
                     absl::string_view variable) {
  return IsSet(argument) ? absl::StrCat("argument ", name)
                         : std::string(variable);
}

// Resolves one ConfigSources: first what is weakest, a kubeconfig or the pod,
// and over that the arguments and the environment.
class Resolver {
 public:
  explicit Resolver(const ConfigSources& sources)
      : sources_(sources),
        environment_(sources.environment ? sources.environment
                                         : base::EnvironmentVariable),
        read_(sources.read_file ? sources.read_file
                                : [](const std::string& path) {
                                    return base::ReadFile(path);
                                  }) {}

  absl::StatusOr<kube::Config> Resolve();

 private:
  std::string Environment(const std::string& name) const {
    return environment_(name).value_or("");
  }
  // Argument, else environment variable.
  std::string Value(const Text& argument, const char* name,
                    const std::string& variable);
  std::string ExpandHome(const std::string& path) const {
    if (path != "~" && !absl::StartsWith(path, "~/")) return path;
    return Environment("HOME") + path.substr(1);
  }

  absl::StatusOr<std::vector<std::string>> Paths();
  std::vector<std::string> PathsFromEnvironment();
  std::vector<std::string> PathsOfKubectl();
  absl::Status UseKubeconfig();
  void UseHostOrPod();
  absl::Status UseTls();
  absl::Status UseIdentity();
  // The identity that arguments and environment give goes into `config_`.
  absl::Status ReplaceIdentity();
  absl::Status UseExec();
  PartNames NamesOfParts() const;
  // What to do about a part that is not PEM.
  std::string RepairOf(kube::ConfigFault fault) const;
  // The same where the argument `name` or its variable gave `value`.
  std::string RepairOfText(const Text& argument, absl::string_view name,
                           absl::string_view value) const;
  absl::Status CheckProxy() const;

  const ConfigSources& sources_;
  const base::EnvironmentLookup environment_;
  const kube::ReadFile read_;
  kube::Config config_;
  std::vector<std::string> notes_;
  std::vector<std::string> looked_at_;
  std::string paths_from_;   // What names the kubeconfig files.
  bool must_exist_ = false;  // The one kubeconfig file that was named.
  bool named_ = false;       // Some kubeconfig file was.
  // Why the kubeconfig's user is of no use; forgotten if the arguments bring
  // credentials of their own.
  absl::Status unusable_user_;
};

absl::StatusOr<kube::Config> Resolver::Resolve() {
  RETURN_IF_ERROR(UseKubeconfig());
  UseHostOrPod();
  // The argument is closer to the user than the kubeconfig's own proxy.
  std::string proxy = Value(sources_.proxy_url, "proxy_url", "KUBE_PROXY_URL");
  if (!proxy.empty()) {
    config_.proxy_url = std::move(proxy);
    config_.origins.proxy.clear();
  }
  RETURN_IF_ERROR(UseTls());
  RETURN_IF_ERROR(UseIdentity());
  if (config_.server.empty()) {
    const bool nothing = !named_ && config_.source.empty();
    return absl::Status(
        nothing ? absl::StatusCode::kFailedPrecondition
                : absl::StatusCode::kInvalidArgument,
        absl::StrCat(
            "no Kubernetes cluster is configured. Looked at: ",
            absl::StrJoin(looked_at_, "; "),
            ". Set config_path (or KUBE_CONFIG_PATH), or host with "
            "credentials, or load_kubeconfig = true, in the provider \"wandb\" "
            "block"));
  }
  ASSIGN_OR_RETURN(config_.server, kube::ServerUrl(config_.server));
  if (const auto fault = kube::FaultOf(config_)) {
    return absl::InvalidArgumentError(
        TextOf(*fault, NamesOfParts(), RepairOf(*fault)));
  }
  RETURN_IF_ERROR(CheckProxy());
  config_.notes = std::move(notes_);
  return std::move(config_);
}

std::string Resolver::Value(const Text& argument, const char* name,
                            const std::string& variable) {
  std::string set = Environment(variable);
  if (!IsSet(argument)) return set;
  if (!set.empty() && set != *argument) {
    notes_.push_back(absl::StrCat("argument ", name, " hides ", variable));
  }
  return *argument;
}

// The kubeconfig files to read: arguments, then environment, then (if asked)
// the places where kubectl looks.
absl::StatusOr<std::vector<std::string>> Resolver::Paths() {
  std::vector<std::string> paths =
      sources_.config_paths.value_or(std::vector<std::string>());
  const std::string path = sources_.config_path.value_or("");
  if (!path.empty() && !paths.empty()) {
    return absl::InvalidArgumentError(
        "config_path and config_paths exclude each other: remove one");
  }
  paths_from_ = "argument config_paths";
  if (!path.empty()) {
    paths = {path};
    paths_from_ = "argument config_path";
  }
  if (paths.empty()) {
    looked_at_.emplace_back(
        "arguments config_path and config_paths are not set");
    paths = PathsFromEnvironment();
  }
  must_exist_ = paths.size() == 1;
  named_ = !paths.empty();
  if (paths.empty() && sources_.load_kubeconfig) paths = PathsOfKubectl();
  for (std::string& each : paths) each = ExpandHome(each);
  return paths;
}

std::vector<std::string> Resolver::PathsFromEnvironment() {
  paths_from_ = "KUBE_CONFIG_PATH";
  if (std::string path = Environment(paths_from_); !path.empty()) {
    return {std::move(path)};
  }
  looked_at_.emplace_back("KUBE_CONFIG_PATH is not set");
  paths_from_ = "KUBE_CONFIG_PATHS";
  const std::string list = Environment(paths_from_);
  if (list.empty()) looked_at_.emplace_back("KUBE_CONFIG_PATHS is not set");
  return absl::StrSplit(list, ':', absl::SkipEmpty());
}

std::vector<std::string> Resolver::PathsOfKubectl() {
  paths_from_ = "KUBECONFIG";
  const std::string list = Environment(paths_from_);
  if (!list.empty()) return absl::StrSplit(list, ':', absl::SkipEmpty());
  looked_at_.emplace_back("KUBECONFIG is not set");
  paths_from_ = "argument load_kubeconfig";
  return {"~/.kube/config"};
}

absl::Status Resolver::UseKubeconfig() {
  const kube::ContextChoice choice = {
      .context = Value(sources_.config_context, "config_context", "KUBE_CTX"),
      .cluster = Value(sources_.config_context_cluster,
                       "config_context_cluster", "KUBE_CTX_CLUSTER"),
      .user = Value(sources_.config_context_auth_info,
                    "config_context_auth_info", "KUBE_CTX_AUTH_INFO"),
      .context_from =
          OriginOf(sources_.config_context, "config_context", "KUBE_CTX"),
      .cluster_from = OriginOf(sources_.config_context_cluster,
                               "config_context_cluster", "KUBE_CTX_CLUSTER"),
      .user_from = OriginOf(sources_.config_context_auth_info,
                            "config_context_auth_info", "KUBE_CTX_AUTH_INFO")};
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, Paths());
  if (paths.empty()) return absl::OkStatus();
  const auto loaded = kube::LoadKubeconfig(paths, must_exist_, read_);
  if (!loaded.ok()) {
    return absl::Status(
        loaded.status().code(),
        absl::StrCat(loaded.status().message(), " (from ", paths_from_, ")"));
  }
  const kube::Kubeconfig& kubeconfig = *loaded;
  if (kubeconfig.files.empty()) {
    looked_at_.push_back(absl::StrCat(kubeconfig.where, " does not exist"));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::optional<kube::ChosenContext> chosen,
                   kube::ChooseContext(kubeconfig, choice, read_));
  if (!chosen.has_value()) {
    looked_at_.push_back(
        absl::StrCat(kubeconfig.where,
                     " has no current-context, and config_context is not set"));
    return absl::OkStatus();
  }
  config_ = std::move(chosen->config);
  if (config_.server.empty()) {
    looked_at_.push_back(absl::StrCat("cluster \"", chosen->cluster, "\" of ",
                                      kubeconfig.where, " has no server"));
  }
  unusable_user_ = std::move(chosen->user);
  if (absl::IsUnimplemented(unusable_user_)) {
    unusable_user_ = absl::UnimplementedError(absl::StrCat(
        unusable_user_.message(), ", or use the exec block of the provider"));
  }
  return absl::OkStatus();
}

void Resolver::UseHostOrPod() {
  const std::string host = Value(sources_.host, "host", "KUBE_HOST");
  if (!host.empty()) {
    config_.server = host;
    config_.tls_server_name.clear();
    const std::string origin = OriginOf(sources_.host, "host", "KUBE_HOST");
    config_.source = config_.source.empty()
                         ? origin
                         : absl::StrCat(origin, " over ", config_.source);
    return;
  }
  looked_at_.emplace_back("argument host and KUBE_HOST are not set");
  // With a context chosen, the pod's own cluster is not what was meant.
  if (!config_.server.empty() || !config_.source.empty()) return;
  if (auto pod = kube::InClusterConfig(environment_, read_)) {
    config_ = *std::move(pod);
  } else {
    looked_at_.emplace_back("not running in a pod");
  }
}

absl::Status Resolver::UseTls() {
  const std::string ca =
      Value(sources_.cluster_ca_certificate, "cluster_ca_certificate",
            "KUBE_CLUSTER_CA_CERT_DATA");
  std::optional<bool> insecure = sources_.insecure;
  const std::string variable = Environment("KUBE_INSECURE");
  if (!insecure.has_value() && !variable.empty()) {
    bool value = false;
    if (!absl::SimpleAtob(variable, &value)) {
      return absl::InvalidArgumentError("KUBE_INSECURE must be true or false");
    }
    insecure = value;
  }
  // A CA, or not to verify: whichever is given replaces both.
  if (!ca.empty() || insecure.value_or(false)) {
    config_.ca_pem = ca;
    config_.origins.ca.clear();
    config_.insecure = false;
  }
  if (insecure.has_value()) config_.insecure = *insecure;
  std::string name = Value(sources_.tls_server_name, "tls_server_name",
                           "KUBE_TLS_SERVER_NAME");
  if (!name.empty()) config_.tls_server_name = std::move(name);
  return absl::OkStatus();
}

absl::Status Resolver::UseIdentity() {
  RETURN_IF_ERROR(ReplaceIdentity());
  const std::string password =
      Value(sources_.password, "password", "KUBE_PASSWORD");
  if (!password.empty()) {
    if (!config_.username.empty()) {
      config_.password = base::Secret(password);
    } else if (IsSet(sources_.password)) {
      return absl::InvalidArgumentError(
          "password is set, but there is no username: set both or none");
    }
  }
  return kube::HasIdentity(config_) ? absl::OkStatus() : unusable_user_;
}

absl::Status Resolver::ReplaceIdentity() {
  const std::string certificate =
      Value(sources_.client_certificate, "client_certificate",
            "KUBE_CLIENT_CERT_DATA");
  const std::string key =
      Value(sources_.client_key, "client_key", "KUBE_CLIENT_KEY_DATA");
  // The last line break of a file is no part of a token.
  std::string token(
      absl::StripAsciiWhitespace(Value(sources_.token, "token", "KUBE_TOKEN")));
  std::string username = Value(sources_.username, "username", "KUBE_USER");
  // A way to authenticate in the arguments hides others in the environment.
  const bool exec = sources_.exec.has_value();
  if (!IsSet(sources_.username) && !username.empty() &&
      (exec || IsSet(sources_.token))) {
    notes_.emplace_back("an argument hides KUBE_USER");
    username.clear();
  }
  if (!IsSet(sources_.token) && !token.empty() && IsSet(sources_.username)) {
    notes_.emplace_back("argument username hides KUBE_TOKEN");
    token.clear();
  }
  if (exec && !username.empty()) {
    return absl::InvalidArgumentError(
        "exec and username are two ways to authenticate: remove one");
  }
  const bool pair = !certificate.empty() || !key.empty();
  if (exec || !token.empty() || !username.empty() || pair) {
    kube::DropIdentity(config_);
  }
  if (pair) {
    config_.client_certificate_pem = certificate;
    config_.client_key_pem = base::Secret(key);
    config_.credential_source =
        absl::StrCat("client certificate of ",
                     OriginOf(sources_.client_certificate, "client_certificate",
                              "KUBE_CLIENT_CERT_DATA"));
  }
  if (!username.empty()) {
    config_.username = std::move(username);
    config_.credential_source =
        absl::StrCat("user name and password of ",
                     OriginOf(sources_.username, "username", "KUBE_USER"));
  }
  if (!token.empty()) {
    config_.token = base::Secret(std::move(token));
    config_.credential_source = absl::StrCat(
        "token of ", OriginOf(sources_.token, "token", "KUBE_TOKEN"));
  }
  return exec ? UseExec() : absl::OkStatus();
}

absl::Status Resolver::UseExec() {
  RETURN_IF_ERROR(
      base::Annotate(kube::CheckExecVersion(sources_.exec->api_version),
                     "api_version of the exec block"));
  if (sources_.exec->command.empty()) {
    return absl::InvalidArgumentError("command of the exec block is empty");
  }
  config_.exec = sources_.exec;
  config_.credential_source = absl::StrCat(
      "exec plugin \"", config_.exec->name(), "\" of the provider block");
  return absl::OkStatus();
}

PartNames Resolver::NamesOfParts() const {
  const auto name = [](const std::string& origin, const Text& argument,
                       absl::string_view attribute,
                       absl::string_view variable) {
    if (!origin.empty()) return origin;
    return std::string(IsSet(argument) ? attribute : variable);
  };
  const kube::ConfigOrigins& origins = config_.origins;
  return {.ca = name(origins.ca, sources_.cluster_ca_certificate,
                     "cluster_ca_certificate", "KUBE_CLUSTER_CA_CERT_DATA"),
          .client_certificate =
              name(origins.client_certificate, sources_.client_certificate,
                   "client_certificate", "KUBE_CLIENT_CERT_DATA"),
          .client_key = name(origins.client_key, sources_.client_key,
                             "client_key", "KUBE_CLIENT_KEY_DATA"),
          .token = name(origins.token, sources_.token, "token", "KUBE_TOKEN")};
}

std::string Resolver::RepairOf(kube::ConfigFault fault) const {
  const kube::ConfigOrigins& origins = config_.origins;
  const auto repair = [this](const std::string& origin, const Text& argument,
                             absl::string_view name, absl::string_view value) {
    return origin.empty() ? RepairOfText(argument, name, value)
                          : ". Correct it there, or write the file anew";
  };
  switch (fault) {
    case kube::ConfigFault::kCaNotPem:
      return repair(origins.ca, sources_.cluster_ca_certificate,
                    "cluster_ca_certificate", config_.ca_pem);
    case kube::ConfigFault::kClientCertificateNotPem:
      return repair(origins.client_certificate, sources_.client_certificate,
                    "client_certificate", config_.client_certificate_pem);
    case kube::ConfigFault::kClientKeyNotPem:
      return repair(origins.client_key, sources_.client_key, "client_key",
                    config_.client_key_pem.Reveal());
    default:
      return "";
  }
}

std::string Resolver::RepairOfText(const Text& argument, absl::string_view name,
                                   absl::string_view value) const {
  const std::string text(value);
  const bool is_path = LooksLikePath(value) || read_(ExpandHome(text)).ok();
  if (!is_path) {
    return IsSet(argument) ? " (perhaps it lacks base64decode())"
                           : " (perhaps it is base64 of it)";
  }
  return absl::StrCat(
      ". It looks like the path of a file: give what the file holds",
      IsSet(argument) ? absl::StrCat(", as in ", name, " = file(\"...\")")
                      : "");
}

absl::Status Resolver::CheckProxy() const {
  if (config_.proxy_url.empty()) {
    // The message names the variable.
    return http::ProxyFor(config_.server,
                          http::ReadProxyEnvironment(environment_))
        .status();
  }
  const std::string& origin = config_.origins.proxy;
  return base::Annotate(http::NormalizeProxy(config_.proxy_url).status(),
                        origin.empty() ? OriginOf(sources_.proxy_url,
                                                  "proxy_url", "KUBE_PROXY_URL")
                                       : origin);
}

}  // namespace

absl::StatusOr<kube::Config> ResolveConfig(const ConfigSources& sources) {
  return Resolver(sources).Resolve();
}

}  // namespace resources
