// Whatever an API server answers to a plan, an apply, a refresh or a destroy:
// no crash, no hang, no state lost beside an error, and nothing that core would
// refuse.
//
// The server is an honest one whose replies the input changes: its first bytes
// choose the resource and its configuration, the others are the changes. Which
// change a request gets depends on its path and on how often it was asked, so
// that threads do not matter.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "base/context.h"
#include "base/http/transport.h"
#include "base/json.h"
#include "kube/new_client.h"
#include "provider/plugin/services/convert.h"
#include "provider/tf/core_rules.h"
#include "resources/instance/resource.h"
#include "resources/operator/resource.h"
#include "tests/support/fake_session.h"
#include "tests/support/proposed.h"

namespace {

using base::Json;
using cty::Value;
namespace pb = tfplugin6;

constexpr char kServer[] = "https://cluster.test";
// More requests than an honest server gets; then the run is stopped.
constexpr int kMaxRequests = 150;
constexpr absl::Duration kTimeout = absl::Milliseconds(20);
constexpr int kCodes[] = {200, 201, 204, 301, 400, 401, 403, 404, 409, 410,
                          413, 422, 429, 500, 502, 503, 504, 100, 0,   999};

// What the provider lists.
constexpr struct {
  const char* plural;
  const char* kind;
  const char* version;
} kLists[] = {
    {"weightsandbiases", "WeightsAndBiasesList", "apps.wandb.com/v1"},
    {"customresourcedefinitions", "CustomResourceDefinitionList",
     "apiextensions.k8s.io/v1"},
    {"ingressclasses", "IngressClassList", "networking.k8s.io/v1"},
    {"deployments", "DeploymentList", "apps/v1"},
    {"statefulsets", "StatefulSetList", "apps/v1"},
    {"daemonsets", "DaemonSetList", "apps/v1"},
    {"secrets", "SecretList", "v1"},
    {"events", "EventList", "v1"},
    {"pods", "PodList", "v1"},
};

void Require(bool condition, const std::string& what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

// One change of a reply, of eight bytes and what follows up to the next one.
struct Change {
  uint8_t kind = 0;
  uint8_t code = 0;
  uint16_t at = 0;
  uint16_t length = 0;
  std::string text;
};

std::vector<Change> ChangesOf(absl::string_view bytes) {
  std::vector<Change> changes;
  for (const absl::string_view part : absl::StrSplit(bytes, '\xff')) {
    const auto byte = [part](size_t i) {
      return i < part.size() ? static_cast<uint8_t>(part[i]) : uint8_t{0};
    };
    changes.push_back(
        {.kind = byte(0),
         .code = byte(1),
         .at = static_cast<uint16_t>(byte(2) << 8U | byte(3)),
         .length = static_cast<uint16_t>(byte(4) << 8U | byte(5)),
         .text = std::string(part.size() > 6 ? part.substr(6) : "")});
  }
  return changes;
}

class Server final : public http::Transport {
 public:
  Server(std::vector<Change> changes, base::StopSource& stop)
      : changes_(std::move(changes)), stop_(stop) {}

  absl::StatusOr<http::Response> Send(const base::Context& ctx,
                                      const http::Request& request) override {
    if (absl::Status ended = ctx.Check(); !ended.ok()) return ended;
    auto response = Answer(request);
    if (!response.ok() || !request.on_data || response->status / 100 != 2) {
      return response;
    }
    const absl::Status taken = request.on_data(response->body);
    if (!taken.ok()) return taken;
    response->body.clear();
    return response;
  }

 private:
  absl::StatusOr<http::Response> Answer(const http::Request& request)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (++requests_ > kMaxRequests) {
      stop_.Stop();
      return absl::CancelledError("stopped");
    }
    const std::vector<std::string> parts = absl::StrSplit(
        absl::string_view(request.url).substr(sizeof(kServer) - 1),
        absl::MaxSplits('?', 1));
    http::Response response =
        Honest(request, parts[0], parts.size() > 1 ? parts[1] : "");
    uint32_t hash = 2166136261;
    for (const char c : absl::StrCat(request.method, parts[0],
                                     ++asked_[request.method + parts[0]])) {
      hash = (hash ^ static_cast<uint8_t>(c)) * 16777619;
    }
    const Change& change = changes_[hash % changes_.size()];
    const size_t at = std::min<size_t>(change.at, response.body.size());
    switch (change.kind % 16) {
      case 1:
        response.status = kCodes[change.code % std::size(kCodes)];
        break;
      case 2:
        response.body = change.text;
        break;
      case 3:
        response.body.resize(at);
        break;
      case 4:
        response.body.replace(
            at, std::min<size_t>(change.length, response.body.size() - at),
            change.text);
        break;
      case 5:
        response.body.insert(at, change.text);
        break;
      case 6:
        response.body = std::string(change.length, '[');
        break;
      case 7:
        response.status = kCodes[change.code % std::size(kCodes)];
        response.body = change.text;
        break;
      case 8:
        response.headers.emplace_back("warning", change.text);
        response.headers.emplace_back("retry-after", change.text);
        break;
      case 9:
        return absl::UnavailableError("connection reset");
      case 10:
        for (const auto& entry : objects_) {  // Another object.
          if (entry.first > change.text) response.body = entry.second.dump();
        }
        break;
      case 11:
        response.body = "{}";
        break;
      default:
        break;
    }
    return response;
  }

  http::Response Honest(const http::Request& request, const std::string& path,
                        absl::string_view query)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = objects_.find(path);
    if (request.method == "PATCH") {
      Json object = Json::parse(request.body, nullptr, false);
      if (!object.is_object()) object = Json::object();
      Json& metadata = object["metadata"];
      metadata["uid"] = absl::StrCat("uid-", path.size());
      metadata["resourceVersion"] = absl::StrCat(++version_);
      metadata["generation"] = 1;
      metadata["creationTimestamp"] = "2026-01-01T00:00:00Z";
      metadata["managedFields"] = {
          {{"manager", support::FakeSession::kManager},
           {"operation", "Apply"},
           {"apiVersion", object["apiVersion"]},
           {"time", "2026-01-01T00:00:00Z"},
           {"fieldsType", "FieldsV1"},
           {"fieldsV1", {{"f:spec", Json::object()}}}}};
      const bool created = found == objects_.end();
      if (!absl::StrContains(query, "dryRun")) objects_[path] = object;
      return Reply(created ? 201 : 200, object);
    }
    if (request.method == "DELETE") {
      if (found == objects_.end()) return NotFound();
      objects_.erase(found);
      return Reply(
          200,
          {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Success"}});
    }
    if (found != objects_.end()) return Reply(200, found->second);
    Json items = Json::array();
    for (const auto& [name, object] : objects_) {
      if (absl::StartsWith(name, path + "/")) items.push_back(object);
    }
    if (absl::StrContains(query, "watch=true")) {
      http::Response events = Reply(200, Json());
      events.body.clear();
      for (const Json& item : items) {
        absl::StrAppend(&events.body,
                        Json({{"type", "MODIFIED"}, {"object", item}}).dump(),
                        "\n");
      }
      return events;
    }
    if (absl::StrContains(query, "limit=")) {
      for (const auto& [plural, kind, version] : kLists) {
        if (!absl::EndsWith(path, absl::StrCat("/", plural))) continue;
        return Reply(200, {{"kind", kind},
                           {"apiVersion", version},
                           {"metadata", {{"resourceVersion", "1"}}},
                           {"items", items}});
      }
    }
    return NotFound();
  }

  static http::Response Reply(int status, const Json& body) {
    return {.status = status,
            .headers = {{"content-type", "application/json"}},
            .body = body.dump()};
  }
  static http::Response NotFound() {
    return Reply(404, {{"kind", "Status"},
                       {"apiVersion", "v1"},
                       {"status", "Failure"},
                       {"reason", "NotFound"},
                       {"message", "not found"},
                       {"details", {{"name", "wandb"}}},
                       {"code", 404}});
  }

  const std::vector<Change> changes_;
  base::StopSource& stop_;
  absl::Mutex mutex_;
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
  int version_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> asked_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Json> objects_ ABSL_GUARDED_BY(mutex_);
};

// As it goes to the client: with text that is not UTF-8 it would be refused.
void CheckText(const tf::Diagnostics& diags) {
  pb::ReadResource::Response message;
  plugin::ToDiagnostics(diags, nullptr, message.mutable_diagnostics());
  pb::ReadResource::Response back;
  Require(back.ParseFromString(message.SerializeAsString()),
          "a diagnostic that clients refuse");
}

void CheckFaults(const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) Require(false, fault);
}

// One life of a resource.
class Life {
 public:
  Life(const tf::Resource& resource, const base::StopSource& stop)
      : resource_(resource), stop_(stop) {}

