#include "resources/operator/stages.h"

#include <string>

#include "kube/object_ref.h"
#include "kube/refusal.h"
#include "resources/generation_guard.h"
#include "resources/operator/fit.h"

namespace resources {
namespace {

enum StageIndex : size_t { kGround, kReferredTo, kBindings, kRun, kStages };

StageIndex StageOf(const base::Json& manifest) {
  const std::string kind = kube::KindOf(manifest);
  if (kind == "Namespace" || kind == "CustomResourceDefinition") return kGround;
  if (IsBinding(manifest)) return kBindings;
  return kind == "Deployment" ? kRun : kReferredTo;
}

}  // namespace

std::vector<Stage> StagesOf(const std::vector<Sighting>& all) {
  std::vector<Stage> stages(kStages);
  for (const Sighting& seen : all) {
    stages[StageOf(seen.manifest)].objects.push_back(&seen);
  }
  stages[kReferredTo].awaits_definition = true;
  return stages;
}

bool IsAboutAllWrites(const absl::Status& failed) {
  return kube::LacksRight(failed) || absl::IsUnavailable(failed) ||
         absl::IsCancelled(failed) || absl::IsDeadlineExceeded(failed) ||
         IsRefused(failed);
}

}  // namespace resources
