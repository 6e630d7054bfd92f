#include "resources/connection/plan_notes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace resources {
namespace {

using Plan = PlanNotes::Plan;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(PlanNotesTest, WhicheverPlanComesLastKnowsOfAnInstanceThatStays) {
  PlanNotes notes;
  EXPECT_EQ(notes.NoteInstance("ml/a", Plan::kStays), "");
  EXPECT_THAT(
      notes.NoteOperatorGoes("ops/o", {"ml/a", "ml/b"}, notes.instances()),
      UnorderedElementsAre(Pair("ml/a", Plan::kStays)));
  EXPECT_EQ(notes.NoteInstance("ml/b", Plan::kStays), "ops/o");
  EXPECT_EQ(notes.NoteInstance("ml/c", Plan::kStays), "");
}

TEST(PlanNotesTest, OneThatGoesFirstMayHaveItsOrder) {
  PlanNotes notes;
  notes.NoteInstance("ml/a", Plan::kGoes);
  EXPECT_THAT(notes.NoteOperatorGoes("ops/o", {"ml/a"}, notes.instances()),
              IsEmpty());
}

TEST(PlanNotesTest, OneThatGoesWhileTheOperatorIsPlannedHasNone) {
  PlanNotes notes;
  const auto before = notes.instances();
  EXPECT_EQ(notes.NoteInstance("ml/a", Plan::kGoes), "");
  EXPECT_THAT(notes.NoteOperatorGoes("ops/o", {"ml/a", "ml/b"}, before),
              UnorderedElementsAre(Pair("ml/a", Plan::kGoes)));
  EXPECT_EQ(notes.NoteInstance("ml/b", Plan::kGoes), "ops/o");
}

TEST(PlanNotesTest, OperatorsThatAreMadeKnowOfEachOther) {
  PlanNotes notes;
  EXPECT_FALSE(notes.HasOperator());
  EXPECT_THAT(notes.NoteOperatorStays("ops/a", true), IsEmpty());
  EXPECT_TRUE(notes.HasOperator());
  // Core asks twice where one is replaced.
  EXPECT_THAT(notes.NoteOperatorStays("ops/a", true), IsEmpty());
  // Of those that are there the cluster tells.
  EXPECT_THAT(notes.NoteOperatorStays("ops/old", false), ElementsAre("ops/a"));
  EXPECT_THAT(notes.NoteOperatorStays("ops/b", true), ElementsAre("ops/a"));
  notes.Clear();
  EXPECT_FALSE(notes.HasOperator());
  EXPECT_THAT(notes.NoteOperatorStays("ops/b", true), IsEmpty());
}

TEST(PlanNotesTest, AnotherWalkKnowsNothing) {
  PlanNotes notes;
  notes.NoteInstance("ml/a", Plan::kStays);
  notes.NoteOperatorGoes("ops/o", {"ml/b"}, {});
  notes.Clear();
  EXPECT_THAT(notes.instances(), IsEmpty());
  EXPECT_EQ(notes.NoteInstance("ml/b", Plan::kGoes), "");
}

}  // namespace
}  // namespace resources
