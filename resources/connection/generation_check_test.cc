#include "resources/connection/generation_check.h"

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_replies.h"
#include "tests/support/operator_v2.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;
using ::testing::SizeIs;

class ThrowingClient final : public support::FakeClient {
 public:
  absl::StatusOr<Json> Get(const base::Context&,
                           const kube::ObjectRef&) override {
    throw std::runtime_error("broken");
  }
};

TEST(GenerationCheckExceptionTest, WhoAsksAfterwardsDoesNotWaitForEver) {
  GenerationCheck check;
  const auto client = std::make_shared<ThrowingClient>();
  const base::Context patient = base::Context().WithTimeout(absl::Seconds(30));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THROW(static_cast<void>(check.Now(patient, client)),
                 std::runtime_error);
  }
}

class GenerationCheckTest : public ::testing::Test {
 protected:
  void Define(const Json& crd) { client_->Put(support::DefinitionRef(), crd); }
  Generation Known() { return check_.Known({}, client_); }
  absl::StatusOr<Generation> Now() { return check_.Now({}, client_); }

  const std::shared_ptr<support::FakeClient> client_ =
      std::make_shared<support::FakeClient>();
  GenerationCheck check_;
};

TEST_F(GenerationCheckTest, ARefreshAsksOnceForEachProcess) {
  Define(support::DefinitionOfV2());
  EXPECT_EQ(Known(), Generation::kV2);
  Define(support::DefinitionOfV1());
  EXPECT_EQ(Known(), Generation::kV2);
  EXPECT_THAT(client_->calls(), SizeIs(1));
}

TEST_F(GenerationCheckTest, AWriteAsksEachTimeAndWhatItLearnsIsKept) {
  Define(support::DefinitionOfV1());
  EXPECT_EQ(Known(), Generation::kV1);
  Define(support::DefinitionOfV2());
  EXPECT_EQ(*Now(), Generation::kV2);
  EXPECT_EQ(Known(), Generation::kV2);
  EXPECT_EQ(*Now(), Generation::kV2);
  EXPECT_THAT(client_->calls(), SizeIs(3));
}

TEST_F(GenerationCheckTest, AMissingDefinitionIsNoAnswerToKeep) {
  EXPECT_EQ(Known(), Generation::kNoDefinition);
  EXPECT_EQ(*Now(), Generation::kNoDefinition);
  Define(support::DefinitionOfV2());
  EXPECT_EQ(Known(), Generation::kV2);
  client_->Remove(support::DefinitionRef());
  EXPECT_EQ(*Now(), Generation::kNoDefinition);
  EXPECT_EQ(Known(), Generation::kNoDefinition);
}

TEST_F(GenerationCheckTest, ARefusalIsNoAnswerToKeep) {
  Define(support::DefinitionOfV2());
  client_->FailNext(absl::PermissionDeniedError("no"));
  EXPECT_EQ(Known(), Generation::kNotKnown);
  client_->FailNext(absl::PermissionDeniedError("no"));
  EXPECT_EQ(*Now(), Generation::kNotKnown);
  EXPECT_EQ(Known(), Generation::kV2);
  // What was known counts where one may no longer look.
  client_->FailNext(absl::PermissionDeniedError("no"));
  EXPECT_EQ(*Now(), Generation::kV2);
}

TEST_F(GenerationCheckTest, WhoMayNotReadDefinitionsSeesWhatIsServed) {
  client_->FailAlways(support::DefinitionRef(),
                      absl::PermissionDeniedError("no"));
  client_->Put({wandb::kGroup, "v1", wandb::kPlural, "ns", "x"},
               {{"kind", "WeightsAndBiases"}});
  EXPECT_EQ(*Now(), Generation::kNotKnown);
  client_->Remove({wandb::kGroup, "v1", wandb::kPlural, "ns", "x"});
  client_->Put({wandb::kGroup, "v2", wandb::kPlural, "ns", "x"},
               {{"kind", "WeightsAndBiases"}});
  EXPECT_EQ(*Now(), Generation::kV2);
}

TEST_F(GenerationCheckTest, WithoutAServerARefreshKnowsNothingAndAWriteFails) {
  client_->SetUnreachable(true);
  EXPECT_EQ(Known(), Generation::kNotKnown);
  EXPECT_TRUE(absl::IsUnavailable(Now().status()));
  client_->SetUnreachable(false);
  Define(support::DefinitionOfV1());
  EXPECT_EQ(Known(), Generation::kV1);
}

TEST_F(GenerationCheckTest, APlanAsksOnceEvenWithoutAnAnswer) {
  client_->SetUnreachable(true);
  EXPECT_EQ(check_.KnownAtPlan({}, client_), Generation::kNotKnown);
  client_->SetUnreachable(false);
  Define(support::DefinitionOfV2());
  EXPECT_EQ(check_.KnownAtPlan({}, client_), Generation::kNotKnown);
  EXPECT_THAT(client_->calls(), SizeIs(1));
  // What somebody else found out meanwhile is used.
  EXPECT_EQ(Known(), Generation::kV2);
  EXPECT_EQ(check_.KnownAtPlan({}, client_), Generation::kV2);
  EXPECT_THAT(client_->calls(), SizeIs(2));
}

TEST_F(GenerationCheckTest, AnAnswerBelongsToItsClient) {
  Define(support::DefinitionOfV2());
  EXPECT_EQ(Known(), Generation::kV2);
  const auto other = std::make_shared<support::FakeClient>();
  other->Put(support::DefinitionRef(), support::DefinitionOfV1());
  EXPECT_EQ(check_.Last(other), Generation::kNotKnown);
  EXPECT_EQ(check_.Known({}, other), Generation::kV1);
  EXPECT_EQ(check_.KnownAtPlan({}, client_), Generation::kV2);
}

