// What Helm's own reader makes of some thousand documents, valid and broken:
// tests/data/yaml/README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/yaml.h"

namespace base {
namespace {

using ::testing::ContainsRegex;

// Documents that Helm reads and we refuse, by what we say of them. There are
// no others: nothing is read that Helm refuses, nothing with another meaning.
struct Difference {
  absl::string_view message;
  absl::string_view reason;
};
constexpr std::array<Difference, 6> kDifferences = {{
    {"there is more after the end of the document",
     "Helm stops at the end of the first document and drops the rest of the "
     "line or file without a word, as in `a: [b]]` or `'a' b`. What was "
     "written would be lost."},
    {"a character that YAML does not allow",
     "Helm does not look at bytes behind the first document. We check the "
     "whole text first, which is the same for every text of a configuration."},
    {"it is UTF-16; write it as UTF-8",
     "The text of an attribute is UTF-8; no other file of ours was ever "
     "UTF-16."},
    {"a key that is another one of the same mapping",
     "1 and \"1\" are two keys in Go and one in JSON: Helm takes either value, "
     "by chance."},
    {"binary data that is no text has no form in JSON",
     "Helm replaces the bytes that are no text, which destroys them."},
    {"nested too deeply",
     "Helm's limit is 10,000 levels. The protocol carries fewer than ours of "
     "128, and all that works on values recurses."},
}};

struct Row {
  std::string yaml;
  bool is_error = false;
  Json json;
};

std::vector<Row> Rows() {
  std::ifstream in(absl::StrCat(TFW_TEST_DATA, "/yaml/helm.jsonl"));
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    const auto json = ParseJson(line, "helm.jsonl");
    EXPECT_TRUE(json.ok()) << json.status() << rows.size();
    if (!json.ok()) break;
    Row row;
    if (const auto text = StringAt(*json, "/yaml")) {
      row.yaml = *text;
    } else {
      EXPECT_TRUE(absl::Base64Unescape(*StringAt(*json, "/base64"), &row.yaml));
    }
    row.is_error = json->contains("error");
    if (!row.is_error) row.json = json->at("json");
    rows.push_back(std::move(row));
  }
  return rows;
}

// The known difference that `status` is; nullptr for none.
const Difference* FindDifference(const absl::Status& status) {
  for (const Difference& difference : kDifferences) {
    if (absl::StrContains(status.message(), difference.message)) {
      return &difference;
    }
  }
  return nullptr;
}

TEST(HelmsReader, DocumentsMeanTheSame) {
  std::set<const Difference*> met;
  const std::vector<Row> rows = Rows();
  EXPECT_GT(rows.size(), 5000U);
  for (const Row& row : rows) {
    SCOPED_TRACE(absl::CEscape(row.yaml));
    const absl::StatusOr<YamlText> read = ReadYaml(row.yaml, "text");
    if (row.is_error) {
      EXPECT_FALSE(read.ok()) << read->json;
    } else if (read.ok()) {
      EXPECT_EQ(read->json, row.json);
    } else {
      const Difference* const known = FindDifference(read.status());
      EXPECT_NE(known, nullptr) << read.status();
      met.insert(known);
    }
  }
  EXPECT_EQ(met.size(), kDifferences.size()) << "one is no difference anymore";
}

TEST(HelmsReader, WhatItRefusesIsAnErrorWithLineAndColumn) {
  size_t refused = 0;
  for (const Row& row : Rows()) {
    if (!row.is_error || absl::StartsWith(row.yaml, "\xff\xfe") ||
        absl::StartsWith(row.yaml, "\xfe\xff")) {
      continue;
    }
    SCOPED_TRACE(absl::CEscape(row.yaml));
    const absl::Status status = ReadYaml(row.yaml, "text").status();
    ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    const std::string message(status.message());
    EXPECT_THAT(message,
                ContainsRegex("^text is not valid YAML: line [0-9]+, column "
                              "[0-9]+: [^:]+$"));
    for (const char* content :
         {"replicaCount", "folded", "install", "0.79.0"}) {
      EXPECT_EQ(message.find(content), std::string::npos) << message;
    }
    ++refused;
  }
  EXPECT_GT(refused, 1000U);
}

TEST(HelmsReader, DocumentsSurviveEmitYaml) {
  for (const Row& row : Rows()) {
    const absl::StatusOr<YamlText> read = ReadYaml(row.yaml, "text");
    if (!read.ok()) continue;
    const std::string text = EmitYaml(read->json);
    const absl::StatusOr<Json> back = ParseYaml(text, "text");
    ASSERT_TRUE(back.ok()) << text << back.status();
    EXPECT_EQ(*back, read->json) << text;
  }
}

// Whether `node`, as another reader sees it, is `json`.
bool IsSame(const YAML::Node& node, const Json& json) {
  if (const auto* text = json.get_ptr<const std::string*>()) {
    return node.IsScalar() && node.Scalar() == *text;
  }
  if (json.is_null()) return node.IsNull();
  if (!json.is_structured()) {
    return node.IsScalar() && node.Tag() == "?" &&
           absl::StrCat(node.Scalar(), "\n") == EmitYaml(json);
  }
  if (node.size() != json.size() || node.IsMap() != json.is_object()) {
    return json.empty() && node.size() == 0;
  }
  size_t i = 0;
  for (const auto& item : json.items()) {
    const YAML::Node member = json.is_object() ? node[item.key()] : node[i++];
    if (!IsSame(member, item.value())) return false;
  }
  return true;
}

TEST(EmitYaml, AnotherReaderReadsTheSame) {
  for (const Row& row : Rows()) {
    if (row.is_error) continue;
    const std::string text = EmitYaml(row.json);
    EXPECT_TRUE(IsSame(YAML::Load(text), row.json)) << text;
  }
}

}  // namespace
}  // namespace base
