// How to reach one API server and with which identity, and where the provider's
// arguments, the environment, kubeconfig files and the pod say so.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/http/proxy.h"
#include "base/json.h"
#include "base/secret.h"
#include "kube/exec_config.h"

namespace kube {

// Resolved: no file but `token_file` is read after this.
struct Config {        // NOLINT(bugprone-exception-escape): moving JSON
  std::string server;  // "https://host:6443/prefix", no trailing slash.
  std::string ns;      // Namespace of the chosen context; "" if it has none.

  std::string ca_pem;           // PEM; "" for the system's roots.
  bool insecure = false;        // Does not verify the server. Never with a CA.
  std::string tls_server_name;  // "" for the host of `server`.

  std::string client_certificate_pem;
  base::Secret client_key_pem;
  base::Secret token;
  std::string token_file;  // Read again as it rotates; used if no `token`.
  std::string username;    // Basic auth; never together with a token.
  base::Secret password;
  // Goes before all of these but a client certificate of the same source,
  // which excludes it; `token` beside it stands in when it fails.
  std::optional<ExecConfig> exec;
  // What the cluster's entry holds for the plugin; null for nothing.
  base::Json exec_cluster_config;

  // "" for HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment, which
  // never apply to localhost. May hold user info: print through
  // DescribeConfig().
  std::string proxy_url;
  // Only passed on to exec plugins.
  bool disable_compression = false;

  std::string impersonate_user;
  std::string impersonate_uid;
  std::vector<std::string> impersonate_groups;
  std::map<std::string, std::vector<std::string>> impersonate_extra;

  // Where this came from: `context "x" of /home/u/.kube/config`, `argument
  // host`, `in-cluster service account`. For messages; holds no secret.
  std::string source;
  // The same for the identity: `exec plugin "aws" of user "x"`, `argument
  // token`, `client certificate of user "x"`; "" when there is none.
  std::string credential_source;
  // Things worth saying at INFO: an argument that hides an environment
  // variable, for example. Hold no secret.
  std::vector<std::string> notes;
};

// "https://host:6443 (context \"x\" of /p, token of user \"x\", proxy p:3128)":
// endpoint, source, credential source, and by host and port only the proxy, be
// it configured or that of the environment.
std::string DescribeConfig(const Config& config,
                           const http::ProxyEnvironment& environment = {});

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
  std::optional<ExecConfig> exec;
  std::optional<std::string> proxy_url;
  // Also look at KUBECONFIG and ~/.kube/config, after KUBE_CONFIG_PATH(S).
  bool load_kubeconfig = false;

  // Value of an environment variable; null for the process's own.
  std::function<std::optional<std::string>(const std::string&)> environment;
  // Content of a file; kNotFound when it does not exist. Null for the disk.
  std::function<absl::StatusOr<std::string>(const std::string&)> read_file;
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
// lists all that was looked at. kInvalidArgument for contradictions, bad values
// and named files that name none,
// kUnimplemented for kubeconfig users with `auth-provider`, kNotFound for a
// named file, context, cluster or user that does not exist. Never returns
// localhost by default.
absl::StatusOr<Config> ResolveConfig(const ConfigSources& sources);

}  // namespace kube
