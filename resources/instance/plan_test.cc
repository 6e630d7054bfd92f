// wandb_instance through the calls that core makes. Whatever is planned or
// applied here also passes core's own checks.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/tf/core_rules.h"
#include "resources/instance/compile.h"
#include "resources/instance/instance_resource.h"
#include "resources/instance/model.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Fields = std::map<std::string, cty::Value>;

const cty::Type kString = cty::Type::String();

cty::Value Str(const std::string& text) { return cty::Value::String(text); }
cty::Value Int(int64_t value) { return cty::Value::Int(value); }
cty::Value UnknownStr() { return cty::Value::Unknown(kString); }
cty::Value Map(Fields fields) { return cty::Value::Object(std::move(fields)); }

class InstanceTest : public ::testing::Test {
 protected:
  cty::Value Make(Fields fields) const {
    return cty::Value::ObjectOf(resource_->schema().ImpliedType(),
                                std::move(fields));
  }
  cty::Value Nothing() const {
    return cty::Value::Null(resource_->schema().ImpliedType());
  }

  // What core proposes: configured values, else prior ones where computed.
  // Enough for this schema: nothing is computed inside its nested attributes.
  cty::Value Proposed(const cty::Value& prior, const cty::Value& config) const {
    if (!prior.IsKnown() || !config.IsKnown()) return config;
    Fields fields = config.fields();
    for (const tf::Attribute& attribute : resource_->schema().attributes) {
      cty::Value& value = fields[attribute.name];
      if (value.IsNull() && attribute.computed()) {
        value = prior.At(attribute.name);
      }
    }
    return Make(std::move(fields));
  }

  tf::RawPlan Plan(const cty::Value& prior, const cty::Value& config,
                   Json private_data = Json::object()) const {
    tf::RawPlan call{.config = config,
                     .prior = prior,
                     .proposed = Proposed(prior, config),
                     .private_data = std::move(private_data)};
    resource_->Plan({}, call);
    if (!call.diags.HasError()) {
      EXPECT_THAT(
          tf::PlanFaults(resource_->schema(), prior, config, call.planned),
          IsEmpty());
    }
    return call;
  }
  tf::RawPlan PlanCreate(Fields fields) const {
    return Plan(Nothing(), Make(std::move(fields)));
  }

  tf::RawApply Apply(const cty::Value& prior, const cty::Value& config,
                     const tf::RawPlan& plan) const {
    tf::RawApply call{.config = config,
                      .prior = prior,
                      .planned = plan.planned,
                      .private_data = plan.private_data};
    resource_->Apply({}, call);
    if (!call.diags.HasError()) {
      EXPECT_THAT(
          tf::ApplyFaults(resource_->schema(), plan.planned, call.state),
          IsEmpty());
    }
    return call;
  }
  tf::RawRead Read(const cty::Value& state, Json private_data) const {
    tf::RawRead call{.state = state, .private_data = std::move(private_data)};
    resource_->Read({}, call);
    return call;
  }

  // State and private data of an instance that was applied with `fields` and
  // seen ready, over the release channel's `values`.
  struct Applied {
    cty::Value config, state;
    Json private_data;
  };
  Applied Ready(Fields fields, Json channel_values = Json::object()) const {
    Applied out;
    out.config = Make(std::move(fields));
    tf::RawPlan plan = Plan(Nothing(), out.config);
    RecordedLayers layers;
    layers.channel = wandb::SpecLayer{
        {{"url", "https://charts.test"}, {"name", "operator-wandb"}},
        std::move(channel_values),
        nullptr};
    layers.ToPrivate(plan.private_data);
    out.private_data = plan.private_data;
    InstanceModel model = tf::Codec<InstanceModel>::Decode(plan.planned);
    const Compiled compiled = Compile(model);
    SetEffective(EffectiveOf(model, compiled.layer(), layers), compiled.mask,
                 model);
    model.uid = std::string("uid-1");
    model.generation = 1;
    model.phase = std::string("Completed");
    model.ready = true;
    out.state = tf::Codec<InstanceModel>::Encode(model);
    EXPECT_TRUE(out.state.IsWhollyKnown());
    return out;
  }

