// The plans of wandb_instance.
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

// ---- The plan of a create ----

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
  EXPECT_TRUE(planned.At("version").IsUnknown());
}

TEST_F(InstanceTest, TheVersionIsTheTagOfTheStrongestLayer) {
  const auto tagged = [](const char* tag) {
    return Map({{"app", Map({{"image", Map({{"tag", Str(tag)}})}})}});
  };
  const auto version = [this](Fields fields) {
    return PlanCreate(std::move(fields)).planned.At("version");
  };
  // Nothing below goes before that of the custom resource.
  EXPECT_EQ(version({{"values", tagged("0.79.0")}}), Str("0.79.0"));
  const cty::Value release = Map({{"values", tagged("0.78.0")}});
  EXPECT_EQ(version({{"release", release}}), Str("0.78.0"));
  EXPECT_EQ(version({{"release", release}, {"values", tagged("0.79.0")}}),
            Str("0.79.0"));
  EXPECT_TRUE(version({{"airgapped", Flag(true)}}).IsNull());
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
  // The data source as a whole, values alone, nothing.
  for (const cty::Value& wrong :
       {Map({{"release", Map({{"values", Map({})}})}}),
        Map({{"global", Map({{"host", Str("h")}})}}), Map({})}) {
    const auto items = PlanCreate({{"release", wrong}}).diags.items();
    ASSERT_FALSE(items.empty());
    EXPECT_EQ(items[0].path, cty::Path("release"));
    EXPECT_THAT(items[0].detail,
                HasSubstr("data.wandb_release_channel.NAME.release"));
  }
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
      {{{"values",
         Map({{"args", cty::Value::Tuple({UnknownStr(), Str("x")})}})},
        {"airgapped", cty::Value::Bool(true)}},
       {{"values",
         Map({{"args", cty::Value::Tuple({Str("--token"), Str("x")})}})},
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

TEST_F(InstanceTest, OperatorIdIsCheckedAtPlanAsMocksMakeItUp) {
  const auto validated = [this](const char* id) {
    tf::Diagnostics diags;
    resource_->Validate(Make({{"operator", Str(id)}}), diags);
    return !diags.HasError();
  };
  EXPECT_TRUE(validated("xK3j9"));  // As mock_provider makes it.
  for (const char* bad : {"xK3j9", "/wandb", "wandb/", "a/b/c", ""}) {
    const tf::RawPlan call = PlanCreate({{"operator", Str(bad)}});
    ASSERT_TRUE(call.diags.HasError()) << bad;
    EXPECT_EQ(call.diags.items()[0].path, cty::Path("operator")) << bad;
  }
  EXPECT_FALSE(PlanCreate({{"operator", Str("a/b")}}).diags.HasError());
}

TEST_F(InstanceTest, ConnectionThatIsMissingWarnsAtPlanAndAWrongOneFails) {
  const auto plan = [this](const absl::Status& connection) {
    const auto resource =
        NewInstanceResource(std::make_shared<support::FakeSession>(connection));
    const cty::Value config = Make({});
    tf::RawPlan call{.config = config,
                     .prior = Nothing(),
                     .proposed = config,
                     .private_data = Json::object()};
    resource->Plan({}, call);
    EXPECT_THAT(call.diags.items(), SizeIs(1));
    return call.diags.HasError();
  };
  EXPECT_FALSE(plan(absl::FailedPreconditionError("no cluster is configured")));
  EXPECT_TRUE(plan(absl::NotFoundError("/k does not exist")));
}

// ---- Clashes ----

TEST_F(InstanceTest, KindClashNamesPathAndBothSources) {
  const tf::RawPlan call = PlanCreate(
      {{"release", Map({{"values", Map({{"a", Map({{"b", Int(1)}})}})}})},
       {"values", Map({{"a", Str("text")}})}});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  ASSERT_TRUE(call.diags.HasError());
  const tf::Diagnostic& item = call.diags.items()[0];
  EXPECT_FALSE(item.path.has_value());  // Its source may show secrets.
  EXPECT_THAT(item.detail,
              AllOf(HasSubstr("  error: a is "), HasSubstr("string"),
                    HasSubstr("map"), HasSubstr("custom resource"),
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

}  // namespace
}  // namespace resources
