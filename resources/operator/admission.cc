#include "resources/operator/admission.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/managed_fields.h"
#include "kube/ssa/create.h"
#include "kube/ssa/replaced.h"
#include "kube/status.h"
#include "resources/namespaced_name.h"
#include "resources/operator/objects.h"
#include "resources/operator/private_data.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "wandb/operator_deployment.h"

namespace resources {
namespace {

using base::Json;

constexpr char kNamed[] =
    "The id is this resource's own: another state or another resource manages "
    "that operator, an interrupted create left it more than an hour ago or "
    "with another configuration, or a destroy kept what others have rights by.";

constexpr char kLetGo[] =
    "\n\nTo let this operator have the names, delete these objects, if nobody "
    "needs them: the next apply makes its own.";

constexpr char kNeeded[] =
    " Those that give rights to others are needed by them.";

// An operator runs the instances of every namespace, whatever its name.
constexpr char kBeside[] =
    "\n\nTo have another one beside it, give this one a name of its own (name "
    "= "
    "\"...\"), and the names of its objects begin with that. Two that run the "
    "same instances undo each other's work: stop that one first, with 0 "
    "replicas.";

constexpr char kNoneToImport[] =
    "\n\nNo operator runs by these names that could be imported. Give this one "
    "a name of its own (name = \"...\"), and the names of its objects begin "
    "with that.";

constexpr char kForgetFirst[] =
    "\n\nTo manage that operator here, take this resource out of the state "
    "(\"tofu state rm\" or \"terraform state rm\"), and then import it:\n\n";

// `made by somebody else (field manager "argocd")`
std::string MadeBySomebody(const Json& live) {
  std::set<std::string> managers;
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    if (entry.subresource.empty()) {
      managers.insert(absl::StrCat("\"", entry.manager, "\""));
    }
  }
  return managers.empty()
             ? "made by somebody else"
             : absl::StrCat("made by somebody else (field manager ",
                            absl::StrJoin(managers, ", "), ")");
}

// Whether an import of `id` would find an operator: its Deployment runs one, or
// one of `others` says that it belongs to it.
bool CanImport(const base::Context& ctx, kube::Client& client,
               const std::string& id,
               const std::vector<const Sighting*>& others,
               const std::vector<Sighting>& all) {
  const auto name = ParseNamespacedName(id);
  if (!name.has_value()) return false;
  const kube::ObjectRef ref = kube::DeploymentRef(
      name->ns,
      wandb::OperatorDeploymentName({.name = name->name, .ns = name->ns}));
  if (ref == DeploymentOf(all).ref) {
    return WhyNoOperator(all, {.id = id, .stage = Claimant::Stage::kImport})
        .empty();
  }
  const auto live = client.Get(ctx, ref);
  if (live.ok()) return wandb::IsOperatorDeployment(*live);
  return !absl::IsNotFound(live.status()) ||
         std::any_of(others.begin(), others.end(), [&id](const Sighting* each) {
           return OwnerOf(each->live) == id;
         });
}

void ReportReplaced(const Sighting& seen, const std::vector<Sighting>& all,
                    const Claimant& who, tf::Diagnostics& diags) {
  const std::string maker = WhoMade(seen, all, who).text;
  diags.AddError(
      absl::StrCat("Cannot write ", kube::Describe(seen.ref)),
      absl::StrCat(
          ssa::ReplacedStatus(seen.ref, RecordedUid(who.record, seen.key),
                              seen.live)
              .message(),
          " ", kReplacedAdvice,
          maker.empty() ? "" : absl::StrCat(" It belongs to ", maker, ".")));
}

// Before the apply does it.
void WarnOfAdoption(const Admission& admission, const Claimant& who,
                    tf::Diagnostics& diags) {
  diags.AddWarning(
      absl::StrCat("Apply will take over objects of operator ", who.id,
                   ", which exist already"),
      absl::StrCat(
          "They are as this configuration wants them, and were made less than "
          "an hour ago:\n  ",
          absl::StrJoin(admission.adopted, "\n  "),
          "\n\nA create that was interrupted leaves that. If instead another "
          "resource or another state manages them, take this one out of the "
          "configuration."));
}

}  // namespace

