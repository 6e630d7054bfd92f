#include "kube/hindrance.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_client.h"

namespace kube {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = Hindrance::Kind;

class HindranceTest : public ::testing::Test {
 protected:
  HindranceTest() {
    workload_ = {
        {"kind", "Deployment"},
        {"metadata", {{"name", "d"}, {"namespace", "ns"}, {"uid", "u-d"}}},
        {"spec",
         {{"replicas", 1}, {"selector", {{"matchLabels", {{"app", "d"}}}}}}}};
  }

  void PutPod(Json spec, Json status, Json metadata = Json::object()) {
    metadata["labels"] = {{"app", "d"}};
    client_.Put(ObjectIn(PodsIn("ns"), "d-1"), {{"kind", "Pod"},
                                                {"metadata", metadata},
                                                {"spec", std::move(spec)},
                                                {"status", std::move(status)}});
  }
  void PutWaiting(const char* reason, Json metadata = Json::object()) {
    PutPod({},
           {{"containerStatuses",
             {{{"name", "app"},
               {"state",
                {{"waiting", {{"reason", reason}, {"message", "why"}}}}}}}}},
           std::move(metadata));
  }
  // A pod whose claim names `storage_class`; null: none.
  void PutClaim(const Json& storage_class, const char* phase = "Pending") {
    PutPod({{"volumes",
             {{{"name", "data"},
               {"persistentVolumeClaim", {{"claimName", "data-0"}}}}}}},
           {{"phase", "Pending"}});
    Json claim = {{"kind", "PersistentVolumeClaim"},
                  {"metadata", {{"name", "data-0"}, {"namespace", "ns"}}},
                  {"spec", Json::object()},
                  {"status", {{"phase", phase}}}};
    if (!storage_class.is_null()) {
      claim["spec"]["storageClassName"] = storage_class;
    }
    client_.Put({"", "v1", "persistentvolumeclaims", "ns", "data-0"}, claim);
  }
  void PutClass(const std::string& name, const Json& annotations) {
    client_.Put({"storage.k8s.io", "v1", "storageclasses", "", name},
                {{"kind", "StorageClass"},
                 {"metadata", {{"annotations", annotations}}}});
  }

  std::vector<Hindrance> Find() {
    return FindHindrances({}, client_, workload_);
  }

  support::FakeClient client_;
  Json workload_;
};

TEST_F(HindranceTest, ContainersThatCannotBeMade) {
  PutWaiting("InvalidImageName");
  ASSERT_EQ(Find().size(), 1);
  EXPECT_EQ(Find()[0].kind, Kind::kImageName);
  EXPECT_EQ(Find()[0].object, "Pod \"d-1\": container app");
  EXPECT_EQ(Find()[0].text, "InvalidImageName: why");
  PutWaiting("CreateContainerConfigError");
  ASSERT_EQ(Find().size(), 1);
  EXPECT_EQ(Find()[0].kind, Kind::kConfiguration);
  // A pull may succeed yet.
  PutWaiting("ImagePullBackOff");
  EXPECT_THAT(Find(), IsEmpty());
  // What is on its way out is no matter.
  PutWaiting("InvalidImageName",
             {{"deletionTimestamp", "2026-01-01T00:00:00Z"}});
  EXPECT_THAT(Find(), IsEmpty());
}

TEST_F(HindranceTest, ClaimsForWhichThereIsNoStorageClass) {
  PutClaim(nullptr);
  ASSERT_EQ(Find().size(), 1);
  EXPECT_EQ(Find()[0].kind, Kind::kStorageClass);
  EXPECT_EQ(Find()[0].object, "PersistentVolumeClaim \"data-0\"");
  EXPECT_THAT(Find()[0].text, HasSubstr("has no default one"));
  PutClass("slow", {});
  EXPECT_EQ(Find().size(), 1);
  PutClass("fast", {{"storageclass.kubernetes.io/is-default-class", "true"}});
  EXPECT_THAT(Find(), IsEmpty());
  PutClaim("slow");
  EXPECT_THAT(Find(), IsEmpty());
  PutClaim("gone");
  ASSERT_EQ(Find().size(), 1);
  EXPECT_THAT(Find()[0].text, HasSubstr("\"gone\" does not exist"));
  // Bound already, or wants a volume that somebody makes.
  PutClaim("gone", "Bound");
  EXPECT_THAT(Find(), IsEmpty());
  PutClaim("");
  EXPECT_THAT(Find(), IsEmpty());
}

TEST_F(HindranceTest, WhoMayNotSeeStorageClassesClaimsNothing) {
  PutClaim(nullptr);
  client_.FailAlways({"storage.k8s.io", "v1", "storageclasses", "", ""},
                     absl::PermissionDeniedError("no"));
  EXPECT_THAT(Find(), IsEmpty());
}

TEST_F(HindranceTest, PodsThatTheServerRefuses) {
  workload_["status"]["conditions"] = {{{"type", "ReplicaFailure"},
                                        {"status", "True"},
                                        {"message", "exceeded quota: q"}}};
  ASSERT_EQ(Find().size(), 1);
  EXPECT_EQ(Find()[0].kind, Kind::kRefused);
  EXPECT_EQ(Find()[0].object, "Deployment \"d\"");
  EXPECT_EQ(Find()[0].text, "exceeded quota: q");

  workload_["kind"] = "StatefulSet";
  workload_["status"] = Json::object();
  EXPECT_THAT(Find(), IsEmpty());
  const auto event = [this](const char* uid) {
    client_.Put(ObjectIn(EventsIn("ns"), "e"),
                {{"reason", "FailedCreate"},
                 {"message", "exceeded quota"},
                 {"involvedObject",
                  {{"kind", "StatefulSet"}, {"name", "d"}, {"uid", uid}}}});
  };
  event("of an earlier life");
  EXPECT_THAT(Find(), IsEmpty());
  event("u-d");
  ASSERT_EQ(Find().size(), 1);
  EXPECT_EQ(Find()[0].object, "StatefulSet \"d\"");
  // The event stays when the pod has come.
  PutPod({}, {{"phase", "Pending"}});
  EXPECT_THAT(Find(), IsEmpty());
}

}  // namespace
}  // namespace kube
