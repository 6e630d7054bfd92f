#include "provider/plugin/services/functions.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "provider/plugin/services/convert.h"
#include "provider/tf/exceptions.h"

namespace plugin {
namespace {

using grpc::ServerContext;
using grpc::Status;
namespace pb = tfplugin6;

}  // namespace

FunctionCalls::FunctionCalls(Registry& registry) : Kind(registry) {
  for (const tf::Function& function : registry.provider().parts().functions) {
    functions_[function.name] = &function;
  }
}

void FunctionCalls::Describe(pb::GetMetadata::Response* response) const {
  for (const auto& [name, function] : functions_) {
    response->add_functions()->set_name(name);
  }
}

void FunctionCalls::Describe(pb::GetProviderSchema::Response* response) const {
  for (const auto& [name, function] : functions_) {
    ToFunction(*function, &(*response->mutable_functions())[name]);
  }
}

Status FunctionCalls::GetFunctions(ServerContext*,
                                   const pb::GetFunctions::Request*,
                                   pb::GetFunctions::Response* response) {
  for (const auto& [name, function] : functions_) {
    ToFunction(*function, &(*response->mutable_functions())[name]);
  }
  return Status::OK;
}

Status FunctionCalls::CallFunction(ServerContext*,
                                   const pb::CallFunction::Request* request,
                                   pb::CallFunction::Response* response) {
  const auto it = functions_.find(request->name());
  if (it == functions_.end()) {
    ToFunctionError(
        absl::StrCat("this provider has no function \"", request->name(), "\""),
        registry_.hide(), std::nullopt, response->mutable_error());
    return Status::OK;
  }
  const absl::Status status =
      tf::EndExceptions([&] { return Call(*it->second, *request, *response); });
  if (!status.ok()) {
    ToFunctionError(tf::FailureText(status), registry_.hide(), std::nullopt,
                    response->mutable_error());
  }
  return Status::OK;
}

absl::Status FunctionCalls::Call(const tf::Function& function,
                                 const pb::CallFunction::Request& request,
                                 pb::CallFunction::Response& response) {
  std::vector<cty::Value> arguments;
  for (int i = 0; i < request.arguments_size(); ++i) {
    const auto at = static_cast<size_t>(i);
    const tf::Parameter* parameter =
        at < function.parameters.size() ? &function.parameters[at]
        : function.variadic.has_value() ? &*function.variadic
                                        : nullptr;
    if (parameter == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          function.name, " takes ", function.parameters.size(), " arguments"));
    }
    ASSIGN_OR_RETURN(
        cty::Value argument,
        FromDynamic(request.arguments(i), parameter->type, parameter->name));
    arguments.push_back(std::move(argument));
  }
  if (arguments.size() < function.parameters.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        function.name, " needs ", function.parameters.size(), " arguments"));
  }
  for (const cty::Value& argument : arguments) {
    if (argument.IsWhollyKnown()) continue;
    return ToDynamic(cty::Value::Unknown(function.result), function.result,
                     response.mutable_result());
  }
  const tf::FunctionResult result = function.call(arguments);
  if (result.ok()) {
    return ToDynamic(result.value, function.result, response.mutable_result());
  }
  ToFunctionError(result.error, registry_.hide(), result.argument,
                  response.mutable_error());
  return absl::OkStatus();
}

}  // namespace plugin
