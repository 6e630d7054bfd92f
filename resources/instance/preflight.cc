#include "resources/instance/preflight.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/parallel.h"
#include "kube/deletion.h"
#include "kube/ssa/create.h"
#include "kube/status.h"
#include "resources/connection/connect.h"
#include "resources/instance/body.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/destroy_plan.h"
#include "resources/instance/operator_look.h"
#include "resources/namespace.h"
#include "resources/report.h"
#include "resources/trial.h"
#include "wandb/references.h"
#include "wandb/spec.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using wandb::Reference;
using wandb::ReferenceKind;

constexpr size_t kShownPaths = 3;

// ---- The create ----

struct CreateLook {
  enum class Verdict {
    kNoFinding,
    kForeign,
    kAdopted,
    kPerhapsAdopted,  // The values tell, and are not known yet.
    kDying,
    kNamespaceMissing,
    kNamespaceDying,
    kRefused,
  };
  Verdict verdict = Verdict::kNoFinding;
  absl::Status status;  // The refusal.
  Json live;            // What exists, or the namespace that is dying.
  // What goes with the object that this create replaces.
  tf::Diagnostics removal;
};

// The object as the apply is going to send it, or what of it is needed to ask
// whether it may be created. `complete` says which.
Json TrialBody(const InstanceModel& planned, const Compiled& compiled,
               bool* complete) {
  *complete = !wandb::HasUnknown(compiled.values) &&
              !wandb::HasUnknown(compiled.chart) &&
              !planned.labels.IsUnknown() && !planned.annotations.IsUnknown();
  if (*complete) return BodyOf(planned, compiled);
  InstanceModel bare;
  bare.ns = planned.ns;
  bare.name = planned.name;
  return BodyOf(bare, Compiled());
}

CreateLook MissingNamespace(const InstanceModel& planned) {
  // Not known, or made by this very resource.
  if (planned.create_namespace.IsUnknown() ||
      planned.create_namespace.value()) {
    return {};
  }
  // The operator's resource makes its own.
  if (planned.operator_id.IsUnknown() ||
      (planned.operator_id.IsKnown() &&
       OperatorNamespace(planned) == planned.ns.value())) {
    return {};
  }
  return {.verdict = CreateLook::Verdict::kNamespaceMissing};
}

// What the apply will do about the object that has the name.
CreateLook Existing(const base::Context& look, kube::Client& client,
                    const std::string& manager, const InstanceModel& planned,
                    const Json& body, bool complete,
                    const IdsInState& in_state) {
  using Verdict = CreateLook::Verdict;
  const kube::ObjectRef ref = CustomResourceRef(planned);
  auto live = client.Get(look, ref);
  if (absl::IsNotFound(live.status())) return {};
  // Who may not read it learns what is known.
  if (!live.ok()) return {.verdict = Verdict::kForeign};
  if (in_state.Has(kube::UidOf(*live))) {
    // It goes before: tainted, or replaced at somebody's wish.
    CreateLook replaced;
    WarnOfRemoval(look, client, manager, planned, *live, Removal::kReplacement,
                  replaced.removal);
    return replaced;
  }
  CreateLook found{.live = *std::move(live)};
  if (!complete && ssa::MayBeOfCreate(found.live, manager) &&
      !kube::IsTerminating(found.live)) {
    found.verdict = Verdict::kPerhapsAdopted;
    return found;
  }
  switch (ssa::JudgeExisting(look, client, ref, body, found.live, manager)) {
    case ssa::Found::kDying:
      found.verdict = Verdict::kDying;
      break;
    case ssa::Found::kAdopted:
      found.verdict = Verdict::kAdopted;
      break;
    default:
      found.verdict = Verdict::kForeign;
  }
  return found;
}

