#include "wandb/findings.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "wandb/catalogue.h"
#include "wandb/chart.h"
#include "wandb/check.h"
#include "wandb/check_rules.h"
#include "wandb/configured_values.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// Of the API server's Secrets, and of what etcd takes.
constexpr size_t kMaxSecretBytes = 1'048'576;
constexpr double kFirstExponent = 1e6;

bool IsEmpty(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

bool IsScalar(const Json& value) { return !value.is_structured(); }

// Whether `value` can stand where the table has `kind`.
bool Fits(const Json& value, ValueKind kind) {
  if (value.is_null() || UnknownKind(value).has_value()) return true;
  switch (kind) {
    case ValueKind::kOpen:
      return true;
    case ValueKind::kScalar:
      return IsScalar(value);
    case ValueKind::kText:
      return IsScalar(value) || value.is_object();
    case ValueKind::kSection:
    case ValueKind::kMap:
    case ValueKind::kEnv:
      return value.is_object();
    case ValueKind::kList:
      return value.is_array();
  }
  return true;
}

absl::string_view Wanted(ValueKind kind) {
  switch (kind) {
    case ValueKind::kList:
      return "a list";
    case ValueKind::kScalar:
      return "a single value";
    case ValueKind::kText:
      return "a single value or {valueFrom = ...}";
    default:
      return "a map";
  }
}

// The keys of a tree against the catalogue.
class KeyCheck {
 public:
  explicit KeyCheck(Checker& checker) : checker_(checker) {}

  void Check(const Json& values) {
    if (values.is_object()) Section(values);
  }

 private:
  void Section(const Json& section) {
    for (const auto& [key, value] : section.items()) {
      path_.push_back(Step::Key(key));
      if (!IsEmpty(value)) Key(value);
      path_.pop_back();
    }
  }

  void Key(const Json& value) {
    const CatalogueIndex& index = CatalogueIndex::Get();
    const CatalogueIndex::Hit hit = index.Find(path_);
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
    if (!hit.known) {
      // Who has many has other values than those of the chart, and searching
      // takes long.
      const std::string nearest =
          ++unknown_ > kMostSuggestions ? "" : index.Nearest(path_);
      checker_.Add(
          "unknown-key", path,
          absl::StrCat("is read by no chart that is known here",
                       nearest.empty()
                           ? ". Look up the chart's values"
                           : absl::StrCat(". Did you mean ", nearest, "?")));
      return;
    }
    if (hit.entry == nullptr) {
      if (value.is_object()) Section(value);
      return;
    }
    Entry(*hit.entry, path, value);
  }

  void Entry(const CatalogueEntry& entry, const std::string& path,
             const Json& value) {
    if (!entry.until.empty() && !checker_.Before(entry.until)) {
      const bool never = entry.until == "0";
      checker_.AddVersioned(
          "stale-key", path,
          absl::StrCat("is read by ",
                       never
                           ? "no chart"
                           : absl::StrCat("no chart from ", entry.until, " on"),
                       ". ", Instead(entry)));
      return;
    }
    if (!entry.since.empty() && checker_.Before(entry.since)) {
      checker_.Add("key-too-new", path,
                   absl::StrCat("is read from chart ", entry.since, " on, and ",
                                checker_.chart_version(),
                                " runs. Use a newer chart, or drop the key"));
      return;
    }
    if (!Fits(value, entry.kind)) {
      checker_.Add(
          "wrong-type", path,
          absl::StrCat("is a ", KindName(value), ", and the chart expects ",
                       Wanted(entry.kind), ". Change it"));
      return;
    }
    if (!entry.allowed.empty() && value.is_string()) {
      Allowed(entry, path, value);
    }
    if (entry.kind == ValueKind::kEnv && value.is_object()) {
      Environment(value);
    }
    if (entry.kind == ValueKind::kSection && value.is_object()) Section(value);
  }

  // A sentence without its full stop.
  std::string Instead(const CatalogueEntry& entry) const {
    if (entry.moved_to.empty()) return std::string(entry.instead);
    return entry.moved_to[0] == '*'
               ? absl::StrCat("Use ", FormatPath({path_[0]}),
                              entry.moved_to.substr(1))
               : absl::StrCat("Use ", entry.moved_to);
  }

  void Allowed(const CatalogueEntry& entry, const std::string& path,
               const Json& value) {
    const std::vector<std::string> allowed = absl::StrSplit(entry.allowed, '|');
    const auto& text = value.get_ref<const std::string&>();
    if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) {
      return;
    }
    std::vector<std::string> named;
    for (const std::string& each : allowed) {
      if (!each.empty()) named.push_back(each);
    }
    checker_.Add("invalid-value", path,
                 absl::StrCat("takes only these: ", absl::StrJoin(named, ", "),
                              ". Write one of them"));
  }

  void Environment(const Json& variables) {
    for (const auto& [name, value] : variables.items()) {
      if (value.is_string() || value.is_object() || value.is_null() ||
          UnknownKind(value).has_value()) {
        continue;
      }
      Path at = path_;
      at.push_back(Step::Key(name));
      checker_.Add("env-not-string", FormatPath(at),
                   absl::StrCat("is a ", KindName(value),
                                ", and environment variables are text. ",
                                value.is_array() ? "Make one string of it"
                                                 : "Write it in quotes"));
    }
  }

  static constexpr size_t kMostSuggestions = 100;

  Checker& checker_;
  Path path_;
  size_t unknown_ = 0;
};

