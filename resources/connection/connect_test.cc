#include "resources/connection/connect.h"

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"

namespace resources {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

support::FakeSession WithClient() {
  return support::FakeSession(
      std::shared_ptr<kube::Client>(std::make_shared<support::FakeClient>()));
}

support::FakeSession Unconfigured() {
  return support::FakeSession(absl::FailedPreconditionError("no host is set"));
}

// What cannot be used must not pass for an error that the user has seen.
TEST(ClientOrReportTest, NoClientIsAlwaysAnError) {
  for (const auto& client :
       {absl::StatusOr<std::shared_ptr<kube::Client>>(nullptr),
        absl::StatusOr<std::shared_ptr<kube::Client>>(
            absl::InvalidArgumentError("bad"))}) {
    tf::Diagnostics diags;
    EXPECT_EQ(ClientOrReport(support::FakeSession(client), diags), nullptr);
    EXPECT_TRUE(diags.HasError());
  }
}

TEST(ClientOrReportTest, ReportsWhatIsWrongWithTheConfiguration) {
  tf::Diagnostics diags;
  EXPECT_NE(ClientOrReport(WithClient(), diags), nullptr);
  EXPECT_THAT(diags.items(), IsEmpty());
  EXPECT_EQ(ClientOrReport(Unconfigured(), diags), nullptr);
  ASSERT_TRUE(diags.HasError());
  EXPECT_THAT(diags.items()[0].detail, HasSubstr("no host is set"));
}

TEST(CheckConnectionTest, NothingConfiguredIsAWarningAsAPlanNeedsNoCluster) {
  tf::Diagnostics diags;
  CheckConnection(WithClient(), diags);
  support::FakeSession open = Unconfigured();
  open.config_unknown = true;
  CheckConnection(open, diags);
  EXPECT_THAT(diags.items(), IsEmpty());
  CheckConnection(Unconfigured(), diags);
  EXPECT_THAT(diags.items(), SizeIs(1));
  EXPECT_FALSE(diags.HasError());
}

TEST(CheckConnectionTest, WrongConfigurationIsAnError) {
  for (const absl::Status& wrong :
       {absl::NotFoundError("/k does not exist"),
        absl::InvalidArgumentError("client_key is not PEM"),
        absl::UnimplementedError("auth-provider")}) {
    tf::Diagnostics diags;
    CheckConnection(support::FakeSession(wrong), diags);
    ASSERT_THAT(diags.items(), SizeIs(1));
    EXPECT_TRUE(diags.HasError());
    EXPECT_THAT(diags.items()[0].detail, HasSubstr(wrong.message()));
    // Only a file may still be written.
    EXPECT_EQ(
        absl::StrContains(diags.items()[0].detail, "is going to write it"),
        absl::IsNotFound(wrong));
  }
}

}  // namespace
}  // namespace resources
