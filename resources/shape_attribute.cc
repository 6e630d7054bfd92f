#include "resources/shape_attribute.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "provider/tf/binding.h"

namespace resources {
namespace {

using tf::Attribute;
using Strings = std::vector<std::string>;
using Texts = std::map<std::string, std::string>;

std::vector<Attribute> AttributesOf(
    const std::vector<wandb::ShapeField>& fields) {
  using F = wandb::FieldType;
  std::vector<Attribute> out;
  for (const wandb::ShapeField& field : fields) {
    const std::string name(field.name);
    tf::AttributeSpec spec = {
        .use = field.required ? tf::Use::kRequired : tf::Use::kOptional,
        .doc = std::string(field.doc),
        .allowed = absl::StrSplit(field.allowed, '|', absl::SkipEmpty())};
    switch (field.type) {
      case F::kString:
        out.push_back(tf::AttributeFor<std::string>(name, std::move(spec)));
        break;
      case F::kInteger:
        out.push_back(tf::AttributeFor<int64_t>(name, std::move(spec)));
        break;
      case F::kBool:
        out.push_back(tf::AttributeFor<bool>(name, std::move(spec)));
        break;
      case F::kStrings:
        out.push_back(tf::AttributeFor<Strings>(name, std::move(spec)));
        break;
      case F::kTexts:
        out.push_back(tf::AttributeFor<Texts>(name, std::move(spec)));
        break;
      case F::kObject:
        out.push_back(NestedAttribute(
            name, {.attributes = AttributesOf(field.fields)}, std::move(spec)));
        break;
      case F::kObjects:
        out.push_back(
            NestedAttribute(name,
                            {.nesting = tf::Nesting::kList,
                             .attributes = AttributesOf(field.fields)},
                            std::move(spec)));
        break;
    }
  }
  return out;
}

}  // namespace

tf::Attribute NestedAttribute(const std::string& name, tf::NestedObject object,
                              tf::AttributeSpec spec) {
  cty::Type type = tf::NestedType(object);
  return {.name = name,
          .type = std::move(type),
          .nested = std::make_shared<const tf::NestedObject>(std::move(object)),
          .spec = std::move(spec)};
}

tf::Attribute ShapeAttribute(const std::string& name, wandb::Shape shape,
                             tf::AttributeSpec spec) {
  return NestedAttribute(
      name,
      {.nesting =
           wandb::IsList(shape) ? tf::Nesting::kList : tf::Nesting::kSingle,
       .attributes = AttributesOf(FieldsOf(shape))},
      std::move(spec));
}

}  // namespace resources
