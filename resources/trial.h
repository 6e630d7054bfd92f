// What a plan learns by dry runs of the writes that its apply is going to make,
// and how it says so. All of it is for diagnostics only: what is not answered
// is no finding.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/ssa/update.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "wandb/spec/scrub.h"

namespace resources {

struct CreateTrial {
  enum class Verdict {
    kNoFinding,
    kExists,
    kNamespaceMissing,
    kNamespaceDying,
    kKindNotServed,
    kRefused,   // `status` says by whom and why.
    kNoAccess,  // Nor to anything else: `status` says why.
  };
  Verdict verdict = Verdict::kNoFinding;
  absl::Status status;  // Of kNoFinding: what came in place of an answer.
};

// Whether `status` says that no call will come through as the provider is
// configured: credentials that the server does not accept or that are not to be
// had, a certificate that is not trusted, a proxy that refuses, a server that
// speaks no TLS or is no API server at all. Not that nobody answers: the
// cluster may be made by the same apply.
bool IsNoAccess(const absl::Status& status);

// Asks whether calls come through, where there is no object to look at: what
// IsNoAccess() is to be asked. Every identity may.
absl::Status TryAccess(const base::Context& look, kube::Client& client);

// Tries to create `body`. What validation says counts only if the body is
// `complete`; without that it is just enough to ask whether it may be created.
CreateTrial TryCreate(const base::Context& look, kube::Client& client,
                      const kube::ObjectRef& ref, const base::Json& body,
                      const std::string& manager, bool complete);

// Tries ssa::UpdateOwned(), as far as one apply goes: conflicts that will not
// be overruled, and what validation and admission say to the body. OK, too,
// where an admission webhook keeps it from being tried.
absl::Status TryApply(const base::Context& look, kube::Client& client,
                      const kube::ObjectRef& ref, const base::Json& body,
                      const ssa::UpdateRules& rules);

// What the `status` of a dry run of a write to the object with `uid` says of
// the write itself.
absl::Status OfTrial(const base::Context& look, kube::Client& client,
                     const kube::ObjectRef& ref, const std::string& uid,
                     const absl::Status& status);

// ---- The warnings ----

// Of these two the first plan of a walk speaks for all.
void WarnOfMissingNamespace(const std::string& ns, const Session& session,
                            tf::Diagnostics& diags);
void WarnOfNoAccess(const absl::Status& status, const Session& session,
                    const wandb::Scrubber& scrubber, tf::Diagnostics& diags);

// That the cluster refuses to create `what`, or this update of it.
void WarnOfRefusedCreate(absl::string_view what, absl::string_view why,
                         tf::Diagnostics& diags);
void WarnOfRefusedUpdate(absl::string_view what, absl::string_view why,
                         tf::Diagnostics& diags);

}  // namespace resources
