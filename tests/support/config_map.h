// ConfigMap "x" in namespace "ns", on which the rules of applying are tried.
#pragma once

#include <utility>

#include "base/json.h"
#include "kube/object_ref.h"

namespace support {

inline kube::ObjectRef ConfigMapRef() { return kube::ConfigMapRef("ns", "x"); }

inline base::Json ConfigMap(base::Json data) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", "x"}, {"namespace", "ns"}}},
          {"data", std::move(data)}};
}

}  // namespace support
