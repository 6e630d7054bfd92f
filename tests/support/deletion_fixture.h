// An instance that is being deleted, for tests.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/support/instance_fixture.h"

namespace resources {

inline constexpr char kSince[] = "2026-01-01T00:00:00Z";
inline constexpr char kHold[] = "example.com/hold";

class DeletionTest : public InstanceTest {
 protected:
  DeletionTest() { PutOperator(true); }

  static Fields Base(Fields more = {}) {
    more.emplace("airgapped", Flag(true));
    more.emplace("wait", Flag(false));
    more.emplace("values", Map({{"a", Int(1)}}));
    return more;
  }
  cty::Value Config(Fields more = {}) const {
    return Make(Base(std::move(more)));
  }
  tf::RawApply Created() const {
    tf::RawApply call = Change(Nothing(), Config());
    EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
    return call;
  }
  // As `kubectl delete` leaves what a finalizer holds.
  void Kill(const std::string& finalizer = kHold) const {
    base::Json dying = client_->Stored(Ref());
    dying["metadata"]["deletionTimestamp"] = kSince;
    dying["metadata"]["finalizers"] = {finalizer};
    client_->Put(Ref(), dying, "kubectl");
  }
  void PutSecret(const std::string& name, const base::Json& values) const {
    client_->Put(kube::SecretRef("default", name),
                 {{"kind", "Secret"},
                  {"data",
                   {{"chart", absl::Base64Escape("null")},
                    {"values", absl::Base64Escape(values.dump())}}}});
  }
  // As Helm keeps one of what the operator installs.
  static kube::ObjectRef Release() {
    return kube::SecretRef("default", "sh.helm.release.v1.wandb.v1");
  }
  void PutRelease() const {
    client_->Put(
        Release(),
        {{"kind", "Secret"},
         {"metadata", {{"labels", {{"owner", "helm"}, {"name", "wandb"}}}}}});
  }
  void PutUserInput(const base::Json& values) const {
    PutSecret("wandb-spec-user", values);
  }
  static std::string Text(const tf::Diagnostics& diags) {
    std::string text;
    for (const tf::Diagnostic& item : diags.items()) {
      absl::StrAppend(&text, item.summary, "\n", item.detail, "\n");
    }
    return text;
  }
};

}  // namespace resources
