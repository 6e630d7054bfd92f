#include "kube/ssa/update.h"

#include <algorithm>
#include <utility>

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

std::vector<kube::Takeover::Source> EarlierManagers(const std::string& former,
                                                    bool imported,
                                                    base::Json within) {
  std::vector<kube::Takeover::Source> sources;
  if (!former.empty()) {
    sources.push_back({.from = [former](const kube::ManagerEntry& entry) {
      return entry.operation == "Apply" && entry.manager == former;
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

absl::StatusOr<kube::Applied> UpdateOwned(const base::Context& ctx,
                                          kube::Client& client,
                                          const kube::ObjectRef& ref,
                                          const base::Json& body,
                                          const UpdateRules& rules) {
  const kube::Takeover takeover = {.manager = rules.manager,
                                   .api_version = kube::ApiVersionOf(ref),
                                   .sources = rules.sources};
  kube::Takeover ahead = takeover;
  ahead.sources = rules.ahead;
  base::Json sent = body;
  if (!rules.uid.empty()) sent["metadata"]["uid"] = rules.uid;
  std::string version;  // That the next conflicts belong to, once known.
  for (int tries = 1;; ++tries) {
    if (rules.fit) {
      ASSIGN_OR_RETURN(sent, FitNow(ctx, client, ref, rules));
      version = kube::ResourceVersionOf(sent);
    }
    bool bound = !version.empty() && rules.fit;
    auto applied =
        client.Apply(ctx, ref, sent, {.field_manager = rules.manager});
    if (kube::HasFieldConflicts(applied.status())) {
      if (GiveUp(rules, kube::FieldConflicts(applied.status()), sent)) continue;
      if (!RefusedConflicts(applied.status(), rules).empty()) {
        return applied.status();
      }
      if (version.empty()) {
        ASSIGN_OR_RETURN(const base::Json live, client.Get(ctx, ref));
        version = kube::ResourceVersionOf(live);
        continue;
      }
      base::Json forced = sent;
      forced["metadata"]["resourceVersion"] = std::exchange(version, "");
      applied = client.Apply(ctx, ref, forced,
                             {.field_manager = rules.manager, .force = true});
      bound = true;
    }
    if (bound && kube::IsStale(applied.status()) && tries <= kUpdateTries) {
      // Changed since it was looked at: look again who owns what.
      RETURN_IF_ERROR(ctx.SleepFor(kPause));
      continue;
    }
    if (absl::IsInvalidArgument(applied.status()) && !ahead.sources.empty()) {
      auto live = client.Get(ctx, ref);
      if (live.ok() && (rules.uid.empty() || kube::UidOf(*live) == rules.uid)) {
        RETURN_IF_ERROR(
            kube::TakeOver(ctx, client, ref, *std::move(live), ahead).status());
        ahead.sources.clear();
        continue;
      }
    }
    if (!applied.ok()) {
      return ExplainIfReplaced(ctx, client, ref, rules.uid, applied.status());
    }
    if (tries > kUpdateTries ||
        !kube::MigrateManagers(applied->object, takeover).has_value()) {
      return applied;
    }
    // What the sources hold and `body` lacks: the next apply takes that away.
    RETURN_IF_ERROR(
        kube::TakeOver(ctx, client, ref, std::move(applied->object), takeover)
            .status());
  }
}

}  // namespace ssa
