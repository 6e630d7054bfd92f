#include "resources/operator/rights.h"

#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/parallel.h"

namespace resources {
namespace {

using base::Json;

bool IsRefusal(const absl::Status& status) {
  return absl::IsPermissionDenied(status) &&
         !kube::IsNamespaceTerminating(status);
}

// What stands in `text` before `end`, with which it is cut off. nullopt, and
// `text` as it was, if there is no `end`.
std::optional<std::string> TakeUntil(absl::string_view end,
                                     absl::string_view& text) {
  const size_t at = text.find(end);
  if (at == absl::string_view::npos) return std::nullopt;
  std::string taken(text.substr(0, at));
  text.remove_prefix(at + end.size());
  return taken;
}

// `... User "u" cannot patch resource "deployments" in API group "apps" in the
// namespace "wandb"`, or `... at the cluster scope`.
std::optional<kube::Right> RightIn(absl::string_view text) {
  if (!TakeUntil("\" cannot ", text).has_value()) return std::nullopt;
  kube::Right right;
  for (const auto& [part, end] :
       {std::pair(&right.verb, " resource \""),
        std::pair(&right.resource, "\" in API group \""),
        std::pair(&right.group, "\"")}) {
    auto taken = TakeUntil(end, text);
    if (!taken.has_value()) return std::nullopt;
    *part = *std::move(taken);
  }
  if (absl::ConsumePrefix(&text, " in the namespace \"")) {
    right.ns = TakeUntil("\"", text).value_or("");
  }
  return right;
}

}  // namespace

std::vector<Refusal> FindRefusals(const base::Context& ctx,
                                  kube::Client& client,
                                  const std::vector<Json>& manifests,
                                  const std::string& manager) {
  struct Trial {
    kube::ObjectRef ref;
    const Json* manifest;
    absl::Status read, write;
  };
  std::vector<Trial> trials;
  for (const Json& manifest : manifests) {
    auto ref = kube::RefOf(manifest);
    if (ref.ok()) trials.push_back({*std::move(ref), &manifest, {}, {}});
  }
  std::vector<std::function<void()>> tasks;
  tasks.reserve(trials.size());
  for (Trial& trial : trials) {
    tasks.emplace_back([&ctx, &client, &manager, &trial] {
      trial.read = client.Get(ctx, trial.ref).status();
      if (manager.empty()) return;
      // Of what is there the dry run may end at a conflict, which is no
      // refusal; of what cannot be seen the create tells as much.
      trial.write = client
                        .Apply(ctx, trial.ref, *trial.manifest,
                               {.field_manager = manager,
                                .dry_run = true,
                                .create_only = !trial.read.ok()})
                        .status();
    });
  }
  base::RunInParallel(tasks);
  std::vector<Refusal> refusals;
  for (Trial& trial : trials) {
    for (absl::Status* status : {&trial.read, &trial.write}) {
      if (IsRefusal(*status)) {
        refusals.push_back({trial.ref, std::move(*status)});
      }
    }
  }
  return refusals;
}

std::optional<kube::Right> RefusedRight(const absl::Status& status) {
  if (!IsRefusal(status)) return std::nullopt;
  if (auto right = kube::MissingRight(status)) return right;
  return RightIn(kube::Cause(status));
}

std::string MissingRules(const std::vector<Refusal>& refusals) {
  // Those of the whole cluster come first.
  std::map<std::tuple<std::string, std::string, std::string>,
           std::set<std::string>>
      verbs;
  size_t count = 0;
  for (const Refusal& refusal : refusals) {
    const auto right = RefusedRight(refusal.status);
    if (!right.has_value()) continue;
    if (verbs[{right->ns, right->group, right->resource}]
            .insert(right->verb)
            .second) {
      ++count;
    }
  }
  if (count < 2) return "";
  std::vector<std::string> lines;
  for (const auto& [kind, wanted] : verbs) {
    const auto& [ns, group, resource] = kind;
    lines.push_back(absl::StrCat(
        "  {apiGroups: [\"", group, "\"], resources: [", resource,
        "], verbs: [", absl::StrJoin(wanted, ", "), "]} in a ",
        ns.empty() ? "ClusterRole"
                   : absl::StrCat("Role of namespace \"", ns, "\"")));
  }
  return absl::StrCat(
      "The identity that the provider uses lacks these rights, as far as can "
      "be seen now. They are granted by the rules:\n",
      absl::StrJoin(lines, "\n"));
}

}  // namespace resources
