#include "app/docs.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "app/parts.h"
#include "base/file.h"
#include "provider/docs/pages.h"
#include "resources/provider.h"
#include "wandb/findings/finding_kinds.h"

namespace app {
namespace {

// The block of `hcl` whose first line begins with `header`.
std::string BlockOf(absl::string_view hcl, absl::string_view header) {
  std::string out;
  for (const absl::string_view line : absl::StrSplit(hcl, '\n')) {
    if (out.empty() && !absl::StartsWith(line, header)) continue;
    absl::StrAppend(&out, line, "\n");
    if (absl::StartsWith(line, "}") || absl::EndsWith(line, "{}")) break;
  }
  return out;
}

// The guide with the table that begins like `table` made anew.
std::string WithTable(const std::string& guide, const std::string& table) {
  const size_t begin = guide.find(table.substr(0, table.find('\n') + 1));
  if (begin == std::string::npos) return guide;
  const size_t end = guide.find("\n\n", begin);
  return absl::StrCat(guide.substr(0, begin), table,
                      end == std::string::npos ? "" : guide.substr(end + 1));
}

// The guide with `yaml` in its block of YAML.
std::string WithYaml(const std::string& guide, const std::string& yaml) {
  constexpr char kFence[] = "```yaml\n";
  const size_t begin = guide.find(kFence);
  const size_t end = guide.find("```\n", begin + sizeof(kFence) - 1);
  if (begin == std::string::npos || end == std::string::npos) return guide;
  return absl::StrCat(guide.substr(0, begin), kFence, yaml, guide.substr(end));
}

std::string ImportText(absl::string_view type, absl::string_view id) {
  return absl::StrCat(
      "## Import\n\nBy `namespace/name`:\n\n```shell\ntofu import ", type,
      ".this ", id, "\n```\n");
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> DocPages(
    const std::string& root) {
  absl::Status status;
  const auto read = [&](absl::string_view path) {
    auto text = base::ReadFile(absl::StrCat(root, "/", path));
    status.Update(text.status());
    return text.value_or("");
  };
  const std::string complete = read("examples/complete/main.tf");
  const auto provider = resources::NewProvider({}, AllParts);
  auto pages = docs::Pages(
      *provider, "wandb", [&](absl::string_view page) -> docs::Extras {
        if (page == "index") {
          return {.example = complete,
                  .remark =
                      "The file `release.json` is what the release "
                      "channel serves; it is beside this example in the "
                      "repository."};
        }
        if (page == "resources/operator") {
          return {.example = absl::StrCat(
                      BlockOf(complete, "resource \"wandb_operator\" "), "\n",
                      read("examples/restricted/main.tf")),
                  .appendix = ImportText("wandb_operator", "wandb/wandb")};
        }
        if (page == "resources/instance") {
          return {.example = BlockOf(complete, "resource \"wandb_instance\" "),
                  .remark =
                      "A name that a nested setting does not have (`mysql = { "
                      "databse = \"w\" }`, `components = { app = { replica = "
                      "2 } }`) never reaches the provider: Terraform and "
                      "OpenTofu drop it without a word, so compare with the "
                      "lists below. A component that the chart does not have, "
                      "and what `values` has, the provider does check.",
                  .appendix = ImportText("wandb_instance", "default/wandb")};
        }
        const std::string example =
            read(absl::StrCat("examples/", page, "/main.tf"));
        if (page == "ephemeral-resources/console_credentials") {
          return {.example = example,
                  .remark =
                      "Needs OpenTofu 1.11 or Terraform 1.10, and the right "
                      "to `get` the instance and the Secrets `wandb-password` "
                      "and `NAME-spec-active` beside it."};
        }
        return {.example = example};
      });
  constexpr char kGuide[] = "guides/findings.md";
  pages[kGuide] =
      WithTable(read(absl::StrCat("docs/", kGuide)), wandb::FindingTable());
  constexpr char kRights[] = "guides/rights.md";
  pages[kRights] = WithYaml(read(absl::StrCat("docs/", kRights)),
                            read("examples/rights/roles.yaml"));
  if (!status.ok()) return status;
  return pages;
}

}  // namespace app
