#include "resources/namespace_end.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/namespace.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

// Who else wants the namespace to be as it is: a manager that applies it, by
// server or by client, and is not this provider under a former field_manager.
// "" for nobody.
std::string OtherApplier(const base::Json& live, const std::string& manager) {
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    if (entry.operation == "Apply" && entry.manager != manager &&
        !AppliedOwnerOnly(entry)) {
      return entry.manager;
    }
  }
  const base::Json* annotations = base::Find(live, "/metadata/annotations");
  return annotations != nullptr && annotations->contains(kube::kLastApplied)
             ? "kubectl apply"
             : "";
}

// At most so many of each are named.
constexpr size_t kNamed = 20;

std::string Listed(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kNamed);
  std::string text =
      absl::StrJoin(absl::MakeConstSpan(names).first(shown), ", ");
  if (names.size() > shown) {
    absl::StrAppend(&text, " and ", names.size() - shown, " more");
  }
  return text;
}

std::string WhyKept(const Rest& rest) {
  std::string text;
  if (!rest.owner.empty()) {
    absl::StrAppend(&text, "It says that it belongs to ", rest.owner, ". ");
  }
  if (!rest.applier.empty()) {
    absl::StrAppend(&text, "Manager \"", rest.applier, "\" applies it, too. ");
  }
  if (!rest.left.empty()) {
    absl::StrAppend(&text, "It holds objects that this resource did not make: ",
                    Listed(rest.left), ". ");
  }
  if (!rest.hidden.empty()) {
    absl::StrAppend(&text,
                    "It may hold objects of kinds that could not be listed: ",
                    Listed(rest.hidden), ". ");
  }
  return text;
}

// `wandb_operator "ns/name"`
std::string ResourceNamed(absl::string_view owner) {
  const bool instance =
      absl::ConsumePrefix(&owner, absl::StrCat(wandb::kKind, "/"));
  return absl::StrCat(instance ? "wandb_instance" : "wandb_operator", " \"",
                      owner, "\"");
}

// What to do with a namespace that was kept.
std::string WhatToDo(const Rest& rest) {
  if (!rest.residents.empty()) {
    std::vector<std::string> names;
    for (const std::string& owner : rest.residents) {
      names.push_back(ResourceNamed(owner));
    }
    return absl::StrCat("Leave it: ", Listed(names),
                        names.size() == 1 ? " needs" : " need",
                        " it. With create_namespace = true, the last "
                        "one deletes it at its destroy.");
  }
  if (!rest.owner.empty()) {
    return "Leave it, unless nothing is left of that resource.";
  }
  // No command that does it: a rename makes the next operator right after.
  return "Delete it by hand only if nothing there is needed, and no other "
         "resource uses it by now, such as the one that takes the place of "
         "this one.";
}

// As whose namespace the resource may delete `live`, of which it has no record;
// "" if it may not. That of a resource of which nothing is left goes with the
// last one that makes its namespace, too: under another name, it may be the
// same.
std::string DeletedAs(const base::Context& ctx, kube::Client& client,
                      const NamespaceOf& own, const base::Json& live) {
  const std::string named = OwnerOf(live);
  return named == own.owner || HasLostMaker(ctx, client, live, own.owner,
                                            own.session.field_manager())
             ? named
             : "";
}

// Who may not see a namespace did not make it either.
bool IsNotThereForUs(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsPermissionDenied(status);
}

}  // namespace

absl::StatusOr<Rest> DeleteEmptyNamespace(const base::Context& ctx,
                                          kube::Client& client,
                                          const std::string& ns,
                                          const std::string& uid,
                                          const std::string& owner,
                                          const std::string& manager) {
  const kube::ObjectRef ref = kube::NamespaceRef(ns);
  const auto live = client.Get(ctx, ref);
  if (absl::IsNotFound(live.status())) return Rest();
  RETURN_IF_ERROR(live.status());
  if (kube::UidOf(*live) != uid) return Rest();  // Ours is gone.
  if (const std::string named = OwnerOf(*live);
      !named.empty() && named != owner) {
    return Rest{.owner = named};
  }
  if (!kube::IsTerminating(*live)) {
    if (std::string other = OtherApplier(*live, manager); !other.empty()) {
      return Rest{.applier = std::move(other)};
    }
    ASSIGN_OR_RETURN(Rest rest, RestOf(ctx, client, ns));
    rest.residents.erase(owner);
    if (!rest.empty()) return rest;
    const absl::Status deleted = client.Delete(ctx, ref, {.uid = uid});
    if (!deleted.ok() && !kube::IsStale(deleted)) return deleted;
  }
  RETURN_IF_ERROR(OfHeldNamespace(kube::AwaitGone(ctx, client, ref, uid)));
  return Rest();
}

