// What the provider's identity must be allowed, and no more: the roles of
// examples/rights/roles.yaml, which the guide "Rights" prints.
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

// Of the cluster's users the one that has no rights of his own.
constexpr char kUser[] = "wandb-readonly";
constexpr char kContent[] = "terraform-wandb-namespace-content";
constexpr char kDiagnosis[] = "terraform-wandb-diagnosis";
constexpr char kRoles[] = TFW_SOURCE_DIR "/examples/rights/roles.yaml";

// What Helm keeps.
constexpr char kClaim[] = R"(
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data-wandb-mysql-0
  namespace: team
  labels: {app.kubernetes.io/instance: wandb}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
)";

std::string TextOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Json> Roles() {
  std::vector<Json> roles;
  for (const auto& text : absl::StrSplit(TextOf(kRoles), "---\n")) {
    auto role = base::ParseYaml(text, "roles.yaml");
    EXPECT_TRUE(role.ok()) << role.status();
    if (role.ok()) roles.push_back(*std::move(role));
  }
  return roles;
}

std::string NameOf(const Json& role) { return role["metadata"]["name"]; }

// What a request needs, as an authorizer sees it.
struct Need {
  std::string group, resource, name, ns;
  // A list may be a watch, and an apply a create.
  std::set<std::string> verbs;
};

// Of "GET /apis/apps/v1/deployments"; without verbs for what everybody may.
Need NeedOf(const std::string& request) {
  std::vector<std::string> parts = absl::StrSplit(request, ' ');
  const std::string method = parts[0];
  std::vector<std::string> path =
      absl::StrSplit(parts[1], '/', absl::SkipEmpty());
  const size_t first = path[0] == "api" ? 2 : 3;
  if ((path[0] != "api" && path[0] != "apis") || path.size() <= first ||
      absl::StartsWith(path[first], "selfsubject")) {
    return {};
  }
  Need need;
  if (path[0] == "apis") need.group = path[1];
  path.erase(path.begin(), path.begin() + static_cast<ptrdiff_t>(first));
  if (path.size() > 2 && path[0] == "namespaces") {
    need.ns = path[1];
    path.erase(path.begin(), path.begin() + 2);
  }
  need.resource = path[0];
  if (path.size() > 1) need.name = path[1];
  if (path.size() > 2) absl::StrAppend(&need.resource, "/", path[2]);
  need.verbs = method == "GET"     ? need.name.empty()
                                         ? std::set<std::string>{"list", "watch"}
                                         : std::set<std::string>{"get"}
                   : method == "PATCH" ? std::set<std::string>{"patch", "create"}
               : method == "POST"  ? std::set<std::string>{"create"}
                                   : std::set<std::string>{"delete"};
  return need;
}

bool Has(const Json& list, const std::string& text) {
  for (const Json& each : list) {
    if (each == text || each == "*") return true;
  }
  return false;
}

// Whether the rule gives `verb` of what `need` is about.
bool Gives(const Json& rule, const Need& need, const std::string& verb) {
  return Has(rule["apiGroups"], need.group) &&
         Has(rule["resources"], need.resource) && Has(rule["verbs"], verb) &&
         (!rule.contains("resourceNames") ||
          Has(rule["resourceNames"], need.name));
}

// The requests that no role gives a right for.
std::set<std::string> Uncovered(const std::vector<Json>& roles,
                                const std::vector<std::string>& requests) {
  std::set<std::string> uncovered;
  for (const std::string& request : requests) {
    const Need need = NeedOf(request);
    bool covered = need.verbs.empty();
    for (const Json& role : roles) {
      for (const Json& rule : role["rules"]) {
        for (const std::string& verb : need.verbs) {
          covered = covered || Gives(rule, need, verb);
        }
      }
    }
    if (!covered) uncovered.insert(request);
  }
  return uncovered;
}

// The rights of `role` that no request has used, but for those that requests do
// not show.
std::vector<std::string> Unused(const Json& role,
                                const std::vector<std::string>& requests) {
  std::vector<std::string> unused;
  for (const Json& rule : role["rules"]) {
    for (const Json& resource : rule["resources"]) {
      for (const std::string verb : rule["verbs"]) {
        bool used = verb == "escalate" || verb == "bind";
        for (size_t i = 0; !used && i < requests.size(); ++i) {
          const Need need = NeedOf(requests[i]);
          used = need.verbs.contains(verb) && need.resource == resource &&
                 Gives(rule, need, verb);
        }
        if (!used) {
          unused.push_back(absl::StrCat(NameOf(role), ": ", verb, " ",
                                        resource.get<std::string>()));
        }
      }
    }
  }
  return unused;
}

// Without the lists, from the request `first` on, of kinds that nothing was
// deleted of: these were to see what is in a namespace.
std::vector<std::string> WithoutContent(
    const std::vector<std::string>& requests, size_t first) {
  std::set<std::string> deleted;
  for (const std::string& request : requests) {
    const Need need = NeedOf(request);
    if (need.verbs.contains("delete")) deleted.insert(need.resource);
  }
  std::vector<std::string> rest;
  for (size_t i = 0; i < requests.size(); ++i) {
    const Need need = NeedOf(requests[i]);
    if (i < first || !need.verbs.contains("list") ||
        deleted.contains(need.resource)) {
      rest.push_back(requests[i]);
    }
  }
  return rest;
}

