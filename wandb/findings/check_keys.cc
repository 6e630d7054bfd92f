#include "wandb/findings/check_keys.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/yaml.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/suggest.h"
#include "wandb/findings/check_references.h"
#include "wandb/findings/template_fails.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"
#include "wandb/names.h"
#include "wandb/quantity.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// What the chart prints with an exponent: from here on, and below that.
constexpr double kFirstExponent = 1e6;
constexpr double kLastFraction = 1e-4;
// First chart whose components print numbers and bools of `env` as text.
constexpr absl::string_view kPrintsVariablesSince = "0.33.1";
// From here on references in `global.extraEnv` are taken as such.
constexpr absl::string_view kReferencesSince = "0.33.0";

// First chart from which on components have been seen to get such a label.
constexpr absl::string_view kVersionLabelSince = "0.33.0";

bool IsEmpty(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

bool HasExponent(const Json& value) {
  if (!value.is_number()) return false;
  const double number = std::fabs(value.get<double>());
  return number >= kFirstExponent || (number != 0 && number < kLastFraction);
}

bool IsWhole(const Json& value) {
  return value.is_number_integer() ||
         (value.is_number() &&
          std::trunc(value.get<double>()) == value.get<double>());
}

// Whether a text is a number where it is printed; nothing is like left out, and
// a port may have parameters behind it.
bool IsPrintedNumber(const Json& value) {
  const auto& text = value.get_ref<const std::string&>();
  const std::string digits = text.substr(0, text.find('?'));
  return text.empty() ||
         (!digits.empty() &&
          std::all_of(digits.begin(), digits.end(), [](char c) {
            return absl::ascii_isdigit(static_cast<unsigned char>(c));
          }));
}

// Whether `value` can stand where the table has `kind`.
bool Fits(const Json& value, ValueKind kind) {
  if (value.is_null() || UnknownKind(value).has_value()) return true;
  switch (kind) {
    case ValueKind::kOpen:
      return true;
    case ValueKind::kScalar:
      return !value.is_structured();
    case ValueKind::kText:
      return !value.is_array();
    case ValueKind::kSection:
    case ValueKind::kMap:
    case ValueKind::kEnv:
      return value.is_object();
    case ValueKind::kList:
      return value.is_array();
  }
  return true;
}

std::string Wanted(const CatalogueEntry& entry) {
  switch (entry.kind) {
    case ValueKind::kList:
      return "a list";
    case ValueKind::kScalar:
      return "a single value";
    case ValueKind::kText:
      return absl::StrCat("a single value or ", kReference);
    default:
      return "a map";
  }
}

std::string Is(const Json& value) {
  return absl::StrCat("is a ", KindName(value));
}

// Whether there is something at `path` of `tree`, or an unknown may have it.
bool MayHave(const Json& tree, const Path& path) {
  const Json* at = &tree;
  for (const Step& step : path) {
    if (UnknownKind(*at).has_value()) return true;
    at = FindPath(*at, {step});
    if (at == nullptr) return false;
  }
  return true;
}

// The values of the custom resource, from the top down.
class KeyCheck {
 public:
  explicit KeyCheck(Checker& checker) : checker_(checker) {}

  void Check(const Json& values) {
    if (values.is_object()) Members(values);
  }

 private:
  void Members(const Json& tree) {
    if (UnknownKind(tree).has_value()) return;
    size_t index = 0;
    for (const auto& [key, value] : tree.items()) {
      path_.push_back(tree.is_array() ? Step::Index(index++) : Step::Key(key));
      if (value.is_null()) {
        Null();
      } else if (!IsEmpty(value)) {
        Member(value);
      } else if (value.is_object()) {
        Nothing();
      }
      path_.pop_back();
    }
  }

  void Member(const Json& value) {
    const std::string path = FormatPath(path_);
    if (path == "_releaseId") {
      checker_.Add(
          "release-id-in-values", path,
          "pins nothing here: the operator looks for it in the user "
          "input only. Take it out, and pin what runs by chart.version "
          "and the image tags, or switch automatic updates off in the "
          "System Console");
      return;
    }
    const CatalogueIndex::Hit hit =
        CatalogueIndex::Get().Find(path_, checker_.chart_version());
    if (!hit.known) {
      // Who has many has other values than those of the chart, and searching
      // takes long.
      AddUnknown(path, ++unknown_ > kMostSuggestions ? "" : NearestPath(path_));
      return;
    }
    if (hit.entry != nullptr &&
        (!IsRead(hit, path) || !Judge(*hit.entry, path, value))) {
      return;
    }
    if (hit.deeper && value.is_structured()) Members(value);
  }

  // Takes away what the chart has there, unless a lower layer has something,
  // which is a clash.
  void Null() {
    const std::string path = FormatPath(path_);
    if (!FailsOnNull(path, checker_.chart_version())) return;
    // Newer charts look there only where there is no other bucket.
    if (path == "global.defaultBucket" && !checker_.Before("0.26.0") &&
        checker_.values().IsSet("global.bucket.name")) {
      return;
    }
    checker_.Add("template-fails", path,
                 "is null, which takes the chart's own away, and templates "
                 "that need it fail: the operator applies nothing. Leave it "
                 "out, or write what is empty");
  }

  // Of {}: harmless, unless it was meant to be another key.
  void Nothing() {
    if (CatalogueIndex::Get().Find(path_, checker_.chart_version()).known ||
        ++unknown_ > kMostSuggestions) {
      return;
    }
    const std::string nearest = NearestPath(path_);
    if (!nearest.empty()) AddUnknown(FormatPath(path_), nearest);
  }

  void AddUnknown(const std::string& path, const std::string& nearest) {
    const std::string message = absl::StrCat(
        "is read by no chart that is known here",
        nearest.empty() ? ". Look up the chart's values"
                        : absl::StrCat(". Did you mean ", nearest, "?"));
    if (checker_.ChartIsNewer()) {
      checker_.AddInfo("unknown-key", path, message);
    } else {
      checker_.Add("unknown-key", path, message);
    }
  }

  // Whether the chart that runs reads the path; says so if not.
  bool IsRead(const CatalogueIndex::Hit& hit, const std::string& path) {
    if (hit.entry->unreleased) {
      if (!checker_.ChartIsNewer()) {
        const std::string& version = checker_.chart_version();
        checker_.Add(
            "unreleased-key", path,
            absl::StrCat("is read by no chart up to ", kCataloguedChart,
                         version.empty()
                             ? ", only by what W&B is working on. Wait for "
                               "a chart that has it"
                             : absl::StrCat(", and ", version,
                                            " runs. Use a newer chart that "
                                            "has it, or leave it out")));
      }
      return false;
    }
    if (!hit.until.empty() && !checker_.Before(hit.until)) {
      const bool never = hit.until == "0";
      checker_.AddVersioned(
          "stale-key", path,
          absl::StrCat("has no effect ",
                       never ? "in any chart"
                             : absl::StrCat("from chart ", hit.until, " on"),
                       ". ", Instead(*hit.entry)));
      return false;
    }
    if (!hit.since.empty() && checker_.Before(hit.since)) {
      checker_.Add("key-too-new", path,
                   absl::StrCat("is read from chart ", hit.since, " on, and ",
                                checker_.chart_version(),
                                " runs. Use a newer chart, or ", Before()));
      return false;
    }
    return true;
  }

  // What to do where the chart that runs does not read the path yet.
  std::string Before() const {
    const std::string path = FormatPath(path_);
    for (const CatalogueEntry& entry : Catalogue()) {
      if (OfThis(entry.moved_to) == path && checker_.Before(entry.until) &&
          IsThere(entry)) {
        return absl::StrCat("write ", OfThis(entry.path));
      }
    }
    for (const CatalogueEntry& entry : OldComponentKeys().entries) {
      if (OfThis(entry.moved_to) == path && IsThere(entry)) {
        return absl::StrCat("write ", OfThis(entry.path));
      }
    }
    return "drop the key";
  }

  bool IsThere(const CatalogueEntry& entry) const {
    return entry.since.empty() || !checker_.Before(entry.since);
  }

  // A path of the catalogue, in the component that is looked at.
  std::string OfThis(absl::string_view path) const {
    return absl::StartsWith(path, "*")
               ? absl::StrCat(FormatPath({path_[0]}), path.substr(1))
               : std::string(path);
  }

  // A sentence without its full stop.
  std::string Instead(const CatalogueEntry& entry) const {
    if (!entry.moved_to.empty()) {
      return absl::StrCat("Use ", OfThis(entry.moved_to));
    }
    return entry.instead.empty() ? "Look up the chart's values"
                                 : std::string(entry.instead);
  }

  // Whether what is below `value` is worth a look.
  bool Judge(const CatalogueEntry& entry, const std::string& path,
             const Json& value) {
    if (!Fits(value, entry.kind)) {
      AddMisfit(entry, path, value);
      return false;
    }
    if (SaysNothingYet(value)) return false;
    switch (entry.kind) {
      case ValueKind::kText:
        if (value.is_object()) {
          Reference(entry, path, value);
          return false;
        }
        [[fallthrough]];
      case ValueKind::kScalar:
        Scalar(entry, path, value);
        return false;
      case ValueKind::kEnv:
        Environment(entry, value);
        return false;
      case ValueKind::kMap:
      case ValueKind::kList:
        EachMember(entry, value);
        return true;
      case ValueKind::kSection:
      case ValueKind::kOpen:
        return true;
    }
    return true;
  }

  void AddMisfit(const CatalogueEntry& entry, const std::string& path,
                 const Json& value) {
    std::string advice = ". Change it";
    if (value.is_object() && !entry.by_reference.empty()) {
      advice = absl::StrCat(". A Secret is named in ", entry.by_reference);
    } else if (value.is_object() && entry.kind == ValueKind::kScalar) {
      advice = entry.exact ? ": it fails on a map. Write the text itself"
                           : ": it would print the map. Write the text itself";
    }
    checker_.Add("wrong-type", path,
                 absl::StrCat(Is(value), ", and the chart expects ",
                              Wanted(entry), advice));
  }

  void Scalar(const CatalogueEntry& entry, const std::string& path,
              const Json& value) {
    if (entry.quantity) {
      Quantity(path, value);
      return;
    }
    switch (entry.type) {
      case ScalarType::kBool:
        Switch(entry, path, value);
        return;
      case ScalarType::kInteger:
        if (value.is_boolean() || (value.is_number() && !IsWhole(value)) ||
            (entry.exact && value.is_string()) ||
            (value.is_string() && !IsPrintedNumber(value))) {
          AddWrong(path, value, "a whole number",
                   entry.exact && value.is_string() ? "Leave the quotes out"
                                                    : "Correct it");
          return;
        }
        if (value.is_number() && !IsInRange(entry, value.get<double>())) {
          AddOutOfRange(entry, path);
          return;
        }
        break;
      case ScalarType::kString:
        if (entry.exact && !value.is_string()) {
          AddWrong(path, value, "text", "Write it in quotes");
          return;
        }
        break;
    }
    Allowed(entry, path, value);
    if (const auto* text = value.get_ptr<const std::string*>()) {
      Form(entry, path, *text);
    }
    if (!entry.exact && HasExponent(value)) AddExponent(path);
  }

  static bool IsInRange(const CatalogueEntry& entry, double number) {
    return (!entry.least.has_value() || number >= *entry.least) &&
           (!entry.most.has_value() || number <= *entry.most);
  }

  void AddOutOfRange(const CatalogueEntry& entry, const std::string& path) {
    if (entry.most.has_value()) {
      checker_.Add("number-range", path,
                   absl::StrCat("must be from ", entry.least.value_or(0),
                                " to ", *entry.most,
                                ": the API server refuses others. Correct it"));
    } else {
      checker_.Add("replica-bounds", path,
                   absl::StrCat("is less than ", entry.least.value_or(0),
                                ", and the API server refuses that. "
                                "Correct it"));
    }
  }

  void Form(const CatalogueEntry& entry, const std::string& path,
            const std::string& value) {
    // White space around it is another finding.
    const absl::string_view text = absl::StripAsciiWhitespace(value);
    if (text.empty()) return;
    switch (entry.form) {
      case TextForm::kAny:
        return;
      case TextForm::kObjectName:
        if (IsSubdomain(text)) return;
        checker_.Add("object-name", path,
                     "is no name that an object can have: names have letters "
                     "in lower case, digits, - and dots only. Correct it");
        return;
      case TextForm::kImageTag:
        if (IsImageTag(text)) return VersionLabel(entry, path, text);
        checker_.Add("image-tag", path,
                     "is no tag that a registry has: up to 128 letters, "
                     "digits, -, _ and dots, no - or dot first. Write the tag "
                     "alone; the repository has a key of its own");
        return;
    }
  }

  // The component that is looked at; null for none.
  const Component* ComponentHere() const {
    const std::vector<Component>& all = ComponentTable();
    const auto component = std::find_if(
        all.begin(), all.end(),
        [&](const Component& each) { return each.name == path_[0].key; });
    return component == all.end() ? nullptr : &*component;
  }

  // Whether it has the chart of all.
  bool IsOfBase() const {
    const Component* component = ComponentHere();
    return component != nullptr && !checker_.Before(kVersionLabelSince) &&
           !checker_.Before(component->rebuilt);
  }

  // The chart of all components makes a label of the tag, unless there is a
  // digest.
  void VersionLabel(const CatalogueEntry& entry, const std::string& path,
                    absl::string_view tag) {
    constexpr size_t kCut = 63;
    const std::string digest =
        absl::StrCat(FormatPath({path_[0]}), ".image.digest");
    if (entry.path != "*.image.tag" || IsLabelValue(tag.substr(0, kCut)) ||
        !IsOfBase() || !checker_.values().IsUnset(digest)) {
      return;
    }
    checker_.Add(
        "image-tag", path,
        absl::StrCat("becomes the label app.kubernetes.io/version, cut at ",
                     kCut,
                     " characters, and the API server refuses it there: "
                     "letters, digits, -, _ and dots only, a letter or digit "
                     "at both ends. ",
                     absl::StrContains(tag, "@")
                         ? absl::StrCat("Write the digest into ", digest)
                         : "Give the image another tag"));
  }

  void Switch(const CatalogueEntry& entry, const std::string& path,
              const Json& value) {
    if (value.is_boolean() || value == Json("")) return;
    if (value == Json("true") || value == Json("false")) {
      AddQuotedBoolean(path, checker_);
    } else if (entry.exact || value.is_string()) {
      AddWrong(path, value, "true or false", "Write one of them");
    }
  }

  void Quantity(const std::string& path, const Json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    const absl::string_view what = path_.back().key;
    if (value.is_boolean() || (text != nullptr && !IsQuantity(*text))) {
      checker_.Add("quantity", path,
                   "is no quantity of Kubernetes, and the API server refuses "
                   "it. Write a number, and behind it, without a space, m for "
                   "thousandths, k, M, G, T, or Ki, Mi, Gi, Ti, as in 500m or "
                   "16Gi");
    } else if ((text != nullptr ? QuantityAmount(*text).value_or(0)
                                : value.get<double>()) < 0) {
      checker_.Add("quantity", path,
                   "is less than nothing, and the API server refuses that. "
                   "Correct it");
    } else if (text != nullptr && absl::EndsWith(*text, "m") &&
               (what == "memory" || absl::EndsWith(what, "storage"))) {
      checker_.Add("quantity", path,
                   "is in thousandths of a byte. Write M or Mi in place of m");
    }
  }

  void AddWrong(const std::string& path, const Json& value,
                absl::string_view wanted, absl::string_view advice) {
    checker_.Add("wrong-type", path,
                 absl::StrCat(Is(value), ", and only ", wanted,
                              " will do: the chart or the API server refuses "
                              "others. ",
                              advice));
  }

  void AddExponent(const std::string& path) {
    checker_.Add("number-notation", path,
                 "is printed with an exponent by the chart, like 1e+06, since "
                 "the operator reads numbers as doubles. Write it in quotes");
  }

  void EachMember(const CatalogueEntry& entry, const Json& value) {
    if (entry.members == Members::kAny) return;
    size_t index = 0;
    for (const auto& [key, member] : value.items()) {
      path_.push_back(value.is_array() ? Step::Index(index++) : Step::Key(key));
      const std::string path = FormatPath(path_);
      if (SaysNothingYet(member)) {
        // Nothing to say.
      } else if (member.is_structured()) {
        checker_.Add("wrong-type", path,
                     absl::StrCat(Is(member),
                                  ", and only text will do: the "
                                  "chart or the API server refuses others. "
                                  "Make one string of it"));
      } else if (entry.members == Members::kPrinted) {
        if (HasExponent(member)) AddExponent(path);
      } else if (!member.is_string()) {
        AddWrong(path, member, "text", "Write it in quotes");
      } else if (entry.members != Members::kStrings) {
        Label(entry, key, member, path);
      }
      path_.pop_back();
    }
  }

  // Of a map of labels or annotations, whose member is text.
  void Label(const CatalogueEntry& entry, const std::string& key,
             const Json& value, const std::string& path) {
    // The API server lowers the keys of annotations before it looks at them.
    const bool is_label = entry.members == Members::kLabels;
    if (!IsQualifiedName(is_label ? key : absl::AsciiStrToLower(key))) {
      checker_.Add("label", path,
                   "has a key that the API server refuses: up to 63 letters, "
                   "digits, -, _ and dots, with a DNS name and one slash "
                   "before them or not. Correct the key");
    } else if (is_label && !IsLabelValue(value.get_ref<const std::string&>())) {
      checker_.Add("label", path,
                   "is no value that the API server takes: up to 63 letters, "
                   "digits, -, _ and dots, a letter or digit at both ends. "
                   "Correct it");
    }
  }

  // Whether the path is a size, and a component has one of this name.
  bool IsOwnSize(const std::string& text) const {
    if (path_.back().key != "size") return false;
    const std::vector<absl::string_view>& components = Components();
    return std::any_of(components.begin(), components.end(),
                       [&](absl::string_view each) {
                         return MayHave(checker_.values().tree(),
                                        {Step::Key(std::string(each)),
                                         Step::Key("sizing"), Step::Key(text)});
                       });
  }

  void Allowed(const CatalogueEntry& entry, const std::string& path,
               const Json& value) {
    // Empty is like left out.
    if (entry.allowed.empty() || value == Json("")) return;
    const std::vector<std::string> allowed = absl::StrSplit(entry.allowed, '|');
    const auto* text = value.get_ptr<const std::string*>();
    if (text != nullptr &&
        (std::find(allowed.begin(), allowed.end(), *text) != allowed.end() ||
         IsOwnSize(*text))) {
      return;
    }
    std::vector<std::string> named;
    for (const std::string& each : allowed) {
      if (!each.empty()) named.push_back(each);
    }
    checker_.Add(
        "invalid-value", path,
        absl::StrCat("takes only these: ", absl::StrJoin(named, ", "),
                     ". Write one of them",
                     path_.back().key == "size"
                         ? ", or define it in sizing of the components; "
                           "where a newer chart has it, set "
                           "invalid-value to warn in check_levels"
                         : ""));
  }

  // Whether the chart makes text of numbers and bools in the environment that
  // is looked at: `extraEnv` always was, `env` is since wandb-base.
  bool PrintsScalars() const {
    return path_.front().key == "global" || path_.back().key == "extraEnv" ||
           !checker_.Before(kPrintsVariablesSince);
  }

  // Whether it makes text of all that is there, maps too: wandb-base doesn't.
  bool PrintsMaps() const {
    const Component* component = ComponentHere();
    return checker_.Before(component == nullptr ? kReferencesSince
                                                : component->rebuilt);
  }

  // Charts write names without quotes.
  static bool IsTextToYaml(const std::string& name) {
    const auto read = base::ReadYaml(absl::StrCat("name: ", name), name);
    return read.ok() && read->json == Json({{"name", name}});
  }

  void Environment(const CatalogueEntry& entry, const Json& variables) {
    const bool prints_maps = PrintsMaps();
    const bool prints_scalars = PrintsScalars();
    for (const auto& [name, value] : variables.items()) {
      const bool is_name = absl::StrContains(name, "{{") ||
                           (IsVariableName(name) && IsTextToYaml(name));
      if (is_name && (value.is_string() || SaysNothingYet(value))) continue;
      path_.push_back(Step::Key(name));
      const std::string path = FormatPath(path_);
      if (!is_name) {
        checker_.Add("env-name", path,
                     "is no name of a variable that the chart writes and the "
                     "API server takes: printed characters of ASCII only, "
                     "without =, one at least, and nothing that YAML takes for "
                     "something else than text. Correct it");
      }
      if (value.is_object() && prints_maps) {
        checker_.Add(
            "env-not-string", path,
            absl::StrCat("is a map, of which chart ", checker_.chart_version(),
                         " makes the text map[...]. Use a newer "
                         "chart, or write the value itself"));
      } else if (value.is_object()) {
        Variable(path, value);
      } else if (value.is_array() ||
                 (entry.members != Members::kPrinted && !prints_scalars)) {
        checker_.Add(
            "env-not-string", path,
            absl::StrCat(Is(value), ", and environment variables are text. ",
                         value.is_array() ? "Make one string of it"
                                          : "Write it in quotes"));
      }
      if (HasExponent(value)) AddExponent(path);
      path_.pop_back();
    }
  }

  // One that is written as in Kubernetes, but for its name.
  void Variable(const std::string& path, const Json& value) {
    if (!(value.size() == 1 && value.contains("value"))) {
      CheckValueFrom(path_, value, checker_);
    } else if (const Json& text = value.front();
               !text.is_string() && !SaysNothingYet(text)) {
      checker_.Add("env-not-string", absl::StrCat(path, ".value"),
                   absl::StrCat(Is(text),
                                ", and environment variables are text. Write "
                                "it in quotes"));
    }
  }

  void Reference(const CatalogueEntry& entry, const std::string& path,
                 const Json& value) {
    if (checker_.Before(entry.reference_since)) {
      checker_.Add(
          "key-too-new", path,
          absl::StrCat("takes a reference from chart ", entry.reference_since,
                       " on, and ", checker_.chart_version(),
                       " runs. Use a newer chart, or write the value "
                       "itself"));
      return;
    }
    CheckValueFrom(path_, value, checker_);
  }

  static constexpr size_t kMostSuggestions = 100;

  Checker& checker_;
  Path path_;
  size_t unknown_ = 0;
};

}  // namespace

void CheckKeys(Checker& checker) {
  KeyCheck(checker).Check(checker.own().values);
  CheckSecretKeys(checker);
}

void AddQuotedBoolean(const std::string& path, Checker& checker) {
  checker.Add("quoted-boolean", path,
              "is text, and the chart looks whether there is anything: even "
              "\"false\" switches it on. Leave the quotes out");
}

}  // namespace wandb
