#include "resources/ephemeral/console_credentials.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/never_destroyed.h"
#include "base/status_macros.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "resources/connection/connect.h"
#include "resources/namespaced_name.h"
#include "resources/report.h"
#include "resources/spec/effective.h"
#include "wandb/chart/mask.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;
using tf::Bind;

constexpr absl::Duration kTimeout = absl::Minutes(1);
// Where a console puts it when it starts: in the namespace of its instance.
constexpr char kSecret[] = "wandb-password";
constexpr char kKey[] = "password";

struct CredentialsModel {
  Attr<std::string> instance, password, console_url;

  static const tf::Bindings<CredentialsModel>& Fields();
};

const tf::Bindings<CredentialsModel>& CredentialsModel::Fields() {
  using M = CredentialsModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("instance", &M::instance,
           {.use = tf::Use::kRequired,
            .doc = "The instance: `namespace/name`, which is `id` of "
                   "`wandb_instance`.",
            .example = "wandb_instance.this.id"}),
      Bind("password", &M::password,
           {.use = tf::Use::kComputed,
            .sensitive = true,
            .doc = "Password of the System Console."}),
      Bind("console_url", &M::console_url,
           {.use = tf::Use::kComputed,
            .doc = "URL of the System Console. Null until the operator has "
                   "applied a specification with a host, and where the host "
                   "is a secret."}),
  });
  return *kFields;
}

// The text below `key` of Secret `ref`. kNotFound, too, where the Secret has no
// such key; kInvalidArgument where it is no text.
absl::StatusOr<std::string> TextOf(const kube::ObjectRef& ref,
                                   const Json& secret, const char* key) {
  const std::string place =
      absl::StrCat("key ", key, " of ", kube::Describe(ref));
  const auto encoded = base::StringAt(secret, absl::StrCat("/data/", key));
  if (!encoded.has_value() || encoded->empty()) {
    return absl::NotFoundError(absl::StrCat(place, " is not there"));
  }
  std::string text;
  if (!absl::Base64Unescape(*encoded, &text)) {
    return absl::InvalidArgumentError(absl::StrCat(place, " is no base64"));
  }
  return text;
}

class ConsoleCredentials final : public tf::TypedDataSource<CredentialsModel> {
 public:
  explicit ConsoleCredentials(std::shared_ptr<const Session> session)
      : TypedDataSource("wandb_console_credentials",
                        "How to get into the System Console of an instance: "
                        "the password that the console made for itself, which "
                        "Terraform keeps neither in a plan nor in a state."),
        session_(std::move(session)) {}

 protected:
  void ReadData(const base::Context& parent,
                tf::DataCall<CredentialsModel>& call) const override {
    CredentialsModel& model = call.model;
    const auto id = ParseNamespacedName(model.instance.value());
    if (!id.has_value()) {
      return call.diags.AddError(
          "instance", "Invalid instance id",
          "instance must be namespace/name, the id of a wandb_instance: set "
          "instance = wandb_instance.NAME.id.");
    }
    const auto client = ClientOrReport(*session_, call.diags);
    if (client == nullptr) return;
    const base::Context ctx = parent.WithTimeout(kTimeout);
    auto password = ReadPassword(ctx, *client, id->ns);
    if (!password.ok()) {
      return Report(*id, password.status(), HowToGet(password.status()),
                    call.diags);
    }
    auto url = ReadUrl(ctx, *client, *id);
    if (!url.ok()) return Report(*id, url.status(), "", call.diags);
    model.password = *std::move(password);
    model.console_url = *std::move(url);
  }

 private:
  static absl::StatusOr<std::string> ReadPassword(const base::Context& ctx,
                                                  kube::Client& client,
                                                  const std::string& ns) {
    const kube::ObjectRef ref = kube::SecretRef(ns, kSecret);
    ASSIGN_OR_RETURN(const Json secret, client.Get(ctx, ref));
    return TextOf(ref, secret, kKey);
  }

  // As the operator applied it last; null before that.
  static absl::StatusOr<Attr<std::string>> ReadUrl(const base::Context& ctx,
                                                   kube::Client& client,
                                                   const NamespacedName& id) {
    const auto active = client.Get(
        ctx, kube::SecretRef(id.ns, wandb::ActiveSecretName(id.name)));
    if (absl::IsNotFound(active.status())) return Attr<std::string>();
    if (!active.ok()) return active.status();
    ASSIGN_OR_RETURN(const wandb::SpecLayer layer,
                     wandb::ParseSpecSecret(*active));
    Attr<std::string> url = UrlOf(layer.values, wandb::Mask());
    if (url.IsKnown()) url = absl::StrCat(url.value(), "/console");
    return url;
  }

  // "" where the code says enough.
  static std::string HowToGet(const absl::Status& status) {
    if (!absl::IsNotFound(status) && !kube::IsNamespaceMissing(status)) {
      return "";
    }
    return absl::StrCat(
        "The console makes Secret ", kSecret,
        " when it starts for the first time. Wait until the instance is ready "
        "(wandb_instance waits unless wait = false), and see that its console "
        "is installed and that instance names the right one.");
  }

  void Report(const NamespacedName& id, const absl::Status& status,
              const std::string& advice, tf::Diagnostics& diags) const {
    diags.AddError(
        absl::StrCat("Cannot read the console credentials of ", ToString(id)),
        Explain(OfFixedTime(status), *session_,
                wandb::Scrubber(std::vector<std::string>()), advice));
  }

  const std::shared_ptr<const Session> session_;
};

}  // namespace

std::unique_ptr<tf::DataSource> NewConsoleCredentials(
    std::shared_ptr<const Session> session) {
  return std::make_unique<ConsoleCredentials>(std::move(session));
}

}  // namespace resources
