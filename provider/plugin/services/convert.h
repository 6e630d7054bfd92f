// Between protocol messages and the framework's values.
//
// The border of text: clients throw away an answer with a string that is not
// UTF-8, the state in it too. So every text that comes from outside (error
// bodies, headers, logs, paths) is made valid here, or by cty::Value. Messages
// also pass `hide`, which takes secrets out of them (null: none are known), and
// base::Printable().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "proto/tfplugin6.pb.h"
#include "provider/cty/value.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/function.h"
#include "provider/tf/resource.h"
#include "provider/tf/schema.h"

namespace plugin {

// `what` names the message field in errors.
absl::StatusOr<cty::Value> FromDynamic(const tfplugin6::DynamicValue& message,
                                       const cty::Type& type,
                                       absl::string_view what);
absl::Status ToDynamic(const cty::Value& value, const cty::Type& type,
                       tfplugin6::DynamicValue* message);

void ToAttributePath(const cty::Path& path, tfplugin6::AttributePath* message);

using HideText = std::function<std::string(absl::string_view)>;

void ToDiagnostics(
    const tf::Diagnostics& diags, const HideText& hide,
    google::protobuf::RepeatedPtrField<tfplugin6::Diagnostic>* messages);

// `argument` is the position of the argument that is wrong.
void ToFunctionError(absl::string_view text, const HideText& hide,
                     std::optional<int64_t> argument,
                     tfplugin6::FunctionError* message);

void ToSchema(const tf::Schema& schema, tfplugin6::Schema* message);
void ToFunction(const tf::Function& function, tfplugin6::Function* message);
void ToIdentitySchema(const std::vector<tf::IdentityAttribute>& attributes,
                      tfplugin6::ResourceIdentitySchema* message);

// The object of strings that identifies an object with `state`.
absl::Status ToIdentity(const std::vector<tf::IdentityAttribute>& attributes,
                        const cty::Value& state,
                        tfplugin6::ResourceIdentityData* message);
absl::StatusOr<std::map<std::string, std::string>> FromIdentity(
    const std::vector<tf::IdentityAttribute>& attributes,
    const tfplugin6::ResourceIdentityData& message);

// Private data is a JSON object; anything else (another provider's, say) is
// read as an empty one.
base::Json FromPrivate(const std::string& bytes);
std::string ToPrivate(const base::Json& private_data);

}  // namespace plugin
