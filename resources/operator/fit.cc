#include "resources/operator/fit.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/never_destroyed.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "kube/ssa/owned_part.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;

const Json::json_pointer& Volumes() {
  static const base::NeverDestroyed<Json::json_pointer> kPointer(
      "/spec/template/spec/volumes");
  return *kPointer;
}

constexpr const char* kSubjectFields[] = {"/kind", "/namespace", "/name"};

const Json* Named(const Json& list, const std::string& name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&name](const Json& each) {
        return base::StringAt(each, "/name") == name;
      });
  return found == list.end() ? nullptr : &*found;
}

bool IsMounted(const Json& deployment, const std::string& volume) {
  for (const char* containers : {"/spec/template/spec/containers",
                                 "/spec/template/spec/initContainers"}) {
    for (const Json& container : base::ListAt(deployment, containers)) {
      if (Named(base::ListAt(container, "/volumeMounts"), volume) != nullptr) {
        return true;
      }
    }
  }
  return false;
}

void FitVolumes(const Json& live, Json& manifest) {
  if (!manifest.contains(Volumes())) return;
  const Json wanted = manifest;
  for (Json& volume : manifest[Volumes()]) {
    const std::string name = base::StringAt(volume, "/name").value_or("");
    const Json* other =
        Named(base::ListAt(live, "/spec/template/spec/volumes"), name);
    if (other == nullptr) continue;
    if (!IsMounted(wanted, name) && !IsMounted(live, name)) {
      volume = *other;
      continue;
    }
    const Json ours = volume;
    for (const auto& [source, value] : other->items()) {
      if (!ours.contains(source) && value.empty()) volume[source] = nullptr;
    }
  }
}

size_t PositionOf(const Json& element, const char* key, const Json& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    const Json* other = base::Find(list[i], key);
    const Json* own = base::Find(element, key);
    if (other != nullptr && own != nullptr && *other == *own) return i;
  }
  return list.size();
}

// Brings the list `name` of `object` into the order of that of `live`.
void FitOrder(const char* name, const char* key, const Json& live,
              Json& object) {
  const auto list = object.find(name);
  const Json& other = base::ListAt(live, absl::StrCat("/", name).c_str());
  if (list == object.end() || !list->is_array()) return;
  std::vector<Json> elements(list->begin(), list->end());
  std::stable_sort(
      elements.begin(), elements.end(), [&](const Json& a, const Json& b) {
        return PositionOf(a, key, other) < PositionOf(b, key, other);
      });
  *list = std::move(elements);
}

void FitOrders(const Json& live, Json& manifest) {
  Json& pod = manifest["spec"]["template"]["spec"];
  const Json* live_pod = base::Find(live, "/spec/template/spec");
  if (live_pod == nullptr || !pod.is_object()) return;
  FitOrder("volumes", "/name", *live_pod, pod);
  const auto containers = pod.find("containers");
  if (containers == pod.end()) return;
  for (Json& container : *containers) {
    const Json* other = Named(base::ListAt(*live_pod, "/containers"),
                              base::StringAt(container, "/name").value_or(""));
    if (other == nullptr) continue;
    FitOrder("env", "/name", *other, container);
    FitOrder("volumeMounts", "/mountPath", *other, container);
  }
}

bool SameSubject(const Json& a, const Json& b) {
  return std::all_of(std::begin(kSubjectFields), std::end(kSubjectFields),
                     [&](const char* field) {
                       return base::StringAt(a, field) ==
                              base::StringAt(b, field);
                     });
}

bool HasSubject(const Json& subjects, const Json& subject) {
  return std::any_of(
      subjects.begin(), subjects.end(),
      [&subject](const Json& each) { return SameSubject(each, subject); });
}

void FitSubjects(const Json& live, Json& manifest) {
  Json subjects = base::ListAt(live, "/subjects");
  for (const Json& own : base::ListAt(manifest, "/subjects")) {
    if (!HasSubject(subjects, own)) subjects.push_back(own);
  }
  manifest["subjects"] = std::move(subjects);
}

constexpr char kPodAnnotations[] = "/spec/template/metadata/annotations";

bool HasHash(const Json& deployment) {
  const Json* annotations = base::Find(deployment, kPodAnnotations);
  return annotations != nullptr && annotations->is_object() &&
         annotations->contains(wandb::kCaCertsHashAnnotation);
}

// Whether the pods of `deployment`, which do not say so, have the certificates
// that `all` want.
bool RunsWithTheseCerts(const Json& deployment,
                        const std::vector<Sighting>& all,
                        const std::string& manager) {
  return std::all_of(all.begin(), all.end(), [&](const Sighting& seen) {
    return kube::KindOf(seen.manifest) != "ConfigMap" ||
           (seen.exists() &&
            seen.manifest.value("data", Json()) ==
                seen.live.value("data", Json()) &&
            kube::TimeOfWrite(seen.live, manager, "Apply") <=
                kube::TimeOfWrite(deployment, manager, "Apply"));
  });
}

