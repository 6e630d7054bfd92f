#include "resources/instance/readiness.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kube/diagnose.h"
#include "kube/rollout.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/instance/cluster_layers.h"
#include "wandb/custom_resource.h"
#include "wandb/operator_manifests.h"
#include "wandb/readiness.h"

namespace resources {
namespace {

using base::Json;

// The layers live in Secrets, which are not watched: they are read again at
// each change of the custom resource, and after this time in any case.
constexpr absl::Duration kLookAgain = absl::Seconds(5);
// How long "Invalid Config" must stand, without an event that dates it, before
// it is believed to be about our write.
constexpr absl::Duration kInvalidGrace = absl::Seconds(4);
constexpr int kMaxExplained = 5;
constexpr int kMaxLogLines = 5;

constexpr const char* kWorkloadKinds[] = {"deployments", "statefulsets",
                                          "daemonsets"};

kube::CollectionRef Workloads(const std::string& resource,
                              const std::string& ns) {
  return {"apps", "v1", resource, ns};
}

std::string PhaseOf(const Json& object) {
  return base::StringAt(object, "/status/phase").value_or("");
}

kube::CollectionPredicate AllRolledOut(size_t& seen) {
  return [&seen](const kube::ObjectMap& objects) -> absl::StatusOr<bool> {
    seen = std::max(seen, objects.size());
    return std::all_of(objects.begin(), objects.end(), [](const auto& entry) {
      return kube::EvaluateRollout(entry.second).done;
    });
  };
}

class Wait {
 public:
  Wait(const base::Context& ctx, kube::Client& client,
       const InstanceModel& model, absl::Time written,
       const wandb::Scrubber& scrubber)
      : ctx_(ctx),
        client_(client),
        model_(model),
        own_(Compile(model).layer()),
        written_(written),
        scrubber_(scrubber) {}

  Readiness Run() {
    if (AwaitOperator() && AwaitSpec() && AwaitWorkloads()) {
      result_.ready = true;
    }
    return std::move(result_);
  }

 private:
  // The look around after a failure: stop ends it, the used-up time does not.
  base::Context Aftermath() const {
    return ctx_.WithoutDeadline().WithTimeout(absl::Seconds(15));
  }

  bool Fail(std::string summary, const absl::Status& status) {
    result_.summary = std::move(summary);
    if (absl::IsCancelled(status)) {
      result_.status = status;
    } else if (!status.ok() && !absl::IsDeadlineExceeded(status)) {
      Say(std::string(status.message()));
    }
    return false;
  }

  void Say(const std::string& line) {
    if (!line.empty()) result_.details.push_back(scrubber_.Scrub(line));
  }

  std::optional<kube::ObjectRef> OperatorDeployment() const {
    if (!model_.operator_id.IsKnown()) return std::nullopt;
    const std::vector<std::string> parts =
        absl::StrSplit(model_.operator_id.value(), '/');
    if (parts.size() != 2) return std::nullopt;
    wandb::OperatorSettings settings;
    settings.name = parts[1];
    return kube::DeploymentRef(parts[0],
                               wandb::OperatorDeploymentName(settings));
  }

  bool AwaitOperator();
  bool AwaitSpec();
  absl::StatusOr<bool> LookAtSpec(const Json* object);
  absl::StatusOr<bool> InvalidConfig();
  bool AwaitWorkloads();
  void ExplainWorkloads(const base::Context& ctx);
  void QuoteOperatorLog(const base::Context& ctx);

