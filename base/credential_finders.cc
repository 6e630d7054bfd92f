#include "base/credential_finders.h"

#include <algorithm>

namespace base {
namespace {

using Finder = void (*)(absl::string_view text, Care care,
                        credentials::Spans& found);

constexpr Finder kShapes[] = {
    credentials::FindPrivateKeys,      credentials::FindUserInfo,
    credentials::FindTokens,           credentials::FindWebhooks,
    credentials::FindAuthorization,    credentials::FindAssignments,
    credentials::FindCommandArguments, credentials::FindPhrases,
    credentials::FindRandomWords,
};

}  // namespace

std::vector<Span> FindCredentials(absl::string_view text, Care care) {
  std::vector<Span> found;
  for (const Finder find : kShapes) find(text, care, found);
  std::sort(found.begin(), found.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Span> merged;
  for (const Span& span : found) {
    if (!merged.empty() && span.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

}  // namespace base
