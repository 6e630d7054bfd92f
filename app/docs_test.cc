#include "app/docs.h"

#include <filesystem>

#include "base/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace app {
namespace {

// Tests run in the repository's folder.
TEST(DocPagesTest, DocsIsWhatWouldBeWritten) {
  const auto pages = DocPages(".");
  ASSERT_TRUE(pages.ok()) << pages.status();
  for (const auto& [path, text] : *pages) {
    const auto written = base::ReadFile("docs/" + path);
    EXPECT_TRUE(written.ok() && *written == text)
        << "docs/" << path << " is out of date; run: make docs";
  }
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator("docs")) {
    const auto path = entry.path().lexically_relative("docs");
    // The other guides are written by hand.
    if (entry.is_regular_file() && *path.begin() != "guides") {
      EXPECT_TRUE(pages->contains(path)) << path << " describes nothing";
    }
  }
}

TEST(DocPagesTest, AMissingExampleIsNamed) {
  EXPECT_THAT(DocPages("/nonexistent").status().message(),
              testing::HasSubstr("/nonexistent/examples"));
}

}  // namespace
}  // namespace app
