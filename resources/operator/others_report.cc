#include "resources/operator/others_report.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "resources/holder.h"
#include "resources/namespaced_name.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "wandb/operator/deployment.h"

namespace resources {
namespace {

using base::Json;

constexpr char kNamed[] =
    "The id is this resource's own: another state or another resource manages "
    "that operator, an interrupted create left it more than an hour ago or "
    "with another configuration, or a destroy kept what others have rights by.";

// With what is to be deleted, and what that breaks.
constexpr char kLetGo[] =
    "\n\nOnly if nobody needs them, delete $0, to let this operator have the "
    "names: the next apply makes its own. What that breaks: $1.";

constexpr char kOwnersFirst[] =
    "\n\nWhat belongs to somebody is theirs to give up: to have its name here, "
    "have it taken out of what they manage first.";

constexpr char kRights[] = "whoever has rights by a role or binding loses them";

// By kind, what goes wrong where an object is deleted that is in use.
constexpr std::pair<absl::string_view, absl::string_view> kBreaks[] = {
    {"Deployment", "the pods of a Deployment stop"},
    {"ServiceAccount",
     "pods that run as a ServiceAccount are refused by the API server"},
    {"ConfigMap", "pods that mount a ConfigMap do not start again"},
    {"Role", kRights},
    {"RoleBinding", kRights},
    {"ClusterRole", kRights},
    {"ClusterRoleBinding", kRights},
};

constexpr char kLeave[] =
    "\n\nTo leave them to their owner, take this resource out of the "
    "configuration, and let the state forget it:\n\n";

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

constexpr char kImportIt[] = "\n\nTo manage that operator here, import it:\n\n";

constexpr char kForgetFirst[] =
    "\n\nTo manage that operator here, take this resource out of the state "
    "(\"tofu state rm\" or \"terraform state rm\"), and then import it:\n\n";

// Whether an import of `id` would find an operator: its Deployment runs one, or
// one of `others` says that it belongs to it.
bool CanImport(const Operation& op, const std::string& id,
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
  const auto live = op.client.Get(op.ctx, ref);
  if (live.ok()) return wandb::IsOperatorDeployment(*live);
  return !absl::IsNotFound(live.status()) ||
         std::any_of(others.begin(), others.end(), [&id](const Sighting* each) {
           return OwnerOf(each->live) == id;
         });
}

std::string GivesRights(const std::vector<std::string>& to) {
  return to.empty()
             ? ""
             : absl::StrCat("; gives rights to ", absl::StrJoin(to, ", "));
}

// As far as anything tells.
Holder HolderOfSeen(const Operation& op, const Sighting& seen,
                    const std::vector<Sighting>& all, const Claimant& who) {
  const std::string maker = WhoMade(seen, all, who).text;
  return maker.empty() ? HolderOf(seen.live, op.session.field_manager())
                       : Holder{absl::StrCat("belongs to ", maker), true};
}

// What is said of objects that belong to others.
struct OthersReport {
  std::string text;           // Names all of them.
  std::set<std::string> ids;  // Of operators that made some of them, perhaps.
  bool owned = false;         // Some have an owner that is known,
  // and some have none: their kinds.
  std::set<std::string> unowned;
};

// Of a create: each with its owner.
std::string ListOf(const Operation& op,
                   const std::vector<const Sighting*>& others,
                   const std::vector<Sighting>& all, const Claimant& who) {
  std::string text =
      "This resource did not make what has these names, so it is left as it "
      "is:";
  for (const Sighting* seen : others) {
    absl::StrAppend(&text, "\n  ", kube::Describe(seen->ref), ": ",
                    HolderOfSeen(op, *seen, all, who).text,
                    GivesRights(AlsoFor(*seen, all)));
  }
  return text;
}

// Of an operator in a state, whose objects others replace together: each owner
// with its objects, those that are known first.
std::string GroupsOf(const Operation& op,
                     const std::vector<const Sighting*>& others,
                     const std::vector<Sighting>& all, const Claimant& who) {
  std::map<std::string, std::string> known, unknown;
  for (const Sighting* seen : others) {
    const Holder holder = HolderOfSeen(op, *seen, all, who);
    const bool replaced = ClaimTo(*seen, all, who) == Claim::kReplaced;
    absl::StrAppend(
        &(holder.known ? known : unknown)[holder.text], "\n  ",
        kube::Describe(seen->ref),
        replaced ? absl::StrCat(" was deleted and made again: its uid was ",
                                who.record.UidOf(seen->key), " and is ",
                                kube::UidOf(seen->live), " now")
                 : "",
        GivesRights(AlsoFor(*seen, all)));
  }
  std::vector<std::string> parts;
  for (const auto* groups : {&known, &unknown}) {
    for (const auto& [holder, lines] : *groups) {
      parts.push_back(absl::StrCat(groups == &known ? "This " : "This was ",
                                   holder, ", and is left as it is:", lines));
    }
  }
  return absl::StrJoin(parts, "\n\n");
}

OthersReport ReportOf(const Operation& op,
                      const std::vector<const Sighting*>& others,
                      const std::vector<Sighting>& all, const Claimant& who) {
  OthersReport report;
  const bool create = who.stage == Claimant::Stage::kCreate;
  report.text =
      create ? ListOf(op, others, all, who) : GroupsOf(op, others, all, who);
  bool named = false;
  for (const Sighting* seen : others) {
    const std::string id = WhoMade(*seen, all, who).id;
    named = named || OwnerOf(seen->live) == who.id;
    if (HolderOfSeen(op, *seen, all, who).known) {
      report.owned = true;
    } else {
      report.unowned.insert(kube::KindOf(seen->manifest));
    }
    if (!id.empty()) {
      report.ids.insert(id);
    } else if (create || ClaimTo(*seen, all, who) == Claim::kReplaced) {
      report.ids.insert(who.id);
    }
  }
  if (named) absl::StrAppend(&report.text, "\n\n", kNamed);
  return report;
}

// The last of the ways out: what nobody looks after may be deleted.
std::string LetGo(const OthersReport& report) {
  if (report.unowned.empty()) return "";
  std::vector<absl::string_view> breaks;
  for (const auto& [kind, what] : kBreaks) {
    if (report.unowned.count(std::string(kind)) > 0 &&
        std::find(breaks.begin(), breaks.end(), what) == breaks.end()) {
      breaks.push_back(what);
    }
  }
  return absl::Substitute(
      kLetGo, report.owned ? "those that somebody else made" : "these objects",
      breaks.empty() ? "whatever uses them" : absl::StrJoin(breaks, "; "));
}

// The ways out of a create; `blocks` import what can be imported.
std::string WaysForCreate(const OthersReport& report,
                          const std::vector<std::string>& blocks) {
  if (blocks.empty()) {
    return absl::StrCat(kNoneToImport, report.owned ? kOwnersFirst : "",
                        LetGo(report));
  }
  return absl::StrCat(kImportIt, absl::StrJoin(blocks, "\n"), kBeside);
}

// The same for an operator that is in a state.
std::string WaysForUpdate(const OthersReport& report,
                          const std::vector<std::string>& blocks,
                          const Claimant& who) {
  std::string text =
      report.owned ? absl::StrCat(kLeave, RemovedBlock("wandb_operator")) : "";
  if (!blocks.empty()) {
    // Core imports nothing into a resource that is in the state.
    absl::StrAppend(&text,
                    report.ids.count(who.id) > 0 ? kForgetFirst : kImportIt,
                    absl::StrJoin(blocks, "\n"));
  }
  return absl::StrCat(text, LetGo(report));
}

}  // namespace

void ReportOthers(const Operation& op,
                  const std::vector<const Sighting*>& others,
                  const std::vector<Sighting>& all, const Claimant& who) {
  const OthersReport report = ReportOf(op, others, all, who);
  std::vector<std::string> blocks;
  for (const std::string& id : report.ids) {
    if (!CanImport(op, id, others, all)) continue;
    blocks.push_back(ImportBlock("wandb_operator", id));
  }
  const bool one = others.size() == 1;
  const std::string what =
      one ? kube::Describe(others[0]->ref)
          : absl::StrCat(others.size(), " objects of the operator");
  op.diags.AddError(
      who.stage == Claimant::Stage::kCreate
          ? absl::StrCat(what, one ? " already exists" : " already exist")
          : absl::StrCat("Cannot write ", what),
      absl::StrCat(report.text, who.stage == Claimant::Stage::kCreate
                                    ? WaysForCreate(report, blocks)
                                    : WaysForUpdate(report, blocks, who)));
}

}  // namespace resources
