#include "kube/new_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "kube/answer.h"
#include "kube/credentials.h"
#include "kube/discovery.h"
#include "kube/list_budget.h"
#include "kube/status.h"
#include "kube/watch_stream.h"
#include "kube/wire.h"

namespace kube {
namespace {

using base::Json;

constexpr size_t kMaxRequestBytes = 3 << 20;  // The server's own limit.
// Of a page that is looked at beside others.
constexpr size_t kSmallPageBytes = 256 << 10;
constexpr int kPageItems = 500;
constexpr char kJsonType[] = "application/json";

// What goes over the wire, apart from credentials.
struct Call {
  std::string method;
  std::string path;
  Query query;
  std::string content_type;
  std::string body;
  std::string accept = kJsonType;
  ObjectRef ref;
  bool create_only = false;
  // False: a second one could do what the first has not done.
  bool repeatable = true;
  std::function<absl::Status(absl::string_view)> on_data;
  absl::Duration idle_timeout = absl::InfiniteDuration();
};

// Of one attempt.
struct Limits {
  absl::Duration connect = absl::InfiniteDuration();  // To get a connection.
  absl::Duration silence = absl::InfiniteDuration();  // Without a byte.
};

class HttpClient final : public Client {
 public:
  HttpClient(Config config, ClientOptions options,
             std::shared_ptr<http::Transport> transport)
      : config_(std::move(config)),
        options_(std::move(options)),
        transport_(std::move(transport)),
        credentials_(config_, {.child_environment = options_.child_environment,
                               .on_warning = options_.on_warning,
                               .on_credential = options_.on_credential}) {}

  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const ObjectRef& ref) override {
    ASSIGN_OR_RETURN(std::string path, PathOf(ref));
    const Call call{.method = "GET", .path = path, .ref = ref};
    return ObjectCall(ctx, call, "");
  }

  absl::StatusOr<ObjectList> List(const base::Context& ctx,
                                  const CollectionRef& collection,
                                  const ListOptions& options) override;

  absl::StatusOr<Applied> Apply(const base::Context& ctx, const ObjectRef& ref,
                                const Json& body,
                                const ApplyOptions& options) override;

  absl::StatusOr<Json> Patch(const base::Context& ctx, const ObjectRef& ref,
                             const Json& patch,
                             const PatchOptions& options) override {
    ASSIGN_OR_RETURN(std::string path, PathOf(ref));
    const Call call{.method = "PATCH",
                    .path = path,
                    .query = {{"fieldManager", options.field_manager},
                              {"dryRun", options.dry_run ? "All" : ""}},
                    .content_type = options.type == PatchType::kMerge
                                        ? "application/merge-patch+json"
                                        : "application/json-patch+json",
                    .body = base::DumpJson(patch),
                    .ref = ref,
                    .repeatable = options.type == PatchType::kMerge};
    return ObjectCall(ctx, call, UidOf(patch));
  }

  absl::Status Delete(const base::Context& ctx, const ObjectRef& ref,
                      const DeleteOptions& options) override;

  absl::Status Watch(
      const base::Context& ctx, const CollectionRef& collection,
      const WatchOptions& options,
      const std::function<absl::Status(const WatchEvent&)>& handler) override;

  absl::StatusOr<std::string> Logs(const base::Context& ctx,
                                   const ObjectRef& pod,
                                   const LogOptions& options) override;

  absl::StatusOr<NamespacedKinds> ListNamespacedKinds(
      const base::Context& ctx) override {
    return DiscoverNamespacedKinds([this, &ctx](const std::string& path) {
      // What stands behind one group may be away for good.
      const bool one_group = absl::StartsWith(path, "/apis/");
      return JsonCall(
          one_group ? ctx.WithTimeout(absl::Seconds(10)) : ctx,
          {.method = "GET", .path = path, .accept = kDiscoveryTypes});
    });
  }

  absl::StatusOr<OwnRules> ReviewRules(const base::Context& ctx,
                                       const std::string& ns) override {
    const Call call{
        .method = "POST",
        .path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        .content_type = kJsonType,
        .body = base::DumpJson({{"apiVersion", "authorization.k8s.io/v1"},
                                {"kind", "SelfSubjectRulesReview"},
                                {"spec", {{"namespace", ns}}}})};
    ASSIGN_OR_RETURN(const Json review, JsonCall(ctx, call));
    return OwnRulesOf(review);
  }

