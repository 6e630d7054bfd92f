#include "wandb/findings/check_keys.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/suggest.h"
#include "wandb/findings/check_references.h"
#include "wandb/findings/check_value.h"
#include "wandb/findings/null_fails.h"
#include "wandb/leaf_map.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

bool IsEmpty(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
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
          "input only. Take it out, and set release_id of wandb_instance, "
          "or switch automatic updates off in the System Console");
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
        (!IsRead(hit, path) ||
         !CheckValue(*hit.entry, path_, value, checker_))) {
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
    for (const CatalogueEntry* entry : Catalogue()) {
      if (OfThis(entry->moved_to) == path && checker_.Before(entry->until) &&
          IsThere(*entry)) {
        return absl::StrCat("write ", OfThis(entry->path));
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

}  // namespace wandb
