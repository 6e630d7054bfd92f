#include "resources/instance/others.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/managed_fields.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/masked_layer.h"
#include "wandb/spec/others.h"

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

Json WithValues(Json body, const Json& values) {
  if (values.is_null()) return body;
  Json& own = body["spec"]["values"];
  own = wandb::Overlaid(values, std::move(own));
  return body;
}

Json ValuesLeft(const Json& object, const std::vector<wandb::Path>& left) {
  const Json* values = base::Find(object, "/spec/values");
  return values == nullptr ? Json() : wandb::LeaveToOthers(*values, left).left;
}

bool IsApply(const kube::ManagerEntry& entry, const std::string& manager) {
  return entry.subresource.empty() && entry.manager == manager &&
         entry.operation == "Apply";
}

}  // namespace

Json WithLeft(const Json& live, Json body,
              const std::vector<wandb::Path>& left) {
  return WithValues(std::move(body), ValuesLeft(live, left));
}

Json KeepingLeft(const Json& live, Json body, const std::string& manager,
                 const std::vector<wandb::Path>& left) {
  if (left.empty()) return body;
  const Json held = kube::PartOwnedBy(
      live,
      [&](const kube::ManagerEntry& entry) { return IsApply(entry, manager); });
  return WithValues(std::move(body), ValuesLeft(held, left));
}

Json LeftOver(const Json& live, const Json& body, const std::string& manager,
              const std::vector<kube::Takeover::Source>& sources) {
  Json held = kube::PartOwnedBy(live, [&](const kube::ManagerEntry& entry) {
    if (IsApply(entry, manager)) return true;
    if (!entry.subresource.empty()) return false;
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
