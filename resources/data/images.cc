#include "resources/data/images.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/never_destroyed.h"
#include "provider/tf/validators.h"
#include "resources/computed.h"
#include "resources/data/layer_argument.h"
#include "resources/spec/chart.h"
#include "resources/spec/compile.h"
#include "wandb/chart/chart.h"
#include "wandb/chart/image_table.h"
#include "wandb/chart/images.h"
#include "wandb/operator/settings.h"
#include "wandb/spec/layers.h"

namespace resources {
namespace {

using cty::Type;
using cty::Value;
using tf::Attr;
using tf::Bind;

constexpr char kOperatorPath[] = "operator";

struct NeededChartModel {
  Attr<std::string> url, name, version;

  static const tf::Bindings<NeededChartModel>& Fields();
};

const tf::Bindings<NeededChartModel>& NeededChartModel::Fields() {
  using M = NeededChartModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("url", &M::url,
           Shown("URL of the repository, or of the chart in a "
                 "registry (`oci://...`).")),
      Bind("name", &M::name,
           Shown("Name in the repository; null in a registry.")),
      Bind("version", &M::version, Shown("Version.")),
  });
  return *kFields;
}

struct ImagesModel {
  using StringMap = std::map<std::string, std::string>;

  Attr<std::vector<std::string>> values_yaml;
  Value values, user_input, release;
  Attr<ChartModel> chart;
  Attr<std::string> chart_version;
  tf::Defaulted<bool> airgapped = false;
  Value image_registry, repository_prefix;  // Settings of wandb_instance.
  tf::Defaulted<std::string> operator_image =
      wandb::DeployedImage(wandb::OperatorSettings());
  Attr<std::string> mirror_registry;
  Attr<std::vector<std::string>> images;
  Value by_path;  // May have nulls.
  Attr<std::vector<NeededChartModel>> charts;
  Attr<StringMap> mirror;

  static const tf::Bindings<ImagesModel>& Fields();
};

tf::Bindings<ImagesModel> Specification() {
  using M = ImagesModel;
  return {
      Bind("values_yaml", &M::values_yaml,
           {.never_quoted = true,
            .doc = "YAML documents of chart values; later ones win.",
            .example = "[file(\"values.yaml\")]"}),
      Bind("values", &M::values, Type::Dynamic(),
           {.never_quoted = true,
            .doc = "Chart values of the custom resource, stronger than "
                   "`values_yaml`."}),
      Bind("chart", &M::chart, {.doc = "Chart of the custom resource."}),
      Bind("chart_version", &M::chart_version,
           {.doc = "Version of W&B's chart whose defaults count, where neither "
                   "`chart` nor `release` says it, as with a chart that is a "
                   "file of the operator.",
            .example = "\"0.43.8\"",
            .validators = {tf::NotEmpty()}}),
      Bind(
          "user_input", &M::user_input, Type::Dynamic(),
          {.never_quoted = true,
           .doc = "Layer of the System Console: `{chart, metadata, values}`."}),
      Bind("release", &M::release, Type::Dynamic(),
           {.never_quoted = true,
            .doc = "Layer of the release channel: `{chart, metadata, values}`. "
                   "It has the versions of W&B's images.",
            .example = "data.wandb_release_channel.this.release"}),
      Bind("airgapped", &M::airgapped,
           {.doc = "The operator runs air-gapped: `release` counts for "
                   "nothing. Default `false`."}),
      Bind("image_registry", &M::image_registry, Type::String(),
           {.doc = "As in `wandb_instance`: the registry of the images of "
                   "bundled servers.",
            .example = "\"registry.example.com/wandb\""}),
      Bind("repository_prefix", &M::repository_prefix, Type::String(),
           {.doc = "As in `wandb_instance`: what goes before the repositories "
                   "of the images of all components.",
            .example = "\"registry.example.com/wandb\""}),
      Bind("operator_image", &M::operator_image,
           {.doc = absl::StrCat("Image of the operator itself. Default `",
                                ImagesModel().operator_image.value(), "`."),
            .example = "\"wandb/controller:1.22.0\"",
            .validators = {tf::NotEmpty()}}),
      Bind("mirror_registry", &M::mirror_registry,
           {.doc = "Registry, and perhaps a folder in it, to which `mirror` "
                   "copies.",
            .example = "\"registry.example.com/wandb\"",
            .validators = {tf::NotEmpty()}}),
  };
}

