#include "kube/client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "kube/answer.h"
#include "kube/credentials.h"
#include "kube/discovery.h"
#include "kube/new_client.h"
#include "kube/status.h"
#include "kube/watch_stream.h"
#include "kube/wire.h"

namespace kube {
namespace {

using base::Json;

constexpr size_t kMaxRequestBytes = 3 << 20;  // The server's own limit.
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

class HttpClient final : public Client {
 public:
  HttpClient(Config config, ClientOptions options,
             std::shared_ptr<http::Transport> transport)
      : config_(std::move(config)),
        options_(std::move(options)),
        transport_(std::move(transport)),
        credentials_(config_, {.child_environment = options_.child_environment,
                               .on_warning = options_.on_warning}) {}

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
                                          absl::Duration connect_limit);
  // As SendOnce(), and again after a 401 if there are other credentials.
  absl::StatusOr<http::Response> SendIdentified(const base::Context& ctx,
                                                const Call& call,
                                                absl::Duration connect_limit);
  // As SendIdentified(), but one of max_in_flight.
  absl::StatusOr<http::Response> SendInTurn(const base::Context& ctx,
                                            const Call& call,
                                            absl::Duration connect_limit);
  absl::StatusOr<Json> JsonCall(const base::Context& ctx, const Call& call);
  // The object at `call.ref`, which has `uid` unless that is "".
  absl::StatusOr<Json> ObjectCall(const base::Context& ctx, const Call& call,
                                  absl::string_view uid);
  absl::StatusOr<Json> JsonIn(const http::Response& response,
                              const Call& call) const;
  std::string Where(const Call& call) const;
  // What `call` got is not what it asked for, since `wrong`.
  absl::Status Misfit(const Call& call, absl::string_view wrong) const;
  http::Request RequestFor(const base::Context& ctx, const Call& call,
                           const Identity& identity,
                           absl::Duration connect_limit) const;
  absl::Status TakeTurn(const base::Context& ctx) ABSL_LOCKS_EXCLUDED(mutex_);

  const Config config_;
  const ClientOptions options_;
  const std::shared_ptr<http::Transport> transport_;
  Credentials credentials_;

