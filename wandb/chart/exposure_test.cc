#include "wandb/chart/exposure.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/chart/mask.h"

namespace wandb {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Exposure Of(absl::string_view path) {
  return ExposureOf(ParsePath(path).value());
}

TEST(Exposure, OfThePathAndWhatIsBelowIt) {
  EXPECT_EQ(Of("kafka.secretConfig"), Exposure::kSecret);
  EXPECT_EQ(Of("kafka.secretConfig.a[0].b"), Exposure::kSecret);
  EXPECT_EQ(Of("kafka.secretConfigs"), Exposure::kUnsaid);
  EXPECT_EQ(Of("global.host"), Exposure::kHarmless);
  EXPECT_EQ(Of("global.host.below"), Exposure::kUnsaid);
  EXPECT_EQ(Of("x.y.image.tag"), Exposure::kHarmless);
  EXPECT_EQ(Of("image.tag"), Exposure::kHarmless);
  EXPECT_EQ(Of("a.tolerations[3].effect"), Exposure::kOrdinary);
  EXPECT_EQ(Of(""), Exposure::kUnsaid);
}

TEST(Exposure, OfReferencesGoesBeforeTheSecretAboveThem) {
  EXPECT_EQ(Of("global.mysql.password"), Exposure::kSecret);
  EXPECT_EQ(Of("global.mysql.password.value"), Exposure::kSecret);
  EXPECT_EQ(Of("global.mysql.password.valueFrom"), Exposure::kSecret);
  EXPECT_EQ(Of("global.mysql.password.valueFrom.secretKeyRef.name"),
            Exposure::kReference);
}

TEST(Exposure, MatchesPartsOfAKey) {
  EXPECT_EQ(Of("global.bucket.name"), Exposure::kHarmless);
  EXPECT_EQ(Of("global.defaultBucket.name"), Exposure::kHarmless);
  EXPECT_EQ(Of("x.existingPasswordSecret"), Exposure::kHarmless);
  EXPECT_EQ(Of("x.notExistingSecret"), Exposure::kUnsaid);
  EXPECT_EQ(Of("x.mySecret.name"), Exposure::kHarmless);
}

// A row that says nothing of its own is one that nobody meant.
TEST(Exposure, TableHasNoRowTwice) {
  std::vector<absl::string_view> paths;
  for (const ExposureRow& row : ExposureTable()) paths.push_back(row.path);
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(std::adjacent_find(paths.begin(), paths.end()), paths.end());
}

// Of the documents in a file of tests/data, below `root`.
std::vector<std::string> Hidden(const std::string& file,
                                const std::string& root = "") {
  std::ifstream in(absl::StrCat(TFW_TEST_DATA, "/", file));
  const std::string text(std::istreambuf_iterator<char>(in), {});
  std::vector<std::string> hidden;
  const Mask mask;
  for (absl::string_view document : absl::StrSplit(text, "\n---\n")) {
    const auto tree = base::ParseYaml(document, file);
    EXPECT_TRUE(tree.ok()) << tree.status();
    const base::Json* values = base::Find(*tree, root);
    if (values == nullptr) continue;
    ForEachLeaf(*values, [&](const Path& path, const std::string& name,
                             const base::Json& leaf) {
      if (mask.IsSecret(path, leaf)) hidden.push_back(name);
    });
  }
  return hidden;
}

// A plan whose values are hidden for their names' sake is of no use.
TEST(Mask, HidesTheSecretsOfRealSpecificationsAndNothingElse) {
  EXPECT_THAT(Hidden("aws.values.yaml"),
              ElementsAre("global.license", "global.mysql.password"));
  EXPECT_THAT(Hidden("aws.helm-escaped.values.yaml"), IsEmpty());
  EXPECT_THAT(
      Hidden("onprem.values.yaml"),
      ElementsAre("global.auth.oidc.secret", "global.email.smtp.password",
                  "global.ldap.bindPW", "global.redis.auth.secret"));
  EXPECT_THAT(Hidden("airgapped.yaml", "/spec/values"),
              ElementsAre("global.bucket.accessKey", "global.bucket.secretKey",
                          "global.license", "global.mysql.password"));
}

}  // namespace
}  // namespace wandb
