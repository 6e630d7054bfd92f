#include "kube/kubeconfig_context.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/edit_distance.h"
#include "base/status_macros.h"

namespace kube {
namespace {

using base::Json;

// A member of the entry's fields; "" or false when it is absent or of another
// kind.
std::string Field(const KubeconfigEntry& entry, const std::string& name) {
  return base::StringAt(entry.fields, absl::StrCat("/", name)).value_or("");
}

bool Flag(const KubeconfigEntry& entry, const std::string& name) {
  return base::BoolAt(entry.fields, absl::StrCat("/", name)).value_or(false);
}

// What the extension `name` of `entry` holds; null when it has none.
Json FindExtension(const KubeconfigEntry& entry, const std::string& name) {
  for (const Json& extension : base::ListAt(entry.fields, "/extensions")) {
    if (base::StringAt(extension, "/name") != name) continue;
    const Json* content = base::Find(extension, "/extension");
    return content == nullptr ? Json() : *content;
  }
  return nullptr;
}

// `path` against the entry's directory.
std::string ResolvePath(const KubeconfigEntry& entry, const std::string& path) {
  if (path.empty() || path[0] == '/') return path;
  return absl::StrCat(entry.directory, "/", path);
}

// `client-key of user "x" in /k`
std::string OriginOf(const KubeconfigEntry& entry, absl::string_view kind,
                     absl::string_view field) {
  return absl::StrCat(field, " of ", kind, " \"", entry.name, "\" in ",
                      entry.file);
}

// The content of `<field>-data` (base64) or of the file that `field` names; ""
// when there is neither. Which of the two it is goes into `origin`.
absl::StatusOr<std::string> DataOrFile(const KubeconfigEntry& entry,
                                       absl::string_view kind,
                                       const std::string& field,
                                       const ReadFile& read,
                                       std::string& origin) {
  const std::string data =
      base::StringAt(entry.fields, absl::StrCat("/", field, "-data"))
          .value_or("");
  if (!data.empty()) {
    origin = OriginOf(entry, kind, absl::StrCat(field, "-data"));
    std::string decoded;
    if (!absl::Base64Unescape(data, &decoded)) {
      return absl::InvalidArgumentError(
          absl::StrCat(origin, " is not base64: it is damaged or cut off"));
    }
    return decoded;
  }
  const std::string path =
      base::StringAt(entry.fields, absl::StrCat("/", field)).value_or("");
  if (path.empty()) return std::string();
  const std::string file = ResolvePath(entry, path);
  origin = absl::StrCat(OriginOf(entry, kind, field), " (", file, ")");
  auto content = read(file);
  if (content.ok()) return content;
  return absl::Status(content.status().code(),
                      absl::StrCat("cannot read ", OriginOf(entry, kind, field),
                                   ": ", content.status().message()));
}

absl::Status CheckKinds(const KubeconfigEntry& entry, absl::string_view kind,
                        std::initializer_list<const char*> texts,
                        std::initializer_list<const char*> flags) {
  const auto wrong = [&](const char* name, absl::string_view wanted) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " of ", kind, " \"", entry.name,
                     "\" in the kubeconfig must be ", wanted));
  };
  for (const char* name : texts) {
    const Json* value = base::Find(entry.fields, absl::StrCat("/", name));
    if (value != nullptr && !value->is_null() && !value->is_string()) {
      return wrong(name, "a string (quote it)");
    }
  }
  for (const char* name : flags) {
    const Json* value = base::Find(entry.fields, absl::StrCat("/", name));
    if (value != nullptr && !value->is_null() && !value->is_boolean()) {
      return wrong(name, "true or false");
    }
  }
  return absl::OkStatus();
}

// `"a", "b" and 3 more`
std::string Listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 10;
  const size_t shown = std::min(names.size(), kShown);
  const std::string list = absl::StrJoin(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", ",
      [](std::string* out, const std::string& name) {
        absl::StrAppend(out, "\"", name, "\"");
      });
  return shown == names.size()
             ? list
             : absl::StrCat(list, " and ", names.size() - shown, " more");
}

