#include "resources/generation_guard.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/config_map.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"
#include "tests/support/operator_v2.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class GenerationGuardTest : public ::testing::Test {
 protected:
  GenerationGuardTest() {
    client_->Put(support::ConfigMapRef(),
                 {{"kind", "ConfigMap"}, {"data", {{"a", "1"}}}});
    client_->ClearCalls();
  }
  void Define(const Json& crd) {
    client_->Put(support::DefinitionRef(), crd);
    client_->ClearCalls();
  }

  // The statuses of one write of each kind.
  std::vector<absl::Status> WriteAll(bool dry_run = false) {
    return {
        guarded_
            ->Apply({}, support::ConfigMapRef(),
                    support::ConfigMap({{"b", "2"}}),
                    {.field_manager = "m", .dry_run = dry_run})
            .status(),
        guarded_
            ->Patch({}, support::ConfigMapRef(), {{"data", {{"c", "3"}}}},
                    {.field_manager = "m", .dry_run = dry_run})
            .status(),
        guarded_->Delete({}, support::ConfigMapRef(), {.dry_run = dry_run})};
  }

  const std::shared_ptr<support::FakeClient> client_ =
      std::make_shared<support::FakeClient>();
  support::FakeSession session_{std::shared_ptr<kube::Client>(client_)};
  tf::Diagnostics diags_;
  const Guarded texts_ = {.type = "wandb_thing",
                          .subject = "Thing a/b",
                          .harm = "It breaks.",
                          .way_out = "Or else."};
  const std::shared_ptr<kube::Client> guarded_ =
      GuardedClientOrReport(session_, texts_, diags_);
};

TEST_F(GenerationGuardTest, NoWriteReachesAClusterOfOperatorV2) {
  Define(support::DefinitionOfV2());
  const Json before = client_->Stored(support::ConfigMapRef());
  for (const absl::Status& status : WriteAll()) {
    EXPECT_TRUE(IsRefused(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("operator v2"), HasSubstr("It breaks."),
                      HasSubstr("from = wandb_thing.NAME"),
                      HasSubstr("destroy = false"), HasSubstr("state rm"),
                      HasSubstr("Or else.")));
  }
  EXPECT_EQ(client_->Stored(support::ConfigMapRef()), before);
  for (const auto& call : client_->calls()) EXPECT_EQ(call.verb, "GET");
}

TEST_F(GenerationGuardTest, ACreateHasNothingThatAStateCouldForget) {
  Guarded create = texts_;
  create.is_create = true;
  ReportRefused(create, diags_);
  ASSERT_THAT(diags_.items(), SizeIs(1));
  EXPECT_THAT(diags_.items()[0].detail,
              AllOf(HasSubstr("It breaks."), HasSubstr("Take its block out"),
                    HasSubstr("cannot be created"), Not(HasSubstr("state rm")),
                    Not(HasSubstr("removed {"))));
}

TEST_F(GenerationGuardTest, ToForgetItTheStateAndTheConfigurationLetGo) {
  ReportRefused(texts_, diags_);
  ASSERT_THAT(diags_.items(), SizeIs(1));
  EXPECT_THAT(diags_.items()[0].detail,
              AllOf(HasSubstr("replace its block"),
                    HasSubstr("take its block out of this configuration and "
                              "run \"tofu state rm"),
                    HasSubstr("the next plan is a create")));
}

