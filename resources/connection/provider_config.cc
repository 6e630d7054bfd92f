#include "resources/connection/provider_config.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"
#include "provider/tf/binding.h"
#include "provider/tf/validators.h"

namespace resources {
namespace {

using tf::Attr;

struct ExecModel {
  Attr<std::string> api_version, command;
  Attr<std::vector<std::string>> args;
  Attr<std::map<std::string, std::string>> env;

  static const tf::Bindings<ExecModel>& Fields();
};

struct ExperimentsModel {
  Attr<bool> manifest_resource;

  static const tf::Bindings<ExperimentsModel>& Fields();
};

// The connection arguments of the kubernetes provider, so that its block can be
// pasted, and those of our own.
struct ProviderModel {
  Attr<std::string> host, username, password, tls_server_name,
      client_certificate, client_key, cluster_ca_certificate, config_path,
      config_context, config_context_auth_info, config_context_cluster, token,
      proxy_url, field_manager, release_channel_url, license;
  Attr<bool> insecure, load_kubeconfig;
  Attr<std::vector<std::string>> config_paths, ignore_labels,
      ignore_annotations;
  Attr<ExecModel> exec;
  Attr<ExperimentsModel> experiments;

  static const tf::Bindings<ProviderModel>& Fields();
};

tf::AttributeSpec Doc(std::string doc) { return {.doc = std::move(doc)}; }

tf::AttributeSpec Hidden(std::string doc) {
  return {.sensitive = true, .doc = std::move(doc)};
}

tf::Validator ExecVersion() {
  return [](const cty::Value& value, const cty::Path& path,
            tf::Diagnostics& diags) {
    const absl::Status status = kube::CheckExecVersion(value.AsString());
    if (status.ok()) return;
    diags.AddError(
        path, "Unsupported version of an exec plugin",
        absl::StrCat("Attribute api_version: ", status.message(), "."));
  };
}

const tf::Bindings<ExecModel>& ExecModel::Fields() {
  using M = ExecModel;
  using tf::Bind;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("api_version", &M::api_version,
           {.use = tf::Use::kRequired,
            .doc = "Version that the plugin speaks: "
                   "`client.authentication.k8s.io/v1` or "
                   "`client.authentication.k8s.io/v1beta1`.",
            .example = "\"client.authentication.k8s.io/v1\"",
            .validators = {ExecVersion()}}),
      Bind("command", &M::command,
           {.use = tf::Use::kRequired,
            .doc = "Program that prints the credentials, by name (looked for "
                   "in `PATH`) or by path. It is run without a shell.",
            .example = "\"aws\"",
            .validators = {tf::NotEmpty()}}),
      Bind("args", &M::args, {.never_quoted = true, .doc = "Its arguments."}),
      Bind("env", &M::env,
           Hidden("Variables of its environment, beside those of the "
                  "provider's own.")),
  });
  return *kFields;
}

const tf::Bindings<ExperimentsModel>& ExperimentsModel::Fields() {
  static const base::NeverDestroyed<tf::Bindings<ExperimentsModel>> kFields(
      tf::Bindings<ExperimentsModel>{
          tf::Bind("manifest_resource", &ExperimentsModel::manifest_resource,
                   Doc("Ignored.")),
      });
  return *kFields;
}

const tf::Bindings<ProviderModel>& ProviderModel::Fields() {
  using M = ProviderModel;
  using tf::Bind, tf::BindBlock;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("host", &M::host,
           Doc("URL of the Kubernetes API server, or `host:port` (then "
               "https). Environment: `KUBE_HOST`.")),
      Bind("username", &M::username,
           Doc("User name for basic authentication. Environment: "
               "`KUBE_USER`.")),
      Bind("password", &M::password,
           Hidden("Password for basic authentication. Environment: "
                  "`KUBE_PASSWORD`.")),
      Bind("insecure", &M::insecure,
           Doc("Do not verify the server's certificate. Environment: "
               "`KUBE_INSECURE`.")),
      Bind("tls_server_name", &M::tls_server_name,
           Doc("Name to expect in the server's certificate. Environment: "
               "`KUBE_TLS_SERVER_NAME`.")),
      Bind("client_certificate", &M::client_certificate,
           Doc("Client certificate, PEM. Environment: "
               "`KUBE_CLIENT_CERT_DATA`.")),
      Bind("client_key", &M::client_key,
           Hidden("Key of the client certificate, PEM. Environment: "
                  "`KUBE_CLIENT_KEY_DATA`.")),
      Bind("cluster_ca_certificate", &M::cluster_ca_certificate,
           Doc("Certificates that the server's must be signed by, PEM. "
               "Environment: `KUBE_CLUSTER_CA_CERT_DATA`.")),
      Bind("config_path", &M::config_path,
           Doc("Path of a kubeconfig file. Environment: "
               "`KUBE_CONFIG_PATH`.")),
      Bind("config_paths", &M::config_paths,
           Doc("Paths of kubeconfig files that are merged. Environment: "
               "`KUBE_CONFIG_PATHS`.")),
      Bind("config_context", &M::config_context,
           Doc("Context of the kubeconfig. Environment: `KUBE_CTX`.")),
      Bind("config_context_auth_info", &M::config_context_auth_info,
           Doc("User of the kubeconfig, in place of the context's. "
               "Environment: `KUBE_CTX_AUTH_INFO`.")),
      Bind("config_context_cluster", &M::config_context_cluster,
           Doc("Cluster of the kubeconfig, in place of the context's. "
               "Environment: `KUBE_CTX_CLUSTER`.")),
      Bind("token", &M::token,
           Hidden("Bearer token. Environment: `KUBE_TOKEN`.")),
      Bind("proxy_url", &M::proxy_url,
           Doc("Proxy to the API server: http, https or socks5. Environment: "
               "`KUBE_PROXY_URL`. Without one, here or in the kubeconfig, "
               "`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` "
               "count.")),
      Bind("load_kubeconfig", &M::load_kubeconfig,
           Doc("Also look at `KUBECONFIG` and `~/.kube/config`. Off unless "
               "set.")),
      BindBlock("exec", &M::exec,
                "Program that prints credentials (`client.authentication."
                "k8s.io`). Goes before `token`, which stands in with a warning "
                "when the program fails."),
      Bind("release_channel_url", &M::release_channel_url,
           {.doc = "URL of the release channel that `data.wandb_release_"
                   "channel` asks, in place of W&B's own. The operator has a "
                   "setting of its own for this.",
            .validators = {tf::HttpUrl()}}),
      Bind("license", &M::license,
           Hidden("W&B license that `data.wandb_release_channel` shows to the "
                  "release channel; never sent over plain http. It is not the "
                  "license of an instance. Environment: `WANDB_LICENSE`.")),
      Bind("ignore_labels", &M::ignore_labels,
           Doc("Ignored: accepted so that a block of the kubernetes provider "
               "fits.")),
      Bind("ignore_annotations", &M::ignore_annotations,
           Doc("Ignored: accepted so that a block of the kubernetes provider "
               "fits.")),
      BindBlock("experiments", &M::experiments,
                "Ignored: accepted so that a block of the kubernetes provider "
                "fits."),
      Bind("field_manager", &M::field_manager,
           {.doc = "Name under which the API server records what this provider "
                   "wrote. Default `terraform-provider-wandb`.",
            .validators = {tf::NotEmpty()}}),
  });
  return *kFields;
}

