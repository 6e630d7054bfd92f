#include "provider/docs/pages.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace docs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

const cty::Type kString = cty::Type::String();

std::string LineFor(const tf::AttributeSpec& spec,
                    const cty::Type& type = kString) {
  const std::string text =
      SchemaText({.attributes = {{"name", type, nullptr, spec}}});
  return text.substr(text.find("- "));
}

TEST(SchemaTextTest, ALineSaysAllThatIsDeclared) {
  EXPECT_EQ(LineFor({.doc = "Text."}), "- `name` (String) Text.\n\n");
  EXPECT_EQ(LineFor({.sensitive = true, .write_only = true, .doc = "Text."}),
            "- `name` (String, Sensitive, Write-only) Text.\n\n");
  EXPECT_EQ(
      LineFor({.doc = "Text.", .example = "\"x\"", .allowed = {"a", "b"}}),
      "- `name` (String) Text. One of `a`, `b`. Example: `\"x\"`.\n\n");
  EXPECT_EQ(LineFor({.doc = "Text.", .deprecated = "Use `other`."}),
            "- `name` (String) Text. **Deprecated:** Use `other`.\n\n");
}

TEST(SchemaTextTest, NestedOnesAreSectionsOfTheirOwn) {
  const auto leaf = std::make_shared<const tf::NestedObject>(tf::NestedObject{
      .nesting = tf::Nesting::kList,
      .attributes = {{"key", kString, nullptr, {.doc = "Key."}}}});
  const auto group = std::make_shared<const tf::NestedObject>(tf::NestedObject{
      .attributes = {{"leaf", tf::NestedType(*leaf), leaf, {.doc = "Leaf."}}}});
  const tf::Schema schema{
      .attributes = {{"group",
                      tf::NestedType(*group),
                      group,
                      {.use = tf::Use::kRequired, .doc = "Group."}},
                     {"id", kString, nullptr, {.use = tf::Use::kComputed}}},
      .blocks = {{"limits", {{"most", kString, nullptr, {}}}, "Limits."}}};
  EXPECT_EQ(SchemaText(schema), R"(### Required

- `group` (Attributes) Group. See [below](#nested--group).

### Optional

- `limits` (Block) Limits. See [below](#nested--limits).

### Read-only

- `id` (String)

<a id="nested--group"></a>
### `group`

Optional:

- `leaf` (Attributes List) Leaf. See [below](#nested--group--leaf).

<a id="nested--group--leaf"></a>
### `group.leaf`

Optional:

- `key` (String) Key.

<a id="nested--limits"></a>
### `limits`

Optional:

- `most` (String)

)");
}

TEST(PagesTest, OneForTheProviderAndForEachOfItsParts) {
  tf::Parts parts;
  parts.functions.push_back({.name = "join",
                             .doc = "Joins.",
                             .parameters = {{.name = "a", .type = kString}},
                             .variadic = tf::Parameter{.name = "b"},
                             .result = kString});
  const auto provider = tf::NewProvider(std::move(parts));
  const auto pages = Pages(*provider, "test", [](absl::string_view page) {
    if (page == "index") return Extras();
    return Extras{"x = 1\n", "A remark.", "## More"};
  });
  EXPECT_THAT(pages, ElementsAre(Key("functions/join.md"), Key("index.md")));
  EXPECT_THAT(pages.at("index.md"),
              testing::AllOf(HasSubstr("# test provider"),
                             Not(HasSubstr("## Example"))));
  const std::string& page = pages.at("functions/join.md");
  EXPECT_THAT(page, HasSubstr("```terraform\nx = 1\n```\n\nA remark.\n"));
  EXPECT_THAT(page, HasSubstr("- `a` (String)\n- `b...` (Dynamic)\n"));
  EXPECT_THAT(page, testing::EndsWith("\n## More\n"));
}

}  // namespace
}  // namespace docs
