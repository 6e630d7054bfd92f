#include "wandb/settings/compile.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/rules.h"
#include "wandb/chart/suggest.h"
#include "wandb/settings/chart_value.h"
#include "wandb/settings/mistakes.h"
#include "wandb/unknown.h"
#include "wandb/value_view.h"

namespace wandb {
namespace {

using base::Json;

constexpr char kSettingId[] = "setting";

std::string Joined(absl::string_view group, absl::string_view name) {
  return group.empty() ? std::string(name) : absl::StrCat(group, ".", name);
}

class Compiler {
 public:
  explicit Compiler(std::optional<absl::string_view> chart_version)
      : version_(chart_version.value_or("").empty() ? kCataloguedChart
                                                    : *chart_version),
        version_known_(chart_version.has_value()),
        version_given_(!chart_version.value_or("").empty()) {}

  void CompileAll(const Json& settings, const WriteOnlySettings& write_only) {
    Members(settings, Settings(), "", "");
    for (const std::string& setting : write_only.settings) {
      Reference(setting, write_only.secret);
    }
    CheckBuckets(settings);
    ReportTooOld();
    CheckOverlaps();
    CheckRules();
  }

  CompiledSettings Take() && { return std::move(out_); }

 private:
  using Nodes = std::map<std::string, SettingNode, std::less<>>;

  void Fault(const std::string& attribute, const std::string& message,
             absl::string_view id = kSettingId) {
    out_.problems.push_back(
        {.id = std::string(id),
         .source = Source{attribute, std::nullopt},
         .message = absl::StrCat("`", attribute, "` ", message, ".")});
  }

  // What is wrong with the chart is said once, of an attribute's own path: the
  // values beside it would ask for other versions.
  void Add(const std::string& attribute, Path path, Json value) {
    if (checked_.insert(attribute).second) CheckVersion(attribute, path);
    out_.settings.push_back({attribute, std::move(path), std::move(value)});
  }

  void Members(const Json& settings, const Nodes& nodes,
               const std::string& group, const std::string& component) {
    for (const auto& [name, value] : settings.items()) {
      if (value.is_null()) continue;
      const std::string attribute = Joined(group, name);
      auto node = nodes.find(name);
      if (node != nodes.end()) {
        Setting(attribute, node->second, value, component);
        continue;
      }
      node = nodes.find(SettingOfTwin(name));
      if (node != nodes.end() && HasWriteOnlyTwin(*node->second.row)) continue;
      node = nodes.find("*");
      const auto& all = Components();
      if (node == nodes.end()) {
        Fault(attribute, "is no setting. Remove it, or use `values`");
      } else if (std::find(all.begin(), all.end(), name) == all.end()) {
        const std::string meant = NearestPath({Step::Key(name)});
        const bool is_known =
            std::find(all.begin(), all.end(), meant) != all.end();
        Fault(attribute,
              absl::StrCat(
                  "is no component of the chart. ",
                  is_known ? absl::StrCat("Did you mean ", meant, "? ") : "",
                  "There are these: ", absl::StrJoin(all, ", ")));
      } else {
        Setting(attribute, node->second, value, name);
      }
    }
  }

  void Setting(const std::string& attribute, const SettingNode& node,
               const Json& value, const std::string& component) {
    const SettingRow& row = *node.row;
    if (!node.IsGroup()) return Leaf(attribute, row, value, component);
    if (UnknownKind(value).has_value()) {
      // Which members it has is open, and so is what is in their section.
      const Path section = PathOf(row, component, version_);
      AddOpen(attribute, section);
      OpenBeyond(section, attribute, node, component);
    } else if (!value.is_object()) {
      Fault(attribute, "must be an object");
    } else {
      Members(value, node.members, attribute, component);
      for (const auto& [name, member] : node.members) {
        const auto given = value.find(name);
        if (IsRequired(*member.row, value) &&
            (given == value.end() || given->is_null())) {
          Fault(Joined(attribute, name), "is missing");
        }
      }
    }
    for (const FixedValue& fixed : row.with) {
      Path place = PathOfText(fixed.path);
      // A bundled server that this chart does not have needs no switch.
      if (!TooOldFor(place).empty()) continue;
      out_.settings.push_back({attribute, std::move(place), fixed.value});
    }
  }