std::optional<std::string> Given(const Attr<std::string>& attr) {
  return attr.IsKnown() ? std::optional(attr.value()) : std::nullopt;
}

kube::ExecConfig ExecOf(const ExecModel& model) {
  kube::ExecConfig exec{.api_version = model.api_version.value_or(""),
                        .command = model.command.value_or(""),
                        .args = model.args.value_or({})};
  for (const auto& [name, value] : model.env.value_or({})) {
    exec.env.emplace_back(name, value);
  }
  return exec;
}

ConfigSources SourcesOf(const ProviderModel& model) {
  ConfigSources sources;
  sources.host = Given(model.host);
  sources.username = Given(model.username);
  sources.password = Given(model.password);
  sources.tls_server_name = Given(model.tls_server_name);
  sources.client_certificate = Given(model.client_certificate);
  sources.client_key = Given(model.client_key);
  sources.cluster_ca_certificate = Given(model.cluster_ca_certificate);
  sources.config_path = Given(model.config_path);
  sources.config_context = Given(model.config_context);
  sources.config_context_auth_info = Given(model.config_context_auth_info);
  sources.config_context_cluster = Given(model.config_context_cluster);
  sources.token = Given(model.token);
  sources.proxy_url = Given(model.proxy_url);
  if (model.exec.IsKnown()) sources.exec = ExecOf(model.exec.value());
  if (model.insecure.IsKnown()) sources.insecure = model.insecure.value();
  if (model.config_paths.IsKnown()) {
    sources.config_paths = model.config_paths.value();
  }
  sources.load_kubeconfig = model.load_kubeconfig.value_or(false);
  return sources;
}

// Arguments that do not decide where and as whom to connect.
constexpr std::array<absl::string_view, 5> kNoConnection = {
    "release_channel_url", "license", "ignore_labels", "ignore_annotations",
    "experiments"};

bool ConnectionKnown(const cty::Value& config) {
  return std::all_of(config.fields().begin(), config.fields().end(),
                     [](const auto& field) {
                       const bool matters =
                           std::find(kNoConnection.begin(), kNoConnection.end(),
                                     field.first) == kNoConnection.end();
                       return !matters || field.second.IsWhollyKnown();
                     });
}

}  // namespace

tf::Schema ProviderSchema() {
  return tf::SchemaOf<ProviderModel>(
      0,
      "Installs the Weights & Biases operator and runs Weights & Biases Server "
      "instances on Kubernetes.");
}

void ValidateProviderConfig(const cty::Value& config, tf::Diagnostics& diags) {
  const auto model = tf::Codec<ProviderModel>::Decode(config);
  if (model.config_path.IsKnown() && model.config_paths.IsKnown()) {
    diags.AddError("config_paths", "Conflicting attributes",
                   "config_path and config_paths cannot both be set. Remove "
                   "one of them.");
  }
}

ConfiguredSession::Settings SettingsOf(
    const cty::Value& config, const base::EnvironmentLookup& environment) {
  ConfiguredSession::Settings settings;
  settings.unknown = config.IsUnknown();
  if (!config.IsKnown()) return settings;
  const auto model = tf::Codec<ProviderModel>::Decode(config);
  settings.unknown = !ConnectionKnown(config);
  settings.sources = SourcesOf(model);
  settings.field_manager = model.field_manager.value_or(settings.field_manager);
  settings.release_channel_url = model.release_channel_url.value_or("");
  std::string license = model.license.value_or("");
  // One that is not known yet must not become another.
  if (license.empty() && !model.license.IsUnknown()) {
    license = environment("WANDB_LICENSE").value_or("");
  }
  settings.license = base::Secret(std::move(license));
  return settings;
}

}  // namespace resources
