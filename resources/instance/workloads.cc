#include "resources/instance/workloads.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "kube/diagnose.h"
#include "kube/object_ref.h"
#include "kube/rollout.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "wandb/spec/readiness.h"

namespace resources {
namespace {

using base::Json;

constexpr int kMaxExplained = 5;
constexpr absl::Duration kExplainLimit = absl::Seconds(5);
constexpr const char* kWorkloadKinds[] = {"deployments", "statefulsets",
                                          "daemonsets"};

kube::CollectionRef Workloads(const std::string& resource,
                              const std::string& ns) {
  return {"apps", "v1", resource, ns};
}

// Scaled to 0, a workload is complete for Kubernetes.
bool IsMeantToRun(const Json& workload) {
  return base::IntAt(workload, "/spec/replicas").value_or(1) != 0;
}

size_t CountMeantToRun(const kube::ObjectMap& objects) {
  return static_cast<size_t>(std::count_if(
      objects.begin(), objects.end(),
      [](const auto& entry) { return IsMeantToRun(entry.second); }));
}

size_t CountRolledOut(const kube::ObjectMap& objects) {
  return static_cast<size_t>(
      std::count_if(objects.begin(), objects.end(), [](const auto& entry) {
        return kube::EvaluateRollout(entry.second).done;
      }));
}

std::string LineOf(const Json& workload, const kube::Rollout& rollout) {
  return absl::StrCat(kube::KindOf(workload), " \"", kube::NameOf(workload),
                      "\": ", rollout.ready, " of ", rollout.desired,
                      " ready: ", rollout.reason);
}

// Those of all kinds, which are asked for side by side; an error if one of them
// cannot be listed.
absl::StatusOr<std::vector<Json>> ListAll(const base::Context& ctx,
                                          kube::Client& client,
                                          const InstanceModel& model) {
  const kube::ListOptions of_instance = {
      .label_selector = wandb::WorkloadSelector(model.name.value())};
  std::vector<absl::StatusOr<kube::ObjectList>> lists(
      std::size(kWorkloadKinds), absl::UnknownError("not listed"));
  std::vector<std::function<void()>> reads;
  for (size_t i = 0; i < lists.size(); ++i) {
    reads.emplace_back([&, i] {
      lists[i] = client.List(
          ctx, Workloads(kWorkloadKinds[i], model.ns.value()), of_instance);
    });
  }
  base::RunInParallel(reads);
  std::vector<Json> all;
  for (absl::StatusOr<kube::ObjectList>& list : lists) {
    RETURN_IF_ERROR(list.status());
    std::move(list->items.begin(), list->items.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<std::string> ImagesOf(const Json& workload) {
  std::vector<std::string> images;
  for (const char* containers : {"/spec/template/spec/initContainers",
                                 "/spec/template/spec/containers"}) {
    const Json* list = base::Find(workload, containers);
    if (list == nullptr || !list->is_array()) continue;
    for (const Json& container : *list) {
      auto image = base::StringAt(container, "/image");
      if (image.has_value()) images.push_back(*std::move(image));
    }
  }
  return images;
}

}  // namespace

absl::StatusOr<WorkloadCount> AwaitRollout(const base::Context& ctx,
                                           kube::Client& client,
                                           const InstanceModel& model,
                                           absl::Duration look_again,
                                           const Meanwhile& meanwhile) {
  const std::string selector = wandb::WorkloadSelector(model.name.value());
  WorkloadCount count;
  bool waited = false;
  const auto await = [&](const char* kind) {
    WorkloadCount of_kind;
    const absl::Status status = kube::AwaitCollection(
        ctx, client, Workloads(kind, model.ns.value()), selector,
        [&](const kube::ObjectMap& objects) -> absl::StatusOr<bool> {
          of_kind = {objects.size(), CountMeantToRun(objects)};
          if (CountRolledOut(objects) == objects.size()) return true;
          waited = true;
          RETURN_IF_ERROR(meanwhile(absl::StrCat(CountRolledOut(objects),
                                                 " of ", objects.size(), " ",
                                                 kind, " rolled out")));
          return false;
        },
        {.look_again = look_again});
    count.seen += of_kind.seen;
    count.meant_to_run += of_kind.meant_to_run;
    return status;
  };
  // While one kind is awaited, another may cease to be rolled out.
  do {
    count = {};
    waited = false;
    for (const char* kind : kWorkloadKinds) RETURN_IF_ERROR(await(kind));
  } while (waited);
  return count;
}

std::vector<Json> ListUnready(const base::Context& ctx, kube::Client& client,
                              const InstanceModel& model) {
  auto all = ListAll(ctx, client, model);
  if (!all.ok()) return {};
  std::erase_if(*all, [](const Json& workload) {
    return kube::EvaluateRollout(workload).done;
  });
  return *std::move(all);
}

WorkloadReport WhyNotRolledOut(const base::Context& ctx, kube::Client& client,
                               const InstanceModel& model, absl::Time since) {
  WorkloadReport report;
  // For all of them together, however much there is to read.
  const base::Context brief = ctx.WithTimeout(kExplainLimit);
  std::vector<std::string> starting;
  std::set<std::string> unseen;  // Forbidden for one, it is for all.
  int unready = 0;
  for (const char* kind : kWorkloadKinds) {
    const auto list = client.List(
        ctx, Workloads(kind, model.ns.value()),
        {.label_selector = wandb::WorkloadSelector(model.name.value())});
    if (!list.ok()) {
      unseen.insert(absl::StrCat("cannot list ", kind, ": ",
                                 kube::InOneLine(list.status())));
      continue;
    }
    for (const Json& workload : list->items) {
      const kube::Rollout rollout = kube::EvaluateRollout(workload);
      if (rollout.done || ++unready > kMaxExplained) continue;
      const kube::Explanation explained = kube::ExplainWorkload(
          brief, client, workload, {.since = since, .last_words = true});
      std::vector<std::string>& lines =
          explained.starting ? starting : report.lines;
      lines.push_back(LineOf(workload, rollout));
      for (const std::string& line : explained.lines) {
        lines.push_back(absl::StrCat("  ", line));
      }
      unseen.insert(explained.unseen.begin(), explained.unseen.end());
    }
  }
  report.starting = unseen.empty() && unready > 0 && report.lines.empty();
  report.lines.insert(report.lines.end(), starting.begin(), starting.end());
  report.lines.insert(report.lines.end(), unseen.begin(), unseen.end());
  return report;
}

bool WorkloadsNeverRan(const base::Context& ctx, kube::Client& client,
                       const InstanceModel& model) {
  for (const char* kind : kWorkloadKinds) {
    const auto list = client.List(
        ctx, Workloads(kind, model.ns.value()),
        {.label_selector = wandb::WorkloadSelector(model.name.value())});
    if (!list.ok()) return false;
    for (const Json& workload : list->items) {
      for (const char* count :
           {"/status/readyReplicas", "/status/numberReady"}) {
        if (base::IntAt(workload, count).value_or(0) > 0) return false;
      }
    }
  }
  return true;
}

absl::StatusOr<std::vector<WorkloadState>> ListWorkloads(
    const base::Context& ctx, kube::Client& client,
    const InstanceModel& model) {
  ASSIGN_OR_RETURN(const std::vector<Json> workloads,
                   ListAll(ctx, client, model));
  std::vector<WorkloadState> out;
  for (const Json& workload : workloads) {
    const kube::Rollout rollout = kube::EvaluateRollout(workload);
    out.push_back({.kind = kube::KindOf(workload),
                   .name = kube::NameOf(workload),
                   .ready = rollout.ready,
                   .desired = rollout.desired,
                   .reason = rollout.reason,
                   .images = ImagesOf(workload)});
  }
  return out;
}

WorkloadLook LookAtWorkloads(const base::Context& ctx, kube::Client& client,
                             const InstanceModel& model) {
  const auto workloads = ListAll(ctx, client, model);
  if (!workloads.ok()) return {};
  bool any = false;
  for (const Json& workload : *workloads) {
    const kube::Rollout rollout = kube::EvaluateRollout(workload);
    if (!rollout.done) return {.why_not = LineOf(workload, rollout)};
    any = any || IsMeantToRun(workload);
  }
  if (any) return {.ready = true};
  return {.why_not = absl::StrCat(
              workloads->empty()
                  ? "No Deployment, StatefulSet or DaemonSet has the labels "
                  : "Every workload is scaled to 0 replicas that has the "
                    "labels ",
              wandb::WorkloadSelector(model.name.value()), ".")};
}

}  // namespace resources
