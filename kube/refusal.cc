#include "kube/refusal.h"

#include "absl/strings/match.h"

namespace kube {
namespace {

bool Says(const absl::Status& status, absl::string_view words) {
  return absl::IsPermissionDenied(status) &&
         absl::StrContains(status.message(), words);
}

}  // namespace

bool LacksRight(const absl::Status& status) {
  return Says(status, " cannot ") && Says(status, " resource \"");
}

bool IsQuotaExceeded(const absl::Status& status) {
  return Says(status, "exceeded quota:");
}

bool IsAdmissionDenial(const absl::Status& status) {
  return Says(status, "denied the request");
}

}  // namespace kube
