#include "resources/instance/private_data.h"

#include <functional>
#include <optional>

#include "kube/managed_fields.h"
#include "kube/ssa/update.h"
#include "resources/connection/session.h"
#include "wandb/others.h"

namespace resources {
namespace {

using base::Json;

constexpr int kFormat = 1;

constexpr char kVersion[] = "version";
constexpr char kImporting[] = "importing";
constexpr char kImported[] = "imported";
constexpr char kManager[] = "manager";
constexpr char kBeingDeleted[] = "being_deleted";
constexpr char kLayers[] = "layers";
constexpr char kOthers[] = "others";
constexpr char kUserInput[] = "user_input";
constexpr char kChannel[] = "channel";
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

// Whether those that `from` accepts hold a part of `before` that `manager` has
// not applied.
bool HoldMore(const Json& live, const std::string& manager, const Json& before,
              const std::function<bool(const kube::ManagerEntry&)>& from) {
  const Json ours =
      kube::PartOwnedBy(live, [&](const kube::ManagerEntry& entry) {
        return entry.subresource.empty() && entry.operation == "Apply" &&
               entry.manager == manager;
      });
  const Json theirs =
      kube::PartOwnedBy(live, [&](const kube::ManagerEntry& entry) {
        return entry.subresource.empty() && from(entry);
      });
  const Json more = wandb::OthersPart(theirs, ours);
  return wandb::OthersPart(more, before) != more;
}

}  // namespace

InstanceNotes InstanceNotes::From(const Json& private_data) {
  InstanceNotes notes;
  if (!private_data.is_object()) return notes;
  notes.importing = private_data.contains(kImporting);
  notes.imported = private_data.contains(kImported);
  notes.being_deleted = private_data.contains(kBeingDeleted);
  notes.manager = TextOf(private_data, kManager);
  const auto layers = private_data.find(kLayers);
  if (layers == private_data.end() || !layers->is_object()) return notes;
  notes.layers.others = LayerFrom(*layers, kOthers);
  notes.layers.user_input = LayerFrom(*layers, kUserInput);
  notes.layers.channel = LayerFrom(*layers, kChannel);
  notes.layers.user_input_fault = TextOf(*layers, kUserInputFault);
  return notes;
}

void InstanceNotes::To(Json& private_data) const {
  private_data[kVersion] = kFormat;
  Mark(importing, kImporting, private_data);
  Mark(imported, kImported, private_data);
  Mark(being_deleted, kBeingDeleted, private_data);
  private_data.erase(kManager);
  if (!manager.empty()) private_data[kManager] = manager;
  Json& stored = private_data[kLayers] = Json::object();
  LayerTo(layers.others, kOthers, stored);
  LayerTo(layers.user_input, kUserInput, stored);
  LayerTo(layers.channel, kChannel, stored);
  if (!layers.user_input_fault.empty()) {
    stored[kUserInputFault] = layers.user_input_fault;
  }
}

void InstanceNotes::NoteWritten(const std::string& written_by) {
  imported = false;
  being_deleted = false;
  manager = written_by;
}

void InstanceNotes::Recover(const Json& live, const std::string& now,
                            const Json& before) {
  if (!AreLost()) return;
  const std::string other = kDefaultFieldManager;
  const bool renamed =
      now != other &&
      HoldMore(live, now, before, [&](const kube::ManagerEntry& entry) {
        return entry.operation == "Apply" && entry.manager == other;
      });
  // Who wrote after our last apply edits what is ours.
  const std::string written = kube::TimeOfWrite(live, now, "Apply");
  imported = HoldMore(live, now, before, [&](const kube::ManagerEntry& entry) {
    return kube::IsEarlierTool(entry) &&
           (written.empty() || entry.time <= written);
  });
  if (renamed) {
    manager = other;
  } else if (!imported && kube::HasApplied(live, now)) {
    manager = now;
  }
}

std::vector<kube::Takeover::Source> InstanceNotes::SourcesFor(
    const std::string& now, const Json& before) const {
  return ssa::EarlierManagers(manager == now ? "" : manager, imported, before);
}

}  // namespace resources
