// wandb_operator beside objects of others, for tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "resources/operator/objects.h"
#include "tests/support/operator_fixture.h"

namespace resources {

inline kube::ObjectRef ManagerRole() {
  return {"rbac.authorization.k8s.io", "v1", "clusterroles", "",
          "wandb-manager-role"};
}
inline kube::ObjectRef ManagerBinding() {
  return {"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "",
          "wandb-manager-rolebinding"};
}
inline base::Json AccountSubject(const std::string& ns,
                                 const std::string& name) {
  return {{"kind", "ServiceAccount"}, {"namespace", ns}, {"name", name}};
}

class OwnershipTest : public OperatorTest {
 protected:
  cty::Value In(const std::string& ns, const std::string& name = "wandb") {
    return Make({{"namespace", Str(ns)}, {"name", Str(name)}});
  }
  // As another process would start.
  void StartAgain() { resource_ = NewOperatorResource(session_); }

  static std::vector<base::Json> Manifests(
      const wandb::OperatorSettings& settings = {}) {
    return *wandb::OperatorManifests(settings);
  }
  // Everything of an operator, by its key.
  std::map<std::string, base::Json> Live(
      const wandb::OperatorSettings& settings = {}) const {
    std::map<std::string, base::Json> live;
    for (const base::Json& manifest : Manifests(settings)) {
      live[ObjectKey(manifest)] = client_->Stored(*kube::RefOf(manifest));
    }
    return live;
  }
  std::vector<std::string> Writes() const {
    std::vector<std::string> lines;
    for (const auto& call : client_->calls()) {
      if (call.verb == "GET" || call.verb == "LIST" || call.verb == "WATCH" ||
          call.apply.dry_run) {
        continue;
      }
      lines.push_back(absl::StrCat(call.verb, " ", kube::Describe(call.ref)));
    }
    return lines;
  }
  // The Deployment of an operator that another tool made.
  void PutOperator(const std::string& ns) const {
    for (base::Json manifest : Manifests({.ns = ns})) {
      if (manifest["kind"] != "Deployment") continue;
      client_->Put(*kube::RefOf(manifest), WithoutOwner(manifest), "helm");
    }
  }
  void PutInstance(const std::string& ns, const std::string& name) const {
    client_->Put({"apps.wandb.com", "v1", "weightsandbiases", ns, name},
                 {{"kind", "WeightsAndBiases"}});
  }
};

}  // namespace resources
