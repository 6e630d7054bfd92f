// Values come from users, from the console and from the release channel: any
// three layers can be merged, shown and judged, and each leaf of the result is
// one of a layer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/redact.h"
#include "base/yaml.h"
#include "wandb/chart/mask.h"
#include "wandb/findings/evaluate.h"
#include "wandb/findings/finding_kinds.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/spec.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

// As the attributes of an instance have it.
std::map<std::string, std::string> Shown(const base::Json& values,
                                         const wandb::Mask& mask) {
  std::map<std::string, std::string> shown;
  wandb::ForEachLeaf(values, [&](const wandb::Path& path, const std::string&,
                                 const base::Json& leaf) {
    // A key that is a credential is one of other characters
    // once it is hidden, and so in quotes.
    wandb::Path hidden = path;
    for (wandb::Step& step : hidden) {
      step.key = base::HideCredentials(step.key);
    }
    std::string& place = shown[wandb::FormatPath(hidden)];
    place = mask.Text(path, leaf, {&values});
    Require(!place.empty() || leaf == base::Json(""));
  });
  return shown;
}

}  // namespace

// The input is up to three documents, JSON or YAML, parted by zero bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<wandb::SpecLayer> layers(3);
  size_t at = 0;
  for (const absl::string_view part : absl::StrSplit(text, '\0')) {
    if (at == layers.size()) break;
    absl::StatusOr<base::Json> tree = base::ParseYaml(part, "layer");
    if (!tree.ok()) return 0;
    if (!tree->is_object() && !tree->is_null()) return 0;
    layers[at++].values = *std::move(tree);
  }
  const wandb::Evaluation evaluation =
      wandb::Evaluate({.custom_resource = layers.data(),
                       .user_input = &layers[1],
                       .channel = &layers[2]});
  const wandb::EffectiveSpec& spec = evaluation.effective;
  Require(wandb::Flatten(spec.values).size() == spec.origins.size());
  for (const auto masking : {wandb::Masking::kKnown, wandb::Masking::kStrict}) {
    const wandb::Mask mask({}, masking);
    const base::Json hidden = wandb::ReplaceSecrets(spec.values, mask);
    Require(Shown(hidden, mask) == Shown(spec.values, mask));
  }
  for (const wandb::Problem& finding : evaluation.findings) {
    Require(wandb::FindFindingKind(finding.id) != nullptr);
    Require(!finding.message.empty());
  }
  return 0;
}
