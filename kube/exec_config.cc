#include "kube/exec_config.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "base/redact.h"
#include "base/secret_names.h"
#include "base/status_macros.h"

namespace kube {
namespace {

using base::Json;

// Words that the plugins of the clouds, of Teleport, Vault and OIDC take.
constexpr absl::string_view kPlainArguments[] = {
    "aws",
    "aws-iam-authenticator",
    "az",
    "ce",
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
    "cluster",
    "config-helper",
    "container",
    "convert-kubeconfig",
    "create",
    "credential",
    "credentials",
    "doctl",
    "eks",
    "exec-credential",
    "gcloud",
    "generate-token",
    "get-credentials",
    "get-token",
    "json",
    "kube",
    "kubeconfig",
    "kubelogin",
    "kubernetes",
    "oidc-login",
    "token",
    "tsh"};
// Flags whose values say which cluster it is, and how to log in.
constexpr absl::string_view kPlainFlags[] = {"-i",
                                             "-l",
                                             "-o",
                                             "-r",
                                             "--cluster",
                                             "--cluster-id",
                                             "--cluster-name",
                                             "--environment",
                                             "--format",
                                             "--kube-cluster",
                                             "--login",
                                             "--output",
                                             "--profile",
                                             "--project",
                                             "--proxy",
                                             "--region",
                                             "--role",
                                             "--role-arn",
                                             "--server-id",
                                             "--tenant-id",
                                             "--version",
                                             "--zone"};

bool Contains(absl::Span<const absl::string_view> table,
              absl::string_view word) {
  return std::find(table.begin(), table.end(), word) != table.end();
}

constexpr char kGroup[] = "client.authentication.k8s.io/";

std::string Text(const Json& json, absl::string_view pointer) {
  return base::StringAt(json, pointer).value_or("");
}

// A plugin's stdin is empty: whoever must ask a person cannot run here.
absl::Status CheckMode(const std::string& mode, const std::string& version) {
  if (mode == "Never" || mode == "IfAvailable") return absl::OkStatus();
  if (mode == "Always") {
    return absl::InvalidArgumentError(
        "interactiveMode Always needs a terminal, which this program never "
        "has; "
        "log in with the plugin's own program first, and set IfAvailable or "
        "Never if the plugin then needs no input");
  }
  if (!mode.empty()) {
    return absl::InvalidArgumentError(
        "interactiveMode must be Never, IfAvailable or Always");
  }
  if (absl::EndsWith(version, "/v1beta1")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "interactiveMode is missing, which version v1 requires; set IfAvailable "
      "or Never");
}

absl::Status ReadArgs(const Json& exec, ExecConfig& out) {
  const Json* args = base::Find(exec, "/args");
  if (args == nullptr || args->is_null()) return absl::OkStatus();
  if (!args->is_array()) {
    return absl::InvalidArgumentError("args must be a list of strings");
  }
  for (const Json& arg : *args) {
    if (!arg.is_string()) {
      return absl::InvalidArgumentError("args must be a list of strings");
    }
    out.args.push_back(arg.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status ReadEnv(const Json& exec, ExecConfig& out) {
  const Json* env = base::Find(exec, "/env");
  if (env == nullptr || env->is_null()) return absl::OkStatus();
  const auto bad = absl::InvalidArgumentError(
      "env must be a list of objects with name and value");
  if (!env->is_array()) return bad;
  for (const Json& variable : *env) {
    const std::string name = Text(variable, "/name");
    const Json* value = base::Find(variable, "/value");
    if (name.empty() || absl::StrContains(name, '=')) return bad;
    if (value != nullptr && !value->is_string()) return bad;
    out.env.emplace_back(name, Text(variable, "/value"));
  }
  return absl::OkStatus();
}

absl::Status Read(const Json& exec, const std::string& directory,
                  ExecConfig& out) {
  if (!exec.is_object()) return absl::InvalidArgumentError("not an object");
  out.api_version = Text(exec, "/apiVersion");
  RETURN_IF_ERROR(CheckExecVersion(out.api_version));
  out.command = Text(exec, "/command");
  if (out.command.empty()) {
    return absl::InvalidArgumentError("command is missing");
  }
  if (absl::StrContains(out.command, '/') && out.command[0] != '/') {
    out.command = absl::StrCat(directory, "/", out.command);
  }
  out.install_hint = Text(exec, "/installHint");
  out.provide_cluster_info =
      base::BoolAt(exec, "/provideClusterInfo").value_or(false);
  RETURN_IF_ERROR(CheckMode(Text(exec, "/interactiveMode"), out.api_version));
  RETURN_IF_ERROR(ReadArgs(exec, out));
  return ReadEnv(exec, out);
}

absl::string_view WithoutDashes(absl::string_view flag) {
  while (absl::ConsumePrefix(&flag, "-")) {
  }
  return flag;
}

}  // namespace

std::string ExecConfig::name() const {
  // Somebody may have written arguments there.
  return base::RedactCredentials(command.substr(command.rfind('/') + 1));
}

std::vector<std::string> SecretsOf(const ExecConfig& exec) {
  std::vector<std::string> secrets;
  for (const auto& [name, value] : exec.env) secrets.push_back(value);
  bool plain = false;   // The argument before is a flag with a plain value.
  bool secret = false;  // It is one that looks as if a secret followed.
  for (const std::string& arg : exec.args) {
    const bool expected = std::exchange(plain, false);
    // A secret may begin with a dash.
    const bool flag =
        absl::StartsWith(arg, "-") && !std::exchange(secret, false);
    const size_t equals = flag ? arg.find('=') : std::string::npos;
    if (equals != std::string::npos) {
      if (!Contains(kPlainFlags, arg.substr(0, equals))) {
        secrets.push_back(arg.substr(equals + 1));
      }
    } else if (flag) {
      plain = Contains(kPlainFlags, arg);
      secret = !plain && base::LooksSecret(WithoutDashes(arg));
    } else if (!expected && !Contains(kPlainArguments, arg)) {
      secrets.push_back(arg);
    }
  }
  return secrets;
}

absl::Status CheckExecVersion(const std::string& api_version) {
  if (api_version == absl::StrCat(kGroup, "v1") ||
      api_version == absl::StrCat(kGroup, "v1beta1")) {
    return absl::OkStatus();
  }
  if (api_version == absl::StrCat(kGroup, "v1alpha1")) {
    return absl::InvalidArgumentError(
        absl::StrCat("version ", api_version,
                     " is gone from Kubernetes clients since "
                     "1.24; write ",
                     kGroup,
                     "v1beta1 instead (aws: also update the AWS CLI "
                     "to 2.7 or 1.24 at least)"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      api_version.empty()
          ? "the version is missing"
          : absl::StrCat("version ", api_version, " is not supported"),
      "; write ", kGroup, "v1 or ", kGroup, "v1beta1"));
}

absl::StatusOr<ExecConfig> ParseExecConfig(const Json& exec,
                                           absl::string_view user,
                                           const std::string& directory) {
  ExecConfig out;
  const absl::Status status = Read(exec, directory, out);
  if (status.ok()) return out;
  return base::Annotate(
      status, absl::StrCat("exec of user \"", user, "\" of the kubeconfig"));
}

}  // namespace kube
