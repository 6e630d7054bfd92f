#include "wandb/operator/generation.h"

#include <algorithm>

#include "absl/strings/string_view.h"

namespace wandb {
namespace {

using base::Json;

template <typename Predicate>
bool AnyElement(const Json& crd, absl::string_view pointer,
                const Predicate& predicate) {
  const Json& list = base::ListAt(crd, pointer);
  return std::any_of(list.begin(), list.end(), predicate);
}

bool IsStoredV2(const Json& version) {
  return base::StringAt(version, "/name") == kOperatorV2Version &&
         base::BoolAt(version, "/storage").value_or(false);
}

}  // namespace

bool IsOperatorV2(const Json& crd) {
  return AnyElement(crd, "/spec/versions", IsStoredV2) ||
         base::StringAt(crd, "/spec/conversion/strategy") == "Webhook" ||
         AnyElement(crd, "/status/storedVersions", [](const Json& version) {
           return version == kOperatorV2Version;
         });
}

}  // namespace wandb
