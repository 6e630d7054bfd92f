#include "resources/operator/release_record.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "base/yaml.h"
#include "kube/status.h"
#include "resources/operator/objects.h"
#include "resources/report.h"

namespace resources {
namespace {

using base::Json;

constexpr char kSetting[] = "adopt = { remove_helm_release = true }";

// The number of the revision that `secret` holds of the release `name`; nullopt
// when it is none of Helm's.
std::optional<int> RevisionOf(const Json& secret, const std::string& name) {
  int revision = 0;
  const std::string prefix = absl::StrCat("sh.helm.release.v1.", name, ".v");
  const std::string full = kube::NameOf(secret);
  if (name.empty() || base::StringAt(secret, "/type") != kHelmSecretType ||
      base::StringAt(secret, "/metadata/labels/owner") != "helm" ||
      !absl::StartsWith(full, prefix) ||
      !absl::SimpleAtoi(full.substr(prefix.size()), &revision)) {
    return std::nullopt;
  }
  return revision;
}

// Whether the documents of `manifest` have the Deployment `ref`. Helm writes
// the namespace of a release into none of them.
bool HasDeployment(const std::string& manifest, const kube::ObjectRef& ref) {
  const std::string text = absl::StrCat("\n", manifest);
  for (const absl::string_view document : absl::StrSplit(text, "\n---")) {
    if (!absl::StrContains(document, "Deployment")) continue;
    // Behind what may stand beside the three dashes.
    const auto yaml =
        base::ReadYaml(document.substr(document.find('\n')), "a manifest");
    if (!yaml.ok() || kube::KindOf(yaml->json) != "Deployment" ||
        kube::NameOf(yaml->json) != ref.name) {
      continue;
    }
    const std::string ns = kube::NamespaceOf(yaml->json);
    if (ns.empty() || ns == ref.ns) return true;
  }
  return false;
}

// Whether the release in `secret` made the Deployment; nullopt where that
// cannot be read.
std::optional<bool> Made(const Json& secret, const HelmRelease& release,
                         const kube::ObjectRef& deployment) {
  const auto content = UnpackRelease(secret);
  if (!content.ok()) return std::nullopt;
  const auto manifest = base::StringAt(*content, "/manifest");
  if (!manifest.has_value()) return std::nullopt;
  return base::StringAt(*content, "/name") == release.name &&
         base::StringAt(*content, "/namespace") == release.ns &&
         HasDeployment(*manifest, deployment);
}

// The release that an object of `who` says it belongs to.
std::optional<HelmRelease> NamedRelease(const std::vector<Sighting>& all,
                                        const Claimant& who) {
  for (const Sighting& seen : all) {
    if (!seen.exists() || UsedIfPresent(seen.manifest) ||
        ClaimTo(seen, all, who) == Claim::kOthers) {
      continue;
    }
    if (auto release = HelmReleaseOf(seen.live)) {
      if (release->ns.empty()) release->ns = DeploymentOf(all).ref.ns;
      return release;
    }
  }
  return std::nullopt;
}

// One revision, without what it holds.
struct Kept {
  ReleaseRecord::Revision revision;
  std::optional<bool> made;
};

std::string NameLines(const std::vector<ReleaseRecord>& records) {
  std::string lines;
  for (const ReleaseRecord& record : records) {
    for (const ReleaseRecord::Revision& each : record.revisions) {
      absl::StrAppend(&lines, "  ", kube::Describe(each.secret), "\n");
    }
  }
  return lines;
}

std::string ReleaseNames(const std::vector<ReleaseRecord>& records) {
  return absl::StrJoin(records, " and ",
                       [](std::string* out, const ReleaseRecord& record) {
                         absl::StrAppend(out, "\"", record.release.ns, "/",
                                         record.release.name, "\"");
                       });
}

// What to do where a request about Secrets was refused.
std::string NextStep(const absl::Status& status, const std::string& ns,
                     const std::string& command) {
  const std::string right =
      absl::IsPermissionDenied(status)
          ? absl::StrCat(
                "The provider needs the rights to list and delete "
                "Secrets in namespace \"",
                ns, "\" for that. ")
          : "";
  return absl::StrCat(right,
                      "The operator itself is taken over. The next apply tries "
                      "again; or set adopt.remove_helm_release = false, and "
                      "make Helm forget the release yourself: ",
                      command);
}

// Whether what was found may be deleted, asked of one Secret for all.
absl::Status TryEnd(const Operation& op,
                    const absl::StatusOr<std::vector<ReleaseRecord>>& records) {
  if (!records.ok()) return records.status();
  if (records->empty()) return absl::OkStatus();
  const ReleaseRecord::Revision& newest = records->front().revisions.back();
  return op.client.Delete(op.ctx, newest.secret,
                          {.uid = newest.uid, .dry_run = true});
}

// That Helm, which can be told to keep releases in ConfigMaps, has `release`
// there.
void WarnOfConfigMaps(const Operation& op, const HelmRelease& release) {
  const std::string labels = absl::StrCat("owner=helm,name=", release.name);
  const auto kept = op.client.List(
      op.ctx, kube::CollectionOf(kube::ConfigMapRef(release.ns, "")),
      {.label_selector = labels, .keep = [](Json& item) {
         item = Json::object();
         return true;
       }});
  if (!kept.ok() || kept->items.empty()) return;
  op.diags.AddWarning(
      absl::StrCat("Helm still has release \"", release.ns, "/", release.name,
                   "\""),
      absl::StrCat("It is kept in ConfigMaps, which this provider does not "
                   "delete, and \"helm uninstall ",
                   release.name,
                   "\" would delete the operator. Make Helm forget it: kubectl "
                   "delete configmap -n ",
                   release.ns, " -l ", labels));
}

}  // namespace

absl::StatusOr<std::vector<ReleaseRecord>> FindReleaseRecords(
    const Operation& op, const std::vector<Sighting>& all,
    const Claimant& who) {
  const kube::ObjectRef& deployment = DeploymentOf(all).ref;
  const std::optional<HelmRelease> named = NamedRelease(all, who);
  std::map<std::string, std::map<int, Kept>> releases;
  // Each may have a megabyte.
  const auto note = [&](Json& secret) {
    const HelmRelease release = {
        deployment.ns,
        base::StringAt(secret, "/metadata/labels/name").value_or("")};
    const std::optional<int> revision = RevisionOf(secret, release.name);
    if (!revision.has_value()) return false;
    releases[release.name].insert_or_assign(
        *revision, Kept{{kube::SecretRef(deployment.ns, kube::NameOf(secret)),
                         kube::UidOf(secret)},
                        Made(secret, release, deployment)});
    return false;
  };
  RETURN_IF_ERROR(
      op.client
          .List(op.ctx, kube::CollectionOf(kube::SecretRef(deployment.ns, "")),
                {.label_selector = "owner=helm",
                 .field_selector = absl::StrCat("type=", kHelmSecretType),
                 .keep = note})
          .status());
  std::vector<ReleaseRecord> records;
  for (const auto& [name, revisions] : releases) {
    const bool is_named =
        named.has_value() && named->name == name && named->ns == deployment.ns;
    if (!revisions.rbegin()->second.made.value_or(is_named)) continue;
    ReleaseRecord record = {.release = {deployment.ns, name}};
    for (const auto& [number, kept] : revisions) {
      record.revisions.push_back(kept.revision);
    }
    records.push_back(std::move(record));
  }
  return records;
}

bool EndsRelease(const OperatorModel& prior, const OperatorModel& planned,
                 const std::vector<Sighting>& all, const Claimant& who) {
  return EndsHelmRelease(planned) &&
         (!EndsHelmRelease(prior) || NamedRelease(all, who).has_value());
}

void WarnOfReleaseEnd(const Operation& op, const std::vector<Sighting>& all,
                      const Claimant& who) {
  const auto records = FindReleaseRecords(op, all, who);
  const absl::Status tried = TryEnd(op, records);
  if (absl::IsPermissionDenied(tried)) {
    op.diags.AddWarning(
        "Apply will fail to make Helm forget its release",
        Explain(tried, op.session, op.scrubber,
                absl::StrCat("Grant the right to list and delete Secrets in "
                             "namespace \"",
                             DeploymentOf(all).ref.ns, "\", or leave ",
                             kSetting, " out.")));
  }
  if (!records.ok() || records->empty()) return;
  op.diags.AddWarning(
      absl::StrCat("Apply will make Helm forget release ",
                   ReleaseNames(*records)),
      absl::StrCat(
          "Once it has written all objects of operator ", who.id,
          ", it deletes what Helm keeps of the release:\n", NameLines(*records),
          "\nNothing else of the release is deleted. Helm will neither "
          "list nor upgrade nor uninstall it any more."));
}

bool EndRelease(const Operation& op, const std::vector<Sighting>& all,
                const Claimant& who) {
  const std::string& ns = DeploymentOf(all).ref.ns;
  const auto records = FindReleaseRecords(op, all, who);
  if (!records.ok()) {
    op.diags.AddError(
        "Cannot look for the Helm release that made the operator",
        Explain(records.status(), op.session, op.scrubber,
                NextStep(records.status(), ns,
                         ForgetCommand({.ns = ns, .name = "<release>"}))));
    return false;
  }
  for (const ReleaseRecord& record : *records) {
    for (const ReleaseRecord::Revision& each : record.revisions) {
      const absl::Status gone =
          op.client.Delete(op.ctx, each.secret, {.uid = each.uid});
      // One that Helm has put in its place is a matter of the next apply.
      if (gone.ok() || kube::IsStale(gone)) continue;
      op.diags.AddError(
          absl::StrCat("Cannot delete ", kube::Describe(each.secret)),
          Explain(gone, op.session, op.scrubber,
                  NextStep(gone, ns, ForgetCommand(record.release))));
      return false;
    }
  }
  if (const auto named = NamedRelease(all, who)) WarnOfConfigMaps(op, *named);
  return true;
}

void WarnOfRelease(const Operation& op, const std::vector<Sighting>& all,
                   const Claimant& who) {
  const std::optional<HelmRelease> release = NamedRelease(all, who);
  if (!release.has_value() || IsForgotten(op.ctx, op.client, *release)) return;
  WarnOfHelm(*release, absl::StrCat("operator ", who.id), "the operator",
             op.diags, kSetting);
}

}  // namespace resources
