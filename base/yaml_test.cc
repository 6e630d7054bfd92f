#include "base/yaml.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"

namespace base {
namespace {

std::string ErrorOf(absl::string_view text) {
  const absl::StatusOr<Json> json = ParseYaml(text, "values.yaml");
  EXPECT_NE(json.status().code(), absl::StatusCode::kOk) << text;
  EXPECT_EQ(json.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(json.status().message());
}

TEST(ParseYaml, KeepsIntegersOf64Bits) {
  const auto json = ParseYaml(
      "[9223372036854775807, -9223372036854775808, 18446744073709551615]", "x");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->dump(),
            "[9223372036854775807,-9223372036854775808,18446744073709551615]");
  EXPECT_TRUE((*ParseYaml("18446744073709551616", "x")).is_number_float());
}

TEST(ParseYaml, MakesIntegersOfDoublesWithoutFraction) {
  EXPECT_EQ(ParseYaml("[1.0, 1e3, 1.5, 1e19, 1e30]", "x")->dump(),
            "[1,1000,1.5,10000000000000000000,1e+30]");
}

TEST(ParseYaml, EmptyIsNull) {
  for (const char* text : {"", "\n", "# only a comment", "---", "---\n---\n"}) {
    const auto json = ParseYaml(text, "x");
    ASSERT_TRUE(json.ok()) << text;
    EXPECT_TRUE(json->is_null()) << text;
  }
}

TEST(ParseYaml, TakesOneDocumentOnly) {
  EXPECT_EQ(ErrorOf("a: 1\n---\nb: 2"),
            "values.yaml holds more than one YAML document: line 3");
  EXPECT_EQ(ParseYaml("# head\n---\na: 1\n---\n", "x")->dump(), R"({"a":1})");
}

TEST(ReadYaml, ReadsTheFirstDocumentAndSaysWhereAnotherStarts) {
  const auto line_of = [](absl::string_view text) {
    const auto read = ReadYaml(text, "x");
    EXPECT_TRUE(read.ok()) << read.status();
    return std::make_pair(read->json.dump(), read->second_document_line);
  };
  EXPECT_EQ(
      line_of("app: {replicaCount: 1}\n---\nweave: {replicaCount: 2}\n"),
      std::make_pair(std::string(R"({"app":{"replicaCount":1}})"), size_t{3}));
  EXPECT_EQ(line_of("a: 1\n---\n# nothing\n---\n- b\n...\n"),
            std::make_pair(std::string(R"({"a":1})"), size_t{5}));
  EXPECT_EQ(line_of("---\n---\na: 1\n"),
            std::make_pair(std::string("null"), size_t{3}));
  EXPECT_EQ(line_of("# head\n---\na: 1\n...\n# tail\n---\n"),
            std::make_pair(std::string(R"({"a":1})"), size_t{0}));
  // What Helm does not read may be wrong.
  EXPECT_EQ(line_of("a: 1\n---\nb: ["),
            std::make_pair(std::string(R"({"a":1})"), size_t{3}));
}

TEST(ReadYaml, TheLastOfEqualKeysCountsAndThePlaceIsTold) {
  const auto read = ReadYaml(
      "app:\n  replicaCount: 1\napp:\n  image: {tag: \"1\", tag: 2}\n", "x");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->json.dump(), R"({"app":{"image":{"tag":2}}})");
  EXPECT_EQ(read->repeated_keys, (std::vector<std::string>{
                                     "line 3, column 1", "line 4, column 21"}));
  EXPECT_TRUE(
      ReadYaml("a: &a {b: 1}\nc: {<<: *a, b: 2}", "x")->repeated_keys.empty());
}

TEST(ReadYaml, SaysWhereAnIntegerIsRounded) {
  const auto read = ReadYaml(
      "a: 18446744073709551615\nb: 18446744073709551617\nc: 1e21\n"
      "d: [1000000000000000000000, -10_000_000_000_000_000_000_001]\n"
      "e: '18446744073709551617'\nf: 1.5\n",
      "x");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(
      read->rounded_integers,
      (std::vector<std::string>{"line 2, column 4", "line 4, column 29"}));
}

TEST(ReadYaml, SaysWhereTextThatIsNeverClosedStarts) {
  EXPECT_EQ(ErrorOf("app:\n  replicaCount: 2\n  image:\n    tag: \"0.79.0\n"
                    "  resources:\n    limits: {memory: 8Gi}\n"),
            "values.yaml is not valid YAML: line 4, column 10: the quoted text "
            "that starts here is never closed");
  EXPECT_EQ(ErrorOf("a: 'b\nc: d\n"),
            "values.yaml is not valid YAML: line 1, column 4: the quoted text "
            "that starts here is never closed");
  EXPECT_EQ(ErrorOf("a: {b: c,\nd: e\n"),
            "values.yaml is not valid YAML: line 1, column 4: the mapping that "
            "starts here is never closed");
  EXPECT_EQ(ErrorOf("a: [b,\n  c\n"),
            "values.yaml is not valid YAML: line 1, column 4: the list that "
            "starts here is never closed");
  EXPECT_EQ(ErrorOf("a: [b\nc: d\n"),
            "values.yaml is not valid YAML: line 2, column 2: , or ] should be "
            "here, for the list that starts at line 1, column 4");
  EXPECT_EQ(ErrorOf("app:\n\treplicaCount: 1\n"),
            "values.yaml is not valid YAML: line 2, column 1: a tab where only "
            "spaces may indent");
  EXPECT_EQ(ErrorOf("app:\n  image: a\n  replicas\n"),
            "values.yaml is not valid YAML: line 3, column 3: a key without "
            "the colon that must follow it");
}

TEST(ReadYaml, RefusesWhatFollowsADocument) {
  EXPECT_EQ(ErrorOf("{a: 1} {b: 2}"),
            "values.yaml is not valid YAML: line 1, column 8: there is more "
            "after the end of the document");
  ErrorOf("--- ,");
  ErrorOf(",");
}

TEST(ReadYaml, AnchorsEndWithTheirDocument) {
  EXPECT_FALSE(ParseYaml("---\n...\n---\na: &x 1\n---\nb: *x", "x").ok());
}

TEST(ParseYaml, NamesThePlaceAndNotTheContent) {
  EXPECT_EQ(ErrorOf("a: .inf"),
            "values.yaml is not valid YAML: line 1, column 4: the number has "
            "no form in JSON");
  EXPECT_EQ(ErrorOf("a: *secret"),
            "values.yaml is not valid YAML: line 1, column 4: an alias (*) of "
            "an anchor (&) that does not stand before it");
  EXPECT_EQ(ErrorOf("ab: \"\xff\""),
            "values.yaml is not valid YAML: line 1, column 6: a character "
            "that YAML does not allow");
  for (const char* text :
       {R"(a: "\secret")", "secret: [", "secret: secret: secret", "- @secret",
        "a: !!int secret", "a: !<secret b", "%secret secret", "a: 'secret"}) {
    const auto json = ParseYaml(text, "x");
    if (json.ok()) continue;
    EXPECT_EQ(std::string(json.status().message()).find("secret"),
              std::string::npos)
        << json.status();
  }
}

TEST(ParseYaml, RefusesKeysThatOnlyJsonTakesForEqual) {
  ErrorOf("{1: a, \"1\": b}");
  ErrorOf("{1: a, 1.0: b}");
  EXPECT_EQ(ParseYaml("{y: a, true: b}", "x")->dump(), R"({"true":"b"})");
}

TEST(ParseYaml, RefusesKeysThatAreNoText) {
  ErrorOf("{null: 1}");
  ErrorOf("{[a]: 1}");
  ErrorOf("? {a: b}\n: 1");
}

TEST(ParseYaml, MergesInTheOrderOfTheText) {
  EXPECT_EQ(ParseYaml("x: &x {a: 1, b: 1}\nz: {<<: *x, b: 2}", "x")->dump(),
            R"({"x":{"a":1,"b":1},"z":{"a":1,"b":2}})");
  EXPECT_EQ(ParseYaml("{<<: [{a: 1}, {a: 2, b: 2}]}", "x")->dump(),
            R"({"a":1,"b":2})");
  EXPECT_EQ(ParseYaml("{'<<': {a: 1}}", "x")->dump(), R"({"<<":{"a":1}})");
  ErrorOf("{<<: 1}");
}

TEST(ParseYaml, LimitsTheExpansionOfAliases) {
  std::string laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 20; ++i) {
    absl::StrAppend(&laughs, "a", i, ": &a", i, " [");
    for (int j = 0; j < 10; ++j) absl::StrAppend(&laughs, "*a", i - 1, ",");
    absl::StrAppend(&laughs, "]\n");
  }
  EXPECT_NE(ErrorOf(laughs).find("aliases (*) make too much"),
            std::string::npos);
}