// The entry `name`, which is from `from`; the error lists those that exist.
absl::StatusOr<KubeconfigEntry> Choose(
    const std::vector<KubeconfigEntry>& entries, absl::string_view kind,
    const std::string& name, absl::string_view from, absl::string_view where) {
  const KubeconfigEntry* found = FindEntry(entries, name);
  if (found != nullptr) return *found;
  std::vector<std::string> names;
  for (const KubeconfigEntry& entry : entries) names.push_back(entry.name);
  const std::string nearest = base::NearestWord(name, names);
  return absl::InvalidArgumentError(absl::StrCat(
      kind, " \"", name, "\"",
      from.empty() ? "" : absl::StrCat(" (from ", from, ")"),
      " does not exist in ", where, ", which has ",
      names.empty() ? absl::StrCat("no ", kind, "s") : Listed(names),
      nearest.empty() ? ""
                      : absl::StrCat(". Did you mean \"", nearest, "\"?")));
}

// Of what was read from a file: its last line break is no part of a token.
std::string Trimmed(absl::string_view text) {
  return std::string(absl::StripAsciiWhitespace(text));
}

absl::Status ApplyCluster(const KubeconfigEntry& cluster, const ReadFile& read,
                          Config& config) {
  RETURN_IF_ERROR(
      CheckKinds(cluster, "cluster",
                 {"server", "tls-server-name", "proxy-url",
                  "certificate-authority", "certificate-authority-data"},
                 {"insecure-skip-tls-verify", "disable-compression"}));
  config.server = Field(cluster, "server");
  config.insecure = Flag(cluster, "insecure-skip-tls-verify");
  config.tls_server_name = Field(cluster, "tls-server-name");
  config.proxy_url = Field(cluster, "proxy-url");
  config.origins.proxy = OriginOf(cluster, "cluster", "proxy-url");
  config.disable_compression = Flag(cluster, "disable-compression");
  config.exec_cluster_config =
      FindExtension(cluster, "client.authentication.k8s.io/exec");
  ASSIGN_OR_RETURN(config.ca_pem,
                   DataOrFile(cluster, "cluster", "certificate-authority", read,
                              config.origins.ca));
  return absl::OkStatus();
}

// Fails where the user has a way to authenticate that is of no use here.
absl::Status ApplyExec(const KubeconfigEntry& user, Config& config) {
  const auto exec = user.fields.find("exec");
  const auto provider = user.fields.find("auth-provider");
  const auto given = [&user](const auto& it) {
    return it != user.fields.end() && !it->is_null();
  };
  if (given(provider)) {
    return absl::UnimplementedError(absl::StrCat(
        "user \"", user.name,
        "\" of the kubeconfig authenticates by auth-provider, which Kubernetes "
        "clients no longer have. Let the user's exec run a credential plugin "
        "instead (for example gke-gcloud-auth-plugin, kubelogin, aws eks "
        "get-token)"));
  }
  if (!given(exec)) return absl::OkStatus();
  ASSIGN_OR_RETURN(config.exec,
                   ParseExecConfig(*exec, user.name, user.directory));
  return absl::OkStatus();
}

void NameCredentials(const KubeconfigEntry& user, Config& config) {
  const std::string of = absl::StrCat(" of user \"", user.name, "\"");
  if (config.exec.has_value()) {
    config.credential_source =
        absl::StrCat("exec plugin \"", config.exec->name(), "\"", of);
  } else if (!config.token.empty()) {
    config.credential_source = absl::StrCat("token", of);
  } else if (!config.username.empty()) {
    config.credential_source = absl::StrCat("user name and password", of);
  } else if (!config.token_file.empty()) {
    config.credential_source =
        absl::StrCat("token file ", config.token_file, of);
  } else if (!config.client_certificate_pem.empty()) {
    config.credential_source = absl::StrCat("client certificate", of);
  }
}

// The strings of a list; others are passed over, as is what is no list.
std::vector<std::string> Strings(const Json* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const Json& item : *list) {
    if (item.is_string()) out.push_back(item.get<std::string>());
  }
  return out;
}

