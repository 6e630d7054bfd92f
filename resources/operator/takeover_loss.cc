#include "resources/operator/takeover_loss.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "kube/managed_fields.h"
#include "kube/migrate_managers.h"
#include "kube/object_ref.h"

namespace resources {
namespace {

using base::Json;

// The lists below `.spec` of a Deployment whose elements are fields of their
// own, and by what they are told apart: x-kubernetes-list-map-keys of
// Kubernetes' schema. Every other list is one field.
struct ListOfMaps {
  absl::string_view list;
  std::vector<absl::string_view> keys;
};
const std::vector<ListOfMaps>& ListsOfMaps() {
  static const auto* const kLists = new std::vector<ListOfMaps>{
      {"claims", {"name"}},
      {"containers", {"name"}},
      {"env", {"name"}},
      {"ephemeralContainers", {"name"}},
      {"hostAliases", {"ip"}},
      {"imagePullSecrets", {"name"}},
      {"initContainers", {"name"}},
      {"ports", {"containerPort", "protocol"}},
      {"resourceClaims", {"name"}},
      {"schedulingGates", {"name"}},
      {"topologySpreadConstraints", {"topologyKey", "whenUnsatisfiable"}},
      {"volumeDevices", {"devicePath"}},
      {"volumeMounts", {"mountPath"}},
      {"volumes", {"name"}},
  };
  return *kLists;
}

// What names `element` of the list with the key `list`, as in a path:
// `[containerPort=80,protocol="TCP"]`. Nothing where the list is one field.
std::optional<std::string> Step(absl::string_view list, const Json& element) {
  const auto& lists = ListsOfMaps();
  const auto found = std::find_if(
      lists.begin(), lists.end(),
      [list](const ListOfMaps& each) { return each.list == list; });
  if (found == lists.end() || !element.is_object()) return std::nullopt;
  std::vector<std::string> parts;
  for (const absl::string_view key : found->keys) {
    const auto value = element.find(std::string(key));
    if (value == element.end()) return std::nullopt;
    parts.push_back(absl::StrCat(key, "=", base::DumpJson(*value)));
  }
  return absl::StrCat("[", absl::StrJoin(parts, ","), "]");
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

// The managers that `rules` take over from and that hold `path`, or a part of
// it, in `live`.
std::string SourcesThatHold(const std::string& path, const Json& live,
                            const ssa::UpdateRules& rules) {
  std::set<std::string> names;
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    const bool gives =
        std::any_of(rules.sources.begin(), rules.sources.end(),
                    [&entry](const auto& each) { return each.from(entry); });
    if (!gives || !entry.subresource.empty()) continue;
    const auto held = kube::PathsOfFields(entry.fields);
    if (std::any_of(held.begin(), held.end(), [&path](const auto& each) {
          return IsWithin(path, each);
        })) {
      names.insert(absl::StrCat("\"", entry.manager, "\""));
    }
  }
  return absl::StrJoin(names, " and ");
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
          CompareField(key, value, *other, below);
        }
      }
    }
  }

  std::vector<std::string> lost;

 private:
  void CompareField(const std::string& key, const Json& live, const Json& fresh,
                    const std::string& path) {
    if (live.is_array() && fresh.is_array()) {
      CompareLists(key, live, fresh, path);
    } else {
      Compare(live, fresh, path);
    }
  }

  void CompareLists(const std::string& key, const Json& live, const Json& fresh,
                    const std::string& path) {
    for (const Json& element : live) {
      const auto step = Step(key, element);
      if (!step.has_value()) {
        if (live != fresh) Add(path);
        return;
      }
      const auto other = std::find_if(
          fresh.begin(), fresh.end(),
          [&](const Json& each) { return Step(key, each) == step; });
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

std::vector<Loss> LostByTakeover(const Operation& op, const Sighting& seen,
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
  std::vector<Loss> losses;
  for (std::string& path : LostPaths(seen.live, fresh->object,
                                     kube::OwnedPaths(migrated, rules.manager),
                                     HeldByOthers(migrated, rules.manager))) {
    std::string managers = SourcesThatHold(path, seen.live, rules);
    losses.push_back({std::move(path), std::move(managers)});
  }
  return losses;
}

}  // namespace resources
