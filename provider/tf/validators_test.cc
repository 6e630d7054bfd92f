#include "provider/tf/validators.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tf {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

bool Accepts(const Validator& validator, const cty::Value& value) {
  Diagnostics diags;
  validator(value, cty::Path("a"), diags);
  return !diags.HasError();
}

bool Accepts(const Validator& validator, absl::string_view text) {
  return Accepts(validator, cty::Value::String(std::string(text)));
}

TEST(ValidatorsTest, NotEmptyTakesAnyCharacter) {
  EXPECT_TRUE(Accepts(NotEmpty(), " "));
  EXPECT_FALSE(Accepts(NotEmpty(), ""));
}

TEST(ValidatorsTest, OneOfIsExactAndNamesTheChoices) {
  const Validator validator = OneOf({"a", "b"});
  EXPECT_TRUE(Accepts(validator, "b"));
  EXPECT_FALSE(Accepts(validator, "B"));
  EXPECT_FALSE(Accepts(validator, ""));
  Diagnostics diags;
  validator(cty::Value::String("c"), cty::Path("x"), diags);
  EXPECT_THAT(diags.items()[0].detail, HasSubstr("one of \"a\", \"b\""));
}

TEST(ValidatorsTest, MessagesNeverRepeatTheValue) {
  for (const Validator& validator :
       {NotEmpty(), OneOf({"a"}), DnsLabel(), PositiveDuration(), HttpUrl()}) {
    Diagnostics diags;
    validator(cty::Value::String("Hunter 2"), cty::Path("place"), diags);
    for (const Diagnostic& item : diags.items()) {
      EXPECT_THAT(item.detail, HasSubstr("place"));
      EXPECT_THAT(item.detail, Not(HasSubstr("Hunter")));
      EXPECT_EQ(item.path, cty::Path("place"));
    }
  }
}

TEST(ValidatorsTest, DnsLabelFollowsRfc1123) {
  for (const char* good : {"a", "0", "label-1", "a--b"}) {
    EXPECT_TRUE(Accepts(DnsLabel(), good)) << good;
  }
  for (const char* bad :
       {"", "-a", "a-", "A", "a.b", "a_b", "a b", "\xc3\xa4"}) {
    EXPECT_FALSE(Accepts(DnsLabel(), bad)) << bad;
  }
  EXPECT_TRUE(Accepts(DnsLabel(), std::string(63, 'a')));
  EXPECT_FALSE(Accepts(DnsLabel(), std::string(64, 'a')));
  EXPECT_TRUE(Accepts(DnsLabel(5), "abcde"));
  EXPECT_FALSE(Accepts(DnsLabel(5), "abcdef"));
}

TEST(ValidatorsTest, PositiveDurationIsGosAndFinite) {
  for (const char* good : {"30s", "1h15m", "1.5h", "1ns"}) {
    EXPECT_TRUE(Accepts(PositiveDuration(), good)) << good;
  }
  for (const char* bad : {"", "0", "0s", "-1s", "30", "1d", "inf", "-inf"}) {
    EXPECT_FALSE(Accepts(PositiveDuration(), bad)) << bad;
  }
}

TEST(ValidatorsTest, HttpUrlNeedsSchemeAndHost) {
  for (const char* good : {"http://a", "https://www.example.com/x?y=z"}) {
    EXPECT_TRUE(Accepts(HttpUrl(), good)) << good;
  }
  for (const char* bad : {"", "www.example.com", "ftp://a", "https://",
                          "https:///path", "https://a b", "http://a\n"}) {
    EXPECT_FALSE(Accepts(HttpUrl(), bad)) << bad;
  }
}

TEST(ValidatorsTest, EachNamesTheElement) {
  const cty::Type string = cty::Type::String();
  Diagnostics diags;
  Each(NotEmpty())(
      cty::Value::List(string,
                       {cty::Value::String("x"), cty::Value::String(""),
                        cty::Value::Unknown(string), cty::Value::Null(string)}),
      cty::Path("l"), diags);
  Each(NotEmpty())(cty::Value::Map(string, {{"k", cty::Value::String("")}}),
                   cty::Path("m"), diags);
  ASSERT_EQ(diags.items().size(), 3u);
  EXPECT_EQ(diags.items()[0].path, cty::Path("l").Index(1));
  EXPECT_EQ(diags.items()[1].path, cty::Path("l").Index(3));
  EXPECT_EQ(diags.items()[2].path, cty::Path("m").Key("k"));
}

TEST(ParseDurationTest, ReadsGoSyntax) {
  EXPECT_EQ(*ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseDuration("-1.5s"), absl::Milliseconds(-1500));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseDuration("soon").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseDuration("inf").status()));
}

}  // namespace
}  // namespace tf
