#include "provider/plugin/handshake.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/json.h"
#include "base/subprocess.h"

namespace plugin {
namespace {

constexpr char kCookieName[] = "TF_PLUGIN_MAGIC_COOKIE";
constexpr char kCookieValue[] =
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
constexpr int kProtocolVersion = 6;

}  // namespace

absl::StatusOr<ClientDemands> ReadDemands(const Environment& environment) {
  if (environment(kCookieName) != kCookieValue) {
    return absl::FailedPreconditionError("started by hand");
  }
  return ClientDemands{
      .client_certificate = environment("PLUGIN_CLIENT_CERT"),
      .socket_directory = environment("PLUGIN_UNIX_SOCKET_DIR"),
      .multiplex = !environment("PLUGIN_MULTIPLEX_GRPC").empty()};
}

std::string HandshakeLine(const ClientDemands& demands,
                          absl::string_view socket_path,
                          absl::string_view certificate_der) {
  // The client decodes the certificate without padding and refuses any other.
  const std::string encoded = absl::Base64Escape(certificate_der);
  absl::string_view certificate = encoded;
  while (absl::ConsumeSuffix(&certificate, "=")) {
  }
  return absl::StrCat("1|", kProtocolVersion, "|unix|", socket_path, "|grpc|",
                      certificate, demands.multiplex ? "|false" : "", "\n");
}

std::map<std::string, std::string> ChildEnvironment() {
  return base::InheritedEnvironment(
      {.names = {kCookieName}, .prefixes = {"PLUGIN_"}});
}

std::string ReattachConfig(absl::string_view address, int pid,
                           absl::string_view socket_path) {
  const base::Json server = {
      {"Protocol", "grpc"},
      {"ProtocolVersion", kProtocolVersion},
      {"Pid", pid},
      {"Test", true},
      {"Addr", {{"Network", "unix"}, {"String", std::string(socket_path)}}}};
  base::Json config;
  for (const char* host :
       {"registry.terraform.io/", "registry.opentofu.org/"}) {
    config[absl::StrCat(host, address)] = server;
  }
  return base::DumpJson(config);
}

}  // namespace plugin
