#include "resources/instance/desired.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "resources/spec/effective.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Texts = std::vector<std::string>;
using Fields = std::map<std::string, cty::Value>;

const cty::Type kString = cty::Type::String();

cty::Value Str(const char* text) { return cty::Value::String(text); }
cty::Value Map(Fields fields) { return cty::Value::Object(std::move(fields)); }

TEST(DesiredTest, NothingConfiguredIsNull) {
  const Compiled compiled = Desired(InstanceModel()).compiled;
  EXPECT_TRUE(compiled.values.is_null());
  EXPECT_TRUE(compiled.chart.is_null());
  EXPECT_FALSE(wandb::HasUnknownShape(compiled.values));
  EXPECT_THAT(compiled.diags.items(), IsEmpty());
}

TEST(DesiredTest, LaterAndStrongerSourcesWin) {
  InstanceModel model;
  model.values_yaml = Texts{"a: 1\nb: 1\nc: 1\nd: 1\ne: 1", "b: 2\nc: 3"};
  model.values = Map({{"d", cty::Value::Int(4)}, {"e", cty::Value::Int(4)}});
  model.sensitive_values = Map({{"e", cty::Value::Int(5)}});
  model.settings["host"] = Str("https://w.test");
  const Compiled compiled = Desired(model).compiled;
  EXPECT_THAT(compiled.diags.items(), IsEmpty());
  EXPECT_EQ(compiled.values, Json({{"a", 1},
                                   {"b", 2},
                                   {"c", 3},
                                   {"d", 4},
                                   {"e", 5},
                                   {"global", {{"host", "https://w.test"}}}}));
}

TEST(DesiredTest, NullsAreWrittenAndListsReplaced) {
  InstanceModel model;
  model.values_yaml = Texts{"a: {b: 1}\nl: [1, 2]"};
  model.values = Map({{"a", Map({{"b", cty::Value()}})},
                      {"l", cty::Value::Tuple({cty::Value::Int(3)})}});
  EXPECT_EQ(Desired(model).compiled.values,
            Json({{"a", {{"b", nullptr}}}, {"l", {3}}}));
}

TEST(DesiredTest, InvalidYamlNamesTheDocumentNotItsText) {
  InstanceModel model;
  model.values_yaml = Texts{"a: 1", "hunter2: ["};
  const Compiled compiled = Desired(model).compiled;
  ASSERT_THAT(compiled.diags.items(), SizeIs(1));
  EXPECT_EQ(compiled.diags.items()[0].path, cty::Path("values_yaml").Index(1));
  EXPECT_THAT(compiled.diags.items()[0].detail,
              AllOf(HasSubstr("values_yaml[1]"), Not(HasSubstr("hunter2"))));
}

TEST(DesiredTest, WhatIsWrongInADocumentIsAtThatElement) {
  InstanceModel model;
  for (const char* wrong : {"- hunter2", "n: 9007199254740993"}) {
    model.values_yaml = Texts{"a: 1", wrong};
    const Compiled compiled = Desired(model).compiled;
    ASSERT_THAT(compiled.diags.items(), SizeIs(1));
    EXPECT_EQ(compiled.diags.items()[0].path,
              cty::Path("values_yaml").Index(1));
  }
}

TEST(DesiredTest, WhatIsNoValuesIsToldHowToBecomeThem) {
  InstanceModel model;
  for (const auto& [text, hint] :
       {std::pair("values/hunter2.yaml", "Did you mean file(...)?"),
        std::pair("apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\n"
                  "spec: {values: {hunter2: 1}}\n",
                  ".spec.values")}) {
    model.values_yaml = Texts{"a: 1", text};
    const Compiled compiled = Desired(model).compiled;
    ASSERT_THAT(compiled.diags.items(), SizeIs(1));
    EXPECT_EQ(compiled.diags.items()[0].path,
              cty::Path("values_yaml").Index(1));
    EXPECT_THAT(compiled.diags.items()[0].detail,
                AllOf(HasSubstr(hint), Not(HasSubstr("hunter2"))));
  }
}

