#include "provider/tf/resource.h"

#include <stdexcept>

#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/tf/core_rules.h"

namespace tf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const cty::Type kString = cty::Type::String();

cty::Value Str(const char* text) { return cty::Value::String(text); }

struct Thing {
  Attr<std::string> name, size, id, digest, secret;
  Attr<std::map<std::string, std::string>> labels;

  static const Bindings<Thing>& Fields() {
    using M = Thing;
    static const base::NeverDestroyed<Bindings<M>> kFields(Bindings<M>{
        Bind("name", &M::name,
             {.use = Use::kRequired, .replace_on_change = true}),
        Bind("size", &M::size,
             {.use = Use::kOptionalComputed, .fallback = Str("small")}),
        Bind("labels", &M::labels, {}),
        Bind("secret", &M::secret, {.write_only = true}),
        Bind("id", &M::id, {.use = Use::kComputed, .keep_on_update = true}),
        Bind("digest", &M::digest, {.use = Use::kComputed})});
    return *kFields;
  }
};

// Behaves as its hooks say; by default it succeeds.
class ThingResource final : public TypedResource<Thing> {
 public:
  ThingResource() : TypedResource("test_thing", 0, "A thing.") {}

  std::function<void(PlanCall<Thing>&)> plan = [](auto&) {};
  std::function<void(PlanDestroyCall<Thing>&)> plan_destroy = [](auto&) {};
  std::function<void(ApplyCall<Thing>&)> apply = [](ApplyCall<Thing>& call) {
    call.saved = call.planned;
    if (!call.planned.id.IsKnown()) call.saved->id = std::string("id-1");
    call.saved->digest = std::string("digest-1");
  };
  std::function<void(DeleteCall<Thing>&)> destroy = [](auto&) {};
  std::function<void(ReadCall<Thing>&)> refresh = [](auto&) {};

 protected:
  void PlanChange(const base::Context&, PlanCall<Thing>& call) const override {
    plan(call);
  }
  void PlanDestroy(const base::Context&,
                   PlanDestroyCall<Thing>& call) const override {
    plan_destroy(call);
  }
  void ApplyChange(const base::Context&,
                   ApplyCall<Thing>& call) const override {
    apply(call);
  }
  void Delete(const base::Context&, DeleteCall<Thing>& call) const override {
    destroy(call);
  }
  void Refresh(const base::Context&, ReadCall<Thing>& call) const override {
    refresh(call);
  }
  void ImportState(const base::Context&,
                   ImportCall<Thing>& call) const override {
    call.state.name = call.id;
    call.private_data["imported"] = true;
  }
};

class TypedResourceTest : public ::testing::Test {
 protected:
  cty::Value Make(std::map<std::string, cty::Value> fields) const {
    return cty::Value::ObjectOf(resource_.schema().ImpliedType(),
                                std::move(fields));
  }
  cty::Value Nothing() const {
    return cty::Value::Null(resource_.schema().ImpliedType());
  }
  cty::Value State() const {
    return Make({{"name", Str("a")},
                 {"size", Str("small")},
                 {"id", Str("id-1")},
                 {"digest", Str("digest-1")}});
  }

  // Plans as core asks for it; what core would refuse fails the test.
  RawPlan Plan(const cty::Value& prior, const cty::Value& config,
               const cty::Value& proposed) {
    RawPlan call{.config = config,
                 .prior = prior,
                 .proposed = proposed,
                 .private_data = base::Json::object()};
    resource_.Plan({}, call);
    EXPECT_THAT(PlanFaults(resource_.schema(), prior, config, call.planned),
                IsEmpty());
    return call;
  }

  RawApply Apply(const cty::Value& prior, const cty::Value& config,
                 const cty::Value& planned) {
    RawApply call{.config = config,
                  .prior = prior,
                  .planned = planned,
                  .private_data = base::Json::object()};
    resource_.Apply({}, call);
    if (!call.diags.HasError()) {
      EXPECT_THAT(ApplyFaults(resource_.schema(), planned, call.state),
                  IsEmpty());
    }
    return call;
  }

