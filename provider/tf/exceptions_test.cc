#include "provider/tf/exceptions.h"

#include <new>
#include <stdexcept>
#include <system_error>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(EndExceptionsTest, GivesBackTheStatus) {
  EXPECT_TRUE(EndExceptions([] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(EndExceptions([] { return absl::NotFoundError("x"); }),
            absl::NotFoundError("x"));
}

TEST(EndExceptionsTest, EveryExceptionIsAnError) {
  const auto thrown = [](const auto& what) {
    return EndExceptions([&]() -> absl::Status { throw what; });
  };
  EXPECT_EQ(thrown(std::runtime_error("broken")),
            absl::InternalError("broken"));
  EXPECT_TRUE(absl::IsInternal(thrown(7)));
  EXPECT_EQ(thrown(std::bad_alloc()),
            absl::ResourceExhaustedError("out of memory"));
  const auto no_thread = thrown(std::system_error(
      std::make_error_code(std::errc::resource_unavailable_try_again)));
  EXPECT_TRUE(absl::IsResourceExhausted(no_thread)) << no_thread;
  EXPECT_TRUE(absl::IsInternal(thrown(
      std::system_error(std::make_error_code(std::errc::is_a_directory)))));
}

TEST(FailureTextTest, OnlyABugIsCalledOne) {
  EXPECT_THAT(FailureText(absl::InternalError("broken")),
              AllOf(HasSubstr("broken"), HasSubstr("bug")));
  EXPECT_THAT(FailureText(absl::ResourceExhaustedError("out of memory")),
              AllOf(HasSubstr("out of memory"), HasSubstr("ulimit"),
                    Not(HasSubstr("bug"))));
  EXPECT_THAT(FailureText(absl::OutOfRangeError("values: nested too deeply")),
              AllOf(HasSubstr("values: nested"), HasSubstr("128"),
                    Not(HasSubstr("bug"))));
  EXPECT_THAT(FailureText(absl::DataLossError("a: unsupported attribute")),
              AllOf(HasSubstr("unsupported"), HasSubstr("backup"),
                    Not(HasSubstr("bug"))));
}

}  // namespace
}  // namespace tf
