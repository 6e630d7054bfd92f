#include "wandb/settings/compile.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/url.h"
#include "wandb/catalogue.h"
#include "wandb/rules.h"
#include "wandb/unknown.h"
#include "wandb/value_view.h"

namespace wandb {
namespace {

using base::Json;

constexpr char kSettingId[] = "setting";
constexpr char kName[] = "name";  // Of an object that refers to another.

std::string Joined(absl::string_view group, absl::string_view name) {
  return group.empty() ? std::string(name) : absl::StrCat(group, ".", name);
}

std::vector<ShapeField>::const_iterator FieldOf(
    const std::vector<ShapeField>& fields,
    absl::string_view ShapeField::*member, absl::string_view text) {
  return std::find_if(
      fields.begin(), fields.end(),
      [&](const ShapeField& each) { return each.*member == text; });
}

// An object of `fields` as Kubernetes has it. What it has beside them stays.
Json ToKubernetes(const std::vector<ShapeField>& fields, const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& element : value) {
      out.push_back(ToKubernetes(fields, element));
    }
    return out;
  }
  if (!value.is_object() || UnknownKind(value).has_value()) return value;
  Json out = Json::object();
  for (const auto& [name, member] : value.items()) {
    if (member.is_null()) continue;
    const auto field = FieldOf(fields, &ShapeField::name, name);
    if (field == fields.end()) {
      out[name] = member;
    } else {
      out[std::string(field->key)] =
          field->fields.empty() ? member : ToKubernetes(field->fields, member);
    }
  }
  return out;
}

bool IsListOf(const Json& value, bool (Json::*is)() const noexcept) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(),
                     [&](const Json& element) { return (element.*is)(); });
}

bool IsMapOfText(const Json& value) {
  return value.is_object() &&
         std::all_of(value.begin(), value.end(),
                     [](const Json& element) { return element.is_string(); });
}

std::optional<Json> FromKubernetes(const std::vector<ShapeField>& fields,
                                   const Json& value);

std::optional<Json> ListFromKubernetes(const std::vector<ShapeField>& fields,
                                       const Json& value) {
  if (!value.is_array()) return std::nullopt;
  Json list = Json::array();
  for (const Json& element : value) {
    auto object = FromKubernetes(fields, element);
    if (!object.has_value()) return std::nullopt;
    list.push_back(*std::move(object));
  }
  return list;
}

// The inverse of ToKubernetes(); nullopt where `fields` cannot say it.
std::optional<Json> FromKubernetes(const std::vector<ShapeField>& fields,
                                   const Json& value) {
  if (!value.is_object()) return std::nullopt;
  Json out = Json::object();
  for (const auto& [key, member] : value.items()) {
    const auto field = FieldOf(fields, &ShapeField::key, key);
    if (field == fields.end()) return std::nullopt;
    std::optional<Json> inner = member;
    bool fits = false;
    switch (field->type) {
      case FieldType::kString:
        fits = member.is_string();
        break;
      case FieldType::kInteger:
        fits = member.is_number_integer();
        break;
      case FieldType::kBool:
        fits = member.is_boolean();
        break;
      case FieldType::kStrings:
        fits = IsListOf(member, &Json::is_string);
        break;
      case FieldType::kTexts:
        fits = IsMapOfText(member);
        break;
      case FieldType::kObject:
        inner = FromKubernetes(field->fields, member);
        fits = inner.has_value();
        break;
      case FieldType::kObjects:
        inner = ListFromKubernetes(field->fields, member);
        fits = inner.has_value();
        break;
    }
    if (!fits || !inner.has_value()) return std::nullopt;
    out[std::string(field->name)] = *std::move(inner);
  }
  return out;
}

// Whether `value` is what the chart has at the place of `row`.
bool Fits(const SettingRow& row, const Json& value) {
  const CatalogueEntry* entry = EntryOf(row);
  switch (entry == nullptr ? ValueKind::kText : entry->kind) {
    case ValueKind::kScalar:
    case ValueKind::kText:
      switch (entry == nullptr ? ScalarType::kString : entry->type) {
        case ScalarType::kString:
          return value.is_string();
        case ScalarType::kInteger:
          return value.is_number_integer();
        case ScalarType::kBool:
          return value.is_boolean();
      }
      return false;
    case ValueKind::kList:
      return IsListOf(value, &Json::is_string);
    case ValueKind::kMap:
    case ValueKind::kEnv:
      return IsMapOfText(value);
    case ValueKind::kOpen:
    case ValueKind::kSection:
      return false;
  }
  return false;
}

