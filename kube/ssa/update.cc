#include "kube/ssa/update.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "kube/managed_fields.h"
#include "kube/ssa/replaced.h"

namespace ssa {
namespace {

// Each may be an apply, a look, and another apply.
constexpr int kUpdateTries = 10;
constexpr absl::Duration kPause = absl::Milliseconds(10);

bool Yields(const UpdateRules& rules, const kube::FieldConflict& conflict) {
  return rules.may_yield && rules.may_yield(conflict);
}

void ErasePath(const kube::KeyPath& path, size_t depth, base::Json& node) {
  const auto it = node.find(path[depth]);
  if (it == node.end()) return;
  if (depth + 1 == path.size()) {
    node.erase(it);
  } else {
    ErasePath(path, depth + 1, *it);
  }
}

// The body that `rules` have for what is there now, and for no other version.
absl::StatusOr<base::Json> FitNow(const base::Context& ctx,
                                  kube::Client& client,
                                  const kube::ObjectRef& ref,
                                  const UpdateRules& rules) {
  const auto live = client.Get(ctx, ref);
  if (absl::IsNotFound(live.status())) return GoneStatus(ref, rules.uid);
  RETURN_IF_ERROR(live.status());
  const std::string uid = kube::UidOf(*live);
  if (!rules.uid.empty() && uid != rules.uid) {
    return ReplacedStatus(ref, rules.uid, *live);
  }
  base::Json body = rules.fit(*live);
  body["metadata"]["uid"] = uid;
  body["metadata"]["resourceVersion"] = kube::ResourceVersionOf(*live);
  return body;
}

}  // namespace

bool GiveUp(const UpdateRules& rules,
            const std::vector<kube::FieldConflict>& conflicts,
            base::Json& body) {
  bool given_up = false;
  for (const kube::FieldConflict& conflict : conflicts) {
    if (!Yields(rules, conflict)) continue;
    for (const kube::KeyPath& path : kube::PathsNamed(body, conflict.field)) {
      ErasePath(path, 0, body);
      given_up = true;
    }
  }
  return given_up;
}

bool IsHandEdit(const base::Json& wrote, const base::Json& body,
                const kube::FieldConflict& conflict) {
  if (conflict.operation != "Update") return false;
  const auto paths = kube::PathsNamed(body, conflict.field);
  return !paths.empty() &&
         std::all_of(paths.begin(), paths.end(), [&](const auto& path) {
           return kube::HasPath(wrote, path);
         });
}

std::vector<kube::Takeover::Source> EarlierManagers(
    const std::set<std::string>& former, bool imported, base::Json within) {
  std::vector<kube::Takeover::Source> sources;
  if (!former.empty()) {
    sources.push_back({.from = [former](const kube::ManagerEntry& entry) {
      return entry.operation == "Apply" && former.count(entry.manager) > 0;
    }});
  }
  if (imported) {
    sources.push_back(
        {.from = kube::IsEarlierTool, .within = std::move(within)});
  }
  return sources;
}

std::vector<kube::FieldConflict> RefusedConflicts(const absl::Status& status,
                                                  const UpdateRules& rules) {
  const auto is_given = [&rules](const kube::FieldConflict& conflict) {
    const kube::ManagerEntry owner = {.manager = conflict.manager,
                                      .operation = conflict.operation,
                                      .fields = base::Json::object()};
    return std::any_of(
        rules.sources.begin(), rules.sources.end(), [&](const auto& source) {
          return source.from(owner) &&
                 (source.within.is_null() ||
                  !kube::PathsNamed(source.within, conflict.field).empty());
        });
  };
  std::vector<kube::FieldConflict> refused = kube::FieldConflicts(status);
  std::erase_if(refused, [&](const kube::FieldConflict& conflict) {
    return Yields(rules, conflict) || rules.may_force(conflict) ||
           is_given(conflict);
  });
  return refused;
}

absl::Status WithoutConflictList(const absl::Status& status) {
  std::string request = kube::RequestLine(status);
  const std::string reason = kube::Reason(status);
  if (!reason.empty()) {
    request =
        std::string(absl::StripSuffix(request, absl::StrCat(" ", reason)));
  }
  absl::Status bare(status.code(),
                    absl::StrCat(request,
                                 ": Other managers own fields that this update "
                                 "would change."));
  status.ForEachPayload(
      [&bare](absl::string_view type, const absl::Cord& payload) {
        bare.SetPayload(type, payload);
      });
  return bare;
}

namespace {

// An update, tried until it is made or refused.
class OwnedUpdate {
 public:
  // All of it outlives this.
  OwnedUpdate(const base::Context& ctx, kube::Client& client,
              const kube::ObjectRef& ref, base::Json body,
              const UpdateRules& rules)
      : ctx_(ctx),
        client_(client),
        ref_(ref),
        rules_(rules),
        takeover_({.manager = rules.manager,
                   .api_version = kube::ApiVersionOf(ref),
                   .sources = rules.sources}),
        ahead_({.manager = rules.manager,
                .api_version = takeover_.api_version,
                .sources = rules.ahead}),
        sent_(std::move(body)) {
    if (!rules.uid.empty()) sent_["metadata"]["uid"] = rules.uid;
  }

