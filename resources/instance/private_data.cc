#include "resources/instance/private_data.h"

#include <optional>
#include <set>

#include "kube/managed_fields.h"
#include "kube/ssa/update.h"
#include "wandb/spec/others.h"

namespace resources {
namespace {

using base::Json;

constexpr int kFormat = 1;

constexpr char kVersion[] = "version";
constexpr char kImporting[] = "importing";
constexpr char kImported[] = "imported";
constexpr char kManager[] = "manager";
constexpr char kLeftOpen[] = "left_open";
constexpr char kBeingDeleted[] = "being_deleted";
constexpr char kPin[] = "release_pin";
constexpr char kWritten[] = "written";
constexpr char kTried[] = "tried";
constexpr char kBefore[] = "before";
constexpr char kLayers[] = "layers";
constexpr char kOthers[] = "others";
constexpr char kUserInput[] = "user_input";
constexpr char kChannel[] = "channel";
constexpr char kManagedSpec[] = "managed_spec";
constexpr char kTakesManagedSpec[] = "takes_managed_spec";
constexpr char kManagedSpecUnread[] = "managed_spec_unread";
constexpr char kUserInputFault[] = "user_input_fault";

std::string TextOf(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

// A mark is there or not; earlier builds looked at no more.
void Mark(bool set, const char* key, Json& object) {
  if (set) {
    object[key] = true;
  } else {
    object.erase(key);
  }
}

std::optional<wandb::SpecLayer> LayerFrom(const Json& stored, const char* key) {
  const auto it = stored.find(key);
  if (it == stored.end() || !it->is_object()) return std::nullopt;
  return wandb::SpecLayer{it->value("chart", Json()),
                          it->value("values", Json()),
                          it->value("metadata", Json())};
}

void LayerTo(const std::optional<wandb::SpecLayer>& layer, const char* key,
             Json& stored) {
  if (!layer.has_value()) return;
  stored[key] = {{"chart", layer->chart},
                 {"values", layer->values},
                 {"metadata", layer->metadata}};
}

std::optional<PinNote> PinFrom(const Json& private_data) {
  const auto pin = private_data.find(kPin);
  if (pin == private_data.end() || !pin->is_object()) return std::nullopt;
  PinNote note = {.written = TextOf(*pin, kWritten),
                  .tried = TextOf(*pin, kTried)};
  if (pin->contains(kBefore)) note.before = TextOf(*pin, kBefore);
  return note;
}

void PinTo(const std::optional<PinNote>& note, Json& private_data) {
  private_data.erase(kPin);
  if (!note.has_value()) return;
  Json& pin =
      private_data[kPin] = {{kWritten, note->written}, {kTried, note->tried}};
  if (note->before.has_value()) pin[kBefore] = *note->before;
}

Json PartAppliedBy(const std::string& manager, const Json& live) {
  return kube::PartOwnedBy(live, [&](const kube::ManagerEntry& entry) {
    return entry.subresource.empty() && entry.operation == "Apply" &&
           entry.manager == manager;
  });
}

// Whether tools of before our last apply hold a part of `before` that is not in
// `ours`. Who wrote after it edits what is ours.
bool ToolsHoldMore(const Json& live, const Json& ours, const Json& before,
                   const std::string& last_apply) {
  const Json theirs =
      kube::PartOwnedBy(live, [&](const kube::ManagerEntry& entry) {
        return entry.subresource.empty() && kube::IsEarlierTool(entry) &&
               (last_apply.empty() || entry.time <= last_apply);
      });
  const Json more = wandb::OthersPart(theirs, ours);
  return wandb::OthersPart(more, before) != more;
}

// The field manager that this provider had before `now`, or "": who has applied
// nothing but `before`, all of its specification that is not in `ours` by now,
// and something that is not.
std::string FormerManager(const Json& live, const std::string& now,
                          const Json& ours, const Json& before) {
  Json content = Json::object();  // Without nulls, as a part has none.
  content.merge_patch({{"metadata", before.value("metadata", Json())},
                       {"spec", before.value("spec", Json())}});
  const Json spec = {{"spec", content.value("spec", Json())}};
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    if (entry.manager == now) continue;
    const Json theirs = PartAppliedBy(entry.manager, live);
    if (!wandb::OthersPart(theirs, ours).is_null() &&
        wandb::OthersPart(theirs, content).is_null() &&
        wandb::OthersPart(wandb::OthersPart(spec, theirs), ours).is_null()) {
      return entry.manager;
    }
  }
  return "";
}

}  // namespace

InstanceNotes InstanceNotes::From(const Json& private_data) {
  InstanceNotes notes;
  if (!private_data.is_object()) return notes;
  notes.importing = private_data.contains(kImporting);
  notes.imported = private_data.contains(kImported);
  notes.left_open = private_data.contains(kLeftOpen);
  notes.being_deleted = private_data.contains(kBeingDeleted);
  notes.manager = TextOf(private_data, kManager);
  notes.pin = PinFrom(private_data);
  const auto layers = private_data.find(kLayers);
  if (layers == private_data.end() || !layers->is_object()) return notes;
  notes.layers.others = LayerFrom(*layers, kOthers);
  notes.layers.user_input = LayerFrom(*layers, kUserInput);
  notes.layers.channel = LayerFrom(*layers, kChannel);
  notes.layers.managed_spec = LayerFrom(*layers, kManagedSpec);
  notes.layers.takes_managed_spec = layers->contains(kTakesManagedSpec);
  notes.layers.managed_spec_unread = layers->contains(kManagedSpecUnread);
  notes.layers.user_input_fault = TextOf(*layers, kUserInputFault);
  return notes;
}

void InstanceNotes::To(Json& private_data) const {
  private_data[kVersion] = kFormat;
  Mark(importing, kImporting, private_data);
  Mark(imported, kImported, private_data);
  Mark(left_open, kLeftOpen, private_data);
  Mark(being_deleted, kBeingDeleted, private_data);
  private_data.erase(kManager);
  if (!manager.empty()) private_data[kManager] = manager;
  PinTo(pin, private_data);
  Json& stored = private_data[kLayers] = Json::object();
  LayerTo(layers.others, kOthers, stored);
  LayerTo(layers.user_input, kUserInput, stored);
  LayerTo(layers.channel, kChannel, stored);
  LayerTo(layers.managed_spec, kManagedSpec, stored);
  Mark(layers.takes_managed_spec, kTakesManagedSpec, stored);
  Mark(layers.managed_spec_unread, kManagedSpecUnread, stored);
  if (!layers.user_input_fault.empty()) {
    stored[kUserInputFault] = layers.user_input_fault;
  }
}

void InstanceNotes::NoteWritten(const std::string& written_by) {
  imported = false;
  left_open = false;
  being_deleted = false;
  manager = written_by;
}

void InstanceNotes::Recover(const Json& live, const std::string& now,
                            const Json& before) {
  if (!AreLost()) return;
  const Json ours = PartAppliedBy(now, live);
  const std::string former = FormerManager(live, now, ours, before);
  imported =
      ToolsHoldMore(live, ours, before, kube::TimeOfWrite(live, now, "Apply"));
  if (!former.empty()) {
    manager = former;
  } else if (!imported && kube::HasApplied(live, now)) {
    manager = now;
  }
}

std::vector<kube::Takeover::Source> InstanceNotes::SourcesFor(
    const std::string& now, const Json& before) const {
  std::set<std::string> former = {manager};
  former.erase(now);
  former.erase("");
  return ssa::EarlierManagers(former, imported, before);
}

}  // namespace resources
