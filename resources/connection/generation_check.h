// The one look at the definition of the custom resource that tells whose
// cluster this is, operator v1's or v2's (wandb/operator/generation.h), shared
// by all resources and calls of a process.
//
// A refresh and a plan are content with the last answer: one GET for each
// process. A write is not: whatever was known before, the definition is read
// again, because the cluster may be migrated while an apply runs. Calls that
// ask at the same time share one request.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace resources {

enum class Generation {
  kNotKnown,      // The definition may not be read, or nobody answers.
  kNoDefinition,  // There is none: nothing is installed, or not yet.
  kV1,
  kV2,
};

// Thread-safe. An answer belongs to the client that gave it: with another one
// everything begins anew.
class GenerationCheck {
 public:
  using Client = std::shared_ptr<kube::Client>;

  // The last answer, kV1 or kV2; asked for when there is none. Never fails: an
  // error is kNotKnown. kNoDefinition and kNotKnown are not kept, so the next
  // call asks again.
  Generation Known(const base::Context& ctx, const Client& client);

  // Known() for a plan, which must not wait for a cluster that does not answer:
  // one attempt of 3 s, once for each process.
  Generation KnownAtPlan(const base::Context& ctx, const Client& client);

  // The last answer, without asking; kNotKnown when there is none.
  Generation Last(const Client& client);

  // Asks again, for a write. Where the definition may not be read, the last
  // answer. Any other failure is returned: then nothing may be written.
  absl::StatusOr<Generation> Now(const base::Context& ctx,
                                 const Client& client);

 private:
  // A request that others may wait for.
  struct Request {
    bool may_retry = true;  // Of the context that it was made with.
    bool done = false;
    absl::StatusOr<Generation> answer = Generation::kNotKnown;
  };

  enum class Want {
    kLast,        // Asks only if there is no last answer,
    kLastAtPlan,  // and once only.
    kNew,
  };

  void BelongTo(const Client& client) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Generation> Ask(const base::Context& ctx, const Client& client,
                                 Want want);
  absl::StatusOr<Generation> AskAlone(const base::Context& ctx,
                                      const Client& client,
                                      const std::shared_ptr<Request>& request);

  absl::Mutex mutex_;
  std::weak_ptr<kube::Client> client_ ABSL_GUARDED_BY(mutex_);
  Generation last_ ABSL_GUARDED_BY(mutex_) = Generation::kNotKnown;
  bool tried_at_plan_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Request> running_ ABSL_GUARDED_BY(mutex_);
};

// What a resource's private data says; kNotKnown when it says nothing.
Generation RecordedGeneration(const base::Json& private_data);

// Puts an answer into the private data, so that the next plan is right without
// asking. kNotKnown leaves what was recorded, kNoDefinition removes it.
void RecordGeneration(Generation generation, base::Json& private_data);

}  // namespace resources