  static kube::ObjectRef Ref() {
    return {"apps.wandb.com", "v1", "weightsandbiases", "default", "wandb"};
  }

  const std::shared_ptr<support::FakeClient> client_ =
      std::make_shared<support::FakeClient>();
  const std::shared_ptr<support::FakeSession> session_ =
      std::make_shared<support::FakeSession>(
          std::shared_ptr<kube::Client>(client_));
  const std::unique_ptr<tf::Resource> resource_ = NewInstanceResource(session_);
};

// ---- The plan of a create ----

TEST_F(InstanceTest, PlanAsksNothingOfTheCluster) {
  PlanCreate({{"host", Str("https://w.test")}});
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(InstanceTest, PlanShowsWhatIsWritten) {
  const cty::Value planned =
      PlanCreate({{"host", Str("https://w.test")},
                  {"license", Str("secret")},
                  {"values", Map({{"a", Map({{"b", Int(1)}})}})}})
          .planned;
  EXPECT_EQ(planned.At("configured_values"),
            cty::Value::Map(kString, {{"a.b", Str("1")},
                                      {"global.host", Str("https://w.test")},
                                      {"global.license", Str("(sensitive)")}}));
  EXPECT_EQ(planned.At("id"), Str("default/wandb"));
  EXPECT_EQ(planned.At("url"), Str("https://w.test"));
}

TEST_F(InstanceTest, WithoutTheChannelTheEffectivePartIsOpen) {
  const cty::Value planned =
      PlanCreate({{"values", Map({{"a", Int(1)}})}}).planned;
  EXPECT_TRUE(planned.At("effective_values").IsUnknown());
  EXPECT_TRUE(planned.At("effective_origin").IsUnknown());
  EXPECT_TRUE(planned.At("effective_chart").IsUnknown());
  EXPECT_TRUE(planned.At("url").IsUnknown());
}

TEST_F(InstanceTest, AirGappedPlanIsComplete) {
  const cty::Value planned =
      PlanCreate({{"airgapped", cty::Value::Bool(true)},
                  {"values", Map({{"a", Int(1)}})},
                  {"chart", tf::Codec<ChartModel>::Encode(
                                {.path = std::string("/charts/x")})}})
          .planned;
  EXPECT_EQ(planned.At("effective_values").At("a"), Str("1"));
  EXPECT_EQ(planned.At("effective_origin").At("a"), Str("custom_resource"));
  EXPECT_EQ(planned.At("effective_chart").At("kind"), Str("local"));
  EXPECT_EQ(planned.At("effective_chart").At("path"), Str("/charts/x"));
  EXPECT_TRUE(planned.At("effective_values").IsWhollyKnown());
}

TEST_F(InstanceTest, ReleasePreviewStandsInForTheChannel) {
  const cty::Value release =
      Map({{"chart", Map({{"url", Str("https://charts.test")},
                          {"name", Str("operator-wandb")},
                          {"version", Str("1.2.3")}})},
           {"values", Map({{"a", Int(1)}, {"b", Int(2)}})}});
  const cty::Value planned =
      PlanCreate({{"release", release}, {"values", Map({{"a", Int(9)}})}})
          .planned;
  EXPECT_EQ(planned.At("effective_values").At("a"), Str("9"));
  EXPECT_EQ(planned.At("effective_values").At("b"), Str("2"));
  EXPECT_EQ(planned.At("effective_origin").At("a"), Str("custom_resource"));
  EXPECT_EQ(planned.At("effective_origin").At("b"), Str("release_channel"));
  EXPECT_EQ(planned.At("effective_chart").At("version"), Str("1.2.3"));
}

TEST_F(InstanceTest, InvalidReleasePreviewIsAnError) {
  const tf::RawPlan call =
      PlanCreate({{"release", Map({{"values", Str("text")}})}});
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_EQ(call.diags.items()[0].path, cty::Path("release"));
}

TEST_F(InstanceTest, UnknownLeafIsOneOpenElement) {
  const cty::Value configured =
      PlanCreate({{"values", Map({{"a", UnknownStr()}, {"b", Int(1)}})}})
          .planned.At("configured_values");
  EXPECT_EQ(configured,
            cty::Value::Map(kString, {{"a", UnknownStr()}, {"b", Str("1")}}));
}

TEST_F(InstanceTest, UnknownShapeOpensTheWholeMap) {
  const cty::Value planned =
      PlanCreate(
          {{"values", Map({{"a", cty::Value::Unknown(cty::Type::Map(kString))},
                           {"b", Int(1)}})},
           {"airgapped", cty::Value::Bool(true)}})
          .planned;
  EXPECT_TRUE(planned.At("configured_values").IsUnknown());
  EXPECT_TRUE(planned.At("effective_values").IsUnknown());
}

TEST_F(InstanceTest, PlanInsideApplyAgreesWithTheEarlierOne) {
  const cty::Value open_map = cty::Value::Unknown(cty::Type::Dynamic());
  const std::vector<std::pair<Fields, Fields>> cases = {
      {{{"host", UnknownStr()}}, {{"host", Str("https://w.test")}}},
      {{{"namespace", UnknownStr()}}, {{"namespace", Str("ns")}}},
      {{{"values", Map({{"a", UnknownStr()}, {"b", open_map}})}},
       {{"values", Map({{"a", Str("x")}, {"b", Map({{"c", Int(1)}})}})}}},
      {{{"values", open_map}, {"host", Str("https://w.test")}},
       {{"values", Map({{"z", Int(1)}})}, {"host", Str("https://w.test")}}},
      {{{"sensitive_values", Map({{"p", UnknownStr()}})}},
       {{"sensitive_values", Map({{"p", Str("hidden")}})}}},
      {{{"airgapped", cty::Value::Unknown(cty::Type::Bool())}},
       {{"airgapped", cty::Value::Bool(true)}}},
      {{{"release", open_map}}, {{"release", cty::Value()}}},
      {{{"values_yaml", cty::Value::List(kString, {Str("a: 1"), UnknownStr()})},
        {"airgapped", cty::Value::Bool(true)}},
       {{"values_yaml", cty::Value::List(kString, {Str("a: 1"), Str("b: 2")})},
        {"airgapped", cty::Value::Bool(true)}}},
      {{{"operator", UnknownStr()}, {"airgapped", cty::Value::Bool(true)}},
       {{"operator", Str("ops/wandb")},
        {"airgapped", cty::Value::Bool(true)}}}};
  for (size_t i = 0; i < cases.size(); ++i) {
    const tf::RawPlan earlier = PlanCreate(cases[i].first);
    const tf::RawPlan later = PlanCreate(cases[i].second);
    EXPECT_FALSE(earlier.diags.HasError()) << i;
    EXPECT_FALSE(later.diags.HasError()) << i;
    EXPECT_THAT(tf::ReplanFaults(earlier.planned, later.planned), IsEmpty())
        << i;
  }
}

TEST_F(InstanceTest, UnconfiguredConnectionOnlyWarnsAtPlan) {
  const auto resource =
      NewInstanceResource(std::make_shared<support::FakeSession>(
          absl::InvalidArgumentError("no host is set")));
  const cty::Value config = Make({});
  tf::RawPlan call{.config = config,
                   .prior = Nothing(),
                   .proposed = config,
                   .private_data = Json::object()};
  resource->Plan({}, call);
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_THAT(call.diags.items(), SizeIs(1));
}

// ---- Clashes ----

TEST_F(InstanceTest, KindClashNamesPathAndBothSources) {
  const tf::RawPlan call = PlanCreate(
      {{"release", Map({{"values", Map({{"a", Map({{"b", Int(1)}})}})}})},
       {"values", Map({{"a", Str("text")}})}});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  ASSERT_TRUE(call.diags.HasError());
  const tf::Diagnostic& item = call.diags.items()[0];
  EXPECT_EQ(item.path, cty::Path("values"));
  EXPECT_THAT(item.summary, HasSubstr("a"));
  EXPECT_THAT(
      item.detail,
      AllOf(HasSubstr("string"), HasSubstr("map"), HasSubstr("custom resource"),
            HasSubstr("release channel"), Not(HasSubstr("text"))));
}

TEST_F(InstanceTest, NullClashNamesPathAndBothSources) {
  const tf::RawPlan call =
      PlanCreate({{"release", Map({{"values", Map({{"a", Int(1)}})}})},
                  {"values", Map({{"a", cty::Value()}})}});
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("null"), HasSubstr("custom resource"),
                    HasSubstr("release channel")));
}

