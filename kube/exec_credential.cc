#include "kube/exec_credential.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/pem.h"
#include "base/redact.h"
#include "base/status_macros.h"
#include "base/yaml.h"

namespace kube {
namespace {

using base::Json;

constexpr absl::Duration kLeeway = absl::Seconds(60);
constexpr size_t kShownBytes = 2048;  // Of stderr, in a message.

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("its output is no usable ExecCredential: ", what));
}

// A member that must be a string if it is there.
absl::StatusOr<std::string> Text(const Json& status, const char* name) {
  const Json* value = base::Find(status, absl::StrCat("/", name));
  if (value == nullptr || value->is_null()) return std::string();
  if (value->is_string()) return value->get<std::string>();
  return Wrong(absl::StrCat("status.", name, " must be a string"));
}

// Fit for a header line.
bool IsPrintable(absl::string_view token) {
  return std::all_of(token.begin(), token.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

absl::Status ReadStatus(const Json& status, ExecCredential& out) {
  ASSIGN_OR_RETURN(const std::string token, Text(status, "token"));
  out.token = base::Secret(std::string(absl::StripAsciiWhitespace(token)));
  if (!IsPrintable(out.token.Reveal())) {
    return Wrong("status.token has blanks or control characters");
  }
  ASSIGN_OR_RETURN(out.certificate_pem, Text(status, "clientCertificateData"));
  ASSIGN_OR_RETURN(std::string key, Text(status, "clientKeyData"));
  if (out.certificate_pem.empty() != key.empty()) {
    return Wrong(
        "clientCertificateData and clientKeyData must be given together");
  }
  if (!key.empty() &&
      !(base::HasPemBlock(key) && base::HasPemBlock(out.certificate_pem))) {
    return Wrong("clientCertificateData and clientKeyData must be PEM");
  }
  out.key_pem = base::Secret(std::move(key));
  if (out.token.empty() && out.certificate_pem.empty()) {
    return Wrong("status has neither token nor clientCertificateData");
  }
  ASSIGN_OR_RETURN(const std::string expires,
                   Text(status, "expirationTimestamp"));
  std::string error;
  if (!expires.empty() &&
      !absl::ParseTime(absl::RFC3339_full, expires, &out.expires, &error)) {
    return Wrong("status.expirationTimestamp is no RFC 3339 time");
  }
  return absl::OkStatus();
}

// Every string in `json`.
void AddTexts(const Json& json, std::vector<std::string>& secrets) {
  if (json.is_string()) secrets.push_back(json.get<std::string>());
  if (!json.is_structured()) return;
  for (const Json& part : json) AddTexts(part, secrets);
}

// What a plugin prints on stdout is the credential, in one form or another: it
// may repeat it, or a part of it, on stderr.
void AddPrinted(absl::string_view out, std::vector<std::string>& secrets) {
  constexpr size_t kShortest = 8;
  const auto json = base::ParseJson(out, "exec plugin");
  if (json.ok()) {
    const Json* status = base::Find(*json, "/status");
    const bool ours = base::StringAt(*json, "/kind") == "ExecCredential" &&
                      status != nullptr && status->is_object();
    return AddTexts(ours ? *status : *json, secrets);
  }
  for (const absl::string_view line : absl::StrSplit(out, '\n')) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (text.size() >= kShortest) secrets.emplace_back(text);
    // "token: x", "TOKEN=x", {"token":"x"}
    for (const absl::string_view word :
         absl::StrSplit(text, absl::ByAnyChar(" \t:=,;\"'{}[]"))) {
      if (word.size() >= kShortest) secrets.emplace_back(word);
    }
  }
}

bool EndedByCaller(const base::Context& ctx) { return !ctx.Check().ok(); }

}  // namespace

