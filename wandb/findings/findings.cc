#include "wandb/findings/findings.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/chart.h"
#include "wandb/chart/releases.h"
#include "wandb/findings/check.h"
#include "wandb/findings/check_keys.h"
#include "wandb/findings/check_kubernetes.h"
#include "wandb/findings/check_name.h"
#include "wandb/findings/check_rules.h"
#include "wandb/findings/check_texts.h"
#include "wandb/findings/check_useless.h"
#include "wandb/findings/check_value.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"
#include "wandb/spec/configured_values.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

// Of the API server's Secrets, and of what etcd takes.
constexpr size_t kMaxSecretBytes = 1'048'576;

void CheckMerge(const EffectiveSpec& effective, Checker& checker) {
  for (const Problem& clash : effective.problems) {
    checker.AddWhole(
        clash.id, clash.path,
        absl::StrCat(clash.message, " Correct one of the two sources"));
  }
}

// Without its tag or digest.
absl::string_view OciRepository(absl::string_view url) {
  return url.substr(0, url.find_first_of("@:", url.rfind('/')));
}

// What another kind of chart has.
void CheckUnusedFields(const Json& chart, Checker& checker) {
  const auto parsed = ParseChart(chart);
  if (!parsed.has_value()) return;
  const auto has = [&chart](const char* pointer) {
    return !base::StringAt(chart, pointer).value_or("").empty();
  };
  if (parsed->kind == ChartKind::kLocal && has("/url")) {
    checker.Add("chart-field-unused", "chart.url",
                "has no effect beside chart.path: the operator takes the chart "
                "that is there, and downloads none. Keep one of the two");
  }
  if (parsed->kind == ChartKind::kOci && has("/name") &&
      !absl::EndsWith(OciRepository(parsed->url),
                      absl::StrCat("/", *base::StringAt(chart, "/name")))) {
    checker.Add("chart-field-unused", "chart.name",
                "has no effect: an oci:// url is that of the chart itself, not "
                "of what it is in. Write the name at its end, after a slash");
  }
}

