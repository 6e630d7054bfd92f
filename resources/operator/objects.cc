#include "resources/operator/objects.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/digest.h"
#include "base/redact.h"
#include "base/utf8.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "resources/owner.h"

namespace resources {
namespace {

using base::Json;

constexpr size_t kShownPaths = 20;
constexpr size_t kShownBytes = 60;

std::string Short(const Json& value) {
  if (value.is_null()) return "nothing";
  const std::string text =
      value.is_string() ? value.get<std::string>() : base::DumpJson(value);
  if (text.size() <= kShownBytes) return base::DumpJson(value);
  // Of what is cut off, nothing sees any more that it was a credential.
  const std::string shown =
      base::ValidUtf8(base::HideCredentials(text).substr(0, kShownBytes));
  return base::DumpJson(Json(absl::StrCat(shown, "...")));
}

// As a number of thousandths; nullopt for what is none in that unit.
std::optional<double> MilliUnits(const Json& value) {
  if (value.is_number()) return value.get<double>() * 1000;
  if (!value.is_string()) return std::nullopt;
  std::string text = value.get<std::string>();
  const bool milli = !text.empty() && text.back() == 'm';
  if (milli) text.pop_back();
  double number = 0;
  if (!absl::SimpleAtod(text, &number)) return std::nullopt;
  return milli ? number : number * 1000;
}

bool SameValue(const Json& a, const Json& b) {
  if (a == b) return true;
  const auto number = MilliUnits(a);
  return number.has_value() && number == MilliUnits(b);
}

std::string Step(const Json& element, size_t index) {
  const auto name = base::StringAt(element, "/name");
  return name.has_value() ? absl::StrCat("[name=\"", *name, "\"]")
                          : absl::StrCat("[", index, "]");
}

struct Difference {
  std::string path;
  std::string text;  // `1 -> 0`
};

void Compare(const Json& wanted, const Json& live, const std::string& path,
             std::vector<Difference>& found) {
  if (wanted.is_object() && live.is_object()) {
    for (const auto& [key, value] : wanted.items()) {
      const auto it = live.find(key);
      Compare(value, it == live.end() ? Json() : *it,
              absl::StrCat(path, kube::FormatKeyPath({key})), found);
    }
  } else if (wanted.is_array() && live.is_array() &&
             wanted.size() == live.size()) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      Compare(wanted[i], live[i], absl::StrCat(path, Step(wanted[i], i)),
              found);
    }
  } else if (wanted.is_array() && live.is_array()) {
    found.push_back(
        {path, absl::StrCat(wanted.size(), " -> ", live.size(), " elements")});
  } else if (!SameValue(wanted, live)) {
    found.push_back({path, absl::StrCat(Short(wanted), " -> ", Short(live))});
  }
}

// Whether it is about what a container runs, and as whom.
bool SaysWhatRuns(const Difference& difference) {
  for (const char* key :
       {".image", ".command", ".args", ".env", ".securityContext"}) {
    const size_t at = difference.path.find(key);
    if (at == std::string::npos) continue;
    const size_t end = at + std::strlen(key);
    // Of `.imagePullPolicy` it is only the beginning.
    if (end == difference.path.size() || difference.path[end] == '.' ||
        difference.path[end] == '[') {
      return true;
    }
  }
  return false;
}

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

std::string Differences(const Json& wanted, const Json& live) {
  std::vector<Difference> found;
  Compare(wanted, live, "", found);
  std::stable_partition(found.begin(), found.end(), SaysWhatRuns);
  std::vector<std::string> lines;
  for (const Difference& each : found) {
    lines.push_back(absl::StrCat(each.path, " ", each.text));
  }
  const size_t more =
      lines.size() > kShownPaths ? lines.size() - kShownPaths : 0;
  lines.resize(lines.size() - more);
  return absl::StrCat(absl::StrJoin(lines, "; "),
                      more > 0 ? absl::StrCat("; and ", more, " more") : "");
}

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
  return kind == "Namespace" || kind == "CustomResourceDefinition";
}

}  // namespace resources
