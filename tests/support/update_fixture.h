// An instance that is created, and then changed beside others, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/instance_fixture.h"

namespace resources {

class UpdateTest : public InstanceTest {
 protected:
  UpdateTest() { PutOperator(true); }

  Fields Base(Fields more) const {
    more["wait"] = Flag(false);
    more["airgapped"] = Flag(true);
    return more;
  }
  cty::Value Config(Fields more) const { return Make(Base(std::move(more))); }
  static cty::Value Paths(std::vector<cty::Value> paths) {
    return cty::Value::List(kString, std::move(paths));
  }

  void Create(const cty::Value& config) {
    const tf::RawApply call = Apply(Nothing(), config, Plan(Nothing(), config));
    ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
    Keep(call);
  }
  tf::RawApply Change(const cty::Value& config) {
    return Apply(state_, config, Plan(state_, config, private_data_));
  }
  void Keep(const tf::RawApply& call) {
    state_ = call.state;
    private_data_ = call.private_data;
    client_->ClearCalls();
  }

  void Refresh() {
    const tf::RawRead read = Read(state_, private_data_);
    ASSERT_FALSE(read.diags.HasError()) << read.diags.items()[0].detail;
    state_ = read.state;
    private_data_ = read.private_data;
  }

  // Another manager applies these values and takes what it wants.
  void ApplyAs(const std::string& manager, const base::Json& values) {
    ASSERT_TRUE(client_
                    ->Apply({}, Ref(),
                            {{"kind", "WeightsAndBiases"},
                             {"spec", {{"values", values}}}},
                            {.field_manager = manager, .force = true})
                    .ok());
    client_->ClearCalls();
  }
  void Import(const std::string& manager, const base::Json& values) {
    client_->Put(Ref(),
                 {{"kind", "WeightsAndBiases"}, {"spec", {{"values", values}}}},
                 manager);
    tf::RawImport import{.id = "default/wandb"};
    resource_->Import({}, import);
    const tf::RawRead read = Read(import.state, import.private_data);
    ASSERT_FALSE(read.diags.HasError());
    state_ = read.state;
    private_data_ = read.private_data;
    client_->ClearCalls();
  }
  base::Json Values() const { return client_->Stored(Ref())["spec"]["values"]; }

  cty::Value state_;
  base::Json private_data_;
};

}  // namespace resources