TEST(DesiredTest, TheNewlineOfALicenseFileIsLeftOut) {
  InstanceModel model;
  for (const char* text : {"license\n", "license\r\n"}) {
    model.settings["license"] = Str(text);
    const Compiled compiled = Desired(model).compiled;
    EXPECT_EQ(compiled.values, Json({{"global", {{"license", "license"}}}}));
    ASSERT_THAT(compiled.warnings.items(), SizeIs(1));
    EXPECT_EQ(compiled.warnings.items()[0].path, cty::Path("license"));
  }
  model.settings["license"] = Str("license");
  EXPECT_THAT(Desired(model).compiled.warnings.items(), IsEmpty());
  // Another mistake, which a finding says.
  model.settings["license"] = Str(" license\n\n");
  EXPECT_EQ(Desired(model).compiled.values,
            Json({{"global", {{"license", " license\n"}}}}));
}

TEST(DesiredTest, TextThatIsNeverClosedNamesDocumentLineAndColumn) {
  InstanceModel model;
  model.values_yaml = Texts{
      "a: 1",
      "app:\n  image:\n    tag: \"0.79.0\n  resources: {}\nmysql:\n  x: y\n"};
  const Compiled compiled = Desired(model).compiled;
  ASSERT_THAT(compiled.diags.items(), SizeIs(1));
  EXPECT_EQ(compiled.diags.items()[0].path, cty::Path("values_yaml").Index(1));
  EXPECT_EQ(compiled.diags.items()[0].detail,
            "values_yaml[1] is not valid YAML: line 3, column 10: the quoted "
            "text that starts here is never closed. Correct the document.");
}

TEST(DesiredTest, OnlyTheFirstDocumentOfATextCountsAndTheOthersAreNamed) {
  InstanceModel model;
  model.values_yaml =
      Texts{"app: {replicaCount: 1}\n---\nweave: {replicaCount: 2}\n"};
  const Compiled compiled = Desired(model).compiled;
  EXPECT_EQ(compiled.values, Json({{"app", {{"replicaCount", 1}}}}));
  EXPECT_THAT(compiled.diags.items(), IsEmpty());
  ASSERT_THAT(compiled.warnings.items(), SizeIs(1));
  EXPECT_EQ(compiled.warnings.items()[0].path,
            cty::Path("values_yaml").Index(0));
  EXPECT_THAT(compiled.warnings.items()[0].detail,
              HasSubstr("values_yaml[0] has a second document, which starts at "
                        "line 3"));
}

TEST(DesiredTest, AKeyThatOccursTwiceIsWarnedOf) {
  InstanceModel model;
  model.values_yaml =
      Texts{"app:\n  replicaCount: 1\napp:\n  image: {tag: \"1\"}\n"};
  const Compiled compiled = Desired(model).compiled;
  EXPECT_EQ(compiled.values, Json({{"app", {{"image", {{"tag", "1"}}}}}}));
  EXPECT_THAT(compiled.diags.items(), IsEmpty());
  ASSERT_THAT(compiled.warnings.items(), SizeIs(1));
  EXPECT_THAT(compiled.warnings.items()[0].detail,
              HasSubstr("values_yaml[0] has a key again in the same mapping: "
                        "line 3, column 1."));
}

TEST(DesiredTest, IntegersThatADoubleCannotHoldAreErrorsHoweverLarge) {
  for (const char* digits :
       {"9007199254740993", "9223372036854775809", "18446744073709551615",
        "18446744073709551617", "1000000000000000000001"}) {
    InstanceModel model;
    model.values =
        Map({{"n", cty::Value::Number(*cty::Number::Parse(digits))}});
    EXPECT_THAT(Desired(model).compiled.diags.items(), SizeIs(1)) << digits;
    InstanceModel yaml;
    yaml.values_yaml = Texts{absl::StrCat("n: ", digits)};
    ASSERT_THAT(Desired(yaml).compiled.diags.items(), SizeIs(1)) << digits;
    EXPECT_THAT(Desired(yaml).compiled.diags.items()[0].detail,
                AllOf(HasSubstr("values_yaml[0]"), HasSubstr("string"),
                      Not(HasSubstr(digits))));
  }
  for (const char* digits : {"9007199254740992", "9223372036854775808",
                             "18446744073709551616", "1e21"}) {
    InstanceModel model;
    model.values =
        Map({{"n", cty::Value::Number(*cty::Number::Parse(digits))}});
    model.values_yaml = Texts{absl::StrCat("m: ", digits)};
    EXPECT_THAT(Desired(model).compiled.diags.items(), IsEmpty()) << digits;
  }
}

