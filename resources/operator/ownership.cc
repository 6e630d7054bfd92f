#include "resources/operator/ownership.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "kube/status.h"
#include "resources/operator/objects.h"
#include "resources/operator/private_data.h"
#include "resources/owner.h"

namespace resources {
namespace {

using base::Json;

// "namespace/name" of the first ServiceAccount that a binding is for, or "".
std::string SubjectOf(const Json& binding) {
  const Json* subjects = base::Find(binding, "/subjects");
  if (subjects == nullptr || !subjects->is_array()) return "";
  for (const Json& subject : *subjects) {
    if (base::StringAt(subject, "/kind") == "ServiceAccount") {
      return absl::StrCat(base::StringAt(subject, "/namespace").value_or(""),
                          "/", base::StringAt(subject, "/name").value_or(""));
    }
  }
  return "";
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

// Of an operator of this name in that namespace.
std::string IdIn(absl::string_view ns, const Claimant& who) {
  const std::vector<std::string> parts = absl::StrSplit(who.id, '/');
  return absl::StrCat(ns, "/", parts.back());
}

// As WhoMade(), without the owner that the object names itself.
MadeBy MakerOf(const Sighting& seen, const std::vector<Sighting>& all,
               const Claimant& who) {
  const Json* helm = base::Find(seen.live, "/metadata/annotations");
  if (helm != nullptr && helm->contains("meta.helm.sh/release-name")) {
    const std::string ns = helm->value("meta.helm.sh/release-namespace", "");
    return {absl::StrCat("Helm release \"",
                         helm->value("meta.helm.sh/release-name", ""),
                         "\" in namespace \"", ns, "\""),
            IdIn(ns, who)};
  }
  const Sighting* binding = BindingOf(seen, all);
  if (binding == nullptr) return {};
  const std::string subject = SubjectOf(binding->live);
  if (subject.empty() || subject == SubjectOf(binding->manifest)) return {};
  const std::pair<std::string, std::string> account =
      absl::StrSplit(subject, absl::MaxSplits('/', 1));
  return {
      absl::StrCat("the operator whose service account is \"", subject, "\""),
      IdIn(account.first, who)};
}

}  // namespace

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
    looks.push_back([&ctx, &client, &seen = all[i], &failure = failures[i]] {
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
  return all;
}

Claim ClaimTo(const Sighting& seen, const std::vector<Sighting>& all,
              const Claimant& who) {
  const std::string owner = OwnerOf(seen.live);
  const bool named = owner == who.id;
  if (!owner.empty() && !named) return Claim::kOthers;
  const std::string recorded = RecordedUid(who.record, seen.key);
  if (!recorded.empty()) {
    if (recorded == kube::UidOf(seen.live)) return Claim::kOurs;
    return named ? Claim::kPerhaps : Claim::kReplaced;
  }
  if (who.stage == Claimant::Stage::kCreate) {
    return named ? Claim::kPerhaps : Claim::kOthers;
  }
  if (named) return Claim::kOurs;
  if (who.stage != Claimant::Stage::kImport) return Claim::kOthers;
  const std::string maker = MakerOf(seen, all, who).id;
  return maker.empty() || maker == who.id ? Claim::kOurs : Claim::kOthers;
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
