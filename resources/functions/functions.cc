#include "resources/functions/functions.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/printable.h"
#include "resources/namespaced_name.h"
#include "resources/values.h"
#include "wandb/chart/chart.h"
#include "wandb/findings/evaluate.h"
#include "wandb/leaf_map.h"
#include "wandb/merge.h"
#include "wandb/names.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;
using cty::Type;
using cty::Value;
using tf::FunctionResult;
using Arguments = std::vector<Value>;

// Both conversions may fail on what JSON cannot say.
FunctionResult Result(const Json& tree) {
  auto value = cty::FromJson(tree);
  if (!value.ok()) {
    return FunctionResult::Error(std::string(value.status().message()),
                                 std::nullopt);
  }
  return FunctionResult::Of(*std::move(value));
}

// Argument `index`, `name` in the documentation, which must be a map of values
// or null.
absl::StatusOr<Json> ValuesOf(const Arguments& arguments, size_t index,
                              absl::string_view name) {
  auto tree = TreeOf(arguments[index]);
  if (tree.ok() && !tree->is_object() && !tree->is_null()) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " must be a map, and is a ", wandb::KindName(*tree)));
  }
  return tree;
}

FunctionResult Refusal(const absl::Status& status, size_t argument) {
  return FunctionResult::Error(std::string(status.message()),
                               static_cast<int64_t>(argument));
}

FunctionResult MergeValues(const Arguments& arguments) {
  std::vector<Json> trees;
  for (size_t i = 0; i < arguments.size(); ++i) {
    auto tree = ValuesOf(arguments, i, absl::StrCat("argument ", i + 1));
    if (!tree.ok()) return Refusal(tree.status(), i);
    trees.push_back(*std::move(tree));
  }
  const wandb::Merged merged = wandb::Merge(trees);
  if (merged.clashes.empty()) return Result(merged.values);
  const auto name = [](size_t argument) {
    return absl::StrCat("argument ", argument + 1);
  };
  std::vector<std::string> lines;
  for (const wandb::Clash& clash : merged.clashes) {
    lines.push_back(
        wandb::ProblemOf(clash, name(clash.upper), name(clash.lower)).message);
  }
  // Core writes the last full stop.
  return FunctionResult::Error(
      std::string(absl::StripSuffix(absl::StrJoin(lines, " "), ".")),
      static_cast<int64_t>(merged.clashes[0].lower));
}

struct Layers {
  wandb::SpecLayer own;
  std::optional<wandb::SpecLayer> user_input, channel;
  bool airgapped = false;
  std::string operator_namespace = "wandb";
};

// "" or what is wrong with the argument.
std::string ReadLayers(const Json& spec, Layers& layers) {
  if (!spec.is_object()) {
    return absl::StrCat("spec must be an object, and is a ",
                        wandb::KindName(spec));
  }
  constexpr absl::string_view kKeys[] = {"airgapped",          "chart",
                                         "operator_namespace", "release",
                                         "user_input",         "values"};
  for (const auto& [key, value] : spec.items()) {
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      return absl::StrCat("there is no attribute \"", key,
                          "\": the attributes are ",
                          absl::StrJoin(kKeys, ", "));
    }
    if (value.is_null()) continue;
    if (key == "values") layers.own.values = value;
    if (key == "chart") layers.own.chart = wandb::CompleteChart(value);
    if (key == "airgapped") {
      if (!value.is_boolean()) return "airgapped must be true or false";
      layers.airgapped = value.get<bool>();
    }
    if (key == "operator_namespace") {
      if (!value.is_string()) return "operator_namespace must be a string";
      layers.operator_namespace = value.get<std::string>();
    }
    if (key == "user_input" || key == "release") {
      auto layer = wandb::ParseGivenRelease(value);
      if (!layer.ok()) {
        return absl::StrCat(key, ": ", layer.status().message(),
                            ". Give {chart, values, metadata}");
      }
      (key == "release" ? layers.channel : layers.user_input) =
          *std::move(layer);
    }
  }
  if (!layers.own.values.is_null() && !layers.own.values.is_object()) {
    return absl::StrCat("values must be a map, and is a ",
                        wandb::KindName(layers.own.values));
  }
  const absl::Status listable = wandb::CheckListable({&layers.own.values});
  return listable.ok() ? "" : absl::StrCat("values ", listable.message());
}

FunctionResult EffectiveSpec(const Arguments& arguments) {
  const auto tree = TreeOf(arguments[0]);
  if (!tree.ok()) return Refusal(tree.status(), 0);
  Layers layers;
  if (std::string wrong = ReadLayers(*tree, layers); !wrong.empty()) {
    return FunctionResult::Error(std::move(wrong), 0);
  }
  return Result(wandb::SpecReport(wandb::Evaluate(
      {.custom_resource = &layers.own,
       .user_input =
           layers.user_input.has_value() ? &*layers.user_input : nullptr,
       .channel = layers.channel.has_value() ? &*layers.channel : nullptr,
       .airgapped = layers.airgapped,
       .operator_namespace = layers.operator_namespace})));
}

