#include "kube/ssa/replaced.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "kube/status.h"

namespace ssa {
namespace {

constexpr int kUnprocessable = 422;
constexpr char kGonePayload[] = "ssa/gone";
constexpr char kReplacedPayload[] = "ssa/replaced";

absl::Status Marked(const std::string& message, const char* payload) {
  absl::Status status = absl::FailedPreconditionError(message);
  status.SetPayload(payload, absl::Cord("1"));
  return status;
}

}  // namespace

absl::Status GoneStatus(const kube::ObjectRef& ref, const std::string& uid) {
  return Marked(absl::StrCat(kube::Describe(ref), " with uid ", uid,
                             " was deleted meanwhile, and nothing was "
                             "written."),
                kGonePayload);
}

bool IsGone(const absl::Status& status) {
  return status.GetPayload(kGonePayload).has_value();
}

absl::Status ReplacedStatus(const kube::ObjectRef& ref, const std::string& uid,
                            const base::Json& live) {
  return Marked(
      absl::StrCat(kube::Describe(ref),
                   " was deleted and made again: its uid was ", uid, " and is ",
                   kube::UidOf(live), " now. Nothing was written."),
      kReplacedPayload);
}

bool IsReplaced(const absl::Status& status) {
  return status.GetPayload(kReplacedPayload).has_value();
}

absl::Status ExplainIfReplaced(const base::Context& ctx, kube::Client& client,
                               const kube::ObjectRef& ref,
                               const std::string& uid,
                               const absl::Status& status) {
  // A server that cannot find the uid answers 409, one that finds another 422.
  const bool may_be =
      kube::IsStale(status) || kube::HttpCode(status) == kUnprocessable;
  if (uid.empty() || !may_be) return status;
  const auto live = client.Get(ctx, ref);
  if (absl::IsNotFound(live.status())) return GoneStatus(ref, uid);
  if (!live.ok() || kube::UidOf(*live) == uid) return status;
  return ReplacedStatus(ref, uid, *live);
}

}  // namespace ssa
