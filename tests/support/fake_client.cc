#include "tests/support/fake_client.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kube/status.h"
#include "tests/support/fake_objects.h"
#include "tests/support/fake_replies.h"

namespace support {
namespace {

using base::Json;
using kube::CollectionRef;
using kube::ObjectRef;
using kube::WatchEvent;

constexpr absl::Duration kWatchTick = absl::Milliseconds(5);

std::string KeyOf(const ObjectRef& ref) {
  return absl::StrCat(ref.group, "|", ref.resource, "|", ref.ns, "|", ref.name);
}

bool SameKind(const CollectionRef& kind, const ObjectRef& ref) {
  return kind.group == ref.group && kind.resource == ref.resource;
}

bool Contains(const CollectionRef& collection, const ObjectRef& ref) {
  return SameKind(collection, ref) &&
         (collection.ns.empty() || collection.ns == ref.ns);
}

// Whether `map`, which is empty now, had leaves: who held some of them holds
// the map, and nobody else does.
bool Emptied(const std::string& map, Owners& owners) {
  bool any = false;
  for (auto& [owner, pointers] : owners) {
    const bool held =
        std::any_of(pointers.begin(), pointers.end(), [&](const auto& leaf) {
          return absl::StartsWith(leaf, absl::StrCat(map, "/"));
        });
    if (held) pointers.insert(map);
    any = any || held;
  }
  return any;
}

// A status that no other thread holds: ThreadSanitizer cannot see how Abseil,
// which is not built for it, counts the holders of a shared one.
absl::Status OwnCopy(const absl::Status& status) {
  absl::Status own(status.code(), status.message());
  status.ForEachPayload(
      [&own](absl::string_view type, const absl::Cord& payload) {
        own.SetPayload(type, absl::Cord(std::string(payload)));
      });
  return own;
}

}  // namespace

struct StoredObject {
  ObjectRef ref;
  Json object;
  Owners owners;
};

struct LoggedEvent {
  int64_t version = 0;
  ObjectRef ref;
  WatchEvent event;
};

struct FakeClient::State {
  mutable absl::Mutex mutex;
  std::map<std::string, StoredObject> objects ABSL_GUARDED_BY(mutex);
  std::vector<LoggedEvent> events ABSL_GUARDED_BY(mutex);
  int64_t version ABSL_GUARDED_BY(mutex) = 100;
  std::vector<Call> calls ABSL_GUARDED_BY(mutex);
  std::deque<std::pair<std::string, absl::Status>> failures
      ABSL_GUARDED_BY(mutex);
  std::map<std::string, absl::Status> always ABSL_GUARDED_BY(mutex);
  std::vector<CollectionRef> served ABSL_GUARDED_BY(mutex);
  std::vector<std::string> unknown_kinds ABSL_GUARDED_BY(mutex);
  std::set<std::string> left_out ABSL_GUARDED_BY(mutex);  // Groups.
  bool unreachable ABSL_GUARDED_BY(mutex) = false;
  bool require_namespaces ABSL_GUARDED_BY(mutex) = false;
  std::function<void(const ObjectRef&, const Json&)> controller
      ABSL_GUARDED_BY(mutex);
  std::function<absl::Status(const Json&)> admission ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string> logs ABSL_GUARDED_BY(mutex);
  std::vector<std::string> warnings ABSL_GUARDED_BY(mutex);
  kube::OwnRules own_rules ABSL_GUARDED_BY(mutex);

