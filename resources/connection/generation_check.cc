#include "resources/connection/generation_check.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "resources/connection/look_context.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/generation.h"

namespace resources {
namespace {

using base::Json;

// Key of the private data.
constexpr char kOperatorV2[] = "operator_v2";

bool IsAnswer(Generation generation) {
  return generation == Generation::kV1 || generation == Generation::kV2;
}

// For who may not read definitions: every identity may see what is served. Of
// several versions discovery names the preferred one, and v2 goes before v1.
// Whether it is stored cannot be seen; better to write nothing.
absl::StatusOr<Generation> LookAtWhatIsServed(const base::Context& ctx,
                                              kube::Client& client) {
  const auto found = client.ListNamespacedKinds(ctx);
  if (absl::IsPermissionDenied(found.status())) return Generation::kNotKnown;
  RETURN_IF_ERROR(found.status());
  for (const kube::CollectionRef& kind : found->kinds) {
    if (kind.group == wandb::kGroup && kind.resource == wandb::kPlural &&
        kind.version == wandb::kOperatorV2Version) {
      return Generation::kV2;
    }
  }
  // That of v1 may be one that v2 serves, too.
  return Generation::kNotKnown;
}

absl::StatusOr<Generation> Look(const base::Context& ctx,
                                kube::Client& client) {
  const auto crd = client.Get(ctx, kube::CrdRef(wandb::kCrdName));
  if (crd.ok()) {
    return wandb::IsOperatorV2(*crd) ? Generation::kV2 : Generation::kV1;
  }
  if (absl::IsNotFound(crd.status()) || kube::IsKindNotServed(crd.status())) {
    return Generation::kNoDefinition;
  }
  if (absl::IsPermissionDenied(crd.status())) {
    return LookAtWhatIsServed(ctx, client);
  }
  return crd.status();
}

// Whether a failure is that of the caller who met it alone: its run was
// stopped, it had less time, or it would not try again.
bool IsNobodyElses(const absl::Status& failure, bool could_retry,
                   const base::Context& ctx) {
  return absl::IsCancelled(failure) || absl::IsDeadlineExceeded(failure) ||
         (ctx.may_retry() && !could_retry);
}

// `answer` with a status that no other thread holds: ThreadSanitizer cannot see
// how Abseil, which is not built for it, counts the holders of a shared one.
absl::StatusOr<Generation> OwnCopy(const absl::StatusOr<Generation>& answer) {
  if (answer.ok()) return *answer;
  absl::Status own(answer.status().code(), answer.status().message());
  answer.status().ForEachPayload(
      [&own](absl::string_view type, const absl::Cord& payload) {
        own.SetPayload(type, payload);
      });
  return own;
}

}  // namespace

void GenerationCheck::BelongTo(const Client& client) {
  if (client_.lock() == client) return;
  client_ = client;
  last_ = Generation::kNotKnown;
  tried_at_plan_ = false;
  running_ = nullptr;
}

Generation GenerationCheck::Last(const Client& client) {
  absl::MutexLock lock(&mutex_);
  BelongTo(client);
  return last_;
}

absl::StatusOr<Generation> GenerationCheck::AskAlone(
    const base::Context& ctx, const Client& client,
    const std::shared_ptr<Request>& request) {
  // After an exception those who wait ask for themselves.
  absl::StatusOr<Generation> shared = absl::CancelledError("no answer");
  const absl::Cleanup end_turn = [this, &request, &shared] {
    absl::MutexLock lock(&mutex_);
    request->answer = std::move(shared);
    request->done = true;
    if (running_ == request) running_ = nullptr;
  };
  const absl::StatusOr<Generation> answer = Look(ctx, *client);
  shared = OwnCopy(answer);
  absl::MutexLock lock(&mutex_);
  if (running_ != request) return answer;  // Another client's turn meanwhile.
  if (!answer.ok() || *answer == Generation::kNotKnown) return answer;
  last_ = IsAnswer(*answer) ? *answer : Generation::kNotKnown;
  return answer;
}

absl::StatusOr<Generation> GenerationCheck::Ask(const base::Context& ctx,
                                                const Client& client,
                                                Want want) {
  while (true) {
    RETURN_IF_ERROR(ctx.Check());
    auto request = std::make_shared<Request>();
    request->may_retry = ctx.may_retry();
    {
      absl::MutexLock lock(&mutex_);
      BelongTo(client);
      if (want != Want::kNew && IsAnswer(last_)) return last_;
      if (running_ == nullptr) {
        if (want == Want::kLastAtPlan) {
          if (tried_at_plan_) return last_;
          tried_at_plan_ = true;
        }
        running_ = request;
      } else {
        request = running_;
        // A stop ends it through the one who asks.
        if (!mutex_.AwaitWithDeadline(absl::Condition(&request->done),
                                      ctx.deadline())) {
          continue;  // With the status of the context.
        }
        if (!request->answer.ok() &&
            IsNobodyElses(request->answer.status(), request->may_retry, ctx)) {
          continue;
        }
        return OwnCopy(request->answer);
      }
    }
    return AskAlone(ctx, client, request);
  }
}

Generation GenerationCheck::Known(const base::Context& ctx,
                                  const Client& client) {
  return Ask(ctx, client, Want::kLast).value_or(Generation::kNotKnown);
}

Generation GenerationCheck::KnownAtPlan(const base::Context& ctx,
                                        const Client& client) {
  return Ask(LookContext(ctx), client, Want::kLastAtPlan)
      .value_or(Generation::kNotKnown);
}

absl::StatusOr<Generation> GenerationCheck::Now(const base::Context& ctx,
                                                const Client& client) {
  ASSIGN_OR_RETURN(const Generation answer, Ask(ctx, client, Want::kNew));
  return answer == Generation::kNotKnown ? Last(client) : answer;
}

Generation RecordedGeneration(const Json& private_data) {
  const auto recorded = base::BoolAt(private_data, "/operator_v2");
  if (!recorded.has_value()) return Generation::kNotKnown;
  return *recorded ? Generation::kV2 : Generation::kV1;
}

void RecordGeneration(Generation generation, Json& private_data) {
  if (IsAnswer(generation)) {
    private_data[kOperatorV2] = generation == Generation::kV2;
  } else if (generation == Generation::kNoDefinition) {
    private_data.erase(kOperatorV2);
  }
}

}  // namespace resources
