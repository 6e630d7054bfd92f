#include "resources/instance/wait_for.h"

#include "absl/strings/str_cat.h"
#include "tests/support/http_server.h"
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class WaitForTest : public ReadinessTest {
 protected:
  // An instance at `url` that is ready but for that.
  void PutInstanceAt(const std::string& url) {
    model_.values = Map({{"global", Map({{"host", Str(url)}})}});
    PutInstance();
    const Compiled compiled = Desired(model_).compiled;
    PutActive(compiled.chart, compiled.values);
    PutWorkload("wandb-app", 1);
  }
  void PutIngress(const std::string& name, const std::string& release,
                  const Json& addresses) {
    client_->Put({"networking.k8s.io", "v1", "ingresses", "default", name},
                 {{"kind", "Ingress"},
                  {"metadata",
                   {{"annotations", {{"meta.helm.sh/release-name", release}}}}},
                  {"status", {{"loadBalancer", {{"ingress", addresses}}}}}});
  }
};

TEST_F(WaitForTest, TheUrlIsAskedUntilItAnswersAndOnlyOnRequest) {
  support::HttpServer server;
  server.Script({{.status = 503}, {.status = 503}});
  server.Always({.status = 404});
  PutInstanceAt(server.url());
  EXPECT_TRUE(Await(kQuick).ready);
  EXPECT_EQ(server.requests().size(), 0);
  model_.wait_for = WaitForModel{.url = true};
  EXPECT_TRUE(Await(kQuick).ready);
  EXPECT_EQ(server.requests().size(), 3);
}

TEST_F(WaitForTest, AUrlThatAnswersWithAnErrorIsNotReady) {
  support::HttpServer server;
  server.Always({.status = 503});
  PutInstanceAt(server.url());
  PutIngress("wandb", "wandb", {{{"ip", "192.0.2.1"}}});
  PutIngress("second", "wandb", Json::array());
  PutIngress("other", "other", {{{"ip", "192.0.2.2"}}});
  model_.wait_for = WaitForModel{.url = true};
  const Readiness readiness = AwaitInVain();
  EXPECT_FALSE(readiness.ready);
  EXPECT_EQ(readiness.summary, "W&B does not answer at its URL");
  EXPECT_THAT(
      readiness.details[0],
      StartsWith(absl::StrCat("GET ", server.url(),
                              ": the answer has status 503. Something")));
  EXPECT_THAT(Details(readiness),
              AllOf(HasSubstr("Ingress \"wandb\": address 192.0.2.1"),
                    HasSubstr("Ingress \"second\": no address yet"),
                    Not(HasSubstr("other"))));
  EXPECT_FALSE(readiness.never_ran);
}

TEST_F(WaitForTest, AUrlThatNobodyAnswersSaysWhy) {
  PutInstanceAt(absl::StrCat("http://127.0.0.1:", support::ClosedPort()));
  model_.wait_for = WaitForModel{.url = true};
  EXPECT_THAT(AwaitInVain().details[0],
              AllOf(HasSubstr("onnect"), HasSubstr("leave wait_for.url out")));
  // One that is none ends the wait at once.
  PutInstanceAt("ftp://x");
  EXPECT_FALSE(Await(kQuick).ready);
}

TEST_F(WaitForTest, AUrlThatNoLayerNamesEndsTheWait) {
  PutInstance();
  PutActive(Desired(model_).compiled.chart, Json::object());
  PutWorkload("wandb-app", 1);
  model_.wait_for = WaitForModel{.url = true};
  EXPECT_THAT(Details(Await(kQuick)), HasSubstr("names no host. Set host."));
}

TEST_F(WaitForTest, WithoutTheOperatorItsDeploymentEndsNoWait) {
  PutInstance();
  client_->Remove(kDeployment);
  model_.wait_for = WaitForModel{.operator_rollout = false};
  const Readiness unapplied = Await(kQuick, absl::Milliseconds(400));
  EXPECT_FALSE(unapplied.ready);
  EXPECT_THAT(Details(unapplied), HasSubstr("has applied no specification"));
  PutActive(Desired(model_).compiled.chart, Json::object());
  PutWorkload("wandb-app", 1);
  EXPECT_TRUE(Await(kQuick).ready);
}

TEST_F(WaitForTest, WithoutTheWorkloadsTheSpecificationIsEnough) {
  PutInstance();
  PutWorkload("wandb-app", 0);
  model_.wait_for = WaitForModel{.workloads = false};
  EXPECT_FALSE(AwaitInVain().ready);
  PutActive(Desired(model_).compiled.chart, Json::object());
  EXPECT_TRUE(Await(kQuick).ready);
}

TEST_F(WaitForTest, WhatAsksForMoreWaitsAgainAndWhatAsksForLessDoesNot) {
  const Fields fields = {{"values", Map({{"a", Int(1)}})}};
  const Applied applied = Ready(fields);
  const auto plan = [&](const WaitForModel& wait_for) {
    Fields more = fields;
    more["wait_for"] = tf::Codec<WaitForModel>::Encode(wait_for);
    return Plan(applied.state, Make(more), applied.private_data).planned;
  };
  EXPECT_TRUE(plan({.url = true}).At("ready").IsUnknown());
  EXPECT_EQ(plan({.workloads = false}).At("ready"), Flag(true));
  EXPECT_EQ(plan({.url = true}).At("effective_values"),
            applied.state.At("effective_values"));
}

}  // namespace
}  // namespace resources