void CheckMerge(const EffectiveSpec& effective, Checker& checker) {
  for (const Problem& clash : effective.problems) {
    checker.AddWhole(
        clash.id, clash.path,
        absl::StrCat(clash.message, " Correct one of the two sources"));
  }
}

void CheckChartOf(const Json& chart, const EffectiveSpec& effective,
                  bool airgapped, Checker& checker) {
  if (const absl::Status status = CheckChart(chart); !status.ok()) {
    const Json* version =
        chart.is_object() ? base::Find(chart, "/version") : nullptr;
    const bool by_type = version != nullptr && !version->is_string() &&
                         !version->is_null() &&
                         absl::StartsWith(status.message(), "chart.version");
    checker.AddWhole(by_type ? "chart-version-type" : "chart-unrecognized",
                     by_type ? "chart.version" : "chart",
                     std::string(status.message()));
  }
  // The release channel always names one. A warning: somebody else may pin one
  // in the custom resource once it is there.
  if (airgapped && chart.is_null() && effective.chart.is_null()) {
    checker.AddWhole("chart-missing", "chart",
                     "No layer names a chart, and air-gapped the release "
                     "channel names none: the operator is going to report "
                     "\"Invalid Config\", and nothing runs. Set chart to one "
                     "that the operator can reach");
  }
  const Json* secret =
      chart.is_object() ? base::Find(chart, "/credentialSecret") : nullptr;
  if (secret != nullptr && secret->is_object() && !HasUnknown(*secret) &&
      (!base::StringAt(*secret, "/usernameKey").has_value() ||
       !base::StringAt(*secret, "/passwordKey").has_value())) {
    checker.Add("chart-credential-keys", "chart.credentialSecret",
                "has no usernameKey or no passwordKey: the operator fills in "
                "its own and then finds the chart changed, at every reconcile. "
                "Write both, usually HELM_USERNAME and HELM_PASSWORD");
  }
}

void CheckSize(const EffectiveSpec& effective, Checker& checker) {
  if (HasUnknown(effective.values) || HasUnknown(effective.chart)) return;
  const size_t bytes = base::DumpJson(effective.values).size() +
                       base::DumpJson(effective.chart).size() +
                       base::DumpJson(effective.metadata).size();
  if (bytes <= kMaxSecretBytes) return;
  checker.Add("spec-too-large", "",
              absl::StrCat("The merged specification has ", bytes,
                           " bytes, and the Secret in which the operator keeps "
                           "it takes ",
                           kMaxSecretBytes,
                           ". Move large values into ConfigMaps or Secrets"));
}

// Maps of text: of labels, of variables and the like. Ends of their names.
bool IsMapOfText(const Step& step) {
  constexpr absl::string_view kEnds[] = {"annotations", "env",      "envs",
                                         "envtpls",     "envvars",  "headers",
                                         "labels",      "selector", "tags"};
  return std::any_of(std::begin(kEnds), std::end(kEnds),
                     [&](absl::string_view end) {
                       return absl::EndsWithIgnoreCase(step.key, end);
                     });
}

// Whether the chart takes what is at `path` for true or false.
bool IsSwitch(const Path& path) {
  constexpr absl::string_view kSwitches[] = {"create", "enable", "enabled",
                                             "install"};
  return !path.empty() &&
         std::find(std::begin(kSwitches), std::end(kSwitches),
                   path.back().key) != std::end(kSwitches) &&
         std::none_of(path.begin(), path.end() - 1, IsMapOfText);
}

