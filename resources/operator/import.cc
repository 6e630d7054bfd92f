#include "resources/operator/import.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/object_ref.h"
#include "wandb/operator/deployment.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

// Those of the first ConfigMap that has some.
std::vector<std::string> CertificatesOf(const Operation& op,
                                        const std::string& ns,
                                        const base::Json& deployment) {
  for (const std::string& name : wandb::CaConfigMaps(deployment)) {
    const auto live = op.client.Get(op.ctx, kube::ConfigMapRef(ns, name));
    if (!live.ok()) continue;
    if (auto certs = wandb::CustomCaCertsOf(*live); !certs.empty()) {
      return certs;
    }
  }
  return {};
}

// What no configuration may have would make every plan fail.
void LeaveOutInvalid(wandb::OperatorSettings& settings,
                     tf::Diagnostics& diags) {
  std::vector<std::string> lines;
  absl::Status status = wandb::CheckOperatorSettings(settings);
  while (!status.ok()) {
    const std::string message(status.message());
    // Of the names, which the import id gives, every plan says it.
    if (!LeaveOut(message.substr(0, message.find(": ")), settings)) break;
    lines.push_back(absl::StrCat("  ", message));
    status = wandb::CheckOperatorSettings(settings);
  }
  if (lines.empty()) return;
  diags.AddWarning(
      absl::StrCat("Import leaves out settings of operator ", settings.ns, "/",
                   settings.name),
      absl::StrCat("Its Deployment has them, and no configuration may:\n",
                   absl::StrJoin(lines, "\n"),
                   "\n\nThe state has the default in the place of each, and "
                   "the other settings as they are. Write into the "
                   "configuration what shall be there before you apply."));
}

}  // namespace

void FillImported(const Operation& op, OperatorModel& state) {
  wandb::OperatorSettings& settings = state.arguments.values;
  const auto live = op.client.Get(
      op.ctx, kube::DeploymentRef(settings.ns,
                                  wandb::OperatorDeploymentName(settings)));
  if (!live.ok() || !wandb::IsOperatorDeployment(*live)) return;
  wandb::ReadOperatorSettings(*live, settings);
  settings.custom_ca_certs = CertificatesOf(op, settings.ns, *live);
  LeaveOutInvalid(settings, op.diags);
}

}  // namespace resources
