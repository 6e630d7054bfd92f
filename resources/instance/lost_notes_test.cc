// Core has forgotten the private data of an instance, since the provider died
// in an apply.
#include "tests/support/update_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::IsEmpty;

class LostNotesTest : public UpdateTest {
 protected:
  // Nobody knows what was noted, and the next run starts with a refresh.
  void Forget() {
    private_data_ = Json::object();
    NewProcess();
    Refresh();
  }
  void Update(Fields values) {
    const tf::RawApply call =
        Change(Config({{"values", Map(std::move(values))}}));
    ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
    Keep(call);
  }
};

TEST_F(LostNotesTest, AnImportThatWasNotWrittenIsStillTakenOver) {
  for (const char* tool : {"helm", "kubectl-client-side-apply"}) {
    client_->Remove(Ref());
    Import(tool, {{"keep", 1}, {"gone", 1}});
    Forget();
    Update({{"keep", Int(2)}});
    EXPECT_EQ(Values(), Json({{"keep", 2}})) << tool;
  }
}

TEST_F(LostNotesTest, WithoutARefreshTheApplyLooksItself) {
  Import("helm", {{"keep", 1}, {"gone", 1}});
  private_data_ = Json::object();
  NewProcess();
  const cty::Value config = Config({{"values", Map({{"keep", Int(2)}})}});
  const tf::RawPlan plan = Plan(state_, config, private_data_);
  EXPECT_THAT(plan.diags.items(), IsEmpty());
  tf::RawPlan bare = plan;
  bare.private_data = Json::object();
  const tf::RawApply call = Apply(state_, config, bare);
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  EXPECT_EQ(Values(), Json({{"keep", 2}}));
}

TEST_F(LostNotesTest, ATakeoverThatWasCutOffGoesOn) {
  Import("helm", {{"keep", 1}, {"gone", 1}});
  // The first write has come through, and nothing after it.
  ApplyAs(support::FakeSession::kManager, {{"keep", 2}});
  Forget();
  Update({{"keep", Int(2)}});
  EXPECT_EQ(Values(), Json({{"keep", 2}}));
}

TEST_F(LostNotesTest, WhatAToolSetInAnInstanceOfOursStaysItsOwn) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  Json live = client_->Stored(Ref());
  live["spec"]["values"]["late"] = 1;
  client_->Put(Ref(), live, "helm");
  Forget();
  EXPECT_EQ(private_data_["manager"], support::FakeSession::kManager);
  EXPECT_FALSE(private_data_.contains("imported"));
  Update({{"a", Int(2)}});
  EXPECT_EQ(Values(), Json({{"a", 2}, {"late", 1}}));
}

TEST_F(LostNotesTest, NotesThatAreThereHold) {
  Import("helm", {{"keep", 1}, {"gone", 1}});
  Update({{"keep", Int(1)}, {"gone", Int(1)}});
  // Back from a time before it was written.
  client_->Remove(Ref());
  client_->Put(Ref(),
               {{"kind", "WeightsAndBiases"},
                {"spec", {{"values", {{"keep", 1}, {"gone", 1}}}}}},
               "helm");
  Fields fields = state_.fields();
  fields["uid"] = Str(kube::UidOf(client_->Stored(Ref())));
  state_ = Make(fields);
  Refresh();
  EXPECT_FALSE(private_data_.contains("imported"));
}

TEST_F(LostNotesTest, WhatTheDefaultFieldManagerAppliedIsTakenOver) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  NewProcess();
  session_->the_manager = "renamed";
  private_data_ = Json::object();
  Refresh();
  EXPECT_EQ(private_data_["manager"], kDefaultFieldManager);
  Update({{"a", Int(2)}});
  EXPECT_EQ(Values(), Json({{"a", 2}}));
  EXPECT_EQ(private_data_["manager"], "renamed");
}

TEST_F(LostNotesTest, WhatAFormerFieldManagerAppliedIsTakenOver) {
  session_->the_manager = "one";
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  NewProcess();
  session_->the_manager = "two";
  private_data_ = Json::object();
  Refresh();
  EXPECT_EQ(private_data_["manager"], "one");
  Update({{"a", Int(2)}});
  EXPECT_EQ(Values(), Json({{"a", 2}}));
  EXPECT_EQ(private_data_["manager"], "two");
}

TEST_F(LostNotesTest, WhoAppliesAnotherThingIsNoFormerFieldManager) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  ApplyAs("gitops", {{"b", 1}});
  NewProcess();
  session_->the_manager = "two";
  private_data_ = Json::object();
  Refresh();
  EXPECT_EQ(private_data_["manager"], support::FakeSession::kManager);
  client_->Remove(Ref());
  ApplyAs("gitops", {{"a", 1}, {"theirs", 1}});
  Fields fields = state_.fields();
  fields["uid"] = Str(kube::UidOf(client_->Stored(Ref())));
  state_ = Make(fields);
  private_data_ = Json::object();
  Refresh();
  EXPECT_FALSE(private_data_.contains("manager"));
}

TEST_F(LostNotesTest, ClearedManagersTellNothing) {
  Import("helm", {{"keep", 1}, {"gone", 1}});
  ASSERT_TRUE(client_
                  ->Patch({}, Ref(),
                          {{"metadata", {{"managedFields", Json::array()}}}},
                          {.field_manager = "somebody"})
                  .ok());
  Forget();
  EXPECT_FALSE(private_data_.contains("imported"));
  EXPECT_FALSE(private_data_.contains("manager"));
}

TEST_F(LostNotesTest, AStateWithoutAnObjectTakesNoneThatHasItsName) {
  Create(Config({{"create_namespace", Flag(true)}}));
  Fields fields = state_.fields();
  fields["uid"] = cty::Value::Null(kString);
  const tf::RawRead read = Read(Make(fields), Json::object());
  EXPECT_FALSE(read.diags.HasError());
  EXPECT_TRUE(read.state.IsNull() || read.state.At("uid").IsNull());
}

// ---- Another object of the same name ----

}  // namespace
}  // namespace resources
