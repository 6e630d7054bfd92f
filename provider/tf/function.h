// Functions of a provider: provider::NAME::function(…) in a configuration.
//
// Pure: they need no configuration of the provider, and equal arguments give
// equal results.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "provider/cty/type.h"
#include "provider/cty/value.h"

namespace tf {

struct Parameter {
  std::string name;  // A valid HCL identifier.
  cty::Type type;
  bool allow_null = false;  // Core refuses nulls otherwise.
  std::string doc;          // Markdown.
};

struct FunctionResult {
  static FunctionResult Of(cty::Value value) {
    return {std::move(value), "", std::nullopt};
  }
  // `argument`: which one is wrong, from 0, variadic ones included.
  static FunctionResult Error(std::string text,
                              std::optional<int64_t> argument) {
    return {cty::Value(), std::move(text), argument};
  }

  bool ok() const { return error.empty(); }

  cty::Value value;   // Of the function's result type.
  std::string error;  // One or more sentences; "" for success.
  std::optional<int64_t> argument;
};

// Thread-safe: one object serves all calls.
struct Function {
  std::string name;
  std::string summary;  // One line.
  std::string doc;      // Markdown.
  std::vector<Parameter> parameters;
  std::optional<Parameter> variadic;
  cty::Type result;
  // Arguments are wholly known: with an unknown one core doesn't call.
  std::function<FunctionResult(const std::vector<cty::Value>& arguments)> call;
};

}  // namespace tf
