#include "kube/credentials.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kVersion[] = "client.authentication.k8s.io/v1";

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "cred-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    config_.server = "https://h:6443";
    options_.child_environment = {{"PATH", "/usr/bin:/bin"}};
    options_.now = [this] { return now_; };
    options_.on_warning = [this](const std::string& text) {
      warnings_.push_back(text);
    };
  }
  ~CredentialsTest() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& name) const {
    return absl::StrCat(directory_, "/", name);
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(File(name)) << text;
  }
  // The plugin prints the file `answer`, and fails when there is none.
  void UseExec() {
    Write("plugin", "#!/bin/sh\necho run >> \"$0.runs\"\ncat \"$0.answer\"\n");
    ::chmod(File("plugin").c_str(), 0700);
    config_.exec =
        ExecConfig{.api_version = kVersion, .command = File("plugin")};
  }
  void Answer(const std::string& status) const {
    Write("plugin.answer",
          absl::StrCat(R"({"kind":"ExecCredential","apiVersion":")", kVersion,
                       R"(","status":)", status, "}"));
  }
  int Runs() const {
    std::ifstream in(File("plugin.runs"));
    return static_cast<int>(std::count(std::istreambuf_iterator<char>(in),
                                       std::istreambuf_iterator<char>(), '\n'));
  }
  static std::string Authorization(const Identity& identity) {
    for (const auto& [name, value] : identity.headers) {
      if (name == "Authorization") return value;
    }
    return "";
  }
  static Identity Get(Credentials& credentials) {
    const auto identity = credentials.Get(base::Context());
    EXPECT_TRUE(identity.ok()) << identity.status();
    return identity.value_or(Identity());
  }

  std::string directory_;
  absl::Time now_ = absl::FromUnixSeconds(1893456000);
  Config config_;
  CredentialsOptions options_;
  std::vector<std::string> warnings_;
};

TEST_F(CredentialsTest, NothingGoesOverPlainHttpAndNoPluginRuns) {
  UseExec();
  config_.server = "http://h";
  config_.token = base::Secret("t");
  Credentials credentials(config_, options_);
  EXPECT_TRUE(Get(credentials).headers.empty());
  EXPECT_EQ(Runs(), 0);
}

// Whatever a request is sent with, the server may repeat it.
TEST_F(CredentialsTest, WhatIsSentIsTold) {
  std::vector<std::string> told;
  options_.on_credential = [&told](const std::string& secret) {
    told.push_back(secret);
  };
  config_.token = base::Secret("a-token");
  ASSERT_TRUE(Credentials(config_, options_).Get({}).ok());
  config_.token = {};
  config_.username = "u";
  config_.password = base::Secret("pw");
  ASSERT_TRUE(Credentials(config_, options_).Get({}).ok());
  config_.username.clear();
  config_.password = {};
  config_.token_file = File("token");
  Write("token", "from-a-file");
  ASSERT_TRUE(Credentials(config_, options_).Get({}).ok());
  UseExec();
  Answer(R"({"token":"from-a-plugin"})");
  ASSERT_TRUE(Credentials(config_, options_).Get({}).ok());
  EXPECT_THAT(told, testing::ElementsAre("a-token", "dTpwdw==", "pw",
                                         "from-a-file", "from-a-plugin"));
}

