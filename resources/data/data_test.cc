// The data sources, read as the plugin reads them.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "kube/object_ref.h"
#include "resources/data/effective_spec.h"
#include "resources/data/legacy_values.h"
#include "resources/data/release_channel.h"
#include "resources/values.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"
#include "tests/support/http_server.h"
#include "wandb/spec/channel.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Fields = std::map<std::string, Value>;

constexpr char kRelease[] =
    R"({"chart":{"url":"https://c.example","name":"n","version":"0.43.8"},
        "values":{"app":{"image":{"tag":"1"}}},
        "metadata":{"releaseId":"r1","releaseName":"one"},"more":1})";

tf::RawData Read(const tf::DataSource& source, Fields fields,
                 const base::Context& ctx = {}) {
  tf::RawData call;
  call.config =
      Value::ObjectOf(source.schema().ImpliedType(), std::move(fields));
  source.Validate(call.config, call.diags);
  if (!call.diags.HasError()) source.Read(ctx, call);
  if (!call.diags.HasError()) {
    EXPECT_TRUE(call.state.IsWhollyKnown());
  }
  return call;
}

std::string ErrorOf(const tf::RawData& call) {
  return call.diags.items().empty() ? "" : call.diags.items()[0].detail;
}

class ChannelTest : public testing::Test {
 protected:
  tf::RawData Read(Fields fields, const base::Context& ctx = {}) const {
    fields.emplace("url", Value::String(server_.url()));
    return resources::Read(*source_, std::move(fields), ctx);
  }

  support::HttpServer server_;
  const std::shared_ptr<support::FakeSession> session_ =
      std::make_shared<support::FakeSession>(absl::UnavailableError("unused"));
  // Only a service that never answers may meet the limit of an attempt, however
  // busy the machine is.
  std::unique_ptr<tf::DataSource> source_ = NewReleaseChannelDataSource(
      session_,
      {.attempt_timeout = absl::Minutes(1), .pause = absl::Milliseconds(1)});
};

TEST_F(ChannelTest, AsksAsTheOperatorDoes) {
  server_.Script({{.body = kRelease}});
  const tf::RawData call = Read({});
  ASSERT_FALSE(call.diags.HasError()) << ErrorOf(call);
  const Json release = *TreeOf(call.state.At("release"));
  EXPECT_EQ(release["values"]["app"]["image"]["tag"], "1");
  EXPECT_EQ(release["chart"]["version"], "0.43.8");
  EXPECT_FALSE(release.contains("more"));
  EXPECT_EQ(call.state.At("id"), Value::String("r1"));
  const auto requests = server_.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].target, "/api/v1/operator/channel");
  EXPECT_EQ(requests[0].headers.at("content-type"), "application/json");
  EXPECT_EQ(requests[0].headers.count("authorization"), 0U);
}

TEST_F(ChannelTest, AsksForAPinnedRelease) {
  server_.Script({{.body = kRelease}});
  EXPECT_FALSE(Read({{"release_id", Value::String("a b/c")}}).diags.HasError());
  EXPECT_EQ(server_.requests()[0].target,
            "/api/v1/operator/channel/release/a%20b%2Fc");
}

TEST_F(ChannelTest, TriesFiveTimesWhateverTheReason) {
  for (const int code : {401, 404, 500}) {
    support::HttpServer server;
    server.Always({.status = code, .body = "canary"});
    const tf::RawData call = Read({{"url", Value::String(server.url())}});
    EXPECT_THAT(ErrorOf(call),
                AllOf(HasSubstr(absl::StrCat("answered ", code)),
                      HasSubstr("5 attempts"), Not(HasSubstr("canary"))));
    EXPECT_EQ(server.requests().size(), 5U);
  }
}

TEST_F(ChannelTest, ALaterAttemptMayWork) {
  server_.Script({{.status = 503}, {.reset = true}, {.body = kRelease}});
  EXPECT_FALSE(Read({}).diags.HasError());
  EXPECT_EQ(server_.requests().size(), 3U);
}

