#include "kube/diagnose.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "kube/claim.h"
#include "kube/condition.h"
#include "kube/crash_log.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "kube/workload_pods.h"

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
                       std::vector<std::string>& lines) {
  for (const Json& status : base::ListAt(pod, pointer)) {
    const std::string container =
        absl::StrCat("container ", Text(status, "/name"), ": ");
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
      const std::string why =
          Pair(Text(*end, "/reason"), Text(*end, "/message"));
      lines.push_back(
          absl::StrCat(container, "exited with status ", code,
                       why.empty() ? "" : absl::StrCat(" (", why, ")")));
      break;
    }
  }
}

bool HasOwnersUid(const Json& object, const std::string& uid) {
  const Json& owners = base::ListAt(object, "/metadata/ownerReferences");
  return !uid.empty() &&
         std::any_of(owners.begin(), owners.end(), [&](const Json& owner) {
           return Text(owner, "/uid") == uid;
         });
}

// When it was seen last; nullopt where it does not say.
std::optional<absl::Time> TimeOf(const Json& event) {
  for (const char* at : {"/series/lastObservedTime", "/lastTimestamp",
                         "/eventTime", "/metadata/creationTimestamp"}) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(absl::RFC3339_full, Text(event, at), &time, &error)) {
      return time;
    }
  }
  return std::nullopt;
}

// The objects that a workload consists of now.
class Members {
 public:
  Members(const Json& workload, const std::vector<Json>& pods)
      : workload_(workload) {
    Add(workload, KindOf(workload));
    for (const Json& pod : pods) Add(pod, "Pod");
  }

  void Add(const Json& object, const std::string& kind) {
    if (const std::string uid = UidOf(object); !uid.empty()) uids_.insert(uid);
    names_.insert(kind + "/" + NameOf(object));
  }
  // ReplicaSets are asked for only where an event is about one.
  bool Has(const base::Context& ctx, Client& client, const Json& event) {
    const std::string kind = Text(event, "/involvedObject/kind");
    if (kind == "ReplicaSet" && KindOf(workload_) == "Deployment" && !asked_) {
      asked_ = true;
      const auto sets = client.List(
          ctx, {"apps", "v1", "replicasets", NamespaceOf(workload_)},
          {.label_selector = PodSelectorOf(workload_),
           .keep = [this](Json& set) {
             return HasOwnersUid(set, UidOf(workload_));
           }});
      if (sets.ok()) {
        for (const Json& set : sets->items) Add(set, "ReplicaSet");
      }
    }
    const std::string uid = Text(event, "/involvedObject/uid");
    return uid.empty() ? names_.contains(kind + "/" +
                                         Text(event, "/involvedObject/name"))
                       : uids_.contains(uid);
  }

 private:
  const Json& workload_;
  std::set<std::string> uids_;
  std::set<std::string> names_;
  bool asked_ = false;
};

// Whether an event is about the workload or something it owns, as far as the
// name tells: that of a pod has as many parts more as controllers give it, so
// that "app" is not blamed for what "app-bc" owns.
bool Concerns(const Json& event, const Json& workload) {
  const std::string owner = NameOf(workload);
  const std::string name = Text(event, "/involvedObject/name");
  if (name == owner) return true;
  if (!name.starts_with(owner + "-")) return false;
  const std::string rest = name.substr(owner.size() + 1);
  const auto dashes = std::count(rest.begin(), rest.end(), '-');
  const std::string kind = Text(event, "/involvedObject/kind");
  if (kind == "ReplicaSet") return dashes == 0;
  if (kind != "Pod") return true;
  return dashes <= (KindOf(workload) == "Deployment" ? 1 : 0);
}

// Events that every start may have: a probe that finds nobody yet.
bool IsOfAnyStart(const Json& event) {
  return Text(event, "/reason") == "Unhealthy";
}

// "x", or "x and 2 more".
std::string Several(const std::string& first, size_t count) {
  return count > 1 ? absl::StrCat(first, " and ", count - 1, " more") : first;
}

// Equal events, perhaps about several objects.
struct SameEvents {
  std::string kind, name, text;
  std::set<std::string> names;
  int64_t times = 0;
};

// Whether a line ends with `message`, as those of pods do with what was said
// of them, perhaps in parentheses. It is not looked for elsewhere: texts may be
// long, and many.
bool HasSaid(const std::vector<std::string>& lines,
             const std::string& message) {
  return !message.empty() &&
         std::any_of(lines.begin(), lines.end(), [&](absl::string_view line) {
           return absl::EndsWith(line, message) ||
                  absl::EndsWith(absl::StripSuffix(line, ")"), message);
         });
}

// Only so many lines, and how many more there are.
void Limit(size_t max_lines, std::vector<std::string>& lines) {
  if (lines.size() <= max_lines) return;
  const size_t dropped = lines.size() - max_lines;
  lines.resize(max_lines);
  lines.push_back(absl::StrCat("(", dropped, " more lines)"));
}