void ApplyImpersonation(const KubeconfigEntry& user, Config& config) {
  config.impersonate_user = Field(user, "as");
  config.impersonate_uid = Field(user, "as-uid");
  config.impersonate_groups = Strings(base::Find(user.fields, "/as-groups"));
  const Json* extra = base::Find(user.fields, "/as-user-extra");
  if (extra == nullptr || !extra->is_object()) return;
  for (const auto& [name, values] : extra->items()) {
    std::vector<std::string> texts = Strings(&values);
    if (!texts.empty()) config.impersonate_extra[name] = std::move(texts);
  }
}

absl::Status ApplyUser(const KubeconfigEntry& user, const ReadFile& read,
                       ChosenContext& out) {
  RETURN_IF_ERROR(CheckKinds(user, "user",
                             {"token", "tokenFile", "username", "password",
                              "client-certificate", "client-certificate-data",
                              "client-key", "client-key-data", "as", "as-uid"},
                             {}));
  Config& config = out.config;
  out.user = ApplyExec(user, config);
  ConfigOrigins& origins = config.origins;
  ASSIGN_OR_RETURN(config.client_certificate_pem,
                   DataOrFile(user, "user", "client-certificate", read,
                              origins.client_certificate));
  ASSIGN_OR_RETURN(std::string key, DataOrFile(user, "user", "client-key", read,
                                               origins.client_key));
  config.client_key_pem = base::Secret(std::move(key));
  config.token = base::Secret(Trimmed(Field(user, "token")));
  origins.token = OriginOf(user, "user", "token");
  if (config.token.empty()) {
    config.token_file = ResolvePath(user, Field(user, "tokenFile"));
    origins.token_file = OriginOf(user, "user", "tokenFile");
  }
  config.username = Field(user, "username");
  config.password = base::Secret(Field(user, "password"));
  // A plugin is for those who have nothing else but, at most, a token.
  if (!config.username.empty() || !config.client_certificate_pem.empty()) {
    config.exec.reset();
  }
  NameCredentials(user, config);
  ApplyImpersonation(user, config);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<ChosenContext>> ChooseContext(
    const Kubeconfig& kubeconfig, const ContextChoice& choice,
    const ReadFile& read) {
  const std::string& where = kubeconfig.where;
  const std::string wanted =
      choice.context.empty() ? kubeconfig.current_context : choice.context;
  if (wanted.empty() && choice.cluster.empty()) return std::nullopt;
  KubeconfigEntry context;
  const std::string by_context = absl::StrCat("context \"", wanted, "\"");
  ChosenContext out;
  out.config.source = where;
  if (!wanted.empty()) {
    ASSIGN_OR_RETURN(
        context,
        Choose(kubeconfig.contexts, "context", wanted,
               choice.context.empty() ? "current-context" : choice.context_from,
               where));
    RETURN_IF_ERROR(
        CheckKinds(context, "context", {"cluster", "user", "namespace"}, {}));
    out.config.source = absl::StrCat("context \"", wanted, "\" of ", where);
  }
  out.config.ns = Field(context, "namespace");
  out.cluster =
      choice.cluster.empty() ? Field(context, "cluster") : choice.cluster;
  ASSIGN_OR_RETURN(
      const KubeconfigEntry cluster,
      Choose(kubeconfig.clusters, "cluster", out.cluster,
             choice.cluster.empty() ? by_context : choice.cluster_from, where));
  RETURN_IF_ERROR(ApplyCluster(cluster, read, out.config));
  const std::string user_name =
      choice.user.empty() ? Field(context, "user") : choice.user;
  if (user_name.empty()) return out;
  ASSIGN_OR_RETURN(
      const KubeconfigEntry user,
      Choose(kubeconfig.users, "user", user_name,
             choice.user.empty() ? by_context : choice.user_from, where));
  RETURN_IF_ERROR(ApplyUser(user, read, out));
  return out;
}

}  // namespace kube
