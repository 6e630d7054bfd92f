#include "kube/crash_log.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "kube/workload_pods.h"

namespace kube {
namespace {

using base::Json;

constexpr int kLines = 10;
constexpr int kMaxBytes = 16 * 1024;

bool EndedBadly(const Json& status, const char* state) {
  const Json* end = base::Find(status, state);
  return end != nullptr && base::IntAt(*end, "/exitCode").value_or(0) != 0;
}

}  // namespace

std::string LastWordsOf(const base::Context& ctx, Client& client,
                        const Json& pod) {
  for (const Json& status : ContainerStatusesOf(pod)) {
    const bool now = EndedBadly(status, "/state/terminated");
    if (!now && !EndedBadly(status, "/lastState/terminated")) continue;
    const std::string container = base::StringAt(status, "/name").value_or("");
    const std::string what =
        absl::StrCat("log of pod ", NameOf(pod), ", container ", container);
    const auto log =
        client.Logs(ctx, ObjectIn(PodsIn(NamespaceOf(pod)), NameOf(pod)),
                    {.container = container,
                     .previous = !now,
                     .tail_lines = kLines,
                     .limit_bytes = kMaxBytes});
    if (!log.ok()) {
      return absl::StrCat("the ", what,
                          " cannot be read: ", InOneLine(log.status()));
    }
    const absl::string_view text = absl::StripAsciiWhitespace(*log);
    if (text.empty()) return "";
    return absl::StrCat("last lines of the ", what, ":\n    ",
                        absl::StrReplaceAll(text, {{"\n", "\n    "}}));
  }
  return "";
}

}  // namespace kube
