// What a cluster asks of the operator, and what it does for others in it: Pod
// Security, certificates, isolation, and a definition with instances.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class InCluster : public Acceptance {
 protected:
  void Apply() {
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
  }
  void ExpectEmptyPlan() {
    std::string out;
    EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  }
  void Kubectl(const std::vector<std::string>& args) const {
    const support::Outcome done = cluster_.Kubectl(args);
    ASSERT_EQ(done.exit_code, 0) << done.out;
  }
  Json Manager(const std::string& ns) const {
    return cluster_.GetObject(ns, "deployment", "wandb-controller-manager");
  }
  // How often the manager was started anew, and the first start.
  int64_t Starts(const std::string& ns) const {
    const support::Outcome sets = cluster_.Kubectl(
        {"get", "replicasets", "--namespace", ns, "--output=name"});
    return std::count(sets.out.begin(), sets.out.end(), '\n');
  }
};

TEST_P(InCluster, TheExampleRunsWherePodSecurityIsRestricted) {
  std::ifstream in(TFW_SOURCE_DIR "/examples/restricted/main.tf");
  const std::string example(std::istreambuf_iterator<char>(in), {});
  workspace_.Write(example);
  Apply();
  EXPECT_EQ(workspace_.Attributes("wandb_operator.restricted")["ready"], true);
  ExpectEmptyPlan();
  ASSERT_EQ(workspace_.Destroy().exit_code, 0);
  // Without its security contexts no pod is admitted, and that is said long
  // before the time is over.
  const size_t contexts = example.find("  pod_security_context");
  ASSERT_NE(contexts, std::string::npos);
  workspace_.Write(example.substr(0, contexts) + "}\n");
  const absl::Time start = absl::Now();
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  EXPECT_THAT(Flat(apply.out),
              AllOf(HasSubstr("PodSecurity \"restricted:latest\""),
                    HasSubstr("allowPrivilegeEscalation != false")));
}

TEST_P(InCluster, OtherCertificatesStartTheManagerAnewOnce) {
  if (cluster_.foreign()) return;
  const std::string first = absl::StrCat(
      "custom_ca_certs = [file(\"", cluster_.directory(), "/pki/ca.crt\")]\n");
  const std::string second = absl::StrCat(
      "custom_ca_certs = [file(\"", DataPath("operator/ca.pem"), "\")]\n");
  const auto hash = [this] {
    return Manager("wandb")["spec"]["template"]["metadata"]["annotations"]
        .value("wandb.ai/ca-certs-hash", "");
  };
  workspace_.Write(OperatorBlock(first));
  Apply();
  const std::string before = hash();
  EXPECT_EQ(Starts("wandb"), 1);
  workspace_.Write(OperatorBlock(second));
  Apply();
  EXPECT_NE(hash(), before);
  EXPECT_EQ(Starts("wandb"), 2);
  ExpectEmptyPlan();
  // Of a ConfigMap that others write the digest is the configuration's.
  Kubectl({"create", "configmap", "corporate-ca", "--namespace=wandb",
           "--from-file=a.crt=" + DataPath("operator/ca.pem")});
  const auto with_digest = [&](const std::string& digest) {
    return OperatorBlock(
        absl::StrCat(second, "ca_certs_config_map = \"corporate-ca\"\n",
                     "pod_annotations = { ca-digest = \"", digest, "\" }"));
  };
  workspace_.Write(with_digest("1"));
  Apply();
  EXPECT_EQ(Starts("wandb"), 3);
  Kubectl({"patch", "configmap", "corporate-ca", "--namespace=wandb",
           "--patch={\"data\": {\"b.crt\": \"\"}}"});
  ExpectEmptyPlan();
  workspace_.Write(with_digest("2"));
  Apply();
  EXPECT_EQ(Starts("wandb"), 4);
  ExpectEmptyPlan();
  Kubectl({"delete", "configmap", "corporate-ca", "--namespace=wandb"});
}

TEST_P(InCluster, TwoIsolatedOperatorsHaveTheirOwnNamespacesAlone) {
  const auto block = [](const std::string& ns) {
    return absl::StrCat("resource \"wandb_operator\" \"", ns,
                        "\" {\n  namespace = \"", ns,
                        "\"\n  namespace_isolation = { enabled = true }\n}\n");
  };
  workspace_.Write(block("iso-a") + block("iso-b"));
  Apply();
  ExpectEmptyPlan();
  EXPECT_TRUE(
      cluster_.GetObject("", "clusterrole", "wandb-manager-role").is_null());
  const auto may = [this](const std::string& of, const std::string& in) {
    return cluster_
               .Kubectl({"auth", "can-i", "get", "secrets", "--namespace", in,
                         absl::StrCat("--as=system:serviceaccount:", of,
                                      ":wandb-manager")})
               .exit_code == 0;
  };
  for (const auto& [own, other] :
       {std::pair("iso-a", "iso-b"), std::pair("iso-b", "iso-a")}) {
    EXPECT_TRUE(may(own, own));
    EXPECT_FALSE(may(own, other));
    EXPECT_EQ(Manager(own)["spec"]["template"]["spec"]["containers"][0]["args"]
                  .back(),
              absl::StrCat("--isolation-namespaces=", own));
  }
  // One goes, and the other keeps what it has.
  workspace_.Write(block("iso-b"));
  Apply();
  EXPECT_TRUE(cluster_.GetObject("", "namespace", "iso-a").is_null());
  EXPECT_TRUE(may("iso-b", "iso-b"));
  EXPECT_EQ(Manager("iso-b")["status"]["availableReplicas"], 1);
  ExpectEmptyPlan();
}

TEST_P(InCluster, ADefinitionIsUpgradedBelowAnInstance) {
  constexpr char kCrd[] = "weightsandbiases.apps.wandb.com";
  // Of another operator it is left as it is.
  Kubectl({"delete", "crd", kCrd, "--ignore-not-found"});
  workspace_.Write(OperatorBlock() + R"(
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  host     = "https://wandb.example.com"
  values   = { app = { extraEnv = { KEPT = "1" } } }
})");
  Apply();
  const Json before = cluster_.GetObject("default", kCrd, "wandb");
  Kubectl({"patch", "crd", kCrd, "--type=json",
           "--patch=[{\"op\": \"remove\", \"path\": "
           "\"/spec/versions/0/schema/openAPIV3Schema/properties/spec/"
           "properties/chart\"}]"});
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 2) << out;
  EXPECT_THAT(Flat(out), AllOf(HasSubstr("1 added (v1 .spec.chart)"),
                               Not(HasSubstr("must be replaced"))));
  Apply();
  const Json after = cluster_.GetObject("default", kCrd, "wandb");
  EXPECT_EQ(after["metadata"]["uid"], before["metadata"]["uid"]);
  EXPECT_EQ(after["spec"], before["spec"]);
  ExpectEmptyPlan();
}

INSTANTIATE_TEST_SUITE_P(Tools, InCluster, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
