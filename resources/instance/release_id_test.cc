// release_id: what it writes into the Secret of the user input, what it gives
// back, and what the plan says of it.
#include <functional>

#include "gmock/gmock.h"
#include "tests/support/half_done.h"
#include "tests/support/pin_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// ---- Writing ----

TEST_F(PinTest, ACreatePinsBeforeTheOperatorCanSeeTheInstance) {
  std::vector<std::string> order;
  cluster_->OnWrite([&](const kube::ObjectRef& ref, const Json&) {
    order.push_back(absl::StrCat(ref.name, Pin().has_value() ? " pinned" : ""));
  });
  const tf::RawApply created = Change(Nothing(), Pinned("r1"));
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  EXPECT_THAT(order, ElementsAre("wandb-spec-user pinned", "wandb pinned",
                                 "wandb-spec-user pinned"));
  // In the shape that the operator reads, and its own from then on.
  const Json secret = cluster_->Stored(UserInput());
  const auto layer = wandb::ParseSpecSecret(secret);
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(*layer, wandb::SpecLayer({.values = {{"_releaseId", "r1"}}}));
  const Json& owner = base::ListAt(secret, "/metadata/ownerReferences").at(0);
  EXPECT_EQ(owner["uid"], kube::UidOf(cluster_->Stored(Ref())));
  EXPECT_EQ(owner["controller"], true);
  EXPECT_EQ(created.state.At("release_id"), Str("r1"));
}

TEST_F(PinTest, AnInstanceWithoutAPinLeavesTheSecretAlone) {
  PutUserInput(R"({"_releaseId":"r9"})");
  const tf::RawApply created = Change(Nothing(), Free());
  ASSERT_FALSE(created.diags.HasError());
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_TRUE(read.state.At("release_id").IsNull());
  Change(read.state, Nothing(), read.private_data);
  EXPECT_EQ(UserValues(), R"({"_releaseId":"r9"})");
}

TEST_F(PinTest, NothingElseOfTheSecretChanges) {
  const tf::RawApply created = Change(Nothing(), Free());
  PutUserInputOfLive(R"({"n": 12345678901234567890, "a":1.0})");
  const Json before = cluster_->Stored(UserInput());
  const tf::RawApply pinned =
      Change(created.state, Pinned("r1"), created.private_data);
  ASSERT_FALSE(pinned.diags.HasError()) << Text(pinned.diags);
  EXPECT_EQ(UserValues(),
            R"({"_releaseId":"r1","n": 12345678901234567890, "a":1.0})");
  Json after = cluster_->Stored(UserInput());
  after["data"]["values"] = before["data"]["values"];
  after["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"];
  Json managers = after["metadata"]["managedFields"];
  after["metadata"]["managedFields"] = before["metadata"]["managedFields"];
  EXPECT_EQ(after, before);
  EXPECT_THAT(managers.dump(), HasSubstr("\"console\""));
  // What runs is what it was: the custom resource is not changed.
  EXPECT_EQ(pinned.state.At("uid"), created.state.At("uid"));
}

// Somebody else writes between the look and the write, once.
class RacingClient final : public support::FakeClient {
 public:
  absl::StatusOr<Json> Patch(const base::Context& ctx,
                             const kube::ObjectRef& ref, const Json& patch,
                             const kube::PatchOptions& options) override {
    if (race && ref.resource == "secrets") std::exchange(race, nullptr)();
    return FakeClient::Patch(ctx, ref, patch, options);
  }
  std::function<void()> race;
};

