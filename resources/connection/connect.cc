#include "resources/connection/connect.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace resources {
namespace {

constexpr char kNotConnected[] = "Kubernetes connection not configured";
constexpr char kMisconfigured[] = "Kubernetes connection configured wrongly";

}  // namespace

std::shared_ptr<kube::Client> ClientOrReport(const Session& session,
                                             tf::Diagnostics& diags) {
  absl::StatusOr<std::shared_ptr<kube::Client>> client = session.Kube();
  // A null one must not pass for an error that is reported already.
  if (client.ok() && *client == nullptr) {
    client = absl::InternalError("there is no client");
  }
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
    if (!session.said().First(kNotConnected)) return;
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
