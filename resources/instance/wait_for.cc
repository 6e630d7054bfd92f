#include "resources/instance/wait_for.h"

#include "base/never_destroyed.h"

namespace resources {

const tf::Bindings<WaitForModel>& WaitForModel::Fields() {
  using M = WaitForModel;
  using tf::Bind;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("operator", &M::operator_rollout,
           {.doc = "That the operator's Deployment, which `operator` names, is "
                   "rolled out. With `false` that Deployment ends no wait "
                   "either, whatever is wrong with it: for identities that may "
                   "not see it, and for operators that run elsewhere. Default "
                   "`true`."}),
      Bind("workloads", &M::workloads,
           {.doc = "That every workload is rolled out. Default `true`."}),
      Bind("url", &M::url,
           {.doc = "Then that `url` answers a GET from where Terraform runs, "
                   "with any status below 500; redirects are not followed. Its "
                   "certificate must be one that the system trusts "
                   "(`SSL_CERT_FILE` names others), and the proxies of the "
                   "environment are used. A refresh does not ask it. Default "
                   "`false`."})});
  return *kFields;
}

WaitFor WaitFor::Of(const tf::Attr<WaitForModel>& wait_for) {
  WaitFor out;
  if (!wait_for.IsKnown()) return out;
  const WaitForModel& model = wait_for.value();
  out.operator_rollout = model.operator_rollout.value_or(out.operator_rollout);
  out.workloads = model.workloads.value_or(out.workloads);
  out.url = model.url.value_or(out.url);
  return out;
}

bool WaitFor::AsksMoreThan(const WaitFor& before) const {
  return (operator_rollout && !before.operator_rollout) ||
         (workloads && !before.workloads) || (url && !before.url);
}

}  // namespace resources
