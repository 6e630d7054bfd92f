// Answers, events and credentials of 50,000 levels, on a small stack.

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/exec_credential.h"
#include "kube/kubeconfig.h"
#include "kube/status.h"
#include "kube/watch_stream.h"
#include "kube/wire.h"
#include "tests/support/small_stack.h"

namespace kube {
namespace {

using ::support::DeepMaps;
using ::support::kFarTooDeep;
using ::support::OnSmallStack;
using ::testing::HasSubstr;

// The message of what `read` says on a small stack.
std::string MessageOf(const std::function<absl::Status()>& read) {
  absl::Status status;
  EXPECT_TRUE(OnSmallStack([&] { status = read(); }));
  EXPECT_FALSE(status.ok());
  return std::string(status.message());
}

TEST(DeepJson, OfAnAnswerIsNamedAsSuch) {
  const http::Response response = {.status = 200,
                                   .body = DeepMaps(kFarTooDeep)};
  EXPECT_THAT(MessageOf([&] {
                return JsonOf(response, "GET /api/v1/secrets").status();
              }),
              HasSubstr("GET /api/v1/secrets: the answer is nested too "
                        "deeply: in more than 256 lists and maps"));
}

TEST(DeepJson, OfAFailedAnswerIsTextLikeAnyOther) {
  EXPECT_THAT(MessageOf([&] {
                return StatusOfReply({.method = "GET",
                                      .path = "/api",
                                      .http_code = 500,
                                      .body = DeepMaps(kFarTooDeep)});
              }),
              HasSubstr("500"));
}

TEST(DeepJson, OfAWatchEventEndsTheWatchWithTheReason) {
  const std::string event = absl::StrCat(R"({"type":"ADDED","object":)",
                                         DeepMaps(kFarTooDeep), "}\n");
  EXPECT_THAT(
      MessageOf([&] {
        WatchStream stream([](const WatchEvent&) { return absl::OkStatus(); });
        return stream.Add(event);
      }),
      HasSubstr("watch event is nested too deeply"));
}

TEST(DeepJson, OfAnExecPluginIsNamedAsSuch) {
  EXPECT_THAT(MessageOf([&] {
                return ParseExecCredential(DeepMaps(kFarTooDeep),
                                           "client.authentication.k8s.io/v1")
                    .status();
              }),
              HasSubstr("nested too deeply"));
}

TEST(DeepYaml, OfAKubeconfigIsNamedAsSuch) {
  const auto read = [](const std::string&) -> absl::StatusOr<std::string> {
    return absl::StrCat("clusters: ", DeepMaps(kFarTooDeep));
  };
  EXPECT_THAT(MessageOf([&] {
                return LoadKubeconfig({"config"}, true, read).status();
              }),
              HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace kube
