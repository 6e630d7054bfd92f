// Handing the fields of earlier managers over to ours, so that one which we
// stop sending goes away: server-side apply removes a field only once nobody
// owns it. What kubectl does when a user moves from client-side to server-side
// apply, for more managers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/managed_fields.h"

namespace kube {

struct Takeover {
  struct Source {
    // Whether an entry is one to take from.
    std::function<bool(const ManagerEntry&)> from;
    // What to take of it: the paths that this body has (a list is one field),
    // and kubectl's copy of what it applied. Null: everything.
    base::Json within;
    // Unless null, just these fields (fieldsV1), each with all that is below
    // it, in place of `within`. What stands above them stays where it is.
    base::Json fields = nullptr;
  };

  std::string manager;  // Ours.
  // Entries of other versions are left alone: their paths may mean nothing in
  // this one.
  std::string api_version;
  std::vector<Source> sources;
};

// Pure. A new metadata.managedFields, in which what the sources give up belongs
// to the Apply entry of our manager; nullopt when they give nothing. Entries
// for subresources and unknown managers stay as they are, an entry that gives
// up only a part keeps the rest.
std::optional<base::Json> MigrateManagers(const base::Json& object,
                                          const Takeover& takeover);

// True for what tools leave behind that own whole objects: kubectl's
// client-side apply and create, "helm", "Terraform", "terraform-provider-helm"
// and the like. Never for a controller or for an edit by hand.
bool IsEarlierTool(const ManagerEntry& entry);

// Stores MigrateManagers() of `live` and returns the object then; `live` itself
// when there is nothing to do. Guarded by the resource version; on a conflict
// it reads again, at most five times. kAborted when another object has taken
// the name meanwhile.
absl::StatusOr<base::Json> TakeOver(const base::Context& ctx, Client& client,
                                    const ObjectRef& ref, base::Json live,
                                    const Takeover& takeover);

}  // namespace kube
