// A FakeClient that does a write of which no answer comes, and is away from
// then on: for tests of what the state knows after that.
#pragma once

#include <atomic>

#include "kube/status.h"
#include "tests/support/fake_client.h"

namespace support {

class LosingClient final : public FakeClient {
 public:
  // The n-th apply from now on is lost (0: none).
  void LoseApply(int n) { left_ = n; }

  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref,
      const base::Json& body, const kube::ApplyOptions& options) override {
    auto applied = FakeClient::Apply(ctx, ref, body, options);
    if (options.dry_run || left_ == 0) return applied;
    // Applies may be under way beside each other.
    if (--left_ != 0) return applied;
    SetUnreachable(true);
    absl::Status lost = absl::UnavailableError("no answer came");
    kube::NoteMayBeObeyed(lost);
    return lost;
  }

 private:
  std::atomic<int> left_ = 0;
};

}  // namespace support
