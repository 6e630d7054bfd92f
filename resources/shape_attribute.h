// Objects of wandb/shapes.h as nested attributes.
#pragma once

#include <string>

#include "provider/tf/schema.h"
#include "wandb/shapes.h"

namespace resources {

tf::Attribute NestedAttribute(const std::string& name, tf::NestedObject object,
                              tf::AttributeSpec spec);

// An object of `shape`, or a list of them.
tf::Attribute ShapeAttribute(const std::string& name, wandb::Shape shape,
                             tf::AttributeSpec spec);

}  // namespace resources