  absl::Mutex mutex_;
  bool contacted_ ABSL_GUARDED_BY(mutex_) = false;
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
};

http::Request HttpClient::RequestFor(const base::Context& ctx, const Call& call,
                                     const Identity& identity,
                                     absl::Duration limit) const {
  http::Request request;
  request.connect_timeout = limit;
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
  request.idle_timeout = call.idle_timeout;
  if (!call.on_data) request.timeout = options_.attempt_timeout;
  return request;
}

absl::StatusOr<http::Response> HttpClient::SendOnce(const base::Context& ctx,
                                                    const Call& call,
                                                    const Identity& identity,
                                                    absl::Duration limit) {
  const http::Request request = RequestFor(ctx, call, identity, limit);
  auto response = transport_->Send(ctx, request);
  if (!response.ok()) {
    return base::Annotate(WithAdvice(response.status(), config_), Where(call));
  }
  if (response->status < 500) {  // More may be a proxy before the server.
    absl::MutexLock lock(&mutex_);
    contacted_ = true;
  }
  const std::string audit_id = response->Header("audit-id");
  base::Log(base::LogLevel::kDebug, "kubernetes request",
            {{"method", call.method},
             {"path", call.path},
             {"code", absl::StrCat(response->status)},
             {"audit_id", audit_id}});
  if (response->status >= 200 && response->status < 300) return response;
  return StatusOfReply({.method = call.method,
                        .path = call.path,
                        .http_code = response->status,
                        .body = response->body,
                        .audit_id = audit_id,
                        .retry_after = response->Header("retry-after"),
                        .ref = call.ref,
                        .create_only = call.create_only});
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
  std::optional<http::Response> answer;
  const absl::Status status = RunWithRetries(
      ctx, options_.retry,
      {.connection_limit = options_.hurried && options_.hurried()
                               ? options_.first_contact_timeout / 2
                               : options_.first_contact_timeout,
       .contacted =
           [this] {
             absl::MutexLock lock(&mutex_);
             return contacted_;
           },
       .repeatable = call.repeatable},
      [&](absl::Duration connect_limit) -> absl::Status {
        auto response = SendInTurn(ctx, call, connect_limit);
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
    const base::Context& ctx, const Call& call, absl::Duration limit) {
  ASSIGN_OR_RETURN(Identity identity, credentials_.Get(ctx));
  auto response = SendOnce(ctx, call, identity, limit);
  if (!absl::IsUnauthenticated(response.status()) ||
      !credentials_.Refresh(identity)) {
    return response;
  }
  ASSIGN_OR_RETURN(identity, credentials_.Get(ctx));
  return SendOnce(ctx, call, identity, limit);
}

absl::StatusOr<http::Response> HttpClient::SendInTurn(const base::Context& ctx,
                                                      const Call& call,
                                                      absl::Duration limit) {
  RETURN_IF_ERROR(TakeTurn(ctx));
  const absl::Cleanup give_back = [this] {
    absl::MutexLock lock(&mutex_);
    --in_flight_;
  };
  return SendIdentified(ctx, call, limit);
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
  return JsonIn(response, call);
}

absl::StatusOr<Json> HttpClient::ObjectCall(const base::Context& ctx,
                                            const Call& call,
                                            absl::string_view uid) {
  ASSIGN_OR_RETURN(Json object, JsonCall(ctx, call));
  const std::string wrong = WrongObject(object, call.ref, uid);
  if (!wrong.empty()) return Misfit(call, wrong);
  return object;
}

absl::StatusOr<Json> HttpClient::JsonIn(const http::Response& response,
                                        const Call& call) const {
  return JsonOf(response, Where(call));
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

absl::StatusOr<ObjectList> HttpClient::List(const base::Context& ctx,
                                            const CollectionRef& collection,
                                            const ListOptions& options) {
  ASSIGN_OR_RETURN(const std::string path, PathOf(collection));
  const ObjectRef ref = ObjectIn(collection, "");
  ObjectList list;
  std::string next;
  std::string limit = "500";
  std::string version = options.resource_version;
  while (true) {
    const Call call{
        .method = "GET",
        .path = path,
        .query = {{"labelSelector", options.label_selector},
                  {"fieldSelector", options.field_selector},
                  {"limit", limit},
                  {"resourceVersion", next.empty() ? version : ""},
                  {"resourceVersionMatch",
                   next.empty() && !version.empty() ? "NotOlderThan" : ""},
                  {"continue", next}},
        .ref = ref};
    auto page = JsonCall(ctx, call);
    if (IsExpired(page.status()) && !next.empty()) {
      // The pages outlived the server's memory of them: all at once.
      list = ObjectList();
      next.clear();
      limit.clear();
      version.clear();
      continue;
    }
    if (!page.ok()) return page.status();
    const std::string wrong = WrongList(*page, collection);
    if (!wrong.empty()) return Misfit(call, wrong);
    // Items of a list leave out what the list says once.
    std::string kind = KindOf(*page);
    absl::string_view item_kind = kind;
    absl::ConsumeSuffix(&item_kind, "List");
    for (Json& item : (*page)["items"]) {
      if (!item.contains("kind")) item["kind"] = std::string(item_kind);
      if (!item.contains("apiVersion")) item["apiVersion"] = ApiVersionOf(ref);
      list.items.push_back(std::move(item));
    }
    list.resource_version = ResourceVersionOf(*page);
    next = base::StringAt(*page, "/metadata/continue").value_or("");
    if (next.empty()) return list;
  }
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
  ASSIGN_OR_RETURN(applied.object, JsonIn(response, call));
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
  RETURN_IF_ERROR(SendIdentified(ctx, call, absl::InfiniteDuration()).status());
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
  if (config.insecure && !config.ca_pem.empty()) {
    return absl::InvalidArgumentError(
        "insecure and a CA certificate exclude each other");
  }
  if (config.client_certificate_pem.empty() != config.client_key_pem.empty()) {
    return absl::InvalidArgumentError(
        "a client certificate and its key must be given together");
  }
  if (transport == nullptr) {
    transport = http::NewTransport({.user_agent = options.user_agent});
  }
  return std::make_unique<HttpClient>(std::move(config), std::move(options),
                                      std::move(transport));
}

}  // namespace kube
