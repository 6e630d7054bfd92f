#include "kube/in_cluster.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kube {
namespace {

constexpr char kServiceAccount[] =
    "/var/run/secrets/kubernetes.io/serviceaccount";

}  // namespace

std::optional<Config> InClusterConfig(
    const base::EnvironmentLookup& environment, const ReadFile& read) {
  const std::string host = environment("KUBERNETES_SERVICE_HOST").value_or("");
  const std::string port = environment("KUBERNETES_SERVICE_PORT").value_or("");
  const std::string token_file = absl::StrCat(kServiceAccount, "/token");
  if (host.empty() || port.empty() || !read(token_file).ok()) {
    return std::nullopt;
  }
  const bool ipv6 = absl::StrContains(host, ':');
  Config config{
      .server = absl::StrCat("https://", ipv6 ? "[" : "", host, ipv6 ? "]" : "",
                             ":", port),
      .ns = environment("POD_NAMESPACE").value_or(""),
      // A pod without the file has an API server that the system
      // trusts.
      .ca_pem = read(absl::StrCat(kServiceAccount, "/ca.crt")).value_or(""),
      .token_file = token_file,
      .source = "in-cluster service account",
      .credential_source = "the pod's token",
      .origins = {.ca = absl::StrCat(kServiceAccount, "/ca.crt"),
                  .token_file = "the pod's service account"}};
  if (config.ns.empty()) {
    config.ns = std::string(absl::StripAsciiWhitespace(
        read(absl::StrCat(kServiceAccount, "/namespace")).value_or("")));
  }
  return config;
}

}  // namespace kube