  absl::StatusOr<std::string> ServerVersion(const base::Context& ctx) override {
    const Call call{.method = "GET", .path = "/version"};
    ASSIGN_OR_RETURN(const Json version, JsonCall(ctx, call));
    auto text = base::StringAt(version, "/gitVersion");
    if (text.has_value() && !text->empty()) return *std::move(text);
    return Misfit(call, "gitVersion is absent");
  }

 private:
  absl::StatusOr<http::Response> Send(const base::Context& ctx,
                                      const Call& call);
  absl::StatusOr<http::Response> SendOnce(const base::Context& ctx,
                                          const Call& call,
                                          const Identity& identity,
                                          const Limits& limits);
  // As SendOnce(), and again after a 401 if there are other credentials.
  absl::StatusOr<http::Response> SendIdentified(const base::Context& ctx,
                                                const Call& call,
                                                const Limits& limits);
  // How long a hurried call may wait for the server from now on.
  absl::Duration Patience() ABSL_LOCKS_EXCLUDED(mutex_);
  // As SendIdentified(), but one of max_in_flight.
  absl::StatusOr<http::Response> SendInTurn(const base::Context& ctx,
                                            const Call& call,
                                            absl::Duration connect_limit,
                                            bool hurried);
  absl::StatusOr<Json> JsonCall(const base::Context& ctx, const Call& call);
  // The page of a list that `call` asks for. A large one takes its `turn`,
  // which is to be kept as long as the page is.
  absl::StatusOr<Json> PageCall(const base::Context& ctx, const Call& call,
                                const CollectionRef& collection,
                                std::optional<LargePageTurn>& turn);
  // The object at `call.ref`, which has `uid` unless that is "".
  absl::StatusOr<Json> ObjectCall(const base::Context& ctx, const Call& call,
                                  absl::string_view uid);
  absl::Status WithAdvice(const absl::Status& status) const;
  std::string Where(const Call& call) const;
  // What `call` got is not what it asked for, since `wrong`.
  absl::Status Misfit(const Call& call, absl::string_view wrong) const;
  http::Request RequestFor(const base::Context& ctx, const Call& call,
                           const Identity& identity,
                           const Limits& limits) const;
  absl::Status TakeTurn(const base::Context& ctx) ABSL_LOCKS_EXCLUDED(mutex_);

  const Config config_;
  const ClientOptions options_;
  const std::shared_ptr<http::Transport> transport_;
  Credentials credentials_;

  ListBudget list_budget_;
  absl::Mutex large_page_;  // Held while there is one in memory.