  ThingResource resource_;
};

TEST_F(TypedResourceTest, AnExceptionOfAnApplyIsAnErrorThatKeepsWhatWasSaved) {
  resource_.apply = [](ApplyCall<Thing>& call) {
    call.private_data["step"] = 1;
    throw std::runtime_error("broken");
  };
  const cty::Value config = Make({{"name", Str("a")}});
  const RawPlan plan = Plan(Nothing(), config, config);
  for (const cty::Value& prior : {Nothing(), State()}) {
    const RawApply call = Apply(prior, config, plan.planned);
    ASSERT_TRUE(call.diags.HasError());
    EXPECT_EQ(call.state, prior);
    EXPECT_EQ(call.private_data, base::Json({{"step", 1}}));
  }
  resource_.apply = [](ApplyCall<Thing>& call) {
    call.saved = call.planned;
    call.saved->id = std::string("id-1");
    throw std::runtime_error("broken");
  };
  const RawApply call = Apply(Nothing(), config, plan.planned);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_EQ(call.state.At("id"), Str("id-1"));
}

TEST_F(TypedResourceTest, AnExceptionOfADestroyIsAnErrorThatKeepsTheState) {
  resource_.destroy = [](auto&) { throw 1; };
  for (int i = 0; i < 2; ++i) {
    const RawApply call = Apply(State(), Nothing(), Nothing());
    EXPECT_TRUE(call.diags.HasError());
    EXPECT_EQ(call.state, State());
  }
}

TEST_F(TypedResourceTest, CreatePlansDefaultsAndUnknowns) {
  const cty::Value config = Make({{"name", Str("a")}});
  const RawPlan call = Plan(Nothing(), config, config);
  EXPECT_EQ(call.planned, Make({{"name", Str("a")},
                                {"size", Str("small")},
                                {"id", cty::Value::Unknown(kString)},
                                {"digest", cty::Value::Unknown(kString)}}));
  EXPECT_THAT(call.requires_replace, IsEmpty());
}

TEST_F(TypedResourceTest, UnchangedConfigPlansThePriorState) {
  bool changed = true;
  resource_.plan = [&](auto& call) { changed = call.changed; };
  EXPECT_EQ(Plan(State(), Make({{"name", Str("a")}}), State()).planned,
            State());
  EXPECT_FALSE(changed);
}

TEST_F(TypedResourceTest, ChangeOpensComputedAttributesThatAreNotKept) {
  const cty::Value config = Make({{"name", Str("a")}, {"size", Str("big")}});
  const cty::Value proposed = Make({{"name", Str("a")},
                                    {"size", Str("big")},
                                    {"id", Str("id-1")},
                                    {"digest", Str("digest-1")}});
  const RawPlan call = Plan(State(), config, proposed);
  EXPECT_EQ(call.planned.At("id"), Str("id-1"));
  EXPECT_TRUE(call.planned.At("digest").IsUnknown());
  EXPECT_THAT(call.requires_replace, IsEmpty());
}

TEST_F(TypedResourceTest, ChangedNameRequiresReplacement) {
  const cty::Value config = Make({{"name", Str("b")}});
  const cty::Value proposed = Make({{"name", Str("b")},
                                    {"size", Str("small")},
                                    {"id", Str("id-1")},
                                    {"digest", Str("digest-1")}});
  EXPECT_THAT(Plan(State(), config, proposed).requires_replace,
              ElementsAre(cty::Path("name")));
}

TEST_F(TypedResourceTest, HandlerAloneCanMakeAChange) {
  resource_.plan = [](PlanCall<Thing>& call) {
    call.planned.digest = std::string("digest-2");
  };
  const cty::Value planned =
      Plan(State(), Make({{"name", Str("a")}}), State()).planned;
  EXPECT_EQ(planned.At("digest"), Str("digest-2"));
  EXPECT_EQ(planned.At("id"), Str("id-1"));
}