TEST(DesiredTest, YamlOfEveryShapeIsReadAsHelmReadsIt) {
  InstanceModel model;
  model.values_yaml = Texts{
      "defaults: &d {resources: {requests: {cpu: 100m}}, replicaCount: 1}\n"
      "more: &m {podLabels: {a: b}}\n"
      "app:\n  <<: [*d, *m]\n  replicaCount: 2\nweave:\n  <<: *d\n",
      "# only a comment\n",
      "\xef\xbb\xbfparquet: {replicaCount: 1}\r\napi: {replicaCount: 2}\r\n"};
  const Compiled compiled = Desired(model).compiled;
  EXPECT_THAT(compiled.diags.items(), IsEmpty());
  EXPECT_THAT(compiled.warnings.items(), IsEmpty());
  const Json cpu = {{"requests", {{"cpu", "100m"}}}};
  EXPECT_EQ(compiled.values["app"], Json({{"resources", cpu},
                                          {"replicaCount", 2},
                                          {"podLabels", {{"a", "b"}}}}));
  EXPECT_EQ(compiled.values["weave"],
            Json({{"resources", cpu}, {"replicaCount", 1}}));
  EXPECT_EQ(compiled.values["parquet"], Json({{"replicaCount", 1}}));
  EXPECT_EQ(compiled.values["api"], Json({{"replicaCount", 2}}));
}

TEST(DesiredTest, YamlThatHelmRefusesIsAnError) {
  for (const char* text :
       {"- a\n", "app:\n\treplicaCount: 1\n", "a: *later\nb: &later 1\n",
        "a: [b\nc: d\n", "a: 'b\n", "text"}) {
    InstanceModel model;
    model.values_yaml = Texts{text};
    EXPECT_THAT(Desired(model).compiled.diags.items(), SizeIs(1)) << text;
  }
}

TEST(DesiredTest, ValuesThatAreNoMapAreAnError) {
  InstanceModel model;
  model.values = cty::Value::Tuple({cty::Value::Int(1)});
  const Compiled compiled = Desired(model).compiled;
  ASSERT_THAT(compiled.diags.items(), SizeIs(1));
  EXPECT_EQ(compiled.diags.items()[0].path, cty::Path("values"));
}

TEST(DesiredTest, TypedSettingBesideAnotherValueIsAnError) {
  InstanceModel model;
  model.settings["host"] = Str("https://a.test");
  model.values = Map({{"global", Map({{"host", Str("https://b.test")}})}});
  const Compiled compiled = Desired(model).compiled;
  ASSERT_TRUE(compiled.diags.HasError());
  EXPECT_THAT(compiled.diags.items()[0].detail, HasSubstr("global.host"));
}

TEST(DesiredTest, InvalidSensitivePathNamesItsIndex) {
  InstanceModel model;
  model.sensitive_paths = Texts{"a.b", "a[x"};
  const Compiled compiled = Desired(model).compiled;
  ASSERT_THAT(compiled.diags.items(), SizeIs(1));
  EXPECT_EQ(compiled.diags.items()[0].path,
            cty::Path("sensitive_paths").Index(1));
}

// The leaf maps of this would have 2 GB.
TEST(DesiredTest, ValuesWithFarTooLongPathsAreAnError) {
  Fields leaves;
  for (int i = 0; i < 2000; ++i) leaves[absl::StrCat("k", i)] = Str("v");
  InstanceModel model;
  model.values = Map({{std::string(1'000'000, 'k'), Map(std::move(leaves))}});
  const Compiled compiled = Desired(model).compiled;
  ASSERT_THAT(compiled.diags.items(), SizeIs(1));
  EXPECT_THAT(compiled.diags.items()[0].detail, HasSubstr("too large"));
  EXPECT_TRUE(compiled.values.is_null());
}

TEST(DesiredTest, UnknownLeafKeepsTheShape) {
  InstanceModel model;
  model.values =
      Map({{"a", cty::Value::Unknown(kString)}, {"b", cty::Value::Int(1)}});
  const Compiled compiled = Desired(model).compiled;
  EXPECT_FALSE(wandb::HasUnknownShape(compiled.values));
  EXPECT_TRUE(wandb::HasUnknown(compiled.values));
}

TEST(DesiredTest, UnknownMapsAndDocumentsTakeTheShapeAway) {
  InstanceModel with_map;
  with_map.values = Map({{"a", cty::Value::Unknown(cty::Type::Map(kString))}});
  EXPECT_TRUE(wandb::HasUnknownShape(Desired(with_map).compiled.values));
  InstanceModel with_yaml;
  with_yaml.values_yaml = tf::Attr<Texts>::Unknown();
  EXPECT_TRUE(wandb::HasUnknownShape(Desired(with_yaml).compiled.values));
}

