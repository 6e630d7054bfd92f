#include "provider/plugin/services/provider_service.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/plugin/services/convert.h"
#include "provider/plugin/services/provider_calls.h"
#include "provider/plugin/services/registry.h"
#include "provider/tf/provider_faults.h"

namespace plugin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
namespace pb = tfplugin6;

tf::Schema NameOnly() {
  return {.attributes = {{"name", cty::Type::String(), nullptr, {}}}};
}

// Every call of it ends by an exception, after a warning.
class ThrowingResource : public tf::Resource {
 public:
  explicit ThrowingResource(std::string name) : name_(std::move(name)) {}
  const std::string& type_name() const override { return name_; }
  const tf::Schema& schema() const override { return schema_; }
  void Validate(const cty::Value&, tf::Diagnostics&) const override { Throw(); }
  void Plan(const base::Context&, tf::RawPlan&) const override { Throw(); }
  void Apply(const base::Context&, tf::RawApply& call) const override {
    call.state = call.planned;
    call.private_data = {{"half", "done"}};
    Throw();
  }
  void Read(const base::Context&, tf::RawRead& call) const override {
    call.state = cty::Value::Null(call.state.type());
    Throw();
  }
  void Import(const base::Context&, tf::RawImport&) const override { Throw(); }

 private:
  static void Throw() { throw std::runtime_error("broken"); }

  const std::string name_;
  const tf::Schema schema_ = NameOnly();
};

// Takes over test_old of version 3, by its title.
class MovableResource final : public ThrowingResource {
 public:
  MovableResource() : ThrowingResource("test_movable") {}
  std::vector<tf::IdentityAttribute> identity() const override {
    return {{.name = "name"}};
  }
  void Move(const base::Context&, tf::RawMove& call) const override {
    if (call.type_name != "test_old" || call.schema_version != 3) return;
    if (!call.source_state.contains("title")) {
      call.diags.AddError("No title", "There must be one.");
      return;
    }
    call.state = cty::Value::ObjectOf(
        schema().ImpliedType(),
        {{"name", cty::Value::String(absl::StrCat(
                      call.provider_address, " ",
                      call.source_state["title"].get<std::string>()))}});
    call.private_data = {{"was", call.source_private}};
  }
};

// Plans what is proposed; its identity is its name.
class PlannedResource final : public ThrowingResource {
 public:
  PlannedResource() : ThrowingResource("test_planned") {}
  std::vector<tf::IdentityAttribute> identity() const override {
    return {{.name = "name"}};
  }
  void Plan(const base::Context&, tf::RawPlan& call) const override {
    call.planned = call.proposed;
  }
};

// Its identity has an attribute that the schema lacks.
class UnidentifiedResource final : public ThrowingResource {
 public:
  UnidentifiedResource() : ThrowingResource("test_unidentified") {}
  std::vector<tf::IdentityAttribute> identity() const override {
    return {{.name = "uid"}};
  }
};

class ThrowingProvider : public tf::Provider {
 public:
  ThrowingProvider() {
    parts_.resources.push_back(
        std::make_unique<ThrowingResource>("test_thing"));
    parts_.resources.push_back(std::make_unique<MovableResource>());
    parts_.functions.push_back({.name = "fail",
                                .result = cty::Type::String(),
                                .call = [](const auto&) -> tf::FunctionResult {
                                  throw std::runtime_error("broken");
                                }});
  }
  void Add(std::unique_ptr<tf::Resource> resource) {
    parts_.resources.push_back(std::move(resource));
  }
  const tf::Schema& schema() const override { return schema_; }
  void Validate(const cty::Value&, tf::Diagnostics&) const override {
    throw std::runtime_error("broken");
  }
  void Configure(const base::Context&, tf::ConfigureCall&) override {
    throw std::runtime_error("broken");
  }
  bool ConfigUnknown() const override { return false; }
  const tf::Parts& parts() const override { return parts_; }

