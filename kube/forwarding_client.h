// A Client that leaves every call to another one: the base of those that add
// something to some of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "kube/client.h"

namespace kube {

class ForwardingClient : public Client {
 public:
  // `client` is not null.
  explicit ForwardingClient(std::shared_ptr<Client> client)
      : client_(std::move(client)) {}

  absl::StatusOr<base::Json> Get(const base::Context& ctx,
                                 const ObjectRef& ref) override;
  absl::StatusOr<ObjectList> List(const base::Context& ctx,
                                  const CollectionRef& collection,
                                  const ListOptions& options) override;
  absl::StatusOr<Applied> Apply(const base::Context& ctx, const ObjectRef& ref,
                                const base::Json& body,
                                const ApplyOptions& options) override;
  absl::StatusOr<base::Json> Patch(const base::Context& ctx,
                                   const ObjectRef& ref,
                                   const base::Json& patch,
                                   const PatchOptions& options) override;
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
      const base::Context& ctx) override;
  absl::StatusOr<OwnRules> ReviewRules(const base::Context& ctx,
                                       const std::string& ns) override;
  absl::StatusOr<std::string> ServerVersion(const base::Context& ctx) override;

 protected:
  const std::shared_ptr<Client>& client() const { return client_; }

 private:
  const std::shared_ptr<Client> client_;
};

}  // namespace kube
