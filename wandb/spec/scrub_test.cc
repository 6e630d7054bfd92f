#include "wandb/spec/scrub.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wandb {
namespace {

TEST(Scrub, DropsLinesThatCarryASpecification) {
  const Scrubber scrubber;
  EXPECT_EQ(
      scrubber.Scrub(
          "{\"msg\":\"start\"}\n"
          "{\"msg\":\"Found Weights & Biases instance, processing the "
          "spec...\",\"Spec\":{\"values\":{\"license\":\"x\"}}}\n"
          "{\"msg\":\"Desired spec\",\"spec\":{\"values\":{}}}\n"
          "{\"msg\":\"Changes found\",\"diff\":\"x\"}\n"
          "I1 embedded {\\\"spec\\\":{}}\n"
          "{\"msg\":\"Failed to apply config changes.\",\"error\":\"no\"}"),
      "{\"msg\":\"start\"}\n"
      "{\"msg\":\"Failed to apply config changes.\",\"error\":\"no\"}");
}

TEST(Scrub, KeepsLinesThatOnlySpeakOfOne) {
  const Scrubber scrubber;
  const char* const kText = "invalid spec: spec.values.a is wrong\n\nnext\n";
  EXPECT_EQ(scrubber.Scrub(kText), kText);
}

TEST(Scrub, HidesWhatItWasToldLater) {
  Scrubber scrubber({"inn3r"});
  scrubber.Add({"outer-inn3r-outer", "hunter22"});
  EXPECT_EQ(scrubber.Scrub("outer-inn3r-outer inn3r aHVudGVyMjI="),
            "(sensitive) (sensitive) (sensitive)");
}

TEST(Scrub, HidesWhatLooksLikeACredential) {
  const Scrubber scrubber;
  EXPECT_EQ(scrubber.Scrub("cannot log in with password=hunter2 at db"),
            "cannot log in with password=(sensitive) at db");
  EXPECT_EQ(scrubber.Scrub("{\"msg\":\"x\",\"password\":\"hunter2\"}"),
            "{\"msg\":\"x\",\"password\":\"(sensitive)\"}");
  EXPECT_EQ(scrubber.Scrub("dial AKID:key@store:9000: refused"),
            "dial (sensitive)@store:9000: refused");
}

TEST(Scrub, ReplacesUserInfoAndJwts) {
  const Scrubber scrubber;
  EXPECT_EQ(scrubber.Scrub("dial mysql://u:p@h:3306/db: refused"),
            "dial mysql://(sensitive)@h:3306/db: refused");
  EXPECT_EQ(scrubber.Scrub("Bearer eyJhbGciOi.eyJzdWIi.sig-_ end"),
            "Bearer (sensitive) end");
  EXPECT_EQ(scrubber.Scrub("eyJhbGciOi.eyJzdWIi."), "(sensitive).");
  EXPECT_EQ(scrubber.Scrub("eyJustAWord. And keyJ.x"),
            "eyJustAWord. And keyJ.x");
}

TEST(Scrub, HidesBeforeItJoinsAndCutsLines) {
  const Scrubber scrubber({"two  blanks", "lines\nof it", "s3cr3t-value"});
  EXPECT_EQ(scrubber.ScrubToLine("a two  blanks\n\tlines\nof it b", 100),
            "a (sensitive) (sensitive) b");
  EXPECT_EQ(scrubber.ScrubToLine("12345678 s3cr3t-value", 15),
            "12345678 (sensi…");
  EXPECT_EQ(scrubber.ScrubToLine("x ä", 3), "x …");
  // Its other lines may be part of it.
  EXPECT_EQ(scrubber.ScrubToLine("{\n\"spec\": {\n\"a\": 1}}", 100), "");
}

TEST(Scrub, TwiceIsOnce) {
  const Scrubber scrubber({"secret-value", "ive)", "abc"});
  for (const char* text :
       {"secret-value", "x://secret-value@h", "\"abc\" (sensitive)",
        "eyJa.eyJb.c\n{\"spec\":1}\nx"}) {
    const std::string once = scrubber.Scrub(text);
    EXPECT_EQ(scrubber.Scrub(once), once);
  }
}

}  // namespace
}  // namespace wandb