FunctionResult FlattenValues(const Arguments& arguments) {
  const auto tree = ValuesOf(arguments, 0, "values");
  if (!tree.ok()) return Refusal(tree.status(), 0);
  if (const absl::Status status = wandb::CheckListable({&*tree});
      !status.ok()) {
    return FunctionResult::Error(absl::StrCat("the value ", status.message()),
                                 0);
  }
  std::map<std::string, Value> leaves;
  for (const wandb::Leaf& leaf : wandb::Flatten(*tree)) {
    // An empty tree has no leaves to name.
    if (leaf.path.empty() && leaf.value->empty()) continue;
    leaves[leaf.path] = Value::String(wandb::LeafText(*leaf.value));
  }
  return FunctionResult::Of(Value::Map(Type::String(), std::move(leaves)));
}

constexpr size_t kMaxNamespace = 63;

// As the arguments of a wandb_instance are validated.
bool IsLabel(const std::string& text, size_t longest) {
  return text.size() <= longest && wandb::IsSubdomain(text) &&
         !absl::StrContains(text, '.');
}

FunctionResult ParseInstanceId(const Arguments& arguments) {
  const std::string& id = arguments[0].AsString();
  const auto parsed = ParseNamespacedName(id);
  if (!parsed.has_value() || !IsLabel(parsed->ns, kMaxNamespace) ||
      !IsLabel(parsed->name, kMaxInstanceName)) {
    return FunctionResult::Error(
        absl::StrCat("\"",
                     absl::StrReplaceAll(base::Printable(id), {{"\n", "\\n"}}),
                     "\" is no id of an instance: ids are namespace/name, like "
                     "default/wandb, both of lower-case letters, digits and "
                     "hyphens, with at most ",
                     kMaxNamespace, " and ", kMaxInstanceName, " characters"),
        0);
  }
  return FunctionResult::Of(
      Value::Object({{"namespace", Value::String(parsed->ns)},
                     {"name", Value::String(parsed->name)}}));
}

}  // namespace

std::vector<tf::Function> SpecFunctions() {
  std::vector<tf::Function> functions;
  functions.push_back(
      {.name = "merge_values",
       .summary = "Merges chart values as the operator merges its layers",
       .doc = "Merges any number of value trees, highest precedence first, by "
              "the operator's rules: maps merge, lists are appended, and of "
              "two scalars the first wins. Values of different kinds at one "
              "path, and a null that meets anything, are errors: the operator "
              "would fail on them.",
       .variadic =
           tf::Parameter{.name = "values",
                         .type = Type::Dynamic(),
                         .allow_null = true,
                         .doc =
                             "Chart values. A null that has a type is passed "
                             "over; for a bare `null` the client "
                             "itself makes the result unknown."},
       .result = Type::Dynamic(),
       .call = MergeValues});
  functions.push_back(
      {.name = "effective_spec",
       .summary = "What the operator makes of a specification's layers",
       .doc =
           "Takes an object with the attributes `values`, `chart`, "
           "`user_input`, `release` (both `{chart, values, metadata}`), "
           "`airgapped` and `operator_namespace`, all optional; a `chart` that "
           "has its version alone is W&B's own. Returns "
           "`values`, `origin` (path to layer), `chart`, "
           "`release_metadata` and `findings`, a list of `{id, severity, "
           "path, message}`. Nothing is masked.",
       .parameters = {{.name = "spec",
                       .type = Type::Dynamic(),
                       .doc = "The layers."}},
       .result = Type::Dynamic(),
       .call = EffectiveSpec});
  functions.push_back(
      {.name = "flatten_values",
       .summary = "Chart values as a flat map from path to text",
       .doc = "The same paths and texts as in `effective_values` of "
              "`wandb_instance`, such as `ingress.tls[0].secretName`. Nothing "
              "is masked.",
       .parameters = {{.name = "values",
                       .type = Type::Dynamic(),
                       .doc = "Chart values."}},
       .result = Type::Map(Type::String()),
       .call = FlattenValues});
  functions.push_back(
      {.name = "parse_instance_id",
       .summary = "Namespace and name of an instance's id",
       .doc = "Splits an id like `default/wandb` into an object with "
              "`namespace` and `name`.",
       .parameters = {{.name = "id",
                       .type = Type::String(),
                       .doc = "`id` of a `wandb_instance`."}},
       .result = Type::Object(
           {{"namespace", Type::String()}, {"name", Type::String()}}),
       .call = ParseInstanceId});
  return functions;
}

}  // namespace resources
