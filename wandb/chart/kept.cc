#include "wandb/chart/kept.h"

#include "absl/strings/str_cat.h"

namespace wandb {

std::vector<std::string> KeptSecrets(absl::string_view release) {
  std::vector<std::string> names;
  for (const char* name :
       {"license", "mysql", "clickhouse", "gorilla-session-key"}) {
    names.push_back(absl::StrCat(release, "-", name));
  }
  return names;
}

std::string KeptClaimSelector(absl::string_view release) {
  return absl::StrCat("app.kubernetes.io/instance=", release);
}

}  // namespace wandb