  // The version that has `path`, if the chart that is configured is older.
  std::string TooOldFor(const Path& path) const {
    if (!version_given_) return "";
    // A section may be younger than the chart, with all that is in it.
    for (size_t length = 1; length <= path.size(); ++length) {
      const CatalogueIndex::Hit hit = CatalogueIndex::Get().Find(
          Path(path.begin(),
               path.begin() + static_cast<std::ptrdiff_t>(length)),
          version_);
      if (!hit.since.empty() &&
          CompareVersions(version_, hit.since).value_or(0) < 0) {
        return std::string(hit.since);
      }
    }
    return "";
  }

  void Leaf(const std::string& attribute, const SettingRow& row,
            const Json& value, const std::string& component) {
    Check(attribute, row, value);
    const Path path = PathOf(row, component, version_);
    const Path other_path = PathOf(row, component, "0");
    if (!version_known_ && path != other_path) {
      // Both places are below this.
      return AddOpen(attribute, CommonPart(path, other_path));
    }
    const Json chart_value = ChartValueOf(row, value);
    Add(attribute, path, chart_value);
    for (const std::string& other : row.also) {
      Add(attribute, PathOfText(other), chart_value);
    }
    for (const FixedValue& fixed : row.with) {
      const Path place = PathOfText(fixed.path);
      if (value == Json(true)) Add(attribute, place, fixed.value);
      if (UnknownKind(value).has_value()) AddOpen(attribute, {place[0]});
    }
  }

  // To the key of `secret` that has what the write-only twin of `setting` says.
  void Reference(const std::string& setting, const std::string& secret) {
    const std::string twin = WriteOnlyTwinOf(setting);
    const SettingRow* row = FindSetting(setting);
    if (row == nullptr || !HasWriteOnlyTwin(*row)) {
      return Fault(twin, "is no setting. Remove it");
    }
    const CatalogueEntry* entry = EntryOf(*row);
    if (version_given_ && entry != nullptr && entry->by_reference.empty() &&
        CompareVersions(version_, entry->reference_since).value_or(0) < 0) {
      Fault(twin, absl::StrCat("needs chart ", entry->reference_since,
                               " or newer, and ", version_,
                               " is configured. Use a newer chart, or `",
                               setting, "`"));
    }
    Add(twin, PathOfText(row->reference.name),
        secret.empty() ? MakeUnknown(Unknown::kString) : Json(secret));
    Add(twin, PathOfText(row->reference.key), Json(WriteOnlyKeyOf(setting)));
  }

  // What the members of a group write outside of its section.
  void OpenBeyond(const Path& section, const std::string& attribute,
                  const SettingNode& group, const std::string& component) {
    const auto open = [&](const Path& path) {
      if (CommonPart(section, path).size() < section.size()) {
        AddOpen(attribute, path);
      }
    };
    for (const auto& [name, member] : group.members) {
      open(PathOf(*member.row, component, version_));
      for (const std::string& other : member.row->also) open(PathOfText(other));
      for (const FixedValue& fixed : member.row->with) {
        open({PathOfText(fixed.path)[0]});
      }
      OpenBeyond(section, attribute, member, component);
    }
  }

  // A place whose content is not known.
  void AddOpen(const std::string& attribute, Path path) {
    out_.settings.push_back(
        {attribute, std::move(path), MakeUnknown(Unknown::kShape)});
  }

  static Path CommonPart(const Path& a, const Path& b) {
    const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return Path(a.begin(), end.first);
  }

  void Check(const std::string& attribute, const SettingRow& row,
             const Json& value) {
    const auto mistake = MistakeIn(row, value);
    if (!mistake.has_value() || row.is_extensible) return;
    // An element has no path of its own here.
    const std::string& below = mistake->below;
    const size_t element = below.find('[');
    out_.problems.push_back(
        {.id = kSettingId,
         .source = Source{absl::StrCat(attribute, below.substr(0, element)),
                          std::nullopt},
         .message =
             absl::StrCat("`", attribute, below, "` ", mistake->message, ".")});
  }

  static std::string InPlaceOf(const CatalogueEntry& entry) {
    return entry.moved_to.empty() ? std::string(entry.instead)
                                  : absl::StrCat("Use ", entry.moved_to);
  }

  void CheckVersion(const std::string& attribute, const Path& path) {
    const CatalogueEntry* newest = CatalogueIndex::Get().Find(path).entry;
    if (newest != nullptr && newest->until == "0") {
      return Fault(attribute, absl::StrCat("has no effect in any chart. ",
                                           InPlaceOf(*newest)));
    }
    // Without one the release channel decides, which may be any.
    if (!version_given_) return;
    const bool is_released =
        CompareVersions(version_, kCataloguedChart).value_or(1) <= 0;
    if (newest != nullptr && newest->unreleased && is_released) {
      return Fault(
          attribute,
          absl::StrCat("needs a chart newer than ", kCataloguedChart, ", and ",
                       version_, " is configured. Use another setting"));
    }
    if (const std::string since = TooOldFor(path); !since.empty()) {
      const size_t dot = attribute.rfind('.');
      too_old_[{dot == std::string::npos ? "" : attribute.substr(0, dot),
                since}]
          .push_back(attribute);
    }
  }

