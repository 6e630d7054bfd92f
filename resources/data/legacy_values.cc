#include "resources/data/legacy_values.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"
#include "base/status_macros.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "provider/tf/validators.h"
#include "resources/connection/connect.h"
#include "resources/helm_release.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/legacy/legacy.h"

namespace resources {
namespace {

using base::Json;
using cty::Type;
using cty::Value;
using tf::Attr;
using tf::Bind;

constexpr absl::Duration kTimeout = absl::Minutes(1);

struct LegacyValuesModel {
  using StringMap = std::map<std::string, std::string>;

  tf::Defaulted<std::string> ns = std::string("default");
  Attr<std::string> deployment, helm_release;
  Attr<StringMap> env;
  Attr<std::vector<std::string>> unmapped;
  Value values;

  static const tf::Bindings<LegacyValuesModel>& Fields();
};

const tf::Bindings<LegacyValuesModel>& LegacyValuesModel::Fields() {
  using M = LegacyValuesModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("env", &M::env,
           {.sensitive = true,
            .doc = "Environment variables of the old installation: `HOST`, "
                   "`LICENSE`, `BUCKET`, `MYSQL`, `REDIS` and so on. Needs no "
                   "cluster. Others become `global.extraEnv`."}),
      Bind("namespace", &M::ns,
           {.doc = "Namespace of `deployment` or `helm_release`. Default "
                   "`default`.",
            .validators = {tf::DnsLabel()}}),
      Bind("deployment", &M::deployment,
           {.doc = "Deployment to read the environment of, usually `wandb`.",
            .validators = {tf::NotEmpty()}}),
      Bind("helm_release", &M::helm_release,
           {.doc = "Release of the chart `wandb` to read the user's values of.",
            .validators = {tf::NotEmpty()}}),
      Bind("values", &M::values, Type::Dynamic(),
           {.use = tf::Use::kComputed,
            .sensitive = true,
            .doc = "Chart values that mean the same, for `sensitive_values` of "
                   "`wandb_instance`. Passwords of URLs stay percent-encoded, "
                   "as the chart needs them."}),
      Bind("unmapped", &M::unmapped,
           {.use = tf::Use::kComputed,
            .doc = "Settings that have no place in the values, or were not "
                   "understood: each is `NAME (why)`, without its value."}),
  });
  return *kFields;
}

int VersionOf(const Json& secret) {
  int version = 0;
  const auto label = base::StringAt(secret, "/metadata/labels/version");
  if (!label.has_value() || !absl::SimpleAtoi(*label, &version)) return 0;
  return version;
}

// The user's values in a Secret in which Helm keeps a release.
absl::StatusOr<Json> ReleaseValues(const Json& secret) {
  ASSIGN_OR_RETURN(const Json release, UnpackRelease(secret));
  const Json* config = base::Find(release, "/config");
  return config == nullptr ? Json::object() : *config;
}

class LegacyValuesData final : public tf::TypedDataSource<LegacyValuesModel> {
 public:
  explicit LegacyValuesData(std::shared_ptr<const Session> session)
      : TypedDataSource("wandb_legacy_values",
                        "Chart values from an installation without the "
                        "operator: from environment variables, from the "
                        "Deployment that has them, or from a release of the "
                        "chart `wandb`."),
        session_(std::move(session)) {}

 protected:
  void CheckConfig(const LegacyValuesModel& config,
                   tf::Diagnostics& diags) const override {
    int given = 0;
    bool open = config.env.IsUnknown();
    if (!config.env.IsNull()) ++given;
    for (const Attr<std::string>* each :
         {&config.deployment, &config.helm_release}) {
      if (!each->IsNull()) ++given;
      open = open || each->IsUnknown();
    }
    if (given == 1 || (open && given > 0)) return;
    diags.AddError("Which installation is not clear",
                   "Set exactly one of env, deployment and helm_release.");
  }

  void ReadData(const base::Context& parent,
                tf::DataCall<LegacyValuesModel>& call) const override {
    LegacyValuesModel& model = call.model;
    wandb::LegacyValues legacy;
    if (model.env.IsKnown()) {
      legacy = wandb::FromLegacyEnvironment(model.env.value());
    } else {
      const base::Context ctx = parent.WithTimeout(kTimeout);
      const auto client = ClientOrReport(*session_, call.diags);
      if (client == nullptr) return;
      const std::string ns = model.ns.value();
      absl::Status status;
      if (model.deployment.IsKnown()) {
        const auto live =
            client->Get(ctx, kube::DeploymentRef(ns, model.deployment.value()));
        status = live.status();
        if (live.ok()) {
          const Json* container =
              base::Find(*live, "/spec/template/spec/containers/0");
          if (container != nullptr) {
            legacy = wandb::FromLegacyContainer(*container);
          }
        }
      } else {
        const auto values =
            LatestRelease(ctx, *client, ns, model.helm_release.value());
        status = values.status();
        if (values.ok()) legacy = wandb::FromLegacyChart(*values);
      }
      if (!status.ok()) {
        return call.diags.AddError(
            "Cannot read the old installation",
            Explain(OfFixedTime(status), *session_,
                    wandb::Scrubber(std::vector<std::string>()),
                    HowToFind(status, model)));
      }
    }
    std::sort(legacy.unmapped.begin(), legacy.unmapped.end());
    model.unmapped = std::move(legacy.unmapped);
    auto value = cty::FromJson(legacy.values);
    if (value.ok()) {
      model.values = *std::move(value);
    } else {
      call.diags.AddError("Cannot show the values", value.status().message());
    }
  }

 private:
  // "" where it may well be there.
  static std::string HowToFind(const absl::Status& status,
                               const LegacyValuesModel& model) {
    if (!absl::IsNotFound(status) && !kube::IsNamespaceMissing(status)) {
      return "";
    }
    const bool deployment = model.deployment.IsKnown();
    return absl::StrCat("Set namespace and ",
                        deployment ? "deployment" : "helm_release",
                        " to those of the old installation. To see which there "
                        "are: ",
                        deployment ? "kubectl get deployments --all-namespaces"
                                   : "helm list --all-namespaces");
  }

  static absl::StatusOr<Json> LatestRelease(const base::Context& ctx,
                                            kube::Client& client,
                                            const std::string& ns,
                                            const std::string& release) {
    // Each may have a megabyte.
    int last = std::numeric_limits<int>::min();
    ASSIGN_OR_RETURN(
        const kube::ObjectList list,
        client.List(
            ctx, kube::CollectionOf(kube::SecretRef(ns, "any")),
            {.label_selector = absl::StrCat("owner=helm,name=", release),
             .keep = [&last](Json& secret) {
               if (VersionOf(secret) < last) return false;
               last = VersionOf(secret);
               return true;
             }}));
    const auto newest = std::max_element(list.items.begin(), list.items.end(),
                                         [](const Json& a, const Json& b) {
                                           return VersionOf(a) < VersionOf(b);
                                         });
    if (newest == list.items.end()) {
      return absl::NotFoundError(
          absl::StrCat("no release ", release, " of Helm in namespace ", ns));
    }
    return ReleaseValues(*newest);
  }

  const std::shared_ptr<const Session> session_;
};

}  // namespace

std::unique_ptr<tf::DataSource> NewLegacyValuesDataSource(
    std::shared_ptr<const Session> session) {
  return std::make_unique<LegacyValuesData>(std::move(session));
}

}  // namespace resources
