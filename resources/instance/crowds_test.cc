// Many large objects beside each other: what is said of them takes little time
// and memory, and is short.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/limits.h"
#include "kube/new_client.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/operator_quotes.h"
#include "resources/instance/readiness.h"
#include "tests/support/instance_fixture.h"
#include "tests/support/peak_memory.h"

namespace resources {
namespace {

using base::Json;
using ::testing::HasSubstr;

// The process needs 50 of its 256 MiB without any reply.
constexpr size_t kMost = size_t{200} << 20;
constexpr absl::Duration kLongest = absl::Seconds(40);  // On a busy machine.

// An API server with as many objects of a kind as told, each made as it is
// asked for. Pages are no larger than replies may be.
class Crowd final : public http::Transport {
 public:
  // `count` objects, each as `make` makes it, but for what tells them apart.
  void Put(const std::string& plural, const std::string& kind,
           const std::string& api_version, const std::string& ns, int count,
           const std::function<Json(int n)>& make) {
    Many many{.head =
                  absl::StrCat(R"({"kind":")", kind, R"(List","apiVersion":")",
                               api_version, R"(","metadata":{)")};
    for (int n = 0; n < count; ++n) {
      Json item = make(n);
      item["metadata"]["namespace"] = ns;
      item["metadata"]["uid"] = absl::StrCat("u", n);
      if (!item["metadata"].contains("name")) {
        item["metadata"]["name"] = absl::StrCat("x", n);
      }
      many.items.push_back(item.dump());
    }
    many_[plural] = std::move(many);
  }
  void PutOne(const std::string& path_end, Json object) {
    object["metadata"]["uid"] = "u0";
    ones_[path_end] = std::move(object);
  }
  void SetLog(const std::string& log) { log_ = log; }

  absl::StatusOr<http::Response> Send(const base::Context& ctx,
                                      const http::Request& request) override {
    if (absl::Status ended = ctx.Check(); !ended.ok()) return ended;
    const std::string path = request.url.substr(0, request.url.find('?'));
    if (absl::EndsWith(path, "/log")) return http::Response{200, {}, log_};
    if (absl::StrContains(request.url, "watch=")) {
      return absl::UnavailableError("no watches here");
    }
    for (const auto& [end, object] : ones_) {
      if (absl::EndsWith(path, end)) {
        return http::Response{200, {}, object.dump()};
      }
    }
    const std::string plural = path.substr(path.rfind('/') + 1);
    const auto many = many_.find(plural);
    if (many == many_.end()) return NotFound(path);
    return http::Response{
        200,
        {},
        Page(many->second, Argument(request.url, "limit=", 500),
             Argument(request.url, "continue=", 0))};
  }

 private:
  struct Many {
    std::string head;
    std::vector<std::string> items;
  };

  static int Argument(const std::string& url, const std::string& name,
                      int otherwise) {
    const size_t at = url.find(name);
    int value = otherwise;
    if (at == std::string::npos ||
        !absl::SimpleAtoi(
            url.substr(at + name.size(),
                       url.find('&', at + name.size()) - at - name.size()),
            &value)) {
      return otherwise;
    }
    return value;
  }
  static http::Response NotFound(const std::string& path) {
    const size_t slash = path.rfind('/');
    const size_t before = path.rfind('/', slash - 1);
    const bool one = path[slash - 1] == 's';
    if (!one) {
      return {200, {}, R"({"kind":"List","apiVersion":"v1","items":[]})"};
    }
    return {404,
            {},
            Json{{"kind", "Status"},
                 {"apiVersion", "v1"},
                 {"status", "Failure"},
                 {"reason", "NotFound"},
                 {"code", 404},
                 {"details",
                  {{"name", path.substr(slash + 1)},
                   {"kind", path.substr(before + 1, slash - before - 1)}}}}
                .dump()};
  }
  static std::string Page(const Many& many, int limit, int from) {
    const int all = static_cast<int>(many.items.size());
    const int end = std::min(all, from + limit);
    return absl::StrCat(
        many.head, end < all ? absl::StrCat(R"("continue":")", end, "\"") : "",
        R"(},"items":[)",
        absl::StrJoin(many.items.begin() + from, many.items.begin() + end, ","),
        "]}");
  }