TEST_F(InstanceTest, ClashWithARecordedLayerFailsThePlanOfAnUpdate) {
  const Applied applied = Ready({}, {{"a", {{"b", 1}}}});
  const tf::RawPlan call =
      Plan(applied.state, Make({{"values", Map({{"a", Int(1)}})}}),
           applied.private_data);
  EXPECT_TRUE(call.diags.HasError());
}

// ---- The plan of an update ----

TEST_F(InstanceTest, UnchangedConfigPlansThePriorState) {
  const Applied applied = Ready({{"values", Map({{"a", Int(1)}})}}, {{"b", 2}});
  EXPECT_EQ(Plan(applied.state, applied.config, applied.private_data).planned,
            applied.state);
}

TEST_F(InstanceTest, RecordedLayersMakeTheUpdatesPlanComplete) {
  const Applied applied =
      Ready({{"values", Map({{"a", Int(1)}})}}, {{"a", 0}, {"b", 2}});
  const cty::Value planned =
      Plan(applied.state, Make({{"values", Map({{"a", Int(5)}})}}),
           applied.private_data)
          .planned;
  EXPECT_EQ(planned.At("effective_values").At("a"), Str("5"));
  EXPECT_EQ(planned.At("effective_values").At("b"), Str("2"));
  EXPECT_EQ(planned.At("effective_origin").At("b"), Str("release_channel"));
  EXPECT_TRUE(planned.At("effective_values").IsWhollyKnown());
  EXPECT_EQ(planned.At("uid"), Str("uid-1"));
  EXPECT_TRUE(planned.At("generation").IsUnknown());
}