  void ChangeTo(const Value& config) {
    tf::RawPlan plan{
        .config = config,
        .prior = state_,
        .proposed = support::Proposed(resource_.schema(), state_, config),
        .private_data = private_data_};
    resource_.Plan(Context(), plan);
    CheckText(plan.diags);
    if (plan.diags.HasError()) return;
    CheckFaults(
        tf::PlanFaults(resource_.schema(), state_, config, plan.planned));
    // Core would destroy first.
    if (!plan.requires_replace.empty() && state_.IsKnown()) return;
    tf::RawApply apply{.config = config,
                       .prior = state_,
                       .planned = plan.planned,
                       .private_data = plan.private_data};
    resource_.Apply(Context(), apply);
    CheckText(apply.diags);
    if (apply.diags.HasError()) {
      Require(apply.state.IsKnown() || !state_.IsKnown(),
              "an apply that failed has dropped the state");
    } else {
      CheckFaults(
          tf::ApplyFaults(resource_.schema(), plan.planned, apply.state));
    }
    state_ = apply.state;
    private_data_ = apply.private_data;
  }

  void Refresh() {
    if (!state_.IsKnown()) return;
    tf::RawRead read{.state = state_, .private_data = private_data_};
    resource_.Read(Context(), read);
    CheckText(read.diags);
    Require(!read.diags.HasError() || read.state.IsKnown(),
            "a refresh that failed has dropped the state");
    state_ = read.state;
    private_data_ = read.private_data;
  }

