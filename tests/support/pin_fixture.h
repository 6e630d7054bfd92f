// wandb_instance over a release channel and a System Console, on a fake
// cluster, for tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/support/faulty_client.h"
#include "tests/support/instance_fixture.h"
#include "wandb/spec/release_pin.h"

namespace resources {

class PinTest : public InstanceTest {
 protected:
  PinTest() { NewCluster(); }

  // A cluster of its own for the rest of the test.
  void NewCluster() {
    cluster_ = std::make_shared<support::FaultyClient>();
    StartAgain();
  }
  // As if the provider had been started anew.
  void StartAgain() {
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(cluster_));
    resource_ = NewInstanceResource(session_);
    cluster_->ClearCalls();
  }

  cty::Value Pinned(const std::string& release, Fields more = {}) const {
    more["release_id"] = Str(release);
    return Free(std::move(more));
  }
  cty::Value Free(Fields more = {}) const {
    more.emplace("wait", Flag(false));
    return Make(std::move(more));
  }

  static kube::ObjectRef UserInput() {
    return kube::SecretRef("default", "wandb-spec-user");
  }
  static std::string Encoded(const std::string& json) {
    return absl::Base64Escape(json);
  }
  // As the operator makes it for the custom resource of that uid; "": as the
  // console does before there is one.
  void PutUserInput(const std::string& values, const std::string& uid = "") {
    base::Json secret = {{"kind", "Secret"},
                         {"metadata", {{"labels", {{"kept", "yes"}}}}},
                         {"data",
                          {{"values", Encoded(values)},
                           {"chart", Encoded("null")},
                           {"more", "eA=="}}}};
    if (!uid.empty()) {
      secret["metadata"]["ownerReferences"] = base::Json::array(
          {{{"kind", "WeightsAndBiases"}, {"name", "wandb"}, {"uid", uid}}});
    }
    cluster_->Put(UserInput(), secret, "console");
  }
  void PutUserInputOfLive(const std::string& values) {
    PutUserInput(values, kube::UidOf(cluster_->Stored(Ref())));
  }
  std::string UserValues() const {
    std::string text;
    absl::Base64Unescape(
        base::StringAt(cluster_->Stored(UserInput()), "/data/values")
            .value_or(""),
        &text);
    return text;
  }
  std::optional<std::string> Pin() const {
    const auto values = base::ParseJson(UserValues(), "values");
    return values.ok() ? wandb::PinnedRelease(*values) : std::nullopt;
  }
  // What the operator got from the channel.
  void PutRelease(const std::string& id, const std::string& tag,
                  const std::string& chart = "0.43.8") {
    const base::Json values = {{"app", {{"image", {{"tag", tag}}}}}};
    const base::Json from = {{"url", "https://charts.test"},
                             {"name", "operator-wandb"},
                             {"version", chart}};
    cluster_->Put(
        kube::SecretRef("default", "wandb-latest-cached-release"),
        {{"kind", "Secret"},
         {"data",
          {{"values", Encoded(values.dump())},
           {"chart", Encoded(from.dump())},
           {"metadata", Encoded(base::Json{{"releaseId", id}}.dump())}}}});
  }
  static std::string Text(const tf::Diagnostics& diags) {
    std::string text;
    for (const tf::Diagnostic& item : diags.items()) {
      absl::StrAppend(&text, item.summary, "\n", item.detail, "\n");
    }
    return text;
  }

  std::shared_ptr<support::FaultyClient> cluster_;
};

}  // namespace resources
