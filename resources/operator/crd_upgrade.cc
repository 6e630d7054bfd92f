#include "resources/operator/crd_upgrade.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "kube/ssa/owned_part.h"
#include "resources/operator/objects.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;

constexpr size_t kShownPaths = 5;

// Path -> what a schema says there, descriptions and what is below aside.
using SchemaPaths = std::map<std::string, Json>;

void Collect(const Json& schema, const std::string& path, SchemaPaths& paths) {
  if (!schema.is_object()) return;
  Json here = schema;
  for (const char* part :
       {"description", "properties", "items", "additionalProperties"}) {
    here.erase(part);
  }
  paths[path] = std::move(here);
  if (const Json* properties = base::Find(schema, "/properties");
      properties != nullptr && properties->is_object()) {
    for (const auto& [key, below] : properties->items()) {
      Collect(below, absl::StrCat(path, kube::FormatKeyPath({key})), paths);
    }
  }
  for (const auto& [part, step] :
       {std::pair("/items", "[]"), std::pair("/additionalProperties", ".*")}) {
    if (const Json* below = base::Find(schema, part)) {
      Collect(*below, absl::StrCat(path, step), paths);
    }
  }
}

SchemaPaths SchemaPathsOf(const Json& crd) {
  SchemaPaths paths;
  for (const Json& version : base::ListAt(crd, "/spec/versions")) {
    const Json* schema = base::Find(version, "/schema/openAPIV3Schema");
    if (schema == nullptr) continue;
    Collect(*schema,
            absl::StrCat(base::StringAt(version, "/name").value_or(""), " "),
            paths);
  }
  return paths;
}

std::set<std::string> VersionsOf(const Json& crd) {
  std::set<std::string> names;
  for (const Json& version : base::ListAt(crd, "/spec/versions")) {
    names.insert(base::StringAt(version, "/name").value_or(""));
  }
  return names;
}

std::string StoredVersion(const Json& crd) {
  for (const Json& version : base::ListAt(crd, "/spec/versions")) {
    if (base::BoolAt(version, "/storage").value_or(false)) {
      return base::StringAt(version, "/name").value_or("");
    }
  }
  return "";
}

// `2 added (v1 .spec.a, v1 .spec.b)`, or nothing.
void AddCount(const char* what, const std::vector<std::string>& paths,
              std::vector<std::string>& parts) {
  if (paths.empty()) return;
  const size_t shown = std::min(paths.size(), kShownPaths);
  parts.push_back(absl::StrCat(
      paths.size(), " ", what, " (",
      absl::StrJoin(paths.begin(),
                    paths.begin() + static_cast<ptrdiff_t>(shown), ", "),
      paths.size() > shown ? ", ..." : "", ")"));
}

std::string Listed(const std::vector<std::string>& versions) {
  return versions.empty() ? "nothing" : absl::StrJoin(versions, ", ");
}

const Sighting* UpgradedOf(const std::vector<Sighting>& all) {
  const auto found =
      std::find_if(all.begin(), all.end(),
                   [](const Sighting& seen) { return NeedsUpgrade(seen); });
  return found == all.end() ? nullptr : &*found;
}

// How objects that are stored as `lost` come to be stored as `then`.
std::string HowToStore(const std::vector<std::string>& lost,
                       const std::string& now, const std::string& then) {
  const std::string crd = wandb::kCrdName;
  return absl::StrCat(
      "Have the API server store every instance as ", then, " first:\n",
      now == then
          ? ""
          : absl::StrCat("  let ", then, ", and not ", now,
                         ", have storage: true (kubectl edit crd ", crd, ")\n"),
      "  kubectl get ", crd,
      " --all-namespaces -o json | kubectl replace -f -\n", "and take ",
      absl::StrJoin(lost, ", "), " out of the list:\n", "  kubectl patch crd ",
      crd,
      " --subresource=status --type=merge "
      "--patch='{\"status\":{\"storedVersions\":[\"",
      then, "\"]}}'\n",
      "Then plan again. Or leave the definition as it is: crd = { manage = "
      "false }.");
}

}  // namespace

