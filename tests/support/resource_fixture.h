// A managed resource on a fake cluster, through the calls that core makes: for
// tests. Whatever is planned or applied here also passes core's own checks.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/tf/core_rules.h"
#include "provider/tf/resource.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"
#include "tests/support/proposed.h"

namespace resources {

using Fields = std::map<std::string, cty::Value>;

inline const cty::Type kString = cty::Type::String();

inline cty::Value Str(const std::string& text) {
  return cty::Value::String(text);
}
inline cty::Value Int(int64_t value) { return cty::Value::Int(value); }
inline cty::Value Flag(bool value) { return cty::Value::Bool(value); }
inline cty::Value UnknownStr() { return cty::Value::Unknown(kString); }
inline cty::Value Map(Fields fields) {
  return cty::Value::Object(std::move(fields));
}

class ResourceTest : public ::testing::Test {
 protected:
  using NewResource =
      std::unique_ptr<tf::Resource>(std::shared_ptr<const Session> session);

  explicit ResourceTest(NewResource* make) : make_(make) {}

  // An object of the resource's type; what is not given is null.
  cty::Value Make(Fields fields) const {
    return cty::Value::ObjectOf(resource_->schema().ImpliedType(),
                                std::move(fields));
  }
  cty::Value Nothing() const {
    return cty::Value::Null(resource_->schema().ImpliedType());
  }

  tf::RawPlan Plan(const cty::Value& prior, const cty::Value& config,
                   base::Json private_data = base::Json::object()) const {
    tf::RawPlan call{
        .config = config,
        .prior = prior,
        .proposed = support::Proposed(resource_->schema(), prior, config),
        .private_data = std::move(private_data)};
    resource_->Plan({}, call);
    if (!call.diags.HasError()) {
      EXPECT_THAT(
          tf::PlanFaults(resource_->schema(), prior, config, call.planned),
          ::testing::IsEmpty());
    }
    return call;
  }
  tf::RawApply Apply(const cty::Value& prior, const cty::Value& config,
                     const tf::RawPlan& plan) const {
    tf::RawApply call{.config = config,
                      .prior = prior,
                      .planned = plan.planned,
                      .private_data = plan.private_data};
    resource_->Apply({}, call);
    if (!call.diags.HasError()) {
      EXPECT_THAT(
          tf::ApplyFaults(resource_->schema(), plan.planned, call.state),
          ::testing::IsEmpty());
    }
    return call;
  }
  // Plan and apply, as core does them one after the other.
  tf::RawApply Change(const cty::Value& prior, const cty::Value& config,
                      base::Json private_data = base::Json::object()) const {
    return Apply(prior, config, Plan(prior, config, std::move(private_data)));
  }
  tf::RawRead Read(const cty::Value& state, base::Json private_data) const {
    tf::RawRead call{.state = state, .private_data = std::move(private_data)};
    resource_->Read({}, call);
    return call;
  }

  // As if the provider had been started anew.
  void NewProcess() {
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(client_));
    resource_ = make_(session_);
    client_->ClearCalls();
  }

  NewResource* const make_;
  const std::shared_ptr<support::FakeClient> client_ =
      std::make_shared<support::FakeClient>();
  std::shared_ptr<support::FakeSession> session_ =
      std::make_shared<support::FakeSession>(
          std::shared_ptr<kube::Client>(client_));
  std::unique_ptr<tf::Resource> resource_ = make_(session_);
};

}  // namespace resources
