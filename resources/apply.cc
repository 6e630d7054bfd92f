#include "resources/apply.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/owner.h"

namespace resources {
namespace {

constexpr int kUnprocessable = 422;
// Each may be an apply, a look, and another apply.
constexpr int kUpdateTries = 10;
constexpr absl::Duration kPause = absl::Milliseconds(10);

// What changes with every write, or names the write itself.
base::Json WithoutBookkeeping(base::Json object) {
  object.erase("status");
  if (auto metadata = object.find("metadata"); metadata != object.end()) {
    for (const char* key : {"managedFields", "resourceVersion", "generation",
                            "creationTimestamp", "uid"}) {
      metadata->erase(key);
    }
  }
  return object;
}

const base::Json* ByName(const base::Json& list, const base::Json& name) {
  for (const base::Json& element : list) {
    const base::Json* other = base::Find(element, "/name");
    if (other != nullptr && *other == name) return &element;
  }
  return nullptr;
}

// Whether the server keeps `list` by the names of its elements. References to
// objects, such as a binding's subjects, are one field all together: two of
// them may have the same name.
bool IsKeyedByName(const base::Json& list) {
  return !list.empty() &&
         std::all_of(list.begin(), list.end(), [](const base::Json& element) {
           return element.is_object() && element.contains("name") &&
                  !element.contains("kind");
         });
}

base::Json OwnedList(const base::Json& body, const base::Json& live) {
  if (!live.is_array()) return live;
  const bool named = IsKeyedByName(body) && IsKeyedByName(live);
  if (!named && body.size() != live.size()) return live;
  base::Json out = base::Json::array();
  for (size_t i = 0; i < body.size(); ++i) {
    const base::Json* other = named ? ByName(live, body[i]["name"]) : &live[i];
    out.push_back(other == nullptr ? base::Json() : OwnedPart(body[i], *other));
  }
  return out;
}

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

absl::Status GoneStatus(const kube::ObjectRef& ref, const std::string& uid) {
  return absl::FailedPreconditionError(absl::StrCat(
      kube::Describe(ref), " with uid ", uid,
      " was deleted since the plan was made, and nothing was written. Plan "
      "again: it will be planned to be created."));
}

}  // namespace

base::Json OwnedPart(const base::Json& body, const base::Json& live) {
  if (body.is_object() && live.is_object()) {
    base::Json out = base::Json::object();
    for (const auto& [key, value] : body.items()) {
      auto it = live.find(key);
      out[key] = it == live.end() ? base::Json() : OwnedPart(value, *it);
    }
    return out;
  }
  if (body.is_array()) return OwnedList(body, live);
  return live;
}

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

absl::Time WriteTime(const base::Json& live, const std::string& manager) {
  absl::Time time;
  std::string error;
  return absl::ParseTime(absl::RFC3339_full,
                         kube::TimeOfWrite(live, manager, "Apply"), &time,
                         &error)
             ? time
             : absl::Now();
}

bool SameObject(const base::Json& a, const base::Json& b) {
  return WithoutBookkeeping(a) == WithoutBookkeeping(b);
}

bool MayBeOfCreate(const base::Json& live, const std::string& manager) {
  const absl::Duration age = AgeOf(live, absl::Now());
  return age < kAdoptable && age > -kClockSkew && kube::OwnsOnly(live, manager);
}

Found JudgeExisting(const base::Context& ctx, kube::Client& client,
                    const kube::ObjectRef& ref, const base::Json& body,
                    const base::Json& live, const std::string& manager) {
  if (kube::IsTerminating(live)) return Found::kDying;
  return IsWhatCreateMade(ctx, client, ref, body, live, manager)
             ? Found::kAdopted
             : Found::kForeign;
}

bool IsWhatCreateMade(const base::Context& ctx, kube::Client& client,
                      const kube::ObjectRef& ref, const base::Json& body,
                      const base::Json& live, const std::string& manager) {
  if (!MayBeOfCreate(live, manager)) return false;
  const auto trial =
      client.Apply(ctx, ref, body, {.field_manager = manager, .dry_run = true});
  return trial.ok() && SameObject(trial->object, live);
}

absl::StatusOr<CreateResult> CreateOrAdopt(const base::Context& ctx,
                                           kube::Client& client,
                                           const kube::ObjectRef& ref,
                                           const base::Json& body,
                                           const std::string& manager) {
  for (int tries = 1;; ++tries) {
    auto created = client.Apply(
        ctx, ref, body, {.field_manager = manager, .create_only = true});
    if (created.ok()) return CreateResult{.applied = *std::move(created)};
    if (!kube::IsAlreadyExists(created.status())) return created.status();
    auto live = client.Get(ctx, ref);
    // It has just gone.
    if (absl::IsNotFound(live.status()) && tries <= kUpdateTries) continue;
    if (!live.ok()) return live.status();
    const Found found = JudgeExisting(ctx, client, ref, body, *live, manager);
    if (found != Found::kDying) {
      return CreateResult{.found = found,
                          .applied = {.object = *std::move(live)}};
    }
    // A replaced or half-deleted object: its end makes room.
    RETURN_IF_ERROR(kube::AwaitGone(ctx, client, ref, kube::UidOf(*live)));
  }
}

absl::Status ReplacedStatus(const kube::ObjectRef& ref, const std::string& uid,
                            const base::Json& live) {
  return absl::FailedPreconditionError(absl::StrCat(
      kube::Describe(ref), " was deleted and made again: the state knows uid ",
      uid, ", the cluster has ", kube::UidOf(live),
      ". Nothing was written. Delete the new object, so that the next apply "
      "creates one; or remove this resource from the state (\"tofu state rm\" "
      "or \"terraform state rm\") and import the new object."));
}

absl::Status ExplainIfReplaced(const base::Context& ctx, kube::Client& client,
                               const kube::ObjectRef& ref,
                               const std::string& uid,
                               const absl::Status& status) {
  // A server that cannot find the uid answers 409, one that finds another 422.
  const bool may_be =
      kube::IsStale(status) || kube::HttpCode(status) == kUnprocessable;
  if (uid.empty() || !may_be) return status;
  const auto live = client.Get(ctx, ref);
  if (absl::IsNotFound(live.status())) return GoneStatus(ref, uid);
  if (!live.ok() || kube::UidOf(*live) == uid) return status;
  return ReplacedStatus(ref, uid, *live);
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

namespace {

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

}  // namespace resources