TEST(ParseYaml, LimitsDepthAlsoThroughAliases) {
  const auto nested = [](int depth, const std::string& inside) {
    return std::string(static_cast<size_t>(depth), '[') + inside +
           std::string(static_cast<size_t>(depth), ']');
  };
  EXPECT_TRUE(ParseYaml(nested(128, ""), "x").ok());
  ErrorOf(nested(129, ""));
  ErrorOf(nested(100000, ""));
  ErrorOf(absl::StrCat("a: &a ", nested(100, ""), "\nb: ", nested(100, "*a")));
  std::string spread;
  for (int i = 0; i < 1000; ++i) spread += "- ";
  ErrorOf(spread);
}

TEST(ParseYaml, RefusesValuesThatContainThemselves) {
  ErrorOf("a: &a [*a]");
  ErrorOf("&a {b: *a}");
}

TEST(ParseYaml, RefusesHugeText) {
  EXPECT_NE(ErrorOf(std::string((8 << 20) + 1, ' ')).find("8 MiB"),
            std::string::npos);
}

TEST(ParseYaml, RefusesEveryOddEncoding) {
  for (const std::string& text :
       {std::string("a\0b", 3), std::string("\xfe\xff\0a", 4),
        std::string("\xff\xfe\x61\0", 4), std::string("\xc0\x80"),
        std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"),
        std::string("\xe2\x82"), std::string("\x1b[0m")}) {
    ErrorOf(text);
  }
}

