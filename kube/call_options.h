// What the calls of `Client` take and give besides refs and JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/json.h"
#include "kube/object_ref.h"

namespace kube {

struct ApplyOptions {
  std::string field_manager;  // Required. 1 to 128 printable characters.
  bool force = false;         // Take over paths that other managers own.
  bool dry_run = false;       // Validate and default; store nothing.
  // Fail with IsAlreadyExists() when the object exists, never change it. An
  // attempt whose reply was lost may have created it: then so fails the retry.
  bool create_only = false;
};

struct Applied {         // NOLINT(bugprone-exception-escape): moving JSON
  base::Json object;     // As stored, with managedFields.
  bool created = false;  // 201: it did not exist before.
  std::vector<std::string> warnings;  // Texts of Warning: headers.
};

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
  // Not older than this, from the server's cache; fails with IsExpired() or
  // IsVersionTooNew() when the server cannot. "" for the newest state.
  std::string resource_version;
  // What of the items is wanted: called for each as its page comes, perhaps
  // twice for one object. False drops the item; what is taken out of it is not
  // kept either. So a list may be longer than memory. Null for all of all.
  std::function<bool(base::Json& item)> keep;
};

struct ObjectList {
  std::string resource_version;  // Where a watch goes on.
  std::vector<base::Json> items;
};

// The kinds of objects that namespaces can hold.
struct NamespacedKinds {
  // Those that can be listed and deleted, each in one version.
  std::vector<CollectionRef> kinds;
  // Group versions ("metrics.example.com/v1") that the server could not
  // describe, because what stands behind them is away: they may have more.
  std::vector<std::string> unknown;

  bool operator==(const NamespacedKinds&) const = default;
};

enum class PatchType {
  kMerge,  // JSON merge patch (RFC 7386).
  kJson,   // JSON patch (RFC 6902); the patch is an array. Not repeated once
           // it may have arrived.
};

struct PatchOptions {
  std::string field_manager;  // Required, as in ApplyOptions.
  PatchType type = PatchType::kMerge;
  bool dry_run = false;
};

enum class Propagation { kBackground, kForeground, kOrphan };

struct DeleteOptions {
  // Only this incarnation; "" for any. Without a guard the request is not
  // repeated once it may have arrived.
  std::string uid;
  std::string resource_version;  // Only this state of it; "" for any.
  Propagation propagation = Propagation::kBackground;
  bool dry_run = false;
};

struct WatchOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;  // From a list, an object or a bookmark.
  // How long the server shall keep the watch; it ends with OK after that.
  absl::Duration duration = absl::Minutes(5);
  // If nothing came for so much longer, it ends with kUnavailable.
  absl::Duration slack = absl::Seconds(10);
};

struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark };
  Type type = Type::kAdded;
  base::Json object;  // Of a bookmark only metadata.resourceVersion counts.
};

struct LogOptions {
  std::string container;  // "" if the pod has only one.
  bool previous = false;  // The log of the container's last incarnation.
  absl::Time since = absl::InfinitePast();
  int64_t tail_lines = 0;         // 0 for all.
  int64_t limit_bytes = 262'144;  // 256 KiB.
};

}  // namespace kube
