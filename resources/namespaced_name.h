// "namespace/name": the id of both resources, and their identity in parts.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/resource.h"

namespace resources {

// The longest name of an instance: it is that of a Helm release, too.
inline constexpr size_t kMaxInstanceName = 53;

struct NamespacedName {
  std::string ns;
  std::string name;

  bool operator==(const NamespacedName&) const = default;
};

std::string ToString(const NamespacedName& value);

// nullopt unless `id` has two parts that are not empty.
std::optional<NamespacedName> ParseNamespacedName(absl::string_view id);

// The identity of a resource: `namespace` and `name` of its `what`
// ("instance").
std::vector<tf::IdentityAttribute> NamespacedIdentity(absl::string_view what);

// What an import asks for, by id or by that identity. nullopt after an error,
// which shows `example`.
std::optional<NamespacedName> ImportedName(
    const std::string& id, const std::map<std::string, std::string>& identity,
    absl::string_view example, tf::Diagnostics& diags);

}  // namespace resources
