#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/answer.h"
#include "kube/discovery.h"
#include "kube/list_pages.h"
#include "kube/new_client.h"
#include "kube/requests.h"
#include "kube/retry.h"
#include "kube/status.h"
#include "kube/watch_stream.h"
#include "kube/wire.h"

namespace kube {
namespace {

using base::Json;

class HttpClient final : public Client {
 public:
  HttpClient(Config config, ClientOptions options,
             std::shared_ptr<http::Transport> transport)
      : requests_(std::move(config), std::move(options), std::move(transport)) {
  }

  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const ObjectRef& ref) override {
    ASSIGN_OR_RETURN(std::string path, PathOf(ref));
    const Call call{.method = "GET", .path = path, .ref = ref};
    return requests_.SendForObject(ctx, call, "");
  }

  absl::StatusOr<ObjectList> List(const base::Context& ctx,
                                  const CollectionRef& collection,
                                  const ListOptions& options) override {
    return pages_.Read(ctx, collection, options);
  }

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
                    .writes = !options.dry_run,
                    .repeatable = options.type == PatchType::kMerge};
    return requests_.SendForObject(ctx, call, UidOf(patch));
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
    ASSIGN_OR_RETURN(NamespacedKinds found, Discover(ctx));
    // A server that has just come up leaves out what it has not loaded yet, and
    // is not ready: what it says counts once it says it before and after.
    while (true) {
      RETURN_IF_ERROR(AwaitReady(ctx));
      ASSIGN_OR_RETURN(NamespacedKinds again, Discover(ctx));
      if (again == found) return again;
      found = std::move(again);
    }
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
    ASSIGN_OR_RETURN(const Json review, requests_.SendForJson(ctx, call));
    return OwnRulesOf(review);
  }

  absl::StatusOr<std::string> ServerVersion(const base::Context& ctx) override {
    const Call call{.method = "GET", .path = "/version"};
    ASSIGN_OR_RETURN(const Json version, requests_.SendForJson(ctx, call));
    auto text = base::StringAt(version, "/gitVersion");
    if (text.has_value() && !text->empty()) return *std::move(text);
    return requests_.Misfit(call, "gitVersion is absent");
  }

 private:
  absl::StatusOr<NamespacedKinds> Discover(const base::Context& ctx) {
    return DiscoverNamespacedKinds([this, &ctx](const std::string& path) {
      // What stands behind one group may be away for good.
      const bool one_group = absl::StartsWith(path, "/apis/");
      return requests_.SendForJson(
          one_group ? ctx.WithTimeout(absl::Seconds(10)) : ctx,
          {.method = "GET", .path = path, .accept = kDiscoveryTypes});
    });
  }

  // Until /readyz says so; who may not ask is not told, and need not wait.
  absl::Status AwaitReady(const base::Context& ctx) {
    const Call call{.method = "GET", .path = "/readyz"};
    const RetryPolicy policy{.first_delay = absl::Milliseconds(200),
                             .max_delay = absl::Seconds(2)};
    return RunWithRetries(ctx, policy, {}, [&](absl::Duration) {
      const absl::Status status = requests_.Send(ctx, call).status();
      switch (HttpCode(status)) {
        case 401:
        case 403:
        case 404:
          return absl::OkStatus();
        case 500:  // Says that it is not.
          return StatusOfReply(
              {.method = call.method, .path = call.path, .http_code = 503});
        default:
          return status;
      }
    });
  }

  Requests requests_;
  ListPages pages_{requests_};
};

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
                  .create_only = options.create_only,
                  .writes = !options.dry_run};
  ASSIGN_OR_RETURN(const http::Response response, requests_.Send(ctx, call));
  Applied applied;
  auto object = JsonOf(response, requests_.Where(call));
  absl::Status understood = object.status();
  if (object.ok()) {
    const std::string wrong = WrongObject(*object, ref, UidOf(body));
    if (!wrong.empty()) understood = requests_.Misfit(call, wrong);
  }
  if (!understood.ok()) {
    NoteMayBeObeyed(understood);
    return understood;
  }
  applied.object = *std::move(object);
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
                  .writes = !options.dry_run,
                  .repeatable = guarded};
  const auto answer = requests_.SendForJson(ctx, call);
  if (absl::IsNotFound(answer.status()) ||
      IsNamespaceMissing(answer.status())) {
    return absl::OkStatus();
  }
  if (!answer.ok()) return answer.status();
  const std::string wrong = WrongDeletion(*answer, ref, options.uid);
  return wrong.empty() ? absl::OkStatus() : requests_.Misfit(call, wrong);
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
  RETURN_IF_ERROR(requests_.Stream(ctx, call));
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
  ASSIGN_OR_RETURN(http::Response response, requests_.Send(ctx, call));
  // A log may begin like a page; its type is text/plain.
  if (IsHtml(response)) return requests_.Misfit(call, "a web page, not a log");
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
