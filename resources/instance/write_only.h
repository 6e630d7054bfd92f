// The write-only settings of an instance (wandb/settings/write_only.h), and the
// Secret that keeps what they say. It belongs to the custom resource, with
// which Kubernetes deletes it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/json.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/model.h"
#include "resources/operation.h"
#include "wandb/settings/write_only.h"

namespace resources {

// The twins that the attributes have on record as set, and the Secret's name.
wandb::WriteOnlySettings WriteOnlyOf(const InstanceModel& model);

// `secrets_wo` of what `config` sets: null for nothing; unknown while it is not
// known which members a group has.
tf::Attr<std::vector<std::string>> SetTwins(const InstanceModel& config);

// Twins without a version, beside the settings in whose place they are, and
// empty ones, as errors at their attributes. What is unknown is no mistake.
void CheckWriteOnly(const InstanceModel& config, tf::Diagnostics& diags);

// That `config` has a version and no twin: a group drops a name that is
// misspelt without a word.
void WarnOfVersionAlone(const InstanceModel& config, tf::Diagnostics& diags);

// `config` as if the twins that are known were the settings in whose places
// they are.
InstanceModel WithTwinsInPlace(const InstanceModel& config);

// What the twins that are known say, for a redactor.
std::vector<std::string> WriteOnlyTexts(const InstanceModel& config);

// The Secret of one apply.
class WriteOnlySecret {
 public:
  // `config` is what the apply got; both outlive this.
  WriteOnlySecret(const Operation& op, const InstanceModel& config);

  // Whether the server is going to accept it, before anything refers to it.
  // kAlreadyExists where somebody else has a Secret of that name. Without
  // twins there is none, and nothing is asked.
  absl::Status Try() const;
  // Writes all that the twins say, for the custom resource of that uid. Without
  // twins it deletes what an earlier apply has left.
  absl::Status Write(const std::string& uid, bool had_twins) const;

 private:
  // OK, or what is in the way.
  absl::Status Look() const;
  absl::Status TakeOut(const base::Json& live, const base::Json& body) const;
  base::Json Body(const std::string& uid) const;

  const Operation& op_;
  const InstanceModel& config_;
  const std::map<std::string, std::string> texts_;  // By setting.
  const kube::ObjectRef ref_;
};

// Why the Secret cannot be written or deleted, for the user: the cause, and the
// next step, with the rule that grants what is forbidden.
std::string ExplainSecretFailure(const Operation& op,
                                 const InstanceModel& model,
                                 const absl::Status& failed);

// What of the Secret a plan of `config` may tell.
struct WriteOnlyLook {
  bool asked = false;
  absl::Status tried;  // By WriteOnlySecret::Try().
};

// Says what is going to keep the apply from writing the Secret. A server that
// does not answer, and a namespace that is still to be made, are no finding.
void ReportWriteOnly(const Operation& op, const InstanceModel& planned,
                     const WriteOnlyLook& look);

// Deletes the Secret, if it is that of the instance with `uid`. Kubernetes does
// so, too, once the custom resource is gone, but later: until then it is in the
// way of the end of its namespace.
absl::Status DeleteWriteOnly(const Operation& op, const InstanceModel& model,
                             const std::string& uid);

// The Secret, whosever it is; it exists only if `secrets_wo` names any.
absl::StatusOr<base::Json> GetWriteOnly(const Operation& op,
                                        const InstanceModel& model);

// A refresh that got `secret`: where that, or a key of it, is gone, or is not
// the instance's any more, takes the version out of the state, so that the next
// plan writes it again, and says so. Who may not look is told nothing here.
void CheckWriteOnlyKept(const Operation& op,
                        const absl::StatusOr<base::Json>& secret,
                        InstanceModel& state);

}  // namespace resources
