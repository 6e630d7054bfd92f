// How long a refresh waits for a server that takes connections and says
// nothing, with the transport and the limits of a real provider.
#include "absl/time/clock.h"
#include "base/parallel.h"
#include "resources/connection/look_context.h"
#include "tests/support/instance_fixture.h"
#include "tests/support/real_session.h"
#include "tests/support/silent_server.h"

namespace resources {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SilenceTest : public InstanceTest {
 protected:
  struct Outcome {
    tf::RawRead read;
    absl::Duration took;
  };
  // A refresh, or a Read in an apply.
  Outcome ReadFrom(const std::string& url, const base::Context& ctx,
                   bool applying) const {
    const auto session = support::SessionWith(url);
    if (applying) session->NoteApply();
    const auto resource = NewInstanceResource(session);
    Outcome out{
        .read = {.state = made_.state, .private_data = made_.private_data}};
    const absl::Time start = absl::Now();
    resource->Read(ctx, out.read);
    out.took = absl::Now() - start;
    return out;
  }
  void ExpectError(const Outcome& outcome, const std::string& url,
                   const std::string& says) const {
    EXPECT_EQ(outcome.read.state, made_.state);
    ASSERT_THAT(outcome.read.diags.items(), SizeIs(1));
    const tf::Diagnostic& error = outcome.read.diags.items()[0];
    EXPECT_EQ(error.severity, tf::Severity::kError);
    // The time of the connection and that of the call end at the same moment:
    // either says why.
    EXPECT_THAT(error.detail,
                AllOf(HasSubstr(url),
                      AnyOf(HasSubstr(says), HasSubstr("no answer came from")),
                      HasSubstr("weightsandbiases/wandb")));
  }

  const support::SilentServer server_{
      support::SilentServer::Silence::kNeverReads};
  const Applied made_ = Ready({});
};

TEST_F(SilenceTest, EndsARefreshAfterTenSeconds) {
  Outcome plain, tls;
  base::RunInParallel(
      {[&] { plain = ReadFrom(server_.url("http"), {}, false); },
       [&] { tls = ReadFrom(server_.url("https"), {}, false); }});
  for (const Outcome* outcome : {&plain, &tls}) {
    EXPECT_GT(outcome->took, absl::Seconds(9));
    EXPECT_LT(outcome->took, absl::Seconds(30));
  }
  ExpectError(plain, server_.url("http"), "no answer came from");
  ExpectError(tls, server_.url("https"), "TLS handshake");
}

// What ends it is the deadline of the Read, which is shorter here.
TEST_F(SilenceTest, EndsAReadInAnApplyInAll) {
  const base::Context brief = base::Context().WithTimeout(absl::Seconds(2));
  const Outcome outcome = ReadFrom(server_.url("http"), brief, true);
  EXPECT_LT(outcome.took, absl::Seconds(20));
  ExpectError(outcome, server_.url("http"), "no answer in time");
}

class DeadlineClient final : public support::FakeClient {
 public:
  absl::StatusOr<base::Json> Get(const base::Context& ctx,
                                 const kube::ObjectRef&) override {
    remaining = ctx.remaining();
    return absl::UnavailableError("away");
  }
  absl::Duration remaining;
};

TEST_F(SilenceTest, IsBoundedByAMinuteInEveryRead) {
  const auto client = std::make_shared<DeadlineClient>();
  const auto resource =
      NewInstanceResource(std::make_shared<support::FakeSession>(
          std::shared_ptr<kube::Client>(client)));
  tf::RawRead read{.state = made_.state, .private_data = made_.private_data};
  resource->Read({}, read);
  EXPECT_LE(client->remaining, absl::Seconds(60));
  EXPECT_GT(client->remaining, absl::Seconds(50));
}

}  // namespace
}  // namespace resources
