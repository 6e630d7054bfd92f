#include "resources/learning_client.h"

#include <functional>
#include <string>
#include <utility>

namespace resources {
namespace {

using base::Json;

class Learner final : public kube::Client {
 public:
  Learner(std::shared_ptr<kube::Client> client,
          std::shared_ptr<KnownSecrets> secrets)
      : client_(std::move(client)), secrets_(std::move(secrets)) {}

  absl::StatusOr<Json> Get(const base::Context& ctx,
                           const kube::ObjectRef& ref) override {
    auto object = client_->Get(ctx, ref);
    if (object.ok()) secrets_->Learn(*object);
    return object;
  }
  absl::StatusOr<kube::ObjectList> List(
      const base::Context& ctx, const kube::CollectionRef& collection,
      const kube::ListOptions& options) override {
    auto list = client_->List(ctx, collection, options);
    if (list.ok()) {
      for (const Json& item : list->items) secrets_->Learn(item);
    }
    return list;
  }
  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref, const Json& body,
      const kube::ApplyOptions& options) override {
    auto applied = client_->Apply(ctx, ref, body, options);
    if (applied.ok()) secrets_->Learn(applied->object);
    return applied;
  }
  absl::StatusOr<Json> Patch(const base::Context& ctx,
                             const kube::ObjectRef& ref, const Json& patch,
                             const kube::PatchOptions& options) override {
    auto object = client_->Patch(ctx, ref, patch, options);
    if (object.ok()) secrets_->Learn(*object);
    return object;
  }
  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override {
    return client_->Delete(ctx, ref, options);
  }
  absl::Status Watch(const base::Context& ctx,
                     const kube::CollectionRef& collection,
                     const kube::WatchOptions& options,
                     const std::function<absl::Status(const kube::WatchEvent&)>&
                         handler) override {
    return client_->Watch(ctx, collection, options,
                          [&](const kube::WatchEvent& event) {
                            secrets_->Learn(event.object);
                            return handler(event);
                          });
  }
  absl::StatusOr<std::string> Logs(const base::Context& ctx,
                                   const kube::ObjectRef& pod,
                                   const kube::LogOptions& options) override {
    return client_->Logs(ctx, pod, options);
  }
  absl::StatusOr<kube::NamespacedKinds> ListNamespacedKinds(
      const base::Context& ctx) override {
    return client_->ListNamespacedKinds(ctx);
  }
  absl::StatusOr<std::string> ServerVersion(const base::Context& ctx) override {
    return client_->ServerVersion(ctx);
  }

 private:
  const std::shared_ptr<kube::Client> client_;
  const std::shared_ptr<KnownSecrets> secrets_;
};

}  // namespace

std::shared_ptr<kube::Client> LearningClient(
    std::shared_ptr<kube::Client> client,
    std::shared_ptr<KnownSecrets> secrets) {
  return std::make_shared<Learner>(std::move(client), std::move(secrets));
}

}  // namespace resources
