#include "resources/data/instance.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/never_destroyed.h"
#include "base/parallel.h"
#include "kube/deletion.h"
#include "kube/status.h"
#include "provider/tf/validators.h"
#include "resources/computed.h"
#include "resources/connection/connect.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/desired.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/managed_spec.h"
#include "resources/instance/model.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/others.h"
#include "resources/instance/standing_fault.h"
#include "resources/instance/workloads.h"
#include "resources/namespaced_name.h"
#include "resources/report.h"
#include "resources/spec/effective.h"
#include "wandb/operator/deployment.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;
using tf::Attr;
using tf::Bind;

constexpr absl::Duration kTimeout = absl::Minutes(1);

struct WorkloadModel {
  Attr<std::int64_t> ready, desired;
  Attr<std::string> reason;
  Attr<std::vector<std::string>> images;

  static const tf::Bindings<WorkloadModel>& Fields();
};

const tf::Bindings<WorkloadModel>& WorkloadModel::Fields() {
  using M = WorkloadModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("ready", &M::ready,
           Shown("Pods that are ready and of the newest revision.")),
      Bind("desired", &M::desired, Shown("Pods that there are to be.")),
      Bind("reason", &M::reason,
           Shown("What is missing until it is rolled out; empty when it is.")),
      Bind("images", &M::images,
           Shown("Images of its containers, those of init containers first.")),
  });
  return *kFields;
}

struct InstanceDataModel {
  tf::Defaulted<std::string> name = std::string("wandb");
  tf::Defaulted<std::string> ns = std::string("default");
  Attr<std::string> operator_id;
  tf::Defaulted<bool> airgapped = false;
  tf::Defaulted<wandb::Masking> masking = wandb::Masking::kKnown;
  Attr<std::vector<std::string>> sensitive_paths;
  Attr<std::string> id, uid, phase, url, version;
  Attr<std::int64_t> generation;
  Attr<bool> ready;
  Value configured_values, effective_values, effective_origin, release_metadata;
  Attr<EffectiveChartModel> effective_chart;
  Attr<std::map<std::string, WorkloadModel>> workloads;
  Attr<std::vector<std::string>> images;

  static const tf::Bindings<InstanceDataModel>& Fields();
};

const tf::Bindings<InstanceDataModel>& InstanceDataModel::Fields() {
  using M = InstanceDataModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("name", &M::name,
           {.doc = "Name of the custom resource. Default `wandb`.",
            .validators = {tf::DnsLabel(kMaxInstanceName)}}),
      Bind("namespace", &M::ns,
           {.doc = "Namespace of the custom resource. Default `default`.",
            .validators = {tf::DnsLabel()}}),
      Bind("operator", &M::operator_id,
           {.doc = "Id of the operator that runs it, `namespace/name`. "
                   "Without it, any operator that watches the namespace.",
            .example = "data.wandb_operator.this.id"}),
      Bind("airgapped", &M::airgapped,
           {.doc = "The operator runs air-gapped, so that the release channel "
                   "counts for nothing. Default `false`.",
            .example = "data.wandb_operator.this.airgapped"}),
      Bind("mask", &M::masking,
           {.doc = "What to hide: `known` (default) or `strict`, as for the "
                   "resource."}),
      Bind("sensitive_paths", &M::sensitive_paths,
           {.doc = "Further paths of values to hide; an index stands for every "
                   "element.",
            .example = "[\"global.slack\"]"}),
      Bind("id", &M::id, Shown("`namespace/name`.")),
      Bind("uid", &M::uid, Shown("Its uid in the cluster.")),
      Bind("generation", &M::generation,
           Shown("How often its specification was changed.")),
      Bind("phase", &M::phase,
           Shown("What the operator says of it; it may be stale.")),
      Bind("ready", &M::ready,
           Shown("Whether W&B runs what the layers say now.")),
      Bind("url", &M::url, Shown("URL of W&B.")),
      Bind("version", &M::version,
           Shown("Version of W&B Server: the tag of the image of `app`.")),
      Bind("configured_values", &M::configured_values, MapOfStrings(),
           Shown("Values in the custom resource: path to value. Secrets are "
                 "masked.")),
      Bind("effective_values", &M::effective_values, MapOfStrings(),
           Shown("What the operator uses after merging all layers.")),
      Bind("effective_origin", &M::effective_origin, MapOfStrings(),
           Shown("Layer that each effective value comes from.")),
      Bind("effective_chart", &M::effective_chart,
           Shown("Chart that the operator uses.")),
      Bind("release_metadata", &M::release_metadata, MapOfStrings(),
           Shown("What the release channel says of its release.")),
      Bind("workloads", &M::workloads,
           Shown("Its Deployments, StatefulSets and DaemonSets, by "
                 "`Kind/name`. Null where they may not be listed.")),
      Bind("images", &M::images,
           Shown("Images of all of them, each once, sorted.")),
  });
  return *kFields;
}

