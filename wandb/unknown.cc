#include "wandb/unknown.h"

#include <algorithm>
#include <cstdint>

namespace wandb {
namespace {

using base::Json;

template <typename Matches>
bool AnyOf(const Json& tree, const Matches& matches) {
  if (matches(tree)) return true;
  if (!tree.is_structured()) return false;
  return std::any_of(tree.begin(), tree.end(),
                     [&](const Json& child) { return AnyOf(child, matches); });
}

}  // namespace

Json MakeUnknown(Unknown kind) {
  return Json::binary({}, static_cast<uint8_t>(kind));
}

std::optional<Unknown> UnknownKind(const Json& json) {
  const auto* binary = json.get_ptr<const Json::binary_t*>();
  if (binary == nullptr || !binary->has_subtype()) return std::nullopt;
  return static_cast<Unknown>(binary->subtype());
}

bool HasUnknown(const Json& tree) {
  return AnyOf(tree, [](const Json& j) { return UnknownKind(j).has_value(); });
}

bool HasUnknownShape(const Json& tree) {
  return AnyOf(tree,
               [](const Json& j) { return UnknownKind(j) == Unknown::kShape; });
}

}  // namespace wandb