  absl::StatusOr<kube::Applied> Run() {
    for (tries_ = 1;; ++tries_) {
      ASSIGN_OR_RETURN(std::optional<kube::Applied> made, Try());
      if (made.has_value()) return *std::move(made);
    }
  }

 private:
  // Each of these returns nothing where it is to be tried again.
  using Made = absl::StatusOr<std::optional<kube::Applied>>;
  Made Try();
  // Of what `failed` says, which is a conflict.
  Made Overrule(const absl::Status& failed);
  // Of an apply that was not refused for a conflict. `bound` says that it was
  // to one version of the object only.
  Made Judge(absl::StatusOr<kube::Applied> applied, bool bound);
  // Takes what is `ahead`; false where there is nothing to take.
  absl::StatusOr<bool> TakeAhead();

  const base::Context& ctx_;
  kube::Client& client_;
  const kube::ObjectRef& ref_;
  const UpdateRules& rules_;
  const kube::Takeover takeover_;
  kube::Takeover ahead_;
  base::Json sent_;
  std::string version_;  // That the next conflicts belong to, once known.
  int tries_ = 0;
};

OwnedUpdate::Made OwnedUpdate::Try() {
  if (rules_.fit) {
    ASSIGN_OR_RETURN(sent_, FitNow(ctx_, client_, ref_, rules_));
    version_ = kube::ResourceVersionOf(sent_);
  }
  auto applied =
      client_.Apply(ctx_, ref_, sent_, {.field_manager = rules_.manager});
  if (kube::HasFieldConflicts(applied.status())) {
    return Overrule(applied.status());
  }
  return Judge(std::move(applied), /*bound=*/rules_.fit != nullptr);
}

OwnedUpdate::Made OwnedUpdate::Overrule(const absl::Status& failed) {
  if (GiveUp(rules_, kube::FieldConflicts(failed), sent_)) return std::nullopt;
  if (!RefusedConflicts(failed, rules_).empty()) return failed;
  if (version_.empty()) {
    ASSIGN_OR_RETURN(const base::Json live, client_.Get(ctx_, ref_));
    version_ = kube::ResourceVersionOf(live);
    return std::nullopt;
  }
  base::Json forced = sent_;
  forced["metadata"]["resourceVersion"] = std::exchange(version_, "");
  return Judge(client_.Apply(ctx_, ref_, forced,
                             {.field_manager = rules_.manager, .force = true}),
               /*bound=*/true);
}

absl::StatusOr<bool> OwnedUpdate::TakeAhead() {
  if (ahead_.sources.empty()) return false;
  auto live = client_.Get(ctx_, ref_);
  if (!live.ok() || (!rules_.uid.empty() && kube::UidOf(*live) != rules_.uid)) {
    return false;
  }
  RETURN_IF_ERROR(
      kube::TakeOver(ctx_, client_, ref_, *std::move(live), ahead_).status());
  ahead_.sources.clear();
  return true;
}

OwnedUpdate::Made OwnedUpdate::Judge(absl::StatusOr<kube::Applied> applied,
                                     bool bound) {
  if (bound && kube::IsStale(applied.status()) && tries_ <= kUpdateTries) {
    // Changed since it was looked at: look again who owns what.
    RETURN_IF_ERROR(ctx_.SleepFor(kPause));
    return std::nullopt;
  }
  if (absl::IsInvalidArgument(applied.status())) {
    ASSIGN_OR_RETURN(const bool taken, TakeAhead());
    if (taken) return std::nullopt;
  }
  if (!applied.ok()) {
    return ExplainIfReplaced(ctx_, client_, ref_, rules_.uid, applied.status());
  }
  if (tries_ > kUpdateTries ||
      !kube::MigrateManagers(applied->object, takeover_).has_value()) {
    return *std::move(applied);
  }
  // What the sources hold and the body lacks: the next apply takes that away.
  RETURN_IF_ERROR(
      kube::TakeOver(ctx_, client_, ref_, std::move(applied->object), takeover_)
          .status());
  return std::nullopt;
}

}  // namespace

absl::StatusOr<kube::Applied> UpdateOwned(const base::Context& ctx,
                                          kube::Client& client,
                                          const kube::ObjectRef& ref,
                                          const base::Json& body,
                                          const UpdateRules& rules) {
  return OwnedUpdate(ctx, client, ref, body, rules).Run();
}

}  // namespace ssa
