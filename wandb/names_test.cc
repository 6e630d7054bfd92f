#include "wandb/names.h"

#include <string>

#include "gtest/gtest.h"

namespace wandb {
namespace {

TEST(NamesTest, SubdomainsAreLowerCaseAndHaveNoEmptyPart) {
  for (const char* good : {"a", "wandb-license", "a.b-c.d0", "10.0.0.1"}) {
    EXPECT_TRUE(IsSubdomain(good)) << good;
  }
  for (const char* bad : {"", "A", "a_b", "-a", "a-", "a..b", ".a", "a.", "a/b",
                          "*.a", "a b", "\xc3\xa4"}) {
    EXPECT_FALSE(IsSubdomain(bad)) << bad;
  }
  EXPECT_TRUE(IsSubdomain(std::string(253, 'a')));
  EXPECT_FALSE(IsSubdomain(std::string(254, 'a')));
}

TEST(NamesTest, KeysOfLabelsMayHaveASubdomainBefore) {
  for (const char* good :
       {"a", "A_b.c-1", "example.com/Name", "nginx.ingress.kubernetes.io/x"}) {
    EXPECT_TRUE(IsQualifiedName(good)) << good;
  }
  for (const char* bad : {"", "/a", "a/", "a/b/c", "A.com/x", "_a", "a.",
                          "nginx\\.ingress/x", "a b"}) {
    EXPECT_FALSE(IsQualifiedName(bad)) << bad;
  }
  EXPECT_TRUE(IsQualifiedName(std::string(63, 'a')));
  EXPECT_FALSE(IsQualifiedName(std::string(64, 'a')));
}

TEST(NamesTest, ValuesOfLabelsMayBeEmpty) {
  for (const char* good : {"", "a", "0.79.0", "A_b"}) {
    EXPECT_TRUE(IsLabelValue(good)) << good;
  }
  for (const char* bad : {"a b", "-a", "a/b", "a:b", "a."}) {
    EXPECT_FALSE(IsLabelValue(bad)) << bad;
  }
}

TEST(NamesTest, KeysOfSecretsMayBeginWithAnythingButTwoDots) {
  for (const char* good : {"A", "-a", ".a", "_", "MYSQL_PASSWORD", "tls.crt"}) {
    EXPECT_TRUE(IsDataKey(good)) << good;
  }
  for (const char* bad : {"", ".", "..", "..a", "a b", "a/b", "a:b"}) {
    EXPECT_FALSE(IsDataKey(bad)) << bad;
  }
}

}  // namespace
}  // namespace wandb
