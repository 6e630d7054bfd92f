// A kube::Client that keeps its objects in memory, for tests of what uses one.
//
// It applies like the server as far as our code can tell: merges by path, keeps
// one managedFields entry per manager, removes what the manager no longer
// sends, refuses other managers' paths without force (409 with causes), answers
// create_only with 409 when the object exists, gives uids, times of creation
// and rising resource versions, and takes new owners from a patch of
// managedFields. Arrays are replaced as a whole; a map that loses its last key
// by an apply, but is held itself, becomes null. No defaulting, no validation,
// no controllers. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/json.h"
#include "kube/client.h"

namespace support {

class FakeClient : public kube::Client {
 public:
  // One call, as tests like to compare it: "APPLY Deployment \"ns/x\"".
  struct Call {
    // GET, LIST, APPLY, PATCH, DELETE, WATCH, LOGS, DISCOVER, RULES, VERSION.
    std::string verb;
    kube::ObjectRef ref;  // name is "" for LIST and WATCH.
    base::Json body;
    kube::ApplyOptions apply;      // Of APPLY.
    kube::DeleteOptions deletion;  // Of DELETE.
  };

  FakeClient();
  ~FakeClient() override;

  // Stores `object` as if `manager` had updated it (operation Update); "": as
  // the control plane does, which leaves no managed fields. Fills
  // uid, creationTimestamp, resourceVersion and generation unless given. Events
  // go to watches.
  void Put(const kube::ObjectRef& ref, base::Json object,
           absl::string_view manager = "test");
  // Removes it without asking finalizers.
  void Remove(const kube::ObjectRef& ref);
  // As stored, or JSON null.
  base::Json Stored(const kube::ObjectRef& ref) const;

  // Fails the next call (of `verb`, "" for any) with `status`, once.
  void FailNext(absl::Status status, absl::string_view verb = "");
  // Fails every call on that object or collection, until OK is given.
  void FailAlways(const kube::ObjectRef& ref, absl::Status status);
  // No call is answered: kUnavailable.
  void SetUnreachable(bool unreachable);
  // If set, writes to a collection that was not registered here answer as if
  // the kind had no CRD (IsKindNotServed()).
  void ServeOnly(std::vector<kube::CollectionRef> kinds);
  // Writes into namespaces that do not exist answer IsNamespaceMissing().
  void RequireNamespaces(bool require);
  // Runs after each successful write, outside the lock: plays a controller.
  void OnWrite(std::function<void(const kube::ObjectRef&, const base::Json&)>
                   controller);
  // Has a word on every object that a write or a dry run would make.
  void Admit(std::function<absl::Status(const base::Json&)> admission);
  void SetLogs(absl::string_view ns, absl::string_view pod, std::string text);
  // Group versions that discovery cannot describe.
  void SetUnknownKinds(std::vector<std::string> group_versions);
  // Discovery leaves out the kinds of this group, as a server does that has
  // just come up.
  void LeaveOut(std::string group);
  // What ReviewRules() answers; until then, that nothing is known.
  void SetOwnRules(kube::OwnRules rules);
  // Given to the next Apply's Applied::warnings.
  void WarnNext(std::string warning);

  std::vector<Call> calls() const;
  // "APPLY Deployment \"wandb/x\"" for each call, in order.
  std::vector<std::string> CallLines() const;
  void ClearCalls();
  // Blocks until a call of `verb` ("" for any), on an object called `name` if
  // that is given, has been made since the last ClearCalls(). False if none is
  // within a minute.
  bool AwaitCall(absl::string_view verb, absl::string_view name = "") const;

  absl::StatusOr<base::Json> Get(const base::Context& ctx,
                                 const kube::ObjectRef& ref) override;
  absl::StatusOr<kube::ObjectList> List(
      const base::Context& ctx, const kube::CollectionRef& collection,
      const kube::ListOptions& options) override;
  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref,
      const base::Json& body, const kube::ApplyOptions& options) override;
  absl::StatusOr<base::Json> Patch(const base::Context& ctx,
                                   const kube::ObjectRef& ref,
                                   const base::Json& patch,
                                   const kube::PatchOptions& options) override;
  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override;
  absl::Status Watch(const base::Context& ctx,
                     const kube::CollectionRef& collection,
                     const kube::WatchOptions& options,
                     const std::function<absl::Status(const kube::WatchEvent&)>&
                         handler) override;
  absl::StatusOr<std::string> Logs(const base::Context& ctx,
                                   const kube::ObjectRef& pod,
                                   const kube::LogOptions& options) override;
  // The kinds of the namespaced objects that are stored.
  absl::StatusOr<kube::NamespacedKinds> ListNamespacedKinds(
      const base::Context& ctx) override;
  absl::StatusOr<kube::OwnRules> ReviewRules(const base::Context& ctx,
                                             const std::string& ns) override;
  absl::StatusOr<std::string> ServerVersion(const base::Context& ctx) override;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace support