 private:
  const tf::Schema schema_ = NameOnly();
  tf::Parts parts_;
};

class ExceptionTest : public ::testing::Test {
 protected:
  static pb::DynamicValue State(const char* name) {
    pb::DynamicValue message;
    const cty::Type type = NameOnly().ImpliedType();
    EXPECT_TRUE(ToDynamic(name == nullptr
                              ? cty::Value::Null(type)
                              : cty::Value::ObjectOf(
                                    type, {{"name", cty::Value::String(name)}}),
                          type, &message)
                    .ok());
    return message;
  }

  // An error that says what was thrown, each time.
  template <typename Request, typename Response>
  Response ExpectError(grpc::Status (pb::Provider::Service::*rpc)(
                           grpc::ServerContext*, const Request*, Response*),
                       const Request& request) {
    Response response;
    for (int i = 0; i < 2; ++i) {
      response.Clear();
      EXPECT_TRUE((*service_.*rpc)(nullptr, &request, &response).ok());
      EXPECT_THAT(response.diagnostics(), SizeIs(1));
      for (const pb::Diagnostic& diagnostic : response.diagnostics()) {
        EXPECT_EQ(diagnostic.severity(), pb::Diagnostic::ERROR);
        EXPECT_THAT(diagnostic.detail(),
                    AllOf(HasSubstr("broken"), HasSubstr("bug")));
      }
    }
    return response;
  }

  ThrowingProvider provider_;
  base::StopSource stop_;
  const std::unique_ptr<pb::Provider::Service> service_ =
      NewProviderService(provider_, stop_);
};

class HidingProvider final : public ThrowingProvider {
 public:
  std::string Hide(absl::string_view text) const override {
    return absl::StrReplaceAll(text, {{"broken", "(sensitive)"}});
  }
};

// Whatever says it, from wherever it comes.
TEST(BorderTest, NothingLeavesWithASecretThatTheProviderKnows) {
  HidingProvider provider;
  base::StopSource stop;
  const auto service = NewProviderService(provider, stop);
  pb::ReadResource::Request request;
  request.set_type_name("test_thing");
  const cty::Type type = NameOnly().ImpliedType();
  ASSERT_TRUE(
      ToDynamic(cty::Value::ObjectOf(type, {{"name", cty::Value::String("n")}}),
                type, request.mutable_current_state())
          .ok());
  pb::ReadResource::Response response;
  EXPECT_TRUE(service->ReadResource(nullptr, &request, &response).ok());
  ASSERT_THAT(response.diagnostics(), SizeIs(1));
  EXPECT_THAT(response.diagnostics(0).detail(),
              AllOf(HasSubstr("(sensitive)"), Not(HasSubstr("broken"))));
  pb::CallFunction::Request call;
  call.set_name("fail");
  pb::CallFunction::Response result;
  EXPECT_TRUE(service->CallFunction(nullptr, &call, &result).ok());
  EXPECT_THAT(result.error().text(),
              AllOf(HasSubstr("(sensitive)"), Not(HasSubstr("broken"))));
}

TEST_F(ExceptionTest, OfAnApplyKeepsThePriorState) {
  pb::ApplyResourceChange::Request request;
  request.set_type_name("test_thing");
  *request.mutable_config() = State("new");
  *request.mutable_prior_state() = State("old");
  *request.mutable_planned_state() = State("new");
  request.set_planned_private("{\"kept\":1}");
  auto answer =
      ExpectError(&pb::Provider::Service::ApplyResourceChange, request);
  EXPECT_EQ(answer.new_state().msgpack(), State("old").msgpack());
  EXPECT_EQ(answer.private_(), "{\"kept\":1}");

  *request.mutable_config() = State(nullptr);
  *request.mutable_planned_state() = State(nullptr);
  answer = ExpectError(&pb::Provider::Service::ApplyResourceChange, request);
  EXPECT_EQ(answer.new_state().msgpack(), State("old").msgpack());
}