const tf::Bindings<ImagesModel>& ImagesModel::Fields() {
  using M = ImagesModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields([] {
    tf::Bindings<M> fields = Specification();
    fields.push_back(Bind(
        "images", &M::images,
        Shown("References of all images, as pods have them, sorted: what a "
              "cluster pulls.")));
    fields.push_back(
        Bind("by_path", &M::by_path, Type::Map(Type::String()),
             Shown("Path of the values, such as `app.image`, to reference; "
                   "`operator` is the operator's own. Null where neither the "
                   "values nor the known defaults say which one it is.")));
    fields.push_back(Bind("charts", &M::charts,
                          Shown("Charts that the operator fetches; of one that "
                                "is a file, W&B's own of `chart_version`.")));
    fields.push_back(Bind(
        "mirror", &M::mirror,
        Shown("Where each image comes from, to where it belongs below "
              "`mirror_registry`: what pods ask for once `image_registry` and "
              "`repository_prefix` are that. Those of Prometheus, its "
              "exporters, `stackdriver`, `yace` and `bufstream` read neither "
              "key: write what is said here into their values. Null without "
              "`mirror_registry`.")));
    return fields;
  }());
  return *kFields;
}

// What the operator fetches `chart` as. A chart in a file has to come from
// somewhere: W&B's own repository, if its version is known.
std::vector<NeededChartModel> ChartsFor(
    const std::optional<wandb::Chart>& chart, const std::string& version) {
  NeededChartModel needed;
  if (chart.has_value() && chart->kind != wandb::ChartKind::kLocal) {
    needed.url = chart->url;
    if (!chart->name.empty()) needed.name = chart->name;
  } else {
    needed.url = std::string(wandb::kChartRepository);
    needed.name = std::string(wandb::kChartName);
  }
  needed.version = version;
  return {std::move(needed)};
}

void ReportUnknown(const wandb::ImageList& list, const std::string& version,
                   tf::Diagnostics& diags) {
  const std::string known =
      absl::StrCat(wandb::kFirstImages, " to ", wandb::kLastImages);
  if (!wandb::KnowsImages(version)) {
    diags.AddWarning(
        "Some images may be missing",
        absl::StrCat("Which images chart ", version,
                     " uses where the values name none is not known: that is "
                     "known for charts ",
                     known, ". What only this chart has is missing",
                     list.unknown.empty() ? "" : ", and so are ",
                     absl::StrJoin(list.unknown, ", "),
                     ". Set repository and tag of each image in values, or "
                     "take them from a release, and compare with the output "
                     "of helm template."));
  } else if (!list.unknown.empty()) {
    diags.AddWarning(
        "Some images are missing",
        absl::StrCat("Which images these use is not known: ",
                     absl::StrJoin(list.unknown, ", "),
                     ". Set repository and tag of each image in values, or add "
                     "them to the list by hand."));
  }
}

class Needs {
 public:
  Needs(ImagesModel& model, tf::Diagnostics& diags)
      : model_(model), diags_(diags) {}

  void Show(const wandb::ImageList& list) {
    for (const wandb::ImageUse& use : list.uses) {
      Add(use.path, use.reference);
      Copy(use.origin, [&](absl::string_view registry) {
        return wandb::BelowRegistry(use, registry);
      });
    }
    for (const std::string& path : list.unknown) {
      by_path_[path] = Value::Null(Type::String());
    }
    const std::string own = model_.operator_image.value();
    Add(kOperatorPath, own);
    CopyOperator(own);
    model_.by_path = Value::Map(Type::String(), std::move(by_path_));
    model_.images =
        std::vector<std::string>(references_.begin(), references_.end());
    if (model_.mirror_registry.IsKnown()) model_.mirror = std::move(copies_);
  }

 private:
  // One that has a name of the mirror already is W&B's own by its rest, or of
  // unknown origin.
  void CopyOperator(const std::string& own) {
    absl::string_view origin = own;
    const bool is_copy =
        model_.mirror_registry.IsKnown() &&
        absl::ConsumePrefix(&origin,
                            absl::StrCat(model_.mirror_registry.value(), "/"));
    if (is_copy && !absl::StartsWith(origin, wandb::kOperatorRepository)) {
      diags_.AddWarning(
          "operator_image", "The operator's image is in the mirror already",
          absl::StrCat("operator_image is ", own,
                       ", which is below mirror_registry: where it is copied "
                       "from is not known, so mirror lacks it. Give the image "
                       "that is to be copied, or leave operator_image out."));
      return;
    }
    Copy(std::string(origin), [&](absl::string_view registry) {
      return wandb::BelowRegistry(origin, registry);
    });
  }