  // Records the call; the status that it must fail with, if any.
  absl::Status Begin(const base::Context& ctx, Call call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  absl::Status CheckWrite(const ObjectRef& ref)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  // Gives the object its bookkeeping, stores it and tells watches.
  const Json& Store(const ObjectRef& ref, Json object, Owners owners)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  // As if `manager` had sent the whole object by PUT.
  const Json& Update(const ObjectRef& ref, Json object,
                     absl::string_view manager)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void Erase(const ObjectRef& ref) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  // Deletes what finalizers no longer hold.
  void Reap(const ObjectRef& ref) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void Tell(const ObjectRef& ref, const Json& object)
      ABSL_LOCKS_EXCLUDED(mutex);
};

absl::Status FakeClient::State::Begin(const base::Context& ctx, Call call) {
  RETURN_IF_ERROR(ctx.Check());
  const std::string verb = call.verb;
  const ObjectRef ref = call.ref;
  calls.push_back(std::move(call));
  if (unreachable) return absl::UnavailableError("connection refused");
  if (!failures.empty() &&
      (failures.front().first.empty() || failures.front().first == verb)) {
    absl::Status status = failures.front().second;
    failures.pop_front();
    return status;
  }
  ObjectRef whole_kind = ref;
  whole_kind.name.clear();
  for (const std::string& key : {KeyOf(ref), KeyOf(whole_kind)}) {
    if (const auto found = always.find(key); found != always.end()) {
      return OwnCopy(found->second);
    }
  }
  const bool is_served =
      served.empty() || ref.resource.empty() ||
      std::any_of(served.begin(), served.end(),
                  [&ref](const auto& kind) { return SameKind(kind, ref); });
  if (!is_served) return Reply(verb, ref, 404, "404 page not found\n");
  return absl::OkStatus();
}

absl::Status FakeClient::State::CheckWrite(const ObjectRef& ref) {
  if (!require_namespaces || ref.ns.empty() ||
      objects.count(KeyOf(kube::NamespaceRef(ref.ns))) != 0) {
    return absl::OkStatus();
  }
  return Reply("PATCH", ref, 404,
               StatusBody("NotFound",
                          absl::StrCat("namespaces \"", ref.ns, "\" not found"),
                          {{"name", ref.ns}, {"kind", "namespaces"}}));
}

const Json& FakeClient::State::Store(const ObjectRef& ref, Json object,
                                     Owners owners) {
  const std::string key = KeyOf(ref);
  const bool is_new = objects.count(key) == 0;
  Json& metadata = object["metadata"];
  metadata["name"] = ref.name;
  if (!ref.ns.empty()) metadata["namespace"] = ref.ns;
  if (kube::UidOf(object).empty()) {
    metadata["uid"] = absl::StrCat("uid-", version + 1);
  }
  if (is_new && !metadata.contains("creationTimestamp")) {
    metadata["creationTimestamp"] =
        absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone());
  }
  const auto spec_of = [](const Json& o) { return o.value("spec", Json()); };
  int64_t generation = base::IntAt(object, "/metadata/generation").value_or(1);
  if (!is_new && spec_of(objects[key].object) != spec_of(object)) ++generation;
  metadata["generation"] = generation;
  Json managed = Json::array();
  for (const auto& [owner, pointers] : owners) {
    const std::pair<std::string, std::string> name = absl::StrSplit(owner, '|');
    if (pointers.empty()) continue;
    managed.push_back({{"manager", name.first},
                       {"operation", name.second},
                       {"apiVersion", kube::ApiVersionOf(ref)},
                       {"fieldsType", "FieldsV1"},
                       {"fieldsV1", FieldsOf(pointers)}});
  }
  metadata["managedFields"] = std::move(managed);
  if (!is_new) {
    // A write that changes nothing leaves the version alone.
    metadata["resourceVersion"] = kube::ResourceVersionOf(objects[key].object);
    if (objects[key].object == object) return objects[key].object;
  }
  metadata["resourceVersion"] = absl::StrCat(++version);
  StoredObject& stored = objects[key];
  stored = {ref, std::move(object), std::move(owners)};
  events.push_back(
      {version,
       ref,
       {is_new ? WatchEvent::Type::kAdded : WatchEvent::Type::kModified,
        stored.object}});
  return stored.object;
}

void FakeClient::State::Erase(const ObjectRef& ref) {
  const auto found = objects.find(KeyOf(ref));
  if (found == objects.end()) return;
  Json last = std::move(found->second.object);
  objects.erase(found);
  last["metadata"]["resourceVersion"] = absl::StrCat(++version);
  events.push_back(
      {version, ref, {WatchEvent::Type::kDeleted, std::move(last)}});
}

void FakeClient::State::Reap(const ObjectRef& ref) {
  const auto found = objects.find(KeyOf(ref));
  if (found == objects.end() || !kube::IsTerminating(found->second.object)) {
    return;
  }
  const Json* held = base::Find(found->second.object, "/metadata/finalizers");
  if (held == nullptr || held->empty()) Erase(ref);
}

void FakeClient::State::Tell(const ObjectRef& ref, const Json& object) {
  std::function<void(const ObjectRef&, const Json&)> told;
  {
    absl::MutexLock lock(&mutex);
    told = controller;
  }
  if (told) told(ref, object);
}

FakeClient::FakeClient() : state_(std::make_unique<State>()) {}
FakeClient::~FakeClient() = default;

const Json& FakeClient::State::Update(const ObjectRef& ref, Json object,
                                      absl::string_view manager) {
  Owners owners;
  std::map<std::string, Json> before;
  if (const auto found = objects.find(KeyOf(ref)); found != objects.end()) {
    owners = found->second.owners;
    before = LeavesOf(found->second.object);
    const Json& old = found->second.object["metadata"];
    for (const char* keep : {"uid", "generation", "creationTimestamp"}) {
      if (!object["metadata"].contains(keep)) {
        object["metadata"][keep] = old[keep];
      }
    }
  }
  // A changed path leaves its owners and goes to `manager`.
  const std::map<std::string, Json> now = LeavesOf(object);
  for (const auto& [pointer, value] : now) {
    const auto old = before.find(pointer);
    if (old != before.end() && old->second == value) continue;
    if (value.is_object() && old == before.end() && Emptied(pointer, owners)) {
      continue;
    }
    for (auto& [name, pointers] : owners) pointers.erase(pointer);
    owners[absl::StrCat(manager, "|Update")].insert(pointer);
  }
  if (manager.empty()) owners.clear();
  for (auto& [name, pointers] : owners) {
    std::erase_if(pointers, [&now](const auto& p) { return !now.contains(p); });
  }
  return Store(ref, std::move(object), std::move(owners));
}

void FakeClient::Put(const ObjectRef& ref, Json object,
                     absl::string_view manager) {
  absl::MutexLock lock(&state_->mutex);
  state_->Update(ref, std::move(object), manager);
  state_->Reap(ref);
}

void FakeClient::Remove(const ObjectRef& ref) {
  absl::MutexLock lock(&state_->mutex);
  state_->Erase(ref);
}

Json FakeClient::Stored(const ObjectRef& ref) const {
  absl::MutexLock lock(&state_->mutex);
  const auto found = state_->objects.find(KeyOf(ref));
  return found == state_->objects.end() ? Json() : found->second.object;
}

void FakeClient::FailNext(absl::Status status, absl::string_view verb) {
  absl::MutexLock lock(&state_->mutex);
  state_->failures.emplace_back(std::string(verb), std::move(status));
}

void FakeClient::FailAlways(const ObjectRef& ref, absl::Status status) {
  absl::MutexLock lock(&state_->mutex);
  if (status.ok()) {
    state_->always.erase(KeyOf(ref));
  } else {
    state_->always[KeyOf(ref)] = std::move(status);
  }
}

void FakeClient::SetUnreachable(bool unreachable) {
  absl::MutexLock lock(&state_->mutex);
  state_->unreachable = unreachable;
}

void FakeClient::ServeOnly(std::vector<CollectionRef> kinds) {
  absl::MutexLock lock(&state_->mutex);
  state_->served = std::move(kinds);
}

void FakeClient::RequireNamespaces(bool require) {
  absl::MutexLock lock(&state_->mutex);
  state_->require_namespaces = require;
}

void FakeClient::OnWrite(
    std::function<void(const ObjectRef&, const Json&)> controller) {
  absl::MutexLock lock(&state_->mutex);
  state_->controller = std::move(controller);
}

void FakeClient::Admit(std::function<absl::Status(const Json&)> admission) {
  absl::MutexLock lock(&state_->mutex);
  state_->admission = std::move(admission);
}

void FakeClient::SetLogs(absl::string_view ns, absl::string_view pod,
                         std::string text) {
  absl::MutexLock lock(&state_->mutex);
  state_->logs[absl::StrCat(ns, "/", pod)] = std::move(text);
}

void FakeClient::SetUnknownKinds(std::vector<std::string> group_versions) {
  absl::MutexLock lock(&state_->mutex);
  state_->unknown_kinds = std::move(group_versions);
}

void FakeClient::LeaveOut(std::string group) {
  absl::MutexLock lock(&state_->mutex);
  state_->left_out.insert(std::move(group));
}

void FakeClient::WarnNext(std::string warning) {
  absl::MutexLock lock(&state_->mutex);
  state_->warnings.push_back(std::move(warning));
}

std::vector<FakeClient::Call> FakeClient::calls() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->calls;
}

