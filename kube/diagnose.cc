#include "kube/diagnose.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/object_ref.h"

namespace kube {
namespace {

using base::Json;

std::string Text(const Json& json, const char* pointer) {
  return base::StringAt(json, pointer).value_or("");
}

// `a: b`, or the one that is there.
std::string Pair(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a + b;
  return absl::StrCat(a, ": ", b);
}

void ExplainContainers(const Json& pod, const char* pointer,
                       const std::string& head,
                       std::vector<std::string>& lines) {
  const Json* statuses = base::Find(pod, pointer);
  if (statuses == nullptr || !statuses->is_array()) return;
  for (const Json& status : *statuses) {
    const std::string container =
        absl::StrCat(head, "container ", Text(status, "/name"), ": ");
    const std::string waiting = Text(status, "/state/waiting/reason");
    if (!waiting.empty() && waiting != "ContainerCreating" &&
        waiting != "PodInitializing") {
      lines.push_back(absl::StrCat(
          container, Pair(waiting, Text(status, "/state/waiting/message"))));
    }
    for (const char* state : {"/state/terminated", "/lastState/terminated"}) {
      const Json* end = base::Find(status, state);
      if (end == nullptr) continue;
      const int64_t code = base::IntAt(*end, "/exitCode").value_or(0);
      if (code == 0) continue;
      lines.push_back(absl::StrCat(
          container, "exited with status ", code, " (",
          Pair(Text(*end, "/reason"), Text(*end, "/message")), ")"));
      break;
    }
  }
}

std::string SelectorOf(const Json& workload) {
  std::vector<std::string> parts;
  const Json* labels = base::Find(workload, "/spec/selector/matchLabels");
  if (labels != nullptr && labels->is_object()) {
    for (const auto& [key, value] : labels->items()) {
      if (value.is_string()) {
        parts.push_back(absl::StrCat(key, "=", value.get<std::string>()));
      }
    }
  }
  return absl::StrJoin(parts, ",");
}

bool IsReadyPod(const Json& pod) {
  const Json* conditions = base::Find(pod, "/status/conditions");
  if (conditions == nullptr || !conditions->is_array()) return false;
  return std::any_of(conditions->begin(), conditions->end(),
                     [](const Json& condition) {
                       return Text(condition, "/type") == "Ready" &&
                              Text(condition, "/status") == "True";
                     });
}

// Whether an event is about the workload or something it owns: their names
// begin alike.
bool Concerns(const Json& event, const std::string& workload) {
  const std::string name = Text(event, "/involvedObject/name");
  return name == workload || name.rfind(workload + "-", 0) == 0;
}

// Events that every start may have: a probe that finds nobody yet.
bool IsOfAnyStart(const Json& event) {
  return Text(event, "/reason") == "Unhealthy";
}

void ExplainEvents(const base::Context& ctx, Client& client,
                   const std::string& ns, const std::string& workload,
                   Explanation& out) {
  const auto events = client.List(
      ctx, EventsIn(ns),
      {.field_selector = "type=Warning",
       .keep = [&](Json& event) { return Concerns(event, workload); }});
  if (!events.ok()) {
    out.lines.push_back(
        absl::StrCat("events cannot be read: ", events.status().message()));
    return;
  }
  for (const Json& event : events->items) {
    if (!IsOfAnyStart(event)) out.starting = false;
    const int64_t count = base::IntAt(event, "/count").value_or(1);
    out.lines.push_back(absl::StrCat(
        "event (", Text(event, "/involvedObject/kind"), " ",
        Text(event, "/involvedObject/name"),
        "): ", Pair(Text(event, "/reason"), Text(event, "/message")),
        count > 1 ? absl::StrCat(" (", count, " times)") : ""));
  }
}

bool IsWell(const Json& pod) {
  return IsReadyPod(pod) || Text(pod, "/status/phase") == "Succeeded";
}

std::string HeadOf(const Json& pod) {
  return absl::StrCat("pod ", NameOf(pod), ": ");
}

// Why it can't run. Empty while nothing speaks against it.
std::vector<std::string> ReasonsOf(const Json& pod) {
  std::vector<std::string> lines;
  const std::string head = HeadOf(pod);
  ExplainContainers(pod, "/status/initContainerStatuses", head, lines);
  ExplainContainers(pod, "/status/containerStatuses", head, lines);
  const Json* conditions = base::Find(pod, "/status/conditions");
  if (conditions == nullptr || !conditions->is_array()) return lines;
  for (const Json& condition : *conditions) {
    if (Text(condition, "/type") == "PodScheduled" &&
        Text(condition, "/status") == "False") {
      lines.push_back(
          absl::StrCat(head, "not scheduled: ", Text(condition, "/message")));
    }
  }
  return lines;
}

std::string NotReady(const Json& pod) {
  return absl::StrCat(HeadOf(pod), "phase ", Text(pod, "/status/phase"),
                      ", not ready");
}

void ExplainPods(const std::vector<Json>& pods, Explanation& out) {
  std::vector<std::string> waiting;
  for (const Json& pod : pods) {
    if (IsWell(pod)) continue;
    std::vector<std::string> reasons = ReasonsOf(pod);
    if (reasons.empty()) waiting.push_back(NotReady(pod));
    out.lines.insert(out.lines.end(), reasons.begin(), reasons.end());
  }
  out.starting = out.lines.empty() && !pods.empty();
  out.lines.insert(out.lines.end(), waiting.begin(), waiting.end());
  if (pods.empty()) out.lines.emplace_back("it has no pods");
}

}  // namespace

std::vector<std::string> ExplainPod(const Json& pod) {
  if (IsWell(pod)) return {};
  std::vector<std::string> lines = ReasonsOf(pod);
  if (lines.empty()) lines.push_back(NotReady(pod));
  return lines;
}

Explanation ExplainWorkload(const base::Context& ctx, Client& client,
                            const Json& workload,
                            const ExplainOptions& options) {
  const base::Context bounded = ctx.WithTimeout(options.timeout);
  Explanation out;
  const std::string ns = NamespaceOf(workload);
  if (KindOf(workload) == "Pod") {
    ExplainPods({workload}, out);
  } else if (const std::string selector = SelectorOf(workload);
             !selector.empty()) {
    const auto pods =
        client.List(bounded, PodsIn(ns), {.label_selector = selector});
    if (pods.ok()) {
      ExplainPods(pods->items, out);
    } else {
      out.lines.push_back(
          absl::StrCat("its pods cannot be read: ", pods.status().message()));
    }
  }
  ExplainEvents(bounded, client, ns, NameOf(workload), out);
  if (out.lines.size() > options.max_lines) {
    const size_t dropped = out.lines.size() - options.max_lines;
    out.lines.resize(options.max_lines);
    out.lines.push_back(absl::StrCat("(", dropped, " more lines)"));
  }
  return out;
}

}  // namespace kube
