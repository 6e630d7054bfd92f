// One function for each kind of shape; FindCredentials()
// (credential_shapes.h) has their table.
//
// Each adds to `found`, in any order and overlapping others, and is linear in
// the text.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "base/credential_shapes.h"

namespace base::credentials {

using Spans = std::vector<Span>;

void FindPrivateKeys(absl::string_view text, Care care, Spans& found);
void FindUserInfo(absl::string_view text, Care care, Spans& found);
void FindTokens(absl::string_view text, Care care, Spans& found);
void FindHashes(absl::string_view text, Care care, Spans& found);
void FindWebhooks(absl::string_view text, Care care, Spans& found);
void FindAuthorization(absl::string_view text, Care care, Spans& found);
void FindAssignments(absl::string_view text, Care care, Spans& found);
void FindCommandArguments(absl::string_view text, Care care, Spans& found);
void FindPhrases(absl::string_view text, Care care, Spans& found);
void FindRandomWords(absl::string_view text, Care care, Spans& found);

}  // namespace base::credentials
