// Taking over an operator that somebody else installed.
#include "kube/forwarding_client.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "kube/ssa/update.h"
#include "resources/operator/fit.h"
#include "resources/operator/update.h"
#include "tests/support/operator_fixture.h"
#include "tests/support/operator_v2.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class OperatorImportTest : public OperatorTest {
 protected:
  static kube::ObjectRef Account() {
    return {"", "v1", "serviceaccounts", "wandb", "wandb-manager"};
  }
  // Those objects of an operator whose kind is one of `kinds`, as kubectl would
  // make them: they name nobody.
  void PutBare(const std::vector<std::string>& kinds) const {
    const auto manifests = wandb::OperatorManifests({});
    for (const Json& manifest : *manifests) {
      if (std::find(kinds.begin(), kinds.end(), kube::KindOf(manifest)) !=
          kinds.end()) {
        client_->Put(*kube::RefOf(manifest), WithoutOwner(manifest), "kubectl");
      }
    }
  }
  void PutBareOperator() const {
    PutBare({"Namespace", "CustomResourceDefinition", "ServiceAccount",
             "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding",
             "Deployment"});
  }
  void Edit(const kube::ObjectRef& ref, const char* pointer,
            const Json& value) const {
    Json live = client_->Stored(ref);
    live[Json::json_pointer(pointer)] = value;
    client_->Put(ref, live, "kubectl");
  }
  // Destroys what was imported, and says whether `ref` survived that.
  bool Survives(const tf::RawRead& read, const kube::ObjectRef& ref) const {
    const tf::RawApply gone = Change(read.state, Nothing(), read.private_data);
    EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
    return !client_->Stored(ref).is_null();
  }
};

TEST_F(OperatorImportTest, ALoneServiceAccountIsNoOperator) {
  PutBare({"Namespace", "ServiceAccount"});
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_THAT(Text(read.diags),
              AllOf(HasSubstr("wandb/wandb"),
                    HasSubstr("Deployment \"wandb/wandb-controller-manager\""),
                    HasSubstr("does not exist")));
  EXPECT_TRUE(read.state.IsNull());
  EXPECT_FALSE(client_->Stored(Account()).is_null());
}

TEST_F(OperatorImportTest, ADeploymentThatRunsSomethingElseIsNoOperator) {
  PutBareOperator();
  Edit(Deployment(), "/spec/template/spec/containers",
       {{{"name", "nginx"}, {"image", "nginx:1"}}});
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_THAT(Text(read.diags),
              AllOf(HasSubstr("Deployment \"wandb/wandb-controller-manager\""),
                    HasSubstr("wandb/controller")));
  EXPECT_TRUE(read.state.IsNull());
}

TEST_F(OperatorImportTest, TheOwnerOfAnotherOperatorIsNamed) {
  ASSERT_FALSE(
      Change(Nothing(), Make({{"namespace", Str("wandb")}})).diags.HasError());
  Edit(Deployment(), "/metadata/annotations",
       {{wandb::kOwnerAnnotation, "ops/other"}});
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_THAT(Text(read.diags), HasSubstr("wandb_operator \"ops/other\""));
}

TEST_F(OperatorImportTest, WhatBelongsToTheDeploymentIsTaken) {
  PutBareOperator();
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_THAT(read.diags.items(), IsEmpty()) << Text(read.diags);
  EXPECT_EQ(Plan(read.state, Make({}), read.private_data)
                .planned.At("objects")
                .fields()
                .size(),
            read.state.At("objects").fields().size());
  EXPECT_FALSE(Survives(read, Account()));
}

// Core keeps no private data of an apply in which the provider dies.
TEST_F(OperatorImportTest, WhatWasImportedIsKnownAgainWithoutTheRecord) {
  InstallByHelm("wandb");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  NewProcess();
  const tf::RawRead again = Read(read.state, Json::object());
  ASSERT_FALSE(again.diags.HasError()) << Text(again.diags);
  EXPECT_EQ(again.state, read.state);
  EXPECT_EQ(again.private_data, read.private_data);
  const tf::RawApply apply = Change(again.state, Make({}), again.private_data);
  ASSERT_FALSE(apply.diags.HasError()) << Text(apply.diags);
  NewProcess();
  // Nothing of what it has made has changed, either.
  const tf::RawRead later = Read(apply.state, Json::object());
  EXPECT_EQ(later.state, apply.state);
  EXPECT_EQ(later.private_data["manager"], support::FakeSession::kManager);
  EXPECT_EQ(later.private_data["live"], apply.private_data["live"]);
  EXPECT_EQ(later.private_data["uids"], apply.private_data["uids"]);
  EXPECT_FALSE(later.private_data.contains("imported"));
}

