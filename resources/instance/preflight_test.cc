// What the plans of wandb_instance ask the cluster, and say of its answers.
#include "resources/instance/preflight.h"

#include "absl/synchronization/barrier.h"
#include "tests/support/fake_replies.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kTrial[] =
    "APPLY weightsandbiases.apps.wandb.com \"default/wandb\"";

class PreflightTest : public InstanceTest {
 protected:
  PreflightTest() {
    // Whose cluster it is has been asked before: operator_v2_test.cc.
    session_->generation().KnownAtPlan({}, *session_->Kube());
    client_->ClearCalls();
  }

  static cty::Value Yaml(const std::string& text) {
    return cty::Value::List(kString, {Str(text)});
  }
  // Without the look at what a wait needs, unless told otherwise.
  tf::RawPlan PlanCreate(Fields fields) const {
    fields.emplace("wait", Flag(false));
    return InstanceTest::PlanCreate(std::move(fields));
  }
  tf::RawPlan PlanYaml(const std::string& text) const {
    return PlanCreate({{"values_yaml", Yaml(text)}});
  }
  void PutSecret(const std::string& name, const std::string& key) {
    client_->Put(kube::SecretRef("default", name),
                 {{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"metadata", {{"name", name}, {"namespace", "default"}}},
                  {"data", {{key, "aHVudGVyMg=="}}}});
  }
  void PutClass(const std::string& name) {
    client_->Put({"networking.k8s.io", "v1", "ingressclasses", "", name},
                 {{"apiVersion", "networking.k8s.io/v1"},
                  {"kind", "IngressClass"},
                  {"metadata", {{"name", name}}}});
  }
  void PutNamespace(const std::string& name) {
    client_->Put(kube::NamespaceRef(name), {{"apiVersion", "v1"},
                                            {"kind", "Namespace"},
                                            {"metadata", {{"name", name}}}});
  }
  void PutInstance() {
    client_->Put(Ref(),
                 {{"apiVersion", "apps.wandb.com/v1"},
                  {"kind", "WeightsAndBiases"},
                  {"metadata", {{"name", "wandb"}, {"namespace", "default"}}},
                  {"spec", Json::object()}});
  }
};

// ---- The create ----

TEST_F(PreflightTest, ARefusedIdentityIsSaidWhicheverLookLearnsIt) {
  PutOperator(false);
  // The one that is for the create gets no answer.
  client_->FailAlways(Ref(), absl::UnavailableError("lost"));
  client_->FailAlways(kube::SecretRef("default", "wandb-spec-active"),
                      absl::UnauthenticatedError("Unauthorized"));
  const tf::RawPlan call = InstanceTest::PlanCreate({});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary,
            "Apply will fail: the cluster cannot be accessed");
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("Unauthorized"));
}

TEST_F(PreflightTest, AServerThatIsNoneIsSaidWhicheverLookLearnsIt) {
  PutOperator(false);
  client_->FailAlways(Ref(), absl::UnavailableError("lost"));
  const auto secret = kube::SecretRef("default", "wandb-spec-active");
  client_->FailAlways(
      secret,
      support::Reply("GET", secret, 400,
                     "Client sent an HTTP request to an HTTPS server.\n"));
  const tf::RawPlan call = InstanceTest::PlanCreate({});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary,
            "Apply will fail: the cluster cannot be accessed");
  EXPECT_THAT(call.diags.items()[0].detail,
              HasSubstr("its address must begin with https://"));
}

TEST_F(PreflightTest, AClusterThatLetsNobodyInIsSaid) {
  client_->FailAlways(Ref(), absl::UnauthenticatedError("Unauthorized"));
  const tf::RawPlan call = PlanYaml("{a: 1}");
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_EQ(call.diags.items()[0].summary,
            "Apply will fail: the cluster cannot be accessed");
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("Unauthorized"));
}

