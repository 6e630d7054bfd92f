// What to write in the provider block where a connection cannot work.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "kube/config.h"

namespace resources {

// What the parts of a connection are called where they were given: an argument,
// a variable, or an entry of a kubeconfig.
struct PartNames {
  std::string ca;
  std::string client_certificate;
  std::string client_key;
  std::string token;
};

// What contradicts itself, and what to do about it. `repair`: how to correct
// the part that is no PEM.
std::string TextOf(kube::ConfigFault fault, const PartNames& names,
                   absl::string_view repair);

// Whether `text` is likely the path of a file, and not what such a file holds.
bool LooksLikePath(absl::string_view text);

// Which argument to set after an exchange with the server of `config` failed
// with `status`: where the server's certificate or the proxy does not fit. ""
// for other failures.
std::string ConnectionAdvice(const absl::Status& status,
                             const kube::Config& config);

}  // namespace resources
