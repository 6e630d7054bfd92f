// What a refresh says of automatic updates and of the System Console.
#include "gmock/gmock.h"
#include "tests/support/pin_fixture.h"

namespace resources {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LayerChangesTest : public PinTest {
 protected:
  // Applied over release r1, which a refresh has seen.
  tf::RawRead Applied(Fields more = {}) {
    more.emplace("checks", Str("warn"));
    more.emplace("check_levels", Levels({}));
    const tf::RawApply created = Change(Nothing(), Free(std::move(more)));
    EXPECT_FALSE(created.diags.HasError()) << Text(created.diags);
    PutUserInputOfLive(R"({"a":1})");
    PutRelease("r1", "0.70.0");
    const tf::RawRead read = Read(created.state, created.private_data);
    EXPECT_EQ(News(read), "");
    return read;
  }
  static cty::Value Levels(const std::map<std::string, std::string>& levels) {
    Fields fields = {{"chart-missing", Str("off")},
                     {"unknown-key", Str("off")}};
    for (const auto& [id, level] : levels) fields[id] = Str(level);
    return cty::Value::Map(kString, std::move(fields));
  }
  static std::string News(const tf::RawRead& read) {
    std::string text;
    for (const tf::Diagnostic& item : read.diags.items()) {
      EXPECT_EQ(item.severity, tf::Severity::kWarning);
      if (item.summary.find("since the last apply") != std::string::npos) {
        EXPECT_EQ(text, "");
        text = item.detail;
      }
    }
    return text;
  }
};

TEST_F(LayerChangesTest, AnotherReleaseAndTheConsoleAreSaidOnce) {
  const tf::RawRead before = Applied();
  PutRelease("r2", "0.71.0", "0.44.0");
  PutUserInputOfLive(R"({"a":2,"b":{"password":"canary"}})");
  const tf::RawRead read = Read(before.state, before.private_data);
  EXPECT_THAT(
      News(read),
      AllOf(HasSubstr("release channel: release r1 -> r2, chart 0.43.8 -> "
                      "0.44.0, W&B Server 0.70.0 -> 0.71.0; 1 value changed "
                      "(release-changed):\n    app.image.tag: 0.70.0 -> "
                      "0.71.0"),
            HasSubstr("System Console: 2 values changed "
                      "(user-input-changed):\n    a: 1 -> 2\n"),
            HasSubstr("    b.password: "), Not(HasSubstr("canary"))));
  // A refresh that is not applied changes nothing, so that it is said again.
  EXPECT_EQ(News(Read(before.state, before.private_data)), News(read));
  EXPECT_EQ(News(Read(read.state, read.private_data)), "");
}

TEST_F(LayerChangesTest, AnApplyRecordsWhatIsThere) {
  const tf::RawRead before = Applied();
  PutRelease("r2", "0.71.0");
  const cty::Value config = Free({{"host", Str("https://w.test")}});
  const tf::RawApply applied =
      Change(before.state, config, before.private_data);
  ASSERT_FALSE(applied.diags.HasError());
  EXPECT_EQ(News(Read(applied.state, applied.private_data)), "");
}

TEST_F(LayerChangesTest, EachIdAloneCanBeSwitchedOff) {
  const struct {
    Fields fields;
    bool channel, console;
  } cases[] = {
      {{}, true, true},
      {{{"check_levels", Levels({{"release-changed", "off"}})}}, false, true},
      {{{"check_levels", Levels({{"user-input-changed", "off"}})}},
       true,
       false},
      {{{"checks", Str("off")}}, false, false},
      {{{"checks", Str("error")}}, true, true},
      {{{"checks", Str("off")},
        {"check_levels", Levels({{"release-changed", "warn"}})}},
       true,
       false},
  };
  for (const auto& c : cases) {
    NewCluster();
    const tf::RawRead before = Applied(c.fields);
    PutRelease("r2", "0.71.0");
    PutUserInputOfLive(R"({"a":2})");
    const std::string news = News(Read(before.state, before.private_data));
    EXPECT_EQ(news.find("release-changed") != std::string::npos, c.channel);
    EXPECT_EQ(news.find("user-input-changed") != std::string::npos, c.console);
  }
  tf::Diagnostics diags;
  resource_->Validate(
      Free({{"check_levels", Levels({{"release-changed", "error"}})}}), diags);
  EXPECT_TRUE(diags.HasError());
}

TEST_F(LayerChangesTest, AHandfulOfManyPathsIsShown) {
  const tf::RawRead before = Applied();
  PutUserInputOfLive(
      R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"list":[1,2]})");
  EXPECT_THAT(News(Read(before.state, before.private_data)),
              AllOf(HasSubstr("9 values changed"), HasSubstr("and 4 more"),
                    Not(HasSubstr("release channel:"))));
}

TEST_F(LayerChangesTest, WhatReleaseIdAskedForIsNoNews) {
  const tf::RawRead before = Applied();
  const tf::RawApply pinned =
      Change(before.state, Pinned("r2", {{"checks", Str("warn")}}),
             before.private_data);
  ASSERT_FALSE(pinned.diags.HasError());
  PutRelease("r2", "0.71.0");
  EXPECT_EQ(News(Read(pinned.state, pinned.private_data)), "");
}

TEST_F(LayerChangesTest, WhatTheCustomResourceBringsIsNoNews) {
  const tf::RawRead before = Applied({{"values", Map({{"c", Int(1)}})}});
  base::Json live = cluster_->Stored(Ref());
  live["spec"]["values"]["c"] = 2;
  live["spec"]["values"]["d"] = 2;
  cluster_->Put(Ref(), live, "kubectl");
  PutUserInputOfLive(R"({"a":1,"c":5})");  // Ours is stronger.
  EXPECT_THAT(News(Read(before.state, before.private_data)),
              AllOf(Not(HasSubstr("    c:")), Not(HasSubstr("    d:"))));
}

}  // namespace
}  // namespace resources
