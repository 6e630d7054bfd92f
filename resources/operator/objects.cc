#include "resources/operator/objects.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/digest.h"
#include "kube/object_ref.h"
#include "resources/owner.h"
#include "wandb/operator/generation.h"

namespace resources {
namespace {

using base::Json;

// The API version of a kind whose objects come and go with the configuration,
// or null.
const char* VersionOfComing(absl::string_view kind) {
  if (kind == "ConfigMap" || kind == "ServiceAccount") return "v1";
  if (absl::EndsWith(kind, "Role") || absl::EndsWith(kind, "RoleBinding")) {
    return "rbac.authorization.k8s.io/v1";
  }
  return nullptr;
}

// What tells whose rights a role or binding of `wandb/operator/rbac.h` gives:
// those of others are to be left.
void AddRights(const std::vector<Json>& manifests, Json& object) {
  absl::string_view name = object["metadata"]["name"].get_ref<std::string&>();
  if (absl::EndsWith(kube::KindOf(object), "Role")) {
    object["rules"] = Json::array();
  } else if (absl::ConsumeSuffix(&name, "binding")) {
    object["roleRef"] = {{"name", std::string(name)}};
    for (const Json& manifest : manifests) {
      if (!manifest.contains("roleRef")) continue;
      object["subjects"] = manifest["subjects"];
      return;
    }
  }
}

}  // namespace

std::string ObjectKey(const base::Json& manifest) {
  const std::string ns = kube::NamespaceOf(manifest);
  return absl::StrCat(kube::KindOf(manifest), "/", ns, ns.empty() ? "" : "/",
                      kube::NameOf(manifest));
}

std::string ObjectDigest(const base::Json& json) {
  return base::Sha256Hex(base::DumpJson(json)).substr(0, 16);
}

std::string WantedDigest(const base::Json& manifest) {
  return ObjectDigest(UsedIfPresent(manifest) ? WithoutOwner(manifest)
                                              : manifest);
}

std::map<std::string, std::optional<std::string>> WantedObjects(
    const std::vector<base::Json>& manifests) {
  std::map<std::string, std::optional<std::string>> out;
  for (const base::Json& manifest : manifests) {
    out[ObjectKey(manifest)] = WantedDigest(manifest);
  }
  return out;
}

std::vector<base::Json> LeftOvers(const cty::Value& objects,
                                  const std::vector<base::Json>& manifests) {
  std::vector<base::Json> out;
  if (!objects.IsKnown()) return out;
  const auto wanted = WantedObjects(manifests);
  for (const auto& [key, digest] : objects.fields()) {
    const std::vector<std::string> parts = absl::StrSplit(key, '/');
    const bool of_cluster = absl::StartsWith(parts[0], "Cluster");
    if (wanted.count(key) > 0 || parts.size() != (of_cluster ? 2u : 3u)) {
      continue;
    }
    const char* version = VersionOfComing(parts[0]);
    if (version == nullptr) continue;
    Json object = {{"apiVersion", version},
                   {"kind", parts[0]},
                   {"metadata", {{"name", parts.back()}}}};
    if (!of_cluster) object["metadata"]["namespace"] = parts[1];
    AddRights(manifests, object);
    out.push_back(std::move(object));
  }
  return out;
}

std::vector<std::string> ServedVersions(const base::Json& crd) {
  std::vector<std::string> out;
  for (const base::Json& version : base::ListAt(crd, "/spec/versions")) {
    if (base::BoolAt(version, "/served").value_or(false)) {
      out.push_back(base::StringAt(version, "/name").value_or(""));
    }
  }
  return out;
}

bool UsedIfPresent(const base::Json& manifest) {
  const std::string kind = kube::KindOf(manifest);
  return kind == "Namespace" || IsDefinition(manifest);
}

bool IsDefinition(const base::Json& manifest) {
  return kube::KindOf(manifest) == "CustomResourceDefinition";
}

bool IsKeptDefinition(const base::Json& manifest, const base::Json& live) {
  const std::string owner = OwnerOf(manifest);
  return IsDefinition(manifest) && !owner.empty() && OwnerOf(live) == owner &&
         !wandb::IsOperatorV2(live);
}

}  // namespace resources
