// Words that messages cannot do without.
//
// People use some of them as passwords ("wandb", "admin"). Hiding these
// wherever they stand would make each message unreadable, and tell which word
// it is by what is missing ("apps.(sensitive).com").
#pragma once

#include <vector>

#include "absl/strings/string_view.h"

namespace base {

// Whether `text` is one, in small or large letters.
bool IsCommonWord(absl::string_view text);

// All of them: sorted, in small letters, none of less than 4.
const std::vector<absl::string_view>& CommonWords();

}  // namespace base
