#include "resources/data/operator_manifests.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/never_destroyed.h"
#include "base/yaml.h"
#include "resources/hidden_arguments.h"
#include "resources/operator/objects.h"
#include "resources/operator/settings.h"
#include "wandb/operator/deployment.h"
#include "wandb/operator/manifests.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;
using tf::Bind;

struct OperatorManifestsModel {
  using StringMap = std::map<std::string, std::string>;

  OperatorArguments arguments;
  Attr<std::string> yaml;
  Attr<StringMap> objects;
  Attr<std::vector<std::string>> images;

  static const tf::Bindings<OperatorManifestsModel>& Fields();
};

// The rows of OperatorArguments; nothing of a data source is replaced.
tf::Bindings<OperatorManifestsModel> Arguments() {
  auto fields = BindArguments(&OperatorManifestsModel::arguments);
  for (auto& field : fields) field.attribute.spec.replace_on_change = false;
  return fields;
}

// What says an argument that is hidden must be hidden, too.
bool HasSecrets(const tf::Bindings<OperatorManifestsModel>& fields) {
  for (const auto& field : fields) {
    if (field.attribute.spec.sensitive) return true;
  }
  return false;
}

const tf::Bindings<OperatorManifestsModel>& OperatorManifestsModel::Fields() {
  using M = OperatorManifestsModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields([] {
    tf::Bindings<M> fields = Arguments();
    const bool secret = HasSecrets(fields);
    fields.push_back(
        Bind("yaml", &M::yaml,
             {.use = tf::Use::kComputed,
              .sensitive = secret,
              .doc = "All objects, in the order in which to apply them: one "
                     "YAML document for each."}));
    fields.push_back(
        Bind("objects", &M::objects,
             {.use = tf::Use::kComputed,
              .sensitive = secret,
              .doc = "Each object as YAML, by the key that it has in `objects` "
                     "of the resource: `Kind/namespace/name`, or `Kind/name` "
                     "for one without namespace."}));
    fields.push_back(Bind(
        "images", &M::images,
        {.use = tf::Use::kComputed, .doc = "Images that these objects run."}));
    return fields;
  }());
  return *kFields;
}

void Show(const std::vector<Json>& manifests, OperatorManifestsModel& model) {
  std::string all;
  std::map<std::string, std::string> objects;
  std::vector<std::string> images;
  for (const Json& manifest : manifests) {
    const std::string text = base::EmitYaml(manifest);
    absl::StrAppend(&all, all.empty() ? "" : "---\n", text);
    objects[ObjectKey(manifest)] = text;
    std::string image = wandb::ManagerImage(manifest);
    if (!image.empty()) images.push_back(std::move(image));
  }
  model.yaml = std::move(all);
  model.objects = std::move(objects);
  model.images = std::move(images);
}

class OperatorManifestsData final
    : public tf::TypedDataSource<OperatorManifestsModel> {
 public:
  OperatorManifestsData()
      : TypedDataSource(
            "wandb_operator_manifests",
            "The objects that `wandb_operator` with the same arguments "
            "applies: for review, for policy checks, for GitOps. Needs no "
            "cluster. "
            "Where another tool applies them: apply them in the order of "
            "`yaml`, and wait until the definition is established before an "
            "instance is made. Namespace and definition are here even where "
            "the cluster has them; the resource uses those as they are. Each "
            "object has the annotation `terraform.wandb.ai/owner`, as the "
            "resource writes it: it says that they are those of the "
            "`wandb_operator` of this namespace and name, which can then "
            "import all of them, and deletes them when it is destroyed. Leave "
            "the annotation out where that is not wished.") {}

  bool needs_provider() const override { return false; }

 protected:
  void CheckConfig(const OperatorManifestsModel& config,
                   tf::Diagnostics& diags) const override {
    using Encoding = tf::Codec<OperatorManifestsModel>;
    CheckNothingHidden(Encoding::Encode(config), {}, diags);
    if (!config.arguments.unknown.empty()) return;
    const absl::Status status =
        wandb::CheckOperatorSettings(config.arguments.values);
    if (!status.ok()) ReportSettings(status, diags);
  }

  void ReadData(const base::Context&,
                tf::DataCall<OperatorManifestsModel>& call) const override {
    // Again, since what validation did not know yet is known by now.
    CheckConfig(call.model, call.diags);
    if (call.diags.HasError()) return;
    const auto manifests =
        wandb::OperatorManifests(call.model.arguments.values);
    if (!manifests.ok()) return ReportSettings(manifests.status(), call.diags);
    Show(*manifests, call.model);
  }
};

}  // namespace

std::unique_ptr<tf::DataSource> NewOperatorManifestsDataSource() {
  return std::make_unique<OperatorManifestsData>();
}

}  // namespace resources