  // Members of one group, which came with one version, are said together.
  void ReportTooOld() {
    for (const auto& [key, attributes] : too_old_) {
      const auto& [group, since] = key;
      const std::string text =
          absl::StrCat(" chart ", since, " or newer, and ", version_,
                       " is configured. Use a newer chart, or another setting");
      if (!group.empty() && attributes.size() > 1) {
        out_.problems.push_back(
            {.id = kSettingId,
             .source = Source{attributes[0], std::nullopt},
             .message = absl::StrCat("`", absl::StrJoin(attributes, "`, `"),
                                     "` need", text, ".")});
        continue;
      }
      for (const std::string& attribute : attributes) {
        Fault(attribute, absl::StrCat("needs", text));
      }
    }
  }

  // The setting for the chart value `path`; the path itself for none.
  static std::string AttributeAt(absl::string_view path) {
    for (const SettingRow& row : SettingRows()) {
      if (row.path == path) return row.attribute;
    }
    return std::string(path);
  }

  // The chart has one Secret for both buckets.
  void CheckBuckets(const Json& settings) {
    const ValueView view(settings);
    if (view.IsSet("default_bucket.secret") && view.IsSet("bucket") &&
        view.IsUnset("bucket.secret")) {
      Fault("default_bucket.secret",
            "would be the one of `bucket`, too: the chart has one for both. "
            "Write it in `bucket` as well, or leave out `default_bucket`, "
            "which has no effect beside it");
    }
  }

  // Two settings may write into one place, or into one map.
  void CheckOverlaps() {
    std::map<std::string, const TypedSetting*> by_path;
    for (const TypedSetting& setting : out_.settings) {
      const auto [place, is_new] =
          by_path.emplace(FormatPath(setting.path), &setting);
      const TypedSetting& first = *place->second;
      if (is_new || first.value == setting.value || HasUnknown(first.value) ||
          HasUnknown(setting.value)) {
        continue;
      }
      Fault(setting.attribute,
            absl::StrCat("sets ", place->first, ", and `", first.attribute,
                         "` sets it to a different value. Keep one of the "
                         "two"));
    }
    for (const TypedSetting& map : out_.settings) {
      if (!map.value.is_object()) continue;
      for (const TypedSetting& other : out_.settings) {
        if (other.path.size() != map.path.size() + 1 ||
            !std::equal(map.path.begin(), map.path.end(), other.path.begin())) {
          continue;
        }
        const auto found = map.value.find(other.path.back().key);
        if (found == map.value.end() || *found == other.value ||
            HasUnknown(*found) || HasUnknown(other.value)) {
          continue;
        }
        Fault(other.attribute,
              absl::StrCat("sets ", FormatPath(other.path), ", and `",
                           map.attribute,
                           "` has a different value there. Keep one of the "
                           "two"));
      }
    }
  }

  void CheckRules() {
    ValueSources sources;
    sources.typed = out_.settings;
    const Json values = MergeConfiguredValues(sources).values;
    for (const Rule& rule : Rules()) {
      // Others may give what is missed; what a row requires it says itself.
      if (rule.all_layers || rule.kind == RuleKind::kNeeds) continue;
      if (!IsBroken(rule, ValueView(values))) continue;
      const auto name = [](absl::string_view path) {
        return absl::StrCat("`", AttributeAt(path), "`");
      };
      Fault(AttributeAt(rule.place()), rule.Text(name), rule.finding);
    }
  }

  const std::string version_;
  const bool version_known_;  // Or that there is none.
  const bool version_given_;
  std::set<std::string> checked_;  // Attributes, for their chart versions.
  // By their group and the version that they need.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>>
      too_old_;
  CompiledSettings out_;
};

}  // namespace

CompiledSettings CompileSettings(const base::Json& settings,
                                 std::optional<absl::string_view> chart_version,
                                 const WriteOnlySettings& write_only) {
  Compiler out(chart_version);
  if (settings.is_object()) out.CompileAll(settings, write_only);
  return std::move(out).Take();
}

}  // namespace wandb