TEST_F(ExceptionTest, OfARefreshKeepsThePriorState) {
  pb::ReadResource::Request request;
  request.set_type_name("test_thing");
  *request.mutable_current_state() = State("old");
  request.set_private_("{\"kept\":1}");
  const auto answer =
      ExpectError(&pb::Provider::Service::ReadResource, request);
  EXPECT_EQ(answer.new_state().msgpack(), State("old").msgpack());
  EXPECT_EQ(answer.private_(), "{\"kept\":1}");
}

TEST_F(ExceptionTest, OfAnyOtherCallIsAnErrorToo) {
  pb::PlanResourceChange::Request plan;
  plan.set_type_name("test_thing");
  *plan.mutable_config() = State("new");
  *plan.mutable_prior_state() = State(nullptr);
  *plan.mutable_proposed_new_state() = State("new");
  ExpectError(&pb::Provider::Service::PlanResourceChange, plan);

  pb::ValidateResourceConfig::Request validate;
  validate.set_type_name("test_thing");
  *validate.mutable_config() = State("new");
  ExpectError(&pb::Provider::Service::ValidateResourceConfig, validate);

  pb::ImportResourceState::Request import;
  import.set_type_name("test_thing");
  import.set_id("x");
  const auto imported =
      ExpectError(&pb::Provider::Service::ImportResourceState, import);
  EXPECT_THAT(imported.imported_resources(), SizeIs(0));

  pb::ConfigureProvider::Request configure;
  *configure.mutable_config() = State("x");
  ExpectError(&pb::Provider::Service::ConfigureProvider, configure);

  pb::ValidateProviderConfig::Request validate_provider;
  *validate_provider.mutable_config() = State("x");
  ExpectError(&pb::Provider::Service::ValidateProviderConfig,
              validate_provider);

  pb::CallFunction::Request call;
  call.set_name("fail");
  pb::CallFunction::Response called;
  EXPECT_TRUE(service_->CallFunction(nullptr, &call, &called).ok());
  EXPECT_THAT(called.error().text(), HasSubstr("broken"));
}

class MoveTest : public ::testing::Test {
 protected:
  pb::MoveResourceState::Response Move(const std::string& source,
                                       const std::string& target,
                                       const std::string& state) {
    pb::MoveResourceState::Request request;
    request.set_source_provider_address("registry.example.com/test/old");
    request.set_source_type_name(source);
    request.set_source_schema_version(3);
    request.set_source_private(R"({"p": 1})");
    request.mutable_source_state()->set_json(state);
    request.set_target_type_name(target);
    pb::MoveResourceState::Response response;
    EXPECT_TRUE(service_->MoveResourceState(nullptr, &request, &response).ok());
    return response;
  }

  ThrowingProvider provider_;
  base::StopSource stop_;
  const std::unique_ptr<pb::Provider::Service> service_ =
      NewProviderService(provider_, stop_);
};

// OpenTofu cannot store one in a plan.
TEST(PlannedIdentityTest, IsLeftOutWhileAPartIsUnknown) {
  ThrowingProvider provider;
  provider.Add(std::make_unique<PlannedResource>());
  base::StopSource stop;
  const auto service = NewProviderService(provider, stop);
  const cty::Type type = NameOnly().ImpliedType();
  for (const bool known : {true, false}) {
    pb::DynamicValue wanted, nothing;
    const cty::Value name = known ? cty::Value::String("a")
                                  : cty::Value::Unknown(cty::Type::String());
    ASSERT_TRUE(
        ToDynamic(cty::Value::ObjectOf(type, {{"name", name}}), type, &wanted)
            .ok());
    ASSERT_TRUE(ToDynamic(cty::Value::Null(type), type, &nothing).ok());
    pb::PlanResourceChange::Request request;
    request.set_type_name("test_planned");
    *request.mutable_config() = wanted;
    *request.mutable_prior_state() = nothing;
    *request.mutable_proposed_new_state() = wanted;
    pb::PlanResourceChange::Response response;
    ASSERT_TRUE(service->PlanResourceChange(nullptr, &request, &response).ok());
    EXPECT_THAT(response.diagnostics(), SizeIs(0));
    EXPECT_EQ(response.has_planned_identity(), known);
  }
}

