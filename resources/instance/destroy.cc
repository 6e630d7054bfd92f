#include "resources/instance/destroy.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "kube/status.h"
#include "resources/generation_guard.h"
#include "resources/instance/desired.h"
#include "resources/instance/finalizer.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/write.h"
#include "resources/namespace_end.h"
#include "resources/operation.h"
#include "resources/report.h"

namespace resources {
namespace {

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
  if (HasObject(call.state)) {
    if (absl::Status gone = DeleteObject(op, state); !gone.ok()) {
      LearnLive(op, state, gone);
      const std::string held = ExplainHeld(op, state, gone);
      call.diags.AddError(
          absl::StrCat("Cannot delete ", kube::Describe(state.ref())),
          Explain(gone, session, scrubber, held));
      return;
    }
  }
  DeleteOwnNamespace(op.ctx, *client,
                     {.ns = call.state.ns.value(),
                      .owner = NamespaceOwnerOf(call.state),
                      .makes = call.state.create_namespace.value(),
                      .session = session,
                      .scrubber = scrubber},
                     call.private_data, call.diags);
}

}  // namespace resources