std::vector<std::string> FakeClient::CallLines() const {
  std::vector<std::string> lines;
  for (const Call& call : calls()) {
    lines.push_back(absl::StrCat(call.verb, " ", kube::Describe(call.ref)));
  }
  return lines;
}

void FakeClient::ClearCalls() {
  absl::MutexLock lock(&state_->mutex);
  state_->calls.clear();
}

bool FakeClient::AwaitCall(absl::string_view verb,
                           absl::string_view name) const {
  State& state = *state_;
  const auto made = [&state, verb, name]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return std::any_of(state.calls.begin(), state.calls.end(),
                       [verb, name](const Call& call) {
                         return (verb.empty() || call.verb == verb) &&
                                (name.empty() || call.ref.name == name);
                       });
  };
  absl::MutexLock lock(&state.mutex);
  return state.mutex.AwaitWithTimeout(absl::Condition(&made), absl::Minutes(1));
}

absl::StatusOr<Json> FakeClient::Get(const base::Context& ctx,
                                     const ObjectRef& ref) {
  absl::MutexLock lock(&state_->mutex);
  RETURN_IF_ERROR(state_->Begin(ctx, {.verb = "GET", .ref = ref}));
  const auto found = state_->objects.find(KeyOf(ref));
  if (found == state_->objects.end()) return NotFound("GET", ref);
  return found->second.object;
}

