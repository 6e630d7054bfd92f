// No reply takes the memory of the process, however it is made.
#include <atomic>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/parallel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/new_client.h"
#include "tests/support/api_bodies.h"
#include "tests/support/peak_memory.h"

namespace kube {
namespace {

using ::support::ConfigMapBody;
using ::support::ConfigMapItem;
using ::support::ConfigMapListBody;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const ObjectRef kRef = ConfigMapRef("ns", "x");
// The process may have 256 MiB, of which it needs 50 without any reply, and the
// body, which the test holds, is the answer's.
constexpr size_t kMost = size_t{150} << 20;

// Answers the n-th request with what `body` makes for it.
using Body = std::function<std::string(const http::Request&, int n)>;

class Bodies final : public http::Transport {
 public:
  explicit Bodies(Body body) : body_(std::move(body)) {}
  absl::StatusOr<http::Response> Send(const base::Context& ctx,
                                      const http::Request& request) override {
    if (absl::Status ended = ctx.Check(); !ended.ok()) return ended;
    const int n = ++requests_;
    if (n > kFarTooMany) return absl::InternalError("never ends");
    http::Response response{.status = 200, .body = body_(request, n)};
    if (response.body.size() > base::kMaxReplyBytes) {
      return absl::ResourceExhaustedError("the answer is too large");
    }
    return response;
  }
  int requests() const { return requests_; }

 private:
  static constexpr int kFarTooMany = 1500;
  const Body body_;
  std::atomic<int> requests_{0};
};

std::string Filled(const std::string& item) {
  std::string text;
  text.reserve(base::kMaxReplyBytes);
  while (text.size() + item.size() + 200 < base::kMaxReplyBytes) text += item;
  if (!text.empty() && text.back() == ',') text.pop_back();
  return text;
}

struct Outcome {
  absl::Status status;
  int requests = 0;
  size_t peak = 0;
};

Outcome Measure(Body body, const std::function<absl::Status(Client&)>& call) {
  Outcome outcome;
  const auto transport = std::make_shared<Bodies>(std::move(body));
  const auto client =
      NewClient({.server = "http://api.test"}, ClientOptions(), transport);
  EXPECT_TRUE(client.ok());
  const auto peak =
      support::PeakBytes([&] { outcome.status = call(**client); });
  EXPECT_TRUE(peak.has_value());
  outcome.peak = peak.value_or(0);
  outcome.requests = transport->requests();
  return outcome;
}

absl::Status List(Client& client) {
  return client.List({}, CollectionOf(kRef), {}).status();
}

class Memory : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!support::MemoryCanBeMeasured()) GTEST_SKIP() << "a sanitizer runs";
  }
};

TEST_F(Memory, OfAReplyOfSmallThingsIsBounded) {
  const std::pair<const char*, std::string> kShapes[] = {
      {"lists", "[],"},
      {"short texts", "\"\","},
      {"one text", std::string(1 << 20, 'x')},
  };
  for (const auto& [shape, item] : kShapes) {
    const bool text = item.back() != ',';
    const std::string data = text ? absl::StrCat("\"", Filled(item), "\"")
                                  : absl::StrCat("[", Filled(item), "]");
    for (const bool list : {false, true}) {
      const std::string body =
          list
              ? absl::StrCat(
                    R"({"kind":"ConfigMapList","apiVersion":"v1","items":[],"data":)",
                    data, "}")
              : absl::StrCat(
                    ConfigMapBody().substr(0, ConfigMapBody().size() - 1),
                    R"(,"data":)", data, "}");
      const Outcome outcome =
          Measure([&](const http::Request&, int) { return body; },
                  [&](Client& client) {
                    return list ? List(client) : client.Get({}, kRef).status();
                  });
      EXPECT_LT(outcome.peak, kMost) << shape << (list ? " in a list" : "");
      std::cout << shape << (list ? " in a list" : "") << ": "
                << (outcome.peak >> 20) << " MiB, " << outcome.status.code()
                << "\n";
    }
  }
}

