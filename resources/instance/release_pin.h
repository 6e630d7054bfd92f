// `release_id`: the release of the channel that an instance is kept at. The
// operator reads it in the Secret of the user input (wandb/spec/release_pin.h),
// which the System Console writes, too, so all else of it stays as it is.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/object_ref.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"
#include "resources/instance/private_data.h"
#include "resources/operation.h"

namespace resources {

// `release_id` beside what keeps a release from being used, as errors. What is
// unknown is no mistake.
void CheckReleaseId(const InstanceModel& config, tf::Diagnostics& diags);

// What of `layers`, the recorded ones, counts once `planned` is applied: the
// user input with the planned pin, and the channel only if it is known to be
// the release that the operator will get. `prior` is null for a create; `note`
// is of the last apply.
RecordedLayers LayersWithPin(const InstanceModel& planned,
                             const InstanceModel* prior,
                             const std::optional<PinNote>& note,
                             RecordedLayers layers);

// The pin in the Secret. Every write is guarded by the resource version; where
// somebody else was faster, what that one wrote is read, and it goes on with
// that. Errors are those of the API server, and kInvalidArgument for content
// that the operator cannot read either.
class ReleasePin {
 public:
  // `model` says what is wanted, and names the instance. `note` is of the last
  // apply, and kept up to date, also where a write fails. Where the notes are
  // `lost`, what this provider is known to have written last is its pin, and
  // before it there was none. All of them outlive this.
  ReleasePin(const Operation& op, const InstanceModel& model, bool lost,
             std::optional<PinNote>& note)
      : op_(op), ctx_(op.ctx), model_(model), lost_(lost), note_(note) {}

  // Before a create writes the custom resource: else the operator would install
  // the newest release first. It can belong to nothing yet. Nothing is done
  // where there is a custom resource of that name.
  absl::Status WriteAhead();
  // After a create that has left nothing else, and though it was stopped; a
  // failure is a warning.
  void TakeBack(absl::Duration limit);

  // Once there is the custom resource of that uid, which had the pin `before`:
  // writes what `model` wants, or gives back. OK where nothing is to be done.
  absl::Status Settle(const std::string& uid, const InstanceModel* before);
  // For the custom resource of that uid.
  absl::Status Write(const std::string& uid);
  // What was there before the pin; what somebody else pinned since stays.
  absl::Status GiveBack();
  // Once the custom resource is gone, and where its state or its notes know a
  // pin: gives back what outlives it. Kubernetes collects what belongs to it.
  absl::Status End();

  // As an error, `status` of the last of these.
  void Report(const absl::Status& status, tf::Diagnostics& diags) const;

 private:
  absl::Status SetOnce(const std::string& uid);
  absl::Status GiveBackOnce();
  absl::Status Create(const std::string& uid);
  absl::Status Patch(const base::Json& live,
                     const std::optional<std::string>& pin,
                     const std::string& owner_uid);
  absl::Status Delete(const base::Json& live);
  absl::StatusOr<base::Json> Get();
  kube::ObjectRef ref() const;

  const Operation& op_;
  base::Context ctx_;
  const InstanceModel& model_;
  const bool lost_;
  std::optional<PinNote>& note_;
  const char* verb_ = "get";  // Of the last request.
};

// After a look at the user input: `release_id` of `state` is what is pinned
// now, if the state or this provider has pinned anything. Where the notes were
// `lost` before that look, the Secret tells whose a pin is.
void ReadPin(const Operation& op, bool lost, InstanceNotes& notes,
             InstanceModel& state);

// After a create that pins nothing: notes a pin that an interrupted one has
// left, so that the next refresh shows it.
void NotePinLeft(const Operation& op, InstanceNotes& notes,
                 const InstanceModel& state);

// That the operator has got another release than the pinned one, though it has
// looked since: the channel has none of that id, or did not answer.
void WarnIfNotPinned(const RecordedLayers& layers, const InstanceModel& state,
                     tf::Diagnostics& diags);

}  // namespace resources
