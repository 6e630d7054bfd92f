#include "resources/instance/model.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"
#include "provider/tf/validators.h"
#include "resources/computed.h"
#include "resources/instance/force_paths.h"
#include "resources/namespaced_name.h"
#include "resources/values.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/chart.h"
#include "wandb/chart/mask.h"
#include "wandb/custom_resource.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using cty::Type;
using tf::Attr;
using tf::Bind;
using tf::Use;

tf::AttributeSpec Doc(const char* doc) { return {.doc = doc}; }

tf::AttributeSpec Planned(const char* doc) {
  return {.use = Use::kComputed, .planned_by_resource = true, .doc = doc};
}

// The operator makes a part of a URL of it.
tf::Validator ReleaseId() {
  return [](const cty::Value& value, const cty::Path& path,
            tf::Diagnostics& diags) {
    const std::string& id = value.AsString();
    const bool valid =
        !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
          return absl::ascii_isgraph(static_cast<unsigned char>(c)) &&
                 !absl::StrContains("/?#%\"\\", c);
        });
    if (valid) return;
    diags.AddError(path, "Invalid release id",
                   "Expected the id of one release, as releaseId of "
                   "release_metadata or id of the data source "
                   "wandb_release_channel has it. To stay at no release, leave "
                   "release_id out.");
  };
}