TEST_F(OperatorImportTest, TheDefaultFieldManagerIsKnownAgainWithoutARecord) {
  const tf::RawApply made = Change(Nothing(), Make({}));
  ASSERT_FALSE(made.diags.HasError()) << Text(made.diags);
  NewProcess();
  session_->the_manager = "renamed";
  const tf::RawRead read = Read(made.state, Json::object());
  EXPECT_EQ(read.private_data["manager"], kDefaultFieldManager);
  EXPECT_FALSE(read.private_data.contains("imported"));
}

// A kill between the last write of the first apply and its takeover.
TEST_F(OperatorImportTest, ATakeoverThatWasCutOffGoesOn) {
  InstallByHelm("wandb");
  Json made = client_->Stored(Deployment());
  made["spec"]["template"]["spec"]["nodeSelector"] = {{"pool", "ops"}};
  client_->Put(Deployment(), made, "helm");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  const auto manifests = wandb::OperatorManifests({});
  for (const Json& manifest : *manifests) {
    ASSERT_TRUE(client_
                    ->Apply({}, *kube::RefOf(manifest), manifest,
                            {.field_manager = support::FakeSession::kManager,
                             .force = true})
                    .ok());
  }
  ASSERT_FALSE(kube::HasApplied(client_->Stored(Deployment()), "helm"));
  for (const bool refreshed : {true, false}) {
    SCOPED_TRACE(refreshed);
    NewProcess();
    tf::RawRead again = read;
    again.private_data = Json::object();
    if (refreshed) again = Read(read.state, Json::object());
    EXPECT_EQ(again.private_data.contains("imported"), refreshed);
    const tf::RawPlan plan = Plan(again.state, Make({}), again.private_data);
    EXPECT_THAT(Text(plan.diags), HasSubstr("nodeSelector"));
  }
  const tf::RawApply applied = Change(read.state, Make({}), Json::object());
  ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  EXPECT_FALSE(
      client_->Stored(Deployment())["spec"]["template"]["spec"].contains(
          "nodeSelector"));
  EXPECT_FALSE(applied.private_data.contains("imported"));
}

// By what it named: no record is needed, and no name is the default one.
TEST_F(OperatorImportTest, WhatAFormerFieldManagerAppliedIsTakenOver) {
  session_->the_manager = "one";
  const cty::Value config = Make(
      {{"node_selector", cty::Value::Map(kString, {{"disk", Str("ssd")}})}});
  tf::RawApply made = Change(Nothing(), config);
  ASSERT_FALSE(made.diags.HasError()) << Text(made.diags);
  for (const bool refreshed : {true, false}) {
    SCOPED_TRACE(refreshed);
    NewProcess();
    session_->the_manager = "two";
    const Json lost = refreshed ? Read(made.state, Json::object()).private_data
                                : Json::object();
    const tf::RawApply apply = Change(made.state, Make({}), lost);
    ASSERT_FALSE(apply.diags.HasError()) << Text(apply.diags);
    const Json live = client_->Stored(Deployment());
    EXPECT_FALSE(live["spec"]["template"]["spec"].contains("nodeSelector"));
    EXPECT_FALSE(kube::HasApplied(live, "one"));
    session_->the_manager = "one";
    made = Change(apply.state, config, apply.private_data);
    ASSERT_FALSE(made.diags.HasError()) << Text(made.diags);
  }
}

TEST_F(OperatorImportTest, AccountThatTheDeploymentDoesNotUseIsLeftAlone) {
  PutBareOperator();
  Edit(Deployment(), "/spec/template/spec/serviceAccountName", "own");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_TRUE(read.state.At("objects")
                  .At("ServiceAccount/wandb/wandb-manager")
                  .IsNull());
  EXPECT_TRUE(
      read.state.At("objects").At("ClusterRole/wandb-manager-role").IsNull());
  EXPECT_TRUE(Survives(read, Account()));
}

TEST_F(OperatorImportTest, RoleThatNothingBindsIsLeftAlone) {
  PutBareOperator();
  const kube::ObjectRef role = {"rbac.authorization.k8s.io", "v1",
                                "clusterroles", "", "wandb-manager-role"};
  client_->Remove({"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "",
                   "wandb-manager-rolebinding"});
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_TRUE(Survives(read, role));
}