// Whether KeyCheck says that no chart reads what is at `path`.
bool IsUnread(const Path& path, const Checker& checker) {
  const CatalogueIndex& index = CatalogueIndex::Get();
  Path head;
  for (const Step& step : path) {
    head.push_back(step);
    const CatalogueIndex::Hit hit = index.Find(head);
    if (!hit.known) return true;
    if (hit.entry == nullptr) continue;
    const CatalogueEntry& entry = *hit.entry;
    if ((!entry.until.empty() && !checker.Before(entry.until)) ||
        (!entry.since.empty() && checker.Before(entry.since))) {
      return true;
    }
    if (entry.kind != ValueKind::kSection) return false;
  }
  return false;
}

// Single leaves, wherever they are.
void CheckLeaves(const Json& values, Checker& checker) {
  ForEachLeaf(values, [&](const Path& path, const std::string& text,
                          const Json& leaf) {
    if (leaf.is_number() && std::fabs(leaf.get<double>()) >= kFirstExponent) {
      checker.Add("number-notation", text,
                  "is printed with an exponent by the chart, like 1e+06, since "
                  "the operator reads numbers as doubles. Write it in quotes, "
                  "if it may be text");
    }
    const auto* string = leaf.get_ptr<const std::string*>();
    if (string == nullptr) return;
    if ((*string == "true" || *string == "false") && IsSwitch(path) &&
        !IsUnread(path, checker)) {
      checker.Add(
          "quoted-boolean", text,
          "is text, and the chart looks whether there is anything: even "
          "\"false\" switches it on. Leave the quotes out");
    }
    const bool annotation =
        std::any_of(path.begin(), path.end(),
                    [](const Step& step) { return step.key == "annotations"; });
    if (absl::StrContains(*string, "\\,") ||
        (annotation && absl::StrContains(*string, "\\\""))) {
      checker.Add("helm-escape", text,
                  "has a backslash before a comma or quote, as Helm's `set` "
                  "needs it; here it stays in the value. Remove the "
                  "backslashes");
    }
  });
}

void CheckIntegers(const Json& values, Checker& checker) {
  for (const Path& path : UnsafeIntegers(values)) {
    checker.Add("unsafe-integer", FormatPath(path),
                "is beyond 2^53, and the operator reads numbers as doubles: it "
                "would be changed. Write it as a string");
  }
}

// Lists of the custom resource whose elements a lower layer has already.
void CheckLists(const Json& upper, const Json& lower, Path& path,
                absl::string_view layer, Checker& checker) {
  if (upper.is_object() && lower.is_object()) {
    for (const auto& [key, value] : upper.items()) {
      const auto below = lower.find(key);
      if (below == lower.end()) continue;
      path.push_back(Step::Key(key));
      CheckLists(value, *below, path, layer, checker);
      path.pop_back();
    }
    return;
  }
  if (!upper.is_array() || !lower.is_array()) return;
  const auto less = [](const Json* a, const Json* b) { return *a < *b; };
  std::set<const Json*, decltype(less)> known(less);
  for (const Json& element : lower) known.insert(&element);
  const bool repeats =
      std::any_of(upper.begin(), upper.end(), [&](const Json& element) {
        return !HasUnknown(element) && known.count(&element) > 0;
      });
  if (repeats) {
    checker.Add("list-repeats", FormatPath(path),
                absl::StrCat("has elements that the ", layer,
                             " has too, and lists are appended: they will be "
                             "there twice. Leave them out"));
  }
}

}  // namespace

std::vector<Problem> FindMistakes(const SpecRequest& request,
                                  const EffectiveSpec& effective) {
  Checker checker(request, effective);
  CheckMerge(effective, checker);
  CheckChartOf(checker.own().chart, effective, request.airgapped, checker);
  CheckSize(effective, checker);
  const Json& own = checker.own().values;
  KeyCheck(checker).Check(own);
  CheckLeaves(own, checker);
  CheckIntegers(own, checker);
  Path path;
  if (request.user_input != nullptr) {
    CheckLists(own, request.user_input->values, path, "user input", checker);
  }
  if (request.channel != nullptr && !request.airgapped) {
    CheckLists(own, request.channel->values, path, "release channel", checker);
  }
  CheckRules(checker);
  if (checker.chart_version().empty()) {
    checker.AddWhole("chart-version-unknown", "chart.version",
                     absl::StrCat("Which chart version will run is not known: "
                                  "the rules of operator-wandb ",
                                  kCataloguedChart, " were used"));
  }
  return std::move(checker).Take();
}

}  // namespace wandb
