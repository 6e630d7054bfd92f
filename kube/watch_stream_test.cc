#include "kube/watch_stream.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/object_ref.h"
#include "kube/status.h"

namespace kube {
namespace {

using ::testing::ElementsAre;

constexpr char kEvents[] =
    R"({"type":"ADDED","object":{"metadata":{"name":"a"}}})"
    "\n\r\n"
    R"({"type":"MODIFIED","object":{"metadata":{"name":"ä\n"}}})"
    "\r\n"
    R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}})"
    "\n"
    R"({"type":"DELETED","object":{"metadata":{"name":"c"}}})"
    "\n";

class WatchStreamTest : public ::testing::Test {
 protected:
  std::vector<std::string> names_;
  absl::Status verdict_;
  WatchStream stream_{[this](const WatchEvent& event) {
    names_.push_back(NameOf(event.object));
    return verdict_;
  }};
};

TEST_F(WatchStreamTest, CutsAnywhere) {
  const std::string text = kEvents;
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    names_.clear();
    ASSERT_TRUE(stream_.Add(text.substr(0, cut)).ok());
    ASSERT_TRUE(stream_.Add(text.substr(cut)).ok());
    ASSERT_THAT(names_, ElementsAre("a", "ä\n", "", "c")) << cut;
    ASSERT_TRUE(stream_.Finish().ok());
  }
}

TEST_F(WatchStreamTest, TakesSingleBytes) {
  for (const char c : std::string(kEvents)) {
    ASSERT_TRUE(stream_.Add(absl::string_view(&c, 1)).ok());
  }
  EXPECT_EQ(names_.size(), 4);
}

TEST_F(WatchStreamTest, ErrorEventsAreRepliesOfTheServer) {
  const absl::Status expired = stream_.Add(
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})"
      "\n");
  EXPECT_TRUE(IsExpired(expired)) << expired;
  const absl::Status busy = stream_.Add(
      R"({"type":"ERROR","object":{"kind":"Status","code":429,"details":{"retryAfterSeconds":2}}})"
      "\n");
  EXPECT_TRUE(IsTransientReply(busy));
  EXPECT_EQ(RetryAfter(busy), absl::Seconds(2));
}

TEST_F(WatchStreamTest, EndWithinAnEventIsALostConnection) {
  ASSERT_TRUE(stream_.Add(R"({"type":"ADDED","obj)").ok());
  EXPECT_EQ(stream_.Finish().code(), absl::StatusCode::kUnavailable);
}

TEST_F(WatchStreamTest, RefusesWhatIsNoEvent) {
  for (const char* bad :
       {"garbage\n", "[]\n", "{\"type\":\"ADDED\"}\n",
        "{\"type\":\"NEW\",\"object\":{}}\n", "{\"object\":{}}\n"}) {
    EXPECT_FALSE(stream_.Add(bad).ok()) << bad;
  }
  EXPECT_EQ(stream_.Add(std::string((8 << 20) + 1, 'x')).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(WatchStreamTest, HandlerEndsTheStream) {
  verdict_ = absl::AbortedError("enough");
  EXPECT_EQ(stream_.Add(kEvents), verdict_);
  EXPECT_EQ(names_.size(), 1);
}

}  // namespace
}  // namespace kube