TEST_F(PinTest, WhoeverIsFasterLosesNothing) {
  const auto racing = std::make_shared<RacingClient>();
  session_ = std::make_shared<support::FakeSession>(
      std::shared_ptr<kube::Client>(racing));
  resource_ = NewInstanceResource(session_);
  const auto put = [&](const std::string& values) {
    racing->Put(
        UserInput(),
        {{"data", {{"values", Encoded(values)}, {"chart", "bnVsbA=="}}}},
        "console");
  };
  const tf::RawApply created = Change(Nothing(), Free());
  put("{}");
  racing->race = [&] { put(R"({"theirs":1})"); };
  const tf::RawApply pinned =
      Change(created.state, Pinned("r1"), created.private_data);
  ASSERT_FALSE(pinned.diags.HasError()) << Text(pinned.diags);
  std::string values;
  absl::Base64Unescape(
      *base::StringAt(racing->Stored(UserInput()), "/data/values"), &values);
  EXPECT_EQ(values, R"({"_releaseId":"r1","theirs":1})");
}

TEST_F(PinTest, ADestroyDoesNotCallItsOwnPinSomebodyElses) {
  const tf::RawApply created = Change(Nothing(), Pinned("r1"));
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  const auto said = [&] {
    return Text(Plan(created.state, Nothing(), created.private_data).diags);
  };
  EXPECT_THAT(said(), Not(HasSubstr("System Console")));
  PutUserInputOfLive(R"({"_releaseId":"theirs"})");
  EXPECT_THAT(said(), HasSubstr("System Console"));
}

TEST_F(PinTest, TheLeftoverOfAnInstanceThatIsGoneIsNotWrittenTo) {
  PutUserInput(R"({"old":1})", "uid-gone");
  ASSERT_FALSE(Change(Nothing(), Pinned("r1")).diags.HasError());
  EXPECT_EQ(UserValues(), R"({"_releaseId":"r1"})");
  EXPECT_EQ(cluster_->Stored(UserInput())["metadata"]["ownerReferences"].size(),
            1U);
}

// ---- Giving back ----

TEST_F(PinTest, RemovingThePinGivesBackWhatWasThereBefore) {
  for (const char* before : {R"({"a":1})", R"({"_releaseId":"r0","a":1})"}) {
    SCOPED_TRACE(before);
    NewCluster();
    tf::RawApply call = Change(Nothing(), Free());
    PutUserInputOfLive(before);
    for (const char* release : {"r1", "r2"}) {
      call = Change(call.state, Pinned(release), call.private_data);
      ASSERT_FALSE(call.diags.HasError()) << Text(call.diags);
      EXPECT_EQ(Pin(), release);
      const tf::RawRead read = Read(call.state, call.private_data);
      EXPECT_EQ(read.state.At("release_id"), Str(release));
      call.state = read.state;
      call.private_data = read.private_data;
    }
    call = Change(call.state, Free(), call.private_data);
    ASSERT_FALSE(call.diags.HasError());
    EXPECT_EQ(base::ParseJson(UserValues(), "x").value(),
              base::ParseJson(before, "x").value());
    EXPECT_TRUE(call.state.At("release_id").IsNull());
    const tf::RawRead read = Read(call.state, call.private_data);
    EXPECT_TRUE(read.state.At("release_id").IsNull());
  }
}

TEST_F(PinTest, WhatTheConsoleChoseSinceShowsAndIsNotTakenBack) {
  const tf::RawApply pinned = Change(Nothing(), Pinned("r1"));
  PutUserInputOfLive(R"({"_releaseId":"theirs"})");
  const tf::RawRead read = Read(pinned.state, pinned.private_data);
  EXPECT_EQ(read.state.At("release_id"), Str("theirs"));
  // Kept, it is put right.
  const tf::RawPlan kept = Plan(read.state, Pinned("r1"), read.private_data);
  EXPECT_EQ(kept.planned.At("release_id"), Str("r1"));
  EXPECT_FALSE(kept.planned == read.state);
  // Given up, it is theirs.
  const tf::RawApply free = Change(read.state, Free(), read.private_data);
  ASSERT_FALSE(free.diags.HasError());
  EXPECT_EQ(Pin(), "theirs");
  const tf::RawRead after = Read(free.state, free.private_data);
  EXPECT_TRUE(after.state.At("release_id").IsNull());
}

