// Whether the operator has applied the specification of a live custom resource.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "resources/instance/desired.h"
#include "resources/instance/operator_events.h"
#include "resources/instance/patience.h"
#include "resources/instance/standing_fault.h"
#include "resources/instance/written_object.h"
#include "wandb/problem.h"
#include "wandb/spec/scrub.h"
#include "wandb/spec/spec.h"

namespace resources {

// Looks again and again, as the wait for an instance does.
class SpecLook {
 public:
  // The references are kept.
  SpecLook(kube::Client& client, const Desired& desired, WrittenObject written,
           const Patience& patience);

  // Whether what was applied last is the merge of `object` and the current
  // layers. kFailedPrecondition: it never will be, as the layers cannot be
  // merged (see clashes()), or as the operator says since the write; where it
  // failed before, or looks at nothing, it is nudged, once. Other errors are
  // those of ReadLiveLayers(). What is quoted is scrubbed by `scrubber` and of
  // all that the layers hide.
  absl::StatusOr<bool> Look(const base::Context& ctx, const base::Json& object,
                            const wandb::Scrubber& scrubber);

  // Whether the operator takes managed specs (managed_spec.h), as whoever looks
  // at its Deployment may say, and as these looks find out; nullopt: neither.
  void NoteManagedSpec(bool takes) { takes_managed_spec_ = takes; }
  std::optional<bool> takes_managed_spec() const { return takes_managed_spec_; }

  // Of the last look: what differs, "" where it says so itself or nothing does;
  // and the clashes of the layers.
  const std::string& difference() const { return difference_; }
  const std::vector<wandb::Problem>& clashes() const { return clashes_; }
  // Where the merge says that W&B is; "" if it names no host.
  const std::string& url() const { return url_; }

 private:
  // Whether it has had the time to begin.
  bool MayBeIdle() const;
  // Nudges the operator if what stands is of before.
  void NudgeIfIdle(const base::Context& ctx, const base::Json& object,
                   const OperatorEvents& events, bool invalid);
  // Whether the "Invalid Config" of the object says that what we wrote cannot
  // be applied, by the operator's events or as it stands.
  bool IsAboutOurWrite(const OperatorEvents& events);

  // Finds that out, once for each specification that was applied: nothing else
  // tells anything new.
  void Settle(const base::Context& ctx, const base::Json& object,
              SpecState& seen);

  kube::Client& client_;
  const Desired& desired_;
  const WrittenObject written_;
  const Patience patience_;
  const absl::Time started_;
  // What the operator began before does not count: our write, or a nudge.
  absl::Time counts_from_;
  bool tried_to_nudge_ = false, nudged_ = false;
  std::optional<bool> takes_managed_spec_;
  bool settled_ = false;
  std::optional<wandb::SpecLayer> settled_over_;
  std::string difference_;
  std::string url_;
  std::vector<wandb::Problem> clashes_;
  // Of "Invalid Config": since when it stands, and its event.
  absl::Time invalid_since_ = absl::InfiniteFuture();
  absl::Time failed_ = absl::InfinitePast();
};

}  // namespace resources
