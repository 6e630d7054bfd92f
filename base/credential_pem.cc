#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "base/credential_finders.h"
#include "base/credential_text.h"

namespace base::credentials {
namespace {

constexpr absl::string_view kPemBegin = "-----BEGIN ";
constexpr absl::string_view kPemEnd = "-----END ";
constexpr absl::string_view kDashes = "-----";

// Cut off: all of the rest.
void FindPem(absl::string_view text, bool only_private, Spans& found) {
  size_t from = 0;
  size_t begin = 0;
  while ((begin = text.find(kPemBegin, from)) != kNone) {
    const size_t title = begin + kPemBegin.size();
    from = title;
    if (only_private) {
      const absl::string_view head = text.substr(title, 40);
      if (!absl::StrContains(head.substr(0, head.find(kDashes)),
                             "PRIVATE KEY")) {
        continue;
      }
    }
    size_t end = text.find(kPemEnd, title);
    if (end != kNone) end = text.find(kDashes, end + kPemEnd.size());
    end = end == kNone ? text.size() : end + kDashes.size();
    found.push_back({begin, end});
    from = end;
  }
}

void FindEncodedPem(absl::string_view text, Spans& found) {
  constexpr absl::string_view kBegin = "LS0tLS1CRUdJTi";  // "-----BEGIN"
  constexpr size_t kHead = 64;
  size_t from = 0;
  size_t begin = 0;
  while ((begin = text.find(kBegin, from)) != kNone) {
    const size_t end = Skip(text, begin, IsBase64);
    std::string head;
    if (absl::Base64Unescape(
            text.substr(begin, std::min(kHead, (end - begin) / 4 * 4)),
            &head) &&
        absl::StrContains(head, "PRIVATE KEY")) {
      found.push_back({begin, end});
    }
    from = end;
  }
}

}  // namespace

void FindPrivateKeys(absl::string_view text, Care care, Spans& found) {
  FindPem(text, care == Care::kPrecise, found);
  FindEncodedPem(text, found);
}

}  // namespace base::credentials
