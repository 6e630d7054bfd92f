// Which identity a Config has: what the kubeconfig's user brings, and what
// replaces it.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/config_resolver.h"

namespace kube {
namespace {

// Of what was read from a file: its last line break is no part of a token.
std::string Trimmed(absl::string_view text) {
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace

// A plugin that cannot run matters only if nothing replaces it.
void Resolver::ApplyExec(const KubeconfigEntry& user) {
  const auto exec = user.fields.find("exec");
  const auto provider = user.fields.find("auth-provider");
  const auto given = [&user](const auto& it) {
    return it != user.fields.end() && !it->is_null();
  };
  if (given(provider)) {
    unusable_user_ = absl::UnimplementedError(absl::StrCat(
        "user \"", user.name,
        "\" of the kubeconfig authenticates by auth-provider, which Kubernetes "
        "clients no longer have. Let the user's exec run a credential plugin "
        "instead (for example gke-gcloud-auth-plugin, kubelogin, aws eks "
        "get-token), or use the exec block of the provider"));
    return;
  }
  if (!given(exec)) return;
  auto parsed = ParseExecConfig(*exec, user.name, user.directory);
  if (parsed.ok()) {
    config_.exec = *std::move(parsed);
  } else {
    unusable_user_ = parsed.status();
  }
}

absl::Status Resolver::ApplyUser(const KubeconfigEntry& user) {
  ApplyExec(user);
  ASSIGN_OR_RETURN(config_.client_certificate_pem,
                   DataOrFile(user, "client-certificate", read_));
  ASSIGN_OR_RETURN(std::string key, DataOrFile(user, "client-key", read_));
  config_.client_key_pem = base::Secret(std::move(key));
  config_.token = base::Secret(Trimmed(Field(user, "token")));
  if (config_.token.empty()) {
    config_.token_file = ResolvePath(user, Field(user, "tokenFile"));
  }
  config_.username = Field(user, "username");
  config_.password = base::Secret(Field(user, "password"));
  // A plugin is for those who have nothing else but, at most, a token.
  if (!config_.username.empty() || !config_.client_certificate_pem.empty()) {
    config_.exec.reset();
  }
  NameCredentials(user);
  ApplyImpersonation(user);
  return absl::OkStatus();
}

void Resolver::NameCredentials(const KubeconfigEntry& user) {
  const std::string of = absl::StrCat(" of user \"", user.name, "\"");
  if (config_.exec.has_value()) {
    config_.credential_source =
        absl::StrCat("exec plugin \"", config_.exec->name(), "\"", of);
  } else if (!config_.token.empty()) {
    config_.credential_source = absl::StrCat("token", of);
  } else if (!config_.username.empty()) {
    config_.credential_source = absl::StrCat("user name and password", of);
  } else if (!config_.token_file.empty()) {
    config_.credential_source =
        absl::StrCat("token file ", config_.token_file, of);
  } else if (!config_.client_certificate_pem.empty()) {
    config_.credential_source = absl::StrCat("client certificate", of);
  }
}

void Resolver::ApplyImpersonation(const KubeconfigEntry& user) {
  config_.impersonate_user = Field(user, "as");
  config_.impersonate_uid = Field(user, "as-uid");
  if (const base::Json* groups = base::Find(user.fields, "/as-groups");
      groups != nullptr && groups->is_array()) {
    for (const base::Json& group : *groups) {
      if (group.is_string()) {
        config_.impersonate_groups.push_back(group.get<std::string>());
      }
    }
  }
  if (const base::Json* extra = base::Find(user.fields, "/as-user-extra");
      extra != nullptr && extra->is_object()) {
    for (const auto& [name, values] : extra->items()) {
      if (!values.is_array()) continue;
      for (const base::Json& value : values) {
        if (value.is_string()) {
          config_.impersonate_extra[name].push_back(value.get<std::string>());
        }
      }
    }
  }
}

bool Resolver::HasIdentity() const {
  return config_.exec.has_value() || !config_.token.empty() ||
         !config_.token_file.empty() || !config_.username.empty() ||
         !config_.client_certificate_pem.empty();
}

void Resolver::DropIdentity() {
  config_.exec.reset();
  config_.token = base::Secret();
  config_.token_file.clear();
  config_.username.clear();
  config_.password = base::Secret();
  config_.client_certificate_pem.clear();
  config_.client_key_pem = base::Secret();
  config_.credential_source.clear();
}

absl::Status Resolver::IdentityFromArguments() {
  const auto set = [](const std::optional<std::string>& argument) {
    return argument.has_value() && !argument->empty();
  };
  const std::string certificate =
      Value(sources_.client_certificate, "client_certificate",
            "KUBE_CLIENT_CERT_DATA");
  const std::string key =
      Value(sources_.client_key, "client_key", "KUBE_CLIENT_KEY_DATA");
  std::string token = Trimmed(Value(sources_.token, "token", "KUBE_TOKEN"));
  std::string username = Value(sources_.username, "username", "KUBE_USER");
  const std::string password =
      Value(sources_.password, "password", "KUBE_PASSWORD");
  // A way to authenticate in the arguments hides others in the environment.
  const bool exec = sources_.exec.has_value();
  if (!set(sources_.username) && !username.empty() &&
      (exec || set(sources_.token))) {
    config_.notes.emplace_back("an argument hides KUBE_USER");
    username.clear();
  }
  if (!set(sources_.token) && !token.empty() && set(sources_.username)) {
    config_.notes.emplace_back("argument username hides KUBE_TOKEN");
    token.clear();
  }
  if (exec && !username.empty()) {
    return absl::InvalidArgumentError(
        "exec and username are two ways to authenticate: remove one");
  }
  if (exec || !token.empty() || !username.empty() || !certificate.empty() ||
      !key.empty()) {
    DropIdentity();
  }
  const auto origin = [&set](const std::optional<std::string>& argument,
                             absl::string_view name, absl::string_view env) {
    return set(argument) ? absl::StrCat("argument ", name) : std::string(env);
  };
  if (!certificate.empty() || !key.empty()) {
    config_.client_certificate_pem = certificate;
    config_.client_key_pem = base::Secret(key);
    config_.credential_source =
        absl::StrCat("client certificate of ",
                     origin(sources_.client_certificate, "client_certificate",
                            "KUBE_CLIENT_CERT_DATA"));
  }
  if (!username.empty()) {
    config_.username = username;
    config_.credential_source =
        absl::StrCat("user name and password of ",
                     origin(sources_.username, "username", "KUBE_USER"));
  }
  if (!token.empty()) {
    config_.token = base::Secret(token);
    config_.credential_source = absl::StrCat(
        "token of ", origin(sources_.token, "token", "KUBE_TOKEN"));
  }
  if (exec) {
    RETURN_IF_ERROR(base::Annotate(CheckExecVersion(sources_.exec->api_version),
                                   "api_version of the exec block"));
    if (sources_.exec->command.empty()) {
      return absl::InvalidArgumentError("command of the exec block is empty");
    }
    config_.exec = sources_.exec;
    config_.credential_source = absl::StrCat(
        "exec plugin \"", config_.exec->name(), "\" of the provider block");
  }
  if (!password.empty()) {
    if (!config_.username.empty()) {
      config_.password = base::Secret(password);
    } else if (set(sources_.password)) {
      return absl::InvalidArgumentError(
          "password is set, but there is no username: set both or none");
    }
  }
  return HasIdentity() ? absl::OkStatus() : unusable_user_;
}

}  // namespace kube