std::string ExecInfo(const Config& config) {
  Json spec = {{"interactive", false}};
  if (config.exec->provide_cluster_info) {
    Json cluster = {{"server", config.server}};
    if (!config.tls_server_name.empty()) {
      cluster["tls-server-name"] = config.tls_server_name;
    }
    if (config.insecure) cluster["insecure-skip-tls-verify"] = true;
    if (!config.ca_pem.empty()) {
      cluster["certificate-authority-data"] = absl::Base64Escape(config.ca_pem);
    }
    if (!config.proxy_url.empty()) cluster["proxy-url"] = config.proxy_url;
    if (config.disable_compression) cluster["disable-compression"] = true;
    if (!config.exec_cluster_config.is_null()) {
      cluster["config"] = config.exec_cluster_config;
    }
    spec["cluster"] = std::move(cluster);
  }
  return base::DumpJson({{"apiVersion", config.exec->api_version},
                         {"kind", "ExecCredential"},
                         {"spec", std::move(spec)}});
}

absl::StatusOr<ExecCredential> ParseExecCredential(
    absl::string_view out, const std::string& api_version) {
  auto json = base::ParseJson(out, "exec plugin");
  if (absl::IsResourceExhausted(json.status())) {
    return Wrong(json.status().message());
  }
  if (!json.ok()) json = base::ParseYaml(out, "exec plugin");
  if (!json.ok() || !json->is_object()) {
    return Wrong(absl::StripAsciiWhitespace(out).empty() ? "it is empty"
                                                         : "no JSON object");
  }
  if (base::StringAt(*json, "/kind") != "ExecCredential") {
    return Wrong("kind is not ExecCredential");
  }
  const std::string version = base::StringAt(*json, "/apiVersion").value_or("");
  if (version != api_version) {
    const bool known =
        absl::StartsWith(version, "client.authentication.k8s.io/v") &&
        version.size() < 50;
    return Wrong(absl::StrCat("apiVersion is ",
                              known ? version : std::string("another"),
                              ", but ", api_version, " is configured"));
  }
  const Json* status = base::Find(*json, "/status");
  if (status == nullptr || !status->is_object()) {
    return Wrong("it has no status");
  }
  ExecCredential credential;
  RETURN_IF_ERROR(ReadStatus(*status, credential));
  return credential;
}

absl::Time RefreshTime(absl::Time obtained, absl::Time expires) {
  if (expires == absl::InfiniteFuture()) return expires;
  return expires - std::min(kLeeway, (expires - obtained) * 0.1);
}

ExecPlugin::ExecPlugin(const Config& config, ExecOptions options)
    : config_(config), exec_(*config.exec), options_(std::move(options)) {}

absl::Time ExecPlugin::Now() const {
  return options_.now ? options_.now() : absl::Now();
}

bool ExecPlugin::Lead(const base::Context& ctx, Result& result) {
  bool stopped = false;  // Guarded by mutex_.
  const base::StopCallback on_stop = ctx.OnStop([this, &stopped] {
    absl::MutexLock lock(&mutex_);
    stopped = true;
  });
  absl::MutexLock lock(&mutex_);
  while (true) {
    if (current_ != nullptr && Now() < refresh_) {
      result = current_;
      return false;
    }
    if (!running_) {
      running_ = true;
      ++started_;
      return true;
    }
    const int64_t awaited = started_;
    const auto over = [this, &stopped, awaited]()
                          ABSL_NO_THREAD_SAFETY_ANALYSIS {
                            return stopped || finished_ >= awaited;
                          };
    mutex_.AwaitWithDeadline(absl::Condition(&over), ctx.deadline());
    if (finished_ < awaited) {
      result = stopped ? absl::CancelledError("stopped")
                       : absl::DeadlineExceededError(
                             "timed out waiting for the exec plugin");
      return false;
    }
    if (!last_.ok() || *last_ != nullptr) {
      result = last_;
      return false;
    }
  }
}

