// Writing the custom resource of a wandb_instance.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/ssa/update.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/compile.h"
#include "resources/instance/model.h"

namespace resources {

// `object` as a write to no other object than that with `uid`, unless it is "".
base::Json WithUid(base::Json object, const std::string& uid);

// What an import leaves in the private data for the first update, and what each
// write leaves for the next: see UpdateRulesOf().
void NoteImported(base::Json& private_data);
void NoteWritten(const std::string& manager, base::Json& private_data);

// A refresh notes that it saw the object being deleted (or no longer does). The
// next apply waits for its end, and makes another one.
void NoteDying(bool dying, base::Json& private_data);
bool IsNotedDying(const base::Json& private_data);

// From whom the next update takes fields over: the former field manager, and
// after an import, within `before`, the tools that made the object.
std::vector<kube::Takeover::Source> SourcesOf(const std::string& manager,
                                              const base::Json& before,
                                              const base::Json& private_data);

// How the update from `before` (the body that state says we wrote) to `body` is
// made. The first one after an import takes the fields of `before` over from
// the tools that made the object, so that what configuration drops goes away;
// `before` is what the import has put into the state, so the plan shows all
// that will. Fields that were never in the state stay with their owners. The
// result refers to the arguments.
ssa::UpdateRules UpdateRulesOf(const InstanceModel& planned,
                               const std::string& uid, const base::Json& before,
                               const base::Json& body,
                               const std::string& manager,
                               const base::Json& private_data);

// Creates or updates the object with `body`; where a refresh saw it being
// deleted, awaits its end and creates another. Waits for a CRD that is missing;
// an existing object of somebody else is kAlreadyExists, and one that an
// interrupted create of ours may have left is taken over with a warning.
absl::StatusOr<kube::Applied> WriteInstance(const base::Context& ctx,
                                            const Session& session,
                                            kube::Client& client,
                                            const base::Json& body,
                                            tf::ApplyCall<InstanceModel>& call);

// What a failed WriteInstance() means, as an error.
void ReportWriteFailure(const base::Context& ctx, const Session& session,
                        kube::Client& client, const base::Json& body,
                        const Compiled& compiled, const absl::Status& status,
                        tf::ApplyCall<InstanceModel>& call);

// Warns of values that the server stores otherwise than they were sent: an
// admission webhook changes them, and every plan will show a difference.
void WarnIfChangedByServer(const Compiled& compiled, const base::Json& live,
                           tf::Diagnostics& diags);

// Before `failed`, the answer to a write, is shown: reads the object, so that
// the session knows the secrets that it has by `mask`. The server may quote
// what is stored, others' part of it, too. Asks nothing where it did not
// answer.
void LearnLive(const base::Context& ctx, const Session& session,
               kube::Client& client, const InstanceModel& model,
               const wandb::Mask& mask, const absl::Status& failed);

}  // namespace resources
