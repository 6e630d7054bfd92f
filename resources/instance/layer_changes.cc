#include "resources/instance/layer_changes.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "resources/instance/findings.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/release_pin.h"

namespace resources {
namespace {

using base::Json;
using Layer = std::optional<wandb::SpecLayer>;

constexpr char kReleaseChanged[] = "release-changed";
constexpr char kUserInputChanged[] = "user-input-changed";

// Of the values of a layer, for the reader of a terminal.
constexpr size_t kMostPaths = 5;
constexpr size_t kLongestText = 60;

// The value of `layer` at `path`, or, as lists of layers are put together, the
// whole list that has it.
const Json* ValueAt(const Layer& layer, const wandb::Path& path) {
  if (!layer.has_value()) return nullptr;
  wandb::Path keys;
  for (const wandb::Step& step : path) {
    if (step.IsIndex()) break;
    keys.push_back(step);
  }
  return wandb::FindPath(layer->values, keys);
}

bool Differs(const Layer& one, const Layer& other, const wandb::Path& path) {
  const Json* a = ValueAt(one, path);
  const Json* b = ValueAt(other, path);
  return (a == nullptr) != (b == nullptr) || (a != nullptr && *a != *b);
}

std::string Shortened(const cty::Value* text) {
  if (text == nullptr || !text->IsKnown()) return "(none)";
  const std::string& shown = text->AsString();
  if (shown.size() <= kLongestText && shown.find('\n') == std::string::npos) {
    return shown.empty() ? "\"\"" : shown;
  }
  return "(a longer text)";
}

// A line for each leaf that changed, by whose it is.
struct ChangedLeaves {
  std::vector<std::string> of_console, of_base;
};

// The layer below the user input: the channel, or what is in its place.
const Layer& BaseOf(const EarlierSpec& spec) {
  return spec.managed_spec.has_value() ? spec.managed_spec : spec.channel;
}
const Layer& BaseOf(const RecordedLayers& layers) {
  return layers.managed_spec.has_value() ? layers.managed_spec : layers.channel;
}

class Comparison {
 public:
  Comparison(const EarlierSpec& before, const RecordedLayers& now,
             const InstanceModel& state)
      : before_(before), now_(now), state_(state) {}

  ChangedLeaves Leaves() const {
    ChangedLeaves out;
    const auto& old = before_.effective_values.fields();
    const auto& fresh = state_.effective_values.fields();
    for (const auto& [path, text] : old) {
      const auto it = fresh.find(path);
      const cty::Value* other = it == fresh.end() ? nullptr : &it->second;
      if (other == nullptr || !(*other == text)) Add(path, &text, other, out);
    }
    for (const auto& [path, text] : fresh) {
      if (old.count(path) == 0) Add(path, nullptr, &text, out);
    }
    return out;
  }

  // "release r1 -> r2, chart 1 -> 2, W&B Server 0.1 -> 0.2"; "" for no other
  // release.
  std::string Release() const {
    std::vector<std::string> parts;
    const auto add = [&parts](absl::string_view what, const std::string& old,
                              const std::string& fresh) {
      if (old == fresh) return;
      parts.push_back(absl::StrCat(what, " ", old.empty() ? "(none)" : old,
                                   " -> ", fresh.empty() ? "(none)" : fresh));
    };
    add("release", wandb::ReleaseIdOf(*BaseOf(before_)),
        wandb::ReleaseIdOf(*BaseOf(now_)));
    const auto chart = [](const wandb::SpecLayer& layer) {
      return base::StringAt(layer.chart, "/version").value_or("");
    };
    add("chart", chart(*BaseOf(before_)), chart(*BaseOf(now_)));
    if (!parts.empty()) {
      add("W&B Server", before_.version.value_or(""),
          state_.version.value_or(""));
    }
    return absl::StrJoin(parts, ", ");
  }

