// Who asks: headers and client certificate of a request. Internal to kube/.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/file.h"
#include "base/http/transport.h"
#include "base/subprocess.h"
#include "kube/config.h"
#include "kube/exec_credential.h"

namespace kube {

// What one request is sent with.
struct Identity {
  http::Headers headers;  // Authorization and impersonation.
  std::shared_ptr<const http::TlsOptions> tls;

  // Where it is from, for Refresh().
  std::shared_ptr<const ExecCredential> exec;
  std::string file_token;
};

struct CredentialsOptions {
  base::Environment child_environment;          // Of exec plugins.
  std::function<void(std::string)> on_warning;  // May be null.
  // As in ClientOptions.
  std::function<void(const std::string&)> on_credential;
  std::function<absl::Time()> now;  // Null for the real clock.
  base::ReadFileOptions token_file;
};

// Thread-safe. In this order: exec plugin, token, user name and password, token
// file; a client certificate goes beside any of them. Where a token stands
// beside an exec plugin that fails, the token is used for a minute, with one
// warning.
class Credentials {
 public:
  // `config` must outlive it.
  explicit Credentials(const Config& config, CredentialsOptions options = {});

  // Nothing over plain http: whoever listens on the way must not learn who we
  // are. A token file is read again once a minute, and one that never gave a
  // token each time, unless it is a pipe that was waited for within the last
  // minute; kFailedPrecondition then. For exec plugins see ExecPlugin::Get().
  absl::StatusOr<Identity> Get(const base::Context& ctx)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // After a 401 to `refused`: true when Get() has, or may find, others.
  bool Refresh(const Identity& refused) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Time Now() const;
  // Puts the authorization into `identity`.
  absl::Status Authorize(const base::Context& ctx, Identity& identity)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status UseExec(const base::Context& ctx, Identity& identity)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status UseTokenFile(Identity& identity) ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadTokenFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tell(const Identity& identity) const;  // options_.on_credential.
  void Impersonate(http::Headers& headers) const;
  std::shared_ptr<const http::TlsOptions> TlsWith(
      const ExecCredential& credential) ABSL_LOCKS_EXCLUDED(mutex_);

  const Config& config_;
  const CredentialsOptions options_;
  const std::shared_ptr<const http::TlsOptions> tls_;  // Of `config_` alone.
  const std::unique_ptr<ExecPlugin> exec_;  // Null when there is none.

  absl::Mutex mutex_;
  std::string file_token_ ABSL_GUARDED_BY(mutex_);
  absl::Status file_error_ ABSL_GUARDED_BY(mutex_);  // Of the last look at it.
  absl::Time file_token_read_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // With the certificate that the plugin gave last.
  std::shared_ptr<const http::TlsOptions> exec_tls_ ABSL_GUARDED_BY(mutex_);
  // Until then the token stands in for the plugin.
  absl::Time exec_again_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool warned_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace kube