TEST_F(PinTest, AutomaticUpdatesSwitchedOnInTheConsoleShow) {
  const tf::RawApply pinned = Change(Nothing(), Pinned("r1"));
  PutUserInputOfLive("{}");
  const tf::RawRead read = Read(pinned.state, pinned.private_data);
  EXPECT_TRUE(read.state.At("release_id").IsNull());
  ASSERT_FALSE(
      Change(read.state, Pinned("r1"), read.private_data).diags.HasError());
  EXPECT_EQ(Pin(), "r1");
}

TEST_F(PinTest, ADestroyGivesBackWhatOutlivesTheInstance) {
  for (const char* before : {R"({"a":1})", R"({"_releaseId":"r0"})"}) {
    NewCluster();
    PutUserInput(before);
    const tf::RawApply created = Change(Nothing(), Pinned("r1"));
    ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
    EXPECT_EQ(Pin(), "r1");
    ASSERT_FALSE(Change(created.state, Nothing(), created.private_data)
                     .diags.HasError());
    EXPECT_EQ(UserValues(), before);
  }
}

TEST_F(PinTest, ADestroyLeavesToKubernetesWhatBelongsToTheInstance) {
  const tf::RawApply created = Change(Nothing(), Pinned("r1"));
  const Json before = cluster_->Stored(UserInput());
  ASSERT_FALSE(
      Change(created.state, Nothing(), created.private_data).diags.HasError());
  EXPECT_EQ(cluster_->Stored(UserInput()), before);
}

// ---- Failures ----

TEST_F(PinTest, WhoMayNotWriteIsToldVerbSecretAndNamespace) {
  const tf::RawApply created = Change(Nothing(), Free());
  PutUserInputOfLive("{}");
  cluster_->FailNext(absl::PermissionDeniedError("no"), "PATCH");
  const tf::RawApply pinned =
      Change(created.state, Pinned("r1"), created.private_data);
  ASSERT_TRUE(pinned.diags.HasError());
  EXPECT_THAT(Text(pinned.diags),
              AllOf(HasSubstr("Cannot pin the release of default/wandb"),
                    HasSubstr("may not patch Secret \"wandb-spec-user\" in "
                              "namespace \"default\""),
                    HasSubstr("verbs: [patch]")));
  EXPECT_TRUE(pinned.state.At("release_id").IsNull());
}

TEST_F(PinTest, ContentThatTheOperatorCannotReadIsLeftAndNotQuoted) {
  const tf::RawApply created = Change(Nothing(), Free());
  PutUserInputOfLive("{canary");
  const tf::RawApply pinned =
      Change(created.state, Pinned("r1"), created.private_data);
  ASSERT_TRUE(pinned.diags.HasError());
  EXPECT_THAT(Text(pinned.diags), AllOf(HasSubstr("default/wandb-spec-user"),
                                        Not(HasSubstr("canary"))));
  EXPECT_EQ(UserValues(), "{canary");
}

TEST_F(PinTest, ACreateThatFailsLeavesNoPin) {
  cluster_->FailWrite(2, support::FaultyClient::Fault::kRefused);
  ASSERT_TRUE(Change(Nothing(), Pinned("r1")).diags.HasError());
  EXPECT_TRUE(cluster_->Stored(UserInput()).is_null());
  PutUserInput(R"({"_releaseId":"r0"})");
  cluster_->FailWrite(2, support::FaultyClient::Fault::kRefused);
  ASSERT_TRUE(Change(Nothing(), Pinned("r1")).diags.HasError());
  EXPECT_EQ(Pin(), "r0");
}