TEST_F(InstanceTest, RemovedValueShowsTheLayerBelow) {
  const Applied applied = Ready({{"values", Map({{"a", Int(1)}})}}, {{"a", 0}});
  const cty::Value planned =
      Plan(applied.state, Make({}), applied.private_data).planned;
  EXPECT_THAT(planned.At("configured_values").fields(), IsEmpty());
  EXPECT_EQ(planned.At("effective_values").At("a"), Str("0"));
}

TEST_F(InstanceTest, NotReadyPlansAnotherWait) {
  Applied applied = Ready({});
  Fields fields = applied.state.fields();
  fields["ready"] = cty::Value::Bool(false);
  applied.state = Make(fields);
  const cty::Value planned =
      Plan(applied.state, applied.config, applied.private_data).planned;
  EXPECT_TRUE(planned.At("ready").IsUnknown());
  // Without a wait there is nothing to do again.
  fields["wait"] = cty::Value::Bool(false);
  const cty::Value state = Make(fields);
  EXPECT_EQ(Plan(state, Make({{"wait", cty::Value::Bool(false)}}),
                 applied.private_data)
                .planned,
            state);
}

TEST_F(InstanceTest, HandEditOfAValuePlansAnUpdate) {
  Applied applied = Ready({{"values", Map({{"a", Int(1)}})}});
  Fields fields = applied.state.fields();
  fields["configured_values"] = cty::Value::Map(kString, {{"a", Str("7")}});
  const tf::RawPlan call =
      Plan(Make(std::move(fields)), applied.config, applied.private_data);
  EXPECT_EQ(call.planned.At("configured_values").At("a"), Str("1"));
  EXPECT_THAT(call.requires_replace, IsEmpty());
}

