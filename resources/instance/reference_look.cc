#include "resources/instance/reference_look.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "resources/instance/write_only.h"
#include "wandb/chart/mask.h"
#include "wandb/findings/references.h"

namespace resources {
namespace {

using base::Json;
using wandb::Reference;
using wandb::ReferenceKind;

constexpr size_t kShownPaths = 3;

// The references to one object, and what was found there.
struct Target {
  ReferenceKind kind;
  std::string name;
  std::vector<const Reference*> references;
  absl::StatusOr<Json> object = absl::UnavailableError("not asked");
};

// What a message may say of the texts that a reference holds.
class Names {
 public:
  explicit Names(const wandb::Mask& mask) : mask_(mask) {}

  std::string Quoted(const wandb::Path& path, const std::string& text) const {
    return mask_.IsSecret(path, text) ? wandb::kMasked
                                      : absl::StrCat("\"", text, "\"");
  }

 private:
  const wandb::Mask& mask_;
};

// " (a.b, c.d and 2 more)"
std::string Paths(const std::vector<const Reference*>& references) {
  std::vector<std::string> paths;
  for (const Reference* reference : references) {
    std::string path = wandb::FormatPath(reference->path);
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) {
      paths.push_back(std::move(path));
    }
  }
  const size_t more =
      paths.size() > kShownPaths ? paths.size() - kShownPaths : 0;
  paths.resize(paths.size() - more);
  return absl::StrCat(" (", absl::StrJoin(paths, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more") : "",
                      ")");
}

std::vector<std::string> KeysOf(const Json& object) {
  std::vector<std::string> keys;
  for (const char* part : {"/data", "/binaryData"}) {
    const Json* data = base::Find(object, part);
    if (data == nullptr || !data->is_object()) continue;
    for (const auto& [key, value] : data->items()) keys.push_back(key);
  }
  return keys;
}

void AddTargetLines(const Target& target, const std::string& ns,
                    const Names& names, std::vector<std::string>& lines) {
  const std::string what =
      absl::StrCat(wandb::KindName(target.kind), " ",
                   names.Quoted(target.references[0]->path, target.name));
  if (absl::IsNotFound(target.object.status())) {
    lines.push_back(absl::StrCat(what, " does not exist in namespace \"", ns,
                                 "\"", Paths(target.references)));
  }
  if (!target.object.ok()) return;
  const std::vector<std::string> keys = KeysOf(*target.object);
  for (const Reference* reference : target.references) {
    if (wandb::HasKey(*reference, keys)) continue;
    absl::string_view suffix = reference->key;
    const std::string key =
        absl::ConsumePrefix(&suffix, "*")
            ? absl::StrCat("that ends in \"", suffix, "\"")
            : names.Quoted(reference->key_path, reference->key);
    lines.push_back(absl::StrCat(
        what, " has no key ", key, " (",
        wandb::FormatPath(reference->key_path.empty() ? reference->path
                                                      : reference->key_path),
        ")"));
  }
}

void AddClassLines(const std::vector<const Reference*>& classes,
                   const kube::ObjectList& there, const Names& names,
                   std::vector<std::string>& lines) {
  std::vector<std::string> known;
  for (const Json& item : there.items) known.push_back(kube::NameOf(item));
  for (const Reference* reference : classes) {
    if (std::find(known.begin(), known.end(), reference->name) != known.end()) {
      continue;
    }
    lines.push_back(absl::StrCat(
        "IngressClass ", names.Quoted(reference->path, reference->name),
        " does not exist; the cluster has ",
        known.empty() ? "none" : absl::StrJoin(known, ", "),
        Paths({reference})));
  }
}

}  // namespace

// On the heap: its parts point at each other.
struct ReferenceLook::Found {
  std::vector<Reference> all;
  std::vector<Target> targets;  // Of Secrets and ConfigMaps.
  std::vector<const Reference*> classes;
  absl::StatusOr<kube::ObjectList> known_classes =
      absl::UnavailableError("not asked");
};

ReferenceLook::ReferenceLook(const Desired& planned)
    : planned_(planned), found_(std::make_unique<Found>()) {
  const InstanceModel& model = planned.model;
  found_->all =
      wandb::ReferencesOf(planned.compiled.all_values(), model.name.value());
  for (Reference& reference :
       wandb::ChartReferencesOf(planned.compiled.chart)) {
    found_->all.push_back(std::move(reference));
  }
  for (const Reference& reference : found_->all) {
    if (reference.kind == ReferenceKind::kIngressClass) {
      found_->classes.push_back(&reference);
      continue;
    }
    // Objects are in the instance's namespace, and the chart's own have the
    // instance's name.
    if (!model.ns.IsKnown() || !model.name.IsKnown()) continue;
    // That of the write-only settings comes with the custom resource.
    if (!model.secrets_wo.value_or({}).empty() &&
        reference.kind == ReferenceKind::kSecret &&
        reference.name == WriteOnlyOf(model).secret) {
      continue;
    }
    std::vector<Target>& targets = found_->targets;
    const auto same = std::find_if(
        targets.begin(), targets.end(), [&reference](const Target& target) {
          return target.kind == reference.kind && target.name == reference.name;
        });
    if (same != targets.end()) {
      same->references.push_back(&reference);
    } else {
      targets.push_back({reference.kind, reference.name, {&reference}});
    }
  }
}

ReferenceLook::~ReferenceLook() = default;

void ReferenceLook::AddTo(const base::Context& look, kube::Client& client,
                          std::vector<std::function<void()>>& looks) {
  for (Target& target : found_->targets) {
    const std::string& ns = planned_.model.ns.value();
    const kube::ObjectRef ref = target.kind == ReferenceKind::kSecret
                                    ? kube::SecretRef(ns, target.name)
                                    : kube::ConfigMapRef(ns, target.name);
    looks.emplace_back([&look, &client, &target, ref] {
      target.object = client.Get(look, ref);
    });
  }
  if (found_->classes.empty()) return;
  looks.emplace_back([this, &look, &client] {
    found_->known_classes = client.List(
        look, {"networking.k8s.io", "v1", "ingressclasses", ""}, {});
  });
}

void ReferenceLook::Report(bool namespace_missing,
                           tf::Diagnostics& diags) const {
  std::vector<std::string> lines;
  const Names names(planned_.compiled.mask);
  if (!namespace_missing) {
    for (const Target& target : found_->targets) {
      AddTargetLines(target, planned_.model.ns.value(), names, lines);
    }
  }
  if (found_->known_classes.ok()) {
    AddClassLines(found_->classes, *found_->known_classes, names, lines);
  }
  if (lines.empty()) return;
  const wandb::Scrubber scrubber = planned_.compiled.scrubber();
  diags.AddWarning(
      // Core shows only the first of several warnings with the same summary.
      planned_.model.ns.IsKnown() && planned_.model.name.IsKnown()
          ? absl::StrCat("The cluster lacks what the values of ",
                         IdOf(planned_.model), " refer to")
          : "The cluster lacks what the values refer to",
      absl::StrCat(
          // Indented, as core breaks other lines.
          "  ", scrubber.Scrub(absl::StrJoin(lines, "\n  ")),
          "\n\nW&B starts, or can be reached, once they exist. Correct the "
          "names, or create the objects. If another resource of this "
          "configuration makes them, take the names from it or add it to "
          "depends_on: apply waits for W&B."));
}

}  // namespace resources