 private:
  bool IsOfCustomResource(const std::string& text) const {
    const auto& origins = state_.effective_origin.fields();
    const auto it = origins.find(text);
    if (it == origins.end() || !it->second.IsKnown()) return false;
    const std::string& origin = it->second.AsString();
    return origin == wandb::OriginName(wandb::Origin::kCustomResource) ||
           origin == wandb::OriginName(wandb::Origin::kOtherManager);
  }
  void Add(const std::string& text, const cty::Value* old,
           const cty::Value* fresh, ChangedLeaves& out) const {
    const auto path = wandb::ParsePath(text);
    // A pin is release_id, where that is set.
    if (!path.ok() || (text == wandb::kPinKey && !state_.release_id.IsNull())) {
      return;
    }
    if (fresh != nullptr && IsOfCustomResource(text)) return;
    const std::string line = absl::StrCat("    ", text, ": ", Shortened(old),
                                          " -> ", Shortened(fresh));
    if (Differs(before_.user_input, now_.user_input, *path)) {
      out.of_console.push_back(line);
    } else if (Differs(BaseOf(before_), BaseOf(now_), *path)) {
      out.of_base.push_back(line);
    }
  }

  const EarlierSpec& before_;
  const RecordedLayers& now_;
  const InstanceModel& state_;
};

// "  WHO: WHAT; 7 values changed (ID):" and a few of them.
std::string Part(absl::string_view who, const std::string& what,
                 std::vector<std::string> leaves, absl::string_view id) {
  const size_t count = leaves.size();
  if (count > kMostPaths) {
    leaves.resize(kMostPaths);
    leaves.push_back(absl::StrCat("    and ", count - kMostPaths, " more"));
  }
  return absl::StrCat("  ", who, ": ", what, what.empty() ? "" : "; ", count,
                      " value", count == 1 ? "" : "s", " changed (", id, ")",
                      leaves.empty() ? "" : ":\n", absl::StrJoin(leaves, "\n"));
}

// Whose the layer is, and in whose place, where that is new.
std::string WhoChanged(const EarlierSpec& before, const RecordedLayers& now) {
  const bool was = before.managed_spec.has_value();
  const bool is = now.managed_spec.has_value();
  const std::string managed = absl::StrCat("managed spec (ConfigMap ",
                                           wandb::kManagedSpecConfigMap, ")");
  const std::string channel = "release channel";
  const std::string& who = is ? managed : channel;
  if (is == was) return who;
  return absl::StrCat(who, ", in place of the ", was ? managed : channel);
}

}  // namespace

void WarnOfLayerChanges(const EarlierSpec& before, const RecordedLayers& now,
                        const InstanceModel& state, tf::Diagnostics& diags) {
  if (!BaseOf(before).has_value() && !before.user_input.has_value()) return;
  if (before.IsOver(now)) return;
  if (!before.effective_values.IsKnown() || !state.effective_values.IsKnown()) {
    return;
  }
  const Comparison comparison(before, now, state);
  const ChangedLeaves leaves = comparison.Leaves();
  std::vector<std::string> parts;
  const bool known = BaseOf(before).has_value() && BaseOf(now).has_value();
  const std::string release = known ? comparison.Release() : "";
  const bool asked_for =
      known && state.release_id.IsKnown() &&
      wandb::ReleaseIdOf(*BaseOf(now)) == state.release_id.value();
  if (known && !asked_for && WarnsOf(kReleaseChanged, state) &&
      !(release.empty() && leaves.of_base.empty())) {
    parts.push_back(Part(WhoChanged(before, now), release, leaves.of_base,
                         kReleaseChanged));
  }
  if (!leaves.of_console.empty() && WarnsOf(kUserInputChanged, state)) {
    parts.push_back(
        Part("System Console", "", leaves.of_console, kUserInputChanged));
  }
  if (parts.empty()) return;
  diags.AddWarning(
      absl::StrCat("What the operator uses for ", IdOf(state),
                   " has changed since the last apply"),
      absl::StrCat(
          absl::StrJoin(parts, "\n"),
          "\n\nNothing of it is this configuration's, and there is nothing to "
          "do. A plan with -refresh-only shows all of it in effective_values; "
          "applied, it is not said again. ",
          now.managed_spec.has_value()
              ? "check_levels hides this by the ids in brackets."
              : "release_id keeps an instance at one release, and check_levels "
                "hides this by the ids in brackets."));
}

}  // namespace resources
