#include "resources/connection/advice.h"

#include "absl/strings/str_cat.h"
#include "base/http/transport.h"
#include "kube/status.h"

namespace resources {
namespace {

std::string CertificateAdvice(http::CertificateProblem problem,
                              const kube::Config& config) {
  switch (problem) {
    case http::CertificateProblem::kUntrusted:
      return config.ca_pem.empty()
                 ? "no CA certificate is configured, and the system's "
                   "authorities do not know the signer: set "
                   "cluster_ca_certificate"
                 : "cluster_ca_certificate (or the kubeconfig's "
                   "certificate-authority) must hold the authority that signed "
                   "this server's certificate";
    case http::CertificateProblem::kWrongName:
      return config.tls_server_name.empty()
                 ? "set tls_server_name to a name that the certificate is for, "
                   "or change host"
                 : absl::StrCat("tls_server_name is \"", config.tls_server_name,
                                "\", which the certificate is not for");
    case http::CertificateProblem::kExpired:
    case http::CertificateProblem::kNotYetValid:
      return "have the server's certificate renewed, or set this machine's "
             "clock";
    case http::CertificateProblem::kRevoked:
    case http::CertificateProblem::kOther:
      break;
  }
  return "";
}

}  // namespace

absl::string_view TextOf(kube::ConfigFault fault) {
  switch (fault) {
    case kube::ConfigFault::kCaAndInsecure:
      return "insecure and cluster_ca_certificate exclude each other, and so "
             "do insecure-skip-tls-verify and certificate-authority of a "
             "kubeconfig: remove one";
    case kube::ConfigFault::kTokenAndUsername:
      return "token and username are two ways to authenticate: remove one";
    case kube::ConfigFault::kHalfClientCertificate:
      return "client_certificate and client_key must be given together";
    case kube::ConfigFault::kNobodyToImpersonate:
      return "the kubeconfig's user has as-uid, as-groups or as-user-extra "
             "without as: add the user name to impersonate";
    case kube::ConfigFault::kCaNotPem:
      return "cluster_ca_certificate is not PEM: it has no line \"-----BEGIN "
             "...-----\" (perhaps it lacks base64decode())";
    case kube::ConfigFault::kClientCertificateNotPem:
      return "client_certificate is not PEM: it has no line \"-----BEGIN "
             "...-----\" (perhaps it lacks base64decode())";
    case kube::ConfigFault::kClientKeyNotPem:
      return "client_key is not PEM: it has no line \"-----BEGIN ...-----\" "
             "(perhaps it lacks base64decode())";
    case kube::ConfigFault::kKeyOfAnotherCertificate:
      return "client_key is not the key of client_certificate (client-key and "
             "client-certificate of a kubeconfig): take the pair of one user, "
             "and the authority's certificate for cluster_ca_certificate only";
    case kube::ConfigFault::kTokenNotOneLine:
      return "token has a line break or another control character within: take "
             "the token alone";
  }
  return "";
}

std::string ConnectionAdvice(const absl::Status& status,
                             const kube::Config& config) {
  if (const auto problem = http::CertificateProblemOf(status)) {
    return CertificateAdvice(*problem, config);
  }
  if (http::IsProxyRefusal(status)) {
    return config.proxy_url.empty()
               ? "the proxy is from the environment: correct HTTPS_PROXY, or "
                 "put the host into NO_PROXY"
               : "correct proxy_url";
  }
  if (kube::HttpCode(status) == 407) {
    return "a proxy on the way wants credentials: put user:password@ before "
           "the host in proxy_url";
  }
  return "";
}

}  // namespace resources