CreateLook LookAtCreate(const base::Context& look, kube::Client& client,
                        const std::string& manager,
                        const InstanceModel& planned, const Compiled& compiled,
                        const IdsInState& in_state) {
  using Verdict = CreateLook::Verdict;
  const std::string& ns = planned.ns.value();
  const kube::ObjectRef ref = CustomResourceRef(planned);
  if (planned.create_namespace.IsKnown() && planned.create_namespace.value()) {
    absl::Status made =
        TryNamespace(look, client, ns, NamespaceOwnerOf(planned), manager);
    if (absl::IsPermissionDenied(made)) {
      return {.verdict = Verdict::kRefused, .status = std::move(made)};
    }
  }
  bool complete = false;
  const Json body = TrialBody(planned, compiled, &complete);
  CreateTrial trial = TryCreate(look, client, ref, body, manager, complete);
  switch (trial.verdict) {
    case CreateTrial::Verdict::kNoFinding:
      return {};
    case CreateTrial::Verdict::kExists:
      return Existing(look, client, manager, planned, body, complete, in_state);
    case CreateTrial::Verdict::kNamespaceMissing:
      return MissingNamespace(planned);
    case CreateTrial::Verdict::kNamespaceDying: {
      auto dying = client.Get(look, kube::NamespaceRef(ns));
      if (!dying.ok() || !kube::IsTerminating(*dying)) return {};
      return {.verdict = Verdict::kNamespaceDying, .live = *std::move(dying)};
    }
    case CreateTrial::Verdict::kKindNotServed: {
      // Its definition may be made by the same apply; that says nothing of the
      // namespace.
      const auto found = client.Get(look, kube::NamespaceRef(ns));
      return absl::IsNotFound(found.status()) ? MissingNamespace(planned)
                                              : CreateLook();
    }
    case CreateTrial::Verdict::kRefused:
      return {.verdict = Verdict::kRefused, .status = std::move(trial.status)};
  }
  return {};
}

void ReportCreate(const CreateLook& found, const Session& session,
                  const Compiled& compiled, const InstanceModel& planned,
                  tf::Diagnostics& diags) {
  const std::string what = kube::Describe(CustomResourceRef(planned));
  diags.Append(found.removal);
  switch (found.verdict) {
    case CreateLook::Verdict::kNoFinding:
      return;
    case CreateLook::Verdict::kForeign:
      diags.AddWarning(
          absl::StrCat("Apply will fail: ", what, " exists already"),
          absl::StrCat(
              "This resource did not make it, or more than an hour ago or with "
              "another configuration: unless this plan replaces it, apply "
              "leaves it as it is and fails. To manage it, import it:\n\n",
              ImportBlock("wandb_instance", IdOf(planned)),
              "\n\nOtherwise choose another name or namespace."));
      return;
    case CreateLook::Verdict::kAdopted:
      diags.AddWarning(
          absl::StrCat("Apply will take over ", what, ", which exists already"),
          "It is as this configuration wants it, and was made less than an "
          "hour ago: a create that was interrupted leaves that. If instead "
          "another resource or another state manages it, take this one out of "
          "the configuration.");
      return;
    case CreateLook::Verdict::kPerhapsAdopted:
      diags.AddWarning(
          absl::StrCat(what, " exists already"),
          "It was made less than an hour ago, perhaps by a create that was "
          "interrupted. Some values are known only during the apply: if it is "
          "as they want it, apply takes it over, and otherwise fails.");
      return;
    case CreateLook::Verdict::kDying:
      diags.AddWarning(
          absl::StrCat(what, " is being deleted"),
          absl::StrCat(
              "The object that has the name ",
              kube::DescribeDeletion(found.live),
              ". Apply waits for its end, as long as the timeouts block "
              "allows, "
              "and then creates a new one. To see what is left to do: ",
              kube::LookCommand(CustomResourceRef(planned))));
      return;
    case CreateLook::Verdict::kNamespaceDying:
      diags.AddWarning(
          absl::StrCat("Namespace \"", planned.ns.value(),
                       "\" is being deleted"),
          absl::StrCat(
              "It ", kube::DescribeDeletion(found.live),
              ". Nothing can be created in it. Apply ",
              planned.create_namespace.value()
                  ? "waits for its end, and then makes it anew"
                  : "fails unless it is gone and made again by then",
              ". To see what is left to do: ",
              kube::LookCommand(kube::NamespaceRef(planned.ns.value()))));
      return;
    case CreateLook::Verdict::kNamespaceMissing:
      WarnOfMissingNamespace(planned.ns.value(), diags);
      return;
    case CreateLook::Verdict::kRefused:
      WarnOfRefusedCreate(
          what, Explain(found.status, session, compiled.scrubber()), diags);
      return;
  }
}

// ---- References ----

// The references to one object, and what was found there.
struct Target {
  ReferenceKind kind;
  std::string name;
  std::vector<const Reference*> references;
  absl::StatusOr<Json> object = absl::UnavailableError("not asked");
};

struct References {
  std::vector<Reference> all;
  std::vector<Target> targets;  // Of Secrets and ConfigMaps.
  std::vector<const Reference*> classes;
  absl::StatusOr<kube::ObjectList> known_classes =
      absl::UnavailableError("not asked");
};

