#include "kube/requests.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "kube/answer.h"
#include "kube/status.h"

namespace kube {
namespace {

using base::Json;

// Without the answer to a write nobody knows what there is. Longer than a slow
// server takes, and shorter than people wait after Ctrl-C.
constexpr absl::Duration kStopGrace = absl::Seconds(10);

constexpr size_t kMaxRequestBytes = 3 << 20;  // The server's own limit.

}  // namespace

Requests::Requests(Config config, ClientOptions options,
                   std::shared_ptr<http::Transport> transport)
    : config_(std::move(config)),
      options_(std::move(options)),
      transport_(std::move(transport)),
      credentials_(config_, {.child_environment = options_.child_environment,
                             .on_warning = options_.on_warning,
                             .on_credential = options_.on_credential}) {}

http::Request Requests::RequestFor(const base::Context& ctx, const Call& call,
                                   const Identity& identity,
                                   const Limits& limits) const {
  http::Request request;
  request.connect_timeout = limits.connect;
  request.method = call.method;
  Query query = call.query;
  if (call.method != "GET") {
    // The server shall give up no later than we do.
    query.emplace_back("timeout", SecondsText(std::min(options_.attempt_timeout,
                                                       ctx.remaining())));
  }
  request.url = absl::StrCat(config_.server, call.path, QueryText(query));
  request.headers = {{"Accept", call.accept}};
  if (!call.content_type.empty()) {
    request.headers.emplace_back("Content-Type", call.content_type);
  }
  request.headers.insert(request.headers.end(), identity.headers.begin(),
                         identity.headers.end());
  request.body = call.body;
  request.tls = identity.tls;
  request.proxy_url = config_.proxy_url;
  request.on_data = call.on_data;
  request.repeatable = call.repeatable;
  if (call.writes) request.stop_grace = kStopGrace;
  request.first_byte_timeout = options_.attempt_timeout;
  request.idle_timeout = std::min(call.idle_timeout, limits.silence);
  if (!call.on_data) request.timeout = options_.attempt_timeout;
  return request;
}

absl::StatusOr<http::Response> Requests::SendOnce(const base::Context& ctx,
                                                  const Call& call,
                                                  const Identity& identity,
                                                  const Limits& limits) {
  const http::Request request = RequestFor(ctx, call, identity, limits);
  auto response = transport_->Send(ctx, request);
  // Refused credentials make an API server end an HTTP/2 connection together
  // with its answer, of which libcurl then loses the body. This code means the
  // same without one.
  if (http::CutAnswerCode(response.status()) == 401) {
    response = http::Response{.status = 401};
  }
  if (!response.ok()) {
    absl::Status failure = WithAdvice(response.status());
    // A server's word on the object has that code. Of this one none has heard,
    // unless it is the stream's reader that gave up.
    if (absl::IsInvalidArgument(failure) && !call.on_data) {
      failure = absl::FailedPreconditionError(failure.message());
    }
    return base::Annotate(failure, Where(call));
  }
  if (response->status < 500) {  // More may be a proxy before the server.
    absl::MutexLock lock(&mutex_);
    contacted_ = true;
    silent_since_ = absl::InfiniteFuture();
  }
  const std::string audit_id = response->Header("audit-id");
  base::Log(base::LogLevel::kDebug, "kubernetes request",
            {{"method", call.method},
             {"path", call.path},
             {"code", absl::StrCat(response->status)},
             {"audit_id", audit_id}});
  if (response->status >= 200 && response->status < 300) return response;
  return WithAdvice(
      StatusOfReply({.method = call.method,
                     .path = call.path,
                     .http_code = response->status,
                     .body = response->body,
                     .audit_id = audit_id,
                     .retry_after = response->Header("retry-after"),
                     .ref = call.ref,
                     .create_only = call.create_only}));
}

absl::Status Requests::WithAdvice(const absl::Status& status) const {
  const std::string advice =
      options_.advice ? options_.advice(status, config_) : "";
  return advice.empty() ? status : WithNote(status, status.code(), advice);
}

absl::StatusOr<http::Response> Requests::Send(const base::Context& ctx,
                                              const Call& call) {
  if (call.body.size() > kMaxRequestBytes) {
    return StatusOfReply(
        {.method = call.method,
         .path = call.path,
         .http_code = 413,
         .body = absl::StrCat("not sent, since it has ", call.body.size(),
                              " bytes; the API server takes at most ",
                              kMaxRequestBytes),
         .ref = call.ref});
  }
  const bool hurried = options_.hurried && options_.hurried();
  std::optional<http::Response> answer;
  const absl::Status status = RunWithRetries(
      ctx, options_.retry,
      {.connection_limit =
           hurried ? Patience() : options_.first_contact_timeout,
       .contacted =
           [this, hurried] {
             absl::MutexLock lock(&mutex_);
             return contacted_ && !hurried;
           },
       .repeatable = call.repeatable},
      [&](absl::Duration connect_limit) -> absl::Status {
        auto response = SendInTurn(ctx, call, connect_limit, hurried);
        if (response.ok()) {
          answer = *std::move(response);
          return absl::OkStatus();
        }
        return response.status();
      });
  if (!status.ok()) return status;
  return *std::move(answer);
}

absl::StatusOr<http::Response> Requests::SendIdentified(
    const base::Context& ctx, const Call& call, const Limits& limits) {
  ASSIGN_OR_RETURN(Identity identity, credentials_.Get(ctx));
  auto response = SendOnce(ctx, call, identity, limits);
  if (!absl::IsUnauthenticated(response.status()) ||
      !credentials_.Refresh(identity)) {
    return response;
  }
  ASSIGN_OR_RETURN(identity, credentials_.Get(ctx));
  return SendOnce(ctx, call, identity, limits);
}

absl::Status Requests::Stream(const base::Context& ctx, const Call& call) {
  return SendIdentified(ctx, call, {}).status();
}

absl::Duration Requests::Patience() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  silent_since_ = std::min(silent_since_, now);
  return std::max(silent_since_ + options_.hurried_timeout - now,
                  options_.least_hurried);
}

