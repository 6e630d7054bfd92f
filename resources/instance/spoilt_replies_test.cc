// Whatever type a place of an answer has, it ends no call with an exception,
// which the user would be told is a bug, and takes no state away.
#include <iostream>

#include "provider/tf/exceptions.h"
#include "tests/support/instance_fixture.h"
#include "tests/support/spoilt_client.h"

namespace resources {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

class SpoiltRepliesTest : public InstanceTest {
 protected:
  using Client = support::SpoiltClient;

  cty::Value Config(int number) const {
    return Make({{"wait", Flag(false)},
                 {"labels", StringMapOf("l")},
                 {"annotations", StringMapOf("a")},
                 {"values", Map({{"a", Int(number)}})}});
  }
  static cty::Value StringMapOf(const std::string& key) {
    return cty::Value::Map(kString, {{key, Str("v")}});
  }

  // A life on a cluster that spoils what it says of `resource`, once it is
  // there.
  void Live(const std::string& resource, const std::string& pointer,
            const Json& value) {
    SCOPED_TRACE(absl::StrCat(resource, " ", pointer, " is ", value.dump()));
    const auto client = std::make_shared<Client>();
    PutCluster(*client);
    const auto instance =
        NewInstanceResource(std::make_shared<support::FakeSession>(
            std::shared_ptr<kube::Client>(client)));
    const auto run = [](const std::function<void()>& call) {
      EXPECT_EQ(tf::EndExceptions([&] {
                  call();
                  return absl::OkStatus();
                }),
                absl::OkStatus());
    };
    const auto check = [](const tf::Diagnostics& diags) {
      for (const tf::Diagnostic& item : diags.items()) {
        EXPECT_THAT(item.detail, Not(HasSubstr("bug in the provider")));
      }
    };
    cty::Value state = Nothing();
    Json private_data = Json::object();
    const auto change = [&](const cty::Value& config) {
      tf::RawPlan plan{
          .config = config,
          .prior = state,
          .proposed = support::Proposed(instance->schema(), state, config),
          .private_data = private_data};
      run([&] { instance->Plan({}, plan); });
      check(plan.diags);
      if (plan.diags.HasError()) return;
      tf::RawApply apply{.config = config,
                         .prior = state,
                         .planned = plan.planned,
                         .private_data = plan.private_data};
      run([&] {
        instance->Apply(base::Context().WithTimeout(absl::Seconds(1)), apply);
      });
      check(apply.diags);
      if (apply.diags.HasError()) {
        EXPECT_TRUE(apply.state.IsKnown());
      }
      state = apply.state;
      private_data = apply.private_data;
    };
    change(Config(1));
    ASSERT_TRUE(state.IsKnown());
    client->Spoil(resource, pointer, value);
    tf::RawRead read{.state = state, .private_data = private_data};
    run([&] { instance->Read({}, read); });
    check(read.diags);
    EXPECT_TRUE(read.state.IsKnown());
    change(Config(2));
    change(Nothing());
  }

  static void PutCluster(support::FakeClient& client) {
    for (const char* name : {"wandb-spec-user", "wandb-spec-active"}) {
      client.Put(kube::SecretRef("default", name),
                 {{"kind", "Secret"},
                  {"metadata", {{"labels", {{"a", "b"}}}}},
                  {"data", {{"values", "e30="}, {"chart", "e30="}}}});
    }
  }
};

TEST_F(SpoiltRepliesTest, EndNoCallWithAnException) {
  const auto client = std::make_shared<Client>();
  PutCluster(*client);
  const auto instance =
      NewInstanceResource(std::make_shared<support::FakeSession>(
          std::shared_ptr<kube::Client>(client)));
  const cty::Value config = Config(1);
  tf::RawPlan plan{.config = config,
                   .prior = Nothing(),
                   .proposed = config,
                   .private_data = Json::object()};
  instance->Plan({}, plan);
  tf::RawApply apply{.config = config,
                     .prior = Nothing(),
                     .planned = plan.planned,
                     .private_data = plan.private_data};
  instance->Apply({}, apply);
  ASSERT_FALSE(apply.diags.HasError())
      << apply.diags.items()[0].summary << apply.diags.items()[0].detail;
  client->Spoil("", "", nullptr);
  size_t lives = 0;
  for (const kube::ObjectRef& ref :
       {Ref(), kube::SecretRef("default", "wandb-spec-active")}) {
    const auto object = client->Get({}, ref);
    ASSERT_TRUE(object.ok()) << object.status();
    for (const std::string& place : Client::Places(*object)) {
      for (const Json& value : {Json(5), Json::array({5}), Json{{"a", 5}}}) {
        Live(ref.resource, place, value);
        ++lives;
      }
    }
  }
  EXPECT_GT(lives, 50U);
  std::cout << lives << " lives\n";
}

}  // namespace
}  // namespace resources
