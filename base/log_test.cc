#include "base/log.h"

#include <cstdlib>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace base {
namespace {

TEST(LogTest, NothingLeavesUnfiltered) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // A process of its own.
  EXPECT_EXIT(
      {
        ::setenv("TF_LOG_PROVIDER", "TRACE", 1);
        SetLogFilter([](absl::string_view text) {
          return absl::StrReplaceAll(text, {{"hunter2", "(sensitive)"}});
        });
        Log(LogLevel::kDebug, "says hunter2\x1b",
            {{"audit_id", "hunter2\xe2\x80\xae"}});
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0),
      R"("@message":"says \(sensitive\)\\\\u001b".*)"
      R"("audit_id":"\(sensitive\)\\\\u202e")");
}

TEST(LogTest, TheProgramsOwnVariableGoesBeforeTheOthers) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // A process of its own.
  EXPECT_EXIT(
      {
        ::setenv("TF_LOG", "TRACE", 1);
        ::setenv("TF_LOG_PROVIDER_TWO_WORDS", "ERROR", 1);
        const bool before = LogEnabled(LogLevel::kDebug);
        SetLogName("two-words");
        const bool after = LogEnabled(LogLevel::kDebug);
        SetLogName("other");
        const bool other = LogEnabled(LogLevel::kDebug);
        std::_Exit(before && !after && other ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace base