TEST_F(ChannelTest, ASlowServiceCostsAnAttemptEach) {
  source_ = NewReleaseChannelDataSource(
      session_, {.attempt_timeout = absl::Milliseconds(200),
                 .pause = absl::Milliseconds(1)});
  server_.Always({.body = kRelease, .delay = absl::Minutes(1)});
  const absl::Time start = absl::Now();
  EXPECT_THAT(ErrorOf(Read({})), HasSubstr("5 attempts"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
}

TEST_F(ChannelTest, AnAnswerThatTheOperatorRejectsIsFinal) {
  for (const char* body : {"{\"values\":", R"({"metadata":{"releaseId":1}})",
                           "[]", R"({"values":["canary"]})"}) {
    support::HttpServer server;
    server.Always({.body = body});
    EXPECT_THAT(ErrorOf(Read({{"url", Value::String(server.url())}})),
                AllOf(HasSubstr(server.url()), Not(HasSubstr("canary"))));
    EXPECT_EQ(server.requests().size(), 1U);
  }
}

TEST_F(ChannelTest, TheLicenseNeverTravelsOverPlainHttp) {
  session_->the_channel.license = base::Secret("canary-license");
  EXPECT_THAT(ErrorOf(Read({})),
              AllOf(HasSubstr("plain http"), Not(HasSubstr("canary"))));
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(ChannelTest, RedirectsAreNotFollowed) {
  support::HttpServer other;
  server_.Always({.status = 302, .headers = {{"Location", other.url()}}});
  EXPECT_THAT(ErrorOf(Read({})), HasSubstr("answered 302"));
  EXPECT_TRUE(other.requests().empty());
}

TEST_F(ChannelTest, TheProvidersUrlIsTheDefault) {
  server_.Script({{.body = kRelease}});
  session_->the_channel.url = server_.url() + "/base/";
  EXPECT_FALSE(resources::Read(*source_, {}).diags.HasError());
  EXPECT_EQ(server_.requests()[0].target, "/base/api/v1/operator/channel");
}

TEST_F(ChannelTest, SecretsOfAReleaseAreMasked) {
  server_.Script(
      {{.body = R"({"chart": {"url": "https://u:canary@c.test/", "name": "n",
                   "password": "canary"},
          "values": {"a": {"apiKey": "canary", "host": "h"}},
          "metadata": {"releaseId": "r1", "token": "canary"}})"}});
  const Json state = *TreeOf(Read({}).state);
  EXPECT_EQ(state["id"], "r1");
  EXPECT_EQ(state["release"]["chart"]["url"], "https://(sensitive)@c.test/");
  EXPECT_EQ(state["release"]["values"],
            Json({{"a", {{"apiKey", "(sensitive)"}, {"host", "h"}}}}));
  EXPECT_THAT(base::DumpJson(state), Not(HasSubstr("canary")));
}

TEST_F(ChannelTest, StopEndsItAtOnce) {
  server_.Always({.status = 500});
  const auto slow = NewReleaseChannelDataSource(
      session_,
      {.attempt_timeout = absl::Seconds(1), .pause = absl::Minutes(1)});
  base::StopSource stop;
  stop.Stop();
  const absl::Time start = absl::Now();
  EXPECT_TRUE(resources::Read(*slow, {{"url", Value::String(server_.url())}},
                              stop.context())
                  .diags.HasError());
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(ChannelTest, AFileStandsInForTheService) {
  std::string path = testing::TempDir() + "/release.XXXXXX";
  ::close(::mkstemp(path.data()));
  std::ofstream(path) << kRelease;
  const tf::RawData call =
      resources::Read(*source_, {{"file", Value::String(path)}});
  EXPECT_EQ(call.state.At("id"), Value::String("r1"));
  std::ofstream(path) << "{\"values\": \"canary\"}";
  EXPECT_THAT(
      ErrorOf(resources::Read(*source_, {{"file", Value::String(path)}})),
      AllOf(HasSubstr(path), Not(HasSubstr("canary"))));
  std::filesystem::remove(path);
  EXPECT_THAT(
      ErrorOf(resources::Read(*source_, {{"file", Value::String(path)}})),
      HasSubstr(path + " does not exist"));
  EXPECT_THAT(ErrorOf(Read({{"file", Value::String(path)}})),
              HasSubstr("Remove one of the two"));
}

TEST(ChannelRequestTest, TheLicenseIsABasicPassword) {
  std::string plain;
  ASSERT_TRUE(absl::Base64Unescape(wandb::ChannelAuthorization("abc").substr(6),
                                   &plain));
  EXPECT_EQ(plain, "license:abc");
}

TEST(ChannelRequestTest, OnlyPlainUrlsAreTaken) {
  for (const char* url :
       {"deploy.wandb.ai", "ftp://a", "https://", "https:///x",
        "https://canary@a", "https://a?x", "https://a b"}) {
    const auto built = wandb::ChannelRequestUrl(url, "");
    EXPECT_FALSE(built.ok()) << url;
    EXPECT_THAT(std::string(built.status().message()),
                Not(HasSubstr("canary")));
  }
  EXPECT_EQ(*wandb::ChannelRequestUrl("", ""),
            "https://deploy.wandb.ai/api/v1/operator/channel");
}

TEST(LegacyValuesDataTest, ReadsAnEnvironmentWithoutACluster) {
  const auto source = NewLegacyValuesDataSource(
      std::make_shared<support::FakeSession>(absl::UnavailableError("unused")));
  const tf::RawData call =
      Read(*source, {{"env", Value::Map(cty::Type::String(),
                                        {{"HOST", Value::String("https://a")},
                                         {"MYSQL", Value::String("x")}})}});
  ASSERT_FALSE(call.diags.HasError()) << ErrorOf(call);
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["values"], (Json{{"global", {{"host", "https://a"}}}}));
  ASSERT_EQ(state["unmapped"].size(), 1U);
  EXPECT_THAT(state["unmapped"][0].get<std::string>(),
              HasSubstr("MYSQL (this is no URL"));
  EXPECT_THAT(ErrorOf(Read(*source, {})), HasSubstr("exactly one of"));
  EXPECT_THAT(ErrorOf(Read(*source, {{"deployment", Value::String("w")},
                                     {"helm_release", Value::String("w")}})),
              HasSubstr("exactly one of"));
}

TEST(LegacyValuesDataTest, ReadsTheFirstContainerOfADeployment) {
  const auto client = std::make_shared<support::FakeClient>();
  client->Put(kube::DeploymentRef("default", "wandb"), *base::ParseJson(R"json(
      {"spec": {"template": {"spec": {"containers": [
        {"env": [{"name": "H", "value": "a"},
                 {"name": "HOST", "value": "https://$(H)"},
                 {"name": "LICENSE", "valueFrom":
                   {"secretKeyRef": {"name": "s", "key": "k"}}},
                 {"name": "BUCKET_QUEUE", "value": "canary"}]},
        {"env": [{"name": "OTHER", "value": "x"}]}]}}}})json",
                                                                        "it"));
  const auto source =
      NewLegacyValuesDataSource(std::make_shared<support::FakeSession>(client));
  const tf::RawData call =
      Read(*source, {{"deployment", Value::String("wandb")}});
  ASSERT_FALSE(call.diags.HasError()) << ErrorOf(call);
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["values"]["global"],
            (Json{{"host", "https://a"}, {"extraEnv", {{"H", "a"}}}}));
  ASSERT_EQ(state["unmapped"].size(), 2U);
  EXPECT_THAT(state["unmapped"][0].get<std::string>(),
              AllOf(HasSubstr("BUCKET_QUEUE ("), Not(HasSubstr("canary"))));
  EXPECT_THAT(state["unmapped"][1].get<std::string>(),
              HasSubstr("LICENSE (valueFrom: "));
}

TEST(LegacyValuesDataTest, WhatIsNotThereIsAnErrorThatSaysHowToFindIt) {
  const auto source = NewLegacyValuesDataSource(
      std::make_shared<support::FakeSession>(std::shared_ptr<kube::Client>(
          std::make_shared<support::FakeClient>())));
  EXPECT_THAT(
      ErrorOf(Read(*source, {{"deployment", Value::String("w")}})),
      AllOf(HasSubstr("not found"), HasSubstr("Set namespace and deployment"),
            HasSubstr("kubectl get deployments --all-namespaces")));
  EXPECT_THAT(ErrorOf(Read(*source, {{"helm_release", Value::String("w")}})),
              AllOf(HasSubstr("no release w of Helm"),
                    HasSubstr("Set namespace and helm_release"),
                    HasSubstr("helm list --all-namespaces")));
}

TEST(EffectiveSpecDataTest, ComputesFromItsArguments) {
  const auto source = NewEffectiveSpecDataSource();
  EXPECT_FALSE(source->needs_provider());
  const Value values = *cty::FromJson(
      Json{{"global", {{"hots", "x"}, {"mysql", {{"password", "canary"}}}}}});
  const Value release = *cty::FromJson(*base::ParseJson(kRelease, "release"));
  const tf::RawData call =
      Read(*source, {{"values", values}, {"release", release}});
  ASSERT_FALSE(call.diags.HasError()) << ErrorOf(call);
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["effective_values"]["app.image.tag"], "\"1\"");
  EXPECT_EQ(state["effective_values"]["global.mysql.password"], "(sensitive)");
  EXPECT_EQ(state["effective_origin"]["app.image.tag"], "release_channel");
  EXPECT_EQ(state["effective_chart"]["version"], "0.43.8");
  EXPECT_EQ(state["release_metadata"]["releaseName"], "one");
  EXPECT_EQ(state["findings"][0]["id"], "unknown-key");
  EXPECT_EQ(state["findings"][0]["path"], "global.hots");
}