// It has pinned, and died before it could write the instance.
TEST_F(PinTest, WhatAKilledCreateHasPinnedShowsOnceTheInstanceIsThere) {
  ASSERT_TRUE(cluster_
                  ->Apply({}, UserInput(),
                          {{"apiVersion", "v1"},
                           {"kind", "Secret"},
                           {"metadata", {{"name", "wandb-spec-user"}}},
                           {"data",
                            {{"values", Encoded(R"({"_releaseId":"r1"})")},
                             {"chart", Encoded("null")}}}},
                          {.field_manager = session_->field_manager()})
                  .ok());
  const tf::RawApply created = Change(Nothing(), Free());
  ASSERT_FALSE(created.diags.HasError());
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_EQ(read.state.At("release_id"), Str("r1"));
  Change(read.state, Free(), read.private_data);
  EXPECT_EQ(Pin(), std::nullopt);
}

TEST_F(PinTest, ThePlanOfACreateNamesTheRightsThatThePinNeeds) {
  const kube::OwnRules::Rule reads{{"get"}, {""}, {"secrets"}, {}};
  const kube::OwnRules::Rule rest{{"*"}, {"apps.wandb.com", "apps"}, {"*"}, {}};
  const kube::OwnRules::Rule lists{{"list"}, {""}, {"pods", "events"}, {}};
  cluster_->SetOwnRules({.rules = {reads, rest, lists}, .complete = true});
  const auto missing = [&](Fields more) {
    more["wait"] = Flag(true);
    return Text(Plan(Nothing(), Make(std::move(more))).diags);
  };
  EXPECT_THAT(
      missing({{"release_id", Str("r1")}}),
      AllOf(HasSubstr("  patch secrets \"wandb-spec-user\" in namespace "
                      "\"default\"\n"),
            HasSubstr("  create secrets in namespace \"default\"\n")));
  EXPECT_THAT(missing({}), Not(HasSubstr("secrets in namespace")));
}

class PinHalfDoneTest
    : public PinTest,
      public ::testing::WithParamInterface<support::HalfDoneFault> {};

TEST_P(PinHalfDoneTest, CreateIsGoneOnWith) {
  for (int n = 1; n <= 3; ++n) {
    SCOPED_TRACE(n);
    NewCluster();
    cluster_->FailWrite(n, GetParam().fault);
    const tf::RawApply half = Change(Nothing(), Pinned("r1"));
    ASSERT_TRUE(half.diags.HasError());
    cluster_->FailWrite(0, GetParam().fault);
    StartAgain();
    // Core marks it as tainted, and forgets its private data.
    if (!GetParam().killed && half.state.IsKnown()) {
      ASSERT_FALSE(Change(half.state, Nothing()).diags.HasError());
    }
    const tf::RawApply done = Change(Nothing(), Pinned("r1"));
    ASSERT_FALSE(done.diags.HasError()) << Text(done.diags);
    EXPECT_EQ(Pin(), "r1");
    const tf::RawRead read = Read(done.state, done.private_data);
    EXPECT_EQ(read.state.At("release_id"), Str("r1"));
    const tf::RawApply free = Change(read.state, Free(), read.private_data);
    EXPECT_EQ(Pin(), std::nullopt);
    Change(free.state, Nothing(), free.private_data);
  }
}