// The payloads are those of an exchange, whose faults are tested there.
TEST_F(PreflightTest, WhatLetsNoCallThroughIsSaid) {
  absl::Status untrusted =
      absl::UnavailableError("cannot trust https://cluster.test");
  untrusted.SetPayload("http/certificate", absl::Cord(std::string(1, '\0')));
  absl::Status proxy = absl::UnavailableError("the proxy refused to connect");
  proxy.SetPayload("http/proxy-refusal", absl::Cord("1"));
  absl::Status plain = absl::UnavailableError("TLS handshake failed");
  plain.SetPayload("http/no-tls", absl::Cord("1"));
  for (const absl::Status& status : {untrusted, proxy, plain}) {
    NewProcess();
    client_->FailAlways(Ref(), status);
    const tf::RawPlan call = PlanYaml("{a: 1}");
    ASSERT_THAT(call.diags.items(), SizeIs(1)) << status;
    EXPECT_EQ(call.diags.items()[0].summary,
              "Apply will fail: the cluster cannot be accessed");
    EXPECT_THAT(call.diags.items()[0].detail,
                AllOf(HasSubstr(std::string(status.message())),
                      Not(HasSubstr("Check that the cluster runs"))));
  }
  // It may be made by the same apply.
  NewProcess();
  client_->FailAlways(Ref(), absl::UnavailableError("connection refused"));
  EXPECT_THAT(PlanYaml("{a: 1}").diags.items(), IsEmpty());
}

TEST_F(PreflightTest, ARefusedIdentityIsSaidThoughTheNameIsUnknown) {
  for (const char* unknown : {"name", "namespace"}) {
    NewProcess();
    client_->FailNext(absl::UnauthenticatedError("Unauthorized"), "VERSION");
    const tf::RawPlan call =
        InstanceTest::PlanCreate({{unknown, UnknownStr()}});
    ASSERT_THAT(call.diags.items(), SizeIs(1)) << unknown;
    EXPECT_EQ(call.diags.items()[0].summary,
              "Apply will fail: the cluster cannot be accessed");
  }
  NewProcess();
  client_->FailNext(absl::UnavailableError("lost"), "VERSION");
  EXPECT_THAT(InstanceTest::PlanCreate({{"name", UnknownStr()}}).diags.items(),
              IsEmpty());
}

TEST_F(PreflightTest, WhatIsWrongWithTheClusterIsSaidByTheFirstPlanAlone) {
  client_->FailAlways(Ref(), absl::UnauthenticatedError("Unauthorized"));
  EXPECT_THAT(PlanYaml("{a: 1}").diags.items(), SizeIs(1));
  EXPECT_THAT(PlanYaml("{a: 1}").diags.items(), IsEmpty());
  // Another walk.
  session_->said().Clear();
  EXPECT_THAT(PlanYaml("{a: 1}").diags.items(), SizeIs(1));
}

TEST_F(PreflightTest, CreateIsTriedOnceAndChangesNothing) {
  const tf::RawPlan call = PlanYaml("{a: 1}");
  EXPECT_THAT(call.diags.items(), IsEmpty());
  ASSERT_THAT(client_->CallLines(), ElementsAre(kTrial));
  const support::FakeClient::Call trial = client_->calls()[0];
  EXPECT_TRUE(trial.apply.dry_run);
  EXPECT_TRUE(trial.apply.create_only);
  EXPECT_EQ(trial.body["spec"]["values"], Json({{"a", 1}}));
}

