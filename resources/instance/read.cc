#include "resources/instance/read.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/parallel.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "kube/ssa/owned_part.h"
#include "kube/status.h"
#include "resources/connection/connect.h"
#include "resources/connection/look_context.h"
#include "resources/instance/desired.h"
#include "resources/instance/drift.h"
#include "resources/instance/holders.h"
#include "resources/instance/import.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/others.h"
#include "resources/instance/overridden_chart.h"
#include "resources/instance/private_data.h"
#include "resources/instance/release_pin.h"
#include "resources/instance/specification_read.h"
#include "resources/instance/successor.h"
#include "resources/instance/write.h"
#include "resources/instance/write_only.h"
#include "resources/namespace.h"
#include "resources/namespace_end.h"
#include "resources/operation.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/chart/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/others.h"
#include "wandb/spec/readiness.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

// The keys of `stored` with their live values, and what is left over: drift of
// labels.
Attr<InstanceModel::StringMap> LiveEntries(
    const Attr<InstanceModel::StringMap>& stored, const Json& live,
    const Json& left_over, absl::string_view pointer) {
  const Json* entries = base::Find(live, pointer);
  const Json* more = base::Find(left_over, pointer);
  if (!stored.IsKnown() && more == nullptr) return stored;
  InstanceModel::StringMap out;
  if (stored.IsKnown() && entries != nullptr) {
    for (const auto& [key, value] : stored.value()) {
      const auto it = entries->find(key);
      if (it != entries->end() && it->is_string()) {
        out[key] = it->get<std::string>();
      }
    }
  }
  if (more != nullptr && more->is_object()) {
    for (const auto& [key, value] : more->items()) {
      if (value.is_string()) out[key] = value.get<std::string>();
    }
  }
  return out;
}

// A password of the chart that core must not be made to log: it does that with
// what a refresh changes, old and new, and hides nothing below the root.
std::string PasswordOf(const Attr<ChartModel>& stored) {
  if (!stored.IsKnown()) return "";
  const std::string password = stored.value().password.value_or("");
  return password == wandb::kMaskedChanged ? "" : password;
}

// The fields of `wrote` with their live values; `stored` where they are equal.
// The password stays: see NotePassword().
Attr<ChartModel> LiveChart(const Attr<ChartModel>& stored, const Json& wrote,
                           const Json& live) {
  if (stored.IsUnknown() || !wrote.is_object()) return stored;
  Json there = Json::object();
  for (const auto& [key, value] : wrote.items()) {
    const auto it = live.find(key);
    if (it != live.end()) there[key] = ssa::OwnedPart(value, *it);
  }
  const Json known = ChartTree(stored);
  if (there == known) return stored;
  Attr<ChartModel> changed = ChangedChart(known, there);
  if (changed.IsKnown() && stored.IsKnown() && stored.value().url.IsNull()) {
    // A version alone stays one, if it can still say the same.
    ChartModel shorter = changed.value();
    shorter.url = shorter.name = {};
    if (ChartTree(shorter) == ChartTree(changed)) changed = shorter;
  }
  if (PasswordOf(stored).empty()) return changed;
  ChartModel kept = changed.value_or({});
  kept.password = stored.value().password;
  return kept;
}

// That the chart's password is not the stored one any more, where a plan shows
// it. The path is as in force_conflict_paths.
void NotePassword(
    const Attr<ChartModel>& stored, const Json& live,
    std::map<std::string, std::optional<std::string>>& configured) {
  const std::string password = PasswordOf(stored);
  if (password.empty()) return;
  if (base::StringAt(live, "/spec/chart/password") == password) return;
  configured[".spec.chart.password"] = wandb::kMaskedChanged;
}