TEST(EffectiveSpecDataTest, AManagedSpecStandsInThePlaceOfTheRelease) {
  const Value release = *cty::FromJson(*base::ParseJson(kRelease, "release"));
  const Json managed = {{"chart", {{"path", "/charts/x"}}},
                        {"values", {{"b", 2}}},
                        {"metadata", {{"releaseName", "none"}}}};
  const tf::RawData call =
      Read(*NewEffectiveSpecDataSource(),
           {{"release", release}, {"managed_spec", *cty::FromJson(managed)}});
  ASSERT_FALSE(call.diags.HasError()) << ErrorOf(call);
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["effective_origin"]["b"], "managed_spec");
  EXPECT_FALSE(state["effective_values"].contains("app.image.tag"));
  EXPECT_EQ(state["effective_chart"]["path"], "/charts/x");
  EXPECT_TRUE(state["release_metadata"].empty());
}

TEST(EffectiveSpecDataTest, AClashIsAFindingAndABadLayerAnError) {
  const auto source = NewEffectiveSpecDataSource();
  const Value values = *cty::FromJson(Json{{"a", "x"}});
  const tf::RawData clash =
      Read(*source,
           {{"values", values},
            {"user_input", *cty::FromJson(Json{{"values", {{"a", {1}}}}})}});
  ASSERT_FALSE(clash.diags.HasError());
  EXPECT_EQ((*TreeOf(clash.state))["findings"][0]["id"], "kind-clash");
  EXPECT_THAT(ErrorOf(Read(*source, {{"release", Value::String("x")}})),
              HasSubstr("Give {chart, metadata, values}"));
}

}  // namespace
}  // namespace resources
