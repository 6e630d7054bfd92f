#include "base/http/ca_roots.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/environment.h"
#include "base/errno_text.h"
#include "base/file.h"
#include "base/pem.h"

namespace http {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFiles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL 6
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and later
    "/etc/ssl/cert.pem",                                  // Alpine
};
constexpr const char* kDirectories[] = {
    "/etc/ssl/certs",      // SUSE
    "/etc/pki/tls/certs",  // Fedora, RHEL
};
// More than any bundle of roots, so that a wrong path does no harm.
constexpr size_t kMaxBundleBytes = 8 << 20;

// Appends the file if it holds a certificate.
void AppendFile(const std::string& path, std::string& pem) {
  const auto text = base::ReadFile(path, {.max_bytes = kMaxBundleBytes});
  if (!text.ok() || !base::HasPemBlock(*text)) return;
  pem += *text;
  if (!absl::EndsWith(pem, "\n")) pem += '\n';
}

}  // namespace

CaRoots FindCaRoots(const CaRootsEnvironment& environment,
                    const std::function<bool(const std::string&)>& exists) {
  CaRoots roots;
  roots.file = environment.cert_file;
  if (roots.file.empty()) {
    for (const char* file : kFiles) {
      if (!exists(file)) continue;
      roots.file = file;
      break;
    }
  }
  if (!environment.cert_dir.empty()) {
    roots.directories =
        absl::StrSplit(environment.cert_dir, ':', absl::SkipEmpty());
  } else if (roots.file.empty()) {
    for (const char* directory : kDirectories) {
      if (exists(directory)) roots.directories.emplace_back(directory);
    }
  }
  return roots;
}

CaRoots SystemCaRoots() {
  return FindCaRoots(
      {.cert_file = base::EnvironmentVariableOrEmpty("SSL_CERT_FILE"),
       .cert_dir = base::EnvironmentVariableOrEmpty("SSL_CERT_DIR")},
      [](const std::string& path) {
        std::error_code error;
        return fs::exists(path, error);
      });
}

std::string ReadCaRoots(const CaRoots& roots) {
  std::string pem;
  if (!roots.file.empty()) AppendFile(roots.file, pem);
  for (const std::string& directory : roots.directories) {
    std::vector<std::string> paths;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end;
         !error && entry != end; entry.increment(error)) {
      if (absl::StartsWith(entry->path().filename().string(), ".")) continue;
      paths.push_back(entry->path().string());
    }
    // The same text each time, since connections are shared by what they trust.
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) AppendFile(path, pem);
  }
  return pem;
}

absl::Status TrustSystemCaRoots(CURL* easy) {
  const CaRoots roots = SystemCaRoots();
  // libcurl does not always say so: it reads the file in mid-handshake.
  if (!roots.file.empty() && ::access(roots.file.c_str(), R_OK) != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the certificate authorities in ", roots.file, " (",
        base::EnvironmentVariableOrEmpty("SSL_CERT_FILE").empty()
            ? "of this system"
            : "from SSL_CERT_FILE",
        ") cannot be read: ", absl::AsciiStrToLower(base::ErrnoText(errno))));
  }
  // Debian's libcurl has a file and a folder of its own.
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  if (roots.directories.empty()) {
    // libcurl reads a file once for all connections, a text for each.
    if (!roots.file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, roots.file.c_str());
    }
    return absl::OkStatus();
  }
  std::string pem = ReadCaRoots(roots);
  if (pem.empty()) return absl::OkStatus();
  curl_blob blob = {pem.data(), pem.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
  return absl::OkStatus();
}

}  // namespace http
