#include "resources/operator/takeover_loss.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "kube/managed_fields.h"
#include "kube/migrate_managers.h"
#include "kube/object_ref.h"

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

bool Has(const std::vector<std::string>& paths, const std::string& path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

// Whether `each` is `path` or a part of it.
bool IsWithin(absl::string_view path, absl::string_view each) {
  return absl::ConsumePrefix(&each, path) &&
         (each.empty() || each[0] == '.' || each[0] == '[');
}

// What others than `manager`, by its applies, hold in `object`: a field stays
// as long as anybody has it, be it by an update or of a subresource.
std::vector<std::string> HeldByOthers(const Json& object,
                                      const std::string& manager) {
  return kube::PathsOfFields(
      kube::FieldsHeldBy(object, [&manager](const kube::ManagerEntry& entry) {
        return entry.manager != manager || entry.operation != "Apply" ||
               !entry.subresource.empty();
      }));
}

class Comparison {
 public:
  Comparison(const std::vector<std::string>& owned,
             const std::vector<std::string>& kept)
      : owned_(owned), kept_(kept) {}

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
    std::vector<std::string> leaves;
    for (const std::string& each : owned_) {
      if (IsWithin(path, each) && !Has(kept_, each)) leaves.push_back(each);
    }
    if (leaves.empty()) return;
    const bool stays_in_part =
        std::any_of(kept_.begin(), kept_.end(),
                    [&path](const auto& each) { return IsWithin(path, each); });
    if (!stays_in_part) leaves = {path};
    lost.insert(lost.end(), leaves.begin(), leaves.end());
  }

  const std::vector<std::string>& owned_;
  const std::vector<std::string>& kept_;
};

}  // namespace

std::vector<std::string> LostPaths(const Json& live, const Json& fresh,
                                   const std::vector<std::string>& owned,
                                   const std::vector<std::string>& kept) {
  Comparison comparison(owned, kept);
  comparison.Compare(live.value("spec", Json::object()),
                     fresh.value("spec", Json::object()), ".spec");
  return std::move(comparison.lost);
}

std::vector<std::string> LostByTakeover(const Operation& op,
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
  const auto fresh = op.client.Apply(
      op.ctx, ref, body,
      {.field_manager = rules.manager, .dry_run = true, .create_only = true});
  if (!fresh.ok()) return {};
  return LostPaths(seen.live, fresh->object,
                   kube::OwnedPaths(migrated, rules.manager),
                   HeldByOthers(migrated, rules.manager));
}

}  // namespace resources
