// How long a refresh waits for a server that takes connections and says
// nothing, with the transport and the limits of a real provider.
#include "absl/time/clock.h"
#include "base/parallel.h"
#include "tests/support/operator_fixture.h"
#include "tests/support/real_session.h"
#include "tests/support/silent_server.h"

namespace resources {
namespace {

using ::testing::HasSubstr;

// It asks for more objects than are asked for at once.
TEST_F(OperatorTest, ARefreshFromASilentServerEndsAfterTenSeconds) {
  const tf::RawApply made = Change(Nothing(), Make({}));
  ASSERT_FALSE(made.diags.HasError()) << Text(made.diags);
  const support::SilentServer server(
      support::SilentServer::Silence::kNeverReads);
  std::vector<std::function<void()>> refreshes;
  for (const char* scheme : {"http", "https"}) {
    refreshes.emplace_back([&, scheme] {
      const auto resource =
          NewOperatorResource(support::SessionWith(server.url(scheme)));
      tf::RawRead read{.state = made.state, .private_data = made.private_data};
      const absl::Time start = absl::Now();
      resource->Read({}, read);
      EXPECT_GT(absl::Now() - start, absl::Seconds(9));
      EXPECT_LT(absl::Now() - start, absl::Seconds(30));
      EXPECT_TRUE(read.diags.HasError());
      EXPECT_THAT(Text(read.diags), HasSubstr(server.url(scheme)));
      EXPECT_EQ(read.state, made.state);
    });
  }
  base::RunInParallel(refreshes);
}

}  // namespace
}  // namespace resources