TEST_P(PinHalfDoneTest, AnUpdateIsShownUntilItIsDone) {
  const auto with = [&](const std::string& host, const char* release) {
    Fields more = {{"host", Str(host)}};
    return release == nullptr ? Free(std::move(more))
                              : Pinned(release, std::move(more));
  };
  const struct {
    const char *from, *to;
  } updates[] = {{nullptr, "r1"}, {"r1", "r2"}, {"r1", nullptr}};
  for (const auto& update : updates) {
    const cty::Value wanted = with("https://b.test", update.to);
    for (int n = 1; n <= 2; ++n) {
      SCOPED_TRACE(absl::StrCat(update.from == nullptr ? "" : update.from,
                                " to ", update.to == nullptr ? "" : update.to,
                                ", write ", n));
      NewCluster();
      tf::RawApply created = Change(Nothing(), with("https://a.test", nullptr));
      PutUserInputOfLive(R"({"a":1})");
      if (update.from != nullptr) {
        created = Change(created.state, with("https://a.test", update.from),
                         created.private_data);
      }
      cluster_->FailWrite(n, GetParam().fault);
      const tf::RawApply half =
          Change(created.state, wanted, created.private_data);
      ASSERT_TRUE(half.diags.HasError());
      cluster_->FailWrite(0, GetParam().fault);
      StartAgain();
      const bool killed = GetParam().killed;
      const tf::RawRead read =
          Read(killed ? created.state : half.state,
               killed ? Json::object() : half.private_data);
      const tf::RawPlan plan = Plan(read.state, wanted, read.private_data);
      if (Pin() !=
          (update.to == nullptr ? std::optional<std::string>() : update.to)) {
        EXPECT_FALSE(plan.planned.At("release_id") ==
                     read.state.At("release_id"));
      }
      const tf::RawApply done = Apply(read.state, wanted, plan);
      ASSERT_FALSE(done.diags.HasError()) << Text(done.diags);
      EXPECT_EQ(Pin().value_or(""), update.to == nullptr ? "" : update.to);
      // Whatever happened, nothing of it stays.
      const tf::RawRead again = Read(done.state, done.private_data);
      Change(again.state, with("https://b.test", nullptr), again.private_data);
      EXPECT_EQ(UserValues(), R"({"a":1})");
    }
  }
}

// Who changes his mind sees that something was done.
TEST_P(PinHalfDoneTest, APinThatIsWantedNoMoreIsShown) {
  const tf::RawApply created = Change(Nothing(), Free());
  PutUserInputOfLive("{}");
  cluster_->FailWrite(2, GetParam().fault);
  const tf::RawApply half =
      Change(created.state, Pinned("r1"), created.private_data);
  ASSERT_TRUE(half.diags.HasError());
  cluster_->FailWrite(0, GetParam().fault);
  StartAgain();
  const bool killed = GetParam().killed;
  const tf::RawRead read = Read(killed ? created.state : half.state,
                                killed ? Json::object() : half.private_data);
  EXPECT_EQ(read.state.At("release_id").IsNull(), !Pin().has_value());
  ASSERT_FALSE(Change(read.state, Free(), read.private_data).diags.HasError());
  EXPECT_EQ(Pin(), std::nullopt);
}

