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
#include "wandb/custom_resource.h"
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
            .doc = "Password of the System Console, which all instances of a "
                   "namespace share. Null, with a warning, until the instance "
                   "exists and its console has made one."}),
      Bind("console_url", &M::console_url,
           {.use = tf::Use::kComputed,
            .doc = "URL of the System Console. Null until the operator has "
                   "applied a specification with a host, and where the host "
                   "is a secret."}),
  });
  return *kFields;
}

// The text below `key` of Secret `ref`; kInvalidArgument where there is none.
absl::StatusOr<std::string> TextOf(const kube::ObjectRef& ref,
                                   const Json& secret, const char* key) {
  const std::string place =
      absl::StrCat("key ", key, " of ", kube::Describe(ref));
  const auto encoded = base::StringAt(secret, absl::StrCat("/data/", key));
  if (!encoded.has_value() || encoded->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(place, " is not there, or empty"));
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
    // Others' consoles may have their Secret there.
    const auto exists =
        Finds(client->Get(ctx, {wandb::kGroup, wandb::kVersion, wandb::kPlural,
                                id->ns, id->name}));
    if (!exists.ok()) return Report(*id, exists.status(), call.diags);
    if (!*exists) {
      return WarnOfNone(*id, "The instance does not exist.", call.diags);
    }
    auto password = ReadPassword(ctx, *client, id->ns);
    if (!password.ok()) return Report(*id, password.status(), call.diags);
    auto url = ReadUrl(ctx, *client, *id);
    if (!url.ok()) return Report(*id, url.status(), call.diags);
    if (!password->IsKnown()) {
      WarnOfNone(*id,
                 absl::StrCat("The console makes Secret ", kSecret,
                              " when it starts for the first time, and it has "
                              "none yet. See that the console is installed "
                              "and that the instance is ready "
                              "(wandb_instance waits unless wait = false)."),
                 call.diags);
    }
    model.password = *std::move(password);
    model.console_url = *std::move(url);
  }

 private:
  // Whether it is there; an error for anything else than a plain no.
  static absl::StatusOr<bool> Finds(const absl::StatusOr<Json>& object) {
    if (object.ok()) return true;
    if (absl::IsNotFound(object.status()) ||
        kube::IsNamespaceMissing(object.status()) ||
        kube::IsKindNotServed(object.status())) {
      return false;
    }
    return object.status();
  }

  // Null where there is none yet.
  static absl::StatusOr<Attr<std::string>> ReadPassword(
      const base::Context& ctx, kube::Client& client, const std::string& ns) {
    const kube::ObjectRef ref = kube::SecretRef(ns, kSecret);
    const auto secret = client.Get(ctx, ref);
    ASSIGN_OR_RETURN(const bool exists, Finds(secret));
    if (!exists) return Attr<std::string>();
    ASSIGN_OR_RETURN(std::string text, TextOf(ref, *secret, kKey));
    return Attr<std::string>(std::move(text));
  }

  // As the operator applied it last; null before that.
  static absl::StatusOr<Attr<std::string>> ReadUrl(const base::Context& ctx,
                                                   kube::Client& client,
                                                   const NamespacedName& id) {
    const auto active = client.Get(
        ctx, kube::SecretRef(id.ns, wandb::ActiveSecretName(id.name)));
    ASSIGN_OR_RETURN(const bool exists, Finds(active));
    if (!exists) return Attr<std::string>();
    ASSIGN_OR_RETURN(const wandb::SpecLayer layer,
                     wandb::ParseSpecSecret(*active));
    Attr<std::string> url = UrlOf(layer.values, wandb::Mask());
    if (url.IsKnown()) url = absl::StrCat(url.value(), "/console");
    return url;
  }

  // No error: one would stand in the way of every plan and destroy.
  static void WarnOfNone(const NamespacedName& id, absl::string_view why,
                         tf::Diagnostics& diags) {
    diags.AddWarning(
        absl::StrCat("No console credentials of ", ToString(id), " yet"),
        absl::StrCat(why, " password is null until then."));
  }

  void Report(const NamespacedName& id, const absl::Status& status,
              tf::Diagnostics& diags) const {
    diags.AddError(
        absl::StrCat("Cannot read the console credentials of ", ToString(id)),
        Explain(OfFixedTime(status), *session_,
                wandb::Scrubber(std::vector<std::string>())));
  }

  const std::shared_ptr<const Session> session_;
};

}  // namespace

std::unique_ptr<tf::DataSource> NewConsoleCredentials(
    std::shared_ptr<const Session> session) {
  return std::make_unique<ConsoleCredentials>(std::move(session));
}

}  // namespace resources
