#include "resources/instance/private_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/managed_fields.h"

namespace resources {
namespace {

using base::Json;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Json Parsed(const char* text) { return *base::ParseJson(text, "private data"); }

TEST(InstanceNotesTest, WhatIsStoredIsReadAgain) {
  InstanceNotes notes;
  notes.importing = true;
  notes.imported = true;
  notes.left_open = true;
  notes.being_deleted = true;
  notes.manager = "former";
  notes.pin = PinNote{.before = "r0", .written = "r1", .tried = "r2"};
  notes.layers.others = wandb::SpecLayer{{{"version", "1"}}, {{"a", 1}}, {}};
  notes.layers.user_input = wandb::SpecLayer{{}, {{"b", 2}}, {}};
  notes.layers.channel = wandb::SpecLayer{{}, {{"c", 3}}, {{"id", "x"}}};
  notes.layers.managed_spec = wandb::SpecLayer{{}, {{"d", 4}}, {}};
  notes.layers.takes_managed_spec = true;
  notes.layers.managed_spec_unread = true;
  notes.layers.user_input_fault = "not JSON";
  Json stored = Json::object();
  notes.To(stored);
  const InstanceNotes read = InstanceNotes::From(stored);
  EXPECT_TRUE(read.importing);
  EXPECT_TRUE(read.imported);
  EXPECT_TRUE(read.left_open);
  EXPECT_TRUE(read.being_deleted);
  EXPECT_EQ(read.manager, "former");
  EXPECT_EQ(read.pin, notes.pin);
  notes.pin->before.reset();
  notes.To(stored);
  EXPECT_EQ(InstanceNotes::From(stored).pin, notes.pin);
  notes.pin.reset();
  notes.To(stored);
  EXPECT_EQ(InstanceNotes::From(stored).pin, std::nullopt);
  EXPECT_EQ(read.layers.others->chart, Json({{"version", "1"}}));
  EXPECT_EQ(read.layers.user_input->values, Json({{"b", 2}}));
  EXPECT_EQ(read.layers.channel->metadata, Json({{"id", "x"}}));
  EXPECT_EQ(read.layers.managed_spec, notes.layers.managed_spec);
  EXPECT_TRUE(read.layers.takes_managed_spec);
  EXPECT_TRUE(read.layers.managed_spec_unread);
  EXPECT_EQ(read.layers.user_input_fault, "not JSON");
}

TEST(InstanceNotesTest, TheStoredFormStays) {
  InstanceNotes notes;
  notes.imported = true;
  notes.manager = "m";
  notes.layers.channel = wandb::SpecLayer{{{"name", "n"}}, {{"c", 3}}, {}};
  Json stored = Json::object();
  notes.To(stored);
  EXPECT_EQ(stored, Parsed(R"({
    "version": 1, "imported": true, "manager": "m",
    "layers": {"channel": {"chart": {"name": "n"}, "values": {"c": 3},
                           "metadata": null}}})"));
}

TEST(InstanceNotesTest, WhatEarlierBuildsStoredIsRead) {
  const InstanceNotes notes = InstanceNotes::From(Parsed(R"({
    "manager": "terraform-provider-wandb", "created_namespace": "u",
    "layers": {"user_input": {"chart": null, "values": {"a": 1}}}})"));
  EXPECT_EQ(notes.manager, "terraform-provider-wandb");
  EXPECT_FALSE(notes.imported);
  EXPECT_EQ(notes.layers.user_input->values, Json({{"a", 1}}));
  EXPECT_FALSE(notes.layers.channel.has_value());
}

TEST(InstanceNotesTest, WhatIsNotThereOrOfAnotherTypeIsTheDefault) {
  for (const char* text : {"null", "[]", "{}", R"({"layers": 1})",
                           R"({"manager": 1, "layers": {"channel": "x"}})"}) {
    const InstanceNotes notes = InstanceNotes::From(Parsed(text));
    EXPECT_FALSE(notes.importing) << text;
    EXPECT_EQ(notes.manager, "") << text;
    EXPECT_FALSE(notes.layers.channel.has_value()) << text;
  }
}

TEST(InstanceNotesTest, WhatOthersKeepThereStays) {
  Json stored = Parsed(R"({"created_namespace": "u", "being_deleted": true})");
  InstanceNotes notes = InstanceNotes::From(stored);
  notes.being_deleted = false;
  notes.To(stored);
  EXPECT_EQ(stored["created_namespace"], "u");
  EXPECT_FALSE(stored.contains("being_deleted"));
}

TEST(InstanceNotesTest, AWriteEndsWhatWasBefore) {
  InstanceNotes notes;
  notes.imported = true;
  notes.being_deleted = true;
  notes.NoteWritten("now");
  EXPECT_FALSE(notes.being_deleted);
  EXPECT_THAT(notes.SourcesFor("now", Json::object()), IsEmpty());
  // Of the former name, what the next write finds becomes ours.
  const auto sources = notes.SourcesFor("later", Json::object());
  ASSERT_THAT(sources, SizeIs(1));
  kube::ManagerEntry entry;
  entry.manager = "now";
  entry.operation = "Apply";
  EXPECT_TRUE(sources[0].from(entry));
  entry.manager = "argocd";
  EXPECT_FALSE(sources[0].from(entry));
}

// A kill right after our first apply leaves the takeover to be made; who edits
// what is ours later gives nothing away by that.
TEST(InstanceNotesTest, OnlyWhatWasThereBeforeOurApplyIsStillTakenOver) {
  const auto live = [](const char* time_of_helm) {
    Json object = Parsed(R"({"spec": {"values": {"a": 1, "b": 1}}})");
    Json ours = Parsed(R"({"manager": "m", "operation": "Apply",
      "time": "2026-01-02T00:00:00Z",
      "fieldsV1": {"f:spec": {"f:values": {"f:a": {}}}}})");
    Json helm = Parsed(R"({"manager": "helm", "operation": "Update",
      "fieldsV1": {"f:spec": {"f:values": {"f:b": {}}}}})");
    helm["time"] = time_of_helm;
    object["metadata"]["managedFields"] = {ours, helm};
    return object;
  };
  const Json before = Parsed(R"({"spec": {"values": {"a": 1, "b": 1}}})");
  InstanceNotes cut_off;
  cut_off.Recover(live("2026-01-01T00:00:00Z"), "m", before);
  EXPECT_TRUE(cut_off.imported);
  InstanceNotes edited;
  edited.Recover(live("2026-01-03T00:00:00Z"), "m", before);
  EXPECT_FALSE(edited.imported);
  EXPECT_EQ(edited.manager, "m");
}

}  // namespace
}  // namespace resources
