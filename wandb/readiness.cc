#include "wandb/readiness.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "wandb/chart.h"
#include "wandb/leaf_map.h"

namespace wandb {
namespace {

using base::Json;

constexpr size_t kShown = 3;

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

// Collects where two trees differ, up to one more than is shown.
class Differ {
 public:
  void Compare(const Json& active, const Json& wanted) {
    if (found_.size() > kShown) return;
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
      Found("is another value");
    }
  }

  // Goes on below `key`.
  void CompareBelow(const std::string& key, const Json& active,
                    const Json& wanted) {
    path_.push_back(Step::Key(key));
    Compare(active, wanted);
    path_.pop_back();
  }

  const std::vector<std::string>& found() const { return found_; }

 private:
  void CompareMaps(const Json& active, const Json& wanted) {
    for (const auto& [key, value] : wanted.items()) {
      const auto other = active.find(key);
      if (other != active.end()) {
        CompareBelow(key, *other, value);
      } else {
        FoundAt(key, "is missing");
      }
    }
    for (const auto& [key, value] : active.items()) {
      if (!wanted.contains(key)) FoundAt(key, "should be gone");
    }
  }

  void FoundAt(const std::string& key, absl::string_view how) {
    path_.push_back(Step::Key(key));
    Found(how);
    path_.pop_back();
  }

  void Found(absl::string_view how) {
    if (found_.size() > kShown) return;
    found_.push_back(absl::StrCat(FormatPath(path_), " ", how));
  }

  Path path_;
  std::vector<std::string> found_;
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

std::vector<std::string> Differences(const SpecLayer& active,
                                     const EffectiveSpec& wanted) {
  Differ differ;
  differ.CompareBelow("values", WithoutOperator(active.values),
                      WithoutOperator(wanted.values));
  if (!wanted.chart.is_null()) {
    differ.CompareBelow("chart", CanonicalChart(active.chart),
                        CanonicalChart(wanted.chart));
  }
  return differ.found();
}

}  // namespace

bool SameValues(const Json& a, const Json& b) {
  Differ differ;
  differ.Compare(a, b);
  return differ.found().empty();
}

bool ActiveSpecMatches(const SpecLayer& active, const EffectiveSpec& wanted) {
  return Differences(active, wanted).empty();
}

std::string DescribeDifference(const SpecLayer& active,
                               const EffectiveSpec& wanted) {
  std::vector<std::string> found = Differences(active, wanted);
  if (found.empty()) return "";
  const bool more = found.size() > kShown;
  if (more) found.resize(kShown);
  return absl::StrCat("in the specification that the operator has applied, ",
                      absl::StrJoin(found, ", "), more ? ", and more" : "");
}

std::string WorkloadSelector(absl::string_view instance) {
  return absl::StrCat(
      "app.kubernetes.io/managed-by=Helm,app.kubernetes.io/instance=",
      instance);
}

}  // namespace wandb
