// The binary's commands for support and CI; they need no Terraform.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace app {

// Whether `args`, without the program's name, begin with one of the commands,
// or ask for help.
bool IsCommand(const std::vector<std::string>& args);

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

// Runs `merge`, `spec` or `version`, or says what they do (README.md, too).
// Exit status: 0; 1 when the operator would fail, or for findings of severity
// error; 2 for wrong use, files that cannot be read or parsed included. Files'
// content is only ever printed as part of a result, never in a message.
int RunCommand(const std::vector<std::string>& args, absl::string_view version,
               const Console& console);

}  // namespace app
