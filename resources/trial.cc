#include "resources/trial.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/http/transport.h"
#include "kube/ssa/replaced.h"
#include "kube/status.h"
#include "resources/report.h"

namespace resources {
namespace {

// A webhook with side effects, which is no word on the write.
bool IsDryRunUnsupported(const absl::Status& status) {
  return absl::IsInvalidArgument(status) &&
         absl::StrContains(status.message(), "does not support dry run");
}

}  // namespace

bool IsNoAccess(const absl::Status& status) {
  return absl::IsUnauthenticated(status) ||
         absl::IsFailedPrecondition(status) ||
         http::CertificateProblemOf(status).has_value() ||
         http::IsProxyRefusal(status) || http::SpeaksNoTls(status);
}

absl::Status TryAccess(const base::Context& look, kube::Client& client) {
  return client.ServerVersion(look).status();
}

CreateTrial TryCreate(const base::Context& look, kube::Client& client,
                      const kube::ObjectRef& ref, const base::Json& body,
                      const std::string& manager, bool complete) {
  using Verdict = CreateTrial::Verdict;
  absl::Status status =
      client
          .Apply(
              look, ref, body,
              {.field_manager = manager, .dry_run = true, .create_only = true})
          .status();
  if (kube::IsAlreadyExists(status)) return {Verdict::kExists, {}};
  if (kube::IsNamespaceMissing(status)) return {Verdict::kNamespaceMissing, {}};
  if (kube::IsNamespaceTerminating(status)) {
    return {Verdict::kNamespaceDying, {}};
  }
  if (kube::IsKindNotServed(status)) return {Verdict::kKindNotServed, {}};
  if (IsNoAccess(status)) return {Verdict::kNoAccess, std::move(status)};
  const bool refused = absl::IsPermissionDenied(status) ||
                       (complete && kube::IsTooLarge(status)) ||
                       (absl::IsInvalidArgument(status) && complete &&
                        !IsDryRunUnsupported(status));
  if (!refused) return {Verdict::kNoFinding, std::move(status)};
  return {Verdict::kRefused, std::move(status)};
}

absl::Status OfTrial(const base::Context& look, kube::Client& client,
                     const kube::ObjectRef& ref, const std::string& uid,
                     const absl::Status& status) {
  if (IsDryRunUnsupported(status)) return absl::OkStatus();
  return ssa::ExplainIfReplaced(look, client, ref, uid, status);
}

absl::Status TryApply(const base::Context& look, kube::Client& client,
                      const kube::ObjectRef& ref, const base::Json& body,
                      const ssa::UpdateRules& rules) {
  base::Json sent = body;
  if (!rules.uid.empty()) sent["metadata"]["uid"] = rules.uid;
  const auto apply = [&](bool force) {
    return client
        .Apply(
            look, ref, sent,
            {.field_manager = rules.manager, .force = force, .dry_run = true})
        .status();
  };
  absl::Status status = apply(false);
  if (kube::HasFieldConflicts(status)) {
    // The server finds them before it looks at anything else.
    if (!ssa::RefusedConflicts(status, rules).empty()) return status;
    ssa::GiveUp(rules, kube::FieldConflicts(status), sent);
    status = apply(true);
  }
  return OfTrial(look, client, ref, rules.uid, status);
}

void WarnOfMissingNamespace(const std::string& ns, const Session& session,
                            tf::Diagnostics& diags) {
  const std::string summary =
      absl::StrCat("Namespace \"", ns, "\" does not exist");
  if (!session.said().First(summary)) return;
  diags.AddWarning(
      summary,
      "Apply will fail unless it is there by then. Set create_namespace = "
      "true, or create it. If another resource of this configuration makes "
      "it, take the name from that resource, so that the order is right.");
}

void WarnOfNoAccess(const absl::Status& status, const Session& session,
                    const wandb::Scrubber& scrubber, tf::Diagnostics& diags) {
  constexpr char kSummary[] = "Apply will fail: the cluster cannot be accessed";
  if (!session.said().First(kSummary)) return;
  diags.AddWarning(kSummary,
                   absl::StrCat(Explain(status, session, scrubber),
                                "\n\nNothing of this plan was compared with "
                                "the cluster."));
}

void WarnOfRefusedCreate(absl::string_view what, absl::string_view why,
                         tf::Diagnostics& diags) {
  diags.AddWarning(
      absl::StrCat("Apply will fail: the cluster refuses to create ", what),
      why);
}

void WarnOfRefusedUpdate(absl::string_view what, absl::string_view why,
                         tf::Diagnostics& diags) {
  diags.AddWarning(
      absl::StrCat("Apply will fail: the cluster refuses this update of ",
                   what),
      why);
}

}  // namespace resources
