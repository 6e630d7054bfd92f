#include "resources/settings/empty.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "provider/cty/path.h"
#include "provider/cty/type.h"

namespace resources {
namespace {

struct Empty {
  cty::Path path;
  cty::Type type;
};

void Find(const cty::Value& value, const cty::Path& path,
          std::vector<Empty>& out) {
  if (!value.IsKnown()) return;
  switch (value.type().kind()) {
    case cty::Type::Kind::kObject: {
      const auto& fields = value.fields();
      if (std::all_of(fields.begin(), fields.end(),
                      [](const auto& each) { return each.second.IsNull(); })) {
        out.push_back({path, value.type()});
      }
      for (const auto& [name, field] : fields)
        Find(field, path.Attribute(name), out);
      return;
    }
    case cty::Type::Kind::kMap:
      for (const auto& [key, element] : value.fields()) {
        Find(element, path.Key(key), out);
      }
      return;
    case cty::Type::Kind::kList:
      for (size_t i = 0; i < value.elements().size(); ++i) {
        Find(value.elements()[i], path.Index(static_cast<int64_t>(i)), out);
      }
      return;
    default:
      return;
  }
}

}  // namespace

void WarnOfEmptySettings(const SettingValues& settings,
                         tf::Diagnostics& diags) {
  for (const auto& [name, value] : settings) {
    std::vector<Empty> found;
    Find(value, cty::Path(name), found);
    for (const Empty& each : found) {
      std::vector<std::string> names;
      for (const auto& [member, type] : each.type.attributes()) {
        names.push_back(member);
      }
      diags.AddWarning(
          each.path, absl::StrCat("Nothing is set by ", each.path.ToString()),
          absl::StrCat(
              "`", each.path.ToString(),
              "` has no value, so it does nothing. Is a name in it misspelt, "
              "or written as the chart writes it? Terraform drops names that a "
              "setting does not have without a word. It has: ",
              absl::StrJoin(names, ", "), "."));
    }
  }
}

}  // namespace resources
