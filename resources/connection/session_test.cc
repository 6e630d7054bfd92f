#include "resources/connection/session.h"

#include <stdexcept>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/http_server.h"
#include "tests/support/real_session.h"

namespace resources {
namespace {

using ::testing::HasSubstr;

std::optional<std::string> NoEnvironment(const std::string&) {
  return std::nullopt;
}

TEST(ConfiguredSessionTest, AKubeconfigThatIsAFolderIsAnErrorEveryTime) {
  ConfiguredSession session;
  session.Configure({.sources = {.config_path = ::testing::TempDir(),
                                 .environment = NoEnvironment}});
  for (int i = 0; i < 2; ++i) {
    const auto client = session.Kube();
    ASSERT_FALSE(client.ok());
    EXPECT_THAT(client.status().message(),
                HasSubstr("it is a folder, not a file"));
  }
}

TEST(ConfiguredSessionTest, AnExceptionLeavesNoHalfMadeConnection) {
  ConfiguredSession session;
  bool broken = true;
  session.Configure({.sources = {.host = "https://h",
                                 .environment = [&](const std::string&)
                                     -> std::optional<std::string> {
                                   if (broken) {
                                     throw std::runtime_error("broken");
                                   }
                                   return std::nullopt;
                                 }}});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THROW(static_cast<void>(session.Kube()), std::runtime_error);
  }
  broken = false;
  const auto client = session.Kube();
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_NE(*client, nullptr);
  EXPECT_EQ(*session.Kube(), *client);
}

// With -debug one process serves several walks.
TEST(ConfiguredSessionTest, PlansOfAnEarlierWalkAreForgotten) {
  ConfiguredSession session;
  session.plan_notes().NoteInstance("ml/w", PlanNotes::Plan::kStays);
  session.Configure({});
  EXPECT_TRUE(session.plan_notes().instances().empty());
}

// A server or a proxy may repeat what it was sent.
TEST(ConfiguredSessionTest, ItsOwnCredentialsAreKnownSecrets) {
  ConfiguredSession session;
  session.Configure({.sources = {.password = "own-passw0rd",
                                 .token = "own-t0ken",
                                 .environment = NoEnvironment},
                     .license = base::Secret("own-l1cense")});
  EXPECT_EQ(session.secrets()->Hide("own-t0ken own-passw0rd own-l1cense"),
            "(sensitive) (sensitive) (sensitive)");
}

TEST(ConfiguredSessionTest, WhatFailedIsTriedAgain) {
  ConfiguredSession session;
  bool exists = false;
  session.Configure(
      {.sources = {
           .config_path = "/kubeconfig",
           .environment = NoEnvironment,
           .read_file = [&](const std::string&) -> absl::StatusOr<std::string> {
             if (!exists) return absl::NotFoundError("not there");
             return R"({"current-context": "c",
  "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
  "clusters": [{"name": "k", "cluster": {"server": "https://h"}}],
  "users": [{"name": "u", "user": {"token": "t"}}]})";
           }}});
  EXPECT_TRUE(absl::IsNotFound(session.Kube().status()));
  exists = true;
  EXPECT_TRUE(session.Kube().ok());
  EXPECT_THAT(session.Endpoint(), HasSubstr("https://h"));
}

TEST(ConfiguredSessionTest, ItsClientSaysWhichArgumentToSet) {
  support::HttpServer server;
  server.Always({.status = 407});
  const auto session = support::SessionWith(server.url());
  const auto client = session->Kube();
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_THAT(
      (*client)->Get({}, kube::ConfigMapRef("ns", "x")).status().message(),
      HasSubstr("proxy_url"));
}

}  // namespace
}  // namespace resources