TEST_F(TypedResourceTest, UnknownElementsOfMapsStayInThePlan) {
  const cty::Value labels = cty::Value::Map(
      kString, {{"a", cty::Value::Unknown(kString)}, {"b", Str("x")}});
  const cty::Value config = Make({{"name", Str("a")}, {"labels", labels}});
  EXPECT_EQ(Plan(Nothing(), config, config).planned.At("labels"), labels);
}

TEST_F(TypedResourceTest, PlanInsideApplyAgreesWithTheFirst) {
  const cty::Value first =
      Make({{"name", Str("a")}, {"size", cty::Value::Unknown(kString)}});
  const cty::Value second = Make({{"name", Str("a")}, {"size", Str("big")}});
  EXPECT_THAT(ReplanFaults(Plan(Nothing(), first, first).planned,
                           Plan(Nothing(), second, second).planned),
              IsEmpty());
}

TEST_F(TypedResourceTest, DestroyPlanIsNullAndMayWarn) {
  resource_.plan_destroy = [](PlanDestroyCall<Thing>& call) {
    call.diags.AddWarning("destroys", call.state.name.value_or(""));
  };
  const RawPlan call = Plan(State(), Nothing(), Nothing());
  EXPECT_EQ(call.planned, Nothing());
  ASSERT_EQ(call.diags.items().size(), 1u);
  EXPECT_EQ(call.diags.items()[0].detail, "a");
}

TEST_F(TypedResourceTest, DestroyPlanMayRefuseByPrivateDataAndKeepsIt) {
  resource_.plan_destroy = [](PlanDestroyCall<Thing>& call) {
    if (call.private_data.contains("held")) call.diags.AddError("no", "held");
  };
  RawPlan call{.config = Nothing(),
               .prior = State(),
               .proposed = Nothing(),
               .private_data = {{"held", true}}};
  resource_.Plan({}, call);
  EXPECT_TRUE(call.diags.HasError());
  EXPECT_EQ(call.private_data, base::Json({{"held", true}}));
}

TEST_F(TypedResourceTest, PrivateDataGoesThroughPlan) {
  resource_.plan = [](PlanCall<Thing>& call) {
    EXPECT_EQ(call.private_data["in"], 1);
    call.private_data["out"] = 2;
  };
  RawPlan call{.config = Make({{"name", Str("a")}}),
               .prior = Nothing(),
               .proposed = Make({{"name", Str("a")}}),
               .private_data = {{"in", 1}}};
  resource_.Plan({}, call);
  EXPECT_EQ(call.private_data, base::Json({{"in", 1}, {"out", 2}}));
}

TEST_F(TypedResourceTest, ApplyFillsWhatThePlanLeftOpen) {
  const cty::Value config = Make({{"name", Str("a")}});
  const cty::Value planned = Plan(Nothing(), config, config).planned;
  EXPECT_EQ(Apply(Nothing(), config, planned).state, State());
}

TEST_F(TypedResourceTest, WriteOnlyValueComesFromConfigAndIsNotKept) {
  std::string seen;
  const auto succeed = resource_.apply;
  resource_.apply = [&](ApplyCall<Thing>& call) {
    seen = call.config.secret.value_or("");
    EXPECT_TRUE(call.planned.secret.IsNull());
    succeed(call);
  };
  const cty::Value config = Make({{"name", Str("a")}, {"secret", Str("s")}});
  const cty::Value planned = Plan(Nothing(), config, config).planned;
  EXPECT_TRUE(Apply(Nothing(), config, planned).state.At("secret").IsNull());
  EXPECT_EQ(seen, "s");
}

TEST_F(TypedResourceTest, FailedCreateWithoutAnObjectKeepsNothing) {
  resource_.apply = [](ApplyCall<Thing>& call) {
    call.diags.AddError("no", "no");
  };
  const cty::Value config = Make({{"name", Str("a")}});
  const cty::Value planned = Plan(Nothing(), config, config).planned;
  EXPECT_TRUE(Apply(Nothing(), config, planned).state.IsNull());
}