// On the heap: its parts point at each other.
std::unique_ptr<References> FindReferences(const InstanceModel& planned,
                                           const Compiled& compiled) {
  auto found = std::make_unique<References>();
  found->all = wandb::ReferencesOf(compiled.values, planned.name.value());
  for (Reference& reference : wandb::ChartReferencesOf(compiled.chart)) {
    found->all.push_back(std::move(reference));
  }
  for (const Reference& reference : found->all) {
    if (reference.kind == ReferenceKind::kIngressClass) {
      found->classes.push_back(&reference);
      continue;
    }
    // Objects are in the instance's namespace, and the chart's own have the
    // instance's name.
    if (!planned.ns.IsKnown() || !planned.name.IsKnown()) continue;
    const auto same = std::find_if(found->targets.begin(), found->targets.end(),
                                   [&reference](const Target& target) {
                                     return target.kind == reference.kind &&
                                            target.name == reference.name;
                                   });
    if (same != found->targets.end()) {
      same->references.push_back(&reference);
    } else {
      found->targets.push_back({reference.kind, reference.name, {&reference}});
    }
  }
  return found;
}

void AddLooks(const base::Context& look, kube::Client& client,
              const InstanceModel& planned, References& references,
              std::vector<std::function<void()>>& looks) {
  for (Target& target : references.targets) {
    const kube::ObjectRef ref =
        target.kind == ReferenceKind::kSecret
            ? kube::SecretRef(planned.ns.value(), target.name)
            : kube::ConfigMapRef(planned.ns.value(), target.name);
    looks.emplace_back([&look, &client, &target, ref] {
      target.object = client.Get(look, ref);
    });
  }
  if (references.classes.empty()) return;
  looks.emplace_back([&look, &client, &references] {
    references.known_classes = client.List(
        look, {"networking.k8s.io", "v1", "ingressclasses", ""}, {});
  });
}

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