// The names in a list of objects that have nothing else.
std::optional<Json> NamesIn(const Json& value) {
  if (!value.is_array()) return std::nullopt;
  Json out = Json::array();
  for (const Json& object : value) {
    const auto name = object.find(kName);
    if (!object.is_object() || object.size() != 1 || name == object.end() ||
        !name->is_string()) {
      return std::nullopt;
    }
    out.push_back(*name);
  }
  return out;
}

// What the setting `row` must be to become `value`; nullopt for what it cannot.
std::optional<Json> SettingFor(const SettingRow& row, const Json& value) {
  if (value.is_null() || value == Json("")) return std::nullopt;
  if (row.are_names) return NamesIn(value);
  if (IsList(row.shape)) return ListFromKubernetes(FieldsOf(row.shape), value);
  if (row.is_switch) {
    return value == "true" || value == "false"
               ? std::optional<Json>(value == "true")
               : std::nullopt;
  }
  if (row.shape != Shape::kNone) {
    return FromKubernetes(FieldsOf(row.shape), value);
  }
  return Fits(row, value) ? std::optional(value) : std::nullopt;
}

// "must be a, b or c" unless `text` is one of `allowed` ("a|b|c"), or that is
// "".
std::optional<std::string> NotAllowed(absl::string_view allowed,
                                      const std::string& text) {
  std::vector<std::string> all =
      absl::StrSplit(allowed, '|', absl::SkipEmpty());
  if (all.empty() || std::find(all.begin(), all.end(), text) != all.end()) {
    return std::nullopt;
  }
  const std::string last = std::move(all.back());
  all.pop_back();
  return all.empty()
             ? absl::StrCat("must be ", last)
             : absl::StrCat("must be ", absl::StrJoin(all, ", "), " or ", last);
}

struct Mistake {
  std::string below;    // Where in the setting; "" for itself.
  std::string message;  // What goes on after the place.
};

// The first member of `value`, an object of `fields` or a list of them, that
// has a value which is not allowed.
std::optional<Mistake> MistakeOfShape(const std::vector<ShapeField>& fields,
                                      const Json& value) {
  if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) {
      if (auto mistake = MistakeOfShape(fields, value[i])) {
        mistake->below = absl::StrCat("[", i, "]", mistake->below);
        return mistake;
      }
    }
  }
  if (!value.is_object()) return std::nullopt;
  for (const ShapeField& field : fields) {
    const auto member = value.find(std::string(field.name));
    if (member == value.end()) continue;
    const std::string below = absl::StrCat(".", field.name);
    if (const auto* text = member->get_ptr<const std::string*>()) {
      if (auto message = NotAllowed(field.allowed, *text)) {
        return Mistake{below, *std::move(message)};
      }
    } else if (auto mistake = MistakeOfShape(field.fields, *member)) {
      mistake->below = absl::StrCat(below, mistake->below);
      return mistake;
    }
  }
  return std::nullopt;
}

std::optional<std::string> OutOfRange(const SettingRow& row, double number) {
  const bool too_small = row.least.has_value() && number < *row.least;
  const bool too_big = row.most.has_value() && number > *row.most;
  if (!too_small && !too_big) return std::nullopt;
  if (!row.most.has_value()) {
    return absl::StrCat("must be at least ", *row.least);
  }
  return row.least.has_value()
             ? absl::StrCat("must be from ", *row.least, " to ", *row.most)
             : absl::StrCat("must be at most ", *row.most);
}

// What the row and the catalogue forbid of `value`, which is the setting.
std::optional<Mistake> MistakeOf(const SettingRow& row, const Json& value) {
  if (row.shape != Shape::kNone) {
    return MistakeOfShape(FieldsOf(row.shape), value);
  }
  std::optional<std::string> message;
  if (value.is_number()) message = OutOfRange(row, value.get<double>());
  if (const auto* text = value.get_ptr<const std::string*>()) {
    const CatalogueEntry* entry = EntryOf(row);
    if (entry != nullptr) message = NotAllowed(entry->allowed, *text);
    if (row.is_url && !base::IsHttpUrl(*text)) {
      message = "must be a URL that starts with http:// or https://";
    }
    if (text->empty() && (row.required || !row.required_unless.empty())) {
      message = "is empty";
    }
  }
  if (!message.has_value()) return std::nullopt;
  return Mistake{"", *std::move(message)};
}