TEST_P(PinHalfDoneTest, ADestroyIsGoneOnWith) {
  for (int n = 1; n <= 2; ++n) {
    SCOPED_TRACE(n);
    NewCluster();
    PutUserInput("{}");
    const tf::RawApply created = Change(Nothing(), Pinned("r1"));
    ASSERT_FALSE(created.diags.HasError());
    cluster_->FailWrite(n, GetParam().fault);
    const tf::RawApply half =
        Change(created.state, Nothing(), created.private_data);
    ASSERT_TRUE(half.diags.HasError());
    cluster_->FailWrite(0, GetParam().fault);
    StartAgain();
    const tf::RawApply& kept = GetParam().killed ? created : half;
    ASSERT_FALSE(
        Change(kept.state, Nothing(), kept.private_data).diags.HasError());
    EXPECT_EQ(UserValues(), "{}");
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, PinHalfDoneTest,
                         ::testing::ValuesIn(support::kHalfDoneFaults),
                         support::HalfDoneName);

// ---- The plan ----

TEST_F(PinTest, WhatTheReleaseDecidesIsUnknownUntilItIsSeen) {
  const tf::RawApply created = Change(Nothing(), Free());
  PutUserInputOfLive("{}");
  PutRelease("r1", "0.70.0");
  const tf::RawRead read = Read(created.state, created.private_data);
  ASSERT_EQ(read.state.At("version"), Str("0.70.0"));
  // The one that runs: known in full.
  const tf::RawPlan same = Plan(read.state, Pinned("r1"), read.private_data);
  EXPECT_EQ(same.planned.At("version"), Str("0.70.0"));
  EXPECT_EQ(same.planned.At("effective_values").At("_releaseId"), Str("r1"));
  EXPECT_EQ(same.planned.At("effective_origin").At("_releaseId"),
            Str("user_input"));
  const tf::RawApply pinned = Apply(read.state, Pinned("r1"), same);
  ASSERT_FALSE(pinned.diags.HasError());
  const tf::RawRead seen = Read(pinned.state, pinned.private_data);
  EXPECT_EQ(seen.state, pinned.state);
  EXPECT_THAT(Text(seen.diags), Not(HasSubstr("pinned release")));
  // Another one, none any more, and one that is not known.
  for (const cty::Value& config :
       {Pinned("r2"), Free(), Free({{"release_id", UnknownStr()}})}) {
    const tf::RawPlan other = Plan(seen.state, config, seen.private_data);
    ASSERT_FALSE(other.diags.HasError());
    EXPECT_TRUE(other.planned.At("effective_values").IsUnknown());
    EXPECT_TRUE(other.planned.At("version").IsUnknown());
    EXPECT_TRUE(other.planned.At("effective_chart").IsUnknown());
  }
  // Nothing else changes with another argument.
  const tf::RawPlan host =
      Plan(seen.state, Pinned("r1", {{"host", Str("https://w.test")}}),
           seen.private_data);
  EXPECT_EQ(host.planned.At("version"), Str("0.70.0"));
}

TEST_F(PinTest, APreviewCountsOnlyForThePinnedRelease) {
  const auto release = [](const char* id) {
    return Map(
        {{"values",
          Map({{"app", Map({{"image", Map({{"tag", Str("0.70.0")}})}})}})},
         {"metadata", Map({{"releaseId", Str(id)}})}});
  };
  const tf::RawPlan same =
      Plan(Nothing(), Pinned("r1", {{"release", release("r1")}}));
  EXPECT_EQ(same.planned.At("version"), Str("0.70.0"));
  const tf::RawPlan other =
      Plan(Nothing(), Pinned("r1", {{"release", release("r2")}}));
  EXPECT_TRUE(other.planned.At("version").IsUnknown());
}

TEST_F(PinTest, AReleaseThatTheChannelDoesNotGiveIsSaid) {
  const tf::RawApply created = Change(Nothing(), Pinned("r2"));
  PutRelease("r1", "0.70.0");
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_THAT(Text(read.diags),
              AllOf(HasSubstr("does not have the pinned release"),
                    HasSubstr("release_id is r2"), HasSubstr("is r1")));
  PutRelease("r2", "0.71.0");
  EXPECT_THAT(Text(Read(read.state, read.private_data).diags),
              Not(HasSubstr("pinned release")));
}

TEST_F(PinTest, AReleaseIsNotPinnedWhereNoneIsUsed) {
  const auto errors = [&](Fields more) {
    tf::Diagnostics diags;
    resource_->Validate(Pinned("r1", std::move(more)), diags);
    return Text(diags);
  };
  EXPECT_EQ(errors({}), "");
  EXPECT_THAT(errors({{"airgapped", Flag(true)}}),
              AllOf(HasSubstr("airgapped"), HasSubstr("release_id")));
  EXPECT_THAT(errors({{"chart", tf::Codec<ChartModel>::Encode(
                                    {.version = std::string("0.43.8")})}}),
              AllOf(HasSubstr("Remove chart"), HasSubstr("release_id")));
  for (const char* id : {"", "a b", "a/b", "a?b", "a%2fb"}) {
    tf::Diagnostics diags;
    tf::ValidateConfig(resource_->schema(), Pinned(id), {}, diags);
    EXPECT_TRUE(diags.HasError()) << id;
  }
}

}  // namespace
}  // namespace resources
