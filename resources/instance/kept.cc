#include "resources/instance/kept.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/json.h"
#include "base/parallel.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/helm_release.h"
#include "resources/report.h"
#include "wandb/chart/kept.h"

namespace resources {
namespace {

using base::Json;

struct KeptObject {
  kube::ObjectRef ref;
  std::string uid;
};

struct Found {
  std::vector<KeptObject> objects;
  absl::Status unseen;  // Of a look that failed; OK if all was looked at.
};

kube::CollectionRef ClaimsIn(const std::string& ns) {
  return {"", "v1", "persistentvolumeclaims", ns};
}

bool IsOfRelease(const Json& secret, const InstanceModel& model) {
  const auto release = HelmReleaseOf(secret);
  return release.has_value() && release->name == model.name.value() &&
         (release->ns.empty() || release->ns == model.ns.value());
}

Found FindKept(const Operation& op, const InstanceModel& model) {
  const std::string& ns = model.ns.value();
  const std::string& name = model.name.value();
  const std::vector<std::string> names = wandb::KeptSecrets(name);
  std::vector<absl::StatusOr<Json>> secrets(names.size(),
                                            absl::UnknownError("not read"));
  absl::StatusOr<kube::ObjectList> claims = absl::UnknownError("not read");
  std::vector<std::function<void()>> looks = {[&] {
    claims = op.client.List(op.ctx, ClaimsIn(ns),
                            {.label_selector = wandb::KeptClaimSelector(name)});
  }};
  for (size_t i = 0; i < names.size(); ++i) {
    looks.emplace_back([&, i] {
      secrets[i] = op.client.Get(op.ctx, kube::SecretRef(ns, names[i]));
    });
  }
  base::RunInParallel(looks);
  Found found;
  for (size_t i = 0; i < names.size(); ++i) {
    if (secrets[i].ok()) {
      op.session.secrets()->Learn(*secrets[i]);
      if (!IsOfRelease(*secrets[i], model)) continue;
      found.objects.push_back(
          {kube::SecretRef(ns, names[i]), kube::UidOf(*secrets[i])});
    } else if (!absl::IsNotFound(secrets[i].status())) {
      found.unseen.Update(secrets[i].status());
    }
  }
  if (!claims.ok()) {
    found.unseen.Update(claims.status());
    return found;
  }
  for (const Json& claim : claims->items) {
    found.objects.push_back({kube::ObjectIn(ClaimsIn(ns), kube::NameOf(claim)),
                             kube::UidOf(claim)});
  }
  return found;
}

// "secret/a persistentvolumeclaim/b"
std::string Arguments(const std::vector<KeptObject>& objects) {
  std::vector<std::string> arguments;
  for (const KeptObject& object : objects) {
    arguments.push_back(absl::StrCat(
        object.ref.resource == "secrets" ? "secret" : "persistentvolumeclaim",
        "/", object.ref.name));
  }
  return absl::StrJoin(arguments, " ");
}

std::string DeleteCommand(const InstanceModel& model,
                          const std::vector<KeptObject>& objects) {
  return absl::StrCat("kubectl delete -n ", model.ns.value(), " ",
                      Arguments(objects));
}

std::string Lines(const std::vector<KeptObject>& objects) {
  std::string lines;
  for (const KeptObject& object : objects) {
    absl::StrAppend(&lines, "  ", kube::Describe(object.ref), "\n");
  }
  return lines;
}

absl::Status Delete(const Operation& op, const KeptObject& object) {
  const absl::Status status =
      op.client.Delete(op.ctx, object.ref, {.uid = object.uid});
  if (absl::IsNotFound(status) || kube::IsStale(status)) {
    return absl::OkStatus();
  }
  if (!status.ok()) return status;
  return kube::AwaitGone(op.ctx, op.client, object.ref, object.uid);
}

void DeleteKept(const Operation& op, const InstanceModel& model,
                const std::vector<KeptObject>& objects) {
  std::vector<absl::Status> ends(objects.size());
  std::vector<std::function<void()>> tasks;
  for (size_t i = 0; i < objects.size(); ++i) {
    tasks.emplace_back([&, i] { ends[i] = Delete(op, objects[i]); });
  }
  base::RunInParallel(tasks);
  std::vector<KeptObject> left;
  absl::Status first;
  for (size_t i = 0; i < objects.size(); ++i) {
    if (ends[i].ok()) continue;
    left.push_back(objects[i]);
    first.Update(ends[i]);
  }
  if (left.empty()) return;
  op.diags.AddWarning(
      absl::StrCat("Not all that instance ", IdOf(model), " leaves is deleted"),
      absl::StrCat(Lines(left), "\n",
                   Explain(first, op.session, op.scrubber,
                           absl::StrCat("To delete it by hand: ",
                                        DeleteCommand(model, left)))));
}

// Who may need it still; "" for nobody.
std::string UserOfKept(const Operation& op, const Desired& state) {
  const auto live = op.client.Get(op.ctx, state.ref());
  if (live.ok()) {
    return absl::StrCat("There is a ", kube::Describe(state.ref()));
  }
  // Only the server's own word counts: data is at stake.
  if (!absl::IsNotFound(live.status()) &&
      !kube::IsNamespaceMissing(live.status()) &&
      !kube::IsKindNotServed(live.status())) {
    return absl::StrCat("There may be a ", kube::Describe(state.ref()));
  }
  const InstanceModel& model = state.model;
  const HelmRelease release = {model.ns.value(), model.name.value()};
  if (IsForgotten(op.ctx, op.client, release)) return "";
  return absl::StrCat("Helm may not have uninstalled release \"", release.ns,
                      "/", release.name, "\"");
}

void WarnOfUser(const Operation& op, const InstanceModel& model,
                const std::string& user) {
  op.diags.AddWarning(
      absl::StrCat("What instance ", IdOf(model), " leaves is not deleted"),
      absl::StrCat(user,
                   ", which needs the Secrets and volumes of that name. "
                   "delete_kept has deleted none of them. To see them: kubectl "
                   "get secrets,persistentvolumeclaims -n ",
                   model.ns.value()));
}

}  // namespace

void EndKept(const Operation& op, const Desired& state) {
  const InstanceModel& model = state.model;
  const Found found = FindKept(op, model);
  if (found.objects.empty() && found.unseen.ok()) return;
  if (const std::string user = UserOfKept(op, state); !user.empty()) {
    if (model.delete_kept.value()) WarnOfUser(op, model, user);
    return;
  }
  const bool deletes = model.delete_kept.value();
  if (deletes) {
    DeleteKept(op, model, found.objects);
  } else if (!found.objects.empty()) {
    op.diags.AddWarning(
        absl::StrCat("Instance ", IdOf(model), " leaves data behind"),
        absl::StrCat(
            "W&B is uninstalled, and these stay, which an instance of the same "
            "name would use again:\n",
            Lines(found.objects),
            "\nIf they are to go: ", DeleteCommand(model, found.objects),
            "\ndelete_kept = true deletes them with the next instance "
            "(apply it before the destroy, which goes by the state)."));
  }
  if (!deletes || found.unseen.ok()) return;
  op.diags.AddWarning(absl::StrCat("What instance ", IdOf(model),
                                   " leaves cannot be looked at"),
                      Explain(found.unseen, op.session, op.scrubber));
}

}  // namespace resources
