// What the plan of an instance asks the cluster, for diagnostics only: what
// would make the apply fail, and what W&B would wait for.
//
// A plan must be quick and needs no cluster: all is asked side by side, once,
// within kLookLimit, and what is not answered in that time, may not be asked or
// depends on unknown values is no finding. Planned values never depend on it.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/look_context.h"
#include "resources/connection/session.h"
#include "resources/instance/desired.h"
#include "resources/instance/model.h"

namespace resources {

// Warns of what stands in the way of the planned create: the object exists (and
// what the apply will do about it: kube/ssa/create.h, JudgeExisting()), it or
// its namespace is being deleted, its namespace does not exist, the cluster
// refuses it (a dry run tells). Warns of an update in a namespace that is being
// deleted. Warns, for an update too, of an operator that
// will not act on it (operator_look.h), for a create that waits of the rights
// that it lacks, of what keeps the Secret of write-only settings from being
// written, and of Secrets, ConfigMaps, their keys and IngressClasses that
// the values refer to and that do not exist. A connection that is configured
// wrongly is an error (CheckConnection()), and so is an air-gapped operator of
// an instance that does not say so; nothing is asked while `call` has errors.
// `desired` is what is planned, which must differ from the prior state; `look`
// is a LookContext().
void Preflight(const base::Context& look, const Session& session,
               const Desired& desired, tf::PlanCall<InstanceModel>& call);

}  // namespace resources
