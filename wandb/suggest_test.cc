#include "wandb/suggest.h"

#include "gtest/gtest.h"

namespace wandb {
namespace {

std::string Nearest(absl::string_view path) {
  return NearestPath(*ParsePath(path));
}

TEST(SuggestTest, NearestPathIsOneThatIsRead) {
  EXPECT_EQ(Nearest("global.mysql.hots"), "global.mysql.host");
  EXPECT_EQ(Nearest("ingres"), "ingress");
  EXPECT_EQ(Nearest("app.resource"), "app.resources");
  EXPECT_EQ(Nearest("global.extraEnvx"), "global.extraEnv");
  EXPECT_EQ(Nearest("global.additionalHosts"), "ingress.additionalHosts");
  EXPECT_EQ(Nearest("global.somethingElseEntirely"), "");
}

}  // namespace
}  // namespace wandb
