#include "kube/ssa/create.h"

#include <set>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "tests/support/config_map.h"
#include "tests/support/fake_client.h"

namespace ssa {
namespace {

using base::Json;
using ::testing::ElementsAre;

constexpr char kManager[] = "ours";

class CreateOrAdoptTest : public ::testing::Test {
 protected:
  absl::StatusOr<CreateResult> Create(const Json& body) {
    return CreateOrAdopt({}, client_, support::ConfigMapRef(), body, kManager);
  }
  void ApplyAs(const char* manager, const Json& body) {
    ASSERT_TRUE(client_
                    .Apply({}, support::ConfigMapRef(), body,
                           {.field_manager = manager})
                    .ok());
  }
  // Calls that changed something, or would have.
  int Writes() const {
    int writes = 0;
    for (const auto& call : client_.calls()) {
      if (call.verb != "GET" && !call.apply.dry_run &&
          !call.apply.create_only) {
        ++writes;
      }
    }
    return writes;
  }

  support::FakeClient client_;
};

TEST_F(CreateOrAdoptTest, CreatesWhatIsAbsent) {
  const auto result = Create(support::ConfigMap({{"k", "v"}}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kCreated);
  EXPECT_EQ(client_.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "v"}}));
  EXPECT_TRUE(
      kube::OwnsOnly(client_.Stored(support::ConfigMapRef()), kManager));
}

TEST_F(CreateOrAdoptTest, AdoptsWhatAKilledCreateLeft) {
  ApplyAs(kManager, support::ConfigMap({{"k", "v"}}));
  client_.ClearCalls();
  const auto result = Create(support::ConfigMap({{"k", "v"}}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kAdopted);
  EXPECT_EQ(result->applied.object, client_.Stored(support::ConfigMapRef()));
  EXPECT_EQ(Writes(), 0);
}

// Changes the object, as a controller does, just before the first trial.
class BusyClient : public support::FakeClient {
 public:
  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    if (options.dry_run && !written_) {
      written_ = true;
      Json object = Stored(ref);
      object["metadata"]["annotations"]["revision"] = "1";
      Put(ref, object, "kube-controller-manager");
    }
    return FakeClient::Apply(ctx, ref, body, options);
  }

 private:
  bool written_ = false;
};

TEST_F(CreateOrAdoptTest, KnowsItsObjectThoughAControllerHasJustWrittenToIt) {
  BusyClient client;
  const Json body = support::ConfigMap({{"k", "v"}});
  ASSERT_TRUE(
      client
          .Apply({}, support::ConfigMapRef(), body, {.field_manager = kManager})
          .ok());
  const auto result =
      CreateOrAdopt({}, client, support::ConfigMapRef(), body, kManager);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kAdopted);
}

TEST_F(CreateOrAdoptTest, KnowsItsObjectThoughNoTrialIsAnswered) {
  ApplyAs(kManager, support::ConfigMap({{"k", "v"}}));
  const Json live = client_.Stored(support::ConfigMapRef());
  const auto is_ours = [&](const Json& body, absl::Status failed) {
    client_.FailNext(std::move(failed), "APPLY");
    return IsWhatCreateMade({}, client_, support::ConfigMapRef(), body, live,
                            kManager);
  };
  const absl::Status lost = absl::UnavailableError("connection reset");
  EXPECT_TRUE(is_ours(support::ConfigMap({{"k", "v"}}), lost));
  EXPECT_FALSE(is_ours(support::ConfigMap({{"k", "w"}}), lost));
  EXPECT_FALSE(is_ours(support::ConfigMap({{"k", "v"}, {"l", "v"}}), lost));
  EXPECT_FALSE(
      is_ours(support::ConfigMap({{"k", "v"}}),
              kube::StatusOfReply({.method = "PATCH", .http_code = 403})));
}

TEST_F(CreateOrAdoptTest, LeavesSomebodyElsesObjectAlone) {
  client_.Put(support::ConfigMapRef(), support::ConfigMap({{"k", "v"}}),
              "kubectl");
  const Json before = client_.Stored(support::ConfigMapRef());
  const auto result = Create(support::ConfigMap({{"k", "v"}}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kForeign);
  EXPECT_EQ(result->applied.object, before);
  EXPECT_EQ(client_.Stored(support::ConfigMapRef()), before);
}

TEST_F(CreateOrAdoptTest, ObjectOfAnHourAgoIsForeign) {
  ApplyAs(kManager, support::ConfigMap({{"k", "v"}}));
  Json old = client_.Stored(support::ConfigMapRef());
  old["metadata"]["creationTimestamp"] = absl::FormatTime(
      absl::RFC3339_sec, absl::Now() - kAdoptable, absl::UTCTimeZone());
  client_.Put(support::ConfigMapRef(), old);
  old = client_.Stored(support::ConfigMapRef());
  EXPECT_EQ(Create(support::ConfigMap({{"k", "v"}}))->found, Found::kForeign);
  EXPECT_EQ(client_.Stored(support::ConfigMapRef()), old);
}

TEST_F(CreateOrAdoptTest, SharedObjectIsForeign) {
  ApplyAs(kManager, support::ConfigMap({{"k", "v"}}));
  ApplyAs("another", support::ConfigMap({{"l", "w"}}));
  EXPECT_EQ(Create(support::ConfigMap({{"k", "v"}}))->found, Found::kForeign);
}

TEST_F(CreateOrAdoptTest, ObjectOfAnotherContentIsForeign) {
  ApplyAs(kManager, support::ConfigMap({{"k", "old"}}));
  const Json before = client_.Stored(support::ConfigMapRef());
  EXPECT_EQ(Create(support::ConfigMap({{"k", "v"}}))->found, Found::kForeign);
  EXPECT_EQ(client_.Stored(support::ConfigMapRef()), before);
}

TEST_F(CreateOrAdoptTest, ObjectWithMoreThanTheBodyIsForeign) {
  ApplyAs(kManager, support::ConfigMap({{"k", "v"}, {"more", "v"}}));
  EXPECT_EQ(Create(support::ConfigMap({{"k", "v"}}))->found, Found::kForeign);
}

TEST_F(CreateOrAdoptTest, ReportsOtherFailures) {
  client_.FailNext(absl::PermissionDeniedError("no"));
  EXPECT_TRUE(
      absl::IsPermissionDenied(Create(support::ConfigMap({})).status()));
  EXPECT_THAT(client_.CallLines(), ElementsAre("APPLY ConfigMap \"ns/x\""));
}

TEST_F(CreateOrAdoptTest, WaitsUntilADyingObjectMadeRoom) {
  // Its last finalizer goes right after somebody looked at it.
  class DyingClient final : public support::FakeClient {
   public:
    absl::StatusOr<Json> Get(const base::Context& ctx,
                             const kube::ObjectRef& ref) override {
      auto live = FakeClient::Get(ctx, ref);
      Remove(ref);
      return live;
    }
  } client;
  Json dying = support::ConfigMap({{"k", "v"}});
  dying["metadata"]["finalizers"] = {"test/hold"};
  client.Put(support::ConfigMapRef(), dying, "kubectl");
  ASSERT_TRUE(client.Delete({}, support::ConfigMapRef(), {}).ok());
  ASSERT_TRUE(kube::IsTerminating(client.Stored(support::ConfigMapRef())));
  const auto result =
      CreateOrAdopt({}, client, support::ConfigMapRef(),
                    support::ConfigMap({{"k", "new"}}), kManager);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kCreated);
  EXPECT_EQ(client.Stored(support::ConfigMapRef())["data"],
            Json({{"k", "new"}}));
}

}  // namespace
}  // namespace ssa
