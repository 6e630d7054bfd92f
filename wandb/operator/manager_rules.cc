#include "wandb/operator/manager_rules.h"

#include <vector>

#include "base/never_destroyed.h"

namespace wandb {
namespace {

using base::Json;
using Words = std::vector<const char*>;

constexpr char kRbacGroup[] = "rbac.authorization.k8s.io";

struct Rule {
  const char* group;
  Words resources;
  Words verbs;
};

// The API server keeps the order of lists, and it is the chart's: otherwise an
// installation by Helm would show differences that mean nothing.
const Words& All() {
  static const base::NeverDestroyed<Words> kVerbs(
      Words{"create", "delete", "get", "list", "patch", "update", "watch"});
  return *kVerbs;
}
const Words& AllPatchFirst() {
  static const base::NeverDestroyed<Words> kVerbs(
      Words{"create", "delete", "get", "patch", "list", "update", "watch"});
  return *kVerbs;
}
const Words& AllPatchLast() {
  static const base::NeverDestroyed<Words> kVerbs(
      Words{"create", "delete", "get", "list", "update", "watch", "patch"});
  return *kVerbs;
}
const Words& AllGetFirst() {
  static const base::NeverDestroyed<Words> kVerbs(
      Words{"get", "list", "watch", "create", "update", "patch", "delete"});
  return *kVerbs;
}
const Words& Read() {
  static const base::NeverDestroyed<Words> kVerbs(
      Words{"get", "list", "watch"});
  return *kVerbs;
}

std::vector<Rule> CoreRules() {
  return {
      {"",
       {"configmaps", "persistentvolumeclaims", "secrets", "serviceaccounts",
        "services", "events"},
       All()},
      {"",
       {"endpoints", "ingresses", "nodes", "nodes/metrics", "nodes/spec",
        "nodes/stats", "nodes/proxy", "namespaces", "namespaces/status", "pods",
        "pods/log", "pods/status", "resourcequotas", "replicationcontrollers",
        "replicationcontrollers/status"},
       Read()},
      {"apps",
       {"deployments", "statefulsets", "daemonsets", "replicasets",
        "controllerrevisions"},
       All()},
      {"apps",
       {"deployments/status", "statefulsets/status", "daemonsets/status",
        "replicasets/status"},
       {"get"}},
      {"apps.wandb.com", {"weightsandbiases"}, All()},
      {"apps.wandb.com", {"weightsandbiases/finalizers"}, {"update"}},
      {"apps.wandb.com",
       {"weightsandbiases/status"},
       {"get", "patch", "update"}},
  };
}

std::vector<Rule> ExtensionRules() {
  return {
      {"autoscaling", {"horizontalpodautoscalers"}, AllPatchFirst()},
      {"keda.sh", {"scaledobjects"}, AllPatchFirst()},
      {"policy", {"poddisruptionbudgets"}, AllPatchFirst()},
      {"batch", {"cronjobs", "jobs"}, All()},
      {"events.k8s.io", {"events"}, {"watch", "list"}},
      {"extensions",
       {"daemonsets", "deployments", "ingresses", "replicasets",
        "ingresses/status"},
       Read()},
      {"networking.k8s.io", {"ingresses", "networkpolicies"}, All()},
      {"networking.k8s.io", {"ingresses/status"}, Read()},
      {kRbacGroup, {"roles", "rolebindings"}, AllPatchLast()},
      {"cloud.google.com", {"backendconfigs"}, AllPatchLast()},
      {"scheduling.k8s.io", {"priorityclasses"}, AllGetFirst()},
      {"coordination.k8s.io", {"leases"}, AllGetFirst()},
  };
}

Json ToJson(const Rule& rule) {
  return {{"apiGroups", Json::array({rule.group})},
          {"resources", rule.resources},
          {"verbs", rule.verbs}};
}

// What only the ClusterRole has.
void AddClusterRules(Json& rules) {
  rules.push_back(
      ToJson({kRbacGroup, {"clusterroles", "clusterrolebindings"}, All()}));
  rules.push_back({{"nonResourceURLs", Json::array({"/metrics"})},
                   {"verbs", Json::array({"get"})}});
}

}  // namespace

Json ManagerRules(bool isolated) {
  Json rules = Json::array();
  for (const Rule& rule : CoreRules()) rules.push_back(ToJson(rule));
  for (const Rule& rule : ExtensionRules()) rules.push_back(ToJson(rule));
  if (!isolated) AddClusterRules(rules);
  return rules;
}

Json LeaderElectionRules() {
  return Json::array(
      {ToJson({"", {"configmaps"}, AllGetFirst()}),
       ToJson({"coordination.k8s.io", {"leases"}, AllGetFirst()}),
       ToJson({"", {"events"}, {"create", "patch"}})});
}

}  // namespace wandb
