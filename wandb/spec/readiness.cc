#include "wandb/spec/readiness.h"

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "wandb/chart/chart.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"

namespace wandb {
namespace {

using base::Json;

constexpr size_t kShown = 3;        // Differences.
constexpr size_t kShownBytes = 80;  // Of each value.

// Numbers of any storage compare as doubles.
double AsDouble(const Json& number) {
  if (const auto* natural = number.get_ptr<const uint64_t*>()) {
    return static_cast<double>(*natural);
  }
  if (const auto* integer = number.get_ptr<const int64_t*>()) {
    return static_cast<double>(*integer);
  }
  const auto* real = number.get_ptr<const double*>();
  return real == nullptr ? 0 : *real;
}

bool SameLeaf(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return AsDouble(a) == AsDouble(b);
  return a == b;
}

struct Difference {
  Path path;
  // What is there, and what shall be; null: nothing.
  const Json* found = nullptr;
  const Json* wanted = nullptr;
};

// Collects where two trees differ, up to one more than is shown. Refers to the
// trees.
class Differ {
 public:
  void Compare(const Json& active, const Json& wanted) {
    if (differences_.size() > kShown) return;
    if (active.is_object() && wanted.is_object()) {
      CompareMaps(active, wanted);
    } else if (active.is_array() && wanted.is_array() &&
               active.size() == wanted.size()) {
      for (size_t i = 0; i < active.size(); ++i) {
        path_.push_back(Step::Index(i));
        Compare(active[i], wanted[i]);
        path_.pop_back();
      }
    } else if (!SameLeaf(active, wanted)) {
      Add(&active, &wanted);
    }
  }

  const std::vector<Difference>& differences() const { return differences_; }

 private:
  void CompareMaps(const Json& active, const Json& wanted) {
    for (const auto& [key, value] : wanted.items()) {
      const auto other = active.find(key);
      path_.push_back(Step::Key(key));
      if (other != active.end()) {
        Compare(*other, value);
      } else {
        Add(nullptr, &value);
      }
      path_.pop_back();
    }
    for (const auto& [key, value] : active.items()) {
      if (wanted.contains(key)) continue;
      path_.push_back(Step::Key(key));
      Add(&value, nullptr);
      path_.pop_back();
    }
  }

  void Add(const Json* found, const Json* wanted) {
    if (differences_.size() > kShown) return;
    differences_.push_back({path_, found, wanted});
  }

  Path path_;
  std::vector<Difference> differences_;
};

// The operator stamps its own namespace there, which we may not know.
Json WithoutOperator(const Json& values) {
  Json result = values.is_null() ? Json::object() : values;
  if (!result.is_object()) return result;
  const auto global = result.find("global");
  if (global == result.end() || !global->is_object()) return result;
  global->erase("operator");
  if (global->empty()) result.erase("global");
  return result;
}

// Both sides as they are compared.
struct Sides {
  Json found, wanted;

  std::vector<Difference> Compare() const {
    Differ differ;
    differ.Compare(found, wanted);
    return differ.differences();
  }
};

Sides ValuesOf(const SpecLayer& active, const EffectiveSpec& wanted) {
  return {WithoutOperator(active.values), WithoutOperator(wanted.values)};
}

Sides ChartsOf(const SpecLayer& active, const EffectiveSpec& wanted) {
  if (wanted.chart.is_null()) return {};
  return {CanonicalChart(active.chart), CanonicalChart(wanted.chart)};
}

// `hidden` tells of a leaf on one side of the difference.
std::string Describe(const std::string& name, const Difference& difference,
                     const std::function<bool(const Json*)>& hidden,
                     const Scrubber& scrubber) {
  const auto shown = [&](const Json* side) {
    if (side == nullptr || hidden(side)) return std::string();
    if (side->is_structured() && !side->empty()) {
      return absl::StrCat("a ", KindName(*side));
    }
    return scrubber.ScrubToLine(LeafText(*side), kShownBytes);
  };
  const std::string path = FormatPath(name, difference.path);
  const std::string found = shown(difference.found);
  const std::string wanted = shown(difference.wanted);
  if (difference.found == nullptr) {
    return absl::StrCat(path, " is missing",
                        wanted.empty() ? "" : ", and should be ", wanted);
  }
  if (difference.wanted == nullptr) {
    return absl::StrCat(
        path, found.empty() ? "" : " is ", found,
        found.empty() ? " should be gone" : ", and should be gone");
  }
  if (wanted.empty() || found == wanted) {
    return absl::StrCat(path, " is another value");
  }
  if (found.empty()) return absl::StrCat(path, " should be ", wanted);
  return absl::StrCat(path, " is ", found, ", and should be ", wanted);
}

bool IsCredential(const Difference& difference) {
  return !difference.path.empty() && (difference.path[0].key == "password" ||
                                      difference.path[0].key == "username");
}

}  // namespace

bool SameValues(const Json& a, const Json& b) {
  Differ differ;
  differ.Compare(a, b);
  return differ.differences().empty();
}

bool ActiveSpecMatches(const SpecLayer& active, const EffectiveSpec& wanted) {
  return ChartsOf(active, wanted).Compare().empty() &&
         ValuesOf(active, wanted).Compare().empty();
}

std::string DescribeDifference(const SpecLayer& active,
                               const EffectiveSpec& wanted, const Mask& mask,
                               const Scrubber& scrubber) {
  std::vector<std::string> lines;
  const Sides charts = ChartsOf(active, wanted);
  for (const Difference& each : charts.Compare()) {
    lines.push_back(Describe(
        "chart", each, [&each](const Json*) { return IsCredential(each); },
        scrubber));
  }
  const Sides values = ValuesOf(active, wanted);
  for (const Difference& each : values.Compare()) {
    lines.push_back(Describe(
        "values", each,
        [&](const Json* side) {
          // What an earlier configuration hid may be no secret by this one's
          // mask: so of what was applied only the kind is shown.
          const bool applied = side == each.found && !side->is_structured();
          return applied || mask.IsSecret(each.path, *side, {&active.values}) ||
                 mask.IsSecret(each.path, *side, {&wanted.values});
        },
        scrubber));
  }
  if (lines.empty()) return "";
  const bool more = lines.size() > kShown;
  if (more) lines.resize(kShown);
  return absl::StrCat("In the specification that the operator applied last, ",
                      absl::StrJoin(lines, "; "), more ? "; and more" : "");
}

std::string WorkloadSelector(absl::string_view instance) {
  return absl::StrCat(
      "app.kubernetes.io/managed-by=Helm,app.kubernetes.io/instance=",
      instance);
}

}  // namespace wandb