  const base::Context& ctx_;
  kube::Client& client_;
  const InstanceModel& model_;
  const wandb::SpecLayer own_;
  const absl::Time written_;
  const wandb::Scrubber& scrubber_;
  Readiness result_;
  std::string difference_;
  absl::Time invalid_since_ = absl::InfiniteFuture();
};

bool Wait::AwaitOperator() {
  const auto ref = OperatorDeployment();
  if (!ref.has_value()) return true;
  kube::Rollout rollout;
  const auto live = kube::AwaitObject(
      ctx_, client_, *ref, [&](const Json* object) -> absl::StatusOr<bool> {
        rollout = object == nullptr ? kube::Rollout{.reason = "does not exist"}
                                    : kube::EvaluateRollout(*object);
        return rollout.done || rollout.failed;
      });
  if (live.ok() && rollout.done) return true;
  Say(absl::StrCat(kube::Describe(*ref), ": ", rollout.reason));
  const base::Context after = Aftermath();
  if (const auto now = client_.Get(after, *ref); now.ok()) {
    for (const std::string& line :
         kube::ExplainWorkload(after, client_, *now)) {
      Say(line);
    }
  }
  return Fail("The W&B operator is not running", live.status());
}

// True: something newer than our write, or lasting, says that applying failed.
absl::StatusOr<bool> Wait::InvalidConfig() {
  const auto events =
      client_.List(ctx_, kube::EventsIn(model_.ns.value()),
                   {.field_selector = absl::StrCat(
                        "involvedObject.name=", model_.name.value(),
                        ",reason=ApplyFailed")});
  if (events.ok()) {
    for (const Json& event : events->items) {
      const std::string when =
          base::StringAt(event, "/lastTimestamp")
              .value_or(base::StringAt(event, "/eventTime").value_or(""));
      absl::Time time;
      std::string error;
      // Event times have whole seconds.
      if (absl::ParseTime(absl::RFC3339_full, when, &time, &error) &&
          time > written_) {
        return true;
      }
    }
  }
  const absl::Time now = absl::Now();
  invalid_since_ = std::min(invalid_since_, now);
  return now - invalid_since_ >= kInvalidGrace;
}

absl::StatusOr<bool> Wait::LookAtSpec(const Json* object) {
  if (object == nullptr || kube::IsTerminating(*object)) {
    return absl::NotFoundError("the custom resource was deleted meanwhile");
  }
  result_.phase = PhaseOf(*object);
  ASSIGN_OR_RETURN(const LiveLayers layers,
                   ReadLiveLayers(ctx_, client_, model_));
  const wandb::EffectiveSpec expected =
      ExpectedSpec(model_, *object, own_, layers);
  if (!expected.problems.empty()) {
    for (const auto& problem : expected.problems) {
      Say(wandb::Describe(problem));
    }
    return absl::FailedPreconditionError(
        "the operator cannot merge the specification: correct the values "
        "named above");
  }
  ASSIGN_OR_RETURN(const auto active,
                   ReadActiveSpec(ctx_, client_, model_, kube::UidOf(*object)));
  difference_ = active.has_value()
                    ? wandb::DescribeDifference(*active, expected)
                    : "the operator has applied no specification yet";
  if (active.has_value() && wandb::ActiveSpecMatches(*active, expected)) {
    return true;
  }
  if (result_.phase != wandb::kPhaseInvalidConfig) {
    invalid_since_ = absl::InfiniteFuture();
    return false;
  }
  ASSIGN_OR_RETURN(const bool invalid, InvalidConfig());
  if (!invalid) return false;
  if (expected.chart.is_null()) {
    Say("No layer names a chart: neither this configuration (attribute chart) "
        "nor the release channel.");
  }
  return absl::FailedPreconditionError(
      "the operator reports \"Invalid Config\": the chart cannot be fetched "
      "or rendered with these values");
}

bool Wait::AwaitSpec() {
  absl::Status status;
  do {
    const auto look = kube::AwaitObject(
        ctx_.WithTimeout(kLookAgain), client_, CustomResourceRef(model_),
        [this](const Json* object) { return LookAtSpec(object); });
    if (look.ok()) return true;
    status = look.status();
  } while (absl::IsDeadlineExceeded(status) && ctx_.Check().ok());
  if (absl::IsCancelled(ctx_.Check())) status = ctx_.Check();
  if (!absl::IsCancelled(status)) {
    Say(difference_);
    Say(absl::StrCat("The operator reports phase \"", result_.phase, "\"."));
    QuoteOperatorLog(Aftermath());
  }
  return Fail("The operator has not applied the specification", status);
}

bool Wait::AwaitWorkloads() {
  const std::string selector = wandb::WorkloadSelector(model_.name.value());
  size_t seen = 0;
  for (const char* kind : kWorkloadKinds) {
    const absl::Status status =
        kube::AwaitCollection(ctx_, client_, Workloads(kind, model_.ns.value()),
                              selector, AllRolledOut(seen));
    if (status.ok()) continue;
    if (!absl::IsCancelled(status)) ExplainWorkloads(Aftermath());
    return Fail("W&B is not running yet", status);
  }
  if (seen == 0) {
    return Fail("The operator has made no workloads",
                absl::NotFoundError(absl::StrCat(
                    "no Deployment, StatefulSet or DaemonSet has the labels ",
                    selector)));
  }
  return true;
}

void Wait::ExplainWorkloads(const base::Context& ctx) {
  int explained = 0;
  for (const char* kind : kWorkloadKinds) {
    const auto list = client_.List(
        ctx, Workloads(kind, model_.ns.value()),
        {.label_selector = wandb::WorkloadSelector(model_.name.value())});
    if (!list.ok()) {
      Say(absl::StrCat("cannot list ", kind, ": ", list.status().message()));
      continue;
    }
    for (const Json& workload : list->items) {
      const kube::Rollout rollout = kube::EvaluateRollout(workload);
      if (rollout.done || ++explained > kMaxExplained) continue;
      Say(absl::StrCat(kube::KindOf(workload), " \"", kube::NameOf(workload),
                       "\": ", rollout.ready, " of ", rollout.desired,
                       " ready: ", rollout.reason));
      for (const std::string& line :
           kube::ExplainWorkload(ctx, client_, workload)) {
        Say(absl::StrCat("  ", line));
      }
    }
  }
}

// The operator gives the reason of a failure in its log only.
void Wait::QuoteOperatorLog(const base::Context& ctx) {
  const auto ref = OperatorDeployment();
  if (!ref.has_value()) return;
  const auto pods =
      client_.List(ctx, kube::PodsIn(ref->ns),
                   {.label_selector = "control-plane=controller-manager"});
  if (!pods.ok()) {
    Say(absl::StrCat("The operator's pods cannot be read: ",
                     pods.status().message()));
    return;
  }
  std::vector<std::string> lines;
  for (const Json& pod : pods->items) {
    const auto log = client_.Logs(
        ctx, kube::ObjectIn(kube::PodsIn(ref->ns), kube::NameOf(pod)),
        {.since = written_, .tail_lines = 500});
    if (!log.ok()) {
      Say(absl::StrCat("The log of pod ", kube::NameOf(pod),
                       " cannot be read: ", log.status().message()));
      continue;
    }
    for (absl::string_view line : absl::StrSplit(*log, '\n')) {
      if (absl::StrContains(absl::AsciiStrToLower(line), "error")) {
        lines.emplace_back(line);
      }
    }
  }
  const size_t first =
      lines.size() > kMaxLogLines ? lines.size() - kMaxLogLines : 0;
  for (size_t i = first; i < lines.size(); ++i) {
    Say(absl::StrCat("operator log: ", lines[i]));
  }
}

}  // namespace

Readiness AwaitInstance(const base::Context& ctx, kube::Client& client,
                        const InstanceModel& model, absl::Time written,
                        const wandb::Scrubber& scrubber) {
  return Wait(ctx, client, model, written, scrubber).Run();
}

bool WorkloadsReady(const base::Context& ctx, kube::Client& client,
                    const InstanceModel& model) {
  size_t seen = 0;
  for (const char* kind : kWorkloadKinds) {
    const auto list = client.List(
        ctx, Workloads(kind, model.ns.value()),
        {.label_selector = wandb::WorkloadSelector(model.name.value())});
    if (!list.ok()) return false;
    seen += list->items.size();
    for (const Json& workload : list->items) {
      if (!kube::EvaluateRollout(workload).done) return false;
    }
  }
  return seen > 0;
}

}  // namespace resources