TEST_F(Memory, OfAnEndlessListIsBounded) {
  std::string items;
  for (int i = 0; i < 500; ++i) {
    absl::StrAppend(&items, i == 0 ? "" : ",", ConfigMapItem(absl::StrCat(i)));
  }
  const std::string large =
      absl::StrCat(R"(,"annotations":{"a":")", std::string(10000, 'x'), "\"}");
  std::string large_items = ConfigMapItem("a", large);
  for (int i = 0; i < 499; ++i) {
    absl::StrAppend(&large_items, ",", ConfigMapItem("b", large));
  }
  for (const std::string& page : {items, large_items, std::string()}) {
    const Outcome outcome = Measure(
        [&](const http::Request&, int n) {
          return ConfigMapListBody(page,
                                   absl::StrCat(R"("continue":")", n, "\""));
        },
        List);
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(
        std::string(outcome.status.message()),
        HasSubstr(page.empty() ? "GET http://api.test/api/v1/namespaces/ns/"
                                 "configmaps: the list has more than 1000 pages"
                               : "the list is too large: its items take more "
                                 "than 64 MiB of memory"));
    EXPECT_LT(outcome.peak, kMost);
    std::cout << "pages of " << page.size()
              << " bytes: " << (outcome.peak >> 20) << " MiB, "
              << outcome.requests << " requests\n";
  }
}

// Just small enough to be let in, one by one.
TEST_F(Memory, OfManyListsAtOnceIsBounded) {
  const std::string body = absl::StrCat(
      R"({"kind":"ConfigMapList","apiVersion":"v1","items":[],"data":[)",
      absl::StrJoin(std::vector<std::string>(800'000, "[]"), ","), "]}");
  const Outcome outcome =
      Measure([&](const http::Request&, int) { return body; },
              [](Client& client) {
                base::RunInParallel(std::vector<std::function<void()>>(
                    8, [&] { (void)List(client); }));
                return absl::OkStatus();
              });
  EXPECT_LT(outcome.peak, kMost);
  std::cout << "8 lists: " << (outcome.peak >> 20) << " MiB\n";
}

// `items` ConfigMaps in pages of 500.
std::string PageOf(int items, int n) {
  std::vector<std::string> page;
  for (int i = 0; i < 500; ++i) {
    page.push_back(ConfigMapItem(absl::StrCat(n, "-", i)));
  }
  return ConfigMapListBody(
      absl::StrJoin(page, ","),
      n * 500 >= items ? "" : absl::StrCat(R"("continue":")", n, "\""));
}

TEST(Lists, OfTenThousandObjectsAreRead) {
  const Outcome outcome =
      Measure([](const http::Request&, int n) { return PageOf(10'000, n); },
              [](Client& client) {
                const auto list = client.List({}, CollectionOf(kRef), {});
                EXPECT_EQ(list.ok() ? list->items.size() : 0, 10'000U);
                return list.status();
              });
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
}

TEST_F(Memory, IsNotTakenByItemsThatNobodyWants) {
  size_t seen = 0;
  const Outcome outcome =
      Measure([](const http::Request&, int n) { return PageOf(200'000, n); },
              [&seen](Client& client) {
                const auto list = client.List({}, CollectionOf(kRef),
                                              {.keep = [&seen](base::Json&) {
                                                ++seen;
                                                return false;
                                              }});
                EXPECT_TRUE(list.ok() && list->items.empty());
                return list.status();
              });
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(seen, 200'000U);
  EXPECT_LT(outcome.peak, size_t{10} << 20);
}

TEST(Lists, AreReadInSmallerPagesWhereThoseAreTooLarge) {
  std::vector<std::string> limits;
  const Outcome outcome = Measure(
      [&limits](const http::Request& request, int) {
        const size_t at = request.url.find("limit=") + 6;
        limits.push_back(
            request.url.substr(at, request.url.find('&', at) - at));
        return limits.back() == "500" ? std::string(9 << 20, ' ')
               : limits.size() == 2
                   ? ConfigMapListBody(ConfigMapItem("a"), R"("continue":"c")")
                   : ConfigMapListBody(ConfigMapItem("b"));
      },
      [](Client& client) {
        const auto list =
            client.List({}, CollectionOf(kRef), {.resource_version = "5"});
        EXPECT_EQ(list.ok() ? list->items.size() : 0, 2U);
        return list.status();
      });
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(limits, ElementsAre("500", "62", "62"));
}

TEST(Lists, EndWhenThePageIsTheSameAgain) {
  const Outcome outcome = Measure(
      [](const http::Request&, int) {
        return ConfigMapListBody(ConfigMapItem(), R"("continue":"c")");
      },
      List);
  EXPECT_EQ(outcome.requests, 2);
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(outcome.status.message()),
              HasSubstr("the next page is the same one again"));
}

TEST(Lists, LookAtTheStopBetweenPages) {
  base::StopSource source;
  const Outcome outcome = Measure(
      [&](const http::Request&, int n) {
        if (n == 3) source.Stop();
        return ConfigMapListBody("", absl::StrCat(R"("continue":")", n, "\""));
      },
      [&](Client& client) {
        return client.List(source.context(), CollectionOf(kRef), {}).status();
      });
  EXPECT_EQ(outcome.requests, 3);
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace kube