TEST_F(InstanceTest, NewNameOrNamespaceReplaces) {
  const Applied applied = Ready({});
  EXPECT_THAT(
      Plan(applied.state, Make({{"name", Str("other")}}), applied.private_data)
          .requires_replace,
      ElementsAre(cty::Path("name")));
  EXPECT_THAT(Plan(applied.state, Make({{"namespace", Str("other")}}),
                   applied.private_data)
                  .requires_replace,
              ElementsAre(cty::Path("namespace")));
}

TEST_F(InstanceTest, ChangedPreviewIsNoUpdateOnceTheChannelIsKnown) {
  const auto release = [](int64_t value) {
    return Map({{"values", Map({{"a", Int(value)}})}});
  };
  const Applied applied = Ready({{"release", release(1)}}, {{"a", 1}});
  EXPECT_EQ(
      Plan(applied.state, Make({{"release", release(2)}}), applied.private_data)
          .planned,
      applied.state);
}

// ---- Apply, read, delete ----

TEST_F(InstanceTest, CreateWritesTheCustomResource) {
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)},
                                  {"host", Str("https://w.test")},
                                  {"values", Map({{"a", cty::Value()}})}});
  const tf::RawApply call = Apply(Nothing(), config, Plan(Nothing(), config));
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  const Json live = client_->Stored(Ref());
  EXPECT_EQ(live["spec"]["values"],
            Json({{"a", nullptr}, {"global", {{"host", "https://w.test"}}}}));
  EXPECT_FALSE(live["spec"].contains("chart"));
  EXPECT_EQ(call.state.At("uid"), Str(kube::UidOf(live)));
  // The channel was never seen: what depends on it is null, not a guess.
  EXPECT_TRUE(call.state.At("effective_values").IsNull());
  EXPECT_EQ(call.state.At("ready"), cty::Value::Bool(false));
}

TEST_F(InstanceTest, ForeignObjectIsLeftAloneAndPointsToImport) {
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"},
                       {"spec", {{"values", {{"x", 1}}}}}});
  const Json before = client_->Stored(Ref());
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)}});
  const tf::RawApply call = Apply(Nothing(), config, Plan(Nothing(), config));
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("import"));
  EXPECT_TRUE(call.state.IsNull());
  EXPECT_EQ(client_->Stored(Ref()), before);
}

TEST_F(InstanceTest, ReadAfterApplyFindsNoDrift) {
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)},
                                  {"airgapped", cty::Value::Bool(true)},
                                  {"values", Map({{"a", Int(1)}})}});
  const tf::RawApply applied =
      Apply(Nothing(), config, Plan(Nothing(), config));
  const tf::RawRead read = Read(applied.state, applied.private_data);
  EXPECT_FALSE(read.diags.HasError());
  EXPECT_EQ(read.state, applied.state);
  EXPECT_EQ(Plan(read.state, config, read.private_data).planned, read.state);
}

TEST_F(InstanceTest, ReadShowsAHandEditAndApplyTakesItBack) {
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)},
                                  {"airgapped", cty::Value::Bool(true)},
                                  {"values", Map({{"a", Int(1)}})}});
  const tf::RawApply applied =
      Apply(Nothing(), config, Plan(Nothing(), config));
  Json edited = client_->Stored(Ref());
  edited["spec"]["values"]["a"] = 2;
  edited["spec"]["values"]["theirs"] = true;
  client_->Put(Ref(), edited, "kubectl-edit");
  const tf::RawRead read = Read(applied.state, applied.private_data);
  EXPECT_EQ(read.state.At("configured_values"),
            cty::Value::Map(kString, {{"a", Str("2")}}));
  const tf::RawApply again =
      Apply(read.state, config, Plan(read.state, config, read.private_data));
  EXPECT_FALSE(again.diags.HasError());
  EXPECT_EQ(client_->Stored(Ref())["spec"]["values"],
            Json({{"a", 1}, {"theirs", true}}));
}

