// Secrets as Helm keeps a release in them, for tests.
#pragma once

#include <zlib.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"

namespace support {

inline std::string Gzip(std::string text) {
  z_stream stream = {};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
               Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string HelmSecretName(const std::string& release, int revision) {
  return absl::StrCat("sh.helm.release.v1.", release, ".v", revision);
}

// Revision `revision` of `release`, which made what is in `manifest`.
inline base::Json HelmSecret(const std::string& ns, const std::string& release,
                             int revision, const std::string& manifest) {
  const base::Json content = {{"name", release},
                              {"namespace", ns},
                              {"version", revision},
                              {"config", base::Json::object()},
                              {"manifest", manifest}};
  const std::string packed = absl::Base64Escape(Gzip(base::DumpJson(content)));
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", "helm.sh/release.v1"},
          {"metadata",
           {{"name", HelmSecretName(release, revision)},
            {"namespace", ns},
            {"labels",
             {{"owner", "helm"},
              {"name", release},
              {"status", "deployed"},
              {"version", absl::StrCat(revision)}}}}},
          {"data", {{"release", absl::Base64Escape(packed)}}}};
}

}  // namespace support
