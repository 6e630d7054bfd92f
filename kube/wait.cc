#include "kube/wait.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/rollout.h"
#include "kube/status.h"

namespace kube {
namespace {

using base::Json;

// Ends a watch from inside its handler; never leaves this file.
constexpr char kDonePayload[] = "kube/wait-done";

absl::Status DoneSignal() {
  absl::Status status = absl::CancelledError("done");
  status.SetPayload(kDonePayload, absl::Cord("1"));
  return status;
}

bool IsDone(const absl::Status& status) {
  return status.GetPayload(kDonePayload).has_value();
}

// True for what no waiting can change.
bool IsFinal(const absl::Status& status) {
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) ||
         absl::IsInvalidArgument(status) || IsKindNotServed(status);
}

class Waiter {
 public:
  // `only` is the object that is waited for, or null for a collection. All
  // references must outlive the Waiter.
  Waiter(const base::Context& ctx, Client& client, CollectionRef collection,
         const ObjectRef* only, ListOptions selectors,
         const CollectionPredicate& done, const WaitOptions& options)
      : ctx_(ctx),
        client_(client),
        collection_(std::move(collection)),
        only_(only),
        selectors_(std::move(selectors)),
        done_(done),
        options_(options),
        backoff_(options.retry) {}

  absl::Status Run() {
    while (true) {
      absl::Status status = Round();
      if (IsDone(status)) return absl::OkStatus();
      if (!verdict_.ok()) return verdict_;
      if (const absl::Status ended = ctx_.Check(); !ended.ok()) {
        return Ended(ended);
      }
      if (IsFinal(status)) return status;
      // The client's own patience with a server that never answered is over.
      if (!answered_ && absl::IsUnavailable(status) && HttpCode(status) == 0) {
        return status;
      }
      DecideAfter(status);
      const absl::Duration delay = backoff_.Next(RetryAfter(status));
      if (const absl::Status slept = backoff_.Sleep(ctx_, delay); !slept.ok()) {
        return Ended(slept);
      }
    }
  }

 private:
  absl::Status Ended(const absl::Status& ended) const {
    if (last_error_.ok()) return ended;
    absl::Status status(
        ended.code(),
        absl::StrCat(ended.message(), "; last error: ", last_error_.message()));
    last_error_.ForEachPayload(
        [&status](absl::string_view type, const absl::Cord& payload) {
          status.SetPayload(type, payload);
        });
    return status;
  }

  absl::Status Judge() {
    auto done = done_(objects_);
    look_again_ = absl::Now() + options_.look_again;
    if (done.ok()) return *done ? DoneSignal() : absl::OkStatus();
    if (absl::IsUnavailable(done.status())) {
      reload_ = true;
      return done.status();
    }
    verdict_ = done.status();
    return verdict_;
  }

  static std::string KeyOf(const Json& object) {
    const std::string ns = NamespaceOf(object);
    return absl::StrCat(ns, ns.empty() ? "" : "/", NameOf(object));
  }

  // Whether the next round lists, and from which version, or watches on.
  void DecideAfter(const absl::Status& status) {
    const bool listing = reload_ || polling_;
    if (IsExpired(status)) {
      // First what the server's cache has, which must not be older than what
      // was seen; if that fails too, the newest state.
      list_from_ = listing ? "" : version_;
      reload_ = true;
      return;
    }
    last_error_ = status;
    if (IsVersionTooNew(status)) {
      list_from_.clear();
      reload_ = true;
    } else if (!absl::IsUnavailable(status)) {
      reload_ = true;  // No event could be read here: do not come again.
    }
  }

  // Fills objects_ and version_ from the server.
  absl::Status Load() {
    if (polling_ && only_ != nullptr) return LoadOne();
    ListOptions options = selectors_;
    options.resource_version = list_from_;
    auto list = client_.List(ctx_, collection_, options);
    if (only_ != nullptr && absl::IsPermissionDenied(list.status())) {
      polling_ = true;  // May perhaps get what it may not list.
      return LoadOne();
    }
    if (!list.ok()) return list.status();
    objects_.clear();
    for (Json& object : list->items) {
      // The key first: the assignment takes its right side by value, so moves
      // it out before the left side is looked at.
      std::string key = KeyOf(object);
      objects_[std::move(key)] = std::move(object);
    }
    version_ = list->resource_version;
    list_from_.clear();
    return absl::OkStatus();
  }

  absl::Status LoadOne() {
    auto object = client_.Get(ctx_, *only_);
    if (!object.ok() && !absl::IsNotFound(object.status())) {
      return object.status();
    }
    objects_.clear();
    if (object.ok()) {
      std::string key = KeyOf(*object);
      objects_[std::move(key)] = *std::move(object);
    }
    return absl::OkStatus();
  }

