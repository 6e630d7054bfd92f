#include "resources/spec/effective.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/redact.h"
#include "resources/values.h"
#include "wandb/chart/chart.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/table.h"
#include "wandb/spec/masked_layer.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

Attr<std::string> FieldOf(const std::string& text) {
  return text.empty() ? Attr<std::string>()
                      : Attr<std::string>(base::HideCredentials(text));
}

// The string at `dotted`; null for anything else, unknown while it is open.
Attr<std::string> TextAt(const Json& values, absl::string_view dotted,
                         const wandb::Mask& mask) {
  const wandb::Path path = wandb::PathOfText(dotted);
  const Json* text = wandb::FindPath(values, path);
  if (text != nullptr && text->is_string()) return mask.Text(path, *text);
  const bool open = wandb::HasUnknownShape(values) ||
                    (text != nullptr && wandb::HasUnknown(*text));
  return open ? Attr<std::string>::Unknown() : Attr<std::string>();
}

}  // namespace

cty::Value LeafMap(const Json& values, const wandb::Mask& mask) {
  if (wandb::HasUnknownShape(values)) return UnknownStringMap();
  std::map<std::string, std::optional<std::string>> out;
  if (!values.is_null()) {
    wandb::ForEachLeaf(values, [&](const wandb::Path& path,
                                   const std::string& text, const Json& leaf) {
      if (path.empty()) return;  // An empty tree has no leaves to name.
      const std::string shown = wandb::ShownPath(text);
      if (wandb::UnknownKind(leaf).has_value() ||
          (wandb::BesideUnknown(values, path) &&
           !mask.IsSecret(path, leaf, {&values}))) {
        out[shown] = std::nullopt;
      } else {
        out[shown] = mask.Text(path, leaf, {&values});
      }
    });
  }
  return StringMap(out);
}

cty::Value ConfiguredLeaves(const Compiled& compiled) {
  return compiled.leaves_known ? LeafMap(compiled.values, compiled.mask)
                               : UnknownStringMap();
}

Attr<std::string> UrlOf(const Json& values, const wandb::Mask& mask) {
  return TextAt(values, "global.host", mask);
}

Attr<std::string> VersionOf(const Json& values, const wandb::Mask& mask) {
  return TextAt(values, "app.image.tag", mask);
}

Attr<EffectiveChartModel> ShownChart(const Json& chart) {
  if (wandb::HasUnknown(chart)) return Attr<EffectiveChartModel>::Unknown();
  const auto parsed = wandb::ParseChart(chart);
  if (!parsed.has_value()) return {};
  return EffectiveChartModel{
      .kind = std::string(wandb::ChartKindName(parsed->kind)),
      .url = FieldOf(parsed->url),
      .name = FieldOf(parsed->name),
      .version = FieldOf(parsed->version),
      .path = FieldOf(parsed->path)};
}

EffectiveAttributes EffectiveAttributes::Of(const wandb::EffectiveSpec& spec,
                                            const wandb::Mask& mask) {
  EffectiveAttributes out;
  out.effective_values = LeafMap(spec.values, mask);
  if (out.effective_values.IsUnknown()) {
    out.effective_origin = UnknownStringMap();
  } else {
    std::map<std::string, std::optional<std::string>> origins;
    for (const auto& [path, origin] :
         wandb::OriginMap(spec.values, spec.origins)) {
      if (!path.empty()) {
        origins[wandb::ShownPath(path)] =
            std::string(wandb::OriginName(origin));
      }
    }
    out.effective_origin = StringMap(origins);
  }
  out.url = UrlOf(spec.values, mask);
  out.version = VersionOf(spec.values, mask);
  out.effective_chart = ShownChart(spec.chart);
  std::map<std::string, std::optional<std::string>> metadata;
  if (spec.metadata.is_object()) {
    for (const auto& [key, value] : spec.metadata.items()) {
      if (!value.is_string()) continue;
      const auto& text = value.get_ref<const std::string&>();
      metadata[key] = mask.IsSecretMetadata(key, text) ? wandb::kMasked : text;
    }
  }
  out.release_metadata = StringMap(metadata);
  return out;
}

}  // namespace resources