absl::StatusOr<kube::ObjectList> FakeClient::List(
    const base::Context& ctx, const CollectionRef& collection,
    const kube::ListOptions& options) {
  absl::MutexLock lock(&state_->mutex);
  RETURN_IF_ERROR(state_->Begin(
      ctx, {.verb = "LIST", .ref = kube::ObjectIn(collection, "")}));
  kube::ObjectList list{.resource_version = absl::StrCat(state_->version)};
  for (const auto& [key, stored] : state_->objects) {
    if (Contains(collection, stored.ref) &&
        MatchesLabels(stored.object, options.label_selector) &&
        MatchesFields(stored.object, options.field_selector)) {
      Json item = stored.object;
      if (options.keep && !options.keep(item)) continue;
      list.items.push_back(std::move(item));
    }
  }
  return list;
}

absl::StatusOr<kube::Applied> FakeClient::Apply(
    const base::Context& ctx, const ObjectRef& ref, const Json& body,
    const kube::ApplyOptions& options) {
  kube::Applied applied;
  {
    absl::MutexLock lock(&state_->mutex);
    RETURN_IF_ERROR(state_->Begin(
        ctx, {.verb = "APPLY", .ref = ref, .body = body, .apply = options}));
    RETURN_IF_ERROR(state_->CheckWrite(ref));
    const auto found = state_->objects.find(KeyOf(ref));
    applied.created = found == state_->objects.end();
    const StoredObject live =
        applied.created ? StoredObject{.ref = ref} : found->second;
    if (options.create_only && !applied.created) {
      return Conflict("PATCH", ref, Json::array(), true);
    }
    for (const char* guard : {"/metadata/uid", "/metadata/resourceVersion"}) {
      const auto wanted = base::StringAt(body, guard);
      if (wanted.has_value() && wanted != base::StringAt(live.object, guard)) {
        return Conflict("PATCH", ref, Json::array(), false);
      }
    }
    Owners owners = live.owners;
    if (owners.empty()) {
      // Whoever wrote what is there, it must not be lost.
      for (const auto& [pointer, value] : LeavesOf(live.object)) {
        owners["before-first-apply|Update"].insert(pointer);
      }
    }
    MergeResult merged =
        ServerSideApply(live.object, owners, body, options.field_manager);
    if (!merged.conflicts.empty() && !options.force) {
      return Conflict("PATCH", ref, std::move(merged.conflicts), false);
    }
    if (state_->admission) RETURN_IF_ERROR(state_->admission(merged.object));
    applied.warnings = std::exchange(state_->warnings, {});
    applied.object = merged.object;
    if (options.dry_run) return applied;
    applied.object =
        state_->Store(ref, std::move(merged.object), std::move(merged.owners));
    state_->Reap(ref);
  }
  state_->Tell(ref, applied.object);
  return applied;
}