// Sets what shows changes made outside. `wrote` is what the state says, with
// what is left over. A state that was imported just now may lack what could not
// be, and the next look shows it.
void ReadDrift(const Json& live, const Compiled& wrote, const Json& left_over,
               bool imported, InstanceModel& state) {
  SetObserved(live, state);
  state.labels = LiveEntries(state.labels, live, left_over, "/metadata/labels");
  state.annotations =
      LiveEntries(state.annotations, live, left_over, "/metadata/annotations");
  const wandb::SpecLayer layer = wandb::CustomResourceLayer(live);
  auto configured = LiveLeafMap(wrote.values, layer.values, wrote.mask);
  if (!imported) NotePassword(state.chart, live, configured);
  state.configured_values = StringMap(configured);
  if (!imported) {
    state.chart = LiveChart(state.chart, wrote.chart, layer.chart);
  }
}

class InstanceRead {
 public:
  InstanceRead(const base::Context& ctx, const Session& session,
               const std::shared_ptr<kube::Client>& client,
               tf::ReadCall<InstanceModel>& call)
      : client_(client),
        call_(call),
        state_(call.state),
        notes_(InstanceNotes::From(call.private_data)),
        imported_(notes_.importing),
        wrote_(call.state),
        scrubber_(wrote_.compiled.scrubber()),
        op_{.ctx = ctx,
            .client = *client,
            .session = session,
            .scrubber = scrubber_,
            .diags = call.diags} {}

  void Run();
  void StoreNotes() { notes_.To(call_.private_data); }

 private:
  // There is no custom resource to the state.
  void ReadGone();
  // Of a state without an object: whether its create has made one after all.
  // Otherwise, whatever has the name since, this state has not made it.
  bool FindMade();
  // Not found, or not served: only the API server's own word for the object (or
  // for the whole kind) drops the state.
  void ReadMissing(const absl::Status& status);
  // Whether the object of the state is gone and `live` has only its name.
  bool IsAnother(const Json& live);
  // That somebody deletes the object, and what the next apply makes of that.
  void WarnOfDeletion(const Json& live);
  // Nothing of what others wrote so much of can be shown; the state stays as it
  // is, so that a plan is possible. There is none yet where it was imported.
  void ReportTooLarge(const absl::Status& status);
  // That Kubernetes does not know who wrote what.
  void WarnOfNoManagers();
  // That others wrote a chart which the operator does not use as it stands.
  // `body` is our last write.
  void WarnOfOthersChart(const Json& live, const Json& body);
  void ReadLive(const Json& live);

  const std::shared_ptr<kube::Client>& client_;
  tf::ReadCall<InstanceModel>& call_;
  InstanceModel& state_;
  InstanceNotes notes_;
  const bool imported_;  // Just now.
  Desired wrote_;        // With what is left over, once that is known.
  wandb::Scrubber scrubber_;
  const Operation op_;
};

void InstanceRead::ReadGone() {
  call_.gone = !KeepsNamespace(op_.ctx, op_.client,
                               {.ns = state_.ns.value(),
                                .owner = NamespaceOwnerOf(state_),
                                .makes = state_.create_namespace.value(),
                                .session = op_.session,
                                .scrubber = op_.scrubber},
                               call_.private_data, op_.diags);
  if (!call_.gone && !op_.diags.HasError()) SetNoObject(state_);
}

bool InstanceRead::FindMade() {
  absl::StatusOr<Json> made = absl::NotFoundError("not looked for");
  if (notes_.left_open) made = MadeAfterAll(op_, wrote_);
  if (made.ok()) {
    SetObserved(*made, state_);
    notes_.NoteWritten(op_.session.field_manager());
    return true;
  }
  if (absl::IsNotFound(made.status())) {
    ReadGone();
  } else {
    ReportStatus(absl::StrCat("Cannot read ", kube::Describe(wrote_.ref())),
                 OfFixedTime(made.status()), op_.session, op_.scrubber,
                 op_.diags);
  }
  return false;
}

