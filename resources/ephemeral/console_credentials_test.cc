// Ephemeral resource wandb_console_credentials, opened as the plugin opens it.
#include "resources/ephemeral/console_credentials.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "kube/object_ref.h"
#include "resources/values.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ConsoleCredentialsTest : public testing::Test {
 protected:
  tf::RawData Open(const char* instance) const {
    const auto part =
        NewConsoleCredentials(std::make_shared<support::FakeSession>(client_));
    tf::RawData call;
    call.config = Value::ObjectOf(part->schema().ImpliedType(),
                                  {{"instance", Value::String(instance)}});
    part->Validate(call.config, call.diags);
    if (!call.diags.HasError()) part->Read({}, call);
    return call;
  }
  static std::string Said(const tf::RawData& call) {
    std::string out;
    for (const tf::Diagnostic& each : call.diags.items()) {
      absl::StrAppend(&out, each.summary, "\n", each.detail, "\n");
    }
    return out;
  }
  void Put(const char* name, const Json& texts) {
    Json data = Json::object();
    for (const auto& [key, text] : texts.items()) {
      data[key] = absl::Base64Escape(text.get<std::string>());
    }
    client_->Put(kube::SecretRef("ml", name), {{"data", data}});
  }
  void PutInstance() {
    client_->Put({"apps.wandb.com", "v1", "weightsandbiases", "ml", "wandb"},
                 {{"kind", "WeightsAndBiases"}});
  }
  void PutApplied(const Json& values) {
    Put("wandb-spec-active", {{"chart", "{}"}, {"values", values.dump()}});
  }

  const std::shared_ptr<support::FakeClient> client_ =
      std::make_shared<support::FakeClient>();
};

TEST_F(ConsoleCredentialsTest, AreThePasswordOfTheSecretAndTheUrlThatRuns) {
  PutInstance();
  Put("wandb-password", {{"password", "s3cr3t+/="}});
  PutApplied({{"global", {{"host", "https://wandb.example"}}}});
  const tf::RawData call = Open("ml/wandb");
  EXPECT_EQ(Said(call), "");
  EXPECT_EQ(*TreeOf(call.state),
            (Json{{"instance", "ml/wandb"},
                  {"password", "s3cr3t+/="},
                  {"console_url", "https://wandb.example/console"}}));
}

TEST_F(ConsoleCredentialsTest, BeforeASpecificationIsAppliedThereIsNoUrl) {
  PutInstance();
  Put("wandb-password", {{"password", "p"}});
  const tf::RawData call = Open("ml/wandb");
  EXPECT_EQ(Said(call), "");
  EXPECT_EQ((*TreeOf(call.state))["console_url"], nullptr);
}

// An error would stand in the way of a destroy, too.
TEST_F(ConsoleCredentialsTest, BeforeTheConsoleStartedAWarningSaysWhenItDoes) {
  PutInstance();
  PutApplied({{"global", {{"host", "https://wandb.example"}}}});
  const tf::RawData call = Open("ml/wandb");
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_THAT(Said(call), AllOf(HasSubstr("No console credentials of ml/wandb"),
                                HasSubstr("when it starts for the first")));
  EXPECT_EQ(*TreeOf(call.state),
            (Json{{"instance", "ml/wandb"},
                  {"password", nullptr},
                  {"console_url", "https://wandb.example/console"}}));
}

TEST_F(ConsoleCredentialsTest, OfAnInstanceThatDoesNotExistNoOthersAreRead) {
  Put("wandb-password", {{"password", "CANARY"}});
  const tf::RawData call = Open("ml/wandb");
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_THAT(Said(call), HasSubstr("The instance does not exist"));
  EXPECT_EQ((*TreeOf(call.state))["password"], nullptr);
}

TEST_F(ConsoleCredentialsTest, ASecretOfAnotherShapeIsAnErrorWithoutItsText) {
  PutInstance();
  Put("wandb-password", {{"passwd", "CANARY"}});
  const std::string said = Said(Open("ml/wandb"));
  EXPECT_THAT(said, AllOf(HasSubstr("key password of Secret"),
                          HasSubstr("is not there"), Not(HasSubstr("CANARY"))));
}

TEST_F(ConsoleCredentialsTest, AnIdOfAnotherFormIsRefused) {
  EXPECT_THAT(Said(Open("wandb")), AllOf(HasSubstr("Invalid instance id"),
                                         HasSubstr("wandb_instance.NAME.id")));
}

}  // namespace
}  // namespace resources
