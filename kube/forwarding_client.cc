#include "kube/forwarding_client.h"

namespace kube {

using base::Json;

absl::StatusOr<Json> ForwardingClient::Get(const base::Context& ctx,
                                           const ObjectRef& ref) {
  return client_->Get(ctx, ref);
}

absl::StatusOr<ObjectList> ForwardingClient::List(
    const base::Context& ctx, const CollectionRef& collection,
    const ListOptions& options) {
  return client_->List(ctx, collection, options);
}

absl::StatusOr<Applied> ForwardingClient::Apply(const base::Context& ctx,
                                                const ObjectRef& ref,
                                                const Json& body,
                                                const ApplyOptions& options) {
  return client_->Apply(ctx, ref, body, options);
}

absl::StatusOr<Json> ForwardingClient::Patch(const base::Context& ctx,
                                             const ObjectRef& ref,
                                             const Json& patch,
                                             const PatchOptions& options) {
  return client_->Patch(ctx, ref, patch, options);
}

absl::Status ForwardingClient::Delete(const base::Context& ctx,
                                      const ObjectRef& ref,
                                      const DeleteOptions& options) {
  return client_->Delete(ctx, ref, options);
}

absl::Status ForwardingClient::Watch(
    const base::Context& ctx, const CollectionRef& collection,
    const WatchOptions& options,
    const std::function<absl::Status(const WatchEvent&)>& handler) {
  return client_->Watch(ctx, collection, options, handler);
}

absl::StatusOr<std::string> ForwardingClient::Logs(const base::Context& ctx,
                                                   const ObjectRef& pod,
                                                   const LogOptions& options) {
  return client_->Logs(ctx, pod, options);
}

absl::StatusOr<NamespacedKinds> ForwardingClient::ListNamespacedKinds(
    const base::Context& ctx) {
  return client_->ListNamespacedKinds(ctx);
}

absl::StatusOr<OwnRules> ForwardingClient::ReviewRules(const base::Context& ctx,
                                                       const std::string& ns) {
  return client_->ReviewRules(ctx, ns);
}

absl::StatusOr<std::string> ForwardingClient::ServerVersion(
    const base::Context& ctx) {
  return client_->ServerVersion(ctx);
}

}  // namespace kube
