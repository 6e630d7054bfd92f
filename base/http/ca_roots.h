// Where this machine keeps the certificate authorities that it trusts.
//
// A statically linked OpenSSL knows only the folder of the distribution that it
// was built on, so we look ourselves, by the rule that programs written in Go
// (kubectl, terraform) follow: SSL_CERT_FILE and SSL_CERT_DIR, else the usual
// places of the distributions. Setting one of the two leaves the other's usual
// places in force.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace http {

struct CaRootsEnvironment {
  std::string cert_file;  // SSL_CERT_FILE; "" when not set.
  std::string cert_dir;   // SSL_CERT_DIR: folders with colons between them.
};

// Places to read roots from; they need not hold any.
struct CaRoots {
  std::string file;  // "" for none.
  std::vector<std::string> directories;

  friend bool operator==(const CaRoots&, const CaRoots&) = default;
};

// SSL_CERT_FILE is taken as it is, so that a wrong one is noticed. Of the usual
// files the first one for which `exists` is true counts, and of the usual
// folders each one, but only if there is no file: they repeat what is in it.
CaRoots FindCaRoots(const CaRootsEnvironment& environment,
                    const std::function<bool(const std::string&)>& exists);

// What FindCaRoots() finds with the environment and the files of this process.
CaRoots SystemCaRoots();

// The texts of all certificate files in `roots`, one after the other; "" if
// there are none. Any file of a folder counts, whatever its name, except
// backups and the like that begin with a dot. What cannot be read is skipped.
std::string ReadCaRoots(const CaRoots& roots);

// Makes `easy` trust SystemCaRoots() and nothing else. If there are none, no
// server is trusted. kInvalidArgument names a file of SSL_CERT_FILE that cannot
// be read.
absl::Status TrustSystemCaRoots(CURL* easy);

}  // namespace http
