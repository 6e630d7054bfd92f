// The wait for a wandb_instance on a fake cluster, for tests.
#pragma once

#include <functional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "resources/instance/readiness.h"
#include "tests/support/instance_fixture.h"

namespace resources {

inline const kube::ObjectRef kDeployment =
    kube::DeploymentRef("wandb", "wandb-controller-manager");

// Looks often and decides soon, so that tests are quick.
inline constexpr Patience kQuick = {
    .look_again = absl::Milliseconds(20),
    .with_operator = absl::Milliseconds(60),
    .without_operator = absl::Milliseconds(60),
    .with_bad_image = absl::Milliseconds(60),
    .with_something_missing = absl::Milliseconds(120),
    .with_old_phase = absl::Milliseconds(100),
    .with_invalid_config = absl::Milliseconds(100)};
// Never decides.
inline constexpr Patience kEndless = {.look_again = absl::Milliseconds(20),
                                      .with_operator = absl::Hours(1),
                                      .without_operator = absl::Hours(1),
                                      .with_bad_image = absl::Hours(1),
                                      .with_something_missing = absl::Hours(1),
                                      .with_old_phase = absl::Milliseconds(100),
                                      .with_old_failure = absl::Hours(1)};

class ReadinessTest : public InstanceTest {
 protected:
  ReadinessTest() {
    model_.name = std::string("wandb");
    model_.ns = std::string("default");
    model_.operator_id = std::string("wandb/wandb");
    model_.airgapped = false;
    model_.chart = ChartModel{.url = std::string("https://charts.test"),
                              .name = std::string("operator-wandb"),
                              .version = std::string("0.43.8")};
    PutOperator({});
  }

  // A Deployment of the operator that is rolled out, with changes.
  void PutOperator(const std::function<void(base::Json&)>& change) {
    base::Json deployment = *base::ParseJson(R"({
      "kind": "Deployment",
      "metadata": {"generation": 1,
                   "labels": {"control-plane": "controller-manager"}},
      "spec": {"replicas": 1,
        "selector": {"matchLabels": {"control-plane": "controller-manager"}},
        "template": {"spec": {"containers": [{"name": "manager",
          "image": "wandb/controller:1.22.0", "args": ["--leader-elect"],
          "env": [{"name": "AIRGAPPED", "value": "false"}]}]}}},
      "status": {"observedGeneration": 99, "replicas": 1, "updatedReplicas": 1,
                 "availableReplicas": 1}})",
                                             "test");
    if (change) change(deployment);
    client_->Put(kDeployment, deployment);
  }

  static base::Json& ContainerOf(base::Json& deployment) {
    return deployment["spec"]["template"]["spec"]["containers"][0];
  }

  // The operator's pod, with `status`.
  void PutPod(base::Json status) {
    client_->Put(
        kube::ObjectIn(kube::PodsIn("wandb"), "wandb-controller-manager-x-y"),
        {{"kind", "Pod"},
         {"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}},
         {"status", std::move(status)}});
  }

  // The operator's event `reason` about the instance with `uid`, the only one.
  void PutEvent(const char* reason, const char* time, const std::string& uid) {
    client_->Put(kube::ObjectIn(kube::EventsIn("default"), reason),
                 {{"kind", "Event"},
                  {"reason", reason},
                  {"lastTimestamp", time},
                  {"involvedObject", {{"name", "wandb"}, {"uid", uid}}}});
  }

  void PutInstance() {
    const Compiled compiled = Desired(model_).compiled;
    client_->Put(
        Ref(),
        {{"kind", "WeightsAndBiases"},
         {"spec", {{"chart", compiled.chart}, {"values", compiled.values}}}});
  }

  // As the operator stores what it has applied.
  void PutActive(const base::Json& chart, const base::Json& values) {
    client_->Put(kube::SecretRef("default", "wandb-spec-active"),
                 {{"kind", "Secret"},
                  {"data",
                   {{"chart", absl::Base64Escape(chart.dump())},
                    {"values", absl::Base64Escape(values.dump())}}}});
  }

  void PutWorkload(const std::string& name, int ready) {
    client_->Put(
        kube::DeploymentRef("default", name),
        {{"kind", "Deployment"},
         {"metadata",
          {{"labels",
            {{"app.kubernetes.io/managed-by", "Helm"},
             {"app.kubernetes.io/instance", "wandb"}}}}},
         {"spec",
          {{"replicas", 1}, {"selector", {{"matchLabels", {{"app", name}}}}}}},
         {"status",
          {{"observedGeneration", 99},
           {"replicas", 1},
           {"updatedReplicas", 1},
           {"readyReplicas", ready},
           {"availableReplicas", ready}}}});
  }

  Readiness Await(const Patience& patience,
                  absl::Duration timeout = absl::Minutes(1)) {
    return AwaitInstance(base::Context().WithTimeout(timeout), *client_,
                         Desired(model_),
                         {.uid = kube::UidOf(client_->Stored(Ref())),
                          .time = absl::UnixEpoch(),
                          .field_manager = "m"},
                         patience);
  }
  // Until the wait's own time is up.
  Readiness AwaitInVain() { return Await(kEndless, absl::Milliseconds(200)); }

  static std::string Details(const Readiness& readiness) {
    return absl::StrJoin(readiness.details, "\n");
  }

  InstanceModel model_;
};

}  // namespace resources