void ReportOthers(const base::Context& ctx, kube::Client& client,
                  const std::vector<const Sighting*>& others,
                  const std::vector<Sighting>& all, const Claimant& who,
                  tf::Diagnostics& diags) {
  const bool create = who.stage == Claimant::Stage::kCreate;
  std::vector<std::string> lines, blocks;
  std::set<std::string> ids;
  bool named = false, shared = false;
  for (const Sighting* seen : others) {
    const MadeBy maker = WhoMade(*seen, all, who);
    named = named || OwnerOf(seen->live) == who.id;
    if (!maker.id.empty()) ids.insert(maker.id);
    if (maker.id.empty() && create) ids.insert(who.id);
    const std::vector<std::string> also = AlsoFor(*seen, all);
    shared = shared || !also.empty();
    lines.push_back(absl::StrCat(
        "  ", kube::Describe(seen->ref), ": ",
        maker.text.empty() ? MadeBySomebody(seen->live)
                           : absl::StrCat("belongs to ", maker.text),
        also.empty()
            ? ""
            : absl::StrCat("; gives rights to ", absl::StrJoin(also, ", "))));
  }
  if (named) lines.push_back(absl::StrCat("\n", kNamed));
  for (const std::string& id : ids) {
    if (!CanImport(ctx, client, id, others, all)) continue;
    blocks.push_back(ImportBlock("wandb_operator", id));
  }
  // Core imports nothing into a resource that is in the state.
  const bool own = !create && ids.count(who.id) > 0;
  const std::string what =
      others.size() == 1
          ? kube::Describe(others[0]->ref)
          : absl::StrCat(others.size(), " objects of the operator");
  const char* exist = others.size() == 1 ? " already exists" : " already exist";
  const std::string needed = shared ? kNeeded : "";
  std::string ways;
  if (!blocks.empty()) {
    ways = absl::StrCat(
        own ? kForgetFirst : "\n\nTo manage that operator here, import it:\n\n",
        absl::StrJoin(blocks, "\n"), create ? kBeside : kLetGo);
  } else {
    ways = absl::StrCat(create ? kNoneToImport : "", kLetGo);
  }
  diags.AddError(
      create ? absl::StrCat(what, exist) : absl::StrCat("Cannot write ", what),
      absl::StrCat("This resource did not make what has these names, so it is "
                   "left as it is:\n",
                   absl::StrJoin(lines, "\n"), ways,
                   blocks.empty() || !create ? needed : ""));
}

Admission Admit(const base::Context& ctx, kube::Client& client,
                const std::string& manager, const std::vector<Sighting>& all,
                const Claimant& who, tf::Diagnostics& diags) {
  Admission admission;
  std::vector<const Sighting*> others;
  std::vector<Json> adopted;
  bool replaced = false;
  for (const Sighting& seen : all) {
    if (!seen.exists() || seen.IsDying() || UsedIfPresent(seen.manifest)) {
      continue;
    }
    const Claim claim = ClaimTo(seen, all, who);
    if (claim == Claim::kOurs) continue;
    if (claim == Claim::kReplaced) {
      replaced = true;
      ReportReplaced(seen, all, who, diags);
    } else if (claim == Claim::kPerhaps &&
               ssa::IsWhatCreateMade(ctx, client, seen.ref, seen.manifest,
                                     seen.live, manager)) {
      adopted.push_back(seen.live);
      admission.adopted.insert(seen.key);
    } else {
      others.push_back(&seen);
    }
  }
  if (!others.empty()) ReportOthers(ctx, client, others, all, who, diags);
  admission.granted = others.empty() && !replaced;
  if (admission.granted && !adopted.empty()) {
    WarnOfAdopted(absl::StrCat("Operator ", who.id), adopted, diags);
  }
  return admission;
}

void WarnOfRefusal(const base::Context& ctx, kube::Client& client,
                   const std::string& manager, const std::vector<Sighting>& all,
                   const Claimant& who, tf::Diagnostics& diags) {
  tf::Diagnostics refusal;
  const Admission admission = Admit(ctx, client, manager, all, who, refusal);
  if (admission.granted) {
    if (!admission.adopted.empty()) WarnOfAdoption(admission, who, diags);
    return;
  }
  std::vector<std::string> parts;
  for (const tf::Diagnostic& item : refusal.items()) {
    parts.push_back(item.detail);
  }
  diags.AddWarning(
      absl::StrCat("Apply will fail: it may not write to all objects of "
                   "operator ",
                   who.id),
      absl::StrJoin(parts, "\n\n"));
}

}  // namespace resources
