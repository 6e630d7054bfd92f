#include "resources/operator/rights.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "kube/access.h"
#include "kube/deletion.h"
#include "kube/status.h"
#include "resources/operator/crd_upgrade.h"
#include "resources/operator/objects.h"
#include "resources/owner.h"
#include "resources/report.h"

namespace resources {
namespace {

using base::Json;

bool IsRefusal(const absl::Status& status) {
  return absl::IsPermissionDenied(status) &&
         !kube::IsNamespaceTerminating(status);
}

bool IsAbsent(const absl::Status& status) {
  return absl::IsNotFound(status) || kube::IsNamespaceMissing(status);
}

// The rights that are missing: verbs by namespace, group and resource. Those
// for the whole cluster come first.
class MissingRights {
 public:
  void Add(const kube::Right& right) {
    verbs_[{right.ns, right.group, right.resource}].insert(right.verb);
  }

  // Whether the refusal of this write or read is no wonder.
  bool Explain(const Refusal& refusal) const {
    if (kube::MissingRight(refusal.status).has_value()) return true;
    const auto found =
        verbs_.find({refusal.ref.ns, refusal.ref.group, refusal.ref.resource});
    return found != verbs_.end() &&
           found->second != std::set<std::string>{"get"};
  }

  // Whether Explain() of report.h says as much of the one read that is refused.
  bool IsOneRead() const {
    return verbs_.size() == 1 &&
           verbs_.begin()->second == std::set<std::string>{"get"};
  }

  // `absent`: a namespace that does not exist, or "".
  std::string Rules(const std::string& absent) const {
    if (verbs_.empty()) return "";
    std::vector<std::string> lines;
    bool too_early = false;
    for (const auto& [kind, wanted] : verbs_) {
      const auto& [ns, group, resource] = kind;
      too_early = too_early || (!ns.empty() && ns == absent);
      lines.push_back(absl::StrCat(
          "  {apiGroups: [\"", group, "\"], resources: [", resource,
          "], verbs: [", absl::StrJoin(wanted, ", "), "]} in a ",
          ns.empty() || ns == absent
              ? "ClusterRole"
              : absl::StrCat("Role of namespace \"", ns, "\"")));
    }
    return absl::StrCat(
        "The identity that the provider uses lacks these rights, as far as can "
        "be seen now. They are granted by the rules:\n",
        absl::StrJoin(lines, "\n"),
        too_early
            ? absl::StrCat("\nA Role of namespace \"", absent,
                           "\" can give what is needed there only once that "
                           "namespace exists: for that, create it first.")
            : "");
  }

