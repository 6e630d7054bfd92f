#include "wandb/leaf_map.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<std::pair<std::string, std::string>> Texts(const Json& tree) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const Leaf& leaf : Flatten(tree)) {
    result.emplace_back(leaf.path, LeafText(*leaf.value));
  }
  return result;
}

TEST(Unknown, IsToldFromEveryKnownValue) {
  for (Unknown kind :
       {Unknown::kString, Unknown::kNumber, Unknown::kBool, Unknown::kShape}) {
    EXPECT_EQ(UnknownKind(MakeUnknown(kind)), kind);
  }
  for (const Json& known : {Json(), Json(""), Json(0), Json(false),
                            Json::object(), Json::array(), Json::binary({})}) {
    EXPECT_EQ(UnknownKind(known), std::nullopt);
  }
  EXPECT_NE(MakeUnknown(Unknown::kString), MakeUnknown(Unknown::kBool));
}

TEST(Unknown, IsFoundAtAnyDepth) {
  const Json leaf = {{"a", {1, {{"b", MakeUnknown(Unknown::kString)}}}}};
  const Json shape = {{"a", {1, {{"b", MakeUnknown(Unknown::kShape)}}}}};
  EXPECT_TRUE(HasUnknown(leaf));
  EXPECT_FALSE(HasUnknownShape(leaf));
  EXPECT_TRUE(HasUnknownShape(shape));
  EXPECT_FALSE(HasUnknown(Json{{"a", {1, 2}}}));
}

TEST(LeafMap, ShowsEveryKindOfLeafAtItsPath) {
  const Json tree = {
      {"ingress", {{"tls", {{{"secretName", "a"}}, {{"hosts", {"h"}}}}}}},
      {"nodes", {{"a.b/c", 1}, {"", true}}},
      {"empty", {{"m", Json::object()}, {"l", Json::array()}, {"n", nullptr}}},
  };
  EXPECT_THAT(
      Texts(tree),
      ElementsAre(Pair("empty.l", "[]"), Pair("empty.m", "{}"),
                  Pair("empty.n", "null"),
                  Pair("ingress.tls[0].secretName", "a"),
                  Pair("ingress.tls[1].hosts[0]", "h"),
                  Pair("nodes[\"\"]", "true"), Pair("nodes[\"a.b/c\"]", "1")));
}

TEST(LeafMap, ShowsAnEmptyRootAsOneLeaf) {
  EXPECT_THAT(Texts(Json::object()), ElementsAre(Pair("", "{}")));
  EXPECT_THAT(Texts(Json({{"a.b", 1}})), ElementsAre(Pair("[\"a.b\"]", "1")));
}

TEST(LeafText, QuotesOnlyStringsThatWouldBeMisread) {
  struct Case {
    Json leaf;
    const char* text;
  };
  const Case cases[] = {
      {"plain", "plain"},
      {"", ""},
      {"true", "\"true\""},
      {"12", "\"12\""},
      {" 12", "\" 12\""},
      {"1e999", "1e999"},  // No JSON parser of ours reads it as a number.
      {"{}", "\"{}\""},
      {"{\"a\":1}", R"("{\"a\":1}")"},
      {"{half", "{half"},
      {"\"", "\"\\\"\""},
      {"two\nlines", "\"two\\nlines\""},
      {"\x7f", "\"\x7f\""},
      {"https://a.b/?c=d", "https://a.b/?c=d"},
      {12, "12"},
      {1.0, "1"},
      {-0.5, "-0.5"},
      {1e300, "1e+300"},
      {9007199254740993, "9007199254740993"},
      {18446744073709551615U, "18446744073709551615"},
      {nullptr, "null"},
      {false, "false"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(LeafText(c.leaf), c.text);
    absl::StatusOr<Json> back = ParseLeafText(c.text);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(*back, c.leaf);
  }
}

TEST(LeafText, RefusesWhatIsNoLeaf) {
  EXPECT_FALSE(ParseLeafText("{\"a\": 1}").ok());
  EXPECT_FALSE(ParseLeafText("[1]").ok());
  EXPECT_FALSE(ParseLeafText("\"open").ok());
  EXPECT_FALSE(ParseLeafText("\"a\" b").ok());
}

TEST(Path, NamesTheOffsetOfWhatIsWrong) {
  struct Case {
    const char* text;
    const char* offset;
  };
  for (const Case& c :
       {Case{"a..b", "offset 2"}, Case{".a", "offset 0"},
        Case{"a.", "offset 2"}, Case{"a b", "offset 1"}, Case{"a[", "offset 2"},
        Case{"a[1", "offset 3"}, Case{"a[-1]", "offset 2"},
        Case{"a[\"b", "offset 4"}, Case{"a[\"b\"", "offset 5"},
        Case{"a[\"\\x\"]", "offset 2"}, Case{"a[\"\\", "offset"},
        Case{"a[99999999999999999999]", "offset"}}) {
    const absl::Status status = ParsePath(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(c.offset))
        << c.text;
  }
}

TEST(Path, AcceptsQuotesThatArentNeeded) {
  EXPECT_EQ(*ParsePath("a[\"b\"].c"), *ParsePath("a.b.c"));
}

TEST(Path, FindsNothingThroughAnotherKind) {
  const Json tree = {{"a", {1, 2}}, {"b", "text"}};
  EXPECT_EQ(*FindPath(tree, *ParsePath("a[1]")), 2);
  for (const char* path : {"a[2]", "a.b", "b[0]", "b.c", "c"}) {
    EXPECT_EQ(FindPath(tree, *ParsePath(path)), nullptr) << path;
  }
}

TEST(LeafMap, RoundTripsRandomTrees) {
  RandomTrees random(1);
  for (int i = 0; i < 2000; ++i) {
    const Json tree = random.Object(4);
    ForEachLeaf(
        tree, [&](const Path& path, const std::string& text, const Json& leaf) {
          EXPECT_EQ(FormatPath(path), text);
          EXPECT_EQ(ParsePath(text).value(), path);
          EXPECT_EQ(FindPath(tree, path), &leaf);
          EXPECT_EQ(ParseLeafText(LeafText(leaf)).value(), leaf);
        });
  }
}

// Each leaf has the whole path: a tree of one megabyte may have leaves of many
// gigabytes.
TEST(LeafMap, IsNotMadeOfWhatIsFarTooLarge) {
  const auto keys = [](int n, const Json& leaf) {
    Json out = Json::object();
    for (int i = 0; i < n; ++i) out["k" + std::to_string(i)] = leaf;
    return out;
  };
  const Json wide = keys(10'000, "v");
  EXPECT_TRUE(CheckListable({}).ok());
  EXPECT_TRUE(CheckListable({&wide, &wide}).ok());
  Json deep = wide;
  for (int i = 0; i < 100; ++i) deep = Json::object({{"a", deep}});
  const Json long_key = {{std::string(1'000'000, 'k'), keys(10, 1)}};
  const Json long_text = {{"a", std::string(9 << 20, 'v')}};
  const Json list = Json::array_t(300'000, 1);
  for (const Json* tree : std::initializer_list<const Json*>{
           &deep, &long_key, &long_text, &list}) {
    EXPECT_EQ(CheckListable({tree}).code(),
              absl::StatusCode::kResourceExhausted);
  }
  // Together they are.
  const Json half = keys(100'000, 1);
  EXPECT_TRUE(CheckListable({&half, &half}).ok());
  EXPECT_FALSE(CheckListable({&half, &half, &half}).ok());
}

}  // namespace
}  // namespace wandb
