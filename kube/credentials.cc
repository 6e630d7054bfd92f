#include "kube/credentials.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "base/percent.h"
#include "base/printable.h"
#include "base/status_macros.h"

namespace kube {
namespace {

constexpr absl::Duration kTokenAge = absl::Seconds(60);
// How long a token stands in for an exec plugin that failed.
constexpr absl::Duration kExecPause = absl::Seconds(60);

// A header name can hold no more; the server decodes the rest.
constexpr absl::string_view kKeptInKeys = "-._";

std::string Bearer(const std::string& token) {
  return absl::StrCat("Bearer ", token);
}

}  // namespace

Credentials::Credentials(const Config& config, CredentialsOptions options)
    : config_(config),
      options_(std::move(options)),
      tls_(std::make_shared<const http::TlsOptions>(http::TlsOptions{
          .ca_pem = config.ca_pem,
          .insecure = config.insecure,
          .server_name = config.tls_server_name,
          .client_certificate_pem = config.client_certificate_pem,
          .client_key_pem = config.client_key_pem})),
      exec_(config.exec.has_value()
                ? std::make_unique<ExecPlugin>(
                      config,
                      ExecOptions{.environment = options_.child_environment,
                                  .now = options_.now})
                : nullptr) {}

absl::Time Credentials::Now() const {
  return options_.now ? options_.now() : absl::Now();
}

absl::StatusOr<Identity> Credentials::Get(const base::Context& ctx) {
  Identity identity{.tls = tls_};
  if (!absl::StartsWith(config_.server, "https://")) return identity;
  RETURN_IF_ERROR(Authorize(ctx, identity));
  Tell(identity);
  Impersonate(identity.headers);
  return identity;
}

void Credentials::Tell(const Identity& identity) const {
  if (!options_.on_credential) return;
  for (const auto& [name, value] : identity.headers) {
    if (name != "Authorization") continue;
    options_.on_credential(value.substr(value.find(' ') + 1));
    if (!config_.password.empty()) {
      options_.on_credential(config_.password.Reveal());
    }
  }
}

void Credentials::Impersonate(http::Headers& headers) const {
  if (config_.impersonate_user.empty()) return;
  headers.emplace_back("Impersonate-User", config_.impersonate_user);
  if (!config_.impersonate_uid.empty()) {
    headers.emplace_back("Impersonate-Uid", config_.impersonate_uid);
  }
  for (const std::string& group : config_.impersonate_groups) {
    headers.emplace_back("Impersonate-Group", group);
  }
  for (const auto& [key, values] : config_.impersonate_extra) {
    for (const std::string& value : values) {
      headers.emplace_back(absl::StrCat("Impersonate-Extra-",
                                        base::PercentEncoded(key, kKeptInKeys)),
                           value);
    }
  }
}

absl::Status Credentials::Authorize(const base::Context& ctx,
                                    Identity& identity) {
  if (exec_ != nullptr) {
    const absl::Status used = UseExec(ctx, identity);
    if (used.ok()) return used;
    RETURN_IF_ERROR(ctx.Check());
    if (config_.token.empty()) return used;
  }
  if (!config_.token.empty()) {
    identity.headers.emplace_back("Authorization",
                                  Bearer(config_.token.Reveal()));
    return absl::OkStatus();
  }
  if (!config_.username.empty()) {
    identity.headers.emplace_back(
        "Authorization",
        absl::StrCat("Basic ",
                     absl::Base64Escape(absl::StrCat(
                         config_.username, ":", config_.password.Reveal()))));
    return absl::OkStatus();
  }
  return config_.token_file.empty() ? absl::OkStatus() : UseTokenFile(identity);
}

absl::Status Credentials::UseExec(const base::Context& ctx,
                                  Identity& identity) {
  {
    absl::MutexLock lock(&mutex_);
    if (Now() < exec_again_) return absl::UnavailableError("failed before");
  }
  const auto credential = exec_->Get(ctx);
  if (!credential.ok()) {
    if (config_.token.empty() || !ctx.Check().ok()) return credential.status();
    const std::string warning =
        absl::StrCat(credential.status().message(),
                     "\n\nThe token is used instead, because both are "
                     "configured. Repair the plugin, or remove one of them.");
    bool first = false;
    {
      absl::MutexLock lock(&mutex_);
      exec_again_ = Now() + kExecPause;
      first = !std::exchange(warned_, true);
    }
    base::Log(base::LogLevel::kWarn, warning);
    if (first && options_.on_warning) options_.on_warning(warning);
    return credential.status();
  }
  identity.exec = *credential;
  if (!identity.exec->token.empty()) {
    identity.headers.emplace_back("Authorization",
                                  Bearer(identity.exec->token.Reveal()));
  }
  if (!identity.exec->certificate_pem.empty()) {
    identity.tls = TlsWith(*identity.exec);
  }
  return absl::OkStatus();
}

std::shared_ptr<const http::TlsOptions> Credentials::TlsWith(
    const ExecCredential& credential) {
  absl::MutexLock lock(&mutex_);
  if (exec_tls_ == nullptr ||
      exec_tls_->client_certificate_pem != credential.certificate_pem ||
      exec_tls_->client_key_pem != credential.key_pem) {
    // Other options, hence other connections: the old ones would go on with
    // the old certificate.
    http::TlsOptions options = *tls_;
    options.client_certificate_pem = credential.certificate_pem;
    options.client_key_pem = credential.key_pem;
    exec_tls_ = std::make_shared<const http::TlsOptions>(std::move(options));
  }
  return exec_tls_;
}

absl::Status Credentials::UseTokenFile(Identity& identity) {
  absl::MutexLock lock(&mutex_);
  const bool due = Now() - file_token_read_ >= kTokenAge;
  const bool waited_in_vain = absl::IsDeadlineExceeded(file_error_);
  if (due || (file_token_.empty() && !waited_in_vain)) ReadTokenFile();
  if (file_token_.empty()) {
    const std::string& origin = config_.origins.token_file;
    // Not that the server refuses the credentials: it was not asked.
    return absl::FailedPreconditionError(absl::StrCat(
        "the token file", origin.empty() ? "" : absl::StrCat(" (", origin, ")"),
        " cannot be used: ", file_error_.message(),
        ". It must be a file that holds the token alone, on one line"));
  }
  identity.file_token = file_token_;
  identity.headers.emplace_back("Authorization", Bearer(file_token_));
  return absl::OkStatus();
}

// One that is just being replaced is empty, not there or half written: then the
// last one is kept.
void Credentials::ReadTokenFile() {
  file_token_read_ = Now();
  const auto text = base::ReadFile(config_.token_file, options_.token_file);
  file_error_ = text.status();
  if (!text.ok()) return;
  const absl::string_view token = absl::StripAsciiWhitespace(*text);
  if (token.empty()) {
    file_error_ = absl::FailedPreconditionError(
        absl::StrCat(config_.token_file, " is empty"));
  } else if (base::HasControl(token)) {
    file_error_ = absl::FailedPreconditionError(
        absl::StrCat(config_.token_file,
                     " has a line break or another control character within "
                     "the token"));
  } else {
    file_token_ = std::string(token);
  }
}

bool Credentials::Refresh(const Identity& refused) {
  if (refused.exec != nullptr) {
    exec_->Forget(refused.exec);
    return true;
  }
  absl::MutexLock lock(&mutex_);
  if (exec_ != nullptr) {
    // The token that stood in is refused: perhaps the plugin works by now.
    exec_again_ = absl::InfinitePast();
    return true;
  }
  if (refused.file_token.empty()) return false;
  if (file_token_ == refused.file_token) ReadTokenFile();
  return file_token_ != refused.file_token;
}

}  // namespace kube