 private:
  base::Context Context() const {
    return stop_.context().WithTimeout(kTimeout);
  }

  const tf::Resource& resource_;
  const base::StopSource& stop_;
  Value state_ = Value::Null(resource_.schema().ImpliedType());
  Json private_data_ = Json::object();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 || size > 20'000) return 0;
  const unsigned choices = data[0];
  base::StopSource stop;
  auto server = std::make_shared<Server>(
      ChangesOf(
          absl::string_view(reinterpret_cast<const char*>(data + 1), size - 1)),
      stop);
  kube::ClientOptions options;
  options.retry.sleep = [](const base::Context& ctx, absl::Duration) {
    return ctx.Check();
  };
  auto client = kube::NewClient({.server = kServer}, options, server);
  Require(client.ok(), "no client");
  const auto session = std::make_shared<support::FakeSession>(
      std::shared_ptr<kube::Client>(*std::move(client)));
  const bool instance = (choices & 1U) != 0;
  const std::unique_ptr<tf::Resource> resource =
      instance ? resources::NewInstanceResource(session)
               : resources::NewOperatorResource(session);
  const auto config = [&](int64_t number) {
    std::map<std::string, Value> fields = {
        {"wait", Value::Bool((choices & 2U) != 0)},
        {"airgapped", Value::Bool((choices & 4U) != 0 && number == 2)},
        {"create_namespace", Value::Bool((choices & 8U) != 0)}};
    if (instance) {
      fields["checks"] = Value::String("off");
      fields["values"] = Value::Object({{"a", Value::Int(number)}});
    }
    return Value::ObjectOf(resource->schema().ImpliedType(), std::move(fields));
  };
  Life life(*resource, stop);
  life.ChangeTo(config(1));
  life.Refresh();
  life.ChangeTo(config(2));
  life.Refresh();
  life.ChangeTo(Value::Null(resource->schema().ImpliedType()));
  return 0;
}
