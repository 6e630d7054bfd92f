#include "resources/operator/others_report.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "resources/holder.h"
#include "resources/namespaced_name.h"
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

// With what is to be deleted.
constexpr char kLetGo[] =
    "\n\nTo let this operator have the names, delete $0, if nobody needs them: "
    "the next apply makes its own.";

constexpr char kLeave[] =
    "\n\nTo leave them to their owner, take this resource out of the "
    "configuration, and let the state forget it:\n\n";

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
  bool shared = false;        // Some give rights to somebody.
  bool owned = false;         // Some have an owner that is known,
  bool unowned = false;       // and some have none.
};

// Of a create: each with its owner.
std::string ListOf(const std::vector<const Sighting*>& others,
                   const std::vector<Sighting>& all, const Claimant& who) {
  std::string text =
      "This resource did not make what has these names, so it is left as it "
      "is:";
  for (const Sighting* seen : others) {
    const MadeBy maker = WhoMade(*seen, all, who);
    absl::StrAppend(&text, "\n  ", kube::Describe(seen->ref), ": ",
                    maker.text.empty()
                        ? MadeBySomebody(seen->live)
                        : absl::StrCat("belongs to ", maker.text),
                    GivesRights(AlsoFor(*seen, all)));
  }
  return text;
}

// Of an operator in a state, whose objects others replace together: each owner
// with its objects, those that are known first.
std::string GroupsOf(const Operation& op,
                     const std::vector<const Sighting*>& others,
                     const std::vector<Sighting>& all, const Claimant& who,
                     OthersReport& report) {
  std::map<std::string, std::string> known, unknown;
  for (const Sighting* seen : others) {
    const Holder holder = HolderOfSeen(op, *seen, all, who);
    report.owned = report.owned || holder.known;
    report.unowned = report.unowned || !holder.known;
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
  report.text = create ? ListOf(others, all, who)
                       : GroupsOf(op, others, all, who, report);
  bool named = false;
  for (const Sighting* seen : others) {
    const std::string id = WhoMade(*seen, all, who).id;
    named = named || OwnerOf(seen->live) == who.id;
    report.shared = report.shared || !AlsoFor(*seen, all).empty();
    if (!id.empty()) {
      report.ids.insert(id);
    } else if (create || ClaimTo(*seen, all, who) == Claim::kReplaced) {
      report.ids.insert(who.id);
    }
  }
  if (named) absl::StrAppend(&report.text, "\n\n", kNamed);
  return report;
}

// The ways out of a create; `blocks` import what can be imported.
std::string WaysForCreate(const OthersReport& report,
                          const std::vector<std::string>& blocks) {
  if (blocks.empty()) {
    return absl::StrCat(kNoneToImport,
                        absl::Substitute(kLetGo, "these objects"),
                        report.shared ? kNeeded : "");
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
  if (report.unowned) {
    absl::StrAppend(
        &text,
        absl::Substitute(kLetGo, report.owned ? "those that somebody else made"
                                              : "these objects"),
        report.shared ? kNeeded : "");
  }
  return text;
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