  std::map<std::string, Many> many_;
  std::map<std::string, Json> ones_;
  std::string log_;
};

class CrowdsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!support::MemoryCanBeMeasured()) GTEST_SKIP() << "a sanitizer runs";
    model_.name = std::string("wandb");
    model_.ns = std::string("default");
    model_.airgapped = false;
    auto client = kube::NewClient({.server = "http://api.test"},
                                  kube::ClientOptions(), crowd_);
    ASSERT_TRUE(client.ok());
    client_ = *std::move(client);
  }

  void Measure(const char* what, const std::function<void()>& work) {
    const absl::Time start = absl::Now();
    const auto peak = support::PeakBytes(work);
    const absl::Duration took = absl::Now() - start;
    std::cout << what << ": " << (peak.value_or(0) >> 20) << " MiB, " << took
              << "\n";
    EXPECT_LT(peak.value_or(0), kMost) << what;
    EXPECT_LT(took, kLongest) << what;
  }

  // Texts that differ only at their end.
  static std::string Long(int n, size_t bytes) {
    return absl::StrCat(std::string(bytes, 'm'), n);
  }

  // In parts: clang takes minutes for a deep list of initializers.
  static Json Operator(int n, Json args) {
    Json manager = {{"name", "manager"},
                    {"image", "wandb/controller:1.22.0"},
                    {"args", std::move(args)}};
    Json pod = {{"containers", Json::array({std::move(manager)})}};
    return {{"metadata",
             {{"name", absl::StrCat("wandb-controller-manager-", n)},
              {"labels", {{"control-plane", "controller-manager"}}}}},
            {"spec", {{"template", {{"spec", std::move(pod)}}}}}};
  }

  void PutPodsAndEvents(int count, size_t bytes) {
    crowd_->Put("pods", "Pod", "v1", "default", count, [bytes](int n) {
      Json waiting = {{"reason", "ImagePullBackOff"},
                      {"message", Long(n, bytes)}};
      Json container = {{"name", "c"},
                        {"state", {{"waiting", std::move(waiting)}}}};
      return Json{{"status",
                   {{"phase", "Pending"},
                    {"containerStatuses", Json::array({container})}}}};
    });
    crowd_->Put("events", "Event", "v1", "default", count, [bytes](int n) {
      return Json{
          {"type", "Warning"},
          {"reason", "Failed"},
          {"message", Long(-n, bytes)},
          {"lastTimestamp", "2026-01-01T00:00:00Z"},
          {"involvedObject",
           {{"kind", "Pod"}, {"name", absl::StrCat("x", n % 5, "-0")}}}};
    });
  }

  Readiness Await(absl::Duration timeout) {
    return AwaitInstance(base::Context().WithTimeout(timeout), *client_,
                         Desired(model_),
                         {.uid = "u0", .time = absl::UnixEpoch()},
                         {.look_again = absl::Milliseconds(20),
                          .with_operator = absl::Hours(1),
                          .without_operator = absl::Hours(1)});
  }

  InstanceModel model_;
  const std::shared_ptr<Crowd> crowd_ = std::make_shared<Crowd>();
  std::shared_ptr<kube::Client> client_;
};

TEST_F(CrowdsTest, OfOperatorsAreOneShortFault) {
  crowd_->Put("deployments", "Deployment", "apps/v1", "wandb", 4000, [](int n) {
    return Operator(
        n, Json::array({absl::StrCat("--isolation-namespaces=", Long(n, 5000),
                                     ",b,c,d,e,f,g,h,i,j,k,l")}));
  });
  OperatorLook look;
  Measure("operators", [&] { look = LookAtOperator({}, *client_, model_); });
  ASSERT_TRUE(look.status.ok()) << look.status;
  ASSERT_EQ(look.faults.size(), 1U);
  EXPECT_THAT(look.faults[0].detail, HasSubstr(", j and 2 more"));
}

TEST_F(CrowdsTest, OfOperatorsPodsAreReadInTheLogsOfAFew) {
  crowd_->Put("pods", "Pod", "v1", "wandb", 4'000, [](int n) {
    return Json{{"metadata", {{"name", absl::StrCat("operator-", n)}}},
                {"status", {{"message", Long(n, 5000)}}}};
  });
  std::string log;
  while (log.size() < base::kMaxReplyBytes - 100) {
    absl::StrAppend(&log, "error: ", log.size(), "\n");
  }
  crowd_->SetLog(log);
  const Json deployment = {
      {"metadata", {{"name", "operator"}, {"namespace", "wandb"}}}};
  OperatorQuotes quotes;
  Measure("logs", [&] {
    quotes = QuoteOperatorLog({}, *client_, deployment, model_,
                              absl::UnixEpoch(), wandb::Scrubber());
  });
  EXPECT_EQ(quotes.unread, "");
  EXPECT_EQ(quotes.lines.size(), 5U);
}

TEST_F(CrowdsTest, OfWorkloadsPodsAndEventsAreExplainedInFewLines) {
  const Json instance = {
      {"kind", "WeightsAndBiases"},
      {"apiVersion", "apps.wandb.com/v1"},
      {"metadata", {{"name", "wandb"}, {"namespace", "default"}}},
      {"spec", Json::object()}};
  crowd_->PutOne("/weightsandbiases/wandb", instance);
  crowd_->Put("weightsandbiases", "WeightsAndBiases", "apps.wandb.com/v1",
              "default", 1, [&](int) { return instance; });
  crowd_->PutOne(
      "/wandb-spec-active",
      {{"kind", "Secret"},
       {"apiVersion", "v1"},
       {"metadata", {{"name", "wandb-spec-active"}, {"namespace", "default"}}},
       {"data",
        {{"chart", absl::Base64Escape("null")},
         {"values", absl::Base64Escape("{}")}}}});
  crowd_->Put(
      "deployments", "Deployment", "apps/v1", "default", 1500, [](int n) {
        Json condition = {{"type", "Progressing"},
                          {"status", "False"},
                          {"reason", "ProgressDeadlineExceeded"},
                          {"message", Long(n, 5000)}};
        return Json{{"spec", {{"selector", {{"matchLabels", {{"a", "b"}}}}}}},
                    {"status", {{"conditions", Json::array({condition})}}}};
      });
  for (const auto& [count, bytes] :
       {std::pair(4'000, size_t{500}), std::pair(6, size_t{1} << 20)}) {
    PutPodsAndEvents(count, bytes);
    Readiness readiness;
    Measure(absl::StrCat(count, " pods").c_str(),
            [&] { readiness = Await(absl::Seconds(1)); });
    const std::string said = absl::StrJoin(readiness.details, "\n");
    std::cout << readiness.details.size() << " lines, " << said.size()
              << " bytes\n";
    EXPECT_EQ(readiness.summary, "W&B is not running yet") << said;
    EXPECT_LT(readiness.details.size(), 130U);
    EXPECT_LT(said.size(), size_t{600} << 10);
  }
}

}  // namespace
}  // namespace resources
