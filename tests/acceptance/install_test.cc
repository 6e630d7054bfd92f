// A provider that scripts/install.sh installed, found by `init` as users have
// it: without dev_overrides, with a lock file. Needs no cluster.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Ne;

class Install : public testing::TestWithParam<std::string> {
 protected:
  Install() : workspace_(GetParam()), binary_(Folder("build") / "provider") {
    fs::copy_file(ProviderBinary(), binary_);
    workspace_.Forget();
  }

  fs::path Folder(const std::string& name) {
    const fs::path folder = fs::path(workspace_.directory()) / name;
    fs::create_directory(folder);
    return folder;
  }

  // Other bytes that do the same.
  void Rebuild() { std::ofstream(binary_, std::ios::app) << "rebuilt"; }

  // Installs the build into a folder that is not searched by itself, and
  // follows what the script prints: the CLI configuration, and the block that
  // names the version, which is returned and beside the example.
  std::string InstallBuild() {
    const support::Outcome outcome =
        support::Run({.argv = {TFW_SOURCE_DIR "/scripts/install.sh", binary_,
                               Folder("mirror")}});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
    const size_t cli = outcome.out.find("provider_installation {");
    const size_t text = outcome.out.find("Name this very version");
    const size_t block = outcome.out.find("terraform {", text);
    EXPECT_NE(cli, std::string::npos) << outcome.out;
    if (cli > text || block == std::string::npos) return outcome.out;
    workspace_.WriteFile("cli.tfrc", outcome.out.substr(cli, text - cli));
    workspace_.WriteFile("version_override.tf", outcome.out.substr(block));
    return outcome.out.substr(block);
  }

  void ExpectInit(const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"init", "-no-color"};
    args.insert(args.end(), more.begin(), more.end());
    const support::Outcome init = workspace_.Run(args);
    EXPECT_EQ(init.exit_code, 0) << init.out;
    const support::Outcome apply = workspace_.Apply();
    EXPECT_EQ(apply.exit_code, 0) << apply.out;
    EXPECT_THAT(apply.out, HasSubstr("Outputs:"));
  }

  Workspace workspace_;
  const fs::path binary_;
};

TEST_P(Install, AnotherBuildIsAnotherVersionAndNoLockFileBreaks) {
  std::ifstream example(TFW_SOURCE_DIR
                        "/examples/data-sources/legacy_values/main.tf");
  workspace_.WriteFile(
      "main.tf", std::string(std::istreambuf_iterator<char>(example), {}));
  const std::string first = InstallBuild();
  ExpectInit();

  Rebuild();
  const std::string second = InstallBuild();
  EXPECT_THAT(second, Ne(first));
  EXPECT_EQ(InstallBuild(), second) << "the same bytes are the same version";
  // A configuration that still names the first build has it.
  workspace_.WriteFile("version_override.tf", first);
  ExpectInit();
  workspace_.WriteFile("version_override.tf", second);
  ExpectInit({"-upgrade"});
}

INSTANTIATE_TEST_SUITE_P(Tools, Install, testing::Values("tofu", "terraform"),
                         ToolName);

}  // namespace
}  // namespace acceptance
