#include "resources/operator/takeover_loss.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kube/managed_fields.h"
#include "kube/migrate_managers.h"
#include "kube/object_ref.h"
#include "kube/ssa/update.h"

namespace resources {
namespace {

using base::Json;

// What names the elements of a list, as in a path: `[name="x"]`.
std::optional<std::string> Step(const Json& element) {
  for (const char* key : {"mountPath", "name"}) {
    if (const auto text = base::StringAt(element, absl::StrCat("/", key))) {
      return absl::StrCat("[", key, "=", base::DumpJson(Json(*text)), "]");
    }
  }
  return std::nullopt;
}

class Comparison {
 public:
  explicit Comparison(const std::vector<std::string>& owned) : owned_(owned) {}

  void Compare(const Json& live, const Json& fresh, const std::string& path) {
    if (live.is_object() && fresh.is_object()) {
      for (const auto& [key, value] : live.items()) {
        const std::string below =
            absl::StrCat(path, kube::FormatKeyPath({key}));
        const auto other = fresh.find(key);
        if (other == fresh.end()) {
          Add(below);
        } else {
          Compare(value, *other, below);
        }
      }
    } else if (live.is_array() && fresh.is_array()) {
      CompareLists(live, fresh, path);
    }
  }

  std::vector<std::string> lost;

 private:
  void CompareLists(const Json& live, const Json& fresh,
                    const std::string& path) {
    for (const Json& element : live) {
      const auto step = Step(element);
      if (!step.has_value()) {
        if (live != fresh) Add(path);
        return;
      }
      const auto other = std::find_if(
          fresh.begin(), fresh.end(),
          [&step](const Json& each) { return Step(each) == step; });
      const std::string below = absl::StrCat(path, *step);
      if (other == fresh.end()) {
        Add(below);
      } else {
        Compare(element, *other, below);
      }
    }
  }

  void Add(const std::string& path) {
    if (std::any_of(owned_.begin(), owned_.end(), [&](const auto& each) {
          return absl::StartsWith(each, path);
        })) {
      lost.push_back(path);
    }
  }

  const std::vector<std::string>& owned_;
};

}  // namespace

std::vector<std::string> LostPaths(const Json& live, const Json& fresh,
                                   const std::vector<std::string>& owned) {
  Comparison comparison(owned);
  comparison.Compare(live.value("spec", Json::object()),
                     fresh.value("spec", Json::object()), ".spec");
  return std::move(comparison.lost);
}

std::vector<std::string> LostByTakeover(const base::Context& look,
                                        kube::Client& client,
                                        const Sighting& seen,
                                        const Json& manifest,
                                        const ssa::UpdateRules& rules) {
  auto entries = kube::MigrateManagers(
      seen.live, {.manager = rules.manager,
                  .api_version = kube::ApiVersionOf(seen.ref),
                  .sources = rules.sources});
  if (!entries.has_value()) return {};
  Json migrated = seen.live;
  migrated["metadata"]["managedFields"] = *std::move(entries);
  // Under a name that is free.
  kube::ObjectRef ref = seen.ref;
  ref.name = absl::StrCat("plan-", kube::UidOf(seen.live));
  Json body = manifest;
  body["metadata"]["name"] = ref.name;
  const auto fresh = client.Apply(
      look, ref, body,
      {.field_manager = rules.manager, .dry_run = true, .create_only = true});
  if (!fresh.ok()) return {};
  return LostPaths(seen.live, fresh->object,
                   kube::OwnedPaths(migrated, rules.manager));
}

}  // namespace resources