TEST(DesiredTest, SensitiveValuesAndPathsAreMasked) {
  InstanceModel model;
  model.values = Map({{"open", Str("seen")}, {"named", Str("quiet")}});
  model.sensitive_values = Map({{"hidden", Str("hunter2")}});
  model.sensitive_paths = Texts{"named"};
  model.settings["license"] = Str("license-text");
  const Compiled compiled = Desired(model).compiled;
  const cty::Value leaves = LeafMap(compiled.values, compiled.mask);
  EXPECT_EQ(leaves.At("open"), Str("seen"));
  EXPECT_EQ(leaves.At("named"), Str(wandb::kMasked));
  EXPECT_EQ(leaves.At("hidden"), Str(wandb::kMasked));
  EXPECT_EQ(leaves.At("global.license"), Str(wandb::kMasked));
  EXPECT_THAT(compiled.scrubber().Scrub("hunter2 and license-text and seen"),
              AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("license-text")),
                    HasSubstr("seen")));
}

TEST(DesiredTest, ChartThatTheOperatorWouldPassOverIsAnError) {
  InstanceModel model;
  model.chart = ChartModel{.name = std::string("operator-wandb"),
                           .version = std::string("1.0.0")};
  const Compiled compiled = Desired(model).compiled;
  ASSERT_TRUE(compiled.diags.HasError());
  EXPECT_EQ(compiled.diags.items()[0].path, cty::Path("chart"));
}

TEST(DesiredTest, AVersionAloneIsOneOfWandbsOwnChart) {
  InstanceModel model;
  model.chart = ChartModel{.version = std::string("0.43.8"), .debug = true};
  const Compiled compiled = Desired(model).compiled;
  EXPECT_FALSE(compiled.diags.HasError());
  EXPECT_EQ(compiled.chart, Json({{"url", "https://charts.wandb.ai"},
                                  {"name", "operator-wandb"},
                                  {"version", "0.43.8"},
                                  {"debug", true}}));
  // Credentials are for another source, which is to be named.
  model.chart = ChartModel{.version = std::string("0.43.8"),
                           .username = std::string("u")};
  EXPECT_TRUE(Desired(model).compiled.diags.HasError());
  // So may a url that is not known yet be.
  model.chart = ChartModel{.url = tf::Attr<std::string>::Unknown(),
                           .version = std::string("0.43.8")};
  EXPECT_FALSE(base::Find(Desired(model).compiled.chart, "/name") != nullptr);
}

// YAML and HCL read 0.40 as a number.
TEST(DesiredTest, AVersionThatLostItsZeroIsAnError) {
  InstanceModel model;
  model.chart = ChartModel{.version = std::string("0.4")};
  const Compiled compiled = Desired(model).compiled;
  ASSERT_TRUE(compiled.diags.HasError());
  EXPECT_EQ(compiled.diags.items()[0].path, cty::Path("chart"));
  EXPECT_THAT(compiled.diags.items()[0].detail,
              HasSubstr("a version has three numbers"));
}

TEST(DesiredTest, ChartKeepsTheNamesOfTheCustomResource) {
  InstanceModel model;
  model.chart = ChartModel{.url = std::string("https://charts.test"),
                           .name = std::string("operator-wandb"),
                           .repo_name = std::string("r"),
                           .plain_http = true,
                           .credential_secret = CredentialSecretModel{
                               .name = std::string("creds"),
                               .username_key = std::string("u"),
                               .password_key = std::string("p")}};
  const Compiled compiled = Desired(model).compiled;
  EXPECT_EQ(
      compiled.chart,
      Json(
          {{"url", "https://charts.test"},
           {"name", "operator-wandb"},
           {"repoName", "r"},
           {"plainHTTP", true},
           {"credentialSecret",
            {{"name", "creds"}, {"usernameKey", "u"}, {"passwordKey", "p"}}}}));
  using Encoding = tf::Codec<InstanceModel>;
  InstanceModel back;
  back.chart = ChartFromTree(compiled.chart);
  EXPECT_EQ(Encoding::Encode(back), Encoding::Encode(model));
}

}  // namespace
}  // namespace resources
