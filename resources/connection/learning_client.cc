#include "resources/connection/learning_client.h"

#include <functional>
#include <string>
#include <utility>

#include "kube/forwarding_client.h"

namespace resources {
namespace {

using base::Json;

class Learner final : public kube::ForwardingClient {
 public:
  Learner(std::shared_ptr<kube::Client> client,
          std::shared_ptr<KnownSecrets> secrets)
      : ForwardingClient(std::move(client)), secrets_(std::move(secrets)) {}

  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const kube::ObjectRef& ref) override {
    auto object = ForwardingClient::Get(ctx, ref);
    if (object.ok()) secrets_->Learn(*object);
    return object;
  }
  absl::StatusOr<kube::ObjectList> List(
      const base::Context& ctx, const kube::CollectionRef& collection,
      const kube::ListOptions& options) override {
    auto list = ForwardingClient::List(ctx, collection, options);
    if (list.ok()) {
      for (const Json& item : list->items) secrets_->Learn(item);
    }
    return list;
  }
  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    auto applied = ForwardingClient::Apply(ctx, ref, body, options);
    if (applied.ok()) secrets_->Learn(applied->object);
    return applied;
  }
  absl::StatusOr<Json> Patch(const base::Context& ctx,
                             const kube::ObjectRef& ref, const Json& patch,
                             const kube::PatchOptions& options) override {
    auto object = ForwardingClient::Patch(ctx, ref, patch, options);
    if (object.ok()) secrets_->Learn(*object);
    return object;
  }
  absl::Status Watch(const base::Context& ctx,
                     const kube::CollectionRef& collection,
                     const kube::WatchOptions& options,
                     const std::function<absl::Status(const kube::WatchEvent&)>&
                         handler) override {
    return ForwardingClient::Watch(ctx, collection, options,
                                   [&](const kube::WatchEvent& event) {
                                     secrets_->Learn(event.object);
                                     return handler(event);
                                   });
  }

 private:
  const std::shared_ptr<KnownSecrets> secrets_;
};

}  // namespace

std::shared_ptr<kube::Client> LearningClient(
    std::shared_ptr<kube::Client> client,
    std::shared_ptr<KnownSecrets> secrets) {
  return std::make_shared<Learner>(std::move(client), std::move(secrets));
}

}  // namespace resources
