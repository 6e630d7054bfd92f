#include "wandb/scrub.h"

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

TEST(Scrub, FindsSecretsHoweverTheyAreWritten) {
  const Scrubber scrubber({"p@ss \"word\"", "hunter22"});
  EXPECT_EQ(scrubber.Scrub("a p@ss \"word\" b"), "a (sensitive) b");
  EXPECT_EQ(scrubber.Scrub("{\"x\":\"p@ss \\\"word\\\"\"}"),
            "{\"x\":\"(sensitive)\"}");
  EXPECT_EQ(scrubber.Scrub("p%40ss%20%22word%22"), "(sensitive)");
  EXPECT_EQ(scrubber.Scrub("aHVudGVyMjI="), "(sensitive)");
  EXPECT_EQ(scrubber.Scrub("xhunter22hunter22"), "x(sensitive)(sensitive)");
}

// A peer once replaced the empty string between all characters.
TEST(Scrub, DestroysNoTextForTheSakeOfShortSecrets) {
  const Scrubber scrubber({"", "a", "no", "sensitive"});
  EXPECT_EQ(scrubber.Scrub("a banana, and no \"no\""),
            "a banana, and no \"(sensitive)\"");
}

TEST(Scrub, ReplacesASecretThatHoldsAnotherAsAWhole) {
  const Scrubber scrubber({"inner", "outer-inner-outer"});
  EXPECT_EQ(scrubber.Scrub("outer-inner-outer inner"),
            "(sensitive) (sensitive)");
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