absl::StatusOr<http::Response> Requests::SendInTurn(const base::Context& ctx,
                                                    const Call& call,
                                                    absl::Duration limit,
                                                    bool hurried) {
  RETURN_IF_ERROR(TakeTurn(ctx));
  const absl::Cleanup give_back = [this] {
    absl::MutexLock lock(&mutex_);
    --in_flight_;
  };
  if (!hurried) return SendIdentified(ctx, call, {.connect = limit});
  // Others may have waited in vain meanwhile.
  limit = std::min(limit, Patience());
  // The longer one, so that it is the connection that is said to be missing.
  return SendIdentified(
      ctx, call, {.connect = limit, .silence = limit + absl::Seconds(0.1)});
}

absl::Status Requests::TakeTurn(const base::Context& ctx) {
  bool stopped = false;  // Guarded by mutex_.
  const base::StopCallback on_stop = ctx.OnStop([this, &stopped] {
    absl::MutexLock lock(&mutex_);
    stopped = true;
  });
  const auto may_go_on = [this, &stopped]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return stopped || in_flight_ < options_.max_in_flight;
  };
  bool taken = false;
  {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithDeadline(absl::Condition(&may_go_on), ctx.deadline());
    taken = !stopped && in_flight_ < options_.max_in_flight;
    if (taken) ++in_flight_;
  }
  if (taken) return absl::OkStatus();
  absl::Status ended = ctx.Check();
  return ended.ok() ? absl::DeadlineExceededError("timed out") : ended;
}

absl::StatusOr<Json> Requests::SendForJson(const base::Context& ctx,
                                           const Call& call) {
  ASSIGN_OR_RETURN(const http::Response response, Send(ctx, call));
  return JsonOf(response, Where(call));
}

absl::StatusOr<Json> Requests::SendForObject(const base::Context& ctx,
                                             const Call& call,
                                             absl::string_view uid) {
  ASSIGN_OR_RETURN(Json object, SendForJson(ctx, call));
  const std::string wrong = WrongObject(object, call.ref, uid);
  if (!wrong.empty()) return Misfit(call, wrong);
  return object;
}

std::string Requests::Where(const Call& call) const {
  return absl::StrCat(call.method, " ", config_.server, call.path);
}

absl::Status Requests::Misfit(const Call& call, absl::string_view wrong) const {
  return absl::FailedPreconditionError(absl::StrCat(
      Where(call), ": the answer is not what was asked for: ", wrong, ". ",
      kNoApiServer));
}

}  // namespace kube
