#include "resources/operator/readiness.h"

#include "absl/time/clock.h"
#include "tests/support/operator_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;

// No retry heals it, and the time for a create is ten minutes.
TEST_F(OperatorTest, PodsThatPodSecurityRefusesEndTheWait) {
  client_->OnWrite([this](const kube::ObjectRef& ref, const Json& object) {
    if (object.is_null()) return;
    Json with_status = object;
    if (ref.resource == "deployments") {
      with_status["status"] = {
          {"observedGeneration", object["metadata"]["generation"]},
          {"conditions",
           {{{"type", "ReplicaFailure"},
             {"status", "True"},
             {"message",
              "pods \"x\" is forbidden: violates PodSecurity "
              "\"restricted:latest\": runAsNonRoot != true"}}}}};
    } else if (ref.resource == "customresourcedefinitions") {
      with_status["status"]["conditions"] = {
          {{"type", "NamesAccepted"}, {"status", "True"}},
          {{"type", "Established"}, {"status", "True"}}};
    } else {
      return;
    }
    client_->Put(ref, with_status, "controller");
  });
  const absl::Time start = absl::Now();
  const tf::RawApply apply = Change(Nothing(), Make({}));
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  EXPECT_THAT(Text(apply.diags),
              AllOf(HasSubstr("violates PodSecurity \"restricted:latest\""),
                    HasSubstr("Set pod_security_context")));
  EXPECT_EQ(apply.state.At("ready"), Flag(false));
}

}  // namespace
}  // namespace resources