TEST_F(PreflightTest, WhoMayNotReadWhatTellsReadinessIsWarnedOfTheWait) {
  PutOperator(false);
  const kube::ObjectRef secret =
      kube::SecretRef("default", "wandb-spec-active");
  client_->FailAlways(secret, support::Reply("GET", secret, 403, ""));
  const tf::RawPlan call = PlanCreate({{"wait", Flag(true)}});
  EXPECT_FALSE(call.diags.HasError());
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary,
            "Apply will not be able to tell whether instance default/wandb is "
            "ready");
  EXPECT_THAT(
      call.diags.items()[0].detail,
      AllOf(HasSubstr("resources: [secrets], resourceNames: "
                      "[wandb-spec-active, wandb-spec-user, "
                      "wandb-latest-cached-release], verbs: [get]}"),
            HasSubstr("[deployments, statefulsets, daemonsets], verbs: [list, "
                      "watch]}"),
            HasSubstr("[pods, events], verbs: [list]}")));
  EXPECT_THAT(PlanCreate({{"wait", Flag(false)}}).diags.items(), IsEmpty());
}

TEST_F(PreflightTest, AllRightsThatACreateLacksAreOneWarning) {
  PutOperator(false);
  using Rule = kube::OwnRules::Rule;
  const Rule resource{{"*"}, {"apps.wandb.com"}, {"weightsandbiases"}, {}};
  const Rule secrets{{"get"}, {""}, {"secrets"}, {"wandb-spec-active"}};
  client_->SetOwnRules(
      {.rules = {resource,
                 secrets,
                 {{"list"}, {"apps"}, {"deployments", "statefulsets"}, {}}},
       .complete = true});
  const tf::RawPlan call = PlanCreate({{"wait", Flag(true)}});
  EXPECT_FALSE(call.diags.HasError());
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary,
            "The create of instance default/wandb lacks rights");
  EXPECT_THAT(
      call.diags.items()[0].detail,
      AllOf(HasSubstr("may not:\n"
                      "  get secrets \"wandb-spec-user\" in namespace "
                      "\"default\"\n"
                      "  get secrets \"wandb-latest-cached-release\" in "
                      "namespace \"default\"\n"
                      "  watch deployments.apps in namespace \"default\"\n"
                      "  watch statefulsets.apps in namespace \"default\"\n"
                      "  list, watch daemonsets.apps in namespace "
                      "\"default\"\n"
                      "  list pods in namespace \"default\"\n"
                      "  list events in namespace \"default\"\n\n"),
            HasSubstr("[deployments, statefulsets, daemonsets], verbs: [list, "
                      "watch]}")));
  // Without a wait nothing but the write counts, and a dry run tells that.
  EXPECT_THAT(PlanCreate({{"wait", Flag(false)}}).diags.items(), IsEmpty());
  // Rules that are not all there are say nothing.
  client_->SetOwnRules({.rules = {resource}, .complete = false});
  EXPECT_THAT(PlanCreate({{"wait", Flag(true)}}).diags.items(), IsEmpty());
  client_->SetOwnRules(
      {.rules = {{{"*"}, {"*"}, {"*"}, {}}}, .complete = true});
  EXPECT_THAT(PlanCreate({{"wait", Flag(true)}}).diags.items(), IsEmpty());
}

TEST_F(PreflightTest, ExistingObjectIsAWarningWithItsImportBlock) {
  PutInstance();
  const tf::RawPlan call = PlanYaml("{a: 1}");
  EXPECT_FALSE(call.diags.HasError());
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].summary, HasSubstr("exists already"));
  EXPECT_THAT(call.diags.items()[0].detail,
              HasSubstr("import {\n  to = wandb_instance.NAME\n  id = "
                        "\"default/wandb\"\n}"));
}

TEST_F(PreflightTest, ReplacementOfATaintedObjectIsNoFinding) {
  PutOperator(false);
  const Applied applied = Ready({});
  PutInstance();
  Fields fields = applied.state.fields();
  fields["uid"] = Str(kube::UidOf(client_->Stored(Ref())));
  // As core does before it plans.
  Read(Make(fields), applied.private_data);
  EXPECT_THAT(Plan(Nothing(), applied.config).diags.items(), IsEmpty());
}

