#include "resources/instance/patience.h"

#include <utility>

#include "absl/time/clock.h"

namespace resources {

std::optional<OperatorFault> StandingFaults::Note(
    const std::vector<OperatorFault>& faults) {
  const absl::Time now = absl::Now();
  std::map<OperatorFault::Kind, absl::Time> since;
  std::optional<OperatorFault> standing;
  for (const OperatorFault& fault : faults) {
    const auto before = since_.find(fault.kind);
    since[fault.kind] = before == since_.end() ? now : before->second;
    const bool stands = now - since[fault.kind] >= PatienceWith(fault.kind);
    if (stands && !standing.has_value()) standing = fault;
  }
  since_ = std::move(since);
  return standing;
}

absl::Duration StandingFaults::PatienceWith(OperatorFault::Kind kind) const {
  using Kind = OperatorFault::Kind;
  return kind == Kind::kMissing || kind == Kind::kNone ||
                 kind == Kind::kNoneWatches || kind == Kind::kDying
             ? patience_.without_operator
             : patience_.with_operator;
}

}  // namespace resources
