#include "kube/config.h"

#include <initializer_list>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/environment.h"
#include "base/file.h"
#include "base/http/client_key.h"
#include "base/printable.h"
#include "base/status_macros.h"
#include "kube/config_resolver.h"

namespace kube {
namespace {

constexpr char kServiceAccount[] =
    "/var/run/secrets/kubernetes.io/serviceaccount";

// A member of another kind would be passed over, and the request go out without
// what the user meant.
absl::Status CheckKinds(const KubeconfigEntry& entry, absl::string_view kind,
                        std::initializer_list<const char*> texts,
                        std::initializer_list<const char*> flags) {
  const auto wrong = [&](const char* name, absl::string_view wanted) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " of ", kind, " \"", entry.name,
                     "\" in the kubeconfig must be ", wanted));
  };
  for (const char* name : texts) {
    const base::Json* value = base::Find(entry.fields, absl::StrCat("/", name));
    if (value != nullptr && !value->is_null() && !value->is_string()) {
      return wrong(name, "a string (quote it)");
    }
  }
  for (const char* name : flags) {
    const base::Json* value = base::Find(entry.fields, absl::StrCat("/", name));
    if (value != nullptr && !value->is_null() && !value->is_boolean()) {
      return wrong(name, "true or false");
    }
  }
  return absl::OkStatus();
}

// The entry `name`; the error lists those that exist.
absl::StatusOr<KubeconfigEntry> Choose(
    const std::vector<KubeconfigEntry>& entries, absl::string_view kind,
    const std::string& name, absl::string_view where) {
  const KubeconfigEntry* found = FindEntry(entries, name);
  if (found != nullptr) return *found;
  const std::string names = absl::StrJoin(
      entries, ", ", [](std::string* out, const KubeconfigEntry& entry) {
        absl::StrAppend(out, "\"", entry.name, "\"");
      });
  return absl::NotFoundError(absl::StrCat(
      kind, " \"", name, "\" does not exist in ", where, ", which has ",
      names.empty() ? absl::StrCat("no ", kind, "s") : names));
}

absl::Status CheckPem(const std::string& pem, absl::string_view what) {
  if (pem.empty() || absl::StrContains(pem, "-----BEGIN ")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      what,
      " is not PEM: it has no line \"-----BEGIN ...-----\" (perhaps it "
      "lacks base64decode())"));
}

// "host:port" means https, and a path prefix has no slash at its end.
absl::Status NormaliseServer(std::string& server) {
  if (!absl::StrContains(server, "://")) {
    server = absl::StrCat("https://", server);
  }
  while (absl::EndsWith(server, "/")) server.pop_back();
  const absl::string_view rest =
      absl::string_view(server).substr(server.find("://") + 3);
  const bool known = absl::StartsWith(server, "https://") ||
                     absl::StartsWith(server, "http://");
  // The text itself stays out of the message: it may hold a password.
  if (!known || rest.empty() || rest[0] == '/' ||
      rest.find_first_of("@?# ") != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "the server's address must be https://host[:port][/prefix], or http, "
        "without user name and query");
  }
  return absl::OkStatus();
}

}  // namespace

Resolver::Resolver(const ConfigSources& sources)
    : sources_(sources),
      environment_(sources.environment ? sources.environment
                                       : base::EnvironmentVariable),
      read_(sources.read_file ? sources.read_file
                              : [](const std::string& path) {
                                  return base::ReadFile(path);
                                }) {}

absl::StatusOr<Config> Resolver::Resolve() {
  RETURN_IF_ERROR(FromKubeconfig());
  RETURN_IF_ERROR(FromArguments());
  // With a context chosen, the pod's own cluster is not what was meant.
  if (config_.server.empty() && config_.source.empty()) {
    RETURN_IF_ERROR(FromCluster());
  }
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
  RETURN_IF_ERROR(NormaliseServer(config_.server));
  RETURN_IF_ERROR(Check());
  return std::move(config_);
}

std::string Resolver::Value(const std::optional<std::string>& argument,
                            const char* argument_name,
                            const std::string& variable) {
  std::string set = Environment(variable);
  if (argument.has_value() && !argument->empty()) {
    if (!set.empty() && set != *argument) {
      config_.notes.push_back(
          absl::StrCat("argument ", argument_name, " hides ", variable));
    }
    return *argument;
  }
  return set;
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
  if (!path.empty()) paths = {path};
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
  if (std::string path = Environment("KUBE_CONFIG_PATH"); !path.empty()) {
    return {std::move(path)};
  }
  looked_at_.emplace_back("KUBE_CONFIG_PATH is not set");
  const std::string list = Environment("KUBE_CONFIG_PATHS");
  if (list.empty()) looked_at_.emplace_back("KUBE_CONFIG_PATHS is not set");
  return absl::StrSplit(list, ':', absl::SkipEmpty());
}