void AddClassLines(const References& references, const Names& names,
                   std::vector<std::string>& lines) {
  if (!references.known_classes.ok()) return;
  std::vector<std::string> known;
  for (const Json& item : references.known_classes->items) {
    known.push_back(kube::NameOf(item));
  }
  for (const Reference* reference : references.classes) {
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

void ReportReferences(const References& references, const Compiled& compiled,
                      const InstanceModel& planned, bool namespace_missing,
                      tf::Diagnostics& diags) {
  std::vector<std::string> lines;
  const Names names(compiled.mask);
  // Whoever makes the namespace makes what is in it.
  if (!namespace_missing) {
    for (const Target& target : references.targets) {
      AddTargetLines(target, planned.ns.value(), names, lines);
    }
  }
  AddClassLines(references, names, lines);
  if (lines.empty()) return;
  const wandb::Scrubber scrubber = compiled.scrubber();
  diags.AddWarning(
      "The cluster lacks what the values refer to",
      absl::StrCat(
          // Indented, as core breaks other lines.
          "  ", scrubber.Scrub(absl::StrJoin(lines, "\n  ")),
          "\n\nW&B starts, or can be reached, once they exist. Correct the "
          "names, or create the objects. If another resource of this "
          "configuration makes them, take the names from it or add it to "
          "depends_on: apply waits for W&B."));
}

// ---- What tells that it is ready ----

// What the create that waits may do.
struct RightsLook {
  absl::StatusOr<kube::OwnRules> rules = absl::UnavailableError("not asked");
  // Of a read of one of the Secrets that tell whether it is ready; a refresh
  // says it of an instance that there is.
  absl::Status secret;
};

void AddRightsLooks(const base::Context& look, kube::Client& client,
                    const InstanceModel& planned, RightsLook& rights,
                    std::vector<std::function<void()>>& looks) {
  const std::string& ns = planned.ns.value();
  looks.emplace_back([&look, &client, &rights, ns] {
    rights.rules = client.ReviewRules(look, ns);
  });
  const kube::ObjectRef secret =
      kube::SecretRef(ns, wandb::ActiveSecretName(planned.name.value()));
  looks.emplace_back([&look, &client, &rights, secret] {
    rights.secret = client.Get(look, secret).status();
  });
}

void ReportRights(const RightsLook& rights, const InstanceModel& planned,
                  tf::Diagnostics& diags) {
  if (rights.rules.ok() && rights.rules->complete) {
    const auto missing = MissingRights(planned, *rights.rules);
    if (missing.empty()) return;
    diags.AddWarning(
        absl::StrCat("The create of instance ", IdOf(planned), " lacks rights"),
        absl::StrCat(
            "The identity that the provider uses may not:\n  ",
            absl::StrJoin(missing, "\n  "),
            "\n\nWithout those to get, create and patch the custom "
            "resource, apply fails; without the others it cannot tell "
            "whether the instance is ready (wait = true), or why not. ",
            WaitRules(planned)));
    return;
  }
  if (!kube::MissingRight(rights.secret).has_value()) return;
  diags.AddWarning(
      absl::StrCat("Apply will not be able to tell whether instance ",
                   IdOf(planned), " is ready"),
      absl::StrCat("wait = true, and the identity that the provider uses may "
                   "not read the Secrets that tell it. ",
                   WaitRules(planned),
                   "\n\nWithout them, apply writes the custom resource and "
                   "ends with ready = false and a warning; with wait = false "
                   "nothing is waited for."));
}

// ---- The operator ----

// Whether the planned change is of use only if the operator acts on it. A
// create that names none may come with one. An update that waits asks for the
// operator, whatever it changes.
bool ConcernsOperator(const tf::PlanCall<InstanceModel>& call,
                      const Compiled& compiled) {
  const InstanceModel& planned = call.planned;
  if (!call.prior.has_value()) return planned.operator_id.IsKnown();
  const InstanceModel& prior = *call.prior;
  return planned.wait.IsUnknown() || planned.wait.value() ||
         wandb::HasUnknown(compiled.values) ||
         planned.configured_values != prior.configured_values ||
         compiled.chart != ChartTree(prior.chart) ||
         planned.airgapped != prior.airgapped ||
         planned.operator_id.value_or("") != prior.operator_id.value_or("");
}

// Leaves out what the same plan is going to mend: the cluster has the operator
// as it is now.
void DropMended(const Session& session, const InstanceModel& planned,
                OperatorLook& look) {
  if (!planned.operator_id.IsKnown() || planned.airgapped.IsUnknown()) return;
  const std::optional<bool> airgapped =
      session.plan_notes().IsAirgapped(planned.operator_id.value());
  if (airgapped != planned.airgapped.value()) return;
  std::erase_if(look.faults, [](const OperatorFault& fault) {
    return fault.kind == OperatorFault::Kind::kAirgapped ||
           fault.kind == OperatorFault::Kind::kNotAirgapped;
  });
}

}  // namespace

void Preflight(const base::Context& look, const Session& session,
               const Compiled& compiled, tf::PlanCall<InstanceModel>& call) {
  CheckConnection(session, call.diags);
  if (session.ConfigUnknown() || call.diags.HasError()) return;
  const auto client = session.Kube();
  if (!client.ok()) return;
  const InstanceModel& planned = call.planned;
  const bool named = planned.ns.IsKnown() && planned.name.IsKnown();
  // A replacement is planned once more, as a create; but core shows no warnings
  // of that plan.
  const bool create =
      named && (!call.prior.has_value() || IdOf(planned) != IdOf(*call.prior));
  if (call.prior.has_value() && !named) return;
  CreateLook found;
  const std::unique_ptr<References> references =
      FindReferences(planned, compiled);
  std::vector<std::function<void()>> looks;
  if (create) {
    looks.emplace_back([&] {
      found = LookAtCreate(look, **client, session.field_manager(), planned,
                           compiled, session.instances_in_state());
    });
  }
  OperatorLook operator_look;
  if (named && ConcernsOperator(call, compiled)) {
    looks.emplace_back(
        [&] { operator_look = LookAtOperator(look, **client, planned); });
  }
  AddLooks(look, **client, planned, *references, looks);
  RightsLook rights;
  if (create && !planned.wait.IsUnknown() && planned.wait.value()) {
    AddRightsLooks(look, **client, planned, rights, looks);
  }
  base::RunInParallel(looks);
  const bool fresh = create && !session.instances_in_state().Has(IdOf(planned));
  DropMended(session, planned, operator_look);
  ReportOperator(operator_look, planned, call.prior, fresh, call.diags);
  ReportCreate(found, session, compiled, planned, call.diags);
  ReportRights(rights, planned, call.diags);
  ReportReferences(*references, compiled, planned,
                   found.verdict == CreateLook::Verdict::kNamespaceMissing,
                   call.diags);
}

}  // namespace resources