ExecPlugin::Result ExecPlugin::Get(const base::Context& ctx) {
  RETURN_IF_ERROR(ctx.Check());
  Result result = nullptr;
  if (!Lead(ctx, result)) return result;
  // A run that ended with its caller, or with an exception, says nothing to
  // those who waited.
  Result shared = nullptr;
  const absl::Cleanup end_turn = [this, &shared] {
    absl::MutexLock lock(&mutex_);
    running_ = false;
    finished_ = started_;
    last_ = std::move(shared);
  };
  result = Run(ctx);
  absl::MutexLock lock(&mutex_);
  if (result.ok()) {
    current_ = *result;
    refresh_ = RefreshTime(Now(), current_->expires);
  } else if (current_ != nullptr && Now() < current_->expires &&
             !EndedByCaller(ctx)) {
    // It was only about to expire.
    base::Log(base::LogLevel::kWarn, result.status().message());
    result = current_;
  }
  if (result.ok() || !EndedByCaller(ctx)) shared = result;
  return result;
}

void ExecPlugin::Forget(const std::shared_ptr<const ExecCredential>& refused) {
  absl::MutexLock lock(&mutex_);
  if (current_ == refused) current_ = nullptr;
}

absl::StatusOr<base::Outcome> ExecPlugin::Start(
    const base::Context& ctx) const {
  const auto path = options_.environment.find("PATH");
  const auto program = base::FindProgram(
      exec_.command, path == options_.environment.end() ? "" : path->second);
  if (!program.ok()) {
    const std::string hint = base::StripControlCharacters(exec_.install_hint);
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot be started: ", program.status().message(),
        hint.empty() ? ". Install it, or correct command and PATH" : "\n",
        hint));
  }
  base::Command command{.program = *program,
                        .args = exec_.args,
                        .environment = options_.environment};
  for (const auto& [name, value] : exec_.env) {
    command.environment[name] = value;
  }
  command.environment["KUBERNETES_EXEC_INFO"] = ExecInfo(config_);
  auto outcome = base::RunCommand(ctx.WithTimeout(options_.timeout), command);
  if (outcome.ok()) return outcome;
  RETURN_IF_ERROR(ctx.Check());
  if (absl::IsDeadlineExceeded(outcome.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "gave no answer within ", absl::FormatDuration(options_.timeout),
        " and was ended; run it by hand to see what it waits for"));
  }
  return absl::FailedPreconditionError(outcome.status().message());
}

std::string ExecPlugin::TailOf(const base::Outcome& outcome) const {
  std::vector<std::string> secrets = SecretsOf(exec_);
  for (const base::Secret* each :
       {&config_.token, &config_.password, &config_.client_key_pem}) {
    secrets.push_back(each->Reveal());
  }
  AddPrinted(outcome.out, secrets);
  const std::string text = base::RedactCredentials(outcome.error, secrets);
  absl::string_view tail = absl::StripAsciiWhitespace(text);
  if (tail.size() > kShownBytes) {
    tail.remove_prefix(tail.size() - kShownBytes);
    // Whole lines only, where there are some.
    const size_t line = tail.find('\n');
    if (line != absl::string_view::npos) tail.remove_prefix(line + 1);
  }
  return std::string(tail);
}

ExecPlugin::Result ExecPlugin::Run(const base::Context& ctx) const {
  const std::string name = absl::StrCat("exec plugin \"", exec_.name(), "\"");
  base::Log(base::LogLevel::kDebug, "running the exec plugin",
            {{"plugin", exec_.name()}});
  const auto outcome = Start(ctx);
  if (!outcome.ok()) {
    return absl::Status(outcome.status().code(),
                        absl::StrCat(name, " ", outcome.status().message()));
  }
  const std::string tail = TailOf(*outcome);
  if (!tail.empty()) {
    base::Log(base::LogLevel::kDebug, "the exec plugin wrote to stderr",
              {{"plugin", exec_.name()}, {"text", tail}});
  }
  const std::string wrote = tail.empty()
                                ? "; it wrote nothing to stderr"
                                : absl::StrCat("; it wrote to stderr:\n", tail);
  if (outcome->exit_code != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        name, " failed with exit code ", outcome->exit_code, wrote));
  }
  auto credential = ParseExecCredential(outcome->out, exec_.api_version);
  if (!credential.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, ": ", credential.status().message(), wrote));
  }
  return std::make_shared<const ExecCredential>(*std::move(credential));
}

}  // namespace kube
