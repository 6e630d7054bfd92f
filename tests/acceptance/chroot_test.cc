// The release binary in an empty folder: no loader, no shared library, no
// resolver configuration, no hosts file, no name service switch.
#include <elf.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"
#include "tests/support/dns_server.h"

namespace acceptance {
namespace {

namespace fs = std::filesystem;
using base::Json;
using testing::Contains;
using testing::HasSubstr;

constexpr char kOperator[] = R"(
terraform {
  required_providers {
    wandb = {
      source = "wandb/wandb"
    }
  }
}
provider "wandb" {
  config_path = "/kubeconfig"
}
resource "wandb_operator" "this" {}
)";
constexpr char kProvider[] = "/provider/terraform-provider-wandb";

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// A release is what is tested here, even by a debug build of the tests.
std::string ReleaseBinary() {
  const char* given = std::getenv("WANDB_ACC_PROVIDER");
  return given != nullptr && *given != '\0' ? given : TFW_RELEASE_BINARY;
}

// Whether the program names a loader or has a dynamic section.
bool IsStatic(const std::string& program) {
  const std::string bytes = ReadFile(program);
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(bytes.data());
  if (bytes.size() < sizeof(*header) || !absl::StartsWith(bytes, ELFMAG)) {
    return false;
  }
  const size_t segment_count = header->e_phnum;
  if (header->e_phoff + sizeof(Elf64_Phdr) * segment_count > bytes.size()) {
    return false;
  }
  const auto* segments =
      reinterpret_cast<const Elf64_Phdr*>(bytes.data() + header->e_phoff);
  for (size_t i = 0; i < segment_count; ++i) {
    if (segments[i].p_type == PT_DYNAMIC || segments[i].p_type == PT_INTERP) {
      return false;
    }
  }
  return true;
}

// A folder that becomes the root of tofu and of what tofu starts.
class Chroot : public testing::Test {
 protected:
  Chroot() : cluster_(Cluster::Get()) {}