 private:
  std::map<std::tuple<std::string, std::string, std::string>,
           std::set<std::string>>
      verbs_;
};

// What a deed does to one object.
struct Target {
  kube::ObjectRef ref;
  const Json* manifest;
  absl::StatusOr<Json> live = absl::UnavailableError("not asked");
};

std::vector<std::string> VerbsFor(const Target& target, Deed::Kind kind) {
  switch (kind) {
    case Deed::Kind::kLook:
      return {"get"};
    case Deed::Kind::kDelete:
      return {"get", "delete"};
    case Deed::Kind::kApply:
      break;
  }
  if (!target.live.ok()) return {"get", "create", "patch"};
  const bool used = UsedIfPresent(*target.manifest) &&
                    !kube::IsTerminating(*target.live) &&
                    !NeedsUpgrade(*target.manifest, *target.live) &&
                    (kube::KindOf(*target.manifest) != "Namespace" ||
                     OwnerOf(*target.live) != OwnerOf(*target.manifest));
  return used ? std::vector<std::string>{"get"}
              : std::vector<std::string>{"get", "patch"};
}

struct RightsLook {
  MissingRights missing;
  std::string absent;  // The namespace of the deed, if it does not exist.
};

std::vector<Target> TargetsOf(const Deed& deed) {
  std::vector<Target> targets;
  for (const Json& manifest : deed.manifests) {
    auto ref = kube::RefOf(manifest);
    if (ref.ok()) {
      targets.push_back({.ref = *std::move(ref), .manifest = &manifest});
    }
  }
  return targets;
}

// The one namespace that they are in, or "".
std::string NamespaceOf(const std::vector<Target>& targets) {
  for (const Target& target : targets) {
    if (!target.ref.ns.empty()) return target.ref.ns;
  }
  return "";
}

// The rights for `target` that its look was refused for, or that `rules` do
// not give, where these are known to be all.
void AddMissing(const Target& target, Deed::Kind kind,
                const absl::StatusOr<kube::OwnRules>& rules,
                MissingRights& missing) {
  if (const auto right = kube::MissingRight(target.live.status())) {
    missing.Add(*right);
  }
  if (!rules.ok() || !rules->complete) return;
  for (const std::string& verb : VerbsFor(target, kind)) {
    const kube::Right right = {.verb = verb,
                               .group = target.ref.group,
                               .resource = target.ref.resource,
                               .ns = target.ref.ns,
                               .name = target.ref.name};
    if (!rules->Give(right)) missing.Add(right);
  }
}

RightsLook LookAtRights(const Operation& op, const Deed& deed) {
  std::vector<Target> targets = TargetsOf(deed);
  const std::string ns = NamespaceOf(targets);
  absl::StatusOr<kube::OwnRules> rules = absl::UnavailableError("not asked");
  absl::Status of_namespace;
  std::vector<std::function<void()>> looks;
  for (Target& target : targets) {
    looks.emplace_back(
        [&] { target.live = op.client.Get(op.ctx, target.ref); });
  }
  // In any namespace they hold those for the whole cluster, too.
  looks.emplace_back([&] {
    rules = op.client.ReviewRules(op.ctx, ns.empty() ? "default" : ns);
  });
  looks.emplace_back([&] {
    if (ns.empty()) return;
    of_namespace = op.client.Get(op.ctx, kube::NamespaceRef(ns)).status();
  });
  base::RunInParallel(looks);
  RightsLook look;
  if (IsAbsent(of_namespace)) look.absent = ns;
  for (const Target& target : targets) {
    AddMissing(target, deed.kind, rules, look.missing);
  }
  return look;
}

// How a read and a dry run of an apply are refused.
struct Trial {
  kube::ObjectRef ref;
  const Json* manifest;
  absl::Status read, write;
};

void Try(const Operation& op, Trial& trial) {
  trial.read = op.client.Get(op.ctx, trial.ref).status();
  // Of what is there the dry run may end at a conflict, which is no refusal; of
  // what cannot be seen the create tells as much.
  trial.write = op.client
                    .Apply(op.ctx, trial.ref, *trial.manifest,
                           {.field_manager = op.session.field_manager(),
                            .dry_run = true,
                            .create_only = !trial.read.ok()})
                    .status();
}

}  // namespace

std::vector<Refusal> FindRefusals(const Operation& op,
                                  const std::vector<Json>& manifests) {
  std::vector<Trial> trials;
  for (const Json& manifest : manifests) {
    auto ref = kube::RefOf(manifest);
    if (ref.ok()) trials.push_back({*std::move(ref), &manifest, {}, {}});
  }
  std::vector<std::function<void()>> tasks;
  tasks.reserve(trials.size());
  for (Trial& trial : trials) {
    tasks.emplace_back([&op, &trial] { Try(op, trial); });
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

std::string WhyRefused(const Operation& op, const Deed& deed,
                       const absl::Status& first,
                       const std::vector<Refusal>& others) {
  const bool about_rights =
      IsRefusal(first) ||
      std::any_of(others.begin(), others.end(),
                  [](const Refusal& each) { return IsRefusal(each.status); });
  const RightsLook look = about_rights ? LookAtRights(op, deed) : RightsLook();
  const bool said = look.missing.IsOneRead() && look.absent.empty() &&
                    kube::MissingRight(first).has_value();
  const std::string rules = said ? "" : look.missing.Rules(look.absent);
  const auto cause = [&](const absl::Status& status) {
    return ShortenedForeign(op.scrubber.Scrub(kube::Cause(status)));
  };
  std::set<std::string> told = {cause(first)};
  std::vector<std::string> lines;
  for (const Refusal& each : others) {
    if (look.missing.Explain(each)) continue;
    const std::string why = cause(each.status);
    if (!told.insert(why).second) continue;
    lines.push_back(absl::StrCat("  ", kube::Describe(each.ref), ": ", why));
  }
  return absl::StrCat(Explain(first, op.session, op.scrubber, rules),
                      lines.empty() ? "" : "\n\nRefused, too:\n",
                      absl::StrJoin(lines, "\n"));
}

}  // namespace resources