// Answers when all callers are about to ask.
class SlowClient final : public support::FakeClient {
 public:
  explicit SlowClient(int callers) : callers_(callers) {}
  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const kube::ObjectRef& ref) override {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](int* callers) { return *callers == 0; }, &callers_));
    }
    return FakeClient::Get(ctx, ref);
  }
  void Arrive() {
    absl::MutexLock lock(&mutex_);
    --callers_;
  }

 private:
  absl::Mutex mutex_;
  int callers_;
};

TEST_F(GenerationCheckTest, CallsAtTheSameTimeShareARequest) {
  constexpr int kCallers = 8;
  const auto client = std::make_shared<SlowClient>(kCallers);
  client->Put(support::DefinitionRef(), support::DefinitionOfV2());
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kCallers; ++i) {
    threads.emplace_back([&] {
      client->Arrive();
      if (check_.Known({}, client) == Generation::kV2) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, kCallers);
  EXPECT_THAT(client->calls(), SizeIs(1));
}

// The first question gets no answer but a failure: when its run is stopped, or
// when told so.
class FirstFailsClient final : public support::FakeClient {
 public:
  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const kube::ObjectRef& ref) override {
    if (first_.exchange(false)) {
      asking.DecrementCount();
      const auto stop = ctx.OnStop([this] { fail.Notify(); });
      fail.WaitForNotification();
      RETURN_IF_ERROR(ctx.Check());
      return absl::UnavailableError("connection reset");
    }
    return FakeClient::Get(ctx, ref);
  }
  absl::BlockingCounter asking{1};
  absl::Notification fail;

 private:
  std::atomic<bool> first_{true};
};

// A thread that asks for a write while another one's question is on its way.
class Writer {
 public:
  Writer(GenerationCheck& check, std::shared_ptr<kube::Client> client)
      : thread_([this, &check, client = std::move(client)] {
          id_ = ::gettid();
          answer_ = check.Now({}, client);
        }) {}

  // Until it sleeps, which it does for that other answer only.
  void AwaitSleep() const {
    while (true) {
      std::string state;
      if (const pid_t id = id_; id != 0) {
        std::string name;
        std::ifstream stat(absl::StrCat("/proc/self/task/", id, "/stat"));
        stat >> state >> name >> state;
      }
      if (state == "S") return;
      std::this_thread::yield();
    }
  }

  absl::StatusOr<Generation> Answer() {
    thread_.join();
    return answer_;
  }

 private:
  std::atomic<pid_t> id_{0};
  absl::StatusOr<Generation> answer_;
  std::thread thread_;
};

TEST_F(GenerationCheckTest, AStoppedCallerLeavesTheOthersTheirOwnQuestion) {
  const auto client = std::make_shared<FirstFailsClient>();
  client->Put(support::DefinitionRef(), support::DefinitionOfV2());
  base::StopSource stop;
  std::thread stopped([&] {
    EXPECT_TRUE(absl::IsCancelled(check_.Now(stop.context(), client).status()));
  });
  client->asking.Wait();
  Writer writer(check_, client);
  writer.AwaitSleep();
  stop.Stop();
  stopped.join();
  const auto answer = writer.Answer();
  EXPECT_TRUE(answer.ok() && *answer == Generation::kV2) << answer.status();
}

TEST_F(GenerationCheckTest, WhatAPlanFailsAtAtItsOneAttemptFailsNoWrite) {
  const auto client = std::make_shared<FirstFailsClient>();
  client->Put(support::DefinitionRef(), support::DefinitionOfV2());
  std::thread plan([&] {
    EXPECT_EQ(check_.KnownAtPlan({}, client), Generation::kNotKnown);
  });
  client->asking.Wait();
  Writer writer(check_, client);
  writer.AwaitSleep();
  client->fail.Notify();
  plan.join();
  const auto answer = writer.Answer();
  EXPECT_TRUE(answer.ok() && *answer == Generation::kV2) << answer.status();
}

TEST_F(GenerationCheckTest, PlansAtTheSameTimeShareTheirOneLook) {
  for (int i = 0; i < 500; ++i) {
    GenerationCheck check;
    const auto client = std::make_shared<SlowClient>(2);
    client->Put(support::DefinitionRef(), support::DefinitionOfV2());
    const auto plan = [&] {
      client->Arrive();
      EXPECT_EQ(check.KnownAtPlan({}, client), Generation::kV2);
    };
    std::thread other(plan);
    plan();
    other.join();
    EXPECT_THAT(client->calls(), SizeIs(1));
  }
}

TEST(RecordedGenerationTest, AnAnswerIsRecordedAndOnlyAnAnswerReplacesIt) {
  Json data = Json::object();
  EXPECT_EQ(RecordedGeneration(data), Generation::kNotKnown);
  RecordGeneration(Generation::kV2, data);
  RecordGeneration(Generation::kNotKnown, data);
  EXPECT_EQ(RecordedGeneration(data), Generation::kV2);
  RecordGeneration(Generation::kV1, data);
  EXPECT_EQ(RecordedGeneration(data), Generation::kV1);
  // With the definition everything is gone.
  RecordGeneration(Generation::kNoDefinition, data);
  EXPECT_EQ(RecordedGeneration(data), Generation::kNotKnown);
}

}  // namespace
}  // namespace resources