// One look at an instance that is there.
class InstanceLook {
 public:
  InstanceLook(const base::Context& ctx, const Session& session,
               kube::Client& client, const Desired& desired, const Json& live,
               tf::DataCall<InstanceDataModel>& call)
      : ctx_(ctx),
        session_(session),
        client_(client),
        desired_(desired),
        live_(live),
        call_(call),
        state_(desired.model),
        scrubber_(desired.compiled.scrubber()) {}

  void Run();

 private:
  const wandb::Mask& mask() const { return desired_.compiled.mask; }
  // The effective attributes, and what keeps the operator from applying them.
  void TakeSpecification(const absl::StatusOr<SpecState>& seen);
  void TakeWorkloads(
      const absl::StatusOr<std::vector<WorkloadState>>& workloads);
  void Warn(const StandingFault& fault) {
    call_.diags.AddWarning(fault.summary, scrubber_.Scrub(fault.detail));
  }
  // What may not be read is a warning, all else an error.
  void ReportUnread(const std::string& what, const absl::Status& status,
                    const std::string& rule);
  void Show();

  const base::Context& ctx_;
  const Session& session_;
  kube::Client& client_;
  const Desired& desired_;
  const Json& live_;
  tf::DataCall<InstanceDataModel>& call_;
  InstanceModel state_;
  wandb::Scrubber scrubber_;  // Knows the secrets of all layers, once read.
  // Whether the operator has applied what it must; nothing if unknown.
  std::optional<bool> applied_;
};

void InstanceLook::ReportUnread(const std::string& what,
                                const absl::Status& status,
                                const std::string& rule) {
  const std::string summary =
      absl::StrCat("The ", what, " of ", IdOf(state_), " cannot be read");
  const std::string detail =
      Explain(OfFixedTime(status), session_, scrubber_, rule);
  if (absl::IsPermissionDenied(status)) {
    call_.diags.AddWarning(summary, detail);
  } else {
    call_.diags.AddError(summary, detail);
  }
}

void InstanceLook::TakeSpecification(const absl::StatusOr<SpecState>& seen) {
  if (!seen.ok()) {
    if (!IsBrokenContent(seen.status())) {
      return ReportUnread("operator's Secrets", seen.status(),
                          SecretsRule(state_));
    }
    applied_ = false;
    return Warn(BrokenUserInput(state_, seen.status()));
  }
  const auto secrets = SecretsOfAll(live_, seen->layers, seen->active, mask());
  session_.secrets()->Add(secrets);
  scrubber_.Add(secrets);
  const bool readable = seen->layers.KnowBase();
  if (!readable && !seen->layers.channel_fault.ok()) {
    Warn(BrokenCachedRelease(state_, seen->layers.channel_fault));
  }
  const RecordedLayers recorded = seen->layers.Recorded(mask());
  if (auto unused = FindManagedSpecFault(state_, seen->layers, recorded,
                                         session_, scrubber_)) {
    Warn(*unused);
  }
  const auto fault = readable
                         ? FindStandingFault(state_, *seen, mask(), scrubber_)
                         : FindClash(state_, *seen);
  if (fault.has_value()) Warn(*fault);
  if (fault.has_value() || readable) applied_ = !fault.has_value();
  if (recorded.KnowBase(state_) && readable &&
      seen->expected.problems.empty()) {
    SetEffective(EffectiveOfLive(desired_, live_, recorded), mask(), state_);
  }
}

void InstanceLook::TakeWorkloads(
    const absl::StatusOr<std::vector<WorkloadState>>& workloads) {
  if (!workloads.ok()) {
    return ReportUnread("workloads", workloads.status(), WaitRules(state_));
  }
  std::map<std::string, WorkloadModel> shown;
  std::set<std::string> images;
  bool rolled_out = true, any = false;
  for (const WorkloadState& each : *workloads) {
    rolled_out = rolled_out && each.reason.empty();
    any = any || each.desired > 0;
    images.insert(each.images.begin(), each.images.end());
    shown[absl::StrCat(each.kind, "/", each.name)] = {
        .ready = each.ready,
        .desired = each.desired,
        .reason = scrubber_.Scrub(each.reason),
        .images = each.images};
  }
  call_.model.workloads = std::move(shown);
  call_.model.images = std::vector<std::string>(images.begin(), images.end());
  if (kube::IsTerminating(live_)) {
    state_.ready = false;
    Warn({absl::StrCat("Instance ", IdOf(state_), " is being deleted"),
          absl::StrCat(kube::Describe(desired_.ref()), " ",
                       kube::DescribeDeletion(live_),
                       ". To see what is left to do: ",
                       kube::LookCommand(desired_.ref()))});
  } else if (applied_.has_value()) {
    state_.ready = *applied_ && rolled_out && any;
  }
}

