#include "resources/instance/others.h"

#include <algorithm>

#include "kube/managed_fields.h"
#include "wandb/masked_layer.h"
#include "wandb/others.h"

namespace resources {
namespace {

using base::Json;

Json Beside(const Json& live, const Json& wrote, const Json& shared) {
  return wandb::Overlaid(wandb::OthersPart(live, wrote), shared);
}

}  // namespace

wandb::SpecLayer OthersOf(const Json& live, const Compiled& wrote,
                          const std::string& manager,
                          const std::vector<kube::Takeover::Source>& sources) {
  const Json shared =
      kube::PartOwnedBy(live, [&](const kube::ManagerEntry& entry) {
        return entry.subresource.empty() && entry.manager != manager &&
               std::none_of(
                   sources.begin(), sources.end(),
                   [&](const auto& source) { return source.from(entry); });
      });
  const wandb::SpecLayer whole = wandb::CustomResourceLayer(live);
  const wandb::SpecLayer theirs = wandb::CustomResourceLayer(shared);
  return wandb::MaskedLayer(
      {.chart = Beside(whole.chart, wrote.chart, theirs.chart),
       .values = Beside(whole.values, wrote.values, theirs.values)},
      wrote.mask);
}

}  // namespace resources