// What an interrupted create left long ago can only be had by an import.
TEST_F(OperatorImportTest, ObjectsThatNameTheOperatorNeedNoDeployment) {
  ASSERT_FALSE(Change(Nothing(), Make({})).diags.HasError());
  client_->Remove(Deployment());
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_FALSE(read.state.IsNull());
}

TEST_F(OperatorImportTest, AHelmReleaseThatIsForgottenIsNotWarnedOf) {
  InstallByHelm("wandb");
  EXPECT_THAT(Import("wandb/wandb").diags.items(), IsEmpty());
  client_->FailAlways(kube::SecretRef("wandb", ""),
                      absl::PermissionDeniedError("no"));
  EXPECT_THAT(Text(Import("wandb/wandb").diags), HasSubstr("helm uninstall"));
}

TEST_F(OperatorImportTest, HelmReleaseThatWouldDeleteItIsNamed) {
  InstallByHelm("wandb");
  client_->Put(
      kube::SecretRef("wandb", "sh.helm.release.v1.operator.v1"),
      {{"metadata", {{"labels", {{"owner", "helm"}, {"name", "operator"}}}}}});
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_THAT(read.diags.items(), SizeIs(1)) << Text(read.diags);
  EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(Text(read.diags),
              AllOf(HasSubstr("Helm release \"wandb/operator\""),
                    HasSubstr("helm uninstall operator"),
                    HasSubstr("delete secret -n wandb"),
                    HasSubstr("the operator"), Not(HasSubstr("the instance"))));
  // Said once, at the import.
  EXPECT_THAT(Read(read.state, read.private_data).diags.items(), IsEmpty());
}

// The id that who has used Helm knows.
TEST_F(OperatorImportTest, IsByTheNameOfTheHelmReleaseToo) {
  InstallByHelm("wandb");
  tf::RawImport import{.id = "wandb/operator"};
  resource_->Import({}, import);
  EXPECT_EQ(import.state.At("id"), Str("wandb/wandb"));
  EXPECT_EQ(import.state.At("name"), Str("wandb"));
  EXPECT_THAT(Text(import.diags),
              AllOf(HasSubstr("Helm release \"wandb/operator\" is imported as "
                              "operator wandb/wandb"),
                    HasSubstr("name = \"wandb\"")));
  const tf::RawRead read = Read(import.state, import.private_data);
  EXPECT_FALSE(read.diags.HasError()) << Text(read.diags);
  // Where only the labels tell, as other tools than Helm keep them.
  Edit(Deployment(), "/metadata/annotations", Json::object());
  Edit(Deployment(), "/metadata/labels",
       {{"control-plane", "controller-manager"},
        {"app.kubernetes.io/managed-by", "Helm"},
        {"app.kubernetes.io/instance", "labelled"}});
  tf::RawImport by_label{.id = "wandb/labelled"};
  resource_->Import({}, by_label);
  EXPECT_EQ(by_label.state.At("id"), Str("wandb/wandb"));
}

TEST_F(OperatorImportTest, ARealNameIsMeantBeforeThatOfARelease) {
  InstallByHelm("wandb");
  Json other = client_->Stored(Deployment());
  other["metadata"]["annotations"]["meta.helm.sh/release-name"] = "wandb";
  other["metadata"]["name"] = "other-controller-manager";
  client_->Put(kube::DeploymentRef("wandb", "other-controller-manager"), other,
               "helm");
  tf::RawImport import{.id = "wandb/wandb"};
  resource_->Import({}, import);
  EXPECT_EQ(import.state.At("id"), Str("wandb/wandb"));
  EXPECT_THAT(import.diags.items(), IsEmpty());
  // Of two, neither is meant.
  Edit(Deployment(), "/metadata/annotations/meta.helm.sh~1release-name", "two");
  Edit(kube::DeploymentRef("wandb", "other-controller-manager"),
       "/metadata/annotations/meta.helm.sh~1release-name", "two");
  const tf::RawRead read = Import("wandb/two");
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_THAT(Text(read.diags), HasSubstr("no operator wandb/two"));
  // An identity is no release.
  tf::RawImport by_identity{
      .id = "", .identity = {{"namespace", "wandb"}, {"name", "two"}}};
  resource_->Import({}, by_identity);
  EXPECT_EQ(by_identity.state.At("id"), Str("wandb/two"));
}

