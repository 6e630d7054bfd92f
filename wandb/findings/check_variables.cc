#include "wandb/findings/check_variables.h"

#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/yaml.h"
#include "wandb/findings/check_references.h"
#include "wandb/merge.h"
#include "wandb/names.h"

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

// Whether the chart makes text of numbers and bools in the environment at
// `path`: `extraEnv` always was, `env` is since wandb-base.
bool PrintsScalars(const Path& path, const Checker& checker) {
  return path.front().key == "global" || path.back().key == "extraEnv" ||
         !checker.Before(kPrintsVariablesSince);
}

// Whether it makes text of all that is there, maps too: wandb-base doesn't.
bool PrintsMaps(const Path& path, const Checker& checker) {
  const Component* component = FindComponent(path.front().key);
  return checker.Before(component == nullptr ? kReferencesSince
                                             : component->rebuilt);
}

// Charts write names without quotes.
bool IsTextToYaml(const std::string& name) {
  const auto read = base::ReadYaml(absl::StrCat("name: ", name), name);
  return read.ok() && read->json == Json({{"name", name}});
}

// One that is written as in Kubernetes, but for its name.
void Variable(const Path& path, const Json& value, Checker& checker) {
  if (!(value.size() == 1 && value.contains("value"))) {
    CheckValueFrom(path, value, checker);
  } else if (const Json& text = value.front();
             !text.is_string() && !SaysNothingYet(text)) {
    checker.Add("env-not-string", absl::StrCat(FormatPath(path), ".value"),
                absl::StrCat("is a ", KindName(text),
                             ", and environment variables are text. Write "
                             "it in quotes"));
  }
}

}  // namespace

void CheckVariables(const CatalogueEntry& entry, Path path,
                    const Json& variables, Checker& checker) {
  const bool prints_maps = PrintsMaps(path, checker);
  const bool prints_scalars = PrintsScalars(path, checker);
  for (const auto& [name, value] : variables.items()) {
    const bool is_name = absl::StrContains(name, "{{") ||
                         (IsVariableName(name) && IsTextToYaml(name));
    if (is_name && (value.is_string() || SaysNothingYet(value))) continue;
    path.push_back(Step::Key(name));
    const std::string at = FormatPath(path);
    if (!is_name) {
      checker.Add("env-name", at,
                  "is no name of a variable that the chart writes and the "
                  "API server takes: printed characters of ASCII only, "
                  "without =, one at least, and nothing that YAML takes for "
                  "something else than text. Correct it");
    }
    if (value.is_object() && prints_maps) {
      checker.Add(
          "env-not-string", at,
          absl::StrCat("is a map, of which chart ", checker.chart_version(),
                       " makes the text map[...]. Use a newer "
                       "chart, or write the value itself"));
    } else if (value.is_object()) {
      Variable(path, value, checker);
    } else if (value.is_array() ||
               (entry.members != Members::kPrinted && !prints_scalars)) {
      checker.Add("env-not-string", at,
                  absl::StrCat("is a ", KindName(value),
                               ", and environment variables are text. ",
                               value.is_array() ? "Make one string of it"
                                                : "Write it in quotes"));
    }
    CheckNotation(at, value, checker);
    path.pop_back();
  }
}

void CheckNotation(const std::string& path, const Json& value,
                   Checker& checker) {
  if (!value.is_number()) return;
  const double number = std::fabs(value.get<double>());
  if (number < kFirstExponent && (number == 0 || number >= kLastFraction)) {
    return;
  }
  checker.Add("number-notation", path,
              "is printed with an exponent by the chart, like 1e+06, since the "
              "operator reads numbers as doubles. Write it in quotes");
}

}  // namespace wandb
