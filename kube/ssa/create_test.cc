#include "kube/ssa/create.h"

#include <set>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "tests/support/fake_client.h"

namespace ssa {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kManager[] = "ours";

const kube::ObjectRef& Ref() {
  static const auto* const kRef =
      new kube::ObjectRef(kube::ConfigMapRef("ns", "x"));
  return *kRef;
}

Json Body(Json data) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", "x"}, {"namespace", "ns"}}},
          {"data", std::move(data)}};
}

class CreateOrAdoptTest : public ::testing::Test {
 protected:
  absl::StatusOr<CreateResult> Create(const Json& body) {
    return CreateOrAdopt({}, client_, Ref(), body, kManager);
  }
  void ApplyAs(const char* manager, const Json& body) {
    ASSERT_TRUE(
        client_.Apply({}, Ref(), body, {.field_manager = manager}).ok());
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
  const auto result = Create(Body({{"k", "v"}}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kCreated);
  EXPECT_EQ(client_.Stored(Ref())["data"], Json({{"k", "v"}}));
  EXPECT_TRUE(kube::OwnsOnly(client_.Stored(Ref()), kManager));
}

TEST_F(CreateOrAdoptTest, AdoptsWhatAKilledCreateLeft) {
  ApplyAs(kManager, Body({{"k", "v"}}));
  client_.ClearCalls();
  const auto result = Create(Body({{"k", "v"}}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kAdopted);
  EXPECT_EQ(result->applied.object, client_.Stored(Ref()));
  EXPECT_EQ(Writes(), 0);
}

TEST_F(CreateOrAdoptTest, LeavesSomebodyElsesObjectAlone) {
  client_.Put(Ref(), Body({{"k", "v"}}), "kubectl");
  const Json before = client_.Stored(Ref());
  const auto result = Create(Body({{"k", "v"}}));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kForeign);
  EXPECT_EQ(result->applied.object, before);
  EXPECT_EQ(client_.Stored(Ref()), before);
}

TEST_F(CreateOrAdoptTest, ObjectOfAnHourAgoIsForeign) {
  ApplyAs(kManager, Body({{"k", "v"}}));
  Json old = client_.Stored(Ref());
  old["metadata"]["creationTimestamp"] = absl::FormatTime(
      absl::RFC3339_sec, absl::Now() - kAdoptable, absl::UTCTimeZone());
  client_.Put(Ref(), old);
  old = client_.Stored(Ref());
  EXPECT_EQ(Create(Body({{"k", "v"}}))->found, Found::kForeign);
  EXPECT_EQ(client_.Stored(Ref()), old);
}

TEST_F(CreateOrAdoptTest, SharedObjectIsForeign) {
  ApplyAs(kManager, Body({{"k", "v"}}));
  ApplyAs("another", Body({{"l", "w"}}));
  EXPECT_EQ(Create(Body({{"k", "v"}}))->found, Found::kForeign);
}

TEST_F(CreateOrAdoptTest, ObjectOfAnotherContentIsForeign) {
  ApplyAs(kManager, Body({{"k", "old"}}));
  const Json before = client_.Stored(Ref());
  EXPECT_EQ(Create(Body({{"k", "v"}}))->found, Found::kForeign);
  EXPECT_EQ(client_.Stored(Ref()), before);
}

TEST_F(CreateOrAdoptTest, ObjectWithMoreThanTheBodyIsForeign) {
  ApplyAs(kManager, Body({{"k", "v"}, {"more", "v"}}));
  EXPECT_EQ(Create(Body({{"k", "v"}}))->found, Found::kForeign);
}

TEST_F(CreateOrAdoptTest, ReportsOtherFailures) {
  client_.FailNext(absl::PermissionDeniedError("no"));
  EXPECT_TRUE(absl::IsPermissionDenied(Create(Body({})).status()));
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
  Json dying = Body({{"k", "v"}});
  dying["metadata"]["finalizers"] = {"test/hold"};
  client.Put(Ref(), dying, "kubectl");
  ASSERT_TRUE(client.Delete({}, Ref(), {}).ok());
  ASSERT_TRUE(kube::IsTerminating(client.Stored(Ref())));
  const auto result =
      CreateOrAdopt({}, client, Ref(), Body({{"k", "new"}}), kManager);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->found, Found::kCreated);
  EXPECT_EQ(client.Stored(Ref())["data"], Json({{"k", "new"}}));
}

}  // namespace
}  // namespace ssa