// `out` has what the pods say.
void ExplainEvents(const base::Context& ctx, Client& client,
                   const Json& workload, const std::vector<Json>& pods,
                   absl::Time since, Explanation& out) {
  const auto events = client.List(
      ctx, EventsIn(NamespaceOf(workload)),
      {.field_selector = "type=Warning",
       .keep = [&](Json& event) { return Concerns(event, workload); }});
  if (!events.ok()) {
    out.unseen.push_back(
        absl::StrCat("events cannot be read: ", InOneLine(events.status())));
    return;
  }
  Members members(workload, pods);
  std::vector<SameEvents> found;
  absl::flat_hash_map<std::pair<std::string, std::string>, size_t> at;
  for (const Json& event : events->items) {
    const std::optional<absl::Time> time = TimeOf(event);
    const bool recent = !time.has_value() || *time > since;
    if (!recent && !members.Has(ctx, client, event)) continue;
    if (!IsOfAnyStart(event)) out.starting = false;
    const std::string message = Text(event, "/message");
    if (HasSaid(out.lines, message)) continue;
    const std::string kind = Text(event, "/involvedObject/kind");
    const std::string name = Text(event, "/involvedObject/name");
    const std::string text = Pair(Text(event, "/reason"), message);
    const auto [known, fresh] = at.try_emplace({kind, text}, found.size());
    if (fresh) found.push_back({kind, name, text, {}});
    SameEvents& same = found[known->second];
    same.names.insert(name);
    same.times +=
        base::IntAt(event, "/count")
            .value_or(base::IntAt(event, "/series/count").value_or(1));
  }
  for (const SameEvents& same : found) {
    out.lines.push_back(absl::StrCat(
        "event (", same.kind, " ", Several(same.name, same.names.size()),
        "): ", same.text,
        same.times > 1 ? absl::StrCat(" (", same.times, " times)") : ""));
  }
}

// Why it can't run. Empty while nothing speaks against it.
std::vector<std::string> ReasonsOf(const Json& pod) {
  std::vector<std::string> lines;
  ExplainContainers(pod, "/status/initContainerStatuses", lines);
  ExplainContainers(pod, "/status/containerStatuses", lines);
  if (ConditionOf(pod, "PodScheduled") == "False") {
    lines.push_back(absl::StrCat("not scheduled: ",
                                 ConditionOf(pod, "PodScheduled", "/message")));
  }
  return lines;
}

std::string NotReady(const Json& pod) {
  return absl::StrCat("phase ", Text(pod, "/status/phase"), ", not ready");
}

// Texts of pods, each once and with the pods that say it, in order.
class Sayings {
 public:
  void Add(const Json& pod, const std::string& text) {
    const auto [known, fresh] = at_.try_emplace(text, sayings_.size());
    if (fresh) sayings_.push_back({NameOf(pod), text});
    Saying& saying = sayings_[known->second];
    if (saying.last != &pod) ++saying.count;
    saying.last = &pod;
  }

  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const Saying& saying : sayings_) {
      lines.push_back(absl::StrCat("pod ", Several(saying.pod, saying.count),
                                   ": ", saying.text));
    }
    return lines;
  }

 private:
  struct Saying {
    std::string pod, text;
    size_t count = 0;
    const Json* last = nullptr;
  };
  std::vector<Saying> sayings_;
  absl::flat_hash_map<std::string, size_t> at_;
};

void ExplainPods(const std::vector<Json>& pods, Explanation& out) {
  Sayings wrong;
  Sayings waiting;
  for (const Json& pod : pods) {
    if (IsPodWell(pod)) continue;
    const std::vector<std::string> reasons = ReasonsOf(pod);
    if (reasons.empty()) waiting.Add(pod, NotReady(pod));
    for (const std::string& reason : reasons) wrong.Add(pod, reason);
  }
  out.lines = wrong.Lines();
  out.starting = out.lines.empty() && !pods.empty();
  const std::vector<std::string> rest = waiting.Lines();
  out.lines.insert(out.lines.end(), rest.begin(), rest.end());
  if (pods.empty()) out.lines.emplace_back("it has no pods");
}

// Those of a workload that can have any.
bool HasPods(const Json& workload) {
  return KindOf(workload) == "Pod" || !PodSelectorOf(workload).empty();
}

// What pods do not say themselves. What keeps them from being made, or from
// having a volume, is what all else follows from.
void ExplainCause(const base::Context& ctx, Client& client,
                  const Json& workload, const std::vector<Json>& pods,
                  bool last_words_too, Explanation& out) {
  std::vector<std::string> causes;
  if (IsTrueCondition(workload, "ReplicaFailure")) {
    causes.push_back(
        absl::StrCat("its pods are refused: ",
                     ConditionOf(workload, "ReplicaFailure", "/message")));
  }
  StorageClasses classes;
  std::set<std::string> said;
  std::string last_words;
  for (const Json& pod : pods) {
    if (IsPodWell(pod)) continue;
    for (const PendingClaim& claim :
         PendingClaimsOf(ctx, client, pod, classes)) {
      if (!claim.wrong) continue;
      std::string line = absl::StrCat("claim ", claim.name, ": ", claim.reason);
      if (said.insert(line).second) causes.push_back(std::move(line));
    }
    if (last_words_too && last_words.empty()) {
      last_words = LastWordsOf(ctx, client, pod);
    }
  }
  if (!causes.empty()) out.starting = false;
  out.lines.insert(out.lines.begin(), causes.begin(), causes.end());
  if (!last_words.empty()) out.lines.push_back(last_words);
}

}  // namespace

std::vector<std::string> ExplainPod(const Json& pod) {
  if (IsPodWell(pod)) return {};
  Explanation out;
  ExplainPods({pod}, out);
  return out.lines;
}

Explanation ExplainWorkload(const base::Context& ctx, Client& client,
                            const Json& workload,
                            const ExplainOptions& options) {
  const base::Context bounded = ctx.WithTimeout(options.timeout);
  Explanation out;
  const auto pods = ListPodsOf(bounded, client, workload);
  if (pods.ok()) {
    if (HasPods(workload)) ExplainPods(*pods, out);
    ExplainCause(bounded, client, workload, *pods, options.last_words, out);
  } else {
    out.unseen.push_back(
        absl::StrCat("pods cannot be read: ", InOneLine(pods.status())));
  }
  ExplainEvents(bounded, client, workload,
                pods.ok() ? *pods : std::vector<Json>(), options.since, out);
  Limit(options.max_lines, out.lines);
  return out;
}

}  // namespace kube