tf::Bindings<InstanceModel> OwnFields() {
  using M = InstanceModel;
  return {
      Bind("id", &M::id, Planned("`namespace/name`.")),
      Bind("name", &M::name,
           {.replace_on_change = true,
            .doc = "Name of the custom resource, and of the Helm release that "
                   "the operator makes. Default `wandb`.",
            .validators = {tf::DnsLabel(kMaxInstanceName)}}),
      Bind("namespace", &M::ns,
           {.replace_on_change = true,
            .doc = "Namespace of the instance. Default `default`.",
            .validators = {tf::DnsLabel()}}),
      Bind("create_namespace", &M::create_namespace,
           Doc("Create the namespace if it does not exist. Default "
               "`false`.")),
      Bind(
          "labels", &M::labels,
          Doc("Labels of the custom resource, beside `app.kubernetes.io/name` "
              "and `app.kubernetes.io/instance`, which are written unless they "
              "are given here or another manager holds them.")),
      Bind("annotations", &M::annotations,
           Doc("Annotations of the custom resource.")),
      Bind("operator", &M::operator_id,
           {.doc = "`id` of the `wandb_operator` that runs this instance: "
                   "orders creation and destruction, and tells where the "
                   "operator is.",
            .example = "wandb_operator.this.id"}),
      Bind("airgapped", &M::airgapped,
           Doc("The operator runs air-gapped: no release channel takes "
               "part. Default `false`.")),
      Bind("chart", &M::chart,
           {.doc = absl::StrCat(
                "Chart to run. Without it the release channel decides. A "
                "`version` alone is one of W&B's own chart, `",
                wandb::kChartName, "` of ", wandb::kChartRepository, "."),
            .example = absl::StrCat("{ version = \"", wandb::kCataloguedChart,
                                    "\" }")}),
      Bind("values_yaml", &M::values_yaml,
           {.never_quoted = true,
            .doc = "YAML documents of chart values; later ones win. Read as "
                   "Helm reads them: of each text the first document.",
            .example = "[file(\"values.yaml\")]"}),
      Bind(
          "values", &M::values, Type::Dynamic(),
          {.never_quoted = true,
           .doc =
               "Chart values (`spec.values`), stronger than `values_yaml`. A "
               "null is written and deletes the chart's default. Shown in "
               "plans and kept in the state as it is: Terraform takes its "
               "marks off before a provider sees a value, so that what is "
               "marked as sensitive here is hidden in computed attributes only "
               "where `mask` finds it. Secrets belong into "
               "`sensitive_values`."}),
      Bind("sensitive_values", &M::sensitive_values, Type::Dynamic(),
           {.sensitive = true,
            .doc = "Chart values that plans, messages and computed attributes "
                   "hide, stronger than `values`. The state and saved plans "
                   "hold them in clear text, like all arguments."}),
      Bind("sensitive_paths", &M::sensitive_paths,
           {.doc = "Further paths of values to hide in computed attributes; an "
                   "index stands for every element. While they are not known, "
                   "the maps of values are not either.",
            .example = "[\"global.slack\"]"}),
      Bind("secrets_wo_version", &M::secrets_wo_version,
           {.doc = "Version of all write-only settings together (`license_wo`, "
                   "`mysql.password_wo` and the like), which must be given "
                   "beside any of them: Terraform keeps nothing of what they "
                   "say, and a change of this is how it learns that one has "
                   "changed. Every apply that changes something writes them "
                   "all.",
            .example = "1"}),
      Bind("secrets_wo", &M::secrets_wo,
           Planned("The settings that are given by their write-only twins. The "
                   "Secret `<name>-terraform-secrets` beside the custom "
                   "resource has what they say.")),
      Bind("mask", &M::masking,
           {.doc = "What computed attributes hide: `known` (default), that is "
                   "secrets by path, by name and by shape, "
                   "`sensitive_values` and `sensitive_paths`; or `strict`, "
                   "which also hides every other string whose path is not "
                   "known to be harmless."}),
      Bind("release", &M::release, Type::Dynamic(),
           {.never_quoted = true,
            .doc = "Release channel content (`{chart, values, metadata}`), to "
                   "show the effective values in the plan of a create. Ignored "
                   "once the instance exists."}),
      Bind("release_id", &M::release_id,
           {.doc = "Id of the release of the release channel to stay at, as "
                   "`release_metadata` has it in `releaseId`. Without it the "
                   "operator takes the channel's newest release, for which it "
                   "asks once an hour. It is kept where the System Console "
                   "keeps the same choice, in the Secret `<name>-spec-user`: "
                   "what is chosen there shows in the plan, and what was "
                   "chosen before is given back once this is removed. Not "
                   "beside `chart` or `airgapped`. See the guide on updates.",
            .example = "\"clx1a2b3c0001\"",
            .validators = {ReleaseId()}}),
      Bind("wait", &M::wait,
           Doc("Wait until W&B runs: operator, specification, workloads. The "
               "wait ends before its time where no retry heals what is wrong: "
               "an invalid image name (after 30 s); a missing Secret or "
               "ConfigMap, pods that the API server refuses, a volume claim "
               "without a StorageClass (after 2 minutes). Default `true`.")),
      Bind("wait_for", &M::wait_for,
           {.doc = "What a wait is for, beside that the operator has applied "
                   "the specification, which it always is. `ready` means no "
                   "more than that.",
            .example = "{ url = true }"}),
      Bind(
          "wait_failure", &M::wait_failure,
          {.doc = "What an unsuccessful wait is: `error` (default) or `warn`, "
                  "which keeps the object with `ready = false` and waits again "
                  "at the next apply. A create that lacks the rights to see "
                  "whether W&B runs only warns in either case."}),
      Bind("force_conflicts", &M::force_conflicts,
           Doc("Take over every field of this configuration that another "
               "manager applies too. Without it an update that meets such "
               "a field fails and names it; changes made by hand to fields "
               "of this configuration are always overruled. Default "
               "`false`.")),
      Bind("force_conflict_paths", &M::force_conflict_paths,
           {.doc = "Fields to take over from other managers, each with "
                   "everything below it. Written as the error of a conflict "
                   "prints them: like the keys of `configured_values` "
                   "(`global.host`), and from the object's root with a leading "
                   "dot for what is no value (`.spec.chart.version`, "
                   "`.metadata.labels.team`). A list is one field.",
            .example = "[\"global.host\"]",
            .validators = {tf::Each(ForcePath())}}),
      Bind("ignore_paths", &M::ignore_paths,
           {.doc = "Values that the create writes and that are left to others "
                   "from then on, such as an autoscaler, GitOps or the people "
                   "who run the cluster: paths as in `configured_values`, each "
                   "with everything below it. What the cluster has there is "
                   "no drift and is never changed or removed; "
                   "`effective_values` shows it, with the origin "
                   "`other_manager`. A list is one field.",
            .example = "[\"app.replicaCount\"]"}),
      Bind(
          "on_stuck_finalizer", &M::on_stuck_finalizer,
          {.doc = "What a destroy does when the operator cannot uninstall W&B, "
                  "or has not by its timeout: `error` (default), which says "
                  "what keeps it, or `remove`, which also takes the operator's "
                  "finalizer away. What the operator installed is then left to "
                  "Kubernetes, which deletes what belongs to the instance, and "
                  "a warning says how to find the rest. A destroy goes by the "
                  "state: apply a change of this first."}),
      Bind("delete_kept", &M::delete_kept,
           {.doc = "Whether a destroy also deletes what stays when W&B is "
                   "uninstalled: the Secrets that the chart has Helm keep "
                   "(license, passwords of the bundled MySQL and ClickHouse, "
                   "keys of sessions), and the volumes of the servers that it "
                   "bundles, with all data in them, whichever instance of that "
                   "name made them, and also where the destroy is a part of a "
                   "replacement. Default `false`: a warning names them. A "
                   "destroy goes by the state: apply a change of this "
                   "first."}),
      Bind("checks", &M::checks,
           {.doc = "What warnings about the specification are: `error`, "
                   "`warn` (default) or `off`. The guide on findings lists "
                   "them."}),
      Bind("check_levels", &M::check_levels,
           {.doc = "The same for single findings: id to level.",
            .example = "{ \"unknown-key\" = \"error\" }"}),
      Bind("configured_values", &M::configured_values, MapOfStrings(),
           Planned("What this configuration writes: path to value. Changes "
                   "made by hand show up here. Secrets are masked; see "
                   "`mask`.")),
      Bind("effective_values", &M::effective_values, MapOfStrings(),
           Planned("What the operator uses after merging all layers: path to "
                   "value. What the System Console, the release channel or "
                   "ConfigMap `wandb-spec-managed` changed shows in a "
                   "refresh-only plan (`tofu plan "
                   "-refresh-only`). Secrets are masked; see `mask`.")),
      Bind("effective_origin", &M::effective_origin, MapOfStrings(),
           Planned("Layer that each effective value comes from: "
                   "`custom_resource` (this configuration), `other_manager` "
                   "(what others wrote into the custom resource), "
                   "`user_input`, `managed_spec` (ConfigMap "
                   "`wandb-spec-managed`), `release_channel` or "
                   "`operator_default`.")),
      Bind("effective_chart", &M::effective_chart,
           Planned("Chart that the operator uses.")),
      Bind("release_metadata", &M::release_metadata, MapOfStrings(),
           Planned("What the release channel says of its release: `releaseId`, "
                   "`releaseName` and others.")),
      Bind("phase", &M::phase, Planned("Phase that the operator reports.")),
      Bind("ready", &M::ready,
           Planned("Whether W&B was seen running with this specification.")),
      Bind("url", &M::url, Planned("URL of W&B.")),
      Bind("version", &M::version,
           Planned("Version of W&B Server that the operator runs: the tag of "
                   "the image of `app`. Null where no layer names one, and the "
                   "chart's own counts.")),
      Bind("generation", &M::generation,
           Planned("`metadata.generation` of the custom resource.")),
      Bind("uid", &M::uid,
           {.use = Use::kComputed,
            .keep_on_update = true,
            .doc = "`metadata.uid` of the custom resource."}),
      BindBlock("timeouts", &M::timeouts,
                "How long operations may take. Default 30m for create and "
                "update, 20m for delete."),
  };
}

