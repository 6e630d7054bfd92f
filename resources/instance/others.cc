#include "resources/instance/others.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "kube/managed_fields.h"
#include "wandb/leaf_map.h"
#include "wandb/masked_layer.h"
#include "wandb/others.h"

namespace resources {
namespace {

using base::Json;

Json Beside(const Json& live, const Json& wrote, const Json& shared) {
  return wandb::Overlaid(wandb::OthersPart(live, wrote), shared);
}

// What others than our manager and those that it takes over from hold.
Json HeldByOthers(const Json& live, const std::string& manager,
                  const std::vector<kube::Takeover::Source>& sources) {
  return kube::PartOwnedBy(live, [&](const kube::ManagerEntry& entry) {
    return entry.subresource.empty() && entry.manager != manager &&
           std::none_of(sources.begin(), sources.end(),
                        [&](const auto& source) { return source.from(entry); });
  });
}

// What stays whoever gives it up: somebody has cleared metadata.managedFields,
// so that no manager is known to have written it, ours neither.
Json HeldByNobody(const Json& live) {
  const Json held =
      kube::PartOwnedBy(live, [](const kube::ManagerEntry& entry) {
        return entry.subresource.empty();
      });
  const Json* spec = base::Find(live, "/spec");
  if (spec == nullptr) return {};
  return wandb::OthersPart({{"spec", *spec}}, held);
}

}  // namespace

Json LeftOver(const Json& live, const Json& body, const std::string& manager,
              const std::vector<kube::Takeover::Source>& sources) {
  Json held = kube::PartOwnedBy(live, [&](const kube::ManagerEntry& entry) {
    if (!entry.subresource.empty()) return false;
    if (entry.manager == manager && entry.operation == "Apply") return true;
    return std::any_of(sources.begin(), sources.end(), [&](const auto& source) {
      return source.within.is_null() && source.from(entry);
    });
  });
  // A copy of the whole object, secrets and all, that goes unsaid.
  if (held.is_object() && held.contains("metadata") &&
      held["metadata"].contains("annotations")) {
    held["metadata"]["annotations"].erase(kube::kLastApplied);
  }
  return wandb::OthersPart(wandb::OthersPart(held, body),
                           HeldByOthers(live, manager, sources));
}

wandb::SpecLayer OthersOf(const Json& live, const Compiled& wrote,
                          const std::string& manager,
                          const std::vector<kube::Takeover::Source>& sources) {
  const Json shared =
      wandb::Overlaid(HeldByOthers(live, manager, sources), HeldByNobody(live));
  const wandb::SpecLayer whole = wandb::CustomResourceLayer(live);
  const wandb::SpecLayer theirs = wandb::CustomResourceLayer(shared);
  return wandb::MaskedLayer(
      {.chart = Beside(whole.chart, wrote.chart, theirs.chart),
       .values = Beside(whole.values, wrote.values, theirs.values)},
      wrote.mask);
}

absl::Status CheckLive(const Json& live) {
  const Json* values = base::Find(live, "/spec/values");
  if (values == nullptr) return absl::OkStatus();
  const absl::Status status = wandb::CheckListable({values});
  if (status.ok()) return status;
  return absl::ResourceExhaustedError(absl::StrCat(
      "What ", kube::KindOf(live), " \"", kube::NamespaceOf(live), "/",
      kube::NameOf(live), "\" has in spec.values ", status.message(), "."));
}

}  // namespace resources
