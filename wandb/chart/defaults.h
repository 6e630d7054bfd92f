// The defaults of the chart operator-wandb that rules depend on. Not all of
// them: what no rule asks for is left out.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/value_view.h"

namespace wandb {

// What stands for no `global.host`.
inline constexpr char kDefaultHost[] = "http://localhost:8080";

// The `ttlInSeconds` of connections to Redis, whatever `params` say.
inline constexpr int kRedisTtlSeconds = 604800;

// Of chart `version`.
base::Json ChartDefaults(absl::string_view version);

// `values` over `defaults`, as Helm lays them: maps merge, all else replaces, a
// null too.
base::Json OverDefaults(const base::Json& values, base::Json defaults);

// Whether templates take what is at `path` for true: `if` of a text is true for
// any text, and false only for nothing, 0 and what is empty. Both are false for
// what is not known.
bool IsOn(const ValueView& values, absl::string_view path);
bool IsOff(const ValueView& values, absl::string_view path);

// The path of the switch of a component, or of another section with one.
std::string SwitchOf(absl::string_view section);

// Whether the chart makes anything of `component`; `values` are over the
// defaults.
bool IsInstalled(const ValueView& values, absl::string_view component);

// Whether it makes its first Ingress; the second one has a switch of its own.
// Likewise over the defaults.
bool HasMainIngress(const ValueView& values);

}  // namespace wandb