TEST_F(PreflightTest, MissingNamespaceIsAWarning) {
  client_->RequireNamespaces(true);
  const tf::RawPlan call = PlanCreate({{"namespace", Str("wb")}});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_EQ(call.diags.items()[0].summary, "Namespace \"wb\" does not exist");
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("create_namespace = true"),
                    HasSubstr("another resource")));
  PutNamespace("wb");
  EXPECT_THAT(PlanCreate({{"namespace", Str("wb")}}).diags.items(), IsEmpty());
}

TEST_F(PreflightTest, NamespaceThatTheApplyMakesMayBeMissing) {
  client_->RequireNamespaces(true);
  const std::vector<Fields> makers = {
      {{"create_namespace", Flag(true)}},
      {{"create_namespace", cty::Value::Unknown(cty::Type::Bool())}},
      {{"operator", Str("wb/wandb")}},
      {{"operator", UnknownStr()}}};
  for (size_t i = 0; i < makers.size(); ++i) {
    Fields fields = makers[i];
    fields["namespace"] = Str("wb");
    EXPECT_THAT(PlanCreate(std::move(fields)).diags.items(), IsEmpty()) << i;
  }
}

TEST_F(PreflightTest, MissingDefinitionIsNoFindingAndHidesNoMissingNamespace) {
  client_->ServeOnly({{"", "v1", "namespaces", ""}});
  PutNamespace("default");
  EXPECT_THAT(PlanYaml("{a: 1}").diags.items(), IsEmpty());
  const tf::RawPlan call = PlanCreate({{"namespace", Str("wb")}});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary, "Namespace \"wb\" does not exist");
}

TEST_F(PreflightTest, RefusalSaysVerbAndResource) {
  client_->FailAlways(
      Ref(),
      support::Reply("PATCH", Ref(), 403,
                     support::StatusBody("Forbidden",
                                         "User \"u\" cannot patch resource "
                                         "\"weightsandbiases\" in API group "
                                         "\"apps.wandb.com\"",
                                         {{"name", "wandb"}})));
  const tf::RawPlan call = PlanYaml("{a: 1}");
  EXPECT_FALSE(call.diags.HasError());
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].summary, HasSubstr("refuses to create"));
  EXPECT_THAT(call.diags.items()[0].detail,
              HasSubstr("cannot patch resource \"weightsandbiases\""));
}

TEST_F(PreflightTest, NamespaceThatMayNotBeMadeIsAWarning) {
  client_->FailAlways(
      kube::NamespaceRef("default"),
      support::Reply("PATCH", kube::NamespaceRef("default"), 403,
                     support::StatusBody("Forbidden",
                                         "cannot patch resource "
                                         "\"namespaces\"",
                                         {{"name", "default"}})));
  const tf::RawPlan call = PlanCreate({{"create_namespace", Flag(true)}});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("\"namespaces\""));
  for (const support::FakeClient::Call& each : client_->calls()) {
    EXPECT_TRUE(each.apply.dry_run);
  }
}

TEST_F(PreflightTest, RefusedBodyIsAFindingOnlyIfItIsTheWholeOne) {
  client_->FailAlways(Ref(), absl::InvalidArgumentError("denied: no owner"));
  const tf::RawPlan call = PlanYaml("{a: 1}");
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("denied: no owner"));
  EXPECT_THAT(
      PlanCreate({{"values", Map({{"a", UnknownStr()}})}}).diags.items(),
      IsEmpty());
}

// ---- What is not asked ----

