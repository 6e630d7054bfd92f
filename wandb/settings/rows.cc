// The rows. Facts only; what is done with them is elsewhere.
#include "wandb/settings/rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"

namespace wandb {
namespace rows {

void AddSecretReference(const SecretReference& reference, Rows& out) {
  const auto& [attribute, path, doc, name_key, key_attribute, key_key,
               key_doc] = reference;
  out.push_back({.attribute = attribute, .path = path, .doc = doc});
  out.push_back({.attribute = absl::StrCat(attribute, ".name"),
                 .path = absl::StrCat(path, ".", name_key),
                 .doc = "Name of the Secret",
                 .required = true});
  out.push_back({.attribute = absl::StrCat(attribute, ".", key_attribute),
                 .path = absl::StrCat(path, ".", key_key),
                 .doc = key_doc});
}

}  // namespace rows

namespace {

Rows MakeRows() {
  Rows out;
  out.reserve(256);  // More than there are: what isn't used costs nothing.
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
