// A FakeClient in whose answers one place has another type than the API says.
// The real client lets through what has the right kind, name and uid.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_client.h"

namespace support {

class SpoiltClient final : public FakeClient {
 public:
  // From now on, in all answers with objects of `resource` ("secrets"). "" for
  // none.
  void Spoil(std::string resource, std::string pointer, base::Json value) {
    resource_ = std::move(resource);
    pointer_ = std::move(pointer);
    value_ = std::move(value);
  }

  absl::StatusOr<base::Json> Get(const base::Context& ctx,
                                 const kube::ObjectRef& ref) override {
    auto object = FakeClient::Get(ctx, ref);
    if (object.ok()) Change(ref.resource, *object);
    return object;
  }
  absl::StatusOr<kube::ObjectList> List(
      const base::Context& ctx, const kube::CollectionRef& collection,
      const kube::ListOptions& options) override {
    auto list = FakeClient::List(ctx, collection, options);
    if (list.ok()) {
      for (base::Json& item : list->items) Change(collection.resource, item);
    }
    return list;
  }
  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref,
      const base::Json& body, const kube::ApplyOptions& options) override {
    auto applied = FakeClient::Apply(ctx, ref, body, options);
    if (applied.ok()) Change(ref.resource, applied->object);
    return applied;
  }
  absl::StatusOr<base::Json> Patch(const base::Context& ctx,
                                   const kube::ObjectRef& ref,
                                   const base::Json& patch,
                                   const kube::PatchOptions& options) override {
    auto object = FakeClient::Patch(ctx, ref, patch, options);
    if (object.ok()) Change(ref.resource, *object);
    return object;
  }

  // All places of `object` but those that make it the one that was asked for.
  static std::vector<std::string> Places(const base::Json& object) {
    std::vector<std::string> out;
    const base::Json flat = object.flatten();
    for (const auto& [pointer, value] : flat.items()) {
      for (size_t end = pointer.find('/', 1);;
           end = pointer.find('/', end + 1)) {
        std::string place = pointer.substr(0, end);
        const bool names = place == "/kind" || place == "/apiVersion" ||
                           place == "/metadata" || place == "/metadata/name" ||
                           place == "/metadata/namespace" ||
                           place == "/metadata/uid";
        if (!names && std::find(out.begin(), out.end(), place) == out.end()) {
          out.push_back(std::move(place));
        }
        if (end == std::string::npos) break;
      }
    }
    return out;
  }

 private:
  void Change(const std::string& resource, base::Json& object) const {
    if (resource != resource_) return;
    const base::Json::json_pointer at(pointer_);
    if (object.contains(at)) object[at] = value_;
  }

  std::string resource_, pointer_;
  base::Json value_;
};

}  // namespace support
