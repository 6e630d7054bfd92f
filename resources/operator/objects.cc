#include "resources/operator/objects.h"

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "kube/object_ref.h"

namespace resources {

std::string ObjectKey(const base::Json& manifest) {
  const std::string ns = kube::NamespaceOf(manifest);
  return absl::StrCat(kube::KindOf(manifest), "/", ns, ns.empty() ? "" : "/",
                      kube::NameOf(manifest));
}

std::string ObjectDigest(const base::Json& json) {
  return base::Sha256Hex(base::DumpJson(json)).substr(0, 16);
}

std::map<std::string, std::optional<std::string>> WantedObjects(
    const std::vector<base::Json>& manifests) {
  std::map<std::string, std::optional<std::string>> out;
  for (const base::Json& manifest : manifests) {
    out[ObjectKey(manifest)] = ObjectDigest(manifest);
  }
  return out;
}

std::vector<std::string> ServedVersions(const base::Json& crd) {
  std::vector<std::string> out;
  const base::Json* versions = base::Find(crd, "/spec/versions");
  if (versions == nullptr || !versions->is_array()) return out;
  for (const base::Json& version : *versions) {
    if (base::BoolAt(version, "/served").value_or(false)) {
      out.push_back(base::StringAt(version, "/name").value_or(""));
    }
  }
  return out;
}

bool UsedIfPresent(const base::Json& manifest) {
  const std::string kind = kube::KindOf(manifest);
  return kind == "Namespace" || kind == "CustomResourceDefinition";
}

}  // namespace resources
