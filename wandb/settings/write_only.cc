#include "wandb/settings/write_only.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace wandb {
namespace {

constexpr absl::string_view kEnding = "_wo";

}  // namespace

std::string WriteOnlySecretName(absl::string_view instance) {
  return absl::StrCat(instance, "-terraform-secrets");
}

bool HasWriteOnlyTwin(const SettingRow& row) {
  return !row.reference.name.empty();
}

std::string WriteOnlyTwinOf(absl::string_view setting) {
  return absl::StrCat(setting, kEnding);
}

absl::string_view SettingOfTwin(absl::string_view name) {
  return absl::ConsumeSuffix(&name, kEnding) ? name : absl::string_view();
}

std::string WriteOnlyKeyOf(absl::string_view setting) {
  return absl::StrReplaceAll(setting, {{".", "_"}});
}

}  // namespace wandb
