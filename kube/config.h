// How to reach one API server and with which identity. Kubeconfig files and the
// pod say so: kube/kubeconfig_context.h, kube/in_cluster.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/http/proxy.h"
#include "base/json.h"
#include "base/secret.h"
#include "kube/exec_config.h"

namespace kube {

// What parts of a Config are called in the file that they are from:
// `client-key-data of user "x" in /k`; "" for what is from elsewhere. For
// messages; holds no secret.
struct ConfigOrigins {
  std::string ca;
  std::string client_certificate;
  std::string client_key;
  std::string token;
  std::string token_file;
  std::string proxy;
};

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

  // Where this came from: `context "x" of /home/u/.kube/config`, `in-cluster
  // service account`. For messages; holds no secret.
  std::string source;
  // The same for the identity: `exec plugin "aws" of user "x"`, `client
  // certificate of user "x"`; "" when there is none.
  std::string credential_source;
  ConfigOrigins origins;
  // Things worth saying at INFO: that one source hides another, for example.
  // Hold no secret.
  std::vector<std::string> notes;
};

// "https://host:6443 (context \"x\" of /p, token of user \"x\", proxy p:3128)":
// endpoint, source, credential source, and by host and port only the proxy, be
// it configured or that of the environment.
std::string DescribeConfig(const Config& config,
                           const http::ProxyEnvironment& environment = {});

// Whether `config` says who asks; impersonation alone does not.
bool HasIdentity(const Config& config);
// Forgets all that HasIdentity() looks at, and what belongs to it.
void DropIdentity(Config& config);

// `address` as Config::server has it: "host:port" means https. kInvalidArgument
// for another scheme, user info, a query, or no host; without the text.
absl::StatusOr<std::string> ServerUrl(absl::string_view address);

// How a Config can contradict itself. What its parts are called where it came
// from, whoever made it knows.
enum class ConfigFault {
  kCaAndInsecure,
  kTokenAndUsername,
  kHalfClientCertificate,  // A certificate or a key without the other.
  kNobodyToImpersonate,    // A uid, groups or extra without a user.
  kCaNotPem,
  kClientCertificateNotPem,
  kClientKeyNotPem,
  kCaUnreadable,  // PEM, but damaged.
  kClientCertificateUnreadable,
  kClientKeyUnreadable,  // Likewise, or it has a password.
  kKeyOfAnotherCertificate,
  kTokenNotOneLine,
  kImpersonationNotOneLine,
};
// The first that `config` has.
std::optional<ConfigFault> FaultOf(const Config& config);
// The same as kInvalidArgument, in the words of a kubeconfig.
absl::Status CheckConfig(const Config& config);

}  // namespace kube
