#include "wandb/pem.h"

#include <cstddef>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace wandb {
namespace {

size_t Count(absl::string_view text, absl::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != absl::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

constexpr absl::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr absl::string_view kEnd = "-----END CERTIFICATE-----";

// Takes the first certificate, and what is before it, off `pem`.
absl::Status TakeCertificate(absl::string_view& pem) {
  const size_t begin = pem.find(kBegin);
  const size_t end = pem.find(kEnd);
  if (begin == absl::string_view::npos || end == absl::string_view::npos ||
      end < begin) {
    return absl::InvalidArgumentError(
        "isn't a certificate in PEM form (-----BEGIN CERTIFICATE-----)");
  }
  const absl::string_view body =
      pem.substr(begin + kBegin.size(), end - begin - kBegin.size());
  pem.remove_prefix(end + kEnd.size());
  std::string der;
  // DER of a certificate is an ASN.1 SEQUENCE.
  if (!absl::Base64Unescape(body, &der) || der.empty() || der[0] != '\x30') {
    return absl::InvalidArgumentError(
        "has a certificate whose content isn't one in base64");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCertificates(absl::string_view pem) {
  do {
    if (absl::Status status = TakeCertificate(pem); !status.ok()) return status;
  } while (absl::StrContains(pem, kBegin));
  return absl::OkStatus();
}

absl::Status CheckOneCertificate(absl::string_view pem) {
  const size_t blocks = Count(pem, "-----BEGIN ");
  if (blocks > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", blocks,
                     " PEM blocks, and must have one certificate; give each an "
                     "entry of its own"));
  }
  return TakeCertificate(pem);
}

}  // namespace wandb
