#include "resources/spec/chart.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"
#include "provider/tf/validators.h"
#include "resources/computed.h"
#include "resources/values.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/chart.h"
#include "wandb/chart/mask.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using cty::Value;
using tf::Attr;
using tf::Bind;
using tf::Use;

tf::AttributeSpec Doc(const char* doc) { return {.doc = doc}; }

// Without both keys the operator upgrades the release at every reconcile.
tf::AttributeSpec SecretKey(const char* name, const char* doc) {
  return {.use = Use::kOptionalComputed,
          .fallback = Value::String(name),
          .doc = doc};
}

// Every chart field, so that both directions say each name once.
struct ChartField {
  const char* key;
  Attr<std::string> ChartModel::*member;
};
constexpr ChartField kChartFields[] = {{"url", &ChartModel::url},
                                       {"name", &ChartModel::name},
                                       {"version", &ChartModel::version},
                                       {"path", &ChartModel::path},
                                       {"repoName", &ChartModel::repo_name},
                                       {"username", &ChartModel::username},
                                       {"password", &ChartModel::password}};
struct ChartFlag {
  const char* key;
  Attr<bool> ChartModel::*member;
};
constexpr ChartFlag kChartFlags[] = {{"plainHTTP", &ChartModel::plain_http},
                                     {"debug", &ChartModel::debug}};
struct SecretField {
  const char* key;
  Attr<std::string> CredentialSecretModel::*member;
};
constexpr SecretField kSecretFields[] = {
    {"name", &CredentialSecretModel::name},
    {"usernameKey", &CredentialSecretModel::username_key},
    {"passwordKey", &CredentialSecretModel::password_key}};

// Whether a version is all that says which chart it is, and from where.
bool HasOnlyVersion(const ChartModel& chart) {
  return !chart.version.IsNull() && chart.url.IsNull() && chart.name.IsNull() &&
         chart.path.IsNull() && chart.repo_name.IsNull() &&
         chart.username.IsNull() && chart.password.IsNull() &&
         chart.plain_http.IsNull() && chart.credential_secret.IsNull();
}

}  // namespace

const tf::Bindings<CredentialSecretModel>& CredentialSecretModel::Fields() {
  using M = CredentialSecretModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("name", &M::name,
           {.use = Use::kRequired,
            .doc = "Name of the Secret in the instance's namespace.",
            .validators = {tf::NotEmpty()}}),
      Bind("username_key", &M::username_key,
           SecretKey("HELM_USERNAME",
                     "Key of the user name. Default `HELM_USERNAME`.")),
      Bind("password_key", &M::password_key,
           SecretKey("HELM_PASSWORD",
                     "Key of the password. Default `HELM_PASSWORD`.")),
  });
  return *kFields;
}

const tf::Bindings<ChartModel>& ChartModel::Fields() {
  using M = ChartModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("url", &M::url,
           Doc("Helm repository (`https://…`) or OCI reference (`oci://…`).")),
      Bind("name", &M::name, Doc("Chart name in a Helm repository.")),
      Bind("version", &M::version,
           {.doc = "Chart version: all three numbers. Without quotes, 0.40 "
                   "would be 0.4.",
            .example = absl::StrCat("\"", wandb::kCataloguedChart, "\""),
            .validators = {tf::NotEmpty()}}),
      Bind("path", &M::path,
           Doc("Chart archive (what a `.tgz` file is, not a folder) in the "
               "operator's file system: `/charts/KEY` for a key of its charts "
               "ConfigMap, such as `/charts/operator-wandb`; wins over "
               "`url`.")),
      Bind("repo_name", &M::repo_name,
           Doc("Name of the repository's index cache.")),
      Bind("username", &M::username, Doc("User for the chart's source.")),
      Bind("password", &M::password,
           {.sensitive = true,
            .doc = "Password for the chart's source. Better: "
                   "`credential_secret`."}),
      Bind("credential_secret", &M::credential_secret,
           Doc("Secret with the credentials for the chart's source.")),
      Bind("plain_http", &M::plain_http, Doc("Speak http to an OCI registry.")),
      Bind("debug", &M::debug, Doc("Make the operator log Helm's details.")),
  });
  return *kFields;
}

const tf::Bindings<EffectiveChartModel>& EffectiveChartModel::Fields() {
  using M = EffectiveChartModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("kind", &M::kind, Shown("`repo`, `oci` or `local`.")),
      Bind("url", &M::url, Shown("Repository or OCI reference.")),
      Bind("name", &M::name, Shown("Chart name.")),
      Bind("version", &M::version, Shown("Chart version.")),
      Bind("path", &M::path, Shown("Path in the operator's file system.")),
  });
  return *kFields;
}

base::Json ChartTree(const Attr<ChartModel>& chart) {
  if (chart.IsUnknown()) return wandb::MakeUnknown(wandb::Unknown::kShape);
  if (chart.IsNull()) return nullptr;
  base::Json out = base::Json::object();
  for (const auto& [key, member] : kChartFields) {
    if (base::Json tree = TreeOf(chart.value().*member); !tree.is_null()) {
      out[key] = std::move(tree);
    }
  }
  for (const auto& [key, member] : kChartFlags) {
    const Attr<bool>& flag = chart.value().*member;
    if (flag.IsUnknown()) out[key] = wandb::MakeUnknown(wandb::Unknown::kBool);
    if (flag.IsKnown()) out[key] = flag.value();
  }
  const auto& secret = chart.value().credential_secret;
  if (secret.IsUnknown()) {
    out["credentialSecret"] = wandb::MakeUnknown(wandb::Unknown::kShape);
  } else if (secret.IsKnown()) {
    base::Json& fields = out["credentialSecret"] = base::Json::object();
    for (const auto& [key, member] : kSecretFields) {
      if (base::Json tree = TreeOf(secret.value().*member); !tree.is_null()) {
        fields[key] = std::move(tree);
      }
    }
  }
  return wandb::CompleteChart(std::move(out));
}

Attr<ChartModel> ChartFromTree(const base::Json& chart) {
  if (!chart.is_object() || chart.empty()) return {};
  ChartModel model;
  for (const auto& [key, member] : kChartFields) {
    if (auto text = base::StringAt(chart, std::string("/") + key)) {
      model.*member = *text;
    }
  }
  for (const auto& [key, member] : kChartFlags) {
    if (auto flag = base::BoolAt(chart, std::string("/") + key)) {
      model.*member = *flag;
    }
  }
  if (const base::Json* secret = base::Find(chart, "/credentialSecret")) {
    CredentialSecretModel credential;
    for (const auto& [key, member] : kSecretFields) {
      if (auto text = base::StringAt(*secret, std::string("/") + key)) {
        credential.*member = *text;
      }
    }
    model.credential_secret = credential;
  }
  // In an object it is no chart at all.
  if (HasOnlyVersion(model)) model.url = std::string();
  return model;
}

Attr<ChartModel> ChangedChart(const base::Json& wrote, const base::Json& live) {
  base::Json shown = wandb::ShownChart(live);
  if (wrote.is_object() && shown.is_object()) {
    for (const auto& [key, value] : wrote.items()) {
      const auto same = live.find(key);
      if (same != live.end() && *same == value) shown[key] = value;
    }
  }
  for (const char* key : {"username", "password"}) {
    const auto found = shown.find(key);
    if (found != shown.end() && *found == wandb::kMasked) {
      *found = wandb::kMaskedChanged;
    }
  }
  return ChartFromTree(shown);
}

}  // namespace resources