TEST_F(TypedResourceTest, FailedCreateKeepsThePartialObjectWithoutUnknowns) {
  resource_.apply = [](ApplyCall<Thing>& call) {
    call.saved = call.planned;
    call.saved->id = std::string("id-1");
    call.diags.AddError("no", "no");
  };
  const cty::Value config = Make({{"name", Str("a")}});
  const cty::Value planned = Plan(Nothing(), config, config).planned;
  EXPECT_EQ(
      Apply(Nothing(), config, planned).state,
      Make({{"name", Str("a")}, {"size", Str("small")}, {"id", Str("id-1")}}));
}

TEST_F(TypedResourceTest, FailedUpdateKeepsThePriorState) {
  resource_.apply = [](ApplyCall<Thing>& call) {
    EXPECT_TRUE(call.prior.has_value());
    call.diags.AddError("no", "no");
  };
  const cty::Value config = Make({{"name", Str("a")}, {"size", Str("big")}});
  const cty::Value planned = Make({{"name", Str("a")},
                                   {"size", Str("big")},
                                   {"id", Str("id-1")},
                                   {"digest", cty::Value::Unknown(kString)}});
  EXPECT_EQ(Apply(State(), config, planned).state, State());
}

TEST_F(TypedResourceTest, SuccessWithoutAStateIsReported) {
  resource_.apply = [](ApplyCall<Thing>&) {};
  const cty::Value config = Make({{"name", Str("a")}});
  const cty::Value planned = Plan(Nothing(), config, config).planned;
  EXPECT_TRUE(Apply(Nothing(), config, planned).diags.HasError());
}

TEST_F(TypedResourceTest, DeleteLeavesNullAndGetsTheState) {
  std::string name;
  resource_.destroy = [&](DeleteCall<Thing>& call) {
    name = call.state.name.value();
  };
  EXPECT_EQ(Apply(State(), Nothing(), Nothing()).state, Nothing());
  EXPECT_EQ(name, "a");
}

TEST_F(TypedResourceTest, FailedDeleteKeepsTheState) {
  resource_.destroy = [](DeleteCall<Thing>& call) {
    call.diags.AddError("no", "no");
  };
  EXPECT_EQ(Apply(State(), Nothing(), Nothing()).state, State());
}

TEST_F(TypedResourceTest, ReadShowsDriftAndDropsWhatIsGone) {
  RawRead call{.state = State(), .private_data = base::Json::object()};
  resource_.refresh = [](ReadCall<Thing>& read) {
    read.state.size = std::string("big");
    read.private_data["seen"] = true;
  };
  resource_.Read({}, call);
  EXPECT_EQ(call.state.At("size"), Str("big"));
  EXPECT_EQ(call.state.At("id"), Str("id-1"));
  EXPECT_EQ(call.private_data, base::Json({{"seen", true}}));
  resource_.refresh = [](ReadCall<Thing>& read) { read.gone = true; };
  resource_.Read({}, call);
  EXPECT_EQ(call.state, Nothing());
}

TEST_F(TypedResourceTest, ReadErrorKeepsTheState) {
  resource_.refresh = [](ReadCall<Thing>& read) {
    read.diags.AddError("no", "no");
  };
  RawRead call{.state = State(), .private_data = base::Json::object()};
  resource_.Read({}, call);
  EXPECT_EQ(call.state, State());
  EXPECT_TRUE(call.diags.HasError());
}

TEST_F(TypedResourceTest, ImportedStateHasDefaultsAndNothingUnknown) {
  RawImport call{.id = "a"};
  resource_.Import({}, call);
  EXPECT_EQ(call.state, Make({{"name", Str("a")}, {"size", Str("small")}}));
  EXPECT_TRUE(call.state.IsWhollyKnown());
  EXPECT_EQ(call.private_data, base::Json({{"imported", true}}));
}

}  // namespace
}  // namespace tf