void CheckChartOf(const Json& chart, const EffectiveSpec& effective,
                  bool airgapped, Checker& checker) {
  if (const absl::Status status = CheckChart(chart); !status.ok()) {
    const Json* version =
        chart.is_object() ? base::Find(chart, "/version") : nullptr;
    const bool by_type = version != nullptr && !version->is_null() &&
                         absl::StartsWith(status.message(), "chart.version");
    checker.AddWhole(by_type ? "chart-version-type" : "chart-unrecognized",
                     by_type ? "chart.version" : "chart",
                     std::string(status.message()));
  }
  CheckUnusedFields(chart, checker);
  // The release channel always names one.
  if (airgapped && chart.is_null() && effective.chart.is_null()) {
    checker.AddWhole("chart-missing", "chart",
                     "No layer names a chart, and air-gapped the release "
                     "channel names none: the operator is going to report "
                     "\"Invalid Config\", and nothing runs. Set chart to one "
                     "that the operator can reach");
  }
  if (airgapped && chart.is_object() &&
      base::StringAt(chart, "/url") == kChartRepository) {
    checker.AddWhole(
        "public-chart", "chart.url",
        absl::StrCat(kChartRepository,
                     " is not reached from an air-gapped cluster. "
                     "Set chart to one that is: a mirror's url, or "
                     "the path of an archive in the operator"));
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

// What was taken for the values is what they are in; "" where they are not.
std::string Wrapping(const Json& values) {
  if (!values.is_object()) return "";
  const std::string kind = base::StringAt(values, "/kind").value_or("");
  const std::string version =
      base::StringAt(values, "/apiVersion").value_or("");
  if (kind == "WeightsAndBiases" ||
      absl::StartsWith(version, "apps.wandb.com/")) {
    return "are a whole WeightsAndBiases manifest. Use its .spec.values here, "
           "and .spec.chart as chart";
  }
  const auto inner = values.find("values");
  if (inner == values.end() || !inner->is_object()) return "";
  for (const auto& [key, value] : values.items()) {
    if (key != "values" && key != "chart" && key != "metadata") return "";
  }
  return "are a whole spec. Use its .values here, and .chart as chart";
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

// Of W&B's own repository: what others have is unknown.
void CheckReleased(Checker& checker) {
  const Json& own = checker.own().chart;
  if (own.is_null()) return;
  const std::optional<Chart> chart = ParseChart(own);
  if (!chart.has_value() || chart->kind != ChartKind::kRepo ||
      absl::StripSuffix(chart->url, "/") != kChartRepository ||
      chart->name != kChartName) {
    return;
  }
  const std::string why = WhyNotReleased(chart->version);
  if (why.empty()) return;
  checker.AddWhole(
      "chart-not-released", "chart.version",
      absl::StrCat("Chart ", chart->version, " was never released. ", why));
}

// "0" of "0.44.20".
absl::string_view MajorOf(absl::string_view version) {
  absl::ConsumePrefix(&version, "v");
  return version.substr(0, version.find('.'));
}

// A chart that is much newer than all that are known is probably a typo, which
// would switch off what is said of unknown keys.
void CheckNewer(Checker& checker, std::vector<Problem>& findings) {
  if (MajorOf(checker.chart_version()) == MajorOf(kCataloguedChart)) return;
  for (Problem& finding : findings) {
    if (finding.id == "chart-newer") finding.severity = Severity::kWarning;
  }
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

// Whether the chart takes what is at `path`, of which the catalogue says
// nothing, for true or false.
bool IsSwitch(const Path& path) {
  constexpr absl::string_view kSwitches[] = {"create", "enable", "enabled",
                                             "install"};
  return !path.empty() &&
         std::find(std::begin(kSwitches), std::end(kSwitches),
                   path.back().key) != std::end(kSwitches) &&
         std::none_of(path.begin(), path.end() - 1, IsMapOfText);
}

// Whether the catalogue leaves open what is at `path`.
bool IsOpen(const Path& path, const Checker& checker) {
  Path head;
  for (const Step& step : path) {
    head.push_back(step);
    const CatalogueIndex::Hit hit =
        CatalogueIndex::Get().Find(head, checker.chart_version());
    if (!hit.known || (!hit.until.empty() && !checker.Before(hit.until)) ||
        (!hit.since.empty() && checker.Before(hit.since))) {
      return false;
    }
    if (!hit.deeper) {
      return hit.entry == nullptr || hit.entry->kind == ValueKind::kOpen ||
             head.size() < path.size();
    }
  }
  return false;
}

// A list or map in JSON, which has backslashes of its own.
bool IsJson(const std::string& text) {
  const auto json = base::ParseJson(text, "value");
  return json.ok() && json->is_structured();
}

// Single strings, wherever they are.
void CheckLeaves(const Json& values, Checker& checker) {
  ForEachLeaf(values, [&](const Path& path, const std::string& text,
                          const Json& leaf) {
    const auto* string = leaf.get_ptr<const std::string*>();
    if (string == nullptr) return;
    if ((*string == "true" || *string == "false") && IsSwitch(path) &&
        IsOpen(path, checker)) {
      AddQuotedBoolean(text, checker);
    }
    const bool annotation =
        std::any_of(path.begin(), path.end(),
                    [](const Step& step) { return step.key == "annotations"; });
    const bool escaped = absl::StrContains(*string, "\\,") ||
                         (annotation && absl::StrContains(*string, "\\\""));
    if (escaped && !IsJson(*string)) {
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

// Of `own` beside what others have in the custom resource.
void CheckNulls(const Json& own, const Json& custom_resource,
                Checker& checker) {
  ForEachLeaf(own, [&](const Path& path, const std::string& text,
                       const Json& leaf) {
    if (path.empty() || !leaf.is_null()) return;
    const Json* live = FindPath(custom_resource, path);
    if (live == nullptr || !live->is_object() || live->empty()) return;
    checker.Add("null-without-effect", text,
                "is null, and another manager has a map there, which the apply "
                "leaves as it is. Have them take it out, or leave out the "
                "null");
  });
}

}  // namespace

std::vector<Problem> FindMistakes(const SpecRequest& request,
                                  const EffectiveSpec& effective) {
  Checker checker(request, effective);
  CheckMerge(effective, checker);
  CheckChartOf(checker.own().chart, effective, request.airgapped, checker);
  CheckSize(effective, checker);
  const Json& own = checker.own().values;
  if (const std::string wrapping = Wrapping(own); !wrapping.empty()) {
    checker.AddWhole("manifest-as-values", "",
                     absl::StrCat("The values ", wrapping));
  } else {
    CheckKeys(checker);
  }
  CheckLeaves(own, checker);
  CheckNulls(own, request.custom_resource->values, checker);
  CheckIntegers(own, checker);
  Path path;
  if (request.user_input != nullptr) {
    CheckLists(own, request.user_input->values, path, "user input", checker);
  }
  if (request.managed_spec != nullptr) {
    CheckLists(own, request.managed_spec->values, path, "managed spec",
               checker);
  } else if (request.channel != nullptr && !request.airgapped) {
    CheckLists(own, request.channel->values, path, "release channel", checker);
  }
  CheckRules(checker);
  CheckTexts(checker);
  CheckKubernetes(checker);
  CheckUseless(checker);
  CheckName(checker);
  CheckReleased(checker);
  if (checker.ChartIsNewer()) {
    checker.AddWhole(
        "chart-newer", "chart.version",
        absl::StrCat("Chart ", checker.chart_version(), " is newer than ",
                     kCataloguedChart,
                     ", the newest that this provider knows: what it says of "
                     "keys may be out of date"));
  }
  if (checker.chart_version().empty()) {
    checker.AddWhole("chart-version-unknown", "chart.version",
                     absl::StrCat("Which chart version will run is not known: "
                                  "the rules of operator-wandb ",
                                  kCataloguedChart, " were used"));
  }
  std::vector<Problem> findings = std::move(checker).Take();
  CheckNewer(checker, findings);
  return findings;
}

}  // namespace wandb
