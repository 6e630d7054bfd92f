#include "resources/instance/destroy.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/status.h"
#include "resources/generation_guard.h"
#include "resources/instance/desired.h"
#include "resources/instance/finalizer.h"
#include "resources/instance/kept.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/private_data.h"
#include "resources/instance/release_pin.h"
#include "resources/instance/write.h"
#include "resources/instance/write_only.h"
#include "resources/namespace_end.h"
#include "resources/operation.h"
#include "resources/report.h"

namespace resources {
namespace {

constexpr absl::Duration kNamespaceAfterAll = absl::Minutes(1);

constexpr absl::Duration kDefaultTimeout = absl::Minutes(20);

// Of the object that the state knows, which must exist to it.
absl::Status DeleteObject(const Operation& op, const Desired& state) {
  const std::string uid = state.model.uid.value_or("");
  absl::Status gone = op.client.Delete(op.ctx, state.ref(), {.uid = uid});
  // Another object took the name: ours is gone, and that one is not ours.
  const bool nothing = kube::IsKindNotServed(gone) || kube::IsStale(gone);
  if (!gone.ok() && !nothing) return gone;
  return AwaitUninstalled(op, state, kUninstallLook);
}

// The object that the state knows; of a create that ended before it could tell,
// what it has left, with a warning. kNotFound where there is none of ours: a
// state whose object a destroy has deleted keeps its notes, while core forgets
// those of a create that failed.
absl::StatusOr<Desired> ToDelete(const Operation& op, const Desired& state,
                                 const base::Json& notes) {
  if (HasObject(state.model)) return state;
  if (!notes.empty() && !InstanceNotes::From(notes).left_open) {
    return absl::NotFoundError("deleted before");
  }
  ASSIGN_OR_RETURN(const base::Json made, MadeAfterAll(op, state));
  op.diags.AddWarning(
      absl::StrCat("Instance ", IdOf(state.model), " is deleted"),
      "The state knew no object: the create that made it was interrupted. This "
      "one is what that create was to make, and nobody else has applied to "
      "it.");
  InstanceModel found = state.model;
  SetObserved(made, found);
  return Desired(std::move(found));
}

// False after an error.
bool DeleteOrReport(const Operation& op, const Desired& object) {
  absl::Status gone = DeleteObject(op, object);
  const auto explain = [&] {
    LearnLive(op, object, gone);
    return Explain(gone, op.session, op.scrubber,
                   ExplainHeld(op, object, gone));
  };
  if (!gone.ok()) gone = RemoveIfStuck(op, object, gone, explain());
  if (gone.ok()) return true;
  op.diags.AddError(
      absl::StrCat("Cannot delete ", kube::Describe(object.ref())), explain());
  return false;
}

}  // namespace

void DestroyInstance(const base::Context& parent, const Session& session,
                     tf::DeleteCall<InstanceModel>& call) {
  const auto client =
      GuardedClientOrReport(session, GuardedInstance(call.state), call.diags);
  if (client == nullptr) return;
  const Desired state(call.state);
  session.secrets()->Add(state.compiled.secrets());
  const wandb::Scrubber scrubber = state.compiled.scrubber();
  const Operation op{.ctx = parent.WithTimeout(TimeoutOf(
                         call.state.timeouts, &Timeouts::del, kDefaultTimeout)),
                     .client = *client,
                     .session = session,
                     .scrubber = scrubber,
                     .diags = call.diags};
  const auto object = ToDelete(op, state, call.private_data);
  if (object.ok()) {
    if (!DeleteOrReport(op, *object)) return;
  } else if (!absl::IsNotFound(object.status())) {
    return ReportStatus(
        absl::StrCat("Cannot look for ", kube::Describe(state.ref())),
        object.status(), session, scrubber, call.diags);
  }
  // A finalizer that was to go at the end of the time has used all of it up.
  Operation rest = op;
  if (!op.ctx.Check().ok()) rest.ctx = op.Aftermath(kNamespaceAfterAll);
  if (!call.state.secrets_wo.value_or({}).empty()) {
    // Without success it is left to Kubernetes.
    DeleteWriteOnly(rest, call.state, call.state.uid.value_or(""))
        .IgnoreError();
  }
  InstanceNotes notes = InstanceNotes::From(call.private_data);
  ReleasePin pin(rest, call.state, notes.AreLost(), notes.pin);
  if (const absl::Status status = pin.End(); !status.ok()) {
    return pin.Report(status, call.diags);
  }
  // What is there without an instance of this state is an earlier one's.
  if (object.ok()) EndKept(rest, *object);
  DeleteOwnNamespace(rest.ctx, *client,
                     {.ns = call.state.ns.value(),
                      .owner = NamespaceOwnerOf(call.state),
                      .makes = call.state.create_namespace.value(),
                      .session = session,
                      .scrubber = scrubber},
                     call.private_data, call.diags);
}

}  // namespace resources