  absl::Mutex mutex_;
  bool contacted_ ABSL_GUARDED_BY(mutex_) = false;
  // Begin of the first call since the last answer.
  absl::Time silent_since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
};

http::Request HttpClient::RequestFor(const base::Context& ctx, const Call& call,
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
  request.first_byte_timeout = options_.attempt_timeout;
  request.idle_timeout = std::min(call.idle_timeout, limits.silence);
  if (!call.on_data) request.timeout = options_.attempt_timeout;
  return request;
}

absl::StatusOr<http::Response> HttpClient::SendOnce(const base::Context& ctx,
                                                    const Call& call,
                                                    const Identity& identity,
                                                    const Limits& limits) {
  const http::Request request = RequestFor(ctx, call, identity, limits);
  auto response = transport_->Send(ctx, request);
  if (!response.ok()) {
    return base::Annotate(WithAdvice(response.status()), Where(call));
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

absl::Status HttpClient::WithAdvice(const absl::Status& status) const {
  const std::string advice =
      options_.advice ? options_.advice(status, config_) : "";
  return advice.empty() ? status : WithNote(status, status.code(), advice);
}

absl::StatusOr<http::Response> HttpClient::Send(const base::Context& ctx,
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

absl::StatusOr<http::Response> HttpClient::SendIdentified(
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

absl::Duration HttpClient::Patience() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  silent_since_ = std::min(silent_since_, now);
  return std::max(silent_since_ + options_.hurried_timeout - now,
                  options_.least_hurried);
}

absl::StatusOr<http::Response> HttpClient::SendInTurn(const base::Context& ctx,
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

absl::Status HttpClient::TakeTurn(const base::Context& ctx) {
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

absl::StatusOr<Json> HttpClient::JsonCall(const base::Context& ctx,
                                          const Call& call) {
  ASSIGN_OR_RETURN(const http::Response response, Send(ctx, call));
  return JsonOf(response, Where(call));
}

absl::StatusOr<Json> HttpClient::ObjectCall(const base::Context& ctx,
                                            const Call& call,
                                            absl::string_view uid) {
  ASSIGN_OR_RETURN(Json object, JsonCall(ctx, call));
  const std::string wrong = WrongObject(object, call.ref, uid);
  if (!wrong.empty()) return Misfit(call, wrong);
  return object;
}

std::string HttpClient::Where(const Call& call) const {
  return absl::StrCat(call.method, " ", config_.server, call.path);
}

absl::Status HttpClient::Misfit(const Call& call,
                                absl::string_view wrong) const {
  return absl::FailedPreconditionError(absl::StrCat(
      Where(call), ": the answer is not what was asked for: ", wrong, ". ",
      kNoApiServer));
}

absl::StatusOr<Json> HttpClient::PageCall(const base::Context& ctx,
                                          const Call& call,
                                          const CollectionRef& collection,
                                          std::optional<LargePageTurn>& turn) {
  ASSIGN_OR_RETURN(const http::Response response, Send(ctx, call));
  if (response.body.size() > kSmallPageBytes) turn.emplace(&large_page_);
  ASSIGN_OR_RETURN(Json page,
                   JsonOf(response, Where(call), base::kMaxPageBytes));
  const std::string wrong = WrongList(page, collection);
  if (!wrong.empty()) return Misfit(call, wrong);
  return page;
}

absl::StatusOr<ObjectList> HttpClient::List(const base::Context& ctx,
                                            const CollectionRef& collection,
                                            const ListOptions& options) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(collection));
  ListInProgress list(list_budget_);
  std::string next;
  int limit = kPageItems;  // 0 for all.
  std::string version = options.resource_version;
  for (int pages = 0; pages < base::kMaxListPages; ++pages) {
    const Call call{
        .method = "GET",
        .path = path,
        .query = {{"labelSelector", options.label_selector},
                  {"fieldSelector", options.field_selector},
                  {"limit", limit == 0 ? "" : absl::StrCat(limit)},
                  {"resourceVersion", next.empty() ? version : ""},
                  {"resourceVersionMatch",
                   next.empty() && !version.empty() ? "NotOlderThan" : ""},
                  {"continue", next}},
        .ref = ObjectIn(collection, "")};
    std::optional<LargePageTurn> turn;
    auto page = PageCall(ctx, call, collection, turn);
    if (absl::IsResourceExhausted(page.status()) && limit > 1) {
      limit = std::max(1, limit / 8);
      version.clear();  // The server's cache has no pages.
      continue;
    }
    if (IsExpired(page.status()) && !next.empty()) {
      // The pages outlived the server's memory of them: all at once.
      list.Clear();
      next.clear();
      limit = 0;
      version.clear();
      continue;
    }
    if (!page.ok()) return page.status();
    // Items of a list leave out what the list says once.
    const std::string kind = KindOf(*page);
    for (Json& each : (*page)["items"]) {
      Json item = std::move(each);
      if (!item.contains("kind"))
        item["kind"] = absl::StripSuffix(kind, "List");
      if (!item.contains("apiVersion")) {
        item["apiVersion"] = ApiVersionOf(call.ref);
      }
      if (options.keep && !options.keep(item)) continue;
      if (!list.Add(std::move(item))) {
        return absl::ResourceExhaustedError(absl::StrCat(
            Where(call), ": the list is too large: its items take more than ",
            base::kMaxListBytes >> 20, " MiB of memory"));
      }
    }
    std::string more = base::StringAt(*page, "/metadata/continue").value_or("");
    if (more.empty()) return list.Take(ResourceVersionOf(*page));
    if (more == next) {
      return Misfit(call, "the next page is the same one again");
    }
    next = std::move(more);
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("GET ", config_.server, path, ": the list has more than ",
                   base::kMaxListPages, " pages"));
}

absl::StatusOr<Applied> HttpClient::Apply(const base::Context& ctx,
                                          const ObjectRef& ref,
                                          const Json& body,
                                          const ApplyOptions& options) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(ref));
  Json sent = body;
  // No object has this version, so only an absent one can be written.
  // Forced, or the server would look at owners before it looks at versions.
  if (options.create_only) sent["metadata"]["resourceVersion"] = "1";
  const bool force = options.force || options.create_only;
  const Call call{.method = "PATCH",
                  .path = path,
                  .query = {{"fieldManager", options.field_manager},
                            {"force", force ? "true" : ""},
                            {"dryRun", options.dry_run ? "All" : ""}},
                  .content_type = "application/apply-patch+yaml",
                  .body = base::DumpJson(sent),
                  .ref = ref,
                  .create_only = options.create_only};
  ASSIGN_OR_RETURN(const http::Response response, Send(ctx, call));
  Applied applied;
  ASSIGN_OR_RETURN(applied.object, JsonOf(response, Where(call)));
  const std::string wrong = WrongObject(applied.object, ref, UidOf(body));
  if (!wrong.empty()) return Misfit(call, wrong);
  applied.created = response.status == 201;
  applied.warnings = WarningsOf(response.headers);
  return applied;
}

absl::Status HttpClient::Delete(const base::Context& ctx, const ObjectRef& ref,
                                const DeleteOptions& options) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(ref));
  Json body = {{"apiVersion", "v1"},
               {"kind", "DeleteOptions"},
               {"propagationPolicy", PropagationText(options.propagation)}};
  if (!options.uid.empty()) body["preconditions"]["uid"] = options.uid;
  if (!options.resource_version.empty()) {
    body["preconditions"]["resourceVersion"] = options.resource_version;
  }
  // Beside a body the server reads no options from the query.
  if (options.dry_run) body["dryRun"] = {"All"};
  // Without a guard a second DELETE could hit the object's successor.
  const bool guarded =
      !options.uid.empty() || !options.resource_version.empty();
  const Call call{.method = "DELETE",
                  .path = path,
                  .content_type = kJsonType,
                  .body = base::DumpJson(body),
                  .ref = ref,
                  .repeatable = guarded};
  const auto answer = JsonCall(ctx, call);
  if (absl::IsNotFound(answer.status()) ||
      IsNamespaceMissing(answer.status())) {
    return absl::OkStatus();
  }
  if (!answer.ok()) return answer.status();
  const std::string wrong = WrongDeletion(*answer, ref, options.uid);
  return wrong.empty() ? absl::OkStatus() : Misfit(call, wrong);
}

