#include "wandb/spec/masked_layer.h"

#include "wandb/chart/chart.h"

namespace wandb {
namespace {

using base::Json;

// Calls visit(name, text) for each string of `metadata`.
template <typename Visit>
void ForEachText(const Json& metadata, const Visit& visit) {
  if (!metadata.is_object()) return;
  for (const auto& [name, value] : metadata.items()) {
    const auto* text = value.template get_ptr<const std::string*>();
    if (text != nullptr) visit(name, *text);
  }
}

}  // namespace

SpecLayer MaskedLayer(const SpecLayer& layer, const Mask& mask) {
  SpecLayer out = {.chart = ShownChart(layer.chart),
                   .values = ReplaceSecrets(layer.values, mask),
                   .metadata = layer.metadata};
  ForEachText(layer.metadata,
              [&](const std::string& name, const std::string& text) {
                if (mask.IsSecretMetadata(name, text)) {
                  out.metadata[name] = kMasked;
                }
              });
  return out;
}

std::vector<std::string> SecretsOf(const SpecLayer& layer, const Mask& mask) {
  std::vector<std::string> secrets = SecretTexts(layer.values, mask);
  const auto add = [&](const std::vector<std::string>& more) {
    secrets.insert(secrets.end(), more.begin(), more.end());
  };
  ForEachText(layer.metadata,
              [&](const std::string& name, const std::string& text) {
                if (mask.IsSecretMetadata(name, text)) add(PartsOfSecret(text));
              });
  // By their names and shapes, as anywhere.
  add(SecretTexts(layer.chart, Mask()));
  return secrets;
}

}  // namespace wandb