// ---- What the state holds then ----

constexpr char kCertificate[] =
    "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";

TEST_F(OperatorImportTest, IsByIdOrByIdentity) {
  tf::RawImport by_identity{.id = "",
                            .identity = {{"namespace", "ml"}, {"name", "w"}}};
  resource_->Import({}, by_identity);
  tf::RawImport by_id{.id = "ml/w", .identity = {}};
  resource_->Import({}, by_id);
  ASSERT_FALSE(by_id.diags.HasError());
  EXPECT_EQ(by_identity.state, by_id.state);
  EXPECT_EQ(by_identity.private_data, by_id.private_data);
}

// What else W&B's chart can set.
std::map<std::string, Json> ChartSettings() {
  return {
      {"namespace_labels", {{"a", "b"}}},
      {"namespace_annotations", {{"c", "d"}}},
      {"ca_certs_config_map", "theirs"},
      {"extra_env",
       {{{"name", "PLAIN"}, {"value", "x"}},
        {{"name", "SECRET"},
         {"value_from", {{"secret_key_ref", {{"name", "a"}, {"key", "b"}}}}}},
        {{"name", "IP"},
         {"value_from", {{"field_ref", {{"field_path", "status.podIP"}}}}}}}},
      {"resources", {{"limits", {{"memory", "4Gi"}}}}},
      {"tolerations", Json::array({{{"key", "a"},
                                    {"operator", "Exists"},
                                    {"effect", "NoExecute"},
                                    {"toleration_seconds", 5}}})},
      {"affinity",
       {{"podAntiAffinity",
         {{"requiredDuringSchedulingIgnoredDuringExecution",
           Json::array({{{"topologyKey", "zone"}}})}}}}},
      {"pod_annotations", {{"team", "ml"}}},
      {"pod_security_context",
       {{"run_as_non_root", true},
        {"seccomp_profile", {{"type", "RuntimeDefault"}}}}},
      {"security_context",
       {{"allow_privilege_escalation", false},
        {"capabilities", {{"drop", {"ALL"}}}}}},
      {"service_account", {{"create", true}, {"name", "own"}}},
      {"debug", true},
      {"namespace_isolation",
       {{"enabled", true}, {"additional_namespaces", {"team-b", "team-a"}}}},
      {"managed_spec_enabled", true},
      {"role_rules",
       {{"add", Json::array({{{"api_groups", {"traefik.io"}},
                              {"resources", {"middlewares"}},
                              {"verbs", {"*"}},
                              {"resource_names", {"a"}}}})},
        {"drop", Json::array({{{"api_groups", {""}},
                               {"resources", {"secrets"}},
                               {"verbs", {"delete"}}},
                              {{"api_groups", {"keda.sh"}},
                               {"resources", {"scaledobjects"}}}})}}},
      {"charts", {{"a.tgz", "H4sI"}}},
  };
}

TEST_F(OperatorImportTest, TheFirstPlanOfTheSameConfigurationIsEmpty) {
  std::vector<Fields> configurations = {
      {},
      {{"airgapped", Flag(true)}},
      {{"release_channel_url", Str("https://channel.example.com")}},
      {{"custom_ca_certs",
        cty::Value::List(kString, {Str(kCertificate), Str(kCertificate)})}},
      {{"image",
        Image({{"repository", Str("r.example.com:5000/w/controller")},
               {"tag", Str("1.21.0")},
               {"pull_policy", Str("IfNotPresent")},
               {"pull_secrets", cty::Value::List(kString, {Str("pull")})}})}},
      {{"node_selector", cty::Value::Map(kString, {{"disk", Str("ssd")}})}},
      {{"image", Image({{"digest", Str("sha256:" + std::string(64, 'a'))}})}}};
  for (const auto& [name, json] : ChartSettings()) {
    configurations.push_back({{name, Of(name, json)}});
  }
  Fields all;
  for (const auto& [name, json] : ChartSettings()) all[name] = Of(name, json);
  configurations.push_back(all);
  for (size_t i = 0; i < configurations.size(); ++i) {
    const cty::Value config = Make(configurations[i]);
    const tf::RawApply created = Change(Nothing(), config);
    ASSERT_FALSE(created.diags.HasError()) << i << Text(created.diags);
    const tf::RawRead read = Import("wandb/wandb");
    ASSERT_FALSE(read.diags.HasError()) << i << Text(read.diags);
    EXPECT_EQ(Plan(read.state, config, read.private_data).planned, read.state)
        << i;
    EXPECT_EQ(read.state, created.state) << i;
    Change(created.state, Nothing(), created.private_data);
  }
}

