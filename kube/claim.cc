#include "kube/claim.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/object_ref.h"

namespace kube {
namespace {

using base::Json;

constexpr size_t kMaxClaims = 10;  // Of one pod.

std::string Text(const Json& json, const char* pointer) {
  return base::StringAt(json, pointer).value_or("");
}

bool IsDefaultClass(const Json& storage_class) {
  const Json* annotations = base::Find(storage_class, "/metadata/annotations");
  if (annotations == nullptr || !annotations->is_object()) return false;
  for (const char* name :
       {"storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class"}) {
    const auto value = annotations->find(name);
    if (value != annotations->end() && *value == "true") return true;
  }
  return false;
}

std::vector<std::string> ClaimNamesOf(const Json& pod) {
  std::vector<std::string> names;
  for (const Json& volume : base::ListAt(pod, "/spec/volumes")) {
    std::string name = Text(volume, "/persistentVolumeClaim/claimName");
    if (!name.empty() && names.size() < kMaxClaims) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

// "Reason: message" of the newest; "" for none.
std::string LastWarning(const base::Context& ctx, Client& client,
                        const Json& claim) {
  const auto events = client.List(
      ctx, EventsIn(NamespaceOf(claim)),
      {.field_selector = absl::StrCat(
           "involvedObject.kind=PersistentVolumeClaim,involvedObject.name=",
           NameOf(claim))});
  if (!events.ok()) return "";
  std::pair<std::string, std::string> last;
  for (const Json& event : events->items) {
    const std::string uid = Text(event, "/involvedObject/uid");
    const bool of_claim = uid.empty() || uid == UidOf(claim);
    const std::string reason = Text(event, "/reason");
    // That no volume was found is a Normal event of the volume controller.
    const bool bad =
        Text(event, "/type") == "Warning" || reason == "FailedBinding";
    if (!of_claim || !bad) continue;
    std::string time = Text(event, "/lastTimestamp");
    if (time.empty()) time = Text(event, "/eventTime");
    if (time >= last.first) {
      last = {std::move(time),
              absl::StrCat(reason, ": ", Text(event, "/message"))};
    }
  }
  return last.second;
}

}  // namespace

void StorageClasses::Read(const base::Context& ctx, Client& client) {
  read_ = true;
  const auto list = client.List(
      ctx, {"storage.k8s.io", "v1", "storageclasses", "", "StorageClass"},
      {.keep = [this](Json& storage_class) {
        names_.insert(NameOf(storage_class));
        has_default_ = has_default_ || IsDefaultClass(storage_class);
        return false;
      }});
  status_ = list.status();
}

std::string StorageClasses::Missing(const base::Context& ctx, Client& client,
                                    const Json& claim) {
  if (!read_) Read(ctx, client);
  if (!status_.ok()) return "";
  const auto wanted = base::StringAt(claim, "/spec/storageClassName");
  if (!wanted.has_value()) {
    return has_default_ ? ""
                        : "it names no StorageClass, and the cluster has no "
                          "default one";
  }
  if (wanted->empty() || names_.count(*wanted) > 0) return "";
  return absl::StrCat("its StorageClass \"", *wanted, "\" does not exist");
}

std::vector<PendingClaim> PendingClaimsOf(const base::Context& ctx,
                                          Client& client, const Json& pod,
                                          StorageClasses& classes) {
  std::vector<PendingClaim> pending;
  for (const std::string& name : ClaimNamesOf(pod)) {
    const auto claim = client.Get(
        ctx, {"", "v1", "persistentvolumeclaims", NamespaceOf(pod), name});
    if (!claim.ok() || Text(*claim, "/status/phase") != "Pending") continue;
    PendingClaim found{.name = name,
                       .reason = classes.Missing(ctx, client, *claim)};
    found.lacks_class = !found.reason.empty();
    const std::string warning = LastWarning(ctx, client, *claim);
    found.wrong = found.lacks_class || !warning.empty();
    if (found.reason.empty()) {
      found.reason = warning.empty() ? "no volume is bound yet" : warning;
    } else if (!warning.empty()) {
      absl::StrAppend(&found.reason, " (", warning, ")");
    }
    pending.push_back(std::move(found));
  }
  return pending;
}

}  // namespace kube
