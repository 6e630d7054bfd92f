#include "resources/operator/settings.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "resources/operator/model.h"

namespace resources {
namespace {

using cty::Value;
using testing::ElementsAre;
using testing::IsEmpty;
using Encoding = tf::Codec<OperatorArguments>;

std::map<std::string, Value> Defaults() {
  return Encoding::Encode({}).fields();
}

OperatorArguments Decoded(std::map<std::string, Value> fields) {
  return Encoding::Decode(Value::ObjectOf(Encoding::type(), std::move(fields)));
}

TEST(OperatorArgumentsTest, WhatIsLeftOutHasTheDefaultOfTheSettings) {
  const OperatorArguments arguments =
      Encoding::Decode(Value::ObjectOf(Encoding::type(), {}));
  EXPECT_THAT(arguments.unknown, IsEmpty());
  EXPECT_EQ(Encoding::Encode(arguments), Encoding::Encode({}));
  for (const auto& row : OperatorArguments::Fields()) {
    const Value value = row.encode({});
    EXPECT_EQ(
        row.attribute.spec.fallback.value_or(Value::Null(row.attribute.type)),
        value)
        << row.attribute.name;
  }
}

TEST(OperatorArgumentsTest, AnUnknownLeavesAllOthersKnown) {
  for (const auto& row : OperatorArguments::Fields()) {
    const std::string& name = row.attribute.name;
    auto fields = Defaults();
    fields[name] = Value::Unknown(row.attribute.type);
    const OperatorArguments arguments = Decoded(fields);
    EXPECT_FALSE(arguments.unknown.empty()) << name;
    const Value encoded = Encoding::Encode(arguments);
    for (const auto& [other, value] : encoded.fields()) {
      EXPECT_EQ(value.IsWhollyKnown(), other != name) << name << " " << other;
    }
  }
}

TEST(OperatorArgumentsTest, AnUnknownPartLeavesItsSiblingsKnown) {
  auto fields = Defaults();
  std::map<std::string, Value> image = fields["image"].fields();
  image["tag"] = Value::Unknown(cty::Type::String());
  image["digest"] = Value::String("sha256:0");
  fields["image"] = Value::ObjectOf(fields["image"].type(), image);
  const OperatorArguments arguments = Decoded(fields);
  EXPECT_THAT(arguments.unknown, ElementsAre("image.tag"));
  EXPECT_EQ(arguments.values.image.digest, "sha256:0");
  EXPECT_EQ(Encoding::Encode(arguments).At("image"), fields["image"]);
}

TEST(OperatorArgumentsTest, OnlyTheChangedPartOfAGroupIsWritten) {
  auto fields = Defaults();
  std::map<std::string, Value> image = fields["image"].fields();
  // Nothing that the settings tell from null.
  const Value none = Value::List(cty::Type::String(), {});
  image["pull_secrets"] = none;
  fields["image"] = Value::ObjectOf(fields["image"].type(), image);
  const Value base = Value::ObjectOf(Encoding::type(), fields);
  const OperatorArguments before = Encoding::Decode(base);
  OperatorArguments after = before;
  after.values.image.tag = "2";
  const Value written = tf::Overlay(base, before, after).At("image");
  EXPECT_EQ(written.At("tag"), Value::String("2"));
  EXPECT_EQ(written.At("pull_secrets"), none);
  EXPECT_EQ(tf::Overlay(base, before, before), base);
}

TEST(OperatorModelTest, KnowsItsIdOnceBothPartsAreKnown) {
  OperatorModel model;
  EXPECT_TRUE(IsNamed(model));
  EXPECT_EQ(IdOf(model), "wandb/wandb");
  model.arguments.unknown.insert("name");
  EXPECT_FALSE(IsNamed(model));
  EXPECT_FALSE(SettingsOf(model).has_value());
}

TEST(LeaveOutTest, GivesAnAttributeItsDefaultAndTakesAnElementAway) {
  wandb::OperatorSettings settings;
  settings.image_registry = "kept";
  settings.image.tag = "-";
  settings.image.pull_secrets = {"a", "b"};
  settings.release_channel_url = "ftp://x";
  EXPECT_TRUE(LeaveOut("image.tag", settings));
  EXPECT_EQ(settings.image.tag, wandb::kOperatorTag);
  EXPECT_TRUE(LeaveOut("image.pull_secrets[0]", settings));
  EXPECT_THAT(settings.image.pull_secrets, ElementsAre("b"));
  EXPECT_TRUE(LeaveOut("release_channel_url", settings));
  EXPECT_EQ(settings.release_channel_url, "");
  EXPECT_EQ(settings.image_registry, "kept");
}

TEST(LeaveOutTest, SaysWhereNothingChanges) {
  wandb::OperatorSettings settings;
  settings.name = "_";
  settings.image.pull_secrets = {"a"};
  for (const char* path :
       {"name", "image.tag", "image.other", "other", "image.pull_secrets[1]",
        "image.pull_secrets[x]", "charts[\"a\"]", "image.tag[0]", ""}) {
    EXPECT_FALSE(LeaveOut(path, settings)) << path;
  }
  EXPECT_EQ(settings.name, "_");
  EXPECT_THAT(settings.image.pull_secrets, ElementsAre("a"));
}

}  // namespace
}  // namespace resources
