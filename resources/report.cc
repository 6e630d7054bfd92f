#include "resources/report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "base/http/transport.h"
#include "base/printable.h"
#include "base/utf8.h"
#include "kube/deletion.h"
#include "kube/object_ref.h"
#include "kube/refusal.h"
#include "kube/ssa/create.h"
#include "kube/ssa/replaced.h"

namespace resources {
namespace {

constexpr char kCheckServer[] =
    "Check that the cluster runs and that its address is reachable from here.";

// Whether the last attempt before time ran out met an error of its own.
bool HasOtherCause(const absl::Status& status) {
  return kube::HttpCode(status) != 0 || http::ErrorPhase(status).has_value();
}

// Never empty.
std::string CauseText(const absl::Status& status, const Session& session,
                      const wandb::Scrubber& scrubber) {
  const std::string cause = kube::Cause(status);
  if (cause.empty()) return "The API server gives no reason.";
  std::string shown = session.secrets()->Redact(scrubber.Scrub(cause));
  return shown.empty() ? "The API server's answer quotes the specification, "
                         "which may hold secrets, so it is not shown."
                       : ShortenedForeign(std::move(shown));
}

// A rule of a Role, or of a ClusterRole, as YAML writes it in one line.
std::string Grant(const kube::Right& right) {
  const std::vector<std::string> names =
      right.name.empty() ? std::vector<std::string>()
                         : std::vector<std::string>{right.name};
  return absl::StrCat(
      "The identity that the provider uses may not ", right.verb, " ",
      right.resource,
      right.ns.empty() ? "" : absl::StrCat(" in namespace \"", right.ns, "\""),
      ". ", RuleText(right, names));
}

// Nothing where a server or proxy did answer, and is not trusted or says no:
// its cause says what to do.
std::string ServerStep(const absl::Status& status) {
  return http::CertificateProblemOf(status).has_value() ||
                 http::IsProxyRefusal(status) || http::SpeaksNoTls(status)
             ? ""
             : kCheckServer;
}

// By the code alone; "" where that tells nothing.
std::string StepByCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kPermissionDenied:
      if (kube::IsEscalation(status)) {
        return "Kubernetes lets nobody hand out rights that he does not have. "
               "Grant the identity that the provider uses these rights "
               "themselves, or the verbs escalate and bind on roles and "
               "clusterroles.";
      }
      return "The identity that the provider uses may not do this. Grant it "
             "the right in a Role or ClusterRole (\"kubectl auth can-i\" shows "
             "what it may do).";
    case absl::StatusCode::kUnauthenticated:
      return "The API server does not accept the credentials that are named "
             "below. Check that token, certificate or exec plugin belong "
             "to this cluster and have not expired.";
    case absl::StatusCode::kUnavailable:
      return ServerStep(status);
    case absl::StatusCode::kCancelled:
      // Not "apply": that would make anew what a destroy was at, and a delete
      // does not tell whether it is an apply's or a destroy's.
      return "The run was interrupted. Run the same command again to go on.";
    case absl::StatusCode::kDeadlineExceeded:
      if (kube::IsHeld(status)) {
        return "Whoever set a finalizer takes it away once its work is done: "
               "find out why it does not. Run the same command again once the "
               "object is gone.";
      }
      // Only where nothing else went wrong was time the cause.
      return HasOtherCause(status) ? ServerStep(status)
                                   : "The time for it ran out: raise the value "
                                     "in the timeouts block if the cluster "
                                     "needs longer.";
    default:
      return "";
  }
}

std::string NextStep(const absl::Status& status) {
  if (const auto right = kube::MissingRight(status)) return Grant(*right);
  if (kube::HasFieldConflicts(status)) {
    return absl::StrCat(
        "These fields belong to other managers:\n",
        ConflictLines(kube::FieldConflicts(status)),
        "\nLet the other manager give them up, or take them out of this "
        "configuration.");
  }
  if (ssa::IsReplaced(status)) {
    return "To manage the new object here, remove this resource from the state "
           "(\"tofu state rm\" or \"terraform state rm\") and import it. If "
           "nobody needs it, delete it: the next apply creates one.";
  }
  if (ssa::IsGone(status)) {
    return "Plan again: it will be planned to be created.";
  }
  if (kube::IsNamespaceMissing(status)) {
    return "Create the namespace, or set create_namespace = true.";
  }
  if (kube::IsNamespaceTerminating(status)) {
    return "The namespace is being deleted, and nothing can be made in it. "
           "Apply again once it is gone; create_namespace = true makes it "
           "again.";
  }
  if (kube::IsQuotaExceeded(status)) {
    return "A ResourceQuota of the namespace is used up. Raise it, or delete "
           "what is not needed there (\"kubectl describe quota\" shows what "
           "counts).";
  }
  if (kube::IsAdmissionDenial(status)) {
    return "No right is missing: a rule of the cluster, in an admission "
           "webhook, refuses it. Follow what it says, or ask who runs it.";
  }
  if (kube::IsKindNotServed(status)) {
    return "The API server does not know this kind: its "
           "CustomResourceDefinition is missing, or the address is not that of "
           "a Kubernetes API server. Install the operator first (resource "
           "wandb_operator) and check the provider's host.";
  }
  return StepByCode(status);
}

}  // namespace