// One that no configuration may have hides none of the others.
TEST_F(OperatorImportTest, OnlyTheSettingThatIsNoneIsLeftOutAndNamed) {
  const Fields all = {
      {"airgapped", Flag(true)},
      {"release_channel_url", Str("https://channel.example.com")},
      {"custom_ca_certs",
       cty::Value::List(kString, {Str(kCertificate), Str(kCertificate)})},
      {"image",
       Image({{"repository", Str("r.example.com:5000/w/controller")},
              {"tag", Str("1.21.0")},
              {"pull_secrets",
               cty::Value::List(kString, {Str("one"), Str("two")})}})}};
  const tf::RawApply created = Change(Nothing(), Make(all));
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  const Json whole = client_->Stored(Deployment());
  const Json certs =
      client_->Stored(kube::ConfigMapRef("wandb", "operator-wandb-ca-certs"));
  const std::string container = "/spec/template/spec/containers/0";
  size_t channel = 0;
  const Json& env = whole["spec"]["template"]["spec"]["containers"][0]["env"];
  while (env[channel]["name"] != "DEPLOYER_CHANNEL_URL") ++channel;
  const struct {
    kube::ObjectRef ref;
    std::string pointer, text, attribute;
  } kBad[] = {
      {Deployment(), absl::StrCat(container, "/env/", channel, "/value"),
       "channel.example.com", "release_channel_url"},
      {Deployment(), container + "/image", "R.example.com/w/controller:1.21.0",
       "image.repository"},
      {Deployment(), "/spec/template/spec/imagePullSecrets/1/name", "Two_",
       "image.pull_secrets[1]"},
      {kube::ConfigMapRef("wandb", "operator-wandb-ca-certs"),
       "/data/customCA1.crt", "none", "custom_ca_certs[1]"}};
  for (const auto& [ref, pointer, text, attribute] : kBad) {
    client_->Put(Deployment(), whole, "kubectl");
    client_->Put(kube::ConfigMapRef("wandb", "operator-wandb-ca-certs"), certs,
                 "kubectl");
    Edit(ref, pointer.c_str(), text);
    const tf::RawRead read = Import("wandb/wandb");
    ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
    EXPECT_THAT(Text(read.diags), HasSubstr("\n  " + attribute + ": "));
    EXPECT_EQ(read.state.At("airgapped"), Flag(true)) << attribute;
    EXPECT_EQ(read.state.At("image").At("tag"), Str("1.21.0")) << attribute;
    EXPECT_EQ(read.state.At("release_channel_url").IsNull(),
              attribute == "release_channel_url");
    EXPECT_EQ(read.state.At("custom_ca_certs").elements().size(),
              attribute == "custom_ca_certs[1]" ? 1 : 2)
        << attribute;
    EXPECT_EQ(read.state.At("image").At("pull_secrets").elements().size(),
              attribute == "image.pull_secrets[1]" ? 1 : 2)
        << attribute;
  }
}

// As the server spells them.
TEST_F(OperatorImportTest, QuantitiesOfTheDefaultAreKnownInEachSpelling) {
  PutBareOperator();
  Edit(Deployment(), "/spec/template/spec/containers/0/resources/limits/cpu",
       "1");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_EQ(read.state.At("resources"), Planned({}).At("resources"));
}

TEST_F(OperatorImportTest, WhatAnImportCannotSayIsLeftOut) {
  PutBareOperator();
  const std::string pod = "/spec/template/spec";
  Edit(Deployment(), (pod + "/containers/0/env/0").c_str(),
       {{"name", "LIMIT"},
        {"valueFrom", {{"resourceFieldRef", {{"resource", "limits.cpu"}}}}}});
  Edit(Deployment(), (pod + "/securityContext").c_str(),
       {{"runAsNonRoot", true}, {"supplementalGroups", {5}}});
  Edit(Deployment(), "/spec/template/metadata/annotations",
       {{"kubectl.kubernetes.io/restartedAt", "2026-01-01T00:00:00Z"}});
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_TRUE(read.state.At("extra_env").IsNull());
  EXPECT_TRUE(read.state.At("pod_annotations").IsNull());
  EXPECT_EQ(read.state.At("pod_security_context"),
            Of("pod_security_context", {{"run_as_non_root", true}}));
}

