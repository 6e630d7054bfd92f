// How parts of wandb::OperatorSettings are values of attributes.
#pragma once

#include <functional>
#include <vector>

#include "base/json.h"
#include "provider/cty/type.h"
#include "provider/cty/value.h"
#include "provider/tf/schema.h"
#include "wandb/shapes.h"

namespace resources {

// What a row needs of a T: null is no text for it.
template <typename T>
struct ValueForm {
  cty::Type type;
  std::function<T(const cty::Value&)> decode;  // Of a wholly known value.
  std::function<cty::Value(const T&)> encode;
};

// Of Kubernetes' own shape, whatever its type.
ValueForm<base::Json> AnyForm();
// Of `attribute`, an object of `shape` or a list of them, kept by Kubernetes'
// keys.
ValueForm<base::Json> ShapeForm(const tf::Attribute& attribute,
                                wandb::Shape shape);
ValueForm<std::vector<base::Json>> ListForm(const tf::Attribute& attribute,
                                            wandb::Shape shape);

}  // namespace resources
