#include "resources/generation_guard.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "kube/forwarding_client.h"
#include "resources/connection/connect.h"
#include "resources/connection/generation_check.h"
#include "resources/holder.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;

// A refresh has spoken to the server already, so this is for one that stops.
constexpr absl::Duration kRefreshLimit = absl::Seconds(10);

// For so long an answer holds for the writes that follow: a write that is under
// way may meet a migration anyhow, and with a server that is far away each look
// costs as much as the write itself.
constexpr absl::Duration kFresh = absl::Milliseconds(500);

constexpr char kRefused[] = "resources/operator-v2";

std::string Summary(const Guarded& guarded) {
  return absl::StrCat(guarded.subject, " belongs to operator v2");
}

std::string HowToForget(const Guarded& guarded) {
  if (guarded.is_create) {
    return "Take its block out of this configuration: it cannot be created in "
           "this cluster.";
  }
  return absl::StrCat(
      "Let the state forget it: replace its block in this configuration by "
      "this, and apply:\n\n",
      RemovedBlock(guarded.type),
      "\n\nOr take its block out of this configuration and run \"tofu state "
      "rm ",
      guarded.type,
      ".NAME\" (or \"terraform state rm\"). With the block left in, the next "
      "plan is a create, which is refused as well.",
      guarded.way_out.empty() ? "" : " ", guarded.way_out);
}

std::string WhoseItIs() {
  return absl::StrCat("The definition ", wandb::kCrdName,
                      " of this cluster is that of operator v2.");
}

std::string Refusal(const Guarded& guarded) {
  return absl::StrCat(WhoseItIs(), " ", guarded.harm,
                      " So nothing is written.\n\n", HowToForget(guarded));
}

class GuardedClient final : public kube::ForwardingClient {
 public:
  GuardedClient(std::shared_ptr<kube::Client> client, const Session& session,
                Guarded guarded)
      : ForwardingClient(std::move(client)),
        session_(session),
        guarded_(std::move(guarded)) {}

  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    if (!options.dry_run) RETURN_IF_ERROR(MayWrite(ctx));
    return ForwardingClient::Apply(ctx, ref, body, options);
  }
  absl::StatusOr<Json> Patch(const base::Context& ctx,
                             const kube::ObjectRef& ref, const Json& patch,
                             const kube::PatchOptions& options) override {
    if (!options.dry_run) RETURN_IF_ERROR(MayWrite(ctx));
    return ForwardingClient::Patch(ctx, ref, patch, options);
  }
  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override {
    if (!options.dry_run) RETURN_IF_ERROR(MayWrite(ctx));
    return ForwardingClient::Delete(ctx, ref, options);
  }

 private:
  bool WasJustAllowed() const {
    absl::MutexLock lock(&mutex_);
    return absl::Now() - allowed_ < kFresh;
  }

  absl::Status MayWrite(const base::Context& ctx) {
    if (WasJustAllowed()) return absl::OkStatus();
    const absl::Time asked = absl::Now();
    ASSIGN_OR_RETURN(const Generation generation,
                     session_.generation().Now(ctx, client()));
    if (generation == Generation::kV1) {
      absl::MutexLock lock(&mutex_);
      allowed_ = std::max(allowed_, asked);
    }
    if (generation != Generation::kV2) return absl::OkStatus();
    absl::Status refused = absl::FailedPreconditionError(Refusal(guarded_));
    refused.SetPayload(kRefused, absl::Cord());
    return refused;
  }

  const Session& session_;
  const Guarded guarded_;
  mutable absl::Mutex mutex_;
  absl::Time allowed_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace

bool OnOperatorV2(const base::Context& ctx, const Session& session,
                  const std::shared_ptr<kube::Client>& client,
                  Json& private_data) {
  RecordGeneration(
      session.generation().Known(ctx.WithTimeout(kRefreshLimit), client),
      private_data);
  return RecordedGeneration(private_data) == Generation::kV2;
}

absl::StatusOr<bool> StillOnOperatorV2(
    const base::Context& ctx, const Session& session,
    const std::shared_ptr<kube::Client>& client, Json& private_data) {
  ASSIGN_OR_RETURN(const Generation generation,
                   session.generation().Now(ctx, client));
  RecordGeneration(generation, private_data);
  return RecordedGeneration(private_data) == Generation::kV2;
}

bool PlansOnOperatorV2(const base::Context& ctx, const Session& session,
                       const Json& private_data) {
  const Generation recorded = RecordedGeneration(private_data);
  if (recorded != Generation::kNotKnown) return recorded == Generation::kV2;
  if (session.ConfigUnknown()) return false;
  const auto client = session.Kube();
  return client.ok() &&
         session.generation().KnownAtPlan(ctx, *client) == Generation::kV2;
}

void NoteGeneration(const Session& session, Json& private_data) {
  if (const auto client = session.Kube(); client.ok()) {
    RecordGeneration(session.generation().Last(*client), private_data);
  }
}

void ReportRefused(const Guarded& guarded, tf::Diagnostics& diags) {
  diags.AddError(Summary(guarded), Refusal(guarded));
}

void WarnNotManaged(const Guarded& guarded, tf::Diagnostics& diags) {
  diags.AddWarning(
      Summary(guarded),
      absl::StrCat(WhoseItIs(),
                   " The state is kept as it is, and nothing is said about "
                   "what runs there. ",
                   guarded.harm, " So every change of it is refused.\n\n",
                   HowToForget(guarded)));
}

std::shared_ptr<kube::Client> GuardedClientOrReport(const Session& session,
                                                    Guarded guarded,
                                                    tf::Diagnostics& diags) {
  auto client = ClientOrReport(session, diags);
  if (client == nullptr) return nullptr;
  return std::make_shared<GuardedClient>(std::move(client), session,
                                         std::move(guarded));
}

bool IsRefused(const absl::Status& status) {
  return status.GetPayload(kRefused).has_value();
}

}  // namespace resources