// ---- What Helm made, as the server keeps it ----

class HelmMadeTest : public OperatorImportTest {
 protected:
  static constexpr char kVolumes[] = "/spec/template/spec/volumes";
  static constexpr char kPem[] =
      "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";

  HelmMadeTest() {
    // As validation does.
    client_->Admit([](const Json& object) {
      const Json* volumes = base::Find(object, kVolumes);
      if (volumes == nullptr) return absl::OkStatus();
      for (const Json& volume : *volumes) {
        int sources = 0;
        for (const auto& [key, value] : volume.items()) {
          if (key != "name" && !value.is_null()) ++sources;
        }
        if (sources > 1) {
          return absl::InvalidArgumentError(
              "may not specify more than 1 volume type");
        }
      }
      return absl::OkStatus();
    });
  }
  static cty::Value Certs() { return cty::Value::List(kString, {Str(kPem)}); }
  Json Template() const {
    return client_->Stored(Deployment())["spec"]["template"];
  }
  // Imports, applies `config`, and expects the plan after that to be empty.
  void TakeOver(const cty::Value& config) {
    const tf::RawRead read = Import("wandb/wandb");
    ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
    const tf::RawApply applied = Change(read.state, config, read.private_data);
    ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
    EXPECT_EQ(OwnerOf(client_->Stored(Deployment())), "wandb/wandb");
    const tf::RawRead again = Read(applied.state, applied.private_data);
    EXPECT_EQ(Plan(again.state, config, again.private_data).planned,
              again.state);
  }
};

// As charts other than W&B's have them. The selector cannot change at all.
TEST_F(HelmMadeTest, LabelsOfChartsStayOnThePodsAndInTheSelector) {
  InstallByHelm("wandb");
  Json live = client_->Stored(Deployment());
  const Json usual = {{"app.kubernetes.io/instance", "operator"},
                      {"team", "ops"}};
  live["metadata"]["labels"].update(usual);
  live["spec"]["selector"]["matchLabels"].update(usual);
  Json& pods = live["spec"]["template"]["metadata"]["labels"];
  pods.update(usual);
  pods["helm.sh/chart"] = "operator-1.4.8";
  client_->Put(Deployment(), live, "helm");
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_THAT(Text(Plan(read.state, Make({}), read.private_data).diags),
              Not(HasSubstr("take settings away")));
  TakeOver(Make({}));
  const Json now = client_->Stored(Deployment());
  EXPECT_EQ(now["spec"]["selector"], live["spec"]["selector"]);
  EXPECT_EQ(now["spec"]["template"], live["spec"]["template"]);
  EXPECT_EQ(now["metadata"]["labels"],
            (Json{{"control-plane", "controller-manager"}}));
}

// The server gives a volume without a source an emptyDir.
TEST_F(HelmMadeTest, VolumeThatNobodyMountsKeepsTheSourceThatTheServerGaveIt) {
  InstallByHelm("wandb");
  Json live = client_->Stored(Deployment());
  live["spec"]["template"]["spec"]["volumes"][1] = {
      {"name", "wandb-ca-certs"}, {"emptyDir", Json::object()}};
  client_->Put(Deployment(), live, "helm");
  const Json pods = Template();
  TakeOver(Make({}));
  EXPECT_EQ(Template(), pods);
}

TEST_F(HelmMadeTest, OrderThatMeansNothingStays) {
  InstallByHelm("wandb");
  Json live = client_->Stored(Deployment());
  Json& pod = live["spec"]["template"]["spec"];
  std::swap(pod["volumes"][0], pod["volumes"][1]);
  Json& env = pod["containers"][0]["env"];
  std::swap(env[0], env[3]);
  client_->Put(Deployment(), live, "helm");
  const Json pods = Template();
  TakeOver(Make({}));
  EXPECT_EQ(Template(), pods);
}

TEST_F(HelmMadeTest, SourceOfAVolumeGivesWayToCertificates) {
  InstallByHelm("wandb");
  Edit(Deployment(), "/spec/template/spec/volumes/1",
       {{"name", "wandb-ca-certs"}, {"emptyDir", Json::object()}});
  TakeOver(Make({{"custom_ca_certs", Certs()}}));
  EXPECT_EQ(
      base::StringAt(Template(),
                     "/spec/volumes/1/projected/sources/0/configMap/name"),
      "operator-wandb-ca-certs");
  // The server, which adds to the volume that is there, is told so.
  bool told = false;
  for (const auto& call : client_->calls()) {
    const Json* volume = base::Find(call.body, absl::StrCat(kVolumes, "/1"));
    told = told || (call.verb == "APPLY" && volume != nullptr &&
                    volume->contains("emptyDir"));
  }
  EXPECT_TRUE(told);
}