Path PathOfText(absl::string_view dotted) {
  Path path;
  for (const absl::string_view key : absl::StrSplit(dotted, '.')) {
    path.push_back(Step::Key(std::string(key)));
  }
  return path;
}

// Whether the group `object` has to have the member of `row`.
bool IsRequired(const SettingRow& row, const Json& object) {
  if (row.required_unless.empty()) return row.required;
  const auto other = object.find(std::string(row.required_unless));
  return other == object.end() || other->is_null();
}

class Compiler {
 public:
  explicit Compiler(std::optional<absl::string_view> chart_version)
      : version_(chart_version.value_or("").empty() ? kCataloguedChart
                                                    : *chart_version),
        version_known_(chart_version.has_value()),
        version_given_(!chart_version.value_or("").empty()) {}

  void CompileAll(const Json& settings) {
    Members(settings, Settings(), "", "");
    CheckBuckets(settings);
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

  void Add(const std::string& attribute, Path path, Json value) {
    CheckVersion(attribute, path);
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
      node = nodes.find("*");
      const auto& all = Components();
      if (node == nodes.end()) {
        Fault(attribute, "is no setting. Remove it, or use `values`");
      } else if (std::find(all.begin(), all.end(), name) == all.end()) {
        Fault(attribute, absl::StrCat("is no component of the chart. There are "
                                      "these: ",
                                      absl::StrJoin(all, ", ")));
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
      Add(attribute, PathOfText(fixed.path), fixed.value);
    }
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
    const Json chart_value = ValueOf(row, value);
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

  // Each text as an object with it as its name.
  static Json Named(const Json& names) {
    if (!names.is_array()) return names;  // Not known.
    Json out = Json::array();
    for (const Json& name : names) out.push_back({{kName, name}});
    return out;
  }

  static Json ValueOf(const SettingRow& row, const Json& value) {
    if (row.is_switch && UnknownKind(value).has_value()) {
      return MakeUnknown(Unknown::kString);
    }
    if (row.is_switch && value.is_boolean()) {
      return value.get<bool>() ? "true" : "false";
    }
    if (row.are_names) return Named(value);
    return row.shape == Shape::kNone ? value
                                     : ToKubernetes(FieldsOf(row.shape), value);
  }

  void Check(const std::string& attribute, const SettingRow& row,
             const Json& value) {
    const auto mistake = MistakeOf(row, value);
    if (!mistake.has_value()) return;
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
      return Fault(attribute,
                   absl::StrCat("is read by no chart. ", InPlaceOf(*newest)));
    }
    // Without one the release channel decides, which may be any.
    if (!version_given_) return;
    // A section may be younger than the chart, with all that is in it.
    for (size_t length = 1; length <= path.size(); ++length) {
      const CatalogueIndex::Hit hit = CatalogueIndex::Get().Find(
          Path(path.begin(),
               path.begin() + static_cast<std::ptrdiff_t>(length)),
          version_);
      const bool is_old = !hit.since.empty() &&
                          CompareVersions(version_, hit.since).value_or(0) < 0;
      const bool is_released =
          CompareVersions(version_, kCataloguedChart).value_or(1) <= 0;
      if (hit.entry != nullptr && hit.entry->unreleased && is_released) {
        return Fault(attribute,
                     absl::StrCat("needs a chart newer than ", kCataloguedChart,
                                  ", and ", version_,
                                  " is configured. Use another setting"));
      }
      if (is_old) {
        return Fault(
            attribute,
            absl::StrCat("needs chart ", hit.since, " or newer, and ", version_,
                         " is configured. Use a newer chart, or "
                         "another setting"));
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
  CompiledSettings out_;
};

// Values that are to become settings.
class Taker {
 public:
  using MayTake =
      std::function<bool(const SettingRow&, const Path&, const Json&)>;

  Taker(Json& values, absl::string_view version, const MayTake& may_take)
      : values_(values), version_(version), may_take_(may_take) {}

  Json TakeAll() && {
    // A group knows better what its values mean than a component, and that
    // better than a map of anything.
    for (const int rank : {0, 1, 2}) {
      for (const auto& [name, node] : Settings()) {
        const auto components = node.members.find("*");
        const bool any = components != node.members.end();
        if (rank != (!node.IsGroup() ? 2 : any ? 1 : 0)) continue;
        if (!any) {
          Accept({name}, Candidate(node, ""));
          continue;
        }
        for (const absl::string_view component : Components()) {
          Accept({name, std::string(component)},
                 Candidate(components->second, component));
        }
      }
    }
    return std::move(taken_);
  }

 private:
  // What `node` would have to be for the values; null for nothing.
  Json Candidate(const SettingNode& node, absl::string_view component) const {
    if (!node.IsGroup()) {
      const Path path = PathOf(*node.row, component, version_);
      const Json* value = FindPath(values_, path);
      if (value == nullptr) return nullptr;
      auto setting = SettingFor(*node.row, *value);
      return setting.has_value() &&
                     !MistakeOf(*node.row, *setting).has_value() &&
                     HasBeside(*node.row, *value) &&
                     may_take_(*node.row, path, *value)
                 ? *std::move(setting)
                 : Json();
    }
    Json group;
    for (const auto& [name, member] : node.members) {
      Json value = Candidate(member, component);
      if (!value.is_null()) group[name] = std::move(value);
    }
    for (const auto& [name, member] : node.members) {
      if (group.is_null() || !IsRequired(*member.row, group)) continue;
      if (group.find(name) == group.end()) return nullptr;
    }
    return group;
  }

  // Whether the values have what `row` writes beside its own `value`.
  bool HasBeside(const SettingRow& row, const Json& value) const {
    const auto has = [&](const std::string& path, const Json& wanted) {
      const Json* found = FindPath(values_, PathOfText(path));
      return found != nullptr && *found == wanted;
    };
    return std::all_of(row.also.begin(), row.also.end(),
                       [&](const auto& path) { return has(path, value); }) &&
           (value != Json(true) || std::all_of(row.with.begin(), row.with.end(),
                                               [&](const FixedValue& fixed) {
                                                 return has(fixed.path,
                                                            fixed.value);
                                               }));
  }

  // Takes what `candidate`, as the setting of these names, compiles to, if the
  // values have exactly that and nothing is wrong with it.
  void Accept(const std::vector<std::string>& names, Json candidate) {
    if (candidate.is_null()) return;
    Json with = taken_;
    Json* at = &with;
    for (const std::string& name : names) at = &(*at)[name];
    *at = candidate;
    if (!CompileSettings(with, version_).problems.empty()) return;
    Json alone;
    at = &alone;
    for (const std::string& name : names) at = &(*at)[name];
    *at = std::move(candidate);
    const auto compiled = CompileSettings(alone, version_).settings;
    const bool same =
        std::all_of(compiled.begin(), compiled.end(), [&](const auto& setting) {
          const Json* value = FindPath(values_, setting.path);
          return value != nullptr && *value == setting.value;
        });
    if (!same) return;
    for (const TypedSetting& setting : compiled) {
      Erase(values_, setting.path, 0);
    }
    taken_ = std::move(with);
  }

  // Maps that have nothing left go, too.
  static void Erase(Json& tree, const Path& path, size_t depth) {
    const auto child = tree.find(path[depth].key);
    if (depth + 1 < path.size()) {
      Erase(*child, path, depth + 1);
      if (!child->empty()) return;
    }
    tree.erase(child);
  }

  Json& values_;
  const std::string version_;
  const MayTake& may_take_;
  Json taken_ = Json::object();
};

}  // namespace

CompiledSettings CompileSettings(
    const Json& settings, std::optional<absl::string_view> chart_version) {
  Compiler out(chart_version);
  if (settings.is_object()) out.CompileAll(settings);
  return std::move(out).Take();
}

Json TakeSettings(
    Json& values, absl::string_view chart_version,
    const std::function<bool(const SettingRow& row, const Path& path,
                             const Json& value)>& may_take) {
  if (!values.is_object()) return Json::object();
  return Taker(values, chart_version, may_take).TakeAll();
}

}  // namespace wandb