std::vector<std::string> Resolver::PathsOfKubectl() {
  const std::string list = Environment("KUBECONFIG");
  if (!list.empty()) return absl::StrSplit(list, ':', absl::SkipEmpty());
  looked_at_.emplace_back("KUBECONFIG is not set");
  return {"~/.kube/config"};
}

absl::Status Resolver::FromKubeconfig() {
  const std::string context_name =
      Value(sources_.config_context, "config_context", "KUBE_CTX");
  const std::string user_name =
      Value(sources_.config_context_auth_info, "config_context_auth_info",
            "KUBE_CTX_AUTH_INFO");
  const std::string cluster_name =
      Value(sources_.config_context_cluster, "config_context_cluster",
            "KUBE_CTX_CLUSTER");
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, Paths());
  if (paths.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Kubeconfig kubeconfig,
                   LoadKubeconfig(paths, must_exist_, read_));
  const std::string where = absl::StrJoin(paths, ":");
  if (kubeconfig.files.empty()) {
    looked_at_.push_back(absl::StrCat(where, " does not exist"));
    return absl::OkStatus();
  }
  const std::string wanted =
      context_name.empty() ? kubeconfig.current_context : context_name;
  if (wanted.empty() && cluster_name.empty()) {
    looked_at_.push_back(absl::StrCat(
        where, " has no current-context, and config_context is not set"));
    return absl::OkStatus();
  }
  KubeconfigEntry context;
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(context,
                     Choose(kubeconfig.contexts, "context", wanted, where));
    RETURN_IF_ERROR(
        CheckKinds(context, "context", {"cluster", "user", "namespace"}, {}));
  }
  config_.source = wanted.empty()
                       ? where
                       : absl::StrCat("context \"", wanted, "\" of ", where);
  config_.ns = Field(context, "namespace");
  const std::string cluster =
      cluster_name.empty() ? Field(context, "cluster") : cluster_name;
  const std::string user =
      user_name.empty() ? Field(context, "user") : user_name;
  return UseEntries(kubeconfig, cluster, user, where);
}

absl::Status Resolver::UseEntries(const Kubeconfig& kubeconfig,
                                  const std::string& cluster,
                                  const std::string& user,
                                  const std::string& where) {
  ASSIGN_OR_RETURN(const KubeconfigEntry cluster_entry,
                   Choose(kubeconfig.clusters, "cluster", cluster, where));
  RETURN_IF_ERROR(
      CheckKinds(cluster_entry, "cluster",
                 {"server", "tls-server-name", "proxy-url",
                  "certificate-authority", "certificate-authority-data"},
                 {"insecure-skip-tls-verify", "disable-compression"}));
  RETURN_IF_ERROR(ApplyCluster(cluster_entry));
  if (config_.server.empty()) {
    looked_at_.push_back(
        absl::StrCat("cluster \"", cluster, "\" of ", where, " has no server"));
  }
  if (user.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const KubeconfigEntry user_entry,
                   Choose(kubeconfig.users, "user", user, where));
  RETURN_IF_ERROR(CheckKinds(user_entry, "user",
                             {"token", "tokenFile", "username", "password",
                              "client-certificate", "client-certificate-data",
                              "client-key", "client-key-data", "as", "as-uid"},
                             {}));
  return ApplyUser(user_entry);
}

absl::Status Resolver::ApplyCluster(const KubeconfigEntry& cluster) {
  config_.server = Field(cluster, "server");
  config_.insecure = Flag(cluster, "insecure-skip-tls-verify");
  config_.tls_server_name = Field(cluster, "tls-server-name");
  config_.proxy_url = Field(cluster, "proxy-url");
  config_.disable_compression = Flag(cluster, "disable-compression");
  config_.exec_cluster_config =
      FindExtension(cluster, "client.authentication.k8s.io/exec");
  ASSIGN_OR_RETURN(config_.ca_pem,
                   DataOrFile(cluster, "certificate-authority", read_));
  return absl::OkStatus();
}