// ---- A mounted volume of another type ----

// Gives the Deployment an entry of managedFields, as the server would.
class OneEntryClient final : public kube::ForwardingClient {
 public:
  OneEntryClient(std::shared_ptr<kube::Client> client, Json entry)
      : ForwardingClient(std::move(client)), entry_(std::move(entry)) {}

  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const kube::ObjectRef& ref) override {
    auto live = ForwardingClient::Get(ctx, ref);
    if (live.ok() && ref.resource == "deployments") {
      (*live)["metadata"]["managedFields"].push_back(entry_);
    }
    return live;
  }

 private:
  const Json entry_;
};

class OtherSourceTest : public HelmMadeTest {
 protected:
  static constexpr char kField[] =
      ".spec.template.spec.volumes[name=\"wandb-ca-certs\"].configMap";

  OtherSourceTest() {
    InstallByHelm("wandb");
    Edit(Deployment(), "/spec/template/spec/volumes/1",
         {{"name", "wandb-ca-certs"}, {"configMap", {{"name", "theirs"}}}});
  }
  // `manager` has set the source of the volume.
  void HeldBy(const std::string& manager, const std::string& operation) {
    const Json entry = {
        {"manager", manager},
        {"operation", operation},
        {"apiVersion", "apps/v1"},
        {"fieldsV1", SourceClash{"wandb-ca-certs", "configMap"}.Fields()}};
    session_ =
        std::make_shared<support::FakeSession>(std::shared_ptr<kube::Client>(
            std::make_shared<OneEntryClient>(client_, entry)));
    resource_ = make_(session_);
  }
  // As it is wanted and as it is.
  Sighting Seen() const {
    const auto manifests =
        wandb::OperatorManifests({.custom_ca_certs = {kPem}});
    return {.ref = Deployment(),
            .manifest = manifests->back(),
            .live = client_->Stored(Deployment())};
  }
};

TEST_F(OtherSourceTest, IsNotSentAsNullWhichTheServerWouldNotHear) {
  const Json sent = FittedManifest(Seen(), {}, "ours");
  for (const Json& volume : sent[Json::json_pointer(kVolumes)]) {
    EXPECT_FALSE(volume.contains("configMap")) << volume;
  }
  ASSERT_THAT(SourceClashes(Seen()), SizeIs(1));
  EXPECT_EQ(SourceClashes(Seen())[0].Field(), kField);
  EXPECT_EQ(SourceClashes(Seen())[0].Fields(),
            *base::ParseJson(R"({"f:spec":{"f:template":{"f:spec":{"f:volumes":
              {"k:{\"name\":\"wandb-ca-certs\"}":{"f:configMap":{}}}}}}})",
                             "test"));
  // A dry run gets past it.
  const Json tried = WithClashingSources(Seen(), sent);
  EXPECT_EQ(base::StringAt(tried, absl::StrCat(kVolumes, "/1/configMap/name")),
            "theirs");
}

TEST_F(OtherSourceTest, IsTakenFromToolsAndHandsBeforeTheApply) {
  const Claimant imported = {.id = "wandb/wandb", .record = {.imported = true}};
  const Claimant established = {.id = "wandb/wandb"};
  const kube::ManagerEntry helm = {.manager = "helm", .operation = "Update"};
  const kube::ManagerEntry terraform = {.manager = "Terraform",
                                        .operation = "Apply"};
  const kube::ManagerEntry gitops = {.manager = "argocd", .operation = "Apply"};
  const auto takes = [this](const Claimant& who, bool force,
                            const kube::ManagerEntry& entry) {
    OperatorModel model;
    model.force_conflicts = force;
    const ssa::UpdateRules rules = RulesOfUpdate(Seen(), who, "ours", model);
    return rules.ahead.size() == 1 && rules.ahead[0].from(entry);
  };
  EXPECT_TRUE(takes(imported, false, helm));
  EXPECT_TRUE(takes(established, false, helm));
  EXPECT_TRUE(takes(imported, false, terraform));
  EXPECT_FALSE(takes(established, false, terraform));
  EXPECT_FALSE(takes(imported, false, gitops));
  EXPECT_TRUE(takes(imported, true, gitops));
}

