#include "resources/namespaced_name.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace resources {

std::string ToString(const NamespacedName& value) {
  return absl::StrCat(value.ns, "/", value.name);
}

std::optional<NamespacedName> ParseNamespacedName(absl::string_view id) {
  const std::vector<std::string> parts = absl::StrSplit(id, '/');
  if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) {
    return std::nullopt;
  }
  return NamespacedName{parts[0], parts[1]};
}

std::vector<tf::IdentityAttribute> NamespacedIdentity(absl::string_view what) {
  return {{.name = "namespace",
           .doc = absl::StrCat("Namespace of the ", what, ".")},
          {.name = "name", .doc = absl::StrCat("Name of the ", what, ".")}};
}

std::optional<NamespacedName> ImportedName(
    const std::string& id, const std::map<std::string, std::string>& identity,
    absl::string_view example, tf::Diagnostics& diags) {
  std::string wanted = id;
  if (id.empty() && identity.count("namespace") > 0 &&
      identity.count("name") > 0) {
    wanted = ToString({identity.at("namespace"), identity.at("name")});
  }
  auto parsed = ParseNamespacedName(wanted);
  if (!parsed.has_value()) {
    diags.AddError(
        "Invalid import id",
        absl::StrCat("\"", wanted,
                     "\" is not namespace/name. Example: ", example, "."));
  }
  return parsed;
}

}  // namespace resources