TEST_F(GenerationGuardTest, ReadsAndDryRunsGoThroughUnasked) {
  Define(support::DefinitionOfV2());
  for (const absl::Status& status : WriteAll(true)) {
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_TRUE(guarded_->Get({}, support::ConfigMapRef()).ok());
  EXPECT_TRUE(
      guarded_->List({}, kube::CollectionOf(support::ConfigMapRef()), {}).ok());
  EXPECT_TRUE(guarded_->ServerVersion({}).ok());
  for (const auto& call : client_->calls()) {
    EXPECT_NE(call.ref, support::DefinitionRef());
  }
}

TEST_F(GenerationGuardTest, ALookIsForTheWritesOfTheNextMoment) {
  Define(support::DefinitionOfV1());
  const auto write = [this] {
    return guarded_
        ->Apply({}, support::ConfigMapRef(), support::ConfigMap({{"b", "2"}}),
                {.field_manager = "m"})
        .status();
  };
  ASSERT_TRUE(write().ok());
  const absl::Time allowed = absl::Now();
  Define(support::DefinitionOfV2());
  absl::Status refused;
  while (refused.ok() && absl::Now() < allowed + absl::Seconds(20)) {
    refused = write();
  }
  EXPECT_TRUE(IsRefused(refused)) << refused;
  EXPECT_TRUE(IsRefused(guarded_->Delete({}, support::ConfigMapRef(), {})));
  EXPECT_FALSE(client_->Stored(support::ConfigMapRef()).is_null());
  const auto calls = client_->calls();
  const auto is_look = [](const auto& call) {
    return call.ref == support::DefinitionRef();
  };
  // The one after the moment, and that of the delete.
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(), is_look), 2);
}

TEST_F(GenerationGuardTest, WhereNothingIsDefinedOrMayBeReadWritesGoOn) {
  for (const absl::Status& status : WriteAll()) EXPECT_TRUE(status.ok());
  client_->FailAlways(support::DefinitionRef(),
                      absl::PermissionDeniedError("no"));
  EXPECT_TRUE(guarded_
                  ->Apply({}, support::ConfigMapRef(),
                          support::ConfigMap({{"b", "2"}}),
                          {.field_manager = "m"})
                  .ok());
}

TEST_F(GenerationGuardTest, WithoutAnAnswerNothingIsWritten) {
  client_->FailAlways(support::DefinitionRef(), absl::UnavailableError("gone"));
  for (const absl::Status& status : WriteAll()) {
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_FALSE(IsRefused(status));
  }
  for (const auto& call : client_->calls()) EXPECT_EQ(call.verb, "GET");
}

TEST_F(GenerationGuardTest, ARefreshRecordsAndFallsBackToWhatIsRecorded) {
  Json data = Json::object();
  Define(support::DefinitionOfV2());
  EXPECT_TRUE(OnOperatorV2({}, session_, client_, data));
  const support::FakeSession blind{std::shared_ptr<kube::Client>(client_)};
  client_->SetUnreachable(true);
  EXPECT_TRUE(OnOperatorV2({}, blind, client_, data));
  EXPECT_TRUE(PlansOnOperatorV2({}, blind, data));
}

TEST_F(GenerationGuardTest, APlanTrustsTheRecordAndAsksOnlyWithoutOne) {
  Define(support::DefinitionOfV2());
  Json data = Json::object();
  RecordGeneration(Generation::kV1, data);
  EXPECT_FALSE(PlansOnOperatorV2({}, session_, data));
  EXPECT_THAT(client_->calls(), IsEmpty());
  session_.config_unknown = true;
  EXPECT_FALSE(PlansOnOperatorV2({}, session_, Json::object()));
  EXPECT_THAT(client_->calls(), IsEmpty());
  session_.config_unknown = false;
  EXPECT_TRUE(PlansOnOperatorV2({}, session_, Json::object()));
  EXPECT_THAT(client_->calls(), SizeIs(1));
}

TEST_F(GenerationGuardTest, AWriteLeavesItsAnswerForTheNextPlan) {
  Define(support::DefinitionOfV1());
  Json data = Json::object();
  NoteGeneration(session_, data);
  EXPECT_EQ(RecordedGeneration(data), Generation::kNotKnown);
  ASSERT_TRUE(guarded_->Delete({}, support::ConfigMapRef(), {}).ok());
  client_->ClearCalls();
  NoteGeneration(session_, data);
  EXPECT_EQ(RecordedGeneration(data), Generation::kV1);
  EXPECT_THAT(client_->calls(), IsEmpty());
}

}  // namespace
}  // namespace resources
