#include "wandb/findings/check_value.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "wandb/findings/check_references.h"
#include "wandb/findings/check_variables.h"
#include "wandb/merge.h"
#include "wandb/names.h"
#include "wandb/quantity.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// First chart from which on components have been seen to get such a label.
constexpr absl::string_view kVersionLabelSince = "0.33.0";

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

// Whether an image is named with a tag or digest: behind its last slash, since
// a registry may have a port. One that ends in the kind of a digest becomes
// whole by the tag.
bool HasTag(absl::string_view image) {
  if (absl::EndsWith(image, "@sha256")) return false;
  const size_t slash = image.rfind('/');
  return image.find_first_of(":@",
                             slash == absl::string_view::npos ? 0 : slash) !=
         absl::string_view::npos;
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

// One value, and the members of a map or list.
class ValueCheck {
 public:
  ValueCheck(Path path, Checker& checker)
      : checker_(checker), path_(std::move(path)) {}

  bool Check(const CatalogueEntry& entry, const Json& value) {
    const std::string path = FormatPath(path_);
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
        CheckVariables(entry, path_, value, checker_);
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

 private:
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
    if (!entry.exact) CheckNotation(path, value, checker_);
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
      case TextForm::kImageDigest:
        if (IsImageDigest(text) || IsPlaceholder(text)) return;
        checker_.Add("image-tag", path,
                     "is no digest: that is sha256: and 64 hexadecimal digits "
                     "in lower case. No node could pull such an image. Write "
                     "the digest alone; tags have a key of their own");
        return;
      case TextForm::kImageName:
        // A tag before a digest is allowed, and has no effect.
        if (!HasTag(text) ||
            (!absl::StrContains(text, "@") && MayHaveBeside("digest"))) {
          return;
        }
        checker_.Add(
            "image-tag", path,
            absl::StrCat("has a tag or digest, and the chart puts the tag "
                         "behind it: no image has such a name. Write it into ",
                         absl::StrContains(text, "@") ? "digest" : "tag",
                         ", beside it"));
        return;
    }
  }

  // In place of a digest, for whoever fills in the real one.
  static bool IsPlaceholder(absl::string_view text) {
    return absl::ConsumePrefix(&text, "sha256:") &&
           !std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
  }

  bool MayHaveBeside(const char* key) const {
    Path beside = path_;
    beside.back() = Step::Key(key);
    return MayHave(checker_.values().tree(), beside);
  }

  // Whether it has the chart of all.
  bool IsOfBase() const {
    const Component* component = FindComponent(path_[0].key);
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
    checker_.Add(
        "wrong-type", path,
        absl::StrCat(Is(value), ", and only ", wanted,
                     " will do: what reads it takes no others. ", advice));
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
        CheckNotation(path, member, checker_);
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

  Checker& checker_;
  Path path_;
};

}  // namespace

bool CheckValue(const CatalogueEntry& entry, const Path& path,
                const Json& value, Checker& checker) {
  return ValueCheck(path, checker).Check(entry, value);
}

void AddQuotedBoolean(const std::string& path, Checker& checker) {
  checker.Add("quoted-boolean", path,
              "is text, and the chart looks whether there is anything: even "
              "\"false\" switches it on. Leave the quotes out");
}

}  // namespace wandb