void FitHash(const Json& live, const std::vector<Sighting>& all,
             const std::string& manager, Json& manifest) {
  if (!HasHash(manifest) || HasHash(live) ||
      !RunsWithTheseCerts(live, all, manager)) {
    return;
  }
  Json& annotations = manifest[Json::json_pointer(kPodAnnotations)];
  annotations.erase(wandb::kCaCertsHashAnnotation);
  if (annotations.empty()) {
    manifest["spec"]["template"]["metadata"].erase("annotations");
  }
}

// Labels that charts give to what they make, and that mean nothing to us.
bool IsChartLabel(absl::string_view key) {
  return absl::StartsWith(key, "app.kubernetes.io/") ||
         absl::StartsWith(key, "helm.sh/");
}

// The selector cannot change, and pods have to have what it asks for.
void FitLabels(const Json& live, Json& manifest) {
  const Json* selector = base::Find(live, "/spec/selector");
  if (selector == nullptr || !selector->is_object()) return;
  manifest["spec"]["selector"] = *selector;
  const Json* labels = base::Find(live, "/spec/template/metadata/labels");
  if (labels == nullptr || !labels->is_object()) return;
  const Json matched = selector->value("matchLabels", Json::object());
  Json& own = manifest["spec"]["template"]["metadata"]["labels"];
  for (const auto& [key, value] : labels->items()) {
    if (IsChartLabel(key) || matched.contains(key)) own.emplace(key, value);
  }
}

}  // namespace

bool IsBinding(const Json& manifest) { return manifest.contains("roleRef"); }

Json FittedManifest(const Sighting& seen, const std::vector<Sighting>& all,
                    const std::string& manager) {
  Json manifest = seen.manifest;
  if (!seen.exists()) return manifest;
  if (IsBinding(manifest)) FitSubjects(seen.live, manifest);
  if (kube::KindOf(manifest) != "Deployment") return manifest;
  FitLabels(seen.live, manifest);
  FitVolumes(seen.live, manifest);
  FitOrders(seen.live, manifest);
  FitHash(seen.live, all, manager, manifest);
  return manifest;
}

std::string SourceClash::Field() const {
  return absl::StrCat(".spec.template.spec.volumes[name=",
                      base::DumpJson(Json(volume)), "].", source);
}

Json SourceClash::Fields() const {
  const std::string key =
      absl::StrCat("k:", base::DumpJson(Json{{"name", volume}}));
  Json of_volume = Json::object();
  of_volume[key]["f:" + source] = Json::object();
  return {
      {"f:spec",
       {{"f:template", {{"f:spec", {{"f:volumes", std::move(of_volume)}}}}}}}};
}

std::vector<SourceClash> SourceClashes(const Sighting& seen) {
  std::vector<SourceClash> clashes;
  if (kube::KindOf(seen.manifest) != "Deployment") return clashes;
  const std::string volumes = Volumes().to_string();
  for (const Json& ours : base::ListAt(seen.manifest, volumes.c_str())) {
    const std::string name = base::StringAt(ours, "/name").value_or("");
    const Json* other = Named(base::ListAt(seen.live, volumes.c_str()), name);
    // One without a source clashes with nothing.
    if (other == nullptr || ours.size() < 2 ||
        (!IsMounted(seen.manifest, name) && !IsMounted(seen.live, name))) {
      continue;
    }
    for (const auto& [source, value] : other->items()) {
      if (!ours.contains(source) && !value.empty()) {
        clashes.push_back({.volume = name, .source = source});
      }
    }
  }
  return clashes;
}

Json WithClashingSources(const Sighting& seen, Json manifest) {
  for (const SourceClash& clash : SourceClashes(seen)) {
    for (Json& volume : manifest[Volumes()]) {
      if (base::StringAt(volume, "/name") != clash.volume) continue;
      volume = *Named(base::ListAt(seen.live, Volumes().to_string().c_str()),
                      clash.volume);
    }
  }
  return manifest;
}

Json ComparedPart(const Json& manifest, Json live) {
  if (IsBinding(manifest) && live.contains("subjects")) {
    Json subjects = Json::array();
    for (const Json& own : base::ListAt(manifest, "/subjects")) {
      if (HasSubject(base::ListAt(live, "/subjects"), own)) {
        subjects.push_back(own);
      }
    }
    live["subjects"] = std::move(subjects);
  }
  return ssa::OwnedPart(manifest, live);
}

}  // namespace resources
