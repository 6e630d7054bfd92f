#include "base/gzip.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace base {
namespace {

// printf 'hello, hello, hello' | gzip -n | xxd -p
std::string Hello() {
  return absl::HexStringToBytes(
      "1f8b0800000000000003cb48cdc9c9d751c840a2009fa1ca0913000000");
}

TEST(GunzipTest, UnpacksWhatGzipPacked) {
  const auto text = Gunzip(Hello(), 100);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, "hello, hello, hello");
}

TEST(GunzipTest, RefusesWhatIsNoneAndWhatIsTooLong) {
  EXPECT_EQ(Gunzip("hello", 100).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Gunzip("", 100).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Gunzip(Hello().substr(0, 20), 100).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Gunzip(Hello(), 10).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace base