  void Add(const std::string& path, const std::string& reference) {
    by_path_[path] = Value::String(reference);
    references_.insert(reference);
  }

  template <typename Name>
  void Copy(const std::string& origin, const Name& name) {
    if (!model_.mirror_registry.IsKnown()) return;
    const std::string copy = name(model_.mirror_registry.value());
    const auto [place, is_new] = taken_.emplace(copy, origin);
    if (!is_new && place->second != origin) {
      diags_.AddError(
          "mirror_registry", "Two images for one place",
          absl::StrCat(place->second, " and ", origin, " would both be ", copy,
                       ". Give one of them another repository in values."));
    }
    copies_[origin] = copy;
  }

  ImagesModel& model_;
  tf::Diagnostics& diags_;
  std::map<std::string, Value> by_path_;
  std::set<std::string> references_;
  ImagesModel::StringMap copies_;
  std::map<std::string, std::string> taken_;
};

class ImagesData final : public tf::TypedDataSource<ImagesModel> {
 public:
  ImagesData()
      : TypedDataSource(
            "wandb_images",
            absl::StrCat(
                "The images and charts that a specification needs, for the "
                "registries of an air-gapped network. Needs no cluster. "
                "It has what is installed, by the values and by the defaults "
                "of the chart, those of hooks and init containers, too. "
                "Defaults are known for charts ",
                wandb::kFirstImages, " to ", wandb::kLastImages,
                " of W&B, and those of its subcharts (bundled servers, "
                "Prometheus, OpenTelemetry and the like) up to ",
                wandb::kLastSubcharts,
                "; else an image counts only where the values name it, and a "
                "warning says so. Many defaults are the tag "
                "`latest`: `release`, or tags in the values, say which version "
                "that is. The images of the chart's tests are not listed, "
                "since only `helm test` runs them.")) {}

  bool needs_provider() const override { return false; }

 protected:
  void CheckConfig(const ImagesModel& config,
                   tf::Diagnostics& diags) const override {
    if (!config.mirror_registry.IsKnown()) return;
    const std::string registry = config.mirror_registry.value();
    if (absl::StrContains(registry, "://") || absl::EndsWith(registry, "/")) {
      diags.AddError("mirror_registry", "Invalid mirror_registry",
                     "Write a registry, and perhaps a folder, without scheme "
                     "and without a slash at the end: "
                     "registry.example.com/wandb.");
    }
  }

  void ReadData(const base::Context&,
                tf::DataCall<ImagesModel>& call) const override {
    ImagesModel& model = call.model;
    const auto effective = Merge(model, call.diags);
    if (!effective.has_value()) return;
    const auto chart = wandb::ParseChart(wandb::ShownChart(effective->chart));
    std::string version = chart.has_value() ? chart->version : "";
    if (version.empty() && model.chart_version.IsKnown()) {
      version = model.chart_version.value();
    }
    if (version.empty()) {
      return call.diags.AddError(
          "Which chart is not clear",
          "The images depend on the version of the chart, and no layer says "
          "it. Set chart_version, the version in chart, or release.");
    }
    const wandb::ImageList list = wandb::ImagesOf(effective->values, version);
    ReportUnknown(list, version, call.diags);
    model.charts = ChartsFor(chart, version);
    Needs(model, call.diags).Show(list);
  }

 private:
  // nullopt after an error.
  static std::optional<wandb::EffectiveSpec> Merge(const ImagesModel& model,
                                                   tf::Diagnostics& diags) {
    const auto user_input = LayerOf(model.user_input, "user_input", diags);
    const auto channel = LayerOf(model.release, "release", diags);
    const Compiled compiled =
        Compile({.values_yaml = model.values_yaml,
                 .values = model.values,
                 .settings = {{"image_registry", model.image_registry},
                              {"repository_prefix", model.repository_prefix}},
                 .chart = model.chart});
    diags.Append(compiled.diags);
    diags.Append(compiled.warnings);
    if (diags.HasError()) return std::nullopt;
    const wandb::SpecLayer own = compiled.layer();
    return wandb::MergeLayers(
        {.custom_resource = &own,
         .user_input = user_input.has_value() ? &*user_input : nullptr,
         .channel = channel.has_value() ? &*channel : nullptr,
         .airgapped = model.airgapped.value()});
  }
};

}  // namespace

std::unique_ptr<tf::DataSource> NewImagesDataSource() {
  return std::make_unique<ImagesData>();
}

}  // namespace resources