TEST_F(PreflightTest, NothingIsAskedWhileTheConnectionIsNotKnown) {
  session_->config_unknown = true;
  EXPECT_THAT(PlanYaml("{ingress: {class: x}}").diags.items(), IsEmpty());
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(PreflightTest, NothingIsAskedAboutWhatIsNotKnown) {
  PlanCreate({{"name", UnknownStr()},
              {"values_yaml", Yaml("{global: {caCertsConfigMap: x}}")}});
  PlanCreate({{"namespace", UnknownStr()},
              {"values_yaml", Yaml("{global: {caCertsConfigMap: x}}")}});
  // Only whether it answers these credentials.
  EXPECT_THAT(client_->CallLines(),
              ElementsAre("VERSION  \"\"", "VERSION  \"\""));
  client_->ClearCalls();
  PlanCreate(
      {{"values", Map({{"global", Map({{"caCertsConfigMap", UnknownStr()}})}})},
       {"labels", cty::Value::Unknown(cty::Type::Map(kString))}});
  // That it exists can be asked without them.
  ASSERT_THAT(client_->CallLines(), ElementsAre(kTrial));
  EXPECT_EQ(client_->calls()[0].body["spec"], Json::object());
}

TEST_F(PreflightTest, NothingIsAskedWhenThePlanFailsAnyhow) {
  const tf::RawPlan call =
      PlanCreate({{"release", Map({{"values", Str("text")}})}});
  EXPECT_TRUE(call.diags.HasError());
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(PreflightTest, ClusterThatDoesNotAnswerIsNoFinding) {
  client_->SetUnreachable(true);
  EXPECT_THAT(PlanYaml("{ingress: {class: x}, global: {caCertsConfigMap: z}}")
                  .diags.items(),
              IsEmpty());
  EXPECT_THAT(client_->calls(), SizeIs(3));  // Each once.
}

TEST_F(PreflightTest, WhatMayNotBeReadIsNoFinding) {
  for (const kube::ObjectRef& ref :
       {kube::SecretRef("default", "s"),
        kube::ObjectRef{"networking.k8s.io", "v1", "ingressclasses", "", ""}}) {
    client_->FailAlways(ref, absl::PermissionDeniedError("no"));
  }
  EXPECT_THAT(
      PlanYaml("{ingress: {class: x}, global: {licenseSecret: {name: s}}}")
          .diags.items(),
      IsEmpty());
}

// ---- How it is asked ----

// Sees the contexts of all calls; a read is not answered before `together` of
// them are there.
class WatchingClient final : public support::FakeClient {
 public:
  explicit WatchingClient(int together) : reads_(together) {}

  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const kube::ObjectRef& ref) override {
    See(ctx);
    reads_.Block();
    return FakeClient::Get(ctx, ref);
  }
  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    See(ctx);
    return FakeClient::Apply(ctx, ref, body, options);
  }
  absl::StatusOr<kube::OwnRules> ReviewRules(const base::Context& ctx,
                                             const std::string& ns) override {
    See(ctx);
    return FakeClient::ReviewRules(ctx, ns);
  }

  bool Hurried() const {
    absl::MutexLock lock(&mutex_);
    return hurried_;
  }

 private:
  void See(const base::Context& ctx) {
    absl::MutexLock lock(&mutex_);
    hurried_ = hurried_ && !ctx.may_retry() && ctx.remaining() <= kLookLimit;
  }

  absl::Barrier reads_;
  mutable absl::Mutex mutex_;
  bool hurried_ ABSL_GUARDED_BY(mutex_) = true;
};

TEST_F(PreflightTest, AsksSideBySideOnceAndNotForLong) {
  const auto client = std::make_shared<WatchingClient>(3);
  const auto resource =
      NewInstanceResource(std::make_shared<support::FakeSession>(
          std::shared_ptr<kube::Client>(client)));
  const cty::Value config = Make(
      {{"values_yaml", Yaml("{global: {caCertsConfigMap: a, licenseSecret: "
                            "{name: b}}}")}});
  tf::RawPlan call{.config = config,
                   .prior = Nothing(),
                   .proposed = config,
                   .private_data = {{"operator_v2", false}}};
  resource->Plan({}, call);  // Hangs if the reads are made in turn.
  EXPECT_THAT(client->calls(), SizeIs(6));
  EXPECT_TRUE(client->Hurried());
}

// ---- References ----

