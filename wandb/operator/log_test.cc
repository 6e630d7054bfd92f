#include "wandb/operator/log.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wandb {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<OperatorError> Errors(const std::vector<std::string>& lines) {
  return OperatorErrors(absl::StrJoin(lines, "\n"), "default", "wandb");
}

// An entry as the manager writes it about one instance.
std::string Entry(const std::string& level, const std::string& message,
                  const std::string& more, const std::string& name = "wandb",
                  const std::string& ns = "default") {
  const std::string who =
      absl::StrCat(R"("name":")", name, R"(","namespace":")", ns, "\"");
  return absl::StrCat(R"({"level":")", level,
                      R"(","ts":"2026-11-25T10:00:00Z","msg":")", message,
                      R"(","controller":"weightsandbiases",)",
                      R"("WeightsAndBiases":{)", who, "},", who,
                      R"(,"reconcileID":"1")", more, "}");
}

TEST(OperatorErrorsTest, TimeMessageAndErrorWithoutTheTrace) {
  EXPECT_THAT(
      Errors(
          {Entry("info", "Reconciling", ""),
           Entry("info", "Desired spec", R"(,"spec":{"license":"s"})"),
           Entry("error", "Reconciler error",
                 R"(,"error":"type not\nmatch","stacktrace":"a.b\n\tc:1")")}),
      ElementsAre(OperatorError{.time = "2026-11-25T10:00:00Z",
                                .message = "Reconciler error",
                                .error = "type not\nmatch"}));
}

TEST(OperatorErrorsTest, ThoseOfOtherInstancesAreLeftOut) {
  const std::string error = R"(,"error":"theirs")";
  EXPECT_THAT(Errors({Entry("error", "x", error, "other"),
                      Entry("error", "x", error, "wandb", "elsewhere")}),
              IsEmpty());
  // One about the operator itself concerns every instance.
  EXPECT_THAT(
      Errors({R"({"level":"error","ts":1.5,"msg":"lease lost","name":"x"})"}),
      ElementsAre(OperatorError{.time = "1970-01-01T00:00:01Z",
                                .message = "lease lost"}));
}

TEST(OperatorErrorsTest, WhatIsNoTimeIsLeftOut) {
  for (const char* ts :
       {"1e300", "-1e300", "1764151234567890123", "true", "null", "{}"}) {
    const auto errors = Errors(
        {absl::StrCat(R"({"level":"error","msg":"lost","ts":)", ts, "}")});
    ASSERT_THAT(errors, SizeIs(1)) << ts;
    EXPECT_EQ(errors[0].time, "") << ts;
  }
}

TEST(OperatorErrorsTest, OfALongLogTheEndCounts) {
  std::vector<std::string> lines;
  for (int i = 0; i < 300'000; ++i) lines.push_back(absl::StrCat("error: ", i));
  const auto errors = Errors(lines);  // Takes minutes if all are compared.
  ASSERT_FALSE(errors.empty());
  EXPECT_LE(errors.size(), 1001U);
  EXPECT_EQ(errors.back().message, "error: 299999");
  EXPECT_THAT(Errors({"error: 1\n"}), SizeIs(1));
}

TEST(OperatorErrorsTest, RepetitionsAreCountedAndTheNewestIsLast) {
  const std::string a = Entry("error", "a", R"(,"error":"x")");
  const std::string b = Entry("error", "b", R"(,"error":"x")");
  const auto errors = Errors({a, b, a, a});
  ASSERT_THAT(errors, SizeIs(2));
  EXPECT_EQ(errors[0].message, "b");
  EXPECT_EQ(errors[1].message, "a");
  EXPECT_EQ(errors[1].count, 3);
}

TEST(OperatorErrorsTest, LinesThatAreNoJsonCountIfTheySpeakOfAnError) {
  EXPECT_THAT(
      Errors({"E1125 10:00:00.0 1 leaderelection.go:1] error: no lease",
              "I1125 10:00:00.0 1 all is well", "goroutine 1 [running]: error",
              "\t/src/errors.go:12",
              "k8s.io/api/errors.(*StatusError).Error(0x1)",
              R"({"level":"error","msg":"cut of)"}),
      ElementsAre(OperatorError{
          .message = "E1125 10:00:00.0 1 leaderelection.go:1] error: no "
                     "lease"}));
}

TEST(OperatorErrorsTest, APanicIsAnError) {
  EXPECT_THAT(
      Errors({Entry("error", "Observed a panic",
                    R"(,"panic":"nil map","stacktrace":"goroutine 1")")}),
      ElementsAre(OperatorError{.time = "2026-11-25T10:00:00Z",
                                .message = "Observed a panic",
                                .error = "nil map"}));
}

// What is cut or joined here, nothing could find any more.
TEST(OperatorErrorsTest, TextsAreAsTheLogHasThem) {
  const std::string text(5000, 'x');
  const auto errors = Errors(
      {Entry("error", "a  b", absl::StrCat(R"(,"error":"c\n)", text, "\""))});
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].message, "a  b");
  EXPECT_EQ(errors[0].error, absl::StrCat("c\n", text));
}

}  // namespace
}  // namespace wandb
