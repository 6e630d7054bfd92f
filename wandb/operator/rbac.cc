#include "wandb/operator/rbac.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wandb/operator/manager_rules.h"
#include "wandb/operator/role_rules.h"

namespace wandb {
namespace {

using base::Json;

constexpr char kRbacGroup[] = "rbac.authorization.k8s.io";

// `ns` is "" for a ClusterRole or ClusterRoleBinding.
Json RbacObject(absl::string_view kind, const std::string& name,
                const std::string& ns) {
  Json object = {{"apiVersion", "rbac.authorization.k8s.io/v1"},
                 {"kind", absl::StrCat(ns.empty() ? "Cluster" : "", kind)},
                 {"metadata", {{"name", name}}}};
  if (!ns.empty()) object.find("metadata")->emplace("namespace", ns);
  return object;
}

// A role and its binding to the operator's ServiceAccount.
void AddPair(const OperatorSettings& settings, absl::string_view what,
             const std::string& ns, Json rules, std::vector<Json>& objects) {
  const std::string prefix = absl::StrCat(settings.name, "-", what, "-role");
  Json role = RbacObject("Role", prefix, ns);
  role.emplace("rules", std::move(rules));
  Json binding = RbacObject("RoleBinding", absl::StrCat(prefix, "binding"), ns);
  binding.emplace("roleRef", Json{{"apiGroup", kRbacGroup},
                                  {"kind", ns.empty() ? "ClusterRole" : "Role"},
                                  {"name", prefix}});
  const Json subject = {{"kind", "ServiceAccount"},
                        {"name", OperatorServiceAccountName(settings)},
                        {"namespace", settings.ns}};
  binding.emplace("subjects", Json::array({subject}));
  objects.push_back(std::move(role));
  objects.push_back(std::move(binding));
}

}  // namespace

std::vector<Json> OperatorRbac(const OperatorSettings& settings) {
  std::vector<Json> objects;
  const Json rules = RulesOfManager(settings);
  if (settings.namespace_isolation) {
    AddPair(settings, "manager", settings.ns, rules, objects);
    for (const std::string& ns : settings.additional_namespaces) {
      AddPair(settings, "manager", ns, rules, objects);
    }
  } else {
    AddPair(settings, "manager", "", rules, objects);
  }
  AddPair(settings, "leader-election", settings.ns, LeaderElectionRules(),
          objects);
  return objects;
}

}  // namespace wandb