absl::StatusOr<Json> FakeClient::Patch(const base::Context& ctx,
                                       const ObjectRef& ref, const Json& patch,
                                       const kube::PatchOptions& options) {
  Json result;
  {
    absl::MutexLock lock(&state_->mutex);
    RETURN_IF_ERROR(
        state_->Begin(ctx, {.verb = "PATCH", .ref = ref, .body = patch}));
    const auto found = state_->objects.find(KeyOf(ref));
    if (found == state_->objects.end()) return NotFound("PATCH", ref);
    result = found->second.object;
    if (options.type == kube::PatchType::kJson) {
      try {
        result = result.patch(patch);
      } catch (const Json::exception&) {
        return Reply("PATCH", ref, 422, "the patch does not fit");
      }
    } else {
      result.merge_patch(patch);
    }
    if (kube::ResourceVersionOf(result) !=
        kube::ResourceVersionOf(found->second.object)) {
      return Conflict("PATCH", ref, Json::array(), false);
    }
    if (kube::UidOf(result) != kube::UidOf(found->second.object)) {
      return Reply("PATCH", ref, 422,
                   StatusBody("Invalid", "metadata.uid: field is immutable",
                              {{"name", ref.name}, {"kind", ref.resource}}));
    }
    if (state_->admission) RETURN_IF_ERROR(state_->admission(result));
    if (options.dry_run) return result;
    if (const Json& managed = result["metadata"]["managedFields"];
        managed != found->second.object["metadata"]["managedFields"]) {
      found->second.owners = OwnersOf(managed);
    }
    result = state_->Update(ref, std::move(result), options.field_manager);
    state_->Reap(ref);
  }
  state_->Tell(ref, result);
  return result;
}

absl::Status FakeClient::Delete(const base::Context& ctx, const ObjectRef& ref,
                                const kube::DeleteOptions& options) {
  {
    absl::MutexLock lock(&state_->mutex);
    RETURN_IF_ERROR(state_->Begin(
        ctx, {.verb = "DELETE", .ref = ref, .deletion = options}));
    const auto found = state_->objects.find(KeyOf(ref));
    if (found == state_->objects.end()) return absl::OkStatus();
    Json object = found->second.object;
    if ((!options.uid.empty() && options.uid != kube::UidOf(object)) ||
        (!options.resource_version.empty() &&
         options.resource_version != kube::ResourceVersionOf(object))) {
      return Conflict("DELETE", ref, Json::array(), false);
    }
    if (options.dry_run) return absl::OkStatus();
    object["metadata"]["deletionTimestamp"] =
        absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone());
    state_->Store(ref, std::move(object), found->second.owners);
    state_->Reap(ref);
  }
  state_->Tell(ref, Stored(ref));
  return absl::OkStatus();
}

