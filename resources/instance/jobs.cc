#include "resources/instance/jobs.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "kube/diagnose.h"
#include "kube/object_ref.h"
#include "kube/rollout.h"
#include "kube/status.h"

namespace resources {
namespace {

using base::Json;

constexpr size_t kMaxExplained = 3;
constexpr absl::Duration kExplainLimit = absl::Seconds(5);

std::string EntryOf(const Json& job, const char* map, const char* key) {
  const Json* entries = base::Find(job, map);
  if (entries == nullptr || !entries->is_object()) return "";
  const auto entry = entries->find(key);
  return entry != entries->end() && entry->is_string()
             ? entry->get<std::string>()
             : "";
}

// Helm labels nothing, and annotates no hook: that charts do the first is their
// habit.
bool IsOfInstance(const Json& job, const std::string& instance) {
  const Json& owners = base::ListAt(job, "/metadata/ownerReferences");
  if (std::any_of(owners.begin(), owners.end(), [](const Json& owner) {
        return base::StringAt(owner, "/kind") == "CronJob";
      })) {
    return false;
  }
  if (EntryOf(job, "/metadata/labels", "app.kubernetes.io/instance") ==
      instance) {
    return true;
  }
  return !EntryOf(job, "/metadata/annotations", "helm.sh/hook").empty() &&
         absl::StartsWith(kube::NameOf(job), absl::StrCat(instance, "-"));
}

bool IsMadeSince(const Json& job, absl::Time since) {
  absl::Time made;
  std::string error;
  return absl::ParseTime(
             absl::RFC3339_full,
             base::StringAt(job, "/metadata/creationTimestamp").value_or(""),
             &made, &error) &&
         made >= since;
}

void Explain(const base::Context& ctx, kube::Client& client, const Json& job,
             absl::Time since, std::vector<std::string>& lines) {
  lines.push_back(absl::StrCat("Job \"", kube::NameOf(job),
                               "\": ", kube::EvaluateRollout(job).reason));
  const kube::Explanation explained = kube::ExplainWorkload(
      ctx, client, job, {.since = since, .last_words = true});
  for (const std::string& line : explained.lines) {
    lines.push_back(absl::StrCat("  ", line));
  }
}

}  // namespace

JobReport LookAtJobs(const base::Context& ctx, kube::Client& client,
                     const InstanceModel& model, absl::Time since) {
  const base::Context brief = ctx.WithTimeout(kExplainLimit);
  const auto jobs = client.List(
      brief, {"batch", "v1", "jobs", model.ns.value()},
      {.keep = [&](Json& job) {
        return IsOfInstance(job, model.name.value()) &&
               IsMadeSince(job, since) && !kube::EvaluateRollout(job).done;
      }});
  JobReport report;
  if (!jobs.ok()) {
    report.unseen =
        absl::StrCat("cannot list jobs: ", kube::InOneLine(jobs.status()));
    return report;
  }
  size_t failed = 0;
  size_t running = 0;
  for (const Json& job : jobs->items) {
    const bool has_failed = kube::EvaluateRollout(job).failed;
    if (++(has_failed ? failed : running) > kMaxExplained) continue;
    Explain(brief, client, job, since,
            has_failed ? report.failed : report.running);
  }
  return report;
}

}  // namespace resources