  // Lists if need be, then polls or watches until something fails.
  absl::Status Round() {
    if (reload_) {
      RETURN_IF_ERROR(LoadAndJudge());
      reload_ = false;
    }
    while (!polling_) {
      const absl::Time started = absl::Now();
      events_ = 0;
      const absl::Status status = WatchOnce();
      if (absl::IsPermissionDenied(status)) {
        polling_ = true;  // May read but not watch.
        break;
      }
      if (absl::IsDeadlineExceeded(status) && absl::Now() >= look_again_ &&
          ctx_.Check().ok()) {
        RETURN_IF_ERROR(Judge());
        continue;
      }
      RETURN_IF_ERROR(status);
      last_error_ = absl::OkStatus();
      const absl::Duration spent = absl::Now() - started;
      if (spent >= options_.rewatch_interval) continue;
      if (events_ == 0) {
        return absl::UnavailableError("the server ends watches at once");
      }
      RETURN_IF_ERROR(backoff_.Sleep(ctx_, options_.rewatch_interval - spent));
    }
    while (true) {
      // Between 0.8 and 1.2 intervals, so that many waits spread.
      const double jitter = 0.8 + 0.4 * absl::Uniform(random_, 0.0, 1.0);
      RETURN_IF_ERROR(backoff_.Sleep(
          ctx_,
          std::min(options_.poll_interval, options_.look_again) * jitter));
      RETURN_IF_ERROR(LoadAndJudge());
    }
  }

  absl::Status LoadAndJudge() {
    RETURN_IF_ERROR(Load());
    answered_ = true;
    last_error_ = absl::OkStatus();
    return Judge();
  }

  absl::Status OnEvent(const WatchEvent& event) {
    ++events_;
    const std::string version = ResourceVersionOf(event.object);
    if (!version.empty()) version_ = version;
    switch (event.type) {
      case WatchEvent::Type::kBookmark:
        return absl::OkStatus();
      case WatchEvent::Type::kDeleted:
        objects_.erase(KeyOf(event.object));
        break;
      default:
        objects_[KeyOf(event.object)] = event.object;
    }
    return Judge();
  }

  absl::Status WatchOnce() {
    // Spread, so that many watches do not end together.
    const absl::Duration duration =
        options_.watch_duration * absl::Uniform(random_, 1.0, 2.0);
    return client_.Watch(
        ctx_.WithDeadline(look_again_), collection_,
        {.label_selector = selectors_.label_selector,
         .field_selector = selectors_.field_selector,
         .resource_version = version_,
         .duration = duration},
        [this](const WatchEvent& event) { return OnEvent(event); });
  }

  const base::Context& ctx_;
  Client& client_;
  const CollectionRef collection_;
  const ObjectRef* only_;
  const ListOptions selectors_;
  const CollectionPredicate& done_;
  const WaitOptions& options_;
  Backoff backoff_;
  absl::BitGen random_;
  ObjectMap objects_;
  std::string version_;    // Of the newest thing seen.
  std::string list_from_;  // What the next list must not be older than.
  absl::Time look_again_ = absl::InfiniteFuture();
  bool reload_ = true;  // The next round begins with a list.
  int events_ = 0;      // Of the current watch.
  bool polling_ = false;
  bool answered_ = false;    // The server has, at least once.
  absl::Status last_error_;  // Since its last good answer.
  absl::Status verdict_;     // The predicate's own failure.
};

}  // namespace

absl::Status AwaitCollection(const base::Context& ctx, Client& client,
                             const CollectionRef& collection,
                             absl::string_view label_selector,
                             const CollectionPredicate& done,
                             const WaitOptions& options) {
  return Waiter(ctx, client, collection, nullptr,
                {.label_selector = std::string(label_selector)}, done, options)
      .Run();
}

absl::StatusOr<Json> AwaitObject(const base::Context& ctx, Client& client,
                                 const ObjectRef& ref,
                                 const ObjectPredicate& done,
                                 const WaitOptions& options) {
  Json found;
  const CollectionPredicate judge =
      [&](const ObjectMap& objects) -> absl::StatusOr<bool> {
    const Json* object = objects.empty() ? nullptr : &objects.begin()->second;
    ASSIGN_OR_RETURN(const bool yes, done(object));
    if (yes && object != nullptr) found = *object;
    return yes;
  };
  RETURN_IF_ERROR(
      Waiter(ctx, client, CollectionOf(ref), &ref,
             {.field_selector = absl::StrCat("metadata.name=", ref.name)},
             judge, options)
          .Run());
  return found;
}

absl::StatusOr<Json> AwaitEstablished(const base::Context& ctx, Client& client,
                                      const std::string& name,
                                      const WaitOptions& options) {
  return AwaitObject(
      ctx, client, CrdRef(name),
      [](const Json* definition) -> absl::StatusOr<bool> {
        return definition != nullptr && EvaluateRollout(*definition).done;
      },
      options);
}

absl::Status AwaitRolledOut(const base::Context& ctx, Client& client,
                            const ObjectRef& ref, absl::string_view uid,
                            SeenWorkload& seen, const WaitOptions& options) {
  return AwaitObject(
             ctx, client, ref,
             [&](const Json* live) -> absl::StatusOr<bool> {
               if (FateOf(live, uid) != Fate::kThere) {
                 seen.lost = DescribeFate(ref, live, uid);
                 return absl::AbortedError(seen.lost);
               }
               seen.rollout = EvaluateRunning(*live);
               return seen.rollout.done || seen.rollout.failed;
             },
             options)
      .status();
}

absl::Status AwaitGone(const base::Context& ctx, Client& client,
                       const ObjectRef& ref, absl::string_view uid,
                       const WaitOptions& options) {
  Json last;
  const auto gone = AwaitObject(
      ctx, client, ref,
      [uid, &last](const Json* object) -> absl::StatusOr<bool> {
        last = object == nullptr ? Json() : *object;
        return object == nullptr || (!uid.empty() && UidOf(*object) != uid);
      },
      options);
  if (IsKindNotServed(gone.status())) return absl::OkStatus();
  return NoteHeld(gone.status(), ref, last);
}

}  // namespace kube
