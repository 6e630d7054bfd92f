// Certificates as the chart takes them: one PEM block each, since it writes
// every entry to a file of its own, and its tool reads one certificate per
// file.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace wandb {

// OK for exactly one certificate in PEM form and no other PEM block; else
// kInvalidArgument that goes on after the name of what holds it: "isn't ...".
absl::Status CheckOneCertificate(absl::string_view pem);

// OK for one certificate or more, and no damaged one; else likewise. Some
// programs read a whole file of them.
absl::Status CheckCertificates(absl::string_view pem);

}  // namespace wandb