tf::Bindings<InstanceModel> AllFields() {
  tf::Bindings<InstanceModel> fields = OwnFields();
  for (const tf::Attribute& setting : SettingAttributes()) {
    fields.push_back(tf::BindEntry(&InstanceModel::settings, setting));
  }
  return fields;
}

}  // namespace

const tf::Bindings<InstanceModel>& InstanceModel::Fields() {
  static const base::NeverDestroyed<tf::Bindings<InstanceModel>> kFields(
      AllFields());
  return *kFields;
}

kube::ObjectRef CustomResourceRef(const InstanceModel& model) {
  return {wandb::kGroup,    wandb::kVersion,    wandb::kPlural,
          model.ns.value(), model.name.value(), wandb::kKind};
}

std::string IdOf(const InstanceModel& model) {
  return absl::StrCat(model.ns.value(), "/", model.name.value());
}

std::string NamespaceOwnerOf(const InstanceModel& model) {
  return absl::StrCat("WeightsAndBiases/", IdOf(model));
}

bool HasObject(const std::optional<InstanceModel>& state) {
  return state.has_value() && !state->uid.IsNull();
}

void SetObserved(const base::Json& live, InstanceModel& model) {
  model.uid = kube::UidOf(live);
  model.generation = base::IntAt(live, "/metadata/generation").value_or(0);
  const auto phase = base::StringAt(live, "/status/phase");
  model.phase = phase.has_value() ? tf::Attr<std::string>(*phase)
                                  : tf::Attr<std::string>();
}

void SetNoObject(InstanceModel& model) {
  model.uid = {};
  model.generation = {};
  model.phase = {};
  model.ready = false;
}

}  // namespace resources