TEST_F(MoveTest, TheTargetGetsSourceStateAndPrivateData) {
  const auto answer = Move("test_old", "test_movable", R"({"title": "x"})");
  EXPECT_THAT(answer.diagnostics(), SizeIs(0));
  const auto state =
      FromDynamic(answer.target_state(), NameOnly().ImpliedType(), "state");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->At("name").AsString(), "registry.example.com/test/old x");
  EXPECT_EQ(FromPrivate(answer.target_private()),
            base::Json({{"was", {{"p", 1}}}}));
  EXPECT_TRUE(answer.has_target_identity());
}

TEST_F(MoveTest, WhatTheTargetDoesNotKnowIsRefusedByName) {
  for (const auto& [source, target] :
       {std::pair("test_other", "test_movable"), {"test_old", "test_thing"}}) {
    const auto answer = Move(source, target, R"({"title": "x"})");
    ASSERT_THAT(answer.diagnostics(), SizeIs(1));
    EXPECT_THAT(answer.diagnostics(0).detail(),
                AllOf(HasSubstr(source), HasSubstr(target)));
    EXPECT_FALSE(answer.has_target_state());
  }
  EXPECT_THAT(Move("test_old", "test_movable", "{}").diagnostics(0).summary(),
              HasSubstr("No title"));
  EXPECT_THAT(Move("test_old", "test_movable", "{").diagnostics(), SizeIs(1));
}

// A kind that the framework lacks: what a new file would hold.
class ActionCalls : public Kind {
 public:
  using Kind::Kind;
  void Describe(pb::GetMetadata::Response* response) const override {
    response->add_actions()->set_type_name("test_action");
  }
  grpc::Status ValidateActionConfig(
      grpc::ServerContext*, const pb::ValidateActionConfig::Request*,
      pb::ValidateActionConfig::Response* response) override {
    return Refuse(response, "Its own answer", "");
  }
};

class WithActions : public ProviderCalls, public ActionCalls {
 public:
  explicit WithActions(Registry& registry)
      : ProviderCalls(registry), ActionCalls(registry) {}
};

TEST(KindTest, ThatJoinsIsDescribedAndAnswersItsOwnCalls) {
  ThrowingProvider provider;
  base::StopSource stop;
  Registry registry(provider, stop);
  WithActions kinds(registry);
  pb::Provider::Service& service = kinds;
  pb::GetMetadata::Response metadata;
  EXPECT_TRUE(service.GetMetadata(nullptr, nullptr, &metadata).ok());
  ASSERT_THAT(metadata.actions(), SizeIs(1));
  EXPECT_EQ(metadata.actions(0).type_name(), "test_action");
  pb::ValidateActionConfig::Response answer;
  EXPECT_TRUE(service.ValidateActionConfig(nullptr, nullptr, &answer).ok());
  ASSERT_THAT(answer.diagnostics(), SizeIs(1));
  EXPECT_EQ(answer.diagnostics(0).summary(), "Its own answer");
}

TEST(ProviderFaultsTest, IdentitiesAndNamesAreHeldAgainstTheSchemas) {
  ThrowingProvider provider;
  EXPECT_THAT(tf::ProviderFaults(provider), IsEmpty());
  provider.Add(std::make_unique<ThrowingResource>("test_thing"));
  provider.Add(std::make_unique<UnidentifiedResource>());
  EXPECT_THAT(
      tf::ProviderFaults(provider),
      UnorderedElementsAre("test_thing: no name, or there twice",
                           "test_unidentified: identity \"uid\" is no string "
                           "of the schema"));
}

}  // namespace
}  // namespace plugin
