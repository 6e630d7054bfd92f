#include "kube/wait.h"

#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/deletion.h"
#include "kube/status.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_replies.h"

namespace kube {
namespace {

using base::Json;
using ::testing::HasSubstr;

const ObjectRef kRef = ConfigMapRef("ns", "x");

Json Map(const std::string& value) { return {{"data", {{"k", value}}}}; }

absl::StatusOr<bool> IsThere(const Json* object) { return object != nullptr; }

class WaitTest : public ::testing::Test {
 protected:
  ~WaitTest() override {
    if (later_.joinable()) later_.join();
  }

  void Later(std::function<void()> action) {
    later_ = std::thread([action = std::move(action)] {
      absl::SleepFor(absl::Milliseconds(50));
      action();
    });
  }

  absl::StatusOr<Json> Await(const ObjectPredicate& done = IsThere) {
    return AwaitObject(ctx_, client_, kRef, done, options_);
  }

  support::FakeClient client_;
  base::Context ctx_ = base::Context().WithTimeout(absl::Seconds(20));
  WaitOptions options_{.poll_interval = absl::Milliseconds(10),
                       .rewatch_interval = absl::Milliseconds(10),
                       .retry = {.first_delay = absl::Milliseconds(10),
                                 .max_delay = absl::Milliseconds(20)}};
  std::thread later_;
};

TEST_F(WaitTest, EndsAtOnceWhenAlreadyTrue) {
  client_.Put(kRef, Map("a"));
  EXPECT_TRUE(Await().ok());
  EXPECT_THAT(client_.CallLines(), testing::SizeIs(1));
}

TEST_F(WaitTest, SeesCreationAndChange) {
  Later([this] {
    client_.Put(ConfigMapRef("ns", "other"), Map("b"));
    client_.Put(kRef, Map("a"));
    client_.Put(kRef, Map("b"));
  });
  const auto object = Await([](const Json* o) -> absl::StatusOr<bool> {
    return o != nullptr && base::StringAt(*o, "/data/k") == "b";
  });
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(NameOf(*object), "x");
}

TEST_F(WaitTest, FailuresOfTheServerDoNotEndIt) {
  client_.FailNext(support::Reply("GET", kRef, 500, "boom"), "LIST");
  client_.FailNext(absl::UnavailableError("lost"), "WATCH");
  client_.FailNext(support::Reply("GET", kRef, 410, "gone"), "WATCH");
  client_.FailNext(support::Reply("GET", kRef, 503, ""), "LIST");
  Later([this] { client_.Put(kRef, Map("a")); });
  EXPECT_TRUE(Await().ok());
}

TEST_F(WaitTest, RequestsOfThePredicateThatFailDoNotEndIt) {
  client_.Put(kRef, Map("a"));
  int asked = 0;
  const auto object =
      Await([&asked](const Json* /*object*/) -> absl::StatusOr<bool> {
        if (++asked < 3) {
          return support::Reply("GET", SecretRef("ns", "s"), 500, "boom");
        }
        return true;
      });
  EXPECT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(asked, 3);
}

TEST_F(WaitTest, APredicateIsAskedAgainWithoutAChange) {
  options_.look_again = absl::Milliseconds(5);
  client_.Put(kRef, Map("a"));
  int asked = 0;
  const auto object = Await([&asked](const Json* live) -> absl::StatusOr<bool> {
    return live != nullptr && ++asked == 4;
  });
  EXPECT_TRUE(object.ok()) << object.status();
  int lists = 0;
  for (const auto& call : client_.calls()) lists += call.verb == "LIST" ? 1 : 0;
  EXPECT_EQ(lists, 1);
}

TEST_F(WaitTest, ServerThatNeverAnswersEndsIt) {
  client_.SetUnreachable(true);
  EXPECT_EQ(Await().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(WaitTest, PollsWhereWatchingIsForbidden) {
  client_.FailNext(support::Reply("GET", kRef, 403, ""), "WATCH");
  Later([this] { client_.Put(kRef, Map("a")); });
  EXPECT_TRUE(Await().ok());
  EXPECT_THAT(client_.CallLines(),
              testing::Contains(HasSubstr("GET ConfigMap")));
}

TEST_F(WaitTest, GetsWhereListingIsForbidden) {
  client_.FailAlways(ConfigMapRef("ns", ""),
                     support::Reply("GET", kRef, 403, ""));
  client_.FailNext(support::Reply("GET", kRef, 403, ""), "LIST");
  client_.FailAlways(ConfigMapRef("ns", ""), absl::OkStatus());
  Later([this] { client_.Put(kRef, Map("a")); });
  EXPECT_TRUE(Await().ok());
}

TEST_F(WaitTest, FinalErrorsEndIt) {
  client_.FailNext(support::Reply("GET", kRef, 401, ""));
  EXPECT_EQ(Await().status().code(), absl::StatusCode::kUnauthenticated);
  client_.ServeOnly({PodsIn("")});
  EXPECT_TRUE(IsKindNotServed(Await().status()));
  EXPECT_TRUE(AwaitGone(ctx_, client_, kRef, "u", options_).ok());
}

TEST_F(WaitTest, PredicatesFailureIsTheResult) {
  client_.Put(kRef, Map("a"));
  const absl::Status status = Await([](const Json*) -> absl::StatusOr<bool> {
                                return absl::FailedPreconditionError("mine");
                              }).status();
  EXPECT_EQ(status, absl::FailedPreconditionError("mine"));
}

TEST_F(WaitTest, DeadlineTellsTheLastError) {
  ctx_ = base::Context().WithTimeout(absl::Milliseconds(200));
  EXPECT_EQ(Await().status().code(), absl::StatusCode::kDeadlineExceeded);
  ctx_ = base::Context().WithTimeout(absl::Milliseconds(200));
  client_.FailAlways(ConfigMapRef("ns", ""),
                     support::Reply("GET", kRef, 503, "draining"));
  const absl::Status status = Await().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("draining"));
  EXPECT_EQ(HttpCode(status), 503);
}

TEST_F(WaitTest, StopEndsItAtOnce) {
  base::StopSource source;
  ctx_ = source.context();
  Later([&source] { source.Stop(); });
  const absl::Time start = absl::Now();
  EXPECT_EQ(Await().status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(WaitTest, GoneMeansAbsentOrAnotherUid) {
  EXPECT_TRUE(AwaitGone(ctx_, client_, kRef, "u", options_).ok());
  client_.Put(kRef, Map("a"));
  const std::string uid = UidOf(client_.Stored(kRef));
  EXPECT_TRUE(AwaitGone(ctx_, client_, kRef, "other", options_).ok());
  Later([this] {
    client_.Remove(kRef);
    client_.Put(kRef, Map("new"));  // Recreated at once.
  });
  EXPECT_TRUE(AwaitGone(ctx_, client_, kRef, uid, options_).ok());
}

TEST_F(WaitTest, TheFinalizersThatAreLeftAreNamedWhenTheTimeIsUp) {
  Json dying = Map("a");
  dying["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  dying["metadata"]["finalizers"] = {"example.com/a", "example.com/b"};
  client_.Put(kRef, dying);
  ctx_ = base::Context().WithTimeout(absl::Milliseconds(200));
  const absl::Status held = AwaitGone(ctx_, client_, kRef, "", options_);
  EXPECT_EQ(held.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(IsHeld(held));
  EXPECT_THAT(
      std::string(held.message()),
      testing::AllOf(HasSubstr("since 2026-01-01T00:00:00Z, and held by the "
                               "finalizers example.com/a, example.com/b"),
                     HasSubstr(LookCommand(kRef))));
  // Time alone was short.
  client_.Put(kRef, Map("a"));
  ctx_ = base::Context().WithTimeout(absl::Milliseconds(200));
  EXPECT_FALSE(IsHeld(AwaitGone(ctx_, client_, kRef, "", options_)));
}

TEST_F(WaitTest, EstablishedIsWhatTheServerSaysOfADefinition) {
  const ObjectRef crd = CrdRef("things.example.com");
  const auto with = [](const char* accepted, const char* established) {
    const Json conditions = {
        {{"type", "NamesAccepted"}, {"status", accepted}},
        {{"type", "Established"}, {"status", established}}};
    return Json{{"kind", "CustomResourceDefinition"},
                {"status", {{"conditions", conditions}}}};
  };
  client_.Put(crd, with("False", "False"));
  Later([&] { client_.Put(crd, with("True", "True")); });
  const auto established =
      AwaitEstablished(ctx_, client_, "things.example.com", options_);
  ASSERT_TRUE(established.ok()) << established.status();
  EXPECT_EQ(base::StringAt(*established, "/status/conditions/1/status"),
            "True");
  client_.Remove(crd);
  ctx_ = base::Context().WithTimeout(absl::Milliseconds(200));
  EXPECT_EQ(AwaitEstablished(ctx_, client_, "things.example.com", options_)
                .status()
                .code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(WaitTest, RolledOutIsWhatRunsAsItsSpecAsksFor) {
  const ObjectRef ref = DeploymentRef("ns", "x");
  const auto deployment = [](int ready) {
    return Json{{"kind", "Deployment"},
                {"metadata", {{"generation", 1}}},
                {"spec", {{"replicas", 2}}},
                {"status",
                 {{"observedGeneration", 1},
                  {"replicas", 2},
                  {"updatedReplicas", 2},
                  {"readyReplicas", ready},
                  {"availableReplicas", ready}}}};
  };
  client_.Put(ref, deployment(1));
  const std::string uid = UidOf(client_.Stored(ref));
  SeenWorkload seen;
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      AwaitRolledOut(ctx_.WithTimeout(absl::Milliseconds(100)), client_, ref,
                     uid, seen, options_)));
  EXPECT_THAT(seen.rollout.reason, HasSubstr("1 of 2"));
  Later([&] { client_.Put(ref, deployment(2)); });
  EXPECT_TRUE(AwaitRolledOut(ctx_, client_, ref, uid, seen, options_).ok());
  EXPECT_TRUE(seen.rollout.done);
  EXPECT_EQ(seen.lost, "");
  EXPECT_TRUE(absl::IsAborted(
      AwaitRolledOut(ctx_, client_, ref, "other", seen, options_)));
  EXPECT_THAT(seen.lost, HasSubstr("uid"));
}

TEST_F(WaitTest, CollectionHasAllThatMatch) {
  Later([this] {
    for (const char* name : {"a", "b", "c"}) {
      Json object = Map("v");
      if (*name != 'b') object["metadata"]["labels"]["app"] = "w";
      client_.Put(ConfigMapRef("ns", name), std::move(object));
    }
  });
  EXPECT_TRUE(AwaitCollection(
                  ctx_, client_, CollectionOf(kRef), "app=w",
                  [](const ObjectMap& objects) -> absl::StatusOr<bool> {
                    EXPECT_FALSE(objects.contains("ns/b"));
                    return objects.contains("ns/a") && objects.contains("ns/c");
                  },
                  options_)
                  .ok());
}

}  // namespace
}  // namespace kube