absl::Status Resolver::FromArguments() {
  const std::string host = Value(sources_.host, "host", "KUBE_HOST");
  if (!host.empty()) {
    config_.server = host;
    config_.tls_server_name.clear();
    config_.source = config_.source.empty()
                         ? "argument host"
                         : absl::StrCat("argument host over ", config_.source);
  } else {
    looked_at_.emplace_back("argument host and KUBE_HOST are not set");
  }
  // The argument is closer to the user than the kubeconfig's own proxy.
  const std::string proxy =
      Value(sources_.proxy_url, "proxy_url", "KUBE_PROXY_URL");
  if (!proxy.empty()) config_.proxy_url = proxy;
  RETURN_IF_ERROR(TlsFromArguments());
  return IdentityFromArguments();
}

absl::Status Resolver::TlsFromArguments() {
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
    config_.insecure = false;
  }
  if (insecure.has_value()) config_.insecure = *insecure;
  const std::string name = Value(sources_.tls_server_name, "tls_server_name",
                                 "KUBE_TLS_SERVER_NAME");
  if (!name.empty()) config_.tls_server_name = name;
  return absl::OkStatus();
}

absl::Status Resolver::FromCluster() {
  const std::string host = Environment("KUBERNETES_SERVICE_HOST");
  const std::string port = Environment("KUBERNETES_SERVICE_PORT");
  const std::string token_file = absl::StrCat(kServiceAccount, "/token");
  if (host.empty() || port.empty() || !read_(token_file).ok()) {
    looked_at_.emplace_back("not running in a pod");
    return absl::OkStatus();
  }
  const bool ipv6 = absl::StrContains(host, ':');
  config_.server = absl::StrCat("https://", ipv6 ? "[" : "", host,
                                ipv6 ? "]" : "", ":", port);
  config_.source = "in-cluster service account";
  if (!HasIdentity()) {
    config_.token_file = token_file;
    config_.credential_source = "the pod's token";
  }
  // A pod without the file has an API server that the system trusts.
  if (config_.ca_pem.empty() && !config_.insecure) {
    config_.ca_pem =
        read_(absl::StrCat(kServiceAccount, "/ca.crt")).value_or("");
  }
  config_.ns = Environment("POD_NAMESPACE");
  if (config_.ns.empty()) {
    config_.ns = std::string(absl::StripAsciiWhitespace(
        read_(absl::StrCat(kServiceAccount, "/namespace")).value_or("")));
  }
  return absl::OkStatus();
}

absl::Status Resolver::Check() const {
  if (config_.insecure && !config_.ca_pem.empty()) {
    return absl::InvalidArgumentError(
        "insecure and cluster_ca_certificate exclude each other, and so do "
        "insecure-skip-tls-verify and certificate-authority of a kubeconfig: "
        "remove one");
  }
  const bool token = !config_.token.empty() || !config_.token_file.empty();
  if (token && !config_.username.empty()) {
    return absl::InvalidArgumentError(
        "token and username are two ways to authenticate: remove one");
  }
  if (config_.client_certificate_pem.empty() !=
      config_.client_key_pem.empty()) {
    return absl::InvalidArgumentError(
        "client_certificate and client_key must be given together");
  }
  if (config_.impersonate_user.empty() &&
      (!config_.impersonate_uid.empty() ||
       !config_.impersonate_groups.empty() ||
       !config_.impersonate_extra.empty())) {
    return absl::InvalidArgumentError(
        "the kubeconfig's user has as-uid, as-groups or as-user-extra without "
        "as: add the user name to impersonate");
  }
  RETURN_IF_ERROR(CheckPem(config_.ca_pem, "cluster_ca_certificate"));
  RETURN_IF_ERROR(
      CheckPem(config_.client_certificate_pem, "client_certificate"));
  RETURN_IF_ERROR(CheckPem(config_.client_key_pem.Reveal(), "client_key"));
  if (!http::KeyFitsCertificate(config_.client_certificate_pem,
                                config_.client_key_pem)) {
    return absl::InvalidArgumentError(
        "client_key is not the key of client_certificate (client-key and "
        "client-certificate of a kubeconfig): take the pair of one user, and "
        "the authority's certificate for cluster_ca_certificate only");
  }
  if (base::HasControl(config_.token.Reveal())) {
    return absl::InvalidArgumentError(
        "token has a line break or another control character within: take the "
        "token alone");
  }
  return absl::OkStatus();
}

absl::StatusOr<Config> ResolveConfig(const ConfigSources& sources) {
  return Resolver(sources).Resolve();
}

}  // namespace kube