void InstanceLook::Show() {
  InstanceDataModel& model = call_.model;
  model.id = state_.id;
  model.uid = state_.uid;
  model.phase = state_.phase;
  model.url = state_.url;
  model.version = state_.version;
  model.generation = state_.generation;
  model.ready = state_.ready;
  model.configured_values = ConfiguredLeaves(desired_.compiled);
  model.effective_values = state_.effective_values;
  model.effective_origin = state_.effective_origin;
  model.release_metadata = state_.release_metadata;
  model.effective_chart = state_.effective_chart;
}

void InstanceLook::Run() {
  session_.secrets()->Learn(live_, mask());
  absl::StatusOr<SpecState> seen = absl::UnknownError("not read");
  absl::StatusOr<std::vector<WorkloadState>> workloads =
      absl::UnknownError("not read");
  OperatorLook look;
  base::RunInParallel(
      {[&] { seen = ReadSpecState(ctx_, client_, desired_, live_, false); },
       [&] { workloads = ListWorkloads(ctx_, client_, state_); },
       [&] { look = LookAtOperator(ctx_, client_, state_); }});
  for (const OperatorFault& fault : look.faults) {
    if (fault.IsNew(session_.said(), IdOf(state_))) {
      Warn({fault.summary, fault.detail});
    }
  }
  if (seen.ok()) {
    if (wandb::ReadOperatorDeployment(look.deployment).managed_spec == true) {
      const absl::Status read =
          ReadManagedSpec(ctx_, client_, state_, seen->layers);
      seen->expected = ExpectedSpec(desired_, live_, seen->layers);
      if (!read.ok()) seen = read;
    }
  }
  if (seen.ok()) SettleManagedSpec(ctx_, client_, desired_, live_, *seen);
  TakeSpecification(seen);
  TakeWorkloads(workloads);
  Show();
}

class InstanceData final : public tf::TypedDataSource<InstanceDataModel> {
 public:
  explicit InstanceData(std::shared_ptr<const Session> session)
      : TypedDataSource("wandb_instance",
                        "An instance of W&B that is in the cluster, whoever "
                        "made it: what it runs, and whether it does."),
        session_(std::move(session)) {}

 protected:
  void ReadData(const base::Context& parent,
                tf::DataCall<InstanceDataModel>& call) const override {
    const base::Context ctx = parent.WithTimeout(kTimeout);
    const auto client = ClientOrReport(*session_, call.diags);
    if (client == nullptr) return;
    const InstanceModel asked = Asked(call.model);
    const auto live = client->Get(ctx, CustomResourceRef(asked));
    if (!live.ok()) return ReportUnread(asked, live.status(), call.diags);
    if (absl::Status status = CheckLive(*live); !status.ok()) {
      return call.diags.AddError(
          absl::StrCat("Instance ", IdOf(asked), " is too large to be read"),
          status.message());
    }
    const auto seen = AsIfOurs(asked, *live, call.diags);
    if (!seen.has_value()) return;
    InstanceLook(ctx, *session_, *client, *seen, *live, call).Run();
  }

 private:
  static InstanceModel Asked(const InstanceDataModel& model) {
    InstanceModel asked;
    asked.name = model.name;
    asked.ns = model.ns;
    asked.id = IdOf(asked);
    asked.operator_id = model.operator_id;
    asked.airgapped = model.airgapped;
    asked.masking = model.masking;
    asked.sensitive_paths = model.sensitive_paths;
    asked.wait = false;
    SetEffectiveNull(asked);
    return asked;
  }

  // All of `live`: which part of it is whose makes no difference here.
  static std::optional<Desired> AsIfOurs(InstanceModel asked, const Json& live,
                                         tf::Diagnostics& diags) {
    if (const Json* values = base::Find(live, "/spec/values")) {
      auto any = cty::FromJson(*values);
      if (!any.ok()) {
        diags.AddError(
            absl::StrCat("The values of ", IdOf(asked), " cannot be read"),
            any.status().message());
        return std::nullopt;
      }
      asked.values = *std::move(any);
    }
    SetObserved(live, asked);
    return Desired(std::move(asked));
  }

  void ReportUnread(const InstanceModel& asked, const absl::Status& status,
                    tf::Diagnostics& diags) const {
    const bool missing = absl::IsNotFound(status) ||
                         kube::IsNamespaceMissing(status) ||
                         kube::IsKindNotServed(status);
    diags.AddError(
        missing ? absl::StrCat("There is no instance ", IdOf(asked))
                : absl::StrCat("Cannot read instance ", IdOf(asked)),
        Explain(OfFixedTime(status), *session_, wandb::Scrubber(),
                missing ? "Set namespace and name to those of the custom "
                          "resource, or take the cluster or context of the "
                          "provider block that has it. To see which there are: "
                          "kubectl get weightsandbiases --all-namespaces"
                        : ""));
  }

  const std::shared_ptr<const Session> session_;
};

}  // namespace

std::unique_ptr<tf::DataSource> NewInstanceDataSource(
    std::shared_ptr<const Session> session) {
  return std::make_unique<InstanceData>(std::move(session));
}

}  // namespace resources
