#include "kube/deletion.h"

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/managed_fields.h"
#include "kube/status.h"

namespace kube {
namespace {

using base::Json;

constexpr char kHeldPayload[] = "kube/held";
// Of the namespace controller, which takes it away itself.
constexpr char kNamespaceFinalizer[] = "kubernetes";

// Who made an object, as far as it tells: `, made at TIME by "manager"`.
std::string Maker(const Json& object) {
  std::string text;
  if (const auto time = base::StringAt(object, "/metadata/creationTimestamp")) {
    text = absl::StrCat(" at ", *time);
  }
  // The server does not say who came first; the one who has written first of
  // those who are left is the most likely.
  const ManagerEntry* first = nullptr;
  const std::vector<ManagerEntry> managers = ManagersOf(object);
  for (const ManagerEntry& entry : managers) {
    if (!entry.subresource.empty()) continue;
    if (first == nullptr || entry.time < first->time) first = &entry;
  }
  if (first != nullptr) {
    absl::StrAppend(&text, " by field manager \"", first->manager, "\"");
  }
  return text.empty() ? "" : absl::StrCat(", made", text);
}

}  // namespace

Fate FateOf(const Json* live, absl::string_view uid) {
  if (live == nullptr) return Fate::kGone;
  if (!uid.empty() && UidOf(*live) != uid) return Fate::kReplaced;
  return IsTerminating(*live) ? Fate::kDying : Fate::kThere;
}

std::vector<std::string> FinalizersOf(const Json& object) {
  std::vector<std::string> finalizers;
  for (const char* place : {"/metadata/finalizers", "/spec/finalizers"}) {
    for (const Json& finalizer : base::ListAt(object, place)) {
      if (finalizer.is_string()) {
        finalizers.push_back(finalizer.get<std::string>());
      }
    }
    if (KindOf(object) != "Namespace") break;
  }
  return finalizers;
}

std::vector<std::string> RemainsOf(const Json& ns) {
  std::vector<std::string> remains;
  // All of its conditions are about its end, and "True" where that is held up.
  for (const Json& condition : base::ListAt(ns, "/status/conditions")) {
    if (base::StringAt(condition, "/status") != "True") continue;
    const std::string message =
        base::StringAt(condition, "/message").value_or("");
    remains.push_back(
        absl::StrCat(base::StringAt(condition, "/type").value_or("unknown"),
                     ": ", absl::StripAsciiWhitespace(message)));
  }
  return remains;
}

std::string DescribeDeletion(const Json& object) {
  std::vector<std::string> finalizers = FinalizersOf(object);
  std::string text =
      absl::StrCat("is being deleted since ",
                   base::StringAt(object, "/metadata/deletionTimestamp")
                       .value_or("a time that it does not tell"));
  const bool is_namespace = KindOf(object) == "Namespace";
  if (is_namespace) std::erase(finalizers, kNamespaceFinalizer);
  if (!finalizers.empty()) {
    absl::StrAppend(&text, ", and held by the finalizer",
                    finalizers.size() == 1 ? " " : "s ",
                    absl::StrJoin(finalizers, ", "));
  }
  if (!is_namespace) return text;
  const std::vector<std::string> remains = RemainsOf(object);
  return absl::StrCat(
      text, remains.empty()
                ? "; its conditions do not say (yet) what remains in it"
                : absl::StrCat("; what remains in it, from its conditions: ",
                               absl::StrJoin(remains, "; ")));
}

std::string DescribeFate(const ObjectRef& ref, const Json* live,
                         absl::string_view uid) {
  const std::string what = absl::StrCat(
      Describe(ref), uid.empty() ? "" : absl::StrCat(" with uid ", uid));
  switch (FateOf(live, uid)) {
    case Fate::kThere:
      return absl::StrCat(what, " exists.");
    case Fate::kDying:
      return absl::StrCat(what, " ", DescribeDeletion(*live), ".");
    case Fate::kGone:
      return absl::StrCat(what,
                          " was deleted. The API server's audit log says by "
                          "whom.");
    case Fate::kReplaced:
      return absl::StrCat(what,
                          " was deleted, and another object has its name: uid ",
                          UidOf(*live), Maker(*live), ".");
  }
  return what;
}

std::string LookCommand(const ObjectRef& ref) {
  return absl::StrCat(
      "kubectl get ", ref.resource,
      ref.group.empty() ? "" : absl::StrCat(".", ref.group), " ", ref.name,
      ref.ns.empty() ? "" : absl::StrCat(" --namespace=", ref.ns), " -o yaml");
}

absl::Status NoteHeld(const absl::Status& status, const ObjectRef& ref,
                      const Json& live) {
  // An error of the server's own is the nearer cause.
  if (!absl::IsDeadlineExceeded(status) || HttpCode(status) != 0 ||
      !IsTerminating(live) || FinalizersOf(live).empty()) {
    return status;
  }
  absl::Status held =
      WithNote(status, status.code(),
               absl::StrCat(Describe(ref), " ", DescribeDeletion(live),
                            "; to look further: ", LookCommand(ref)));
  held.SetPayload(kHeldPayload, absl::Cord("1"));
  return held;
}

bool IsHeld(const absl::Status& status) {
  return status.GetPayload(kHeldPayload).has_value();
}

}  // namespace kube
