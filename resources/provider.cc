#include "resources/provider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "provider/tf/binding.h"
#include "provider/tf/validators.h"

namespace resources {
namespace {

using tf::Attr;

// The connection arguments of the kubernetes provider, so that its block can be
// pasted.
struct ProviderModel {
  Attr<std::string> host, username, password, tls_server_name,
      client_certificate, client_key, cluster_ca_certificate, config_path,
      config_context, config_context_auth_info, config_context_cluster, token,
      proxy_url, field_manager;
  Attr<bool> insecure, load_kubeconfig;
  Attr<std::vector<std::string>> config_paths;

  static const tf::Bindings<ProviderModel>& Fields();
};

tf::AttributeSpec Doc(std::string doc) { return {.doc = std::move(doc)}; }

tf::AttributeSpec Hidden(std::string doc) {
  return {.sensitive = true, .doc = std::move(doc)};
}

const tf::Bindings<ProviderModel>& ProviderModel::Fields() {
  using M = ProviderModel;
  using tf::Bind;
  static const auto* const kFields = new tf::Bindings<M>{
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
               "`KUBE_PROXY_URL`.")),
      Bind("load_kubeconfig", &M::load_kubeconfig,
           Doc("Also look at `KUBECONFIG` and `~/.kube/config`. Off unless "
               "set.")),
      Bind("field_manager", &M::field_manager,
           {.doc = "Name under which the API server records what this provider "
                   "wrote. Default `terraform-provider-wandb`.",
            .validators = {tf::NotEmpty()}}),
  };
  return *kFields;
}

std::optional<std::string> Given(const Attr<std::string>& attr) {
  return attr.IsKnown() ? std::optional(attr.value()) : std::nullopt;
}

kube::ConfigSources SourcesOf(const ProviderModel& model) {
  kube::ConfigSources sources;
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
  if (model.insecure.IsKnown()) sources.insecure = model.insecure.value();
  if (model.config_paths.IsKnown()) {
    sources.config_paths = model.config_paths.value();
  }
  sources.load_kubeconfig = model.load_kubeconfig.value_or(false);
  return sources;
}

class WandbProvider final : public tf::Provider {
 public:
  WandbProvider(
      std::string version,
      const std::function<ResourceList(std::shared_ptr<const Session>)>&
          make_resources)
      : version_(std::move(version)),
        schema_(tf::SchemaOf<ProviderModel>(
            0,
            "Installs the Weights & Biases operator and runs Weights & "
            "Biases Server instances on Kubernetes.")),
        resources_(make_resources(session_)) {}

  const tf::Schema& schema() const override { return schema_; }

  void Validate(const cty::Value& config,
                tf::Diagnostics& diags) const override {
    const auto model = tf::Codec<ProviderModel>::Decode(config);
    if (model.config_path.IsKnown() && model.config_paths.IsKnown()) {
      diags.AddError("config_paths", "Conflicting attributes",
                     "config_path and config_paths cannot both be set. Remove "
                     "one of them.");
    }
  }

  void Configure(const base::Context&, tf::ConfigureCall& call) override {
    ConfiguredSession::Settings settings;
    settings.user_agent = absl::StrCat(
        "terraform-provider-wandb/", version_, " (linux) terraform/",
        call.terraform_version.empty() ? "unknown" : call.terraform_version);
    if (call.config.IsKnown()) {
      const auto model = tf::Codec<ProviderModel>::Decode(call.config);
      settings.unknown = !call.config.IsWhollyKnown();
      settings.sources = SourcesOf(model);
      settings.field_manager =
          model.field_manager.value_or(settings.field_manager);
    } else {
      settings.unknown = call.config.IsUnknown();
    }
    session_->Configure(std::move(settings));
  }

  bool ConfigUnknown() const override { return session_->ConfigUnknown(); }

  const ResourceList& resources() const override { return resources_; }

 private:
  const std::string version_;
  const tf::Schema schema_;
  const std::shared_ptr<ConfiguredSession> session_ =
      std::make_shared<ConfiguredSession>();
  const ResourceList resources_;
};

}  // namespace

std::unique_ptr<tf::Provider> NewProvider(
    const std::string& version,
    const std::function<ResourceList(std::shared_ptr<const Session>)>&
        make_resources) {
  return std::make_unique<WandbProvider>(version, make_resources);
}

}  // namespace resources
