#include "wandb/custom_resource.h"
#include "wandb/operator/manifests.h"

namespace wandb {
namespace {

using base::Json;

Json FreeForm(const char* description) {
  return {{"description", description},
          {"type", "object"},
          {"x-kubernetes-preserve-unknown-fields", true}};
}

Json Text(const char* description) {
  return {{"description", description}, {"type", "string"}};
}

Json Schema() {
  const Json spec = {
      {"description", "What the operator is to install."},
      {"type", "object"},
      {"properties",
       {{"chart", FreeForm("The Helm chart; absent: the release channel's.")},
        {"values", FreeForm("Values of the chart.")}}}};
  const Json status = {
      {"description", "Written by the operator."},
      {"type", "object"},
      {"properties",
       {{"phase", {{"type", "string"}}}, {"version", {{"type", "string"}}}}}};
  return {{"description", "An installation of Weights & Biases."},
          {"type", "object"},
          {"properties",
           {{"apiVersion", Text("Version of this schema.")},
            {"kind", Text("Name of this schema.")},
            {"metadata", {{"type", "object"}}},
            {"spec", spec},
            {"status", status}}}};
}

}  // namespace

Json OperatorCrd() {
  const Json version = {{"name", kVersion},
                        {"served", true},
                        {"storage", true},
                        {"schema", {{"openAPIV3Schema", Schema()}}},
                        {"subresources", {{"status", Json::object()}}}};
  return {{"apiVersion", "apiextensions.k8s.io/v1"},
          {"kind", "CustomResourceDefinition"},
          {"metadata", {{"name", kCrdName}}},
          {"spec",
           {{"group", kGroup},
            {"names",
             {{"kind", kKind},
              {"listKind", kListKind},
              {"plural", kPlural},
              {"singular", kPlural},
              {"shortNames", Json::array({kShortName})}}},
            {"scope", "Namespaced"},
            {"versions", Json::array({version})}}}};
}

}  // namespace wandb