class Rights : public Acceptance {
 protected:
  void SetUp() override {
    // Somebody's own roles are not for tests to change.
    if (cluster_.foreign()) GTEST_SKIP();
    Kubectl({"apply", "--filename", kRoles});
  }
  void TearDown() override {
    for (const Json& role : Roles()) {
      cluster_.Kubectl({"delete", "clusterrolebinding", NameOf(role)});
    }
  }

  void Kubectl(const std::vector<std::string>& args) const {
    const support::Outcome done = cluster_.Kubectl(args);
    ASSERT_EQ(done.exit_code, 0) << done.out;
  }
  void Bind(const std::string& role) const {
    Kubectl({"create", "clusterrolebinding", role, "--clusterrole", role,
             "--user", kUser});
  }
  std::string KubeconfigOfUser() {
    std::string text = TextOf(cluster_.kubeconfig());
    const std::string key = "current-context: ";
    const size_t at = text.find(key);
    text.replace(at, text.find('\n', at) - at, key + kUser);
    workspace_.WriteFile("kubeconfig", text);
    return workspace_.directory() + "/kubeconfig";
  }
  // Operator and instance, of which `more` is changed by an update.
  std::string Configuration(const std::string& more) const {
    return absl::StrCat(R"(
resource "wandb_operator" "this" {
  custom_ca_certs = [file(")",
                        cluster_.directory(), R"(/pki/ca.crt")]
  pod_annotations = { change = ")",
                        more, R"(" }
}
resource "wandb_instance" "this" {
  namespace        = "team"
  create_namespace = true
  operator         = wandb_operator.this.id
  host             = "https://wandb.example.com"
  license_wo         = "x"
  secrets_wo_version = 1
  delete_kept        = true
  values = { app = { extraEnv = { CHANGE = ")",
                        more, R"(" } } }
}
)");
  }
  void Expect(const support::Outcome& outcome) {
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  }
};

TEST_P(Rights, OfTheGuideAreEnoughAndEachIsUsed) {
  const ApiProxy proxy(cluster_, {.upstream = KubeconfigOfUser()});
  const auto write = [&](const std::string& more) {
    workspace_.Write(Configuration(more), proxy.ProviderBlock());
  };
  std::vector<Json> given, known;
  for (const Json& role : Roles()) {
    if (NameOf(role) == kContent) continue;
    // On a busy machine a wait takes long enough to ask why, and is refused.
    known.push_back(role);
    if (NameOf(role) == kDiagnosis) continue;
    Bind(NameOf(role));
    given.push_back(role);
  }
  write("1");
  Expect(workspace_.Apply());
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  write("2");
  Expect(workspace_.Apply());
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  for (const auto& [address, id] :
       {std::pair("wandb_instance.this", "team/wandb"),
        std::pair("wandb_operator.this", "wandb/wandb")}) {
    Expect(workspace_.Run({"state", "rm", address}));
    Expect(workspace_.Run({"import", "-no-color", address, id}));
  }
  Expect(workspace_.Apply());
  Expect(workspace_.Run({"plan", "-destroy", "-no-color"}));
  EXPECT_THAT(Uncovered(known, proxy.Log("request")), IsEmpty());
  cluster_.Create(kClaim);
  const size_t before = proxy.Log("request").size();
  // Whatever is in a namespace is seen before that goes.
  Bind(kContent);
  Expect(workspace_.Destroy());
  EXPECT_TRUE(cluster_.GetObject("", "namespace", "team").is_null());
  EXPECT_TRUE(cluster_.GetObject("", "namespace", "wandb").is_null());
  const std::vector<std::string> used =
      WithoutContent(proxy.Log("request"), before);
  for (const Json& role : given) EXPECT_THAT(Unused(role, used), IsEmpty());
}

// What is missing is named: verb, resource and namespace.
TEST_P(Rights, AMissingOneIsNamed) {
  workspace_.Write(Configuration("1"),
                   "provider \"wandb\" {\n  config_path = "
                   "\"" +
                       KubeconfigOfUser() + "\"\n}\n");
  EXPECT_THAT(Flat(workspace_.Plan().out),
              AllOf(HasSubstr("resources: [clusterroles], verbs: [create, "),
                    HasSubstr("resources: [deployments], verbs: ["),
                    HasSubstr("in a ClusterRole")));
  for (const Json& role : Roles()) {
    if (NameOf(role) != "terraform-wandb-instance") Bind(NameOf(role));
  }
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(Flat(apply.out),
              AllOf(HasSubstr("weightsandbiases"), HasSubstr("patch"),
                    HasSubstr("namespace \"team\"")));
  Bind("terraform-wandb-instance");
  Expect(workspace_.Destroy());
}

INSTANTIATE_TEST_SUITE_P(Tools, Rights, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
