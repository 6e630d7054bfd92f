#include "resources/operator/private_data.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace resources {
namespace {

using base::Json;

Json Current() {
  return {{"version", 1},
          {"live", {{"Deployment/wandb/x", "d1"}}},
          {"uids", {{"Deployment/wandb/x", "u1"}}},
          {"manager", "terraform-provider-wandb"},
          {"imported", true},
          {"created_namespace", "u0"},
          {"operator_v2", false}};
}

TEST(OperatorRecordTest, EveryKeyIsReadAndWrittenBack) {
  const OperatorRecord record = OperatorRecord::FromJson(Current());
  EXPECT_EQ(record.live.at("Deployment/wandb/x"), "d1");
  EXPECT_EQ(record.UidOf("Deployment/wandb/x"), "u1");
  EXPECT_EQ(record.UidOf("Deployment/wandb/y"), "");
  EXPECT_EQ(record.manager, "terraform-provider-wandb");
  EXPECT_TRUE(record.imported);
  EXPECT_EQ(record.ToJson(), Current());
}

// As builds before the first release stored it.
TEST(OperatorRecordTest, TheFormWithoutAVersionReadsTheSame) {
  Json earlier = Current();
  earlier.erase("version");
  EXPECT_EQ(OperatorRecord::FromJson(earlier),
            OperatorRecord::FromJson(Current()));
}

TEST(OperatorRecordTest, KeysOfOthersAreKept) {
  Json later = Current();
  later["version"] = 7;
  later["more"] = {{"a", Json::array({1, 2})}};
  const Json written = OperatorRecord::FromJson(later).ToJson();
  EXPECT_EQ(written["more"], later["more"]);
  EXPECT_EQ(written["created_namespace"], "u0");
  EXPECT_EQ(written["version"], 1);
}

TEST(OperatorRecordTest, NothingRecordedIsNothingWritten) {
  for (const Json& nothing :
       {Json(), Json::object(), Json::array(), Json{{"version", 1}}}) {
    const OperatorRecord record = OperatorRecord::FromJson(nothing);
    EXPECT_TRUE(record.IsEmpty()) << nothing;
    EXPECT_EQ(record.ToJson(), Json::object());
  }
  OperatorRecord forgotten;
  forgotten.live["k"] = forgotten.uids["k"] = "v";
  forgotten.Forget("k");
  EXPECT_TRUE(forgotten.IsEmpty());
}

TEST(OperatorRecordTest, WhatHasAnotherShapeCountsAsNotRecorded) {
  const OperatorRecord record =
      OperatorRecord::FromJson({{"live", 3},
                                {"uids", {{"a", "u"}, {"b", 4}}},
                                {"manager", Json::array()},
                                {"imported", "yes"}});
  EXPECT_TRUE(record.live.empty());
  EXPECT_THAT(record.uids, testing::ElementsAre(testing::Pair("a", "u")));
  EXPECT_EQ(record.manager, "");
  EXPECT_FALSE(record.imported);
}

}  // namespace
}  // namespace resources
