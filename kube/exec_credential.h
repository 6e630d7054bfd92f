// Credentials from an exec plugin: running it, reading what it prints, keeping
// the result until shortly before it expires. Internal to kube/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/secret.h"
#include "base/subprocess.h"
#include "kube/config.h"

namespace kube {

// A token, a certificate with its key, or both.
struct ExecCredential {
  base::Secret token;
  std::string certificate_pem;
  base::Secret key_pem;
  absl::Time expires = absl::InfiniteFuture();
};

// The value of KUBERNETES_EXEC_INFO for the plugin of `config`.
std::string ExecInfo(const Config& config);

// Reads what a plugin printed: an ExecCredential of just `api_version`.
// kInvalidArgument, without any of the text.
absl::StatusOr<ExecCredential> ParseExecCredential(
    absl::string_view out, const std::string& api_version);

// When to run the plugin again: 60 s before `expires`, or 10% of the lifetime
// if that is shorter.
absl::Time RefreshTime(absl::Time obtained, absl::Time expires);

struct ExecOptions {
  base::Environment environment;  // Of the child, before the plugin's own.
  absl::Duration timeout = absl::Seconds(60);
  std::function<absl::Time()> now;  // Null for the real clock.
};

// Thread-safe. Runs the plugin at most once at a time; whoever comes meanwhile
// waits for that run and shares its result.
class ExecPlugin {
 public:
  using Result = absl::StatusOr<std::shared_ptr<const ExecCredential>>;

  // `config` must have an exec, and must outlive it.
  ExecPlugin(const Config& config, ExecOptions options);

  // What the plugin said last, or runs it. kFailedPrecondition when it cannot
  // be found or started, fails, takes longer than the timeout or prints
  // something else; the message has the end of its stderr without what looks
  // like a credential. kCancelled and kDeadlineExceeded when `ctx` ended, and
  // the plugin with it.
  Result Get(const base::Context& ctx) ABSL_LOCKS_EXCLUDED(mutex_);

  // The server refused `refused`: if nobody got another one since, the next
  // Get() runs the plugin.
  void Forget(const std::shared_ptr<const ExecCredential>& refused)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Time Now() const;
  // Runs the plugin.
  Result Run(const base::Context& ctx) const;
  absl::StatusOr<base::Outcome> Start(const base::Context& ctx) const;
  std::string TailOf(const base::Outcome& outcome) const;
  // True when this caller must run the plugin; else `result` is the answer.
  bool Lead(const base::Context& ctx, Result& result)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const Config& config_;
  const ExecConfig& exec_;
  const ExecOptions options_;

  absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t started_ ABSL_GUARDED_BY(mutex_) = 0;   // Runs, all told.
  int64_t finished_ ABSL_GUARDED_BY(mutex_) = 0;  // Runs, all told.
  // Of the last run, unless its caller went away.
  Result last_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::shared_ptr<const ExecCredential> current_ ABSL_GUARDED_BY(mutex_);
  absl::Time refresh_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace kube
