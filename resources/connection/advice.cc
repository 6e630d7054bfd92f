#include "resources/connection/advice.h"

#include "absl/strings/match.h"
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

std::string NotPem(absl::string_view name, absl::string_view repair) {
  return absl::StrCat(
      name, " is not PEM: it has no line \"-----BEGIN ...-----\"", repair);
}

std::string Unreadable(absl::string_view name, absl::string_view what) {
  return absl::StrCat(name, " holds no ", what,
                      " that can be read: its PEM is cut off or damaged. Copy "
                      "it again, whole");
}

}  // namespace

std::string TextOf(kube::ConfigFault fault, const PartNames& names,
                   absl::string_view repair) {
  using kube::ConfigFault;
  switch (fault) {
    case ConfigFault::kCaAndInsecure:
      return "insecure and cluster_ca_certificate exclude each other, and so "
             "do insecure-skip-tls-verify and certificate-authority of a "
             "kubeconfig: remove one";
    case ConfigFault::kTokenAndUsername:
      return "token and username are two ways to authenticate: remove one";
    case ConfigFault::kHalfClientCertificate:
      return "client_certificate and client_key (client-certificate and "
             "client-key of a kubeconfig) must be given together";
    case ConfigFault::kNobodyToImpersonate:
      return "the kubeconfig's user has as-uid, as-groups or as-user-extra "
             "without as: add the user name to impersonate";
    case ConfigFault::kCaNotPem:
      return NotPem(names.ca, repair);
    case ConfigFault::kClientCertificateNotPem:
      return NotPem(names.client_certificate, repair);
    case ConfigFault::kClientKeyNotPem:
      return NotPem(names.client_key, repair);
    case ConfigFault::kCaUnreadable:
      return Unreadable(names.ca, "certificate");
    case ConfigFault::kClientCertificateUnreadable:
      return Unreadable(names.client_certificate, "certificate");
    case ConfigFault::kClientKeyUnreadable:
      return absl::StrCat(Unreadable(names.client_key, "key"),
                          ". One with a password is of no use here");
    case ConfigFault::kKeyOfAnotherCertificate:
      return absl::StrCat(
          names.client_key, " is not the key of ", names.client_certificate,
          ": take the pair of one user, and the authority's certificate for "
          "cluster_ca_certificate (certificate-authority of a kubeconfig) "
          "only");
    case ConfigFault::kTokenNotOneLine:
      return absl::StrCat(
          names.token,
          " has a line break or another control character within: take the "
          "token alone");
    case ConfigFault::kImpersonationNotOneLine:
      return "the kubeconfig's user has a line break or another control "
             "character in as, as-uid, as-groups or as-user-extra: remove it";
  }
  return "";
}

bool LooksLikePath(absl::string_view text) {
  // No PEM and no base64 of it is that short, and both have no such ends.
  constexpr size_t kMaxPath = 1024;
  if (text.size() > kMaxPath || text.find('\n') != text.npos) return false;
  for (const char* start : {"/", "./", "../", "~/"}) {
    if (absl::StartsWith(text, start)) return true;
  }
  for (const char* end : {".pem", ".crt", ".cer", ".cert", ".key"}) {
    if (absl::EndsWithIgnoreCase(text, end)) return true;
  }
  return false;
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
               : absl::StrCat("correct ", config.origins.proxy.empty()
                                              ? "proxy_url"
                                              : config.origins.proxy);
  }
  if (kube::HttpCode(status) == 407) {
    return "a proxy on the way wants credentials: put user:password@ before "
           "the host in proxy_url";
  }
  return "";
}

}  // namespace resources
