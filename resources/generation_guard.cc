#include "resources/generation_guard.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "resources/generation_check.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;

// A refresh has spoken to the server already, so this is for one that stops.
constexpr absl::Duration kRefreshLimit = absl::Seconds(10);

constexpr char kRefused[] = "resources/operator-v2";

std::string Summary(const Guarded& guarded) {
  return absl::StrCat(guarded.subject, " belongs to operator v2");
}

std::string HowToForget(const Guarded& guarded) {
  return absl::StrCat(
      "Let the state forget it: take its block out of this configuration and "
      "apply\n\nremoved {\n  from = ",
      guarded.type,
      ".NAME\n  lifecycle {\n    destroy = false\n  }\n}\n\nor run \"tofu "
      "state rm ",
      guarded.type, ".NAME\" (or \"terraform state rm\").",
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

class GuardedClient final : public kube::Client {
 public:
  GuardedClient(std::shared_ptr<kube::Client> client, const Session& session,
                Guarded guarded)
      : client_(std::move(client)),
        session_(session),
        guarded_(std::move(guarded)) {}

  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const kube::ObjectRef& ref) override {
    return client_->Get(ctx, ref);
  }
  absl::StatusOr<kube::ObjectList> List(
      const base::Context& ctx, const kube::CollectionRef& collection,
      const kube::ListOptions& options) override {
    return client_->List(ctx, collection, options);
  }
  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    if (!options.dry_run) RETURN_IF_ERROR(MayWrite(ctx));
    return client_->Apply(ctx, ref, body, options);
  }
  absl::StatusOr<Json> Patch(const base::Context& ctx,
                             const kube::ObjectRef& ref, const Json& patch,
                             const kube::PatchOptions& options) override {
    if (!options.dry_run) RETURN_IF_ERROR(MayWrite(ctx));
    return client_->Patch(ctx, ref, patch, options);
  }
  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override {
    if (!options.dry_run) RETURN_IF_ERROR(MayWrite(ctx));
    return client_->Delete(ctx, ref, options);
  }
  absl::Status Watch(const base::Context& ctx,
                     const kube::CollectionRef& collection,
                     const kube::WatchOptions& options,
                     const std::function<absl::Status(const kube::WatchEvent&)>&
                         handler) override {
    return client_->Watch(ctx, collection, options, handler);
  }
  absl::StatusOr<std::string> Logs(const base::Context& ctx,
                                   const kube::ObjectRef& pod,
                                   const kube::LogOptions& options) override {
    return client_->Logs(ctx, pod, options);
  }
  absl::StatusOr<kube::NamespacedKinds> ListNamespacedKinds(
      const base::Context& ctx) override {
    return client_->ListNamespacedKinds(ctx);
  }
  absl::StatusOr<std::string> ServerVersion(const base::Context& ctx) override {
    return client_->ServerVersion(ctx);
  }

 private:
  absl::Status MayWrite(const base::Context& ctx) const {
    ASSIGN_OR_RETURN(const Generation generation,
                     session_.generation().Now(ctx, client_));
    if (generation != Generation::kV2) return absl::OkStatus();
    absl::Status refused = absl::FailedPreconditionError(Refusal(guarded_));
    refused.SetPayload(kRefused, absl::Cord());
    return refused;
  }

  const std::shared_ptr<kube::Client> client_;
  const Session& session_;
  const Guarded guarded_;
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