std::string RuleText(const kube::Right& right,
                     const std::vector<std::string>& names) {
  const std::string named =
      names.empty()
          ? ""
          : absl::StrCat(", resourceNames: [", absl::StrJoin(names, ", "), "]");
  return absl::StrCat(
      right.ns.empty()
          ? "This rule of a ClusterRole"
          : absl::StrCat("This rule of a Role in namespace \"", right.ns, "\""),
      " grants it: {apiGroups: [\"", right.group, "\"], resources: [",
      right.resource, "]", named, ", verbs: [", right.verb, "]}.");
}

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
  std::vector<std::string> parts = {CauseText(status, session, scrubber)};
  std::string next =
      next_step.empty() ? NextStep(status) : std::string(next_step);
  if (!next.empty()) parts.push_back(std::move(next));
  std::vector<std::string> last;
  if (std::string request = kube::RequestLine(status); !request.empty()) {
    last.push_back(std::move(request));
  }
  if (const std::string at = session.Endpoint(); !at.empty()) {
    last.push_back(absl::StrCat("API server: ", at));
  }
  if (const std::string id = kube::AuditId(status); !id.empty()) {
    last.push_back(absl::StrCat("Audit-Id: ", session.secrets()->Redact(id)));
  }
  if (!last.empty()) parts.push_back(absl::StrJoin(last, "\n"));
  return absl::StrJoin(parts, "\n\n");
}

std::string ShortenedForeign(std::string text) {
  constexpr size_t kHeadBytes = 3072;
  constexpr size_t kTailBytes = 1024;
  if (text.size() <= kHeadBytes + kTailBytes) return text;
  size_t tail = text.size() - kTailBytes;
  // Between two code points.
  while (tail < text.size() &&
         (static_cast<uint8_t>(text[tail]) & 0xc0U) == 0x80) {
    ++tail;
  }
  const std::string end = text.substr(tail);
  return absl::StrCat(base::Shortened(std::move(text), kHeadBytes), end);
}

absl::Status OfFixedTime(const absl::Status& status) {
  if (!absl::IsDeadlineExceeded(status)) return status;
  return kube::WithNote(status, absl::StatusCode::kUnavailable,
                        "no answer in time");
}

std::string HclText(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
  // What else does not belong into text is escaped on its way out, in a form
  // that HCL reads, too.
  return absl::StrCat(
      absl::StrReplaceAll(base::Printable(out), {{"${", "$${"}, {"%{", "%%{"}}),
      "\"");
}

std::string ImportBlock(absl::string_view type, absl::string_view id) {
  return absl::StrCat("import {\n  to = ", type, ".NAME\n  id = ", HclText(id),
                      "\n}");
}

void WarnOfAdopted(absl::string_view what,
                   const std::vector<base::Json>& objects,
                   tf::Diagnostics& diags) {
  std::vector<std::string> lines;
  for (const base::Json& object : objects) {
    const std::string ns = kube::NamespaceOf(object);
    lines.push_back(absl::StrCat(
        "  ", kube::KindOf(object), " \"", ns, ns.empty() ? "" : "/",
        kube::NameOf(object), "\", made ",
        // Seconds are enough, and a clock may be ahead.
        absl::FormatDuration(std::max(
            absl::Trunc(ssa::AgeOf(object, absl::Now()), absl::Seconds(1)),
            absl::Seconds(1))),
        " ago"));
  }
  diags.AddWarning(
      absl::StrCat(what, " existed in part or in whole"),
      absl::StrCat(
          "What was there is as this configuration wants it, and was taken "
          "over:\n",
          absl::StrJoin(lines, "\n"),
          "\n\nA create that was interrupted leaves that, and then all is "
          "well. If instead another resource or another state manages it, "
          "remove this resource from this state (\"tofu state rm\" or "
          "\"terraform state rm\"), or its destroy will delete what the other "
          "one needs."));
}

void ReportStatus(absl::string_view summary, const absl::Status& status,
                  const Session& session, const wandb::Scrubber& scrubber,
                  tf::Diagnostics& diags) {
  diags.AddError(summary, Explain(status, session, scrubber));
}

void ReportWarnings(const std::vector<std::string>& warnings,
                    const Session& session, const wandb::Scrubber& scrubber,
                    tf::Diagnostics& diags) {
  for (const std::string& warning : warnings) {
    const std::string text =
        ShortenedForeign(session.secrets()->Redact(scrubber.Scrub(warning)));
    constexpr char kSummary[] = "Warning from the API server";
    // It says the same of each object of a kind.
    if (!session.said().First(absl::StrCat(kSummary, ": ", text))) continue;
    diags.AddWarning(kSummary, text);
  }
}

}  // namespace resources
