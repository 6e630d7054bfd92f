#include "resources/instance/operator_events.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "kube/object_ref.h"

namespace resources {
namespace {

using base::Json;

absl::Time TimeAt(const Json& event, const char* pointer) {
  absl::Time time = absl::InfinitePast();
  std::string error;
  absl::ParseTime(absl::RFC3339_full,
                  base::StringAt(event, pointer).value_or(""), &time, &error);
  return time;
}

}  // namespace

OperatorEvents ReadOperatorEvents(const base::Context& ctx,
                                  kube::Client& client, const Json& live) {
  OperatorEvents seen;
  const auto events =
      client.List(ctx, kube::EventsIn(kube::NamespaceOf(live)),
                  {.field_selector = absl::StrCat("involvedObject.name=",
                                                  kube::NameOf(live))});
  if (!events.ok()) return seen;
  for (const Json& event : events->items) {
    if (base::StringAt(event, "/involvedObject/uid") != kube::UidOf(live)) {
      continue;
    }
    const absl::Time time =
        std::max(TimeAt(event, "/lastTimestamp"), TimeAt(event, "/eventTime"));
    const auto reason = base::StringAt(event, "/reason");
    if (reason == "Reconciling") seen.begun = std::max(seen.begun, time);
    if (reason == "ApplyFailed") seen.failed = std::max(seen.failed, time);
  }
  return seen;
}

}  // namespace resources
