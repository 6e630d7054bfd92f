// Where a connection is described: the arguments of the provider block, the
// environment, kubeconfig files and the pod.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/environment.h"
#include "kube/config.h"
#include "kube/kubeconfig.h"

namespace resources {

// What ResolveConfig() looks at. Unset and empty arguments are alike, as in
// the peers. Values must be known.
struct ConfigSources {
  std::optional<std::string> host;  // URL, or host:port (then https).
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::optional<bool> insecure;
  std::optional<std::string> tls_server_name;
  std::optional<std::string> client_certificate;      // PEM.
  std::optional<std::string> client_key;              // PEM.
  std::optional<std::string> cluster_ca_certificate;  // PEM.
  std::optional<std::string> config_path;
  std::optional<std::vector<std::string>> config_paths;
  std::optional<std::string> config_context;
  std::optional<std::string> config_context_auth_info;
  std::optional<std::string> config_context_cluster;
  std::optional<std::string> token;
  // Its api_version and command may be bad; ResolveConfig() says so.
  std::optional<kube::ExecConfig> exec;
  std::optional<std::string> proxy_url;
  // Also look at KUBECONFIG and ~/.kube/config, after KUBE_CONFIG_PATH(S).
  bool load_kubeconfig = false;

  base::EnvironmentLookup environment;  // Null for the process's own.
  // Content of a file; kNotFound when it does not exist. Null for the disk.
  kube::ReadFile read_file;
};

// Order for every single value: argument, environment (KUBE_HOST, KUBE_USER,
// KUBE_PASSWORD, KUBE_INSECURE, KUBE_TLS_SERVER_NAME, KUBE_CLIENT_CERT_DATA,
// KUBE_CLIENT_KEY_DATA, KUBE_CLUSTER_CA_CERT_DATA, KUBE_CONFIG_PATH,
// KUBE_CONFIG_PATHS, KUBE_CTX, KUBE_CTX_AUTH_INFO, KUBE_CTX_CLUSTER,
// KUBE_TOKEN, KUBE_PROXY_URL), kubeconfig. If these name no server: the pod's
// service account. An argument that replaces a kubeconfig's CA or host replaces
// what belongs to it too (CA and insecure, host and tls_server_name).
//
// An identity is never put together from two places: any of exec, token, user
// name and client certificate in arguments or environment replaces all that the
// kubeconfig's user has (but impersonation), and one way to authenticate in the
// arguments hides the others of the environment. Only a password alone fits a
// user name from elsewhere, and a token may stand in for an exec plugin.
//
// kFailedPrecondition when nothing names a server, and that alone; the message
// lists all that was looked at. kInvalidArgument for contradictions, bad
// values, named files that name none, and a named context, cluster or user that
// does not exist; kUnimplemented for kubeconfig users with `auth-provider`,
// kNotFound for a named file that does not exist. Never returns localhost by
// default.
absl::StatusOr<kube::Config> ResolveConfig(const ConfigSources& sources);

}  // namespace resources