absl::Status HttpClient::Watch(
    const base::Context& ctx, const CollectionRef& collection,
    const WatchOptions& options,
    const std::function<absl::Status(const WatchEvent&)>& handler) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(collection));
  WatchStream stream([&](const WatchEvent& event) -> absl::Status {
    const std::string wrong = WrongEvent(event, collection);
    return wrong.empty() ? handler(event) : absl::InternalError(wrong);
  });
  const Call call{
      .method = "GET",
      .path = path,
      .query = {{"watch", "true"},
                {"allowWatchBookmarks", "true"},
                {"labelSelector", options.label_selector},
                {"fieldSelector", options.field_selector},
                {"resourceVersion", options.resource_version},
                {"timeoutSeconds",
                 absl::StrCat(absl::ToInt64Seconds(options.duration))}},
      .ref = ObjectIn(collection, ""),
      .on_data =
          [&stream](absl::string_view piece) { return stream.Add(piece); },
      .idle_timeout = options.duration + options.slack};
  RETURN_IF_ERROR(SendIdentified(ctx, call, {}).status());
  return stream.Finish();
}

absl::StatusOr<std::string> HttpClient::Logs(const base::Context& ctx,
                                             const ObjectRef& pod,
                                             const LogOptions& options) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(pod));
  const auto number = [](int64_t value) {
    return value > 0 ? absl::StrCat(value) : "";
  };
  const Call call{
      .method = "GET",
      .path = absl::StrCat(path, "/log"),
      .query = {{"container", options.container},
                {"previous", options.previous ? "true" : ""},
                {"sinceTime",
                 options.since == absl::InfinitePast()
                     ? ""
                     : absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", options.since,
                                        absl::UTCTimeZone())},
                {"tailLines", number(options.tail_lines)},
                {"limitBytes", number(options.limit_bytes)}},
      .ref = pod};
  ASSIGN_OR_RETURN(http::Response response, Send(ctx, call));
  // A log may begin like a page; its type is text/plain.
  if (IsHtml(response)) return Misfit(call, "a web page, not a log");
  return std::move(response.body);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> NewClient(
    Config config, ClientOptions options,
    std::shared_ptr<http::Transport> transport) {
  if (config.server.empty()) {
    return absl::InvalidArgumentError("no server is configured");
  }
  RETURN_IF_ERROR(CheckConfig(config));
  if (transport == nullptr) {
    transport = http::NewTransport({.user_agent = options.user_agent});
  }
  return std::make_unique<HttpClient>(std::move(config), std::move(options),
                                      std::move(transport));
}

}  // namespace kube
