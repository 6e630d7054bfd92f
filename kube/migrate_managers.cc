#include "kube/migrate_managers.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/status.h"

namespace kube {
namespace {

using base::Json;

constexpr int kTries = 5;

bool OnlySelf(const Json& fields) {
  return fields.empty() || (fields.size() == 1 && fields.contains(kSelf));
}

// Moves what `fields` and `within` share out of `fields`.
Json Take(Json& fields, const Json& within) {
  Json taken = Json::object();
  if (!fields.is_object() || !within.is_object()) return taken;
  for (const auto& [key, value] : within.items()) {
    const auto it = fields.find("f:" + key);
    if (it == fields.end()) continue;
    if (!value.is_object() || value.empty() || OnlySelf(*it)) {
      taken[it.key()] = std::move(*it);
      fields.erase(it);
      continue;
    }
    Json below = Take(*it, value);
    if (below.empty()) continue;
    // The map itself goes with the last of its fields.
    if (it->contains(kSelf)) below[kSelf] = Json::object();
    taken[it.key()] = std::move(below);
    if (OnlySelf(*it)) fields.erase(it);
  }
  return taken;
}

// Moves `wanted`, which is of the same form, out of `fields`.
Json TakeFields(Json& fields, const Json& wanted) {
  Json taken = Json::object();
  if (!fields.is_object()) return taken;
  for (const auto& [key, below] : wanted.items()) {
    const auto it = fields.find(key);
    if (it == fields.end()) continue;
    if (below.empty()) {
      taken[key] = std::move(*it);
      fields.erase(it);
    } else if (Json part = TakeFields(*it, below); !part.empty()) {
      taken[key] = std::move(part);
      if (it->empty()) fields.erase(it);
    }
  }
  return taken;
}

Json WithLastApplied(Json within) {
  within["metadata"]["annotations"][kLastApplied] = "";
  return within;
}

// The first source that takes from `entry`.
const Takeover::Source* SourceOf(const ManagerEntry& entry,
                                 const Takeover& takeover) {
  if (!entry.subresource.empty() || entry.api_version != takeover.api_version ||
      !entry.fields.is_object() ||
      (entry.manager == takeover.manager && entry.operation == "Apply")) {
    return nullptr;
  }
  for (const Takeover::Source& source : takeover.sources) {
    if (source.from(entry)) return &source;
  }
  return nullptr;
}

bool IsOurs(const ManagerEntry& entry, const Takeover& takeover) {
  return entry.manager == takeover.manager && entry.operation == "Apply" &&
         entry.subresource.empty() && entry.api_version == takeover.api_version;
}

}  // namespace

std::optional<Json> MigrateManagers(const Json& object,
                                    const Takeover& takeover) {
  const Json* entries = base::Find(object, "/metadata/managedFields");
  if (entries == nullptr || !entries->is_array()) return std::nullopt;
  Json kept = Json::array();
  Json taken = Json::object();
  Json first;  // The first entry that gave something.
  for (Json entry : *entries) {
    const ManagerEntry parsed = ParseManagerEntry(entry);
    const Takeover::Source* source = SourceOf(parsed, takeover);
    if (source == nullptr) {
      kept.push_back(std::move(entry));
      continue;
    }
    Json fields = parsed.fields;
    const Json part = !source->fields.is_null()
                          ? TakeFields(fields, source->fields)
                      : source->within.is_null()
                          ? std::exchange(fields, Json::object())
                          : Take(fields, WithLastApplied(source->within));
    if (!part.empty()) {
      if (first.is_null()) first = entry;
      UniteFields(taken, part);
    }
    if (fields.empty()) continue;
    entry["fieldsV1"] = std::move(fields);
    kept.push_back(std::move(entry));
  }
  if (taken.empty()) return std::nullopt;
  for (Json& entry : kept) {
    if (!IsOurs(ParseManagerEntry(entry), takeover)) continue;
    UniteFields(entry["fieldsV1"], taken);
    return kept;
  }
  first["manager"] = takeover.manager;
  first["operation"] = "Apply";
  first["fieldsV1"] = std::move(taken);
  kept.push_back(std::move(first));
  return kept;
}

bool IsEarlierTool(const ManagerEntry& entry) {
  if (entry.operation == "Apply") {
    // kubernetes_manifest applies from the server's side under the first name,
    // Helm 4 under the second.
    return entry.manager == "Terraform" || entry.manager == "helm";
  }
  // Changes by hand may own kubectl's record, too.
  for (const char* hand : {"kubectl-edit", "kubectl-patch", "kubectl-label",
                           "kubectl-annotate", "kubectl-set"}) {
    if (entry.manager == hand) return false;
  }
  const Json* record = nullptr;
  if (const Json* annotations =
          base::Find(entry.fields, "/f:metadata/f:annotations")) {
    const auto it = annotations->find(absl::StrCat("f:", kLastApplied));
    if (it != annotations->end()) record = &*it;
  }
  // kubernetes_* resources give no name, and so get that of their User-Agent.
  return record != nullptr || entry.manager == "kubectl-client-side-apply" ||
         entry.manager == "kubectl-create" || entry.manager == "helm" ||
         entry.manager == "Helm" || entry.manager == "Terraform" ||
         entry.manager == "HashiCorp" ||
         // These get the name of the program, which has its version in it.
         absl::StartsWith(entry.manager, "terraform-provider-helm") ||
         absl::StartsWith(entry.manager, "terraform-provider-kubernetes") ||
         absl::StartsWith(entry.manager, "terraform-provider-kubectl");
}

absl::StatusOr<Json> TakeOver(const base::Context& ctx, Client& client,
                              const ObjectRef& ref, Json live,
                              const Takeover& takeover) {
  const std::string uid = UidOf(live);
  absl::BitGen random;
  for (int tries = 1;; ++tries) {
    const std::optional<Json> entries = MigrateManagers(live, takeover);
    if (!entries.has_value()) return live;
    const Json patch = {
        {{"op", "replace"},
         {"path", "/metadata/managedFields"},
         {"value", *entries}},
        {{"op", "replace"},
         {"path", "/metadata/resourceVersion"},
         {"value", ResourceVersionOf(live)}},
    };
    auto patched = client.Patch(
        ctx, ref, patch,
        {.field_manager = takeover.manager, .type = PatchType::kJson});
    if (patched.ok() || !IsStale(patched.status()) || tries == kTries) {
      return patched;
    }
    RETURN_IF_ERROR(
        ctx.SleepFor(absl::Milliseconds(absl::Uniform(random, 5, 15))));
    ASSIGN_OR_RETURN(live, client.Get(ctx, ref));
    if (UidOf(live) != uid) return patched.status();
  }
}

}  // namespace kube
