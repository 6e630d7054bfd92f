#include "resources/operator/objects.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/digest.h"
#include "kube/object_ref.h"
#include "resources/owner.h"
#include "wandb/operator/generation.h"

namespace resources {

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
    if (parts[0] != "ConfigMap" || parts.size() != 3 || wanted.count(key) > 0) {
      continue;
    }
    out.push_back(
        {{"apiVersion", "v1"},
         {"kind", parts[0]},
         {"metadata", {{"namespace", parts[1]}, {"name", parts[2]}}}});
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
