#include "wandb/spec/others.h"

#include <optional>
#include <utility>

#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;

bool IsFullMap(const Json& value) {
  return value.is_object() && !value.empty();
}

enum class Null { kReplaces, kLeavesMaps };

void Overlay(const Json& strong, Null null, Json& weak) {
  auto* map = weak.get_ptr<Json::object_t*>();
  const auto* over = strong.get_ptr<const Json::object_t*>();
  if (over != nullptr && map != nullptr) {
    for (const auto& [key, value] : *over) {
      const auto [at, added] = map->emplace(key, value);
      if (!added) Overlay(value, null, at->second);
    }
    return;
  }
  // A map above, but what it merges with isn't known.
  if (over != nullptr && UnknownKind(weak) == Unknown::kShape) return;
  if (strong.is_null() && null == Null::kLeavesMaps && IsFullMap(weak)) return;
  weak = strong;
}

Json OverlaidAs(const Json& strong, Null null, Json weak) {
  if (strong.is_null()) return weak;
  if (weak.is_null()) return strong;
  Overlay(strong, null, weak);
  return weak;
}

// Takes what is at `path`, from its step `depth` on, out of `tree`, with the
// maps that it leaves without keys. It is returned within its own maps.
std::optional<Json> TakeOut(Json& tree, const Path& path, size_t depth) {
  if (depth == path.size()) return std::exchange(tree, nullptr);
  auto* map = tree.get_ptr<Json::object_t*>();
  if (map == nullptr) return std::nullopt;
  const auto at = map->find(path[depth].key);
  if (at == map->end()) return std::nullopt;
  std::optional<Json> out = TakeOut(at->second, path, depth + 1);
  if (!out.has_value()) return std::nullopt;
  if (at->second.empty()) map->erase(at);
  return Json(Json::object_t{{path[depth].key, *std::move(out)}});
}

}  // namespace

Json OthersPart(const Json& live, const Json& wrote) {
  if (wrote.is_null()) return live;
  const auto* there = live.get_ptr<const Json::object_t*>();
  const auto* ours = wrote.get_ptr<const Json::object_t*>();
  if (there == nullptr || ours == nullptr) return nullptr;
  Json::object_t out;
  for (const auto& [key, value] : *there) {
    const auto it = ours->find(key);
    if (it == ours->end()) {
      out.emplace(key, value);
      continue;
    }
    // A null of ours is a value, not the absence of one.
    if (it->second.is_null() && !IsFullMap(value)) continue;
    Json below = OthersPart(value, it->second);
    if (!below.is_null()) out.emplace(key, std::move(below));
  }
  return out.empty() ? Json() : Json(std::move(out));
}

Json Overlaid(const Json& strong, Json weak) {
  return OverlaidAs(strong, Null::kReplaces, std::move(weak));
}

Json AppliedBeside(const Json& own, Json others) {
  return OverlaidAs(own, Null::kLeavesMaps, std::move(others));
}

Divided LeaveToOthers(Json values, const std::vector<Path>& paths) {
  Divided out{.own = std::move(values), .left = nullptr};
  for (const Path& path : paths) {
    const std::optional<Json> taken = TakeOut(out.own, path, 0);
    if (taken.has_value()) out.left = Overlaid(*taken, std::move(out.left));
  }
  if (!out.left.is_null() && out.own.empty()) out.own = nullptr;
  return out;
}

}  // namespace wandb
