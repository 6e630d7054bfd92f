// What has HTTP 200 but is no part of the operator takes no state away.
#include "tests/support/operator_fixture.h"
#include "tests/support/wrong_server.h"

namespace resources {
namespace {

using base::Json;

class OperatorWrongRepliesTest : public OperatorTest {
 protected:
  void SetUp() override {
    made_ = Change(Nothing(), Make({}));
    ASSERT_FALSE(made_.diags.HasError()) << Text(made_.diags);
    const auto live = client_->Get({}, Deployment());
    ASSERT_TRUE(live.ok());
    live_ = *live;
  }
  // A resource to which `what` is said of the Deployment, and of all else that
  // it is not there.
  static std::unique_ptr<tf::Resource> Told(const Json& what) {
    return NewOperatorResource(support::WrongServer::Session(
        [body = what.dump()](const http::Request& request) -> std::string {
          return request.url.find("deployments/wandb-controller-manager") ==
                         std::string::npos
                     ? ""
                     : body;
        }));
  }

  tf::RawApply made_;
  Json live_;
};

TEST_F(OperatorWrongRepliesTest, KeepTheStateInARefresh) {
  for (const auto& [wrong, reply] : support::OtherThan(live_)) {
    tf::RawRead read{.state = made_.state, .private_data = made_.private_data};
    Told(reply)->Read({}, read);
    EXPECT_TRUE(read.diags.HasError()) << wrong;
    EXPECT_EQ(read.state, made_.state) << wrong;
  }
}

TEST_F(OperatorWrongRepliesTest, KeepTheStateInADestroy) {
  for (const auto& [wrong, reply] : support::OtherThan(live_)) {
    tf::RawApply destroy{.config = Nothing(),
                         .prior = made_.state,
                         .planned = Nothing(),
                         .private_data = made_.private_data};
    Told(reply)->Apply({}, destroy);
    EXPECT_TRUE(destroy.diags.HasError()) << wrong;
    EXPECT_EQ(destroy.state, made_.state) << wrong;
  }
}

}  // namespace
}  // namespace resources
