#include "resources/operator/ownership.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "kube/status.h"
#include "resources/helm_release.h"
#include "resources/holder.h"
#include "resources/namespace.h"
#include "resources/namespaced_name.h"
#include "resources/operator/objects.h"
#include "resources/owner.h"
#include "wandb/operator/deployment.h"

namespace resources {
namespace {

using base::Json;

constexpr char kServiceAccount[] = "ServiceAccount";

// Somebody whom a binding gives rights to.
struct Subject {
  std::string kind, ns, name;

  bool operator==(const Subject&) const = default;
  bool IsAccount() const { return kind == kServiceAccount; }
  // "namespace/name", or "name".
  std::string Id() const {
    return absl::StrCat(ns, ns.empty() ? "" : "/", name);
  }
};

bool Contains(const std::vector<Subject>& subjects, const Subject& subject) {
  return std::find(subjects.begin(), subjects.end(), subject) != subjects.end();
}

std::vector<Subject> SubjectsOf(const Json& binding) {
  std::vector<Subject> out;
  for (const Json& subject : base::ListAt(binding, "/subjects")) {
    out.push_back({base::StringAt(subject, "/kind").value_or(""),
                   base::StringAt(subject, "/namespace").value_or(""),
                   base::StringAt(subject, "/name").value_or("")});
  }
  return out;
}

// The binding that gives the rights of `seen`, a role or a binding; or null.
const Sighting* BindingOf(const Sighting& seen,
                          const std::vector<Sighting>& all) {
  if (seen.manifest.contains("roleRef")) return &seen;
  if (!seen.manifest.contains("rules")) return nullptr;
  for (const Sighting& other : all) {
    if (other.ref.ns == seen.ref.ns &&
        base::StringAt(other.manifest, "/roleRef/name") == seen.ref.name) {
      return &other;
    }
  }
  return nullptr;
}

// The subjects of the binding of `seen` that are not its operator's.
std::vector<Subject> ForeignSubjects(const Sighting& seen,
                                     const std::vector<Sighting>& all) {
  const Sighting* binding = BindingOf(seen, all);
  if (binding == nullptr) return {};
  const std::vector<Subject> own = SubjectsOf(binding->manifest);
  std::vector<Subject> subjects = SubjectsOf(binding->live);
  std::erase_if(subjects, [&own](const Subject& subject) {
    return Contains(own, subject);
  });
  return subjects;
}

// Whether `seen` gives rights to others, and none to its own operator.
bool IsForOthersOnly(const Sighting& seen, const std::vector<Sighting>& all) {
  const Sighting* binding = BindingOf(seen, all);
  if (binding == nullptr) return false;
  const std::vector<Subject> subjects = SubjectsOf(binding->live);
  const std::vector<Subject> own = SubjectsOf(binding->manifest);
  return !subjects.empty() && std::none_of(subjects.begin(), subjects.end(),
                                           [&own](const Subject& each) {
                                             return Contains(own, each);
                                           });
}

// Of an operator of this name in that namespace.
std::string IdIn(absl::string_view ns, const Claimant& who) {
  const auto id = ParseNamespacedName(who.id);
  return ToString({std::string(ns), id.has_value() ? id->name : who.id});
}

// As WhoMade(), without the owner that the object names itself.
MadeBy MakerOf(const Sighting& seen, const std::vector<Sighting>& all,
               const Claimant& who) {
  if (const auto helm = HelmReleaseOf(seen.live)) {
    return {HelmOwnerOf(seen.live), IdIn(helm->ns, who)};
  }
  // With our own account among them it is no other operator's.
  if (!IsForOthersOnly(seen, all)) return {};
  for (const Subject& subject : ForeignSubjects(seen, all)) {
    if (!subject.IsAccount()) continue;
    const std::string id = IdIn(subject.ns, who);
    return {absl::StrCat("the operator whose service account is \"",
                         subject.Id(), "\""),
            id == who.id ? "" : id};
  }
  return {};
}

// Whether `seen` is a part of the operator whose Deployment was seen, as far as
// the objects themselves tell.
bool BelongsToDeployment(const Sighting& seen,
                         const std::vector<Sighting>& all) {
  const Sighting& deployment = DeploymentOf(all);
  if (!deployment.exists()) return false;
  if (seen.key == deployment.key) {
    return wandb::IsOperatorDeployment(seen.live);
  }
  const std::string account =
      base::StringAt(deployment.live, "/spec/template/spec/serviceAccountName")
          .value_or("");
  if (kube::KindOf(seen.manifest) == kServiceAccount) {
    return seen.ref.ns == deployment.ref.ns && seen.ref.name == account;
  }
  if (kube::KindOf(seen.manifest) == "ConfigMap") {
    const std::vector<std::string> names = wandb::CaConfigMaps(deployment.live);
    return std::find(names.begin(), names.end(), seen.ref.name) != names.end();
  }
  const Sighting* binding = BindingOf(seen, all);
  if (binding == nullptr) return false;
  return Contains(SubjectsOf(binding->live),
                  {kServiceAccount, deployment.ref.ns, account});
}

}  // namespace

bool Claimant::IsImporting() const {
  return stage == Stage::kImport ||
         (stage == Stage::kEstablished && record.imported);
}

absl::StatusOr<std::vector<Sighting>> LookAt(
    const base::Context& ctx, kube::Client& client,
    const std::vector<Json>& manifests) {
  std::vector<Sighting> all;
  for (const Json& manifest : manifests) {
    ASSIGN_OR_RETURN(kube::ObjectRef ref, kube::RefOf(manifest));
    all.push_back({.key = ObjectKey(manifest),
                   .ref = std::move(ref),
                   .manifest = manifest});
  }
  std::vector<absl::Status> failures(all.size());
  std::vector<std::function<void()>> looks;
  for (size_t i = 0; i < all.size(); ++i) {
    looks.emplace_back([&ctx, &client, &seen = all[i], &failure = failures[i]] {
      auto live = client.Get(ctx, seen.ref);
      if (live.ok()) {
        seen.live = *std::move(live);
      } else if (!absl::IsNotFound(live.status()) &&
                 !kube::IsNamespaceMissing(live.status())) {
        failure = live.status();
      }
    });
  }
  base::RunInParallel(looks);
  for (const absl::Status& failure : failures) RETURN_IF_ERROR(failure);
  const auto dying =
      std::find_if(all.begin(), all.end(), [](const Sighting& seen) {
        return seen.ref.resource == "namespaces" && seen.IsDying();
      });
  if (dying == all.end()) return all;
  for (Sighting& seen : all) {
    seen.in_dying_namespace = seen.ref.ns == dying->ref.name;
  }
  return all;
}

Claim ClaimTo(const Sighting& seen, const std::vector<Sighting>& all,
              const Claimant& who) {
  const std::string owner = OwnerOf(seen.live);
  const bool named = owner == who.id;
  if (!owner.empty() && !named) return Claim::kOthers;
  const std::string recorded = who.record.UidOf(seen.key);
  if (!recorded.empty()) {
    if (recorded == kube::UidOf(seen.live)) return Claim::kOurs;
    return named ? Claim::kPerhaps : Claim::kReplaced;
  }
  if (who.stage == Claimant::Stage::kCreate) {
    return named ? Claim::kPerhaps : Claim::kOthers;
  }
  if (named) return Claim::kOurs;
  if (!who.IsImporting() || IsForOthersOnly(seen, all)) return Claim::kOthers;
  const std::string maker = MakerOf(seen, all, who).id;
  if (maker.empty()) {
    return BelongsToDeployment(seen, all) ? Claim::kOurs : Claim::kOthers;
  }
  return maker == who.id ? Claim::kOurs : Claim::kOthers;
}

bool IsOwnNamespace(const Sighting& seen, const Claimant& who) {
  return seen.exists() && kube::KindOf(seen.manifest) == "Namespace" &&
         (OwnerOf(seen.live) == who.id ||
          CreatedNamespace(who.record.rest) == kube::UidOf(seen.live));
}

bool TakenByDestroy(const Sighting& seen, const std::vector<Sighting>& all,
                    const Claimant& who) {
  return seen.exists() && !UsedIfPresent(seen.manifest) &&
         ClaimTo(seen, all, who) == Claim::kOurs &&
         ForeignSubjects(seen, all).empty();
}

const Sighting& DeploymentOf(const std::vector<Sighting>& all) {
  static const base::NeverDestroyed<Sighting> kNone;
  const auto found =
      std::find_if(all.begin(), all.end(), [](const Sighting& seen) {
        return kube::KindOf(seen.manifest) == "Deployment";
      });
  return found == all.end() ? *kNone : *found;
}

std::string WhyNoOperator(const std::vector<Sighting>& all,
                          const Claimant& who) {
  const Sighting& deployment = DeploymentOf(all);
  const std::string what = kube::Describe(deployment.ref);
  if (!deployment.exists()) {
    const bool named =
        std::any_of(all.begin(), all.end(), [&who](const Sighting& seen) {
          return seen.exists() && !UsedIfPresent(seen.manifest) &&
                 OwnerOf(seen.live) == who.id;
        });
    return named ? ""
                 : absl::StrCat("An operator is told by its ", what,
                                ", which does not exist, and no object says "
                                "that it belongs to wandb_operator \"",
                                who.id, "\".");
  }
  if (!wandb::IsOperatorDeployment(deployment.live)) {
    return absl::StrCat(
        what,
        " is none of a W&B operator: its container has neither the image "
        "wandb/controller or wandb-k8s-operator, nor the variables of the "
        "operator.");
  }
  if (ClaimTo(deployment, all, who) != Claim::kOthers) return "";
  const MadeBy maker = WhoMade(deployment, all, who);
  return absl::StrCat(what, " belongs to ", maker.text,
                      ". Import that operator as ", maker.id, ".");
}

std::vector<std::string> AlsoFor(const Sighting& seen,
                                 const std::vector<Sighting>& all) {
  std::vector<std::string> texts;
  for (const Subject& subject : ForeignSubjects(seen, all)) {
    texts.push_back(absl::StrCat(subject.kind, " \"", subject.Id(), "\""));
  }
  return texts;
}

MadeBy WhoMade(const Sighting& seen, const std::vector<Sighting>& all,
               const Claimant& who) {
  const std::string owner = OwnerOf(seen.live);
  if (!owner.empty()) {
    return {absl::StrCat("wandb_operator \"", owner, "\""), owner};
  }
  return MakerOf(seen, all, who);
}

}  // namespace resources
