#include "resources/namespaced_name.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace resources {
namespace {

using ::testing::HasSubstr;

TEST(NamespacedName, HasTwoPartsThatAreNotEmpty) {
  EXPECT_EQ(ParseNamespacedName("ml/wandb"), (NamespacedName{"ml", "wandb"}));
  for (const char* id : {"", "/", "wandb", "ml/", "/wandb", "a/b/c", "a//b"}) {
    EXPECT_EQ(ParseNamespacedName(id), std::nullopt) << id;
  }
  EXPECT_EQ(ToString({"ml", "wandb"}), "ml/wandb");
}

TEST(ImportedName, ComesFromTheIdOrTheIdentity) {
  tf::Diagnostics diags;
  EXPECT_EQ(ImportedName("ml/a", {}, "x/y", diags),
            (NamespacedName{"ml", "a"}));
  EXPECT_EQ(
      ImportedName("", {{"namespace", "ml"}, {"name", "b"}}, "x/y", diags),
      (NamespacedName{"ml", "b"}));
  EXPECT_TRUE(diags.items().empty());
}

TEST(ImportedName, RefusesOthersWithAnExample) {
  const std::map<std::string, std::string> kSlash = {{"namespace", "ml/x"},
                                                     {"name", "b"}};
  for (const auto& [id, identity] :
       {std::pair{std::string("ml"), std::map<std::string, std::string>()},
        std::pair{std::string(), std::map<std::string, std::string>()},
        std::pair{std::string(), kSlash}}) {
    tf::Diagnostics diags;
    EXPECT_EQ(ImportedName(id, identity, "ml/wandb", diags), std::nullopt);
    ASSERT_EQ(diags.items().size(), 1) << id;
    EXPECT_THAT(diags.items()[0].detail,
                HasSubstr("is not namespace/name. Example: ml/wandb."));
  }
}

}  // namespace
}  // namespace resources