TEST_F(CredentialsTest, TokenFileIsReadAgainAfterAMinuteAndKeptWhenItFails) {
  config_.token_file = File("token");
  Credentials credentials(config_, options_);
  EXPECT_EQ(credentials.Get(base::Context()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  Write("token", " one\n");
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer one");
  Write("token", "two");
  now_ += absl::Seconds(59);
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer one");
  now_ += absl::Seconds(1);
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer two");
  std::filesystem::remove(File("token"));
  now_ += absl::Hours(1);
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer two");
  Write("token", "");
  now_ += absl::Hours(1);
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer two");
}

// No server has refused anything then.
TEST_F(CredentialsTest, ATokenFileOfNoUseIsAnErrorEveryTimeThatNamesIt) {
  Write("empty", " \n");
  Write("two", "hunter2\nline");
  const struct {
    std::string path;
    const char* says;
  } kCases[] = {{directory_, " cannot be read: it is a folder"},
                {File("missing"), " does not exist"},
                {File("empty"), " is empty"},
                {File("two"), " has a line break"}};
  config_.origins.token_file = "tokenFile of user \"u\" in /k";
  for (const auto& c : kCases) {
    config_.token_file = c.path;
    Credentials credentials(config_, options_);
    for (int i = 0; i < 2; ++i) {
      const absl::Status status = credentials.Get({}).status();
      EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
      const std::string message(status.message());
      EXPECT_THAT(message, HasSubstr(c.path + c.says));
      EXPECT_THAT(message, HasSubstr("(tokenFile of user \"u\" in /k)"));
      EXPECT_THAT(message, testing::Not(HasSubstr("hunter2")));
    }
  }
}

// Each of the requests of a plan would wait for it.
TEST_F(CredentialsTest, APipeThatNobodyWritesIntoIsWaitedForOnceAMinute) {
  config_.token_file = File("pipe");
  ASSERT_EQ(::mkfifo(config_.token_file.c_str(), 0600), 0);
  options_.token_file.patience = absl::Milliseconds(1);
  Credentials credentials(config_, options_);
  EXPECT_THAT(std::string(credentials.Get({}).status().message()),
              HasSubstr("nobody wrote into it"));
  std::filesystem::remove(config_.token_file);
  Write("pipe", "late");
  now_ += absl::Seconds(59);
  EXPECT_TRUE(absl::IsFailedPrecondition(credentials.Get({}).status()));
  now_ += absl::Seconds(1);
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer late");
}

TEST_F(CredentialsTest, RefusedTokenFileIsReadAtOnce) {
  config_.token_file = File("token");
  Write("token", "one");
  Credentials credentials(config_, options_);
  const Identity refused = Get(credentials);
  EXPECT_FALSE(credentials.Refresh(refused));  // Nothing new.
  Write("token", "two");
  EXPECT_TRUE(credentials.Refresh(refused));
  Write("token", "three");
  EXPECT_TRUE(credentials.Refresh(refused));  // Somebody did already.
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer two");
}

TEST_F(CredentialsTest, FixedTokenCannotBeRefreshed) {
  config_.token = base::Secret("t");
  Credentials credentials(config_, options_);
  EXPECT_FALSE(credentials.Refresh(Get(credentials)));
}

TEST_F(CredentialsTest, RefusedPluginTokenIsAskedForOnceByAll) {
  UseExec();
  Answer(R"({"token":"one"})");
  Credentials credentials(config_, options_);
  const Identity a = Get(credentials);
  const Identity b = Get(credentials);
  EXPECT_EQ(Authorization(a), "Bearer one");
  Answer(R"({"token":"two"})");
  EXPECT_TRUE(credentials.Refresh(a));
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer two");
  EXPECT_TRUE(credentials.Refresh(b));  // Another got one since.
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer two");
  EXPECT_EQ(Runs(), 2);
}

TEST_F(CredentialsTest, NewCertificateMeansNewTlsOptionsAndNewTokenDoesNot) {
  UseExec();
  config_.ca_pem = "ca";
  Answer(R"({"token":"1","clientCertificateData":"-----BEGIN A",
             "clientKeyData":"-----BEGIN K"})");
  Credentials credentials(config_, options_);
  const Identity first = Get(credentials);
  EXPECT_EQ(first.tls->ca_pem, "ca");
  EXPECT_EQ(first.tls->client_certificate_pem, "-----BEGIN A");
  EXPECT_EQ(first.tls->client_key_pem.Reveal(), "-----BEGIN K");
  Answer(R"({"token":"2","clientCertificateData":"-----BEGIN A",
             "clientKeyData":"-----BEGIN K"})");
  credentials.Refresh(first);
  const Identity second = Get(credentials);
  EXPECT_EQ(Authorization(second), "Bearer 2");
  EXPECT_EQ(second.tls, first.tls);
  Answer(R"({"clientCertificateData":"-----BEGIN B",
             "clientKeyData":"-----BEGIN L"})");
  credentials.Refresh(second);
  const Identity third = Get(credentials);
  EXPECT_EQ(Authorization(third), "");
  EXPECT_NE(third.tls, first.tls);
  EXPECT_EQ(third.tls->client_certificate_pem, "-----BEGIN B");
}

TEST_F(CredentialsTest, TokenStandsInForAFailingPluginWithOneWarning) {
  UseExec();
  config_.token = base::Secret("fallback");
  Credentials credentials(config_, options_);
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer fallback");
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer fallback");
  EXPECT_EQ(Runs(), 1);  // Not again for each request.
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0], AllOf(HasSubstr("exec plugin \"plugin\" failed"),
                                  HasSubstr("The token is used instead")));
  now_ += absl::Seconds(61);
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer fallback");
  EXPECT_EQ(Runs(), 2);
  EXPECT_THAT(warnings_, SizeIs(1));
  Answer(R"({"token":"fresh"})");
  EXPECT_TRUE(credentials.Refresh(Get(credentials)));
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer fresh");
}

TEST_F(CredentialsTest, PluginGoesBeforeTheToken) {
  UseExec();
  Answer(R"({"token":"fresh"})");
  config_.token = base::Secret("fallback");
  Credentials credentials(config_, options_);
  EXPECT_EQ(Authorization(Get(credentials)), "Bearer fresh");
  EXPECT_THAT(warnings_, SizeIs(0));
}

TEST_F(CredentialsTest, FailingPluginWithoutATokenIsAnError) {
  UseExec();
  Credentials credentials(config_, options_);
  EXPECT_EQ(credentials.Get(base::Context()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(CredentialsTest, StoppedCallerGetsNoTokenInstead) {
  UseExec();
  config_.token = base::Secret("fallback");
  Credentials credentials(config_, options_);
  base::StopSource stop;
  const base::Context ctx = stop.context();
  stop.Stop();
  EXPECT_EQ(credentials.Get(ctx).status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(warnings_, SizeIs(0));
}

}  // namespace
}  // namespace kube