  void SetUp() override {
    std::string pattern =
        (fs::temp_directory_path() / "wandb-chroot-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    const std::string release = ReleaseBinary();
    ASSERT_TRUE(fs::exists(release)) << release << " is missing; run: make";
    ASSERT_TRUE(IsStatic(release))
        << release << " needs shared libraries; run: make";
    for (const char* folder : {"provider", "bin", "tmp", "work"}) {
      fs::create_directory(root_ / folder);
    }
    fs::copy_file(release, absl::StrCat(root_.string(), kProvider));
    fs::copy_file(fs::canonical(Tool("tofu")), root_ / "bin/tofu");
    Write("cli.tfrc",
          "provider_installation {\n  dev_overrides {\n"
          "    \"wandb/wandb\" = \"/provider\"\n  }\n  direct {}\n}\n");
    const support::Outcome outcome = Run({kProvider, "--version"});
    ASSERT_EQ(outcome.exit_code, 0)
        << "this test needs root, or a system that lets users make user "
           "namespaces (unshare --user): "
        << outcome.out;
  }

  void TearDown() override {
    if (fs::exists(root_ / "work/terraform.tfstate")) {
      const support::Outcome outcome = Tofu({"destroy", "-auto-approve"});
      EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
    }
    fs::remove_all(root_);
  }

  void Write(const std::string& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
  }

  // The cluster's kubeconfig with another name for its server; its authority
  // becomes the one that the whole machine trusts.
  void WriteKubeconfig(const std::string& host,
                       const std::string& tls_server_name) {
    auto config =
        base::ParseYaml(ReadFile(cluster_.kubeconfig()), "kubeconfig");
    ASSERT_TRUE(config.ok()) << config.status();
    Json& cluster = (*config)["clusters"][0]["cluster"];
    const std::string server = cluster["server"];
    cluster["server"] =
        absl::StrCat("https://", host, server.substr(server.rfind(':')));
    if (!tls_server_name.empty()) cluster["tls-server-name"] = tls_server_name;
    std::string ca;
    ASSERT_TRUE(absl::Base64Unescape(
        cluster["certificate-authority-data"].get<std::string>(), &ca));
    cluster.erase("certificate-authority-data");
    Write("etc/ssl/certs/ca-certificates.crt", ca);
    Write("kubeconfig", config->dump());
  }

  void StartDns(std::map<std::string, std::string> names,
                const std::string& search) {
    dns_ = std::make_unique<support::DnsServer>(std::move(names));
    Write("etc/resolv.conf", absl::StrCat("nameserver ", dns_->address(),
                                          "\nsearch ", search, "\n"));
  }

  support::Outcome Run(std::vector<std::string> args) {
    std::vector<std::string> argv = {"env",
                                     "-i",
                                     absl::StrCat("PATH=", std::getenv("PATH")),
                                     "HOME=/tmp",
                                     "TF_CLI_CONFIG_FILE=/cli.tfrc",
                                     "TF_IN_AUTOMATION=1",
                                     "TF_VAR_kubeconfig=/kubeconfig",
                                     "CHECKPOINT_DISABLE=1",
                                     "unshare"};
    if (::geteuid() != 0) {
      argv.insert(argv.end(), {"--user", "--map-root-user"});
    }
    argv.insert(argv.end(),
                {absl::StrCat("--root=", root_.string()), "--wd=/work"});
    argv.insert(argv.end(), args.begin(), args.end());
    return support::Run({.argv = std::move(argv)}, absl::Minutes(3));
  }
  support::Outcome Tofu(std::vector<std::string> args) {
    args.insert(args.begin(), "/bin/tofu");
    args.emplace_back("-no-color");
    return Run(std::move(args));
  }

  Cluster& cluster_;
  fs::path root_;
  std::unique_ptr<support::DnsServer> dns_;  // Until all is destroyed.
};

TEST_F(Chroot, TheCompleteExampleAppliesByHostName) {
  WriteKubeconfig("localhost", "");
  for (const auto& file : fs::directory_iterator(TFW_EXAMPLE)) {
    if (file.is_regular_file() && file.path().extension() != ".tfstate") {
      fs::copy_file(file, root_ / "work" / file.path().filename());
    }
  }
  EXPECT_FALSE(fs::exists(root_ / "etc/hosts"));
  EXPECT_FALSE(fs::exists(root_ / "etc/resolv.conf"));
  EXPECT_FALSE(fs::exists(root_ / "lib"));
  cluster_.WriteChannel(*base::ParseJson(
      ReadFile(absl::StrCat(TFW_EXAMPLE, "/release.json")), "release"));
  const support::Outcome apply = Tofu({"apply", "-auto-approve"});
  cluster_.ResetChannel();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(apply.out, HasSubstr("2 added"));
  EXPECT_THAT(apply.out, HasSubstr("ready = true"));
}

TEST_F(Chroot, NamesComeFromTheNameserverWithItsSearchDomains) {
  StartDns({{"api.cluster.test", "127.0.0.1"}}, "nowhere.test cluster.test");
  // A certificate of the cluster cannot have this name.
  WriteKubeconfig("api", "localhost");
  Write("work/main.tf", kOperator);
  const support::Outcome apply = Tofu({"apply", "-auto-approve"});
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(apply.out, HasSubstr("1 added"));
  EXPECT_THAT(dns_->questions(), Contains("api.nowhere.test"));
  EXPECT_THAT(dns_->questions(), Contains("api.cluster.test"));
}

TEST_F(Chroot, ANameThatNobodyKnowsIsSaidSo) {
  StartDns({}, "cluster.test");
  WriteKubeconfig("api", "");
  Write("work/main.tf", kOperator);
  const support::Outcome apply = Tofu({"apply", "-auto-approve"});
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out, HasSubstr("Could not resolve host: api"));
}

}  // namespace
}  // namespace acceptance