void InstanceRead::ReadMissing(const absl::Status& status) {
  if (absl::IsNotFound(status) || kube::IsNamespaceMissing(status)) {
    return ReadGone();
  }
  // Operator v2 may have given up serving v1.
  if (kube::IsKindNotServed(status) && !imported_ &&
      ReadOnOperatorV2(op_.ctx, op_.session, client_, nullptr, call_)) {
    return;
  }
  if (kube::IsKindNotServed(status) &&
      absl::IsNotFound(
          op_.client.Get(op_.ctx, kube::CrdRef(wandb::kCrdName)).status())) {
    op_.diags.AddWarning(
        absl::StrCat("Instance ", IdOf(state_),
                     " is gone with the WeightsAndBiases CRD"),
        absl::StrCat("CustomResourceDefinition \"", wandb::kCrdName,
                     "\" was deleted, and with it Kubernetes deleted the "
                     "instance. It is planned to be created again, which needs "
                     "the definition: apply wandb_operator first."));
    return ReadGone();
  }
  ReportStatus(absl::StrCat("Cannot read ", kube::Describe(wrote_.ref())),
               OfFixedTime(status), op_.session, op_.scrubber, op_.diags);
}

bool InstanceRead::IsAnother(const Json& live) {
  const std::string uid = state_.uid.value_or("");
  if (uid.empty() || uid == kube::UidOf(live)) return false;
  call_.gone = true;
  op_.diags.AddWarning(
      absl::StrCat("Instance ", IdOf(state_), " was deleted and made again"),
      absl::StrCat(
          "The state knows ", kube::Describe(wrote_.ref()), " with uid ", uid,
          ", which is gone. The cluster has another one, with uid ",
          kube::UidOf(live), ". ",
          AdviceOnSuccessor(live, state_, op_.session.field_manager())));
  return true;
}

void InstanceRead::WarnOfDeletion(const Json& live) {
  const kube::ObjectRef ref = wrote_.ref();
  op_.diags.AddWarning(
      absl::StrCat("Instance ", IdOf(state_), " is being deleted"),
      absl::StrCat(kube::Describe(ref), " ", kube::DescribeDeletion(live),
                   ". ready is false. The next apply waits for its end, as "
                   "long as the timeouts block allows, and then creates it "
                   "anew; to let it go, take it out of the configuration. "
                   "To see what is left to do: ",
                   kube::LookCommand(ref)));
}

void InstanceRead::ReportTooLarge(const absl::Status& status) {
  const std::string summary =
      absl::StrCat("Instance ", IdOf(state_), " is too large to be read");
  if (imported_) return op_.diags.AddError(summary, status.message());
  op_.diags.AddWarning(
      summary, absl::StrCat(status.message(),
                            "\n\nThe state is that of the last refresh."));
}

void InstanceRead::WarnOfNoManagers() {
  op_.diags.AddWarning(
      absl::StrCat("Nobody owns the fields of ", IdOf(state_)),
      "Somebody has cleared metadata.managedFields of the custom resource, "
      "so that Kubernetes does not know what this configuration wrote. The "
      "next update that changes something writes its values again and owns "
      "them from then on. What the configuration gives up until then stays "
      "in the cluster, as if another manager had set it; remove it by hand.");
}

void InstanceRead::WarnOfOthersChart(const Json& live, const Json& body) {
  const Json* chart = base::Find(live, "/spec/chart");
  const Json* ours = base::Find(body, "/spec/chart");
  if (chart == nullptr || (ours != nullptr && *ours == *chart)) return;
  if (chart->empty()) return;  // Says nothing.
  const absl::Status status = wandb::CheckChart(*chart);
  if (status.ok()) return;
  const std::string holders =
      HoldersOf(live, ".spec.chart", op_.session.field_manager());
  op_.diags.AddWarning(
      absl::StrCat("The operator does not use the chart in the custom resource "
                   "of ",
                   IdOf(state_), " as it stands"),
      absl::StrCat(
          "spec.chart is not what this configuration wrote",
          holders.empty()
              ? ""
              : absl::StrCat("; field manager ", holders, " wrote to it"),
          ". What the operator reads there:\n",
          op_.scrubber.Scrub(std::string(status.message())),
          "\n\neffective_chart has what it runs. Ask them to correct it or to "
          "take it out; or set chart here and take it over with "
          "force_conflict_paths."));
}