TEST_F(InstanceTest, StateIsDroppedOnlyWhenTheObjectIsCertainlyGone) {
  const Applied applied = Ready({});
  EXPECT_TRUE(Read(applied.state, applied.private_data).state.IsNull());
  for (const absl::Status& status :
       {absl::UnavailableError("x"), absl::PermissionDeniedError("x"),
        absl::UnauthenticatedError("x")}) {
    client_->FailNext(status, "GET");
    const tf::RawRead read = Read(applied.state, applied.private_data);
    EXPECT_TRUE(read.diags.HasError()) << status;
    EXPECT_EQ(read.state, applied.state) << status;
  }
}

TEST_F(InstanceTest, DeleteRemovesOursAndSparesASuccessor) {
  const cty::Value config = Make({{"wait", cty::Value::Bool(false)}});
  const tf::RawApply applied =
      Apply(Nothing(), config, Plan(Nothing(), config));
  const auto destroy = [&] {
    return Apply(applied.state, Nothing(),
                 Plan(applied.state, Nothing(), applied.private_data));
  };
  EXPECT_TRUE(destroy().state.IsNull());
  EXPECT_TRUE(client_->Stored(Ref()).is_null());
  // Once more: gone already is success.
  EXPECT_FALSE(destroy().diags.HasError());
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"}});
  EXPECT_FALSE(destroy().diags.HasError());
  EXPECT_FALSE(client_->Stored(Ref()).is_null());
}

TEST_F(InstanceTest, FailedDeleteKeepsTheState) {
  const Applied applied = Ready({});
  client_->FailNext(absl::PermissionDeniedError("no"), "DELETE");
  const tf::RawApply call =
      Apply(applied.state, Nothing(),
            Plan(applied.state, Nothing(), applied.private_data));
  EXPECT_TRUE(call.diags.HasError());
  EXPECT_EQ(call.state, applied.state);
}

TEST_F(InstanceTest, SecretsOfTheConfigurationStayOutOfMessages) {
  const cty::Value config = Make(
      {{"wait", cty::Value::Bool(false)}, {"license", Str("license-text")}});
  client_->FailNext(absl::InvalidArgumentError("bad: license-text"), "APPLY");
  const tf::RawApply call = Apply(Nothing(), config, Plan(Nothing(), config));
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("bad: "), Not(HasSubstr("license-text"))));
}

TEST_F(InstanceTest, ImportReadsWhatTheObjectHolds) {
  tf::RawImport import{.id = "default/wandb"};
  resource_->Import({}, import);
  ASSERT_FALSE(import.diags.HasError());
  ASSERT_TRUE(client_
                  ->Apply({}, Ref(),
                          {{"kind", "WeightsAndBiases"},
                           {"metadata", {{"labels", {{"team", "ml"}}}}},
                           {"spec", {{"values", {{"a", 1}}}}}},
                          {.field_manager = "kubectl"})
                  .ok());
  const tf::RawRead read = Read(import.state, import.private_data);
  ASSERT_FALSE(read.diags.HasError()) << read.diags.items()[0].detail;
  EXPECT_TRUE(read.state.IsWhollyKnown());
  EXPECT_EQ(read.state.At("values"), Map({{"a", Int(1)}}));
  EXPECT_EQ(read.state.At("labels"),
            cty::Value::Map(kString, {{"team", Str("ml")}}));
  EXPECT_EQ(read.state.At("configured_values").At("a"), Str("1"));
}

TEST_F(InstanceTest, ImportByIdentityIsTheSameAsById) {
  tf::RawImport by_id{.id = "ns/x"};
  resource_->Import({}, by_id);
  tf::RawImport by_identity{.identity = {{"namespace", "ns"}, {"name", "x"}}};
  resource_->Import({}, by_identity);
  EXPECT_EQ(by_identity.state, by_id.state);
  for (const char* id : {"", "x", "a/b/c", "/x", "x/"}) {
    tf::RawImport bad{.id = id};
    resource_->Import({}, bad);
    EXPECT_TRUE(bad.diags.HasError()) << id;
  }
}

}  // namespace
}  // namespace resources