TEST_F(OtherSourceTest, OfAnotherApplierIsToldByThePlanAndKept) {
  HeldBy("argocd", "Apply");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  const cty::Value config = Make({{"custom_ca_certs", Certs()}});
  EXPECT_THAT(Text(Plan(read.state, config, read.private_data).diags),
              AllOf(HasSubstr("Apply will fail"), HasSubstr(kField),
                    HasSubstr("argocd"), HasSubstr("force_conflicts = true")));
  client_->ClearCalls();
  const tf::RawApply applied = Change(read.state, config, read.private_data);
  EXPECT_THAT(Text(applied.diags),
              AllOf(HasSubstr(kField), HasSubstr("argocd")));
  EXPECT_TRUE(applied.diags.HasError());
  for (const auto& call : client_->calls()) {
    EXPECT_TRUE(call.verb != "APPLY" || call.apply.dry_run) << call.ref.name;
  }
}

TEST_F(OtherSourceTest, OfAToolIsNoRefusalInThePlan) {
  HeldBy("helm", "Update");
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_THAT(Text(Plan(read.state, Make({{"custom_ca_certs", Certs()}}),
                        read.private_data)
                       .diags),
              Not(HasSubstr("Apply will fail")));
}

// The import does not look at what the configuration will want.
TEST_F(HelmMadeTest, ConfigMapThatOnlyTheConfigurationWantsIsTakenToo) {
  const kube::ObjectRef certs =
      kube::ConfigMapRef("wandb", "operator-wandb-ca-certs");
  InstallByHelm("wandb");
  Edit(Deployment(), "/spec/template/spec/volumes/1",
       {{"name", "wandb-ca-certs"}, {"configMap", {{"name", certs.name}}}});
  client_->Put(certs,
               {{"apiVersion", "v1"},
                {"kind", "ConfigMap"},
                {"metadata",
                 {{"name", certs.name},
                  {"namespace", certs.ns},
                  {"annotations",
                   {{"meta.helm.sh/release-name", "operator"},
                    {"meta.helm.sh/release-namespace", "wandb"}}}}},
                {"data", {{"ca.crt", "theirs"}}}},
               "helm");
  TakeOver(Make({{"custom_ca_certs", Certs()}}));
  EXPECT_EQ(OwnerOf(client_->Stored(certs)), "wandb/wandb");
}

TEST_F(HelmMadeTest, CertificatesOfAPlainConfigMapAreRead) {
  InstallByHelm("wandb");
  Edit(Deployment(), "/spec/template/spec/volumes/1",
       {{"name", "wandb-ca-certs"}, {"configMap", {{"name", "theirs"}}}});
  client_->Put(kube::ConfigMapRef("wandb", "theirs"),
               {{"kind", "ConfigMap"},
                {"data", {{"customCA0.crt", std::string(kPem)}}}});
  EXPECT_THAT(Import("wandb/wandb").state.At("custom_ca_certs").elements(),
              SizeIs(1));
}

TEST_F(HelmMadeTest, PodsWithTheCertificatesAreNotRestartedForTheirDigest) {
  wandb::OperatorSettings settings;
  settings.custom_ca_certs = {kPem};
  const auto manifests = wandb::OperatorManifests(settings);
  for (Json manifest : *manifests) {
    manifest = WithoutOwner(manifest);
    if (kube::KindOf(manifest) == "Deployment") {
      manifest["spec"]["template"]["metadata"].erase("annotations");
    }
    if (kube::KindOf(manifest) == "CustomResourceDefinition") {
      manifest["status"]["conditions"] = {
          {{"type", "NamesAccepted"}, {"status", "True"}},
          {{"type", "Established"}, {"status", "True"}}};
    }
    client_->Put(*kube::RefOf(manifest), manifest, "helm");
  }
  const Json pods = Template();
  TakeOver(Make({{"custom_ca_certs", Certs()}}));
  EXPECT_EQ(Template(), pods);
  // Other certificates need other pods.
  const tf::RawRead read = Import("wandb/wandb");
  const tf::RawApply changed =
      Change(read.state,
             Make({{"custom_ca_certs",
                    cty::Value::List(kString, {Str(kPem), Str(kPem)})}}),
             read.private_data);
  ASSERT_FALSE(changed.diags.HasError()) << Text(changed.diags);
  EXPECT_TRUE(Template()["metadata"].contains("annotations"));
}

}  // namespace
}  // namespace resources