TEST(ParseYaml, ReadsJson) {
  const char* text = R"({"a":[1,-2.5,"x\n\u00e9/",true,null,{}],"b":{"c":[]}})";
  EXPECT_EQ(*ParseYaml(text, "x"), *ParseJson(text, "x"));
}

TEST(EmitYaml, WritesBlockStyle) {
  const Json json = {
      {"metadata", {{"name", "wandb"}, {"labels", Json::object()}}},
      {"spec", {{"list", {1, {{"a", 1}, {"b", {true, nullptr}}}, {{2}, {}}}}}}};
  EXPECT_EQ(EmitYaml(json),
            "metadata:\n"
            "  labels: {}\n"
            "  name: wandb\n"
            "spec:\n"
            "  list:\n"
            "    - 1\n"
            "    - a: 1\n"
            "      b:\n"
            "        - true\n"
            "        - null\n"
            "    - - - 2\n"
            "      - null\n");
}

TEST(EmitYaml, QuotesWhatAReaderCouldMistake) {
  for (const char* text :
       {"",     "y",    "Yes",     "nO",    "off",      "null",
        "~",    "1",    "0x1",     "1e3",   ".5",       "-",
        "- a",  "a: b", "a #b",    "#a",    "a:",       "*a",
        "&a",   "!a",   "@a",      "%a",    "{",        "[a]",
        "a,",   "'",    "\"",      " a",    "a ",       "2001-01-01",
        "1:30", "=",    "<<",      "NaN",   "infinity", ".inf",
        "---",  "a\nb", "?",       "|",     ">",        "None",
        "true", "0o7",  "\ufeffa", "a\x7f", "\xc2\x85", "caf\u00e9"}) {
    const std::string yaml = EmitYaml(text);
    EXPECT_EQ(yaml[0], '"') << yaml;
    EXPECT_EQ(*ParseYaml(yaml, "x"), Json(text)) << yaml;
  }
  for (const char* text :
       {"a", "hello world", "quay.io/wandb/local:0.70.0", "a.b/c", "Yesterday",
        "/dev/null", "user@example.com", "_x", "a:b"}) {
    EXPECT_EQ(EmitYaml(text), absl::StrCat(text, "\n"));
    EXPECT_EQ(*ParseYaml(EmitYaml(text), "x"), Json(text));
  }
}

TEST(EmitYaml, KeepsOddKeys) {
  const Json json = {{"", 1},
                     {"y", {{"1", 2}}},
                     {std::string(2000, 'k'), {1, {{"a", "b"}}}},
                     {"a\nb", "c\n\n  d\n"},
                     {"<<", {{"a", 1}}}};
  const auto back = ParseYaml(EmitYaml(json), "x");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, json);
}

TEST(EmitYaml, KeepsNumbers) {
  const Json json = {std::numeric_limits<int64_t>::min(),
                     std::numeric_limits<uint64_t>::max(),
                     0.1,
                     -2.5e-7,
                     1e23,
                     5e-324,
                     std::numeric_limits<double>::max()};
  EXPECT_EQ(*ParseYaml(EmitYaml(json), "x"), json);
}

TEST(EmitYaml, SaysNullForWhatJsonCannotSay) {
  EXPECT_EQ(EmitYaml(Json(std::nan(""))), "null\n");
  EXPECT_EQ(EmitYaml(Json::binary({1, 2})), "null\n");
  EXPECT_EQ(EmitYaml(Json("a\xff")), "\"a\xef\xbf\xbd\"\n");
}

}  // namespace
}  // namespace base
