// What an apply says that has written all, and did not see W&B run.
#pragma once

#include "absl/status/status.h"
#include "resources/instance/model.h"
#include "resources/instance/readiness.h"
#include "resources/operation.h"
#include "wandb/spec/spec.h"

namespace resources {

// Of a wait that did not end with a ready instance. That nothing is there to be
// ready is an error whatever `wait_failure` says: what was asked for does not
// exist. That readiness may not be seen is a warning of a create: an error
// would taint what it created, and replacing that mends nothing.
void ReportNotReady(const Operation& op, const InstanceModel& planned,
                    bool creates, const Readiness& readiness);

// Where nothing was waited for, what a wait would have ended with: the operator
// is not going to apply this. `seen` is what the layers were read with, `spec`
// what they make.
void ReportUnappliable(const Operation& op, const InstanceModel& state,
                       bool creates, const absl::Status& seen,
                       const wandb::EffectiveSpec& spec);

// That the layers may not be read.
void WarnOfUnread(const Operation& op, const InstanceModel& model,
                  const absl::Status& seen);

// Why the effective attributes stay null, though nothing has failed.
void WarnOfNoChannel(const Operation& op, const InstanceModel& state);

}  // namespace resources
