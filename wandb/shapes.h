// The objects that settings hold: those of Kubernetes (API v1, core and
// networking) and those that the chart makes of its own. Users write them in
// snake_case, as hashicorp/kubernetes has them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace wandb {

enum class Shape {
  kNone,
  kIngressTls,   // A list of them.
  kTolerations,  // A list of them.
  kVariables,    // A list of them: of an environment.
  kResources,
  kAutoscaling,  // The chart's own, by name of the scaler.
  kPodSecurityContext,
  kSecurityContext,
  kRoleRules,     // A list of them.
  kDroppedRules,  // A list of them: of rules, without names of objects.
};

// One member of an object of `Shape`.
enum class FieldType {
  kString,
  kInteger,
  kBool,
  kStrings,  // A list of strings.
  kTexts,    // A map of strings.
  kObject,
  kObjects,  // A list of objects.
};
struct ShapeField {
  absl::string_view name;  // "run_as_user"
  absl::string_view key;   // "runAsUser"
  FieldType type = FieldType::kString;
  absl::string_view doc;
  std::vector<ShapeField> fields = {};  // Of kObject and kObjects.
  absl::string_view allowed = {};       // "a|b|c"; "" for any value.
  bool required = false;
};
const std::vector<ShapeField>& FieldsOf(Shape shape);

// Whether it is a list of objects.
bool IsList(Shape shape);

// An object of `fields`, or a list of them, by keys in place of names. What it
// has beside them stays; nulls go.
base::Json ToKubernetes(const std::vector<ShapeField>& fields,
                        const base::Json& value);

// The inverse; nullopt where `fields` cannot say it.
std::optional<base::Json> FromKubernetes(const std::vector<ShapeField>& fields,
                                         const base::Json& value);

// What of `value`, by keys, `fields` can say.
base::Json KnownPart(const std::vector<ShapeField>& fields,
                     const base::Json& value);

struct ShapeMistake {
  std::string below;    // Where, by names: "[0].effect"; "" for itself.
  std::string message;  // What goes on after the place; without the value.
};

// The first member of `value`, an object of `fields` or a list of them, that
// has a value which is not allowed. Its members go by `spelling`.
std::optional<ShapeMistake> MistakeOfShape(
    const std::vector<ShapeField>& fields, const base::Json& value,
    absl::string_view ShapeField::*spelling = &ShapeField::name);

// "must be a, b or c" unless `text` is one of `allowed` ("a|b|c"), or that is
// "".
std::optional<std::string> NotAllowed(absl::string_view allowed,
                                      const std::string& text);

// Why every API server refuses a toleration (by keys), and what to do, without
// the last full stop; "" if it doesn't.
std::string TolerationFault(const base::Json& toleration);

}  // namespace wandb
