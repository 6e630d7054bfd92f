#include "kube/wait.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
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

// A failure of the predicate, told apart from one of the stream.
struct Verdict {
  absl::Status status;
  bool failed = false;
};

class Waiter {
 public:
  Waiter(const base::Context& ctx, Client& client,
         const CollectionRef& collection, ListOptions selectors,
         const CollectionPredicate& done, const WaitOptions& options)
      : ctx_(ctx),
        client_(client),
        collection_(collection),
        selectors_(std::move(selectors)),
        done_(done),
        options_(options),
        backoff_(options.retry) {}

  absl::Status Run() {
    while (true) {
      absl::Status status = Round();
      if (IsDone(status)) return absl::OkStatus();
      if (verdict_.failed) return verdict_.status;
      if (const absl::Status ended = ctx_.Check(); !ended.ok()) {
        return Ended(ended);
      }
      if (IsFinal(status)) return status;
      if (!status.ok() && !IsExpired(status)) last_error_ = status;
      const absl::Duration delay = status.ok() || IsExpired(status)
                                       ? absl::ZeroDuration()
                                       : backoff_.Next(RetryAfter(status));
      if (const absl::Status slept = backoff_.Sleep(ctx_, delay); !slept.ok()) {
        return Ended(slept);
      }
    }
  }

 private:
  static bool IsFinal(const absl::Status& status) {
    return absl::IsPermissionDenied(status) ||
           absl::IsUnauthenticated(status) || absl::IsInvalidArgument(status) ||
           IsKindNotServed(status);
  }

  absl::Status Ended(const absl::Status& ended) const {
    if (last_error_.ok()) return ended;
    return absl::Status(
        ended.code(),
        absl::StrCat(ended.message(), "; last error: ", last_error_.message()));
  }

  absl::Status Judge() {
    auto done = done_(objects_);
    if (!done.ok()) {
      verdict_ = {done.status(), true};
      return done.status();
    }
    return *done ? DoneSignal() : absl::OkStatus();
  }

  static std::string KeyOf(const Json& object) {
    const std::string ns = NamespaceOf(object);
    return absl::StrCat(ns, ns.empty() ? "" : "/", NameOf(object));
  }

  // LIST, then watches from there until one is too old or fails.
  absl::Status Round() {
    ASSIGN_OR_RETURN(ObjectList list,
                     client_.List(ctx_, collection_, selectors_));
    objects_.clear();
    for (Json& object : list.items) {
      objects_[KeyOf(object)] = std::move(object);
    }
    version_ = list.resource_version;
    last_error_ = absl::OkStatus();
    backoff_.Reset();
    RETURN_IF_ERROR(Judge());
    while (true) {
      const absl::Time started = absl::Now();
      const absl::Status status = WatchOnce();
      if (absl::IsPermissionDenied(status)) {
        // May list but not watch.
        return ctx_.SleepFor(options_.poll_interval);
      }
      RETURN_IF_ERROR(status);
      const absl::Duration spent = absl::Now() - started;
      if (spent < options_.rewatch_interval) {
        RETURN_IF_ERROR(ctx_.SleepFor(options_.rewatch_interval - spent));
      }
    }
  }

  absl::Status WatchOnce() {
    return client_.Watch(ctx_, collection_,
                         {.label_selector = selectors_.label_selector,
                          .field_selector = selectors_.field_selector,
                          .resource_version = version_},
                         [this](const WatchEvent& event) -> absl::Status {
                           version_ = ResourceVersionOf(event.object);
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
                         });
  }

  const base::Context& ctx_;
  Client& client_;
  const CollectionRef collection_;
  const ListOptions selectors_;
  const CollectionPredicate& done_;
  const WaitOptions& options_;
  Backoff backoff_;
  ObjectMap objects_;
  std::string version_;
  absl::Status last_error_;
  Verdict verdict_;
};

}  // namespace

absl::Status AwaitCollection(const base::Context& ctx, Client& client,
                             const CollectionRef& collection,
                             absl::string_view label_selector,
                             const CollectionPredicate& done,
                             const WaitOptions& options) {
  return Waiter(ctx, client, collection,
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
      Waiter(ctx, client, CollectionOf(ref),
             {.field_selector = absl::StrCat("metadata.name=", ref.name)},
             judge, options)
          .Run());
  return found;
}

absl::Status AwaitGone(const base::Context& ctx, Client& client,
                       const ObjectRef& ref, absl::string_view uid,
                       const WaitOptions& options) {
  const auto gone = AwaitObject(
      ctx, client, ref,
      [uid](const Json* object) -> absl::StatusOr<bool> {
        return object == nullptr || (!uid.empty() && UidOf(*object) != uid);
      },
      options);
  if (IsKindNotServed(gone.status())) return absl::OkStatus();
  return gone.status();
}

}  // namespace kube
