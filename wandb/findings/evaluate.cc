#include "wandb/findings/evaluate.h"

#include <string>
#include <utility>

#include "wandb/findings/findings.h"
#include "wandb/leaf_map.h"

namespace wandb {

using base::Json;

Evaluation Evaluate(const SpecRequest& request) {
  Evaluation result = {.effective = MergeLayers(request)};
  result.findings = FindMistakes(request, result.effective);
  return result;
}

Json SpecReport(const Evaluation& evaluation) {
  const EffectiveSpec& spec = evaluation.effective;
  Json list = Json::array();
  for (const Problem& finding : evaluation.findings) {
    list.push_back({{"id", finding.id},
                    {"severity", std::string(SeverityName(finding.severity))},
                    {"path", finding.path},
                    {"message", finding.message}});
  }
  Json origins = Json::object();
  for (const auto& [path, origin] : OriginMap(spec.values, spec.origins)) {
    origins[path] = std::string(OriginName(origin));
  }
  return {{"values", spec.values},
          {"origin", std::move(origins)},
          {"chart", spec.chart},
          {"release_metadata", spec.metadata},
          {"findings", std::move(list)}};
}

}  // namespace wandb