absl::Status FakeClient::Watch(
    const base::Context& ctx, const CollectionRef& collection,
    const kube::WatchOptions& options,
    const std::function<absl::Status(const WatchEvent&)>& handler) {
  int64_t seen = 0;
  if (!absl::SimpleAtoi(options.resource_version, &seen)) seen = 0;
  {
    absl::MutexLock lock(&state_->mutex);
    RETURN_IF_ERROR(state_->Begin(
        ctx, {.verb = "WATCH", .ref = kube::ObjectIn(collection, "")}));
  }
  const absl::Time end = absl::Now() + options.duration;
  while (absl::Now() < end) {
    std::vector<LoggedEvent> fresh;
    {
      absl::MutexLock lock(&state_->mutex);
      if (state_->unreachable) return absl::UnavailableError("lost");
      for (const LoggedEvent& event : state_->events) {
        if (event.version > seen) fresh.push_back(event);
      }
    }
    for (const LoggedEvent& logged : fresh) {
      seen = logged.version;
      if (Contains(collection, logged.ref) &&
          MatchesLabels(logged.event.object, options.label_selector) &&
          MatchesFields(logged.event.object, options.field_selector)) {
        RETURN_IF_ERROR(handler(logged.event));
      }
    }
    RETURN_IF_ERROR(ctx.SleepFor(kWatchTick));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FakeClient::Logs(const base::Context& ctx,
                                             const ObjectRef& pod,
                                             const kube::LogOptions&) {
  absl::MutexLock lock(&state_->mutex);
  RETURN_IF_ERROR(state_->Begin(ctx, {.verb = "LOGS", .ref = pod}));
  const auto found = state_->logs.find(absl::StrCat(pod.ns, "/", pod.name));
  if (found == state_->logs.end()) return NotFound("GET", pod);
  return found->second;
}

absl::StatusOr<kube::NamespacedKinds> FakeClient::ListNamespacedKinds(
    const base::Context& ctx) {
  absl::MutexLock lock(&state_->mutex);
  RETURN_IF_ERROR(state_->Begin(ctx, {.verb = "DISCOVER"}));
  kube::NamespacedKinds found{.unknown = state_->unknown_kinds};
  for (const auto& [key, stored] : state_->objects) {
    CollectionRef kind = kube::CollectionOf(stored.ref);
    if (kind.ns.empty() || state_->left_out.count(kind.group) > 0) continue;
    kind.ns.clear();
    if (std::find(found.kinds.begin(), found.kinds.end(), kind) ==
        found.kinds.end()) {
      found.kinds.push_back(std::move(kind));
    }
  }
  return found;
}

void FakeClient::SetOwnRules(kube::OwnRules rules) {
  absl::MutexLock lock(&state_->mutex);
  state_->own_rules = std::move(rules);
}

absl::StatusOr<kube::OwnRules> FakeClient::ReviewRules(const base::Context& ctx,
                                                       const std::string&) {
  absl::MutexLock lock(&state_->mutex);
  RETURN_IF_ERROR(state_->Begin(ctx, {.verb = "RULES"}));
  return state_->own_rules;
}

absl::StatusOr<std::string> FakeClient::ServerVersion(
    const base::Context& ctx) {
  absl::MutexLock lock(&state_->mutex);
  RETURN_IF_ERROR(state_->Begin(ctx, {.verb = "VERSION"}));
  return "v1.36.3";
}

}  // namespace support
