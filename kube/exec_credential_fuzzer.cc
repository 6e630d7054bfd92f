// What an exec plugin prints is foreign text: it gives a usable credential or
// an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "kube/exec_credential.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto credential =
      kube::ParseExecCredential(text, "client.authentication.k8s.io/v1");
  if (!credential.ok()) return 0;
  if (credential->token.empty() && credential->certificate_pem.empty()) abort();
  if (credential->certificate_pem.empty() != credential->key_pem.empty()) {
    abort();
  }
  return 0;
}
