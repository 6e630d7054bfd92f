#include "kube/in_cluster.h"

#include <map>

#include "gtest/gtest.h"

namespace kube {
namespace {

constexpr char kToken[] = "/var/run/secrets/kubernetes.io/serviceaccount/token";
constexpr char kAuthority[] =
    "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
constexpr char kNamespace[] =
    "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

class InClusterTest : public ::testing::Test {
 protected:
  std::optional<Config> Pod() {
    return InClusterConfig(
        [this](const std::string& name) -> std::optional<std::string> {
          const auto found = environment_.find(name);
          if (found == environment_.end()) return std::nullopt;
          return found->second;
        },
        [this](const std::string& path) -> absl::StatusOr<std::string> {
          const auto found = files_.find(path);
          if (found == files_.end()) return absl::NotFoundError("no such file");
          return found->second;
        });
  }

  std::map<std::string, std::string> environment_ = {
      {"KUBERNETES_SERVICE_HOST", "10.0.0.1"},
      {"KUBERNETES_SERVICE_PORT", "443"}};
  std::map<std::string, std::string> files_ = {
      {kToken, "t"}, {kAuthority, "pem"}, {kNamespace, "here\n"}};
};

TEST_F(InClusterTest, IsMadeOfWhatKubernetesMounts) {
  const std::optional<Config> pod = Pod();
  ASSERT_TRUE(pod.has_value());
  EXPECT_EQ(DescribeConfig(*pod),
            "https://10.0.0.1:443 (in-cluster service account, the pod's "
            "token)");
  EXPECT_EQ(pod->token_file, kToken);
  EXPECT_EQ(pod->ca_pem, "pem");
  EXPECT_EQ(pod->ns, "here");
}

TEST_F(InClusterTest, PodNamespaceBeatsTheFile) {
  environment_["POD_NAMESPACE"] = "there";
  EXPECT_EQ(Pod()->ns, "there");
}

TEST_F(InClusterTest, AddressesOfIpv6AreInBrackets) {
  environment_["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  EXPECT_EQ(Pod()->server, "https://[fd00::1]:443");
}

TEST_F(InClusterTest, NothingOutsideOfAPod) {
  environment_.erase("KUBERNETES_SERVICE_PORT");
  EXPECT_FALSE(Pod().has_value());
  environment_["KUBERNETES_SERVICE_PORT"] = "443";
  files_.erase(kToken);
  EXPECT_FALSE(Pod().has_value());
}

}  // namespace
}  // namespace kube
