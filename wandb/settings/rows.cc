// The rows. Facts only; what is done with them is elsewhere.
#include "wandb/settings/rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"

namespace wandb {
namespace rows {

void AddSecretReference(const std::string& name, const std::string& path,
                        const char* doc, const char* name_key,
                        const char* key_name, const char* key_key,
                        const char* key_doc, Rows& out) {
  out.push_back({.attribute = name, .path = path, .doc = doc});
  out.push_back({.attribute = absl::StrCat(name, ".name"),
                 .path = absl::StrCat(path, ".", name_key),
                 .doc = "Name of the Secret",
                 .required = true});
  out.push_back({.attribute = absl::StrCat(name, ".", key_name),
                 .path = absl::StrCat(path, ".", key_key),
                 .doc = key_doc});
}

}  // namespace rows

namespace {

Rows MakeRows() {
  Rows out;
  rows::AddGeneral(out);
  rows::AddStores(out);
  rows::AddFeatures(out);
  rows::AddAccess(out);
  rows::AddComponents(out);
  return out;
}

}  // namespace

const std::vector<SettingRow>& SettingRows() {
  static const base::NeverDestroyed<Rows> kRows(MakeRows());
  return *kRows;
}

}  // namespace wandb
