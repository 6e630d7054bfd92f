// A cluster of operator v2, as far as its definition tells: for tests.
#pragma once

#include "base/json.h"
#include "kube/object_ref.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/manifests.h"

namespace support {

inline kube::ObjectRef DefinitionRef() { return kube::CrdRef(wandb::kCrdName); }

// The definition of v1, established.
inline base::Json DefinitionOfV1() {
  base::Json crd = wandb::OperatorCrd();
  crd["status"]["storedVersions"] = {"v1"};
  crd["status"]["conditions"] = {
      {{"type", "NamesAccepted"}, {"status", "True"}},
      {{"type", "Established"}, {"status", "True"}}};
  return crd;
}

// Stores v2, serves v1 through a webhook.
inline base::Json DefinitionOfV2() {
  base::Json crd = DefinitionOfV1();
  base::Json v2 = crd["spec"]["versions"][0];
  crd["spec"]["versions"][0]["storage"] = false;
  v2["name"] = "v2";
  crd["spec"]["versions"].push_back(std::move(v2));
  crd["spec"]["conversion"]["strategy"] = "Webhook";
  crd["status"]["storedVersions"].push_back("v2");
  return crd;
}

}  // namespace support
