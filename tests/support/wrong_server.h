// The real client on a server that answers with HTTP 200 and something else
// than was asked for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "kube/new_client.h"
#include "tests/support/fake_session.h"

namespace support {

// `body` makes the answer to a request; 404 where it is "".
class WrongServer final : public http::Transport {
 public:
  using Body = std::function<std::string(const http::Request&)>;
  explicit WrongServer(Body body) : body_(std::move(body)) {}

  absl::StatusOr<http::Response> Send(const base::Context&,
                                      const http::Request& request) override {
    http::Response response{.status = 200, .body = body_(request)};
    if (!response.body.empty()) return response;
    response.status = 404;
    const std::string path = request.url.substr(0, request.url.find('?'));
    response.body =
        base::Json({{"kind", "Status"},
                    {"apiVersion", "v1"},
                    {"status", "Failure"},
                    {"reason", "NotFound"},
                    {"details", {{"name", path.substr(path.rfind('/') + 1)}}},
                    {"code", 404}})
            .dump();
    return response;
  }

  static std::shared_ptr<FakeSession> Session(Body body) {
    auto client =
        kube::NewClient({.server = "https://cluster.test"}, {},
                        std::make_shared<WrongServer>(std::move(body)));
    EXPECT_TRUE(client.ok()) << client.status();
    return std::make_shared<FakeSession>(
        std::shared_ptr<kube::Client>(*std::move(client)));
  }

 private:
  const Body body_;
};

// What is not `object`, by what is wrong with it.
inline std::map<std::string, base::Json> OtherThan(const base::Json& object) {
  const auto with = [&object](const char* pointer, const base::Json& value) {
    base::Json other = object;
    other[base::Json::json_pointer(pointer)] = value;
    return other;
  };
  base::Json pod = with("/kind", "Pod");
  pod["apiVersion"] = "v1";
  return {
      {"empty", base::Json::object()},
      {"a message", {{"message", "hello"}}},
      {"a failure",
       {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"}}},
      {"a list", base::Json::array()},
      {"metadata of another type", with("/metadata", 5)},
      {"another kind", pod},
      {"another group", with("/apiVersion", "v1")},
      {"another name", with("/metadata/name", "other")},
      {"a name of another type", with("/metadata/name", base::Json::array())},
      {"another namespace", with("/metadata/namespace", "other")},
      {"no uid", with("/metadata/uid", nullptr)},
  };
}

}  // namespace support