bool NeedsUpgrade(const Json& manifest, const Json& live) {
  return IsKeptDefinition(manifest, live) &&
         ssa::OwnedPart(manifest, live) != manifest;
}

bool NeedsUpgrade(const Sighting& seen) {
  return seen.exists() && !seen.IsDying() &&
         NeedsUpgrade(seen.manifest, seen.live);
}

CrdUpgrade UpgradeOf(const Json& live, const Json& wanted) {
  CrdUpgrade upgrade{.served_now = ServedVersions(live),
                     .served_then = ServedVersions(wanted),
                     .stored_then = StoredVersion(wanted)};
  const std::set<std::string> left = VersionsOf(wanted);
  for (const Json& stored : base::ListAt(live, "/status/storedVersions")) {
    if (stored.is_string() && left.count(stored.get<std::string>()) == 0) {
      upgrade.stored_lost.push_back(stored.get<std::string>());
    }
  }
  const SchemaPaths now = SchemaPathsOf(live), then = SchemaPathsOf(wanted);
  for (const auto& [path, node] : then) {
    const auto before = now.find(path);
    if (before == now.end()) {
      upgrade.added.push_back(path);
    } else if (before->second != node) {
      upgrade.changed.push_back(path);
    }
  }
  for (const auto& [path, node] : now) {
    if (then.count(path) == 0) upgrade.removed.push_back(path);
  }
  return upgrade;
}

std::string Describe(const CrdUpgrade& upgrade) {
  std::vector<std::string> parts;
  AddCount("added", upgrade.added, parts);
  AddCount("removed", upgrade.removed, parts);
  AddCount("changed", upgrade.changed, parts);
  return absl::StrCat(
      upgrade.served_now == upgrade.served_then
          ? absl::StrCat("It goes on to serve ", Listed(upgrade.served_now),
                         ".")
          : absl::StrCat("It serves ", Listed(upgrade.served_now),
                         " now, and then ", Listed(upgrade.served_then), "."),
      parts.empty()
          ? " No path of its schema comes or goes."
          : absl::StrCat(" Paths of its schema: ", absl::StrJoin(parts, "; "),
                         "."),
      upgrade.removed.empty()
          ? ""
          : " What an instance has at a path that is removed is lost with the "
            "next write to that instance.");
}

bool CheckUpgrade(const std::vector<Sighting>& all, tf::Diagnostics& diags) {
  const Sighting* seen = UpgradedOf(all);
  if (seen == nullptr) return true;
  const CrdUpgrade upgrade = UpgradeOf(seen->live, seen->manifest);
  if (upgrade.stored_lost.empty()) return true;
  const std::string lost = absl::StrJoin(upgrade.stored_lost, ", ");
  diags.AddError(
      absl::StrCat("Cannot upgrade ", kube::Describe(seen->ref)),
      absl::StrCat("Instances have been stored as ", lost,
                   " (status.storedVersions), which this version of the "
                   "provider has no longer: the API server could not read them "
                   "any more. So nothing is written. ",
                   Describe(upgrade), "\n\n",
                   HowToStore(upgrade.stored_lost, StoredVersion(seen->live),
                              upgrade.stored_then)));
  return false;
}

void ReportUpgrade(const std::vector<Sighting>& all, tf::Diagnostics& diags) {
  const Sighting* seen = UpgradedOf(all);
  if (seen == nullptr || !CheckUpgrade(all, diags)) return;
  diags.AddWarning(
      absl::StrCat("Apply will change ", kube::Describe(seen->ref)),
      absl::StrCat(
          "This resource made it, and keeps it as this version of the provider "
          "has it. ",
          Describe(UpgradeOf(seen->live, seen->manifest)),
          "\n\nTo leave the definition to others: crd = { manage = false }."));
}

}  // namespace resources