TEST_F(PreflightTest, MissingObjectsAndKeysAreOneWarningWithALineForEach) {
  PutSecret("there", "other");
  PutSecret("good", "license");
  const tf::RawPlan call = PlanYaml(R"(
global:
  licenseSecret: {name: good}
  mysql: {passwordSecret: {name: there}}
  redis: {secret: {secretName: gone}}
  caCertsConfigMap: cas
app: {extraEnv: {A: {valueFrom: {secretKeyRef: {name: gone, key: k}}}}}
)");
  EXPECT_FALSE(call.diags.HasError());
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary,
            "The cluster lacks what the values of default/wandb refer to");
  EXPECT_THAT(
      call.diags.items()[0].detail,
      AllOf(HasSubstr("Secret \"there\" has no key \"MYSQL_PASSWORD\" "
                      "(global.mysql.passwordSecret.name)\n"),
            HasSubstr("Secret \"gone\" does not exist in namespace \"default\" "
                      "(global.redis.secret.secretName, "
                      "app.extraEnv.A.valueFrom.secretKeyRef.name)\n"),
            HasSubstr("ConfigMap \"cas\" does not exist"),
            Not(HasSubstr("good")), Not(HasSubstr("hunter2")),
            Not(HasSubstr("aHVudGVyMg"))));
  EXPECT_THAT(client_->CallLines(),
              UnorderedElementsAre(kTrial, "GET Secret \"default/there\"",
                                   "GET Secret \"default/good\"",
                                   "GET Secret \"default/gone\"",
                                   "GET ConfigMap \"default/cas\""));
}

TEST_F(PreflightTest, CertificatesMustEndAsTheChartExpects) {
  client_->Put(kube::ConfigMapRef("default", "cas"),
               {{"apiVersion", "v1"},
                {"kind", "ConfigMap"},
                {"metadata", {{"name", "cas"}, {"namespace", "default"}}},
                {"data", {{"ca.pem", "x"}}}});
  const tf::RawPlan call = PlanYaml("{global: {caCertsConfigMap: cas}}");
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].detail,
              HasSubstr("ConfigMap \"cas\" has no key that ends in \".crt\" "
                        "(global.caCertsConfigMap)"));
}

TEST_F(PreflightTest, MissingIngressClassIsNamedBesideThoseThatExist) {
  PutClass("nginx");
  const tf::RawPlan call = PlanYaml("{ingress: {class: ngnix}}");
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].detail,
              HasSubstr("IngressClass \"ngnix\" does not exist; the cluster "
                        "has nginx (ingress.class)"));
  EXPECT_THAT(PlanYaml("{ingress: {class: nginx}}").diags.items(), IsEmpty());
}

TEST_F(PreflightTest, NamesThatTheUserHidesAreNotShown) {
  const tf::RawPlan call = PlanCreate(
      {{"sensitive_values",
        Map({{"global", Map({{"licenseSecret",
                              Map({{"name", Str("classified")}})}})}})}});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("Secret (sensitive) does not exist"),
                    HasSubstr("global.licenseSecret.name"),
                    Not(HasSubstr("classified"))));
}

TEST_F(PreflightTest, SecretsOfAMissingNamespaceAreNotCounted) {
  client_->RequireNamespaces(true);
  const tf::RawPlan call = PlanCreate(
      {{"namespace", Str("wb")},
       {"values_yaml", Yaml("{global: {licenseSecret: {name: s}}}")}});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].summary, HasSubstr("Namespace"));
}

TEST_F(PreflightTest, UpdatesAreLookedAtForReferencesToo) {
  const Applied applied = Ready({{"values", Map({{"a", Int(1)}})}});
  PutInstance();
  PutOperator(false);
  client_->ClearCalls();
  Plan(applied.state, applied.config, applied.private_data);
  EXPECT_THAT(client_->calls(), IsEmpty());  // Nothing changes.
  const tf::RawPlan call = Plan(
      applied.state, Make({{"values_yaml", Yaml("{ingress: {class: x}}")}}),
      applied.private_data);
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("IngressClass \"x\""));
}

}  // namespace
}  // namespace resources
