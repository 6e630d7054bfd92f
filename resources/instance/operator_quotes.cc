#include "resources/instance/operator_quotes.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/status.h"
#include "wandb/operator/deployment.h"

namespace resources {
namespace {

using base::Json;

constexpr size_t kMaxErrors = 5;
constexpr int kTailLines = 500;
// The operator has one pod, and two while it is rolled out.
constexpr size_t kMaxPods = 3;

// The names of the newest pods of the Deployment, oldest first.
absl::StatusOr<std::vector<std::string>> PodsOf(const base::Context& ctx,
                                                kube::Client& client,
                                                const Json& deployment) {
  struct Pod {
    std::string made, name;
    bool operator<(const Pod& other) const { return made < other.made; }
  };
  std::vector<Pod> pods;
  const std::string prefix = absl::StrCat(kube::NameOf(deployment), "-");
  const auto list = client.List(
      ctx, kube::PodsIn(kube::NamespaceOf(deployment)),
      {.label_selector = wandb::kOperatorSelector, .keep = [&](Json& pod) {
         if (absl::StartsWith(kube::NameOf(pod), prefix)) {
           pod = {{"metadata",
                   {{"name", kube::NameOf(pod)},
                    {"creationTimestamp",
                     base::StringAt(pod, "/metadata/creationTimestamp")
                         .value_or("")}}}};
           return true;
         }
         return false;
       }});
  if (!list.ok()) return list.status();
  for (const Json& pod : list->items) {
    pods.push_back(
        {base::StringAt(pod, "/metadata/creationTimestamp").value_or(""),
         kube::NameOf(pod)});
  }
  std::stable_sort(pods.begin(), pods.end());
  const size_t first = pods.size() > kMaxPods ? pods.size() - kMaxPods : 0;
  std::vector<std::string> names;
  for (size_t i = first; i < pods.size(); ++i) names.push_back(pods[i].name);
  return names;
}

// The error may quote the specification; then at least the message is shown.
std::string Quote(const wandb::OperatorError& error,
                  const wandb::Scrubber& scrubber) {
  // Helm's errors may quote a whole rendered template.
  constexpr size_t kMaxBytes = 1000;
  std::vector<std::string> parts;
  for (const std::string& part : {error.time, error.message, error.error}) {
    std::string shown = scrubber.ScrubToLine(part, kMaxBytes);
    if (!shown.empty()) parts.push_back(std::move(shown));
  }
  return absl::StrCat(
      "operator log: ", absl::StrJoin(parts, ": "),
      error.count > 1 ? absl::StrCat(" (", error.count, " times)") : "");
}

}  // namespace

OperatorLog ReadOperatorErrors(const base::Context& ctx, kube::Client& client,
                               const Json& deployment,
                               const InstanceModel& model, absl::Time since) {
  OperatorLog read;
  if (!deployment.is_object()) return read;
  const std::string ns = kube::NamespaceOf(deployment);
  const auto pods = PodsOf(ctx, client, deployment);
  if (!pods.ok()) {
    read.unread = absl::StrCat("The operator's pods cannot be read: ",
                               kube::InOneLine(pods.status()), ".");
    return read;
  }
  for (const std::string& pod : *pods) {
    const auto log = client.Logs(ctx, kube::ObjectIn(kube::PodsIn(ns), pod),
                                 {.since = since, .tail_lines = kTailLines});
    if (!log.ok()) {
      read.unread =
          absl::StrCat("The log of pod ", pod,
                       " cannot be read: ", kube::InOneLine(log.status()), ".");
      continue;
    }
    const auto found =
        wandb::OperatorErrors(*log, model.ns.value(), model.name.value());
    read.errors.insert(read.errors.end(), found.begin(), found.end());
  }
  return read;
}

OperatorQuotes QuoteOperatorLog(const base::Context& ctx, kube::Client& client,
                                const Json& deployment,
                                const InstanceModel& model, absl::Time since,
                                const wandb::Scrubber& scrubber) {
  const OperatorLog read =
      ReadOperatorErrors(ctx, client, deployment, model, since);
  OperatorQuotes quotes{.unread = read.unread};
  const size_t first =
      read.errors.size() > kMaxErrors ? read.errors.size() - kMaxErrors : 0;
  for (size_t i = first; i < read.errors.size(); ++i) {
    quotes.lines.push_back(Quote(read.errors[i], scrubber));
  }
  return quotes;
}

}  // namespace resources
