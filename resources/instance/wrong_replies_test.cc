// What has HTTP 200 but is not the instance takes no state away.
#include "tests/support/instance_fixture.h"
#include "tests/support/wrong_server.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kDefinition[] =
    R"({"apiVersion":"apiextensions.k8s.io/v1",
        "kind":"CustomResourceDefinition",
        "metadata":{"name":"weightsandbiases.apps.wandb.com","uid":"u"},
        "spec":{"versions":[{"name":"v1","served":true,"storage":true}]}})";

class WrongRepliesTest : public InstanceTest {
 protected:
  WrongRepliesTest() {
    live_ = wandb::MakeCustomResource(
        {.name = "wandb", .ns = "default", .labels = {}, .annotations = {}});
    live_["metadata"]["uid"] = "uid-1";
    live_["metadata"]["resourceVersion"] = "1";
  }
  // A resource to which `what` is said of the instance.
  static std::unique_ptr<tf::Resource> Told(const Json& what) {
    return NewInstanceResource(support::WrongServer::Session(
        [body = what.dump()](const http::Request& request) -> std::string {
          if (request.url.find("customresourcedefinitions") !=
              std::string::npos) {
            return kDefinition;
          }
          return request.url.find("weightsandbiases/wandb") == std::string::npos
                     ? ""
                     : body;
        }));
  }
  tf::RawRead ReadTold(const Json& what) const {
    tf::RawRead read{.state = made_.state, .private_data = made_.private_data};
    Told(what)->Read({}, read);
    return read;
  }
  tf::RawApply DestroyTold(const Json& what) const {
    tf::RawApply destroy{.config = Nothing(),
                         .prior = made_.state,
                         .planned = Nothing(),
                         .private_data = made_.private_data};
    Told(what)->Apply({}, destroy);
    return destroy;
  }

  const Applied made_ = Ready({});
  Json live_;
};

TEST_F(WrongRepliesTest, KeepTheStateInARefresh) {
  EXPECT_FALSE(ReadTold(live_).diags.HasError());
  for (const auto& [wrong, reply] : support::OtherThan(live_)) {
    const tf::RawRead read = ReadTold(reply);
    EXPECT_EQ(read.state, made_.state) << wrong;
    ASSERT_THAT(read.diags.items(), SizeIs(1)) << wrong;
    EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kError) << wrong;
    EXPECT_THAT(read.diags.items()[0].detail,
                HasSubstr("weightsandbiases/wandb"))
        << wrong;
  }
}

TEST_F(WrongRepliesTest, KeepTheStateInADestroy) {
  auto wrong = support::OtherThan(live_);
  wrong["another uid"] = live_;
  wrong["another uid"]["metadata"]["uid"] = "uid-2";
  for (const auto& [what, reply] : wrong) {
    const tf::RawApply destroy = DestroyTold(reply);
    EXPECT_TRUE(destroy.diags.HasError()) << what;
    EXPECT_EQ(destroy.state, made_.state) << what;
  }
}

}  // namespace
}  // namespace resources