void DeleteOwnNamespace(const base::Context& ctx, kube::Client& client,
                        const NamespaceOf& own, base::Json& private_data,
                        tf::Diagnostics& diags) {
  std::string uid = CreatedNamespace(private_data);
  std::string owner = own.owner;
  if (own.makes) {
    const auto live = client.Get(ctx, kube::NamespaceRef(own.ns));
    if (live.ok()) {
      // Of several that have the record, it names the one that took it last.
      if (std::string as = DeletedAs(ctx, client, own, *live); !as.empty()) {
        owner = std::move(as);
        if (uid.empty()) uid = kube::UidOf(*live);
      }
    } else if (uid.empty() && !IsNotThereForUs(live.status())) {
      return ReportStatus(
          absl::StrCat("Cannot read namespace \"", own.ns, "\""), live.status(),
          own.session, own.scrubber, diags);
    }
  }
  if (uid.empty()) return;
  auto rest = DeleteEmptyNamespace(ctx, client, own.ns, uid, owner,
                                   own.session.field_manager());
  if (!rest.ok()) {
    diags.AddError(
        absl::StrCat("Cannot delete namespace \"", own.ns, "\""),
        absl::StrCat(Explain(rest.status(), own.session, own.scrubber),
                     "\n\nThe next destroy goes on with "
                     "the namespace."));
  } else if (!rest->empty()) {
    rest->residents.erase(own.owner);
    diags.AddWarning(absl::StrCat("Namespace \"", own.ns, "\" was kept"),
                     absl::StrCat(WhyKept(*rest), WhatToDo(*rest)));
  }
}

bool KeepsNamespace(const base::Context& ctx, kube::Client& client,
                    const NamespaceOf& own, const base::Json& private_data,
                    tf::Diagnostics& diags) {
  const std::string uid = CreatedNamespace(private_data);
  if (uid.empty() && !own.makes) return false;
  const auto live = client.Get(ctx, kube::NamespaceRef(own.ns));
  if (absl::IsNotFound(live.status())) return false;
  if (uid.empty() && (live.ok() ? DeletedAs(ctx, client, own, *live).empty()
                                : IsNotThereForUs(live.status()))) {
    return false;
  }
  if (absl::IsPermissionDenied(live.status())) {
    diags.AddWarning(
        absl::StrCat("Namespace \"", own.ns, "\" may be left"),
        absl::StrCat("This resource made it, and all else that it made is "
                     "gone. ",
                     Explain(live.status(), own.session, own.scrubber)));
    return false;
  }
  if (!live.ok()) {
    ReportStatus(absl::StrCat("Cannot read namespace \"", own.ns, "\""),
                 OfFixedTime(live.status()), own.session, own.scrubber, diags);
    return true;
  }
  if (!uid.empty() && kube::UidOf(*live) != uid) return false;
  if (kube::IsTerminating(*live)) {
    if (uid.empty()) return false;
    diags.AddWarning(
        absl::StrCat("Namespace \"", own.ns, "\" is still being deleted"),
        absl::StrCat("Nothing else is left of ", own.owner, ". It ",
                     kube::DescribeDeletion(*live),
                     ". It stays in the state until it is gone; a destroy "
                     "waits for it. To look further: ",
                     kube::LookCommand(kube::NamespaceRef(own.ns))));
    return true;
  }
  diags.AddWarning(
      absl::StrCat("Only namespace \"", own.ns, "\" is left of ", own.owner),
      "All else that this resource made is gone: deleted outside, or by a "
      "destroy that ended early. An apply makes it again; a destroy deletes "
      "the namespace.");
  return true;
}

}  // namespace resources
