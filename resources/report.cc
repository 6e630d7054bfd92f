#include "resources/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace resources {
namespace {

constexpr char kNotConnected[] = "Kubernetes connection not configured";
constexpr char kMisconfigured[] = "Kubernetes connection configured wrongly";

std::string NextStep(const absl::Status& status) {
  if (kube::HasFieldConflicts(status)) {
    return absl::StrCat(
        "These fields belong to other managers:\n",
        ConflictLines(kube::FieldConflicts(status)),
        "\nLet the other manager give them up, or take them out of this "
        "configuration.");
  }
  if (kube::IsNamespaceMissing(status)) {
    return "Create the namespace, or set create_namespace = true.";
  }
  if (kube::IsKindNotServed(status)) {
    return "The API server does not know this kind: its "
           "CustomResourceDefinition is missing, or the address is not that of "
           "a Kubernetes API server. Install the operator first (resource "
           "wandb_operator) and check the provider's host.";
  }
  switch (status.code()) {
    case absl::StatusCode::kPermissionDenied:
      return "The identity that the provider uses may not do this. Grant it "
             "the "
             "right in a Role or ClusterRole (\"kubectl auth can-i\" shows "
             "what "
             "it may do).";
    case absl::StatusCode::kUnauthenticated:
      return "The API server does not accept the credentials that the line "
             "above names. Check that token, certificate or exec plugin belong "
             "to this cluster and have not expired.";
    case absl::StatusCode::kUnavailable:
      return "Check that the cluster runs and that its address is reachable "
             "from here.";
    case absl::StatusCode::kCancelled:
      return "The run was interrupted. Apply again to go on.";
    case absl::StatusCode::kDeadlineExceeded:
      return "Raise the value in the timeouts block if the cluster needs "
             "longer.";
    default:
      return "";
  }
}

}  // namespace

std::string ConflictLines(const std::vector<kube::FieldConflict>& conflicts) {
  std::vector<std::string> lines;
  for (const kube::FieldConflict& conflict : conflicts) {
    lines.push_back(absl::StrCat(
        "  ", conflict.field, " is owned by \"",
        conflict.manager.empty() ? "unknown" : conflict.manager, "\"",
        conflict.operation.empty()
            ? ""
            : absl::StrCat(" (", conflict.operation, ")"),
        conflict.time.empty() ? "" : absl::StrCat(" since ", conflict.time)));
  }
  return absl::StrJoin(lines, "\n");
}

std::string Explain(const absl::Status& status, const Session& session,
                    const wandb::Scrubber& scrubber,
                    absl::string_view next_step) {
  std::string detail = scrubber.Scrub(absl::string_view(status.message()));
  if (const std::string id = kube::AuditId(status); !id.empty()) {
    absl::StrAppend(&detail, "\nAudit-Id: ", id);
  }
  if (const std::string at = session.Endpoint(); !at.empty()) {
    absl::StrAppend(&detail, "\nAPI server: ", at);
  }
  const std::string next =
      next_step.empty() ? NextStep(status) : std::string(next_step);
  if (!next.empty()) absl::StrAppend(&detail, "\n\n", next);
  return detail;
}

std::string ImportBlock(absl::string_view type, absl::string_view id) {
  return absl::StrCat("import {\n  to = ", type, ".NAME\n  id = \"", id,
                      "\"\n}");
}

void ReportStatus(absl::string_view summary, const absl::Status& status,
                  const Session& session, const wandb::Scrubber& scrubber,
                  tf::Diagnostics& diags) {
  diags.AddError(summary, Explain(status, session, scrubber));
}

void ReportWarnings(const std::vector<std::string>& warnings,
                    const wandb::Scrubber& scrubber, tf::Diagnostics& diags) {
  for (const std::string& warning : warnings) {
    diags.AddWarning("Warning from the API server", scrubber.Scrub(warning));
  }
}

std::shared_ptr<kube::Client> ClientOrReport(const Session& session,
                                             tf::Diagnostics& diags) {
  auto client = session.Kube();
  if (client.ok()) return *std::move(client);
  diags.AddError(absl::IsFailedPrecondition(client.status()) ? kNotConnected
                                                             : kMisconfigured,
                 client.status().message());
  return nullptr;
}

void CheckConnection(const Session& session, tf::Diagnostics& diags) {
  if (session.ConfigUnknown()) return;
  const absl::Status status = session.Kube().status();
  if (status.ok()) return;
  if (absl::IsFailedPrecondition(status)) {
    diags.AddWarning(
        kNotConnected,
        absl::StrCat(status.message(),
                     "\n\nThe plan needs no cluster, but apply will fail "
                     "unless this is set by then."));
    return;
  }
  std::string detail(status.message());
  if (absl::IsNotFound(status)) {
    absl::StrAppend(
        &detail,
        "\n\nIf the same apply is going to write it, the provider's arguments "
        "must be unknown until then: set host, cluster_ca_certificate and "
        "token or exec from attributes of the resource that makes the "
        "cluster, in place of a file.");
  }
  diags.AddError(kMisconfigured, detail);
}

}  // namespace resources