void InstanceRead::ReadLive(const Json& live) {
  const Session& session = op_.session;
  session.secrets()->Add(wrote_.compiled.secrets());
  session.secrets()->Learn(live, wrote_.compiled.mask);
  const std::string manager = session.field_manager();
  // What is left to others is not ours to miss or to take away.
  const Json body = WithLeft(live, wrote_.body(), wrote_.compiled.left_paths);
  const bool lost = notes_.AreLost();
  notes_.Recover(live, manager, body);
  const auto sources = notes_.SourcesFor(manager, body);
  const Json left_over = LeftOver(live, body, manager, sources);
  const wandb::SpecLayer more = wandb::CustomResourceLayer(left_over);
  Compiled& wrote = wrote_.compiled;
  const Json configured_chart = wrote.chart;
  wrote.chart = wandb::Overlaid(wrote.chart, more.chart);
  wrote.values = wandb::Overlaid(wrote.values, more.values);
  scrubber_ = wrote.scrubber();
  ReadDrift(live, wrote, left_over, imported_, state_);
  if (kube::ManagersOf(live).empty() && !imported_) WarnOfNoManagers();
  WarnOfOthersChart(live, body);
  notes_.layers.others = OthersOf(live, wrote, manager, sources);
  if (auto chart = FindOverriddenChart(configured_chart, notes_.layers)) {
    WarnOfOverriddenChart(*chart, live, state_, session, op_.diags);
  }
  absl::StatusOr<Json> kept = absl::UnknownError("not read");
  const bool keeps = !state_.secrets_wo.value_or({}).empty();
  bool seen = false;
  std::vector<std::function<void()>> reads = {[&] {
    seen = ReadSpecification(op_, wrote_, live, notes_.layers, state_);
  }};
  if (keeps) reads.emplace_back([&] { kept = GetWriteOnly(op_, state_); });
  base::RunInParallel(reads);
  if (keeps) CheckWriteOnlyKept(op_, kept, state_);
  if (!seen || imported_) return;
  ReadPin(op_, lost, notes_, state_);
  WarnIfNotPinned(notes_.layers, state_, op_.diags);
}

void InstanceRead::Run() {
  if (!HasObject(state_) && !imported_ && !FindMade()) return;
  const auto live = op_.client.Get(op_.ctx, wrote_.ref());
  if (!live.ok()) return ReadMissing(live.status());
  if (IsAnother(*live)) return;
  notes_.being_deleted = kube::IsTerminating(*live);
  if (notes_.being_deleted) {
    WarnOfDeletion(*live);
    state_.ready = false;
  }
  if (absl::Status status = CheckLive(*live); !status.ok()) {
    if (base::StringAt(*live, "/status/phase") == wandb::kPhaseInvalidConfig) {
      state_.ready = false;  // So much can be told.
    }
    return ReportTooLarge(status);
  }
  notes_.importing = false;
  tf::Diagnostics said;  // By ImportInstance().
  const bool differs = imported_ && !FillImported(*live, state_, said);
  if (imported_) wrote_ = Desired(state_);
  if (ReadOnOperatorV2(op_.ctx, op_.session, client_, &*live, call_)) return;
  ReadLive(*live);
  // What runs is not what the state says, or not for long.
  if (differs || notes_.being_deleted) state_.ready = false;
}

}  // namespace

void ReadInstance(const base::Context& parent, const Session& session,
                  tf::ReadCall<InstanceModel>& call) {
  const auto client = ClientOrReport(session, call.diags);
  if (client == nullptr) return;
  InstanceRead read(ReadContext(parent), session, client, call);
  read.Run();
  read.StoreNotes();
}

}  // namespace resources
